"""What judging pairs takes of them, and no more: most are found as they were, and only the others are loaded whole.

Owns which columns are read for that, and which pairs need no judgment. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from syncapp import models
from syncapp.engine import resting
from syncapp.engine.vocabulary import PairState, Reason, RecordState
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


def at(ids: Collection[int]) -> list[Glance]:
    """Look at pairs, in the order of their keys."""
    rows: Iterable[tuple[Any, ...]] = models.RecordPair.objects.filter(pk__in=ids).order_by("pk").values_list(*_OWN, *_ENDS)
    own = len(_OWN)
    return [Glance._make((*row[:own], _record(row[own:_MIDDLE]), _record(row[_MIDDLE:]))) for row in rows]


def in_sync(*, lane: context.Lane, pairs: Sequence[Glance]) -> list[int]:
    """The keys of pairs that were in sync with nothing to say of them and hold what they held then: they need not be judged."""
    watched = None if composing.composes(lane=lane) else resting.watched(rules=lane.rules)
    if watched is None:
        return []
    quiet = [(pair, pair.left, pair.right) for pair in pairs if _at_rest(pair)]
    names = {name for one in watched for name in (one.left, *one.fallbacks)}
    far_left = mirror.beside(side=lane.left, rows=[left for _, left, _ in quiet if left], names=names)
    far_right = mirror.beside(side=lane.right, rows=[right for _, _, right in quiet if right], names={one.right for one in watched})
    return [
        pair.pk
        for pair, left, right in quiet
        if left is not None
        and right is not None
        and resting.holds(
            watched=watched,
            left={**left.values, **far_left[left.pk]} if left.pk in far_left else left.values,
            right={**right.values, **far_right[right.pk]} if right.pk in far_right else right.values,
            base_left=pair.base_left,
            base_right=pair.base_right,
        )
    ]


def _at_rest(pair: Glance) -> bool:
    return (
        pair.state == PairState.LINKED
        and pair.reason == Reason.NONE
        and not pair.detail
        and pair.was_linked
        and not (pair.excluded_by_hand or pair.failures or pair.retry_at or pair.failing_since)
        and pair.left is not None
        and pair.left.state == RecordState.LIVE
        and pair.right is not None
        and pair.right.state == RecordState.LIVE
    )


def _record(columns: tuple[Any, ...]) -> mirror.Glance | None:
    return mirror.Glance._make(columns) if columns[0] is not None else None
