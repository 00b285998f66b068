"""How far a sync is set up: the steps on its page, which of them are done, and which comes next.

Owns the steps and their words. What is wrong with the settings is told by the caller.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists

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
RECENT = 10
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


@dataclass(frozen=True, kw_only=True)
class Past:
    """The newest runs of a sync; whether one came through under its present settings, and whether it ever ran by itself."""

    config: models.SyncConfig
    recent: Sequence[models.SyncRun]
    seen: bool
    scheduled: bool

    @property
    def preview(self) -> models.SyncRun | None:
        """The preview that shows what the present settings would do: the newest run, if it is one."""
        shown = (RunKind.PREVIEW, RunState.SUCCEEDED, self.config.revision)
        return next((run for run in self.recent[:1] if (run.kind, run.state, run.rules_revision) == shown), None)

    @property
    def under_way(self) -> models.SyncRun | None:
        """The run that is under way. No other begins before it ends, so it is among the newest."""
        return next((run for run in self.recent if run.state in (RunState.QUEUED, RunState.RUNNING)), None)


def past(*, config: models.SyncConfig) -> Past:
    """Look at the runs of a sync. One query."""
    own = models.SyncRun.objects.filter(config=config)
    through = own.filter(rules_revision=config.revision, state__in=(RunState.SUCCEEDED, RunState.PARTIAL))
    told: Any = own.annotate(seen=Exists(through), scheduled=Exists(own.filter(trigger=RunTrigger.SCHEDULE))).order_by("-pk")
    recent = list(told[:RECENT])
    return Past(config=config, recent=recent, seen=any(run.seen for run in recent), scheduled=any(run.scheduled for run in recent))


def steps(*, past: Past, sound: bool) -> Sequence[StepLine]:
    """List the steps of a sync that never ran by itself; nothing for one that did. `sound` says that its checks pass."""
    if past.config.active or past.scheduled:
        return []
    done = {step: step in past.config.looked_through for step in LOOKED_THROUGH}
    done |= {SetupStep.CHECKS: sound, SetupStep.PREVIEW: past.seen, SetupStep.ACTIVATE: False}
    first = next(step for step in SetupStep if not done[step])
    return [
        StepLine(step=step, number=number, name=str(NAMES[step]), place=PLACES[step], done=done[step], now=step is first)
        for number, step in enumerate(SetupStep, start=1)
    ]


def following(*, step: SetupStep) -> SetupStep:
    """Name the step after one."""
    steps = list(SetupStep)
    return steps[min(steps.index(step) + 1, len(steps) - 1)]


def named(code: str) -> SetupStep | None:
    """Find a step that a person goes through by its code."""
    return next((step for step in LOOKED_THROUGH if step.value == code), None)
