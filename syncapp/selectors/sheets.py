"""What stands in the chosen columns of many pairs: typed for files, as text for pages.

Reads the mirror only, with a constant number of queries for a batch of pairs.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, Q, QuerySet

from syncapp import models
from syncapp.engine import cells, masking, values
from syncapp.engine.vocabulary import FieldType, PairState, Side
from syncapp.selectors import care, columns, discretion, named, reasons, words

Reader = Callable[[models.RecordPair], cells.Cell]
Address = Callable[[models.Record, models.Connection], str]
Line = list[cells.Cell]
ALWAYS = tuple(f"{side}__{name}" for side in ("left", "right") for name in ("connection", "kind", "external_id"))
"""What tells which records they are, whatever is shown of them."""
CARE, SYNC = "care", "config"
AS_TEXT = {FieldType.CHOICE, FieldType.CHOICES, FieldType.REFERENCE, FieldType.LINES}


def with_records(pairs: QuerySet[models.RecordPair]) -> QuerySet[models.RecordPair]:
    """Fetch pairs together with all that their own columns need but the sync: joined, it would have all pairs sorted for a page of them."""
    return pairs.select_related("left", "right", "care__assignee", "care__noted_by")


def with_sync(pairs: QuerySet[models.RecordPair]) -> QuerySet[models.RecordPair]:
    """Fetch one pair or a few together with all that their own columns need."""
    return with_records(pairs).select_related("config__left", "config__right")


def for_files(pairs: QuerySet[models.RecordPair], *, chosen: Iterable[columns.Column]) -> QuerySet[models.RecordPair]:
    """Fetch pairs chunk by chunk with what the chosen columns show and no more, the few syncs by a query of their own."""
    needed = {path for column in chosen for path in _needed(column)}
    found = with_records(pairs) if CARE in needed else pairs.select_related("left", "right")
    found = found.only(*ALWAYS, *needed)
    syncs = models.SyncConfig.objects.select_related("left", "right")
    return found.prefetch_related(Prefetch(SYNC, queryset=syncs)) if SYNC in needed else found


def give_syncs(*, pairs: Iterable[models.RecordPair], syncs: Iterable[models.SyncConfig]) -> None:
    """Give pairs their syncs, which were read already with their accounts."""
    known = {sync.pk: sync for sync in syncs}
    for pair in pairs:
        if pair.config_id in known:
            pair.config = known[pair.config_id]


def lines(*, pairs: Sequence[models.RecordPair], chosen: Sequence[columns.Column], address: Address) -> list[Line]:
    """Fill the columns for each pair."""
    batch = _Batch(
        related=_related(pairs, chosen),
        called=named.many(
            records=[record for pair in pairs for record in (pair.left, pair.right) if record is not None],
            fields=[column.field for column in chosen if column.field is not None],
        ),
        address=address,
    )
    readers = [batch.reader(column) for column in chosen]
    return [[read(pair) for read in readers] for pair in pairs]


def text(cell: cells.Cell) -> str:
    """Write a cell as a page shows it."""
    if cell is None:
        return words.NOTHING
    if isinstance(cell, bool):
        return values.shown(cell)
    if isinstance(cell, datetime):
        return words.moment(cell)
    if isinstance(cell, Decimal):
        return values.number_text(cell)
    return cell.isoformat() if isinstance(cell, date) else masking.text(cell)


def changed_at(pair: models.RecordPair) -> datetime | None:
    """Tell when either record last changed at its vendor."""
    found = [record.remote_updated_at for record in (pair.left, pair.right) if record is not None and record.remote_updated_at]
    return max(found, default=None)


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """What was looked up for a batch of pairs."""

    related: Mapping[tuple[int, str], object]
    called: named.Called
    address: Address

    def reader(self, column: columns.Column) -> Reader:
        """Tell how a column is read from a pair: what is the same for all of them is found out once."""
        if column.field is not None and column.side is not None:
            return self._of_field(column, column.field, "left" if column.side is Side.LEFT else "right")
        if column.key in _PAGES:
            return lambda pair: _address(self, pair, column.key)
        return _labels() if column.key == "standing" else _OWN[column.key]

    def _of_field(self, column: columns.Column, field: models.VendorField, side: str) -> Reader:
        hidden, at = discretion.hides(field), (field.connection_id, field.kind)

        def read(pair: models.RecordPair) -> cells.Cell:
            record: models.Record | None = getattr(pair, side)
            if record is None or (record.connection_id, record.kind) != at:
                return None
            stored = self.related.get((record.pk, field.name)) if field.associated_kind else record.values.get(field.name)
            if stored in (None, "", []):
                return None
            return masking.MASK if hidden else self._shown(column.type, field, stored)

        return read

    def _shown(self, type: FieldType, field: models.VendorField, stored: object) -> cells.Cell:
        if type in AS_TEXT:
            return named.shown(field=field, value=stored, called=self.called)
        try:
            return cells.typed(type=type, value=values.from_json(stored))
        except ValueError:
            return words.shown(stored)


_PAGES = ("left_page", "right_page")


def _address(batch: _Batch, pair: models.RecordPair, key: str) -> cells.Cell:
    record, connection = (pair.left, pair.config.left) if key == "left_page" else (pair.right, pair.config.right)
    return (batch.address(record, connection) or None) if record else None


def _assignee(pair: models.RecordPair) -> cells.Cell:
    kept = care.of(pair=pair)
    return str(kept.assignee) if kept and kept.assignee else None


def _snoozed(pair: models.RecordPair) -> cells.Cell:
    kept = care.of(pair=pair)
    return kept.snoozed_until if kept else None


def _labels() -> Reader:
    """The words for where a pair stands, which would be looked up in the catalogue for every pair."""
    labels = {state.value: state.standing.label for state in PairState}
    return lambda pair: labels[pair.state]


_OWN: Mapping[str, Reader] = {
    "life": lambda pair: PairState(pair.state).label,
    "sync": lambda pair: pair.config.name,
    "why": lambda pair: reasons.short(pair=pair) or None,
    "changed": changed_at,
    "in_sync": lambda pair: pair.synced_at,
    "found": lambda pair: pair.created_at,
    "left_name": lambda pair: str(pair.left) if pair.left else None,
    "right_name": lambda pair: str(pair.right) if pair.right else None,
    "left_number": lambda pair: pair.left.external_id if pair.left else None,
    "right_number": lambda pair: pair.right.external_id if pair.right else None,
    "left_changed": lambda pair: pair.left.remote_updated_at if pair.left else None,
    "right_changed": lambda pair: pair.right.remote_updated_at if pair.right else None,
    "since": lambda pair: pair.failing_since if pair.state == PairState.FAILED else None,
    "assigned": _assignee,
    "note": lambda pair: care.note(pair=pair) or None,
    "snoozed": _snoozed,
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "standing": ("state",), "life": ("state",), "why": ("reason", "detail"), "in_sync": ("synced_at",), "found": ("created_at",),
    "changed": ("left__remote_updated_at", "right__remote_updated_at"), "since": ("state", "failing_since"),
    "left_name": ("left__label",), "right_name": ("right__label",), "left_changed": ("left__remote_updated_at",),
    "right_changed": ("right__remote_updated_at",), "assigned": (CARE,), "note": (CARE,), "snoozed": (CARE,),
    "sync": (SYNC,), "left_page": (SYNC,), "right_page": (SYNC,),
}


def _needed(column: columns.Column) -> tuple[str, ...]:
    """What is to be fetched for a column, beside what always is."""
    return (f"{column.side.value.lower()}__values",) if column.side is not None else _NEEDED.get(column.key, ())


def _related(pairs: Sequence[models.RecordPair], chosen: Sequence[columns.Column]) -> dict[tuple[int, str], object]:
    """The values that columns show of associated records, those of the primary one. Two queries at most."""
    kinds = {column.field.associated_kind for column in chosen if column.field is not None} - {""}
    if not kinds:
        return {}
    lefts = {(pair.left.connection_id, pair.left.kind, pair.left.external_id): pair.left.pk for pair in pairs if pair.left is not None}
    links = models.RecordLink.objects.filter(_named(lefts, "from_kind", "from_id"), to_kind__in=kinds)
    primary: dict[tuple[int, str], models.RecordLink] = {}
    for link in links.order_by("position", "pk"):
        owner = lefts.get((link.connection_id, link.from_kind, link.from_id))
        if owner is not None:
            primary.setdefault((owner, link.to_kind), link)
    wanted = {(link.connection_id, link.to_kind, link.to_id): None for link in primary.values()}
    others = {
        (one.connection_id, one.kind, one.external_id): one
        for one in (models.Record.objects.filter(_named(wanted, "kind", "external_id")) if wanted else ())
    }
    return {
        (owner, f"{kind}.{name}"): value
        for (owner, kind), link in primary.items()
        if (other := others.get((link.connection_id, link.to_kind, link.to_id))) is not None
        for name, value in other.values.items()
    }


def _named(keys: Mapping[tuple[int, str, str], object], kind: str, external_id: str) -> Q:
    """Records or links by account, kind and id, with one condition for each account and kind."""
    ids: dict[tuple[int, str], list[str]] = defaultdict(list)
    for connection_id, of_kind, one in keys:
        ids[connection_id, of_kind].append(one)
    wished = Q(pk__in=[])
    for (connection_id, of_kind), found in ids.items():
        wished |= Q(**{"connection": connection_id, kind: of_kind, f"{external_id}__in": found})
    return wished
