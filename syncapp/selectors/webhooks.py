"""How the webhooks of an account stand: how many came, how late, and whether they stopped coming.

Owns the figures. A change counts as written when the first entry after its event was carried out on the other side.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import OuterRef, Q, QuerySet, Subquery

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, OperationStatus, Side, System

SILENCE = timedelta(days=7)
MARGIN = timedelta(hours=1)
"""A change that is so fresh may still be told; one so soon after the last webhook was perhaps told by it."""
SPAN = timedelta(days=7)
LATEST = 300
"""The figures are of so many deliveries at most, the latest of the week."""
LATE = timedelta(minutes=10)
LINKED_WITHIN = timedelta(days=1)
ENDS = ("left", "right")


@dataclass(frozen=True, kw_only=True)
class Lag:
    """How long something took: half of the time at most `half`, 95 times of a hundred at most `most`."""

    half: timedelta
    most: timedelta
    number: int


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of an account's webhooks. `arrival`: from the change to us; `written`: from the change to the other side."""

    tally: models.WebhookTally | None
    silent: bool
    arrival: Lag | None
    written: Lag | None

    @property
    def last_at(self) -> datetime | None:
        """When the last one came."""
        return self.tally.last_at if self.tally else None

    @property
    def late(self) -> bool:
        """Whether changes take too long to reach the other side."""
        return self.written is not None and self.written.most > LATE


def with_last_told(*, syncs: QuerySet[models.SyncConfig]) -> QuerySet[models.SyncConfig]:
    """Add when each account of a sync last told of a change by itself, for `last_told`."""
    return syncs.annotate(
        **{f"{end}_told_at": Subquery(models.WebhookTally.objects.filter(connection=OuterRef(end)).values("last_at")[:1]) for end in ENDS}
    )


def last_told(*, config: models.SyncConfig) -> dict[str, datetime | None]:
    """When the left and the right account last told of a change by themselves. No query where the sync was read together with it."""
    known = config if hasattr(config, "left_told_at") else with_last_told(syncs=models.SyncConfig.objects.all()).get(pk=config.pk)
    return {end: getattr(known, f"{end}_told_at") for end in ENDS}


def standing(*, connection: models.Connection, now: datetime) -> Standing:
    """Gather how the webhooks of an account stand."""
    tally = models.WebhookTally.objects.filter(connection=connection).first()
    if tally is None:
        return Standing(tally=None, silent=False, arrival=None, written=None)
    latest = models.WebhookDelivery.objects.filter(connection=connection, received_at__gt=now - SPAN).order_by("-received_at")
    deliveries = list(latest[:LATEST])
    arrivals = [
        one.received_at - _moment(changed) for one in deliveries for _, _, changed in one.mentions if changed is not None
    ]
    return Standing(
        tally=tally, silent=_is_silent(connection, tally.last_at, now), arrival=_lag(arrivals),
        written=_lag(_until_written(connection=connection, deliveries=deliveries)),
    )


def elsewhere(*, system: System) -> models.WebhookTally | None:
    """Look up what came from a vendor and belongs to no account of ours."""
    return models.WebhookTally.objects.filter(system=system, connection=None).first()


def silent(*, now: datetime) -> list[models.Connection]:
    """List the accounts that told nothing for a week although asking showed that records changed there."""
    tallies = models.WebhookTally.objects.filter(connection__isnull=False, last_at__lt=now - SILENCE).select_related("connection")
    return [tally.connection for tally in tallies if tally.connection and _is_silent(tally.connection, tally.last_at, now)]


def _is_silent(connection: models.Connection, last: datetime | None, now: datetime) -> bool:
    if last is None or last >= now - SILENCE or connection.status != ConnectionStatus.CONNECTED:
        return False
    return models.Record.objects.filter(
        connection=connection, remote_updated_at__gt=last + MARGIN, remote_updated_at__lt=now - MARGIN
    ).exists()


def _until_written(*, connection: models.Connection, deliveries: Sequence[models.WebhookDelivery]) -> list[timedelta]:
    """The time from the latest told change of a record to each entry that was then carried out for it on the other side."""
    told: dict[tuple[str, str], list[float]] = {}
    for delivery in deliveries:
        for kind, external_id, changed in delivery.mentions:
            if changed is not None:
                told.setdefault((kind, external_id), []).append(changed)
    if not told:
        return []
    side = Side.LEFT if connection.system == System.HUBSPOT else Side.RIGHT
    end = f"pair__{side.value.lower()}"
    since = min(moment for moments in told.values() for moment in moments)
    ids = list({external_id for _, external_id in told})[:LATEST]
    done = models.Operation.objects.filter(
        Q(**{f"{end}__connection": connection, f"{end}__external_id__in": ids}), side=side.other, status=OperationStatus.DONE,
        finished_at__gt=_moment(since),
    )
    found = []
    for kind, external_id, finished in done.values_list(f"{end}__kind", f"{end}__external_id", "finished_at"):
        before = [moment for moment in told.get((kind, external_id), ()) if moment <= finished.timestamp()]
        took = finished - _moment(max(before)) if before else None
        if took is not None and took < LINKED_WITHIN:
            found.append(took)
    return found


def _lag(times: Sequence[timedelta]) -> Lag | None:
    ordered = sorted(max(one, timedelta()) for one in times)
    if not ordered:
        return None
    return Lag(half=ordered[(len(ordered) - 1) // 2], most=ordered[(len(ordered) * 95 + 99) // 100 - 1], number=len(ordered))


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
