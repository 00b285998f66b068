"""Figures for a monitoring system: how runs, pairs, queue, budgets and webhooks stand, by ids and codes alone.

Owns which figures there are. Their number depends on the number of syncs and accounts and on nothing else; they hold no name and no
value of a record. A constant number of queries.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Max, Min, Q
from django_q.models import OrmQ
from django_q.status import Stat

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, ConnectionStatus, RunKind, RunState
from syncapp.selectors import runs

DAY = timedelta(days=1)
OUTCOMES = ("received", "events", "duplicates", "unknown", "unreadable", "refused")
COUNTED_LIMITS = ("daily", "month")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure with its values, each under the values of the labels. `grows` says that it only ever becomes larger."""

    name: str
    about: str
    labels: tuple[str, ...]
    values: Sequence[tuple[tuple[str, ...], float]]
    grows: bool = False


def figures(*, now: datetime) -> list[Figure]:
    """Gather all figures."""
    parts: tuple[Callable[[datetime], Iterator[Figure]], ...] = (_runs, _syncs, _pairs, _queue, _connections, _webhooks)
    return [figure for part in parts for figure in part(now)]


def _runs(now: datetime) -> Iterator[Figure]:
    numbers = models.SyncRun.objects.filter(created_at__gt=now - DAY).order_by().values_list("state").annotate(Count("pk"))
    known = {state.value: 0 for state in RunState} | dict(numbers)
    yield Figure(
        name="runs_day", about="runs of the last 24 hours by state", labels=("state",), values=[((key,), known[key]) for key in known]
    )


def _syncs(now: datetime) -> Iterator[Figure]:
    good = Q(runs__state__in=[RunState.SUCCEEDED, RunState.PARTIAL]) & ~Q(runs__kind=RunKind.PREVIEW)
    found = models.SyncConfig.objects.annotate(good_at=Max("runs__finished_at", filter=good)).order_by("pk")
    syncs = list(found.values_list("pk", "active", "good_at", "interval_minutes"))
    braked = set(runs.held().values_list("config_id", flat=True))
    yield Figure(
        name="sync_active", about="whether a sync is on", labels=("sync",), values=[((str(pk),), float(on)) for pk, on, _, _ in syncs]
    )
    yield Figure(
        name="sync_interval_seconds", about="how often a sync is to run", labels=("sync",),
        values=[((str(pk),), minutes * 60) for pk, _, _, minutes in syncs],
    )
    yield Figure(
        name="sync_lag_seconds", about="time since the last run of a sync that came through", labels=("sync",),
        values=[((str(pk),), (now - at).total_seconds()) for pk, _, at, _ in syncs if at is not None],
    )
    yield Figure(
        name="sync_braked", about="whether a brake holds a sync back", labels=("sync",),
        values=[((str(pk),), float(pk in braked)) for pk, _, _, _ in syncs],
    )


def _pairs(now: datetime) -> Iterator[Figure]:
    numbers = models.RecordPair.objects.order_by().values_list("config_id", "state").annotate(Count("pk"))
    yield Figure(
        name="pairs", about="record pairs of a sync by state; FAILED are failing", labels=("sync", "state"),
        values=sorted(((str(config), state), number) for config, state, number in numbers),
    )
    conflicts = models.Conflict.objects.filter(status=ConflictStatus.OPEN).order_by().values_list("pair__config_id").annotate(Count("pk"))
    yield Figure(
        name="conflicts_open", about="conflicts that wait for a person", labels=("sync",),
        values=sorted(((str(config),), number) for config, number in conflicts),
    )


def _queue(now: datetime) -> Iterator[Figure]:
    held = OrmQ.objects.aggregate(number=Count("pk"), oldest=Min("lock", filter=Q(lock__lte=now)))
    waited = (now - held["oldest"]).total_seconds() if held["oldest"] else 0.0
    beats = [one.timestamp for one in Stat.get_all()]
    yield Figure(name="queue_jobs", about="jobs in the queue", labels=(), values=[((), held["number"])])
    yield Figure(name="queue_oldest_seconds", about="how long the oldest job has waited", labels=(), values=[((), max(0.0, waited))])
    yield Figure(name="queue_clusters", about="queues that show a sign of life", labels=(), values=[((), len(beats))])
    yield Figure(
        name="queue_heartbeat_age_seconds", about="time since a queue last showed a sign of life; absent where none did", labels=(),
        values=[((), max(0.0, (now - max(beats)).total_seconds()))] if beats else [],
    )


def _connections(now: datetime) -> Iterator[Figure]:
    accounts = list(models.Connection.objects.order_by("pk").values_list("pk", "system", "status", "paused"))
    yield Figure(
        name="connection_up", about="whether an account can be used", labels=("connection", "system"),
        values=[
            ((str(pk), system), float(status == ConnectionStatus.CONNECTED and not paused)) for pk, system, status, paused in accounts
        ],
    )
    limits = [(row.name.partition(":"), row) for row in models.Bucket.objects.order_by("name")]
    rows = [((connection, limit), row) for (connection, _, limit), row in limits if limit]
    counted = [(labels, row) for labels, row in rows if labels[1] in COUNTED_LIMITS]
    yield Figure(
        name="budget_used", about="calls used of a limit that is counted by day or month", labels=("connection", "limit"),
        values=[(labels, row.used if now.timestamp() - row.used_since < row.period else 0) for labels, row in counted],
    )
    yield Figure(
        name="budget_allowed", about="calls allowed within the period of a limit", labels=("connection", "limit"),
        values=[(labels, row.allowed) for labels, row in rows],
    )
    yield Figure(
        name="budget_resting_seconds", about="how long the vendor still lets no call through", labels=("connection", "limit"),
        values=[(labels, max(0.0, row.blocked_until - now.timestamp())) for labels, row in rows],
    )


def _webhooks(now: datetime) -> Iterator[Figure]:
    tallies = models.WebhookTally.objects.order_by("pk").values_list("system", F("connection_id"), *OUTCOMES)
    yield Figure(
        name="webhooks", about="deliveries by what became of them, and events in them; connection 0 is none of ours", grows=True,
        labels=("system", "connection", "outcome"),
        values=[
            ((system, str(connection or 0), outcome), number)
            for system, connection, *numbers in tallies for outcome, number in zip(OUTCOMES, numbers, strict=True)
        ],
    )
