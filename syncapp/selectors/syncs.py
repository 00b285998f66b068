"""Syncs as their list and their page show them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, OperationStatus, RunKind, RunState, RunTrigger, System
from syncapp.selectors import runs, webhooks, words


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
    """Add both accounts with what they granted and when they last told of a change, but no token, and the newest run's state and time."""
    newest = models.SyncRun.objects.filter(config=OuterRef("pk")).order_by("-pk")
    ends = syncs.select_related("left__credential", "right__credential", "match_left", "match_right")
    sealed = [f"{end}__credential__{token}" for end in ("left", "right") for token in ("access_token", "refresh_token")]
    return webhooks.with_last_told(syncs=ends.defer(*sealed)).annotate(
        last_state=Subquery(newest.values("state")[:1]), last_at=Subquery(newest.values("created_at")[:1])
    )


def run_lines(*, found: Sequence[models.SyncRun], now: datetime) -> list[RunLine]:
    """Describe runs of a sync in one line each."""
    return [
        RunLine(
            run=run, kind=RunKind(run.kind).label, trigger=RunTrigger(run.trigger).label, state=RunState(run.state).label,
            color=runs.COLORS[RunState(run.state)], started=words.moment(run.started_at or run.created_at),
            took=runs.took(run=run, now=now), writes=words.writes(run.counts),
        )
        for run in found
    ]


def with_open_work(*, syncs: QuerySet[models.SyncConfig]) -> QuerySet[models.SyncConfig]:
    """Add what turning a sync on or off meets: `links`, writes that were planned and are `waiting`, and those still `sending`."""
    pairs = models.RecordPair.objects.filter(config=OuterRef("pk"), left__isnull=False, right__isnull=False)
    writes = models.Operation.objects.filter(config=OuterRef("pk"))
    open_work = {
        "links": pairs, "waiting": writes.filter(status__in=[OperationStatus.PLANNED, OperationStatus.READY]),
        "sending": writes.filter(status=OperationStatus.SENDING),
    }
    return syncs.annotate(**{name: _number(found) for name, found in open_work.items()})


def _number(found: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(found.order_by().values("config").annotate(number=Count("pk")).values("number")), 0)


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
