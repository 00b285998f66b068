"""What judging pairs takes of them, and no more: most are found as they were, and only the others are loaded whole.

Owns which pairs are to be planned, which columns are read for that, and which need no judgment. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from syncapp import models
from syncapp.engine import resting
from syncapp.engine.vocabulary import OperationStatus, PairState, Reason, RecordState
from syncapp.services import composing, context, mirror


class Glance(NamedTuple):
    """A pair as it stands, with what is seen of its records; the names of its columns."""

    pk: int
    left_id: int | None
    right_id: int | None
    state: str
    reason: str
    detail: dict[str, object]
    base_left: dict[str, object]
    base_right: dict[str, object]
    flagged: list[str]
    excluded_by_hand: bool
    alone: bool
    archive_wanted: int | None
    was_linked: bool
    failures: int
    retry_at: datetime | None
    failing_since: datetime | None
    left: mirror.Glance | None
    right: mirror.Glance | None


_OWN = Glance._fields[:-2]
_ENDS = tuple(f"{end}__{name}" for end in Glance._fields[-2:] for name in mirror.Glance._fields)
_MIDDLE = len(_OWN) + len(mirror.Glance._fields)


class _Held(NamedTuple):
    """What a record of a pair holds; the names of its columns."""

    pk: int
    external_id: str
    values: dict[str, object]


_HELD = tuple(f"{end}__{name}" for end in ("left", "right") for name in _Held._fields)
_OTHER = 3 + len(_Held._fields)
_AT_REST = Q(
    state=PairState.LINKED, reason=Reason.NONE, detail={}, was_linked=True, excluded_by_hand=False, failures=0, retry_at=None,
    failing_since=None, left__state=RecordState.LIVE, right__state=RecordState.LIVE,
)


def waiting(*, lane: context.Lane, after: int, older: bool, size: int) -> list[int]:
    """The next pairs to plan. Each reason has an index; only where some pairs stand under older rules are all walked through."""
    rows = models.RecordPair.objects.filter(config=lane.config, pk__gt=after).exclude(operations__status=OperationStatus.SENDING)
    changed, retried = Q(dirty=True), Q(retry_at__lte=lane.ports.now())
    reasons = [changed | retried | ~Q(rules_revision=lane.rules.revision)] if older else [changed, retried]
    found = {pk for due in reasons for pk in rows.filter(due).order_by("pk").values_list("pk", flat=True)[:size]}
    return sorted(found)[:size]


def any_older(*, lane: context.Lane) -> bool:
    """Whether any pair was last planned under other rules."""
    rows, revision = models.RecordPair.objects.filter(config=lane.config), lane.rules.revision
    return rows.filter(rules_revision__lt=revision).exists() or rows.filter(rules_revision__gt=revision).exists()


def at(ids: Collection[int]) -> list[Glance]:
    """Look at pairs, in the order of their keys."""
    rows: Iterable[tuple[Any, ...]] = models.RecordPair.objects.filter(pk__among=ids).order_by("pk").values_list(*_OWN, *_ENDS)
    own = len(_OWN)
    return [Glance._make((*row[:own], _record(row[own:_MIDDLE]), _record(row[_MIDDLE:]))) for row in rows]


def in_sync(*, lane: context.Lane, ids: Collection[int]) -> list[int]:
    """The keys of pairs that were in sync with nothing to say of them and hold what they held then: they need not be judged."""
    watched = None if composing.composes(lane=lane) else resting.watched(rules=lane.rules)
    if watched is None:
        return []
    rows = models.RecordPair.objects.filter(_AT_REST, pk__among=ids).order_by("pk").values_list("pk", "base_left", "base_right", *_HELD)
    pairs = [(*row[:3], _Held._make(row[3:_OTHER]), _Held._make(row[_OTHER:])) for row in rows]
    names = {name for one in watched for name in (one.left, *one.fallbacks)}
    far_left = mirror.beside(side=lane.left, rows=[left for *_, left, _ in pairs], names=names)
    far_right = mirror.beside(side=lane.right, rows=[right for *_, right in pairs], names={one.right for one in watched})
    return [
        pk
        for pk, base_left, base_right, left, right in pairs
        if resting.holds(
            watched=watched,
            left={**left.values, **far_left[left.pk]} if left.pk in far_left else left.values,
            right={**right.values, **far_right[right.pk]} if right.pk in far_right else right.values,
            base_left=base_left,
            base_right=base_right,
        )
    ]


def _record(columns: tuple[Any, ...]) -> mirror.Glance | None:
    return mirror.Glance._make(columns) if columns[0] is not None else None
