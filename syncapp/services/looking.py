"""What judging pairs takes of them, and no more: most are found as they were, and only the others are loaded whole.

Owns which columns are read for that. Judges nothing and writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from syncapp import models
from syncapp.services import mirror


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
    rows: Iterator[tuple[Any, ...]] = models.RecordPair.objects.filter(pk__in=ids).order_by("pk").values_list(*_OWN, *_ENDS).iterator()
    return [Glance(*row[: len(_OWN)], _record(row[len(_OWN) : _MIDDLE]), _record(row[_MIDDLE:])) for row in rows]


def _record(columns: tuple[Any, ...]) -> mirror.Glance | None:
    return mirror.Glance._make(columns) if columns[0] is not None else None
