"""Syncs as their list and their page show them."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, OperationStatus, RunKind, RunState, RunTrigger, System
from syncapp.selectors import runs, words

RECENT = 10


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """One run in a short list."""

    run: models.SyncRun
    kind: str
    trigger: str
    state: str
    color: str
    started: str
    took: str
    writes: int


def with_last_run(*, syncs: QuerySet[models.SyncConfig]) -> QuerySet[models.SyncConfig]:
    """Add both accounts, and the state and time of the newest run."""
    newest = models.SyncRun.objects.filter(config=OuterRef("pk")).order_by("-pk")
    return syncs.select_related("left", "right").annotate(
        last_state=Subquery(newest.values("state")[:1]), last_at=Subquery(newest.values("created_at")[:1])
    )


def recent_runs(*, config: models.SyncConfig, now: datetime) -> list[RunLine]:
    """List the newest runs of a sync."""
    found = models.SyncRun.objects.filter(config=config).order_by("-pk")[:RECENT]
    return [
        RunLine(
            run=run, kind=RunKind(run.kind).label, trigger=RunTrigger(run.trigger).label, state=RunState(run.state).label,
            color=runs.COLORS[RunState(run.state)], started=words.moment(run.started_at or run.created_at),
            took=runs.took(run=run, now=now), writes=words.writes(run.counts),
        )
        for run in found
    ]


def under_way(*, config: models.SyncConfig) -> models.SyncRun | None:
    """Find the run of a sync that is under way."""
    return models.SyncRun.objects.filter(config=config, state__in=[RunState.QUEUED, RunState.RUNNING]).first()


@dataclass(frozen=True, kw_only=True)
class OpenWork:
    """What turning a sync on or off meets: its links, the writes that were planned and not sent, and those without an answer yet."""

    links: int
    waiting: int
    sending: int


def open_work(*, config: models.SyncConfig) -> OpenWork:
    """Count what turning a sync on or off meets."""
    writes = models.Operation.objects.filter(config=config)
    return OpenWork(
        links=models.RecordPair.objects.filter(config=config, left__isnull=False, right__isnull=False).count(),
        waiting=writes.filter(status__in=[OperationStatus.PLANNED, OperationStatus.READY]).count(),
        sending=writes.filter(status=OperationStatus.SENDING).count(),
    )


def only_choices() -> dict[str, int]:
    """Choose the accounts where there is nothing to choose."""
    chosen = {}
    for name, system in (("left", System.HUBSPOT), ("right", System.QUICKBOOKS)):
        keys = list(models.Connection.objects.filter(system=system, status=ConnectionStatus.CONNECTED).values_list("pk", flat=True)[:2])
        if len(keys) == 1:
            chosen[name] = keys[0]
    return chosen


def missing_accounts() -> list[str]:
    """Name the vendors of which no account is connected."""
    known = set(models.Connection.objects.values_list("system", flat=True))
    return [system.label for system in System if system.value not in known]
