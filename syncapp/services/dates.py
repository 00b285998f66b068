"""Another day has begun: filters that speak of days from now may let other records in.

Owns the look at the calendar. What a filter says is the engine's.
"""

from __future__ import annotations

from syncapp import models
from syncapp.engine import values
from syncapp.engine.vocabulary import FilterOperator, RunState
from syncapp.services import context

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
    """Have every pair looked at once a day where a filter depends on the date; a pair's own records need not change for that."""
    groups = (*lane.rules.left_filters, *lane.rules.right_filters)
    if not any(rule.operator in _MOVES for group in groups for rule in group.rules):
        return
    zone = values.zone(lane.rules.time_zone)
    through = models.SyncRun.objects.filter(config=lane.config, state__in=[RunState.SUCCEEDED, RunState.PARTIAL, RunState.BRAKED])
    last = through.order_by("-started_at").values_list("started_at", flat=True).first()
    if last is not None and last.astimezone(zone).date() == lane.ports.now().astimezone(zone).date():
        return
    with lane.transaction():
        models.RecordPair.objects.filter(config=lane.config, dirty=False).update(dirty=True)
