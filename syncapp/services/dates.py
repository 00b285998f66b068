"""Another day has begun: filters that speak of days from now may let other records in, and what is due is overdue by now.

Owns the look at the calendar. What a filter says is the engine's, what is overdue the connector's.
"""

from __future__ import annotations

from syncapp import models
from syncapp.engine import values
from syncapp.engine.vocabulary import FilterOperator, RecordState, RunKind, RunState
from syncapp.services import context, defaults, hints

_MOVES = frozenset({
    FilterOperator.LESS_THAN_DAYS_AGO,
    FilterOperator.MORE_THAN_DAYS_AGO,
    FilterOperator.LESS_THAN_DAYS_AHEAD,
    FilterOperator.MORE_THAN_DAYS_AHEAD,
    FilterOperator.IN_THIS,
    FilterOperator.IN_THIS_SO_FAR,
    FilterOperator.IN_NEXT,
    FilterOperator.IN_LAST,
})


def turn(*, lane: context.Lane) -> None:
    """Once a day, have looked at what another date may change, since the records themselves need not change for that.

    Every pair where a filter depends on the date; and records that are due and not yet known to be overdue are read again.
    """
    _refilter(lane=lane)
    _reread(lane=lane)


def _refilter(*, lane: context.Lane) -> None:
    groups = (*lane.rules.left_filters, *lane.rules.right_filters)
    if not any(rule.operator in _MOVES for group in groups for rule in group.rules):
        return
    if _is_new_day(lane=lane, time_zone=lane.rules.time_zone):
        with lane.transaction():
            models.RecordPair.objects.filter(config=lane.config, dirty=False).update(dirty=True)


def _reread(*, lane: context.Lane) -> None:
    aging, side = defaults.of(lane.config.object_pair).aging, lane.right
    if aging is None or not _is_new_day(lane=lane, time_zone=side.connection.time_zone):
        return
    today = lane.ports.now().astimezone(values.zone(side.connection.time_zone)).date()
    due = {f"values__{aging.due}__lt": today.isoformat(), f"values__{aging.state}__in": list(aging.still)}
    rows = models.Record.objects.filter(connection=side.connection, kind=side.main.kind, state=RecordState.LIVE, **due)
    with lane.transaction():
        ids = list(rows.order_by("pk").values_list("external_id", flat=True))
        hints.leave(connection_id=side.connection.pk, kind=side.main.kind, external_ids=ids, reason="it may be overdue")


def _is_new_day(*, lane: context.Lane, time_zone: str) -> bool:
    """Whether no run of the sync came through yet on the day it is there."""
    zone = values.zone(time_zone)
    through = models.SyncRun.objects.filter(config=lane.config, state__in=[RunState.SUCCEEDED, RunState.PARTIAL, RunState.BRAKED])
    last = through.exclude(kind=RunKind.UNDO).order_by("-started_at").values_list("started_at", flat=True).first()
    return last is None or last.astimezone(zone).date() != lane.ports.now().astimezone(zone).date()
