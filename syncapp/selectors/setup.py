"""How far a sync is set up: the steps on its page, which of them are done, and which comes next.

Owns the steps and their words. What is wrong with the settings is told by the caller.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncapp import models
from syncapp.engine.vocabulary import RunKind, RunState, RunTrigger
from syncapp.engine.wording import later
from syncapp.engine.words import Word


class SetupStep(Word):
    """A step of setting up a sync, with the sentence that explains it."""

    OBJECTS = "OBJECTS", "Which records are kept in step, which way values flow, and where missing records are created."
    MAPPINGS = "MAPPINGS", "Which fields are kept equal. The usual ones are filled in."
    FILTERS = "FILTERS", "Which records are let in. Press Test the filters to see how many."
    MATCHING = "MATCHING", "How records that exist on both sides find each other, and who wins when both changed."
    CHECKS = "CHECKS", "What would keep the sync from running, each with its remedy."
    PREVIEW = "PREVIEW", "Reads both sides and shows every write before and after. Writes nothing."
    ACTIVATE = "ACTIVATE", "From then on it runs by itself."


NAMES = {
    SetupStep.OBJECTS: later("Objects and direction"),
    SetupStep.MAPPINGS: later("Field mappings"),
    SetupStep.FILTERS: later("Filters"),
    SetupStep.MATCHING: later("Matching and conflicts"),
    SetupStep.CHECKS: later("Checks"),
    SetupStep.PREVIEW: later("Preview"),
    SetupStep.ACTIVATE: later("Activate"),
}
PLACES = {
    SetupStep.OBJECTS: "settings", SetupStep.MAPPINGS: "mappings", SetupStep.FILTERS: "filters", SetupStep.MATCHING: "matching",
    SetupStep.CHECKS: "runs", SetupStep.PREVIEW: "runs", SetupStep.ACTIVATE: "runs",
}
"""Where on the page each step is."""
LOOKED_THROUGH = (SetupStep.OBJECTS, SetupStep.MAPPINGS, SetupStep.FILTERS, SetupStep.MATCHING)
"""Steps that are done once a person has gone through them; the others show by themselves."""


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step as the page shows it: done, the one to do now, or still to come."""

    step: SetupStep
    number: int
    name: str
    place: str
    done: bool
    now: bool

    @property
    def words(self) -> str:
        """The sentence that explains it."""
        return self.step.label

    @property
    def saves(self) -> bool:
        """Whether it is gone through by saving the page."""
        return self.step in LOOKED_THROUGH


def steps(*, config: models.SyncConfig, sound: bool) -> Sequence[StepLine]:
    """List the steps of a sync that never ran by itself; nothing for one that did. `sound` says that its checks pass."""
    if config.active or models.SyncRun.objects.filter(config=config, trigger=RunTrigger.SCHEDULE).exists():
        return []
    done = {step: step in config.looked_through for step in LOOKED_THROUGH}
    done |= {SetupStep.CHECKS: sound, SetupStep.PREVIEW: is_seen(config=config), SetupStep.ACTIVATE: False}
    first = next(step for step in SetupStep if not done[step])
    return [
        StepLine(step=step, number=number, name=str(NAMES[step]), place=PLACES[step], done=done[step], now=step is first)
        for number, step in enumerate(SetupStep, start=1)
    ]


def is_seen(*, config: models.SyncConfig) -> bool:
    """Tell whether a preview or a run has come through under the present settings."""
    through = (RunState.SUCCEEDED, RunState.PARTIAL)
    return models.SyncRun.objects.filter(config=config, rules_revision=config.revision, state__in=through).exists()


def latest_preview(*, config: models.SyncConfig) -> models.SyncRun | None:
    """Find the preview that shows what the present settings would do: the newest run, if it is one."""
    newest = models.SyncRun.objects.filter(config=config).order_by("-pk").first()
    shows = newest is not None and (newest.kind, newest.state, newest.rules_revision) == (
        RunKind.PREVIEW, RunState.SUCCEEDED, config.revision,
    )
    return newest if shows else None


def following(*, step: SetupStep) -> SetupStep:
    """Name the step after one."""
    steps = list(SetupStep)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def named(code: str) -> SetupStep | None:
    """Find a step that a person goes through by its code."""
    return next((step for step in LOOKED_THROUGH if step.value == code), None)
