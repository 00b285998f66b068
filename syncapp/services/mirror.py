"""Rows of the mirror as the engine's values, and back.

Owns the translation between `models.Record` and `engine.records.Record`, and the gathering of associated records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol

from syncapp import models
from syncapp.engine import names, normalize, records, values, vocabulary
from syncapp.services import context, links

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Related = Mapping[str, tuple[Mapping[str, records.Value], ...]]


class Row(Protocol):
    """What finding the records associated with a record takes of it."""

    @property
    def pk(self) -> int:
        """The key of its row."""

    @property
    def external_id(self) -> str:
        """Its number at its vendor."""


class Glance(NamedTuple):
    """What judging a pair takes of a mirrored record; the names of its columns."""

    pk: int
    kind: str
    external_id: str
    label: str
    revision_number: int
    revision_token: str
    remote_created_at: datetime | None
    remote_updated_at: datetime | None
    values: dict[str, object]
    past: dict[str, list[object]]
    state: str
    key1: str
    key2: str


def record(row: models.Record | Glance) -> records.Record:
    """The engine's view of a mirrored record."""
    return records.Record(
        ref=records.RecordRef(kind=row.kind, external_id=row.external_id),
        revision=records.Revision(number=row.revision_number, updated_at=row.remote_updated_at or _EPOCH, token=row.revision_token),
        values=from_json(row.values),
        state=vocabulary.RecordState(row.state),
        created_at=row.remote_created_at or _EPOCH,
        label=row.label,
    )


def to_json(data: Mapping[str, records.Value]) -> dict[str, object]:
    """Values by name as plain JSON."""
    return {name: value if isinstance(value, str) else values.to_json(value) for name, value in data.items()}


def from_json(data: Mapping[str, object]) -> dict[str, records.Value]:
    """Plain JSON as values by name."""
    return {name: value if value.__class__ is str or value is None else values.from_json(value) for name, value in data.items()}


def keys(*, side: context.SideContext, kind: str, found: Mapping[str, records.Value]) -> tuple[str, str, str]:
    """What stands in key1 and key2, the normalized match keys, and in key3, the folded display name; "" where there is none."""
    made = [normalize.key(type=type_, value=found.get(name)) or "" for name, type_ in side.key_fields[kind][:2]]
    made += [""] * (2 - len(made))
    name = found.get(side.name_fields[kind]) if side.name_fields[kind] else None
    return made[0][:300], made[1][:300], names.folded(name)[:300] if isinstance(name, str) else ""


def subjects(*, side: context.SideContext, rows: Iterable[models.Record | Glance]) -> dict[int, records.Subject]:
    """Subjects by row id, each with the values of the records associated with it. A constant number of queries."""
    kinds = [wanted.kind for wanted in side.related]
    return gathered(connection_id=side.connection.pk, kind=side.main.kind, kinds=kinds, rows=rows)


def gathered(
    *, connection_id: int, kind: str, kinds: Sequence[str], rows: Iterable[models.Record | Glance]
) -> dict[int, records.Subject]:
    """Subjects by row id, of records of one kind, with the values of those of other kinds that are associated with them."""
    rows = list(rows)
    related = _related(connection_id=connection_id, main=kind, kinds=kinds, rows=rows)
    made = {}
    nobody: dict[str, tuple[models.Record, ...]] = {other: () for other in kinds}
    for row in rows:
        others = related.get(row.external_id, nobody)
        made[row.pk] = records.Subject(
            record=record(row),
            related={name: tuple(from_json(other.values) for other in found) for name, found in others.items()},
            past=_past(row),
            related_past={name: tuple(_past(other) for other in found) for name, found in others.items()},
        )
    return made


def beside(*, side: context.SideContext, rows: Sequence[Row], names: Iterable[str]) -> dict[int, dict[str, object]]:
    """What those of the named fields hold, by row id, that are of associated records (`companies.name`): the primary one's."""
    kinds = [wanted.kind for wanted in side.related]
    wished = [(name, *parts) for name in names if (parts := name.partition(".")[::2])[0] in kinds and "." in name]
    if not wished:
        return {}
    related = _related(connection_id=side.connection.pk, main=side.main.kind, kinds=kinds, rows=rows)
    return {
        row.pk: {name: first.values.get(inner) for name, kind, inner in wished for first in related[row.external_id][kind][:1]}
        for row in rows
        if any(related.get(row.external_id, {}).values())
    }


def _past(row: models.Record | Glance) -> records.Past:
    return {name: tuple(map(values.from_json, old)) for name, old in row.past.items()} if row.past else {}


def _related(
    *, connection_id: int, main: str, kinds: Sequence[str], rows: Sequence[Row]
) -> dict[str, dict[str, tuple[models.Record, ...]]]:
    """The live rows that are associated with each record, by its id and their kind."""
    if not kinds or not rows:
        return {}
    ids = [row.external_id for row in rows]
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for link in links.between(connection_id=connection_id, kind=main, ids=ids, others=kinds):
        own, kind, other = (
            (link.from_id, link.to_kind, link.to_id) if link.from_kind == main else (link.to_id, link.from_kind, link.from_id)
        )
        if other not in found[own][kind]:
            found[own][kind].append(other)
    wanted = {(kind, other) for by_kind in found.values() for kind, others in by_kind.items() for other in others}
    known = {
        (row.kind, row.external_id): row
        for row in models.Record.objects.filter(
            connection_id=connection_id,
            kind__in=kinds,
            external_id__among={other for _, other in wanted},
            state=vocabulary.RecordState.LIVE,
        )
    }
    return {
        own: {kind: tuple(known[kind, other] for other in found[own].get(kind, ()) if (kind, other) in known) for kind in kinds}
        for own in ids
    }
