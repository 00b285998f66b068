"""Runs as pages show them: how far one is, what it did, and its entries with before, after and why."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import OperationKind, OperationStatus, RunKind, RunPhase, RunState, Side
from syncapp.engine.wording import say
from syncapp.selectors import discretion, words

COLORS: Mapping[RunState, str] = {
    RunState.QUEUED: "info", RunState.RUNNING: "info", RunState.SUCCEEDED: "success", RunState.PARTIAL: "warning",
    RunState.BRAKED: "warning", RunState.FAILED: "danger", RunState.CANCELLED: "quiet", RunState.ABANDONED: "danger",
}
ENTRY_COLORS: Mapping[OperationStatus, str] = {
    OperationStatus.PROPOSED: "info", OperationStatus.PLANNED: "info", OperationStatus.READY: "info",
    OperationStatus.SENDING: "info", OperationStatus.DONE: "success",
    OperationStatus.SUPERSEDED: "quiet", OperationStatus.FAILED: "danger",
}
STEPS = (RunPhase.RECOVER, RunPhase.READ, RunPhase.MATCH, RunPhase.PLAN, RunPhase.BRAKES, RunPhase.PUSH)
WAITING = (OperationStatus.PLANNED, OperationStatus.READY, OperationStatus.SENDING)
UNDO_PENDING = (OperationStatus.PROPOSED, OperationStatus.READY)
UNDO_WAITING = (*UNDO_PENDING, OperationStatus.SENDING)
RECENT_PREVIEWS = 5


@dataclass(frozen=True, kw_only=True)
class Step:
    """One phase of a run: done, under way, or still to come."""

    label: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How a run stands at this moment."""

    run: models.SyncRun
    counts: list[words.Count]
    steps: list[Step]
    written: int
    to_write: int
    elapsed: str
    approved: bool = False

    @property
    def state(self) -> RunState:
        """Its state, with its label."""
        return RunState(self.run.state)

    @property
    def color(self) -> str:
        """How the state is colored."""
        return COLORS[self.state]

    @property
    def active(self) -> bool:
        """Whether it is still under way."""
        return self.state.active

    @property
    def started(self) -> str:
        """When it began to work."""
        return words.moment(self.run.started_at, seconds=True) if self.run.started_at else say("not yet")

    @property
    def sentence(self) -> str:
        """What it is doing, or what became of it."""
        if self.approved:
            return say("Approved: what it showed was carried out, or planned anew where records had changed.")
        if not self.active:
            return self.run.words or self.state.label
        phase = RunPhase(self.run.phase)
        if phase is RunPhase.PUSH and self.to_write:
            return say("{phase}: {done} of {number}", phase=phase.label, done=self.written, number=self.to_write)
        return phase.label

    def as_json(self) -> dict[str, Any]:
        """What the page's script shows while the run is under way."""
        return {
            "active": self.active, "state": self.state.label, "sentence": self.sentence, "elapsed": self.elapsed,
            "started": self.started,
            "steps": [step.state for step in self.steps],
            "counts": [{"label": count.label, "number": count.number} for count in self.counts],
        }


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field of an entry."""

    label: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One write, planned or carried out, ready to show."""

    operation: models.Operation
    changes: list[Change]

    @property
    def kind(self) -> str:
        """What is done."""
        return OperationKind(self.operation.kind).label

    @property
    def side(self) -> str:
        """At which vendor."""
        return Side(self.operation.side).label

    @property
    def status(self) -> str:
        """How far it is."""
        return OperationStatus(self.operation.status).label

    @property
    def error(self) -> str:
        """What the vendor said against it."""
        return masking.text(self.operation.error_words)

    @property
    def note(self) -> str:
        """What is to be known of it."""
        return masking.text(self.operation.note)

    @property
    def color(self) -> str:
        """How the status is colored."""
        return ENTRY_COLORS[OperationStatus(self.operation.status)]


Labels = Mapping[str, Mapping[str, str]]


def progress(*, run: models.SyncRun, now: datetime) -> Progress:
    """Tell how far a run is."""
    done = to_write = 0
    if RunPhase(run.phase) is RunPhase.PUSH:
        numbers = dict(entries(run=run).order_by().values_list("status").annotate(number=Count("pk")))
        done = numbers.get(OperationStatus.DONE, 0) + numbers.get(OperationStatus.FAILED, 0)
        to_write = done + models.Operation.objects.filter(config=run.config_id, status__in=WAITING).count()
    if run.kind == RunKind.UNDO and RunPhase(run.phase) is RunPhase.PUSH:
        to_write = done + models.Operation.objects.filter(run=run, status__in=UNDO_WAITING).count()
    previewed = run.kind == RunKind.PREVIEW and run.state == RunState.SUCCEEDED and bool(run.counts.get("planned"))
    return Progress(
        approved=previewed and not approvable(run=run),
        run=run, counts=words.counts(run.counts), steps=_steps(run), written=done, to_write=to_write, elapsed=took(run=run, now=now)
    )


def took(*, run: models.SyncRun, now: datetime) -> str:
    """Tell how long a run took, or has taken so far."""
    return words.span((run.finished_at or now) - run.started_at) if run.started_at else words.NOTHING


def _steps(run: models.SyncRun) -> list[Step]:
    phase, order = RunPhase(run.phase), list(RunPhase)
    if phase in (RunPhase.DONE, RunPhase.CLOSE):
        finished = RunState(run.state) in (RunState.SUCCEEDED, RunState.PARTIAL)
        reached = order.index(RunPhase.BRAKES) if run.state == RunState.BRAKED else len(order) if finished else -1
        return [Step(label=step.label, state="done" if order.index(step) <= reached else "left") for step in _own_steps(run)]
    return [
        Step(label=step.label, state="now" if step is phase else "done" if order.index(step) < order.index(phase) else "left")
        for step in _own_steps(run)
    ]


def _own_steps(run: models.SyncRun) -> Iterable[RunPhase]:
    if run.kind == RunKind.UNDO:
        return (RunPhase.RECOVER, RunPhase.PLAN, RunPhase.PUSH) if run.approved_at else (RunPhase.RECOVER, RunPhase.PLAN, RunPhase.BRAKES)
    return STEPS[:-1] if run.kind == RunKind.PREVIEW else STEPS


def entries(*, run: models.SyncRun) -> QuerySet[models.Operation]:
    """List what a run planned, and what it carried out of the previews that were approved before it."""
    own = Q(run=run)
    if run.kind not in (RunKind.PREVIEW, RunKind.UNDO) and run.started_at is not None:
        previews = models.SyncRun.objects.filter(config=run.config_id, kind=RunKind.PREVIEW, pk__lt=run.pk).order_by("-pk")
        recent = list(previews.values_list("pk", flat=True)[:RECENT_PREVIEWS])
        until = run.finished_at or run.started_at + timedelta(days=1)
        own |= Q(run__in=recent, sent_at__gte=run.started_at, sent_at__lte=until)
    return models.Operation.objects.filter(own)


def labels(*, rules: Mapping[str, Any]) -> Labels:
    """Name the fields of both sides as the rules of a run call them."""
    found: dict[str, dict[str, str]] = {Side.LEFT: {}, Side.RIGHT: {}}
    for mapping in rules.get("mappings", ()):
        found[Side.LEFT][mapping["left"]["name"]] = mapping["left"]["label"]
        found[Side.RIGHT][mapping["right"]["name"]] = mapping["right"]["label"]
    for given in rules.get("given", ()):
        found[given["side"]][given["field"]] = str(given["label"]).capitalize()
    return found


def entry(*, operation: models.Operation, named: Labels) -> Entry:
    """Describe one write, field by field."""
    side = named.get(operation.side, {})
    return Entry(
        operation=operation,
        changes=[
            Change(
                label=side.get(name, name), before=_value(name, change[0]), after=_value(name, change[1]),
                why=masking.text(str(operation.whys.get(name, ""))),
            )
            for name, change in operation.changes.items()
        ],
    )


def _value(name: str, value: object) -> str:
    told = words.shown(value)
    return discretion.shown(told, hidden=told != words.NOTHING and discretion.hides_name(name))


def tallied(*, entries: QuerySet[models.Operation]) -> list[dict[str, Any]]:
    """Count a run's entries by side, kind and status, as its summary and its filters show them."""
    numbers = entries.order_by("side", "kind", "status").values_list("side", "kind", "status").annotate(number=Count("pk"))
    return [
        {
            "side": side, "kind": kind, "status": status, "number": number,
            "words": say("{what} in {system}", what=OperationKind(kind).label, system=Side(side).label),
            "status_words": OperationStatus(status).label, "color": ENTRY_COLORS[OperationStatus(status)],
        }
        for side, kind, status, number in numbers
    ]


def approvable(*, run: models.SyncRun) -> int:
    """Count the entries of a finished preview that still wait to be carried out, or of an undo."""
    if run.kind == RunKind.UNDO:
        complete = run.state == RunState.SUCCEEDED or (run.approved_at is not None and not RunState(run.state).active)
        return models.Operation.objects.filter(run=run, status__in=UNDO_PENDING).count() if complete else 0
    if run.kind != RunKind.PREVIEW or run.state != RunState.SUCCEEDED:
        return 0
    return models.Operation.objects.filter(run=run, status=OperationStatus.PLANNED).count()


def latest(*, config_ids: Iterable[int]) -> dict[int, models.SyncRun]:
    """Find the newest run of each sync."""
    return latest_and(config_ids=config_ids, others=())[0]


def latest_and(*, config_ids: Iterable[int], others: Iterable[int]) -> tuple[dict[int, models.SyncRun], dict[int, models.SyncRun]]:
    """Find the newest run of each sync, and others by their ids, both by sync. One query."""
    newest = models.SyncRun.objects.filter(config__in=list(config_ids)).order_by().values("config").annotate(newest=Max("pk"))
    wanted = set(others)
    found = list(models.SyncRun.objects.filter(Q(pk__in=newest.values("newest")) | Q(pk__in=wanted)).order_by("pk"))
    return {run.config_id: run for run in found}, {run.config_id: run for run in found if run.pk in wanted}


def held() -> QuerySet[models.SyncRun]:
    """List the runs that a brake still holds, the newest of each sync: none came through, and none was released since."""
    over = Q(state__in=[RunState.SUCCEEDED, RunState.PARTIAL, RunState.BRAKED])
    released = Q(state__in=[RunState.QUEUED, RunState.RUNNING], brakes_released_by__isnull=False)
    later = models.SyncRun.objects.filter(over | released, config=OuterRef("config"), pk__gt=OuterRef("pk")).exclude(kind=RunKind.PREVIEW)
    return models.SyncRun.objects.filter(~Exists(later), state=RunState.BRAKED).order_by("-pk")
