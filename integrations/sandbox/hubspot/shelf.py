"""The records of one object type in one account, and the indexes over them.

Owns rows and indexes. Applies no rule of HubSpot; every row that changes is put again with a new dictionary of values.
"""
from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from integrations.sandbox.hubspot import moments
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.search_index import SearchIndex
from integrations.sandbox.messages import Json
from integrations.sandbox.store import Store

Entry = list[str | int]


@dataclass(kw_only=True)
class Record:
    """One record. `history` holds, oldest first, only properties that changed after the record was made.

    `given` names the values of an invoice that were written and are therefore not computed.
    """

    id: int
    values: Mapping[str, str]
    origin: Entry
    at: int
    history: dict[str, list[Entry]] = field(default_factory=dict)
    archived: int | None = None
    given: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)

    def as_row(self) -> Json:
        """The record as the store keeps it."""
        return vars(self)


class Shelf:
    """The records of one type, live ones and archived ones."""

    def __init__(self, *, store: Store, portal_id: str, kind: Kind) -> None:
        self.kind = kind
        self._table = store.table("hubspot", portal_id, "objects", kind.name)
        self._merges = store.table("hubspot", portal_id, "merges", kind.name)
        self._records: dict[int, Record] = {}
        self._live: list[int] = []
        self._archived: list[int] = []
        self._unique: dict[str, dict[str, int]] = {}
        self.index = SearchIndex(modified=kind.modified)
        for row in self._table.values():
            record = Record(**row)
            self._records[record.id] = record
            insort(self._archived if record.archived is not None else self._live, record.id)
        for record in sorted(self._records.values(), key=lambda one: one.at):
            if record.archived is None:
                self.index.note(at=record.at, record_id=record.id, values=record.values)

    def __len__(self) -> int:
        return len(self._live)

    def find(self, record_id: int | None, *, archived: bool = False) -> Record | None:
        """The live (or the archived) record of that id; an id that was merged away finds nothing."""
        record = self._records.get(record_id) if record_id is not None else None
        return record if record is not None and (record.archived is not None) == archived else None

    def needed(self, record_id: int) -> Record:
        """The live record of an id that is known to be there."""
        return self._records[record_id]

    def survivor(self, record_id: int | None) -> int | None:
        """The id of the record into which that one was merged, or None."""
        row = self._merges.get(str(record_id))
        return int(row["into"]) if row is not None else None

    def live(self) -> Iterator[Record]:
        """The live records by id."""
        return (self._records[one] for one in self._live)

    def archived(self) -> Iterator[Record]:
        """The archived records by id."""
        return (self._records[one] for one in self._archived)

    def page(self, *, after: int, limit: int, archived: bool) -> tuple[list[Record], bool]:
        """Up to `limit` records with a higher id, and whether there are more."""
        ids = self._archived if archived else self._live
        start = bisect_right(ids, after)
        return [self._records[one] for one in ids[start : start + limit]], start + limit < len(ids)

    def put(self, record: Record, *, before: Mapping[str, str] | None) -> None:
        """Keep a new or changed live record. `before` are its former values, None for a new record."""
        if before is None:
            self._records[record.id] = record
            insort(self._live, record.id)
        self._table.put(record.key, record.as_row())
        for name, owners in self._unique.items():
            self._forget(name, owners, before, record.id)
            owners.update(dict.fromkeys(_keys(name, record.values), record.id))
        self.index.note(at=record.at, record_id=record.id, values=record.values)

    def archive(self, record: Record) -> None:
        """Move a record, whose `archived` is set, to the archived ones."""
        del self._live[bisect_left(self._live, record.id)]
        insort(self._archived, record.id)
        self._table.put(record.key, record.as_row())
        self._leave(record, at=record.at)

    def restore(self, record: Record) -> None:
        """Move a record, whose `archived` is no longer set, back to the live ones."""
        del self._archived[bisect_left(self._archived, record.id)]
        insort(self._live, record.id)
        self.put(record, before={})

    def remove(self, record: Record, *, at: int) -> None:
        """Forget a record altogether."""
        ids = self._live if record.archived is None else self._archived
        del ids[bisect_left(ids, record.id)]
        del self._records[record.id]
        self._table.drop(record.key)
        self._leave(record, at=at)

    def merged(self, old: int, *, into: int) -> None:
        """Remember which record stands for one that was merged away, and for those merged into it before."""
        for key, row in list(self._merges.items()):
            if row["into"] == old:
                self._merges.put(key, {"into": into})
        self._merges.put(str(old), {"into": into})

    def holder(self, name: str, value: str) -> int | None:
        """The id of the live record that has a value of a unique property (or, for contacts, an e-mail address)."""
        owners = self._unique.get(name)
        if owners is None:
            owners = self._unique[name] = {}
            for record in self.live():
                owners.update(dict.fromkeys(_keys(name, record.values), record.id))
        return owners.get(value.strip().lower() if name == "email" else value)

    def _leave(self, record: Record, *, at: int) -> None:
        for name, owners in self._unique.items():
            self._forget(name, owners, record.values, record.id)
        self.index.note(at=at, record_id=record.id, values=None)

    @staticmethod
    def _forget(name: str, owners: dict[str, int], values: Mapping[str, str] | None, record_id: int) -> None:
        for key in _keys(name, values or {}):
            if owners.get(key) == record_id:
                del owners[key]


def _keys(name: str, values: Mapping[str, str]) -> list[str]:
    if name == "email":
        return [one.lower() for one in (values.get("email", ""), *values.get("hs_additional_emails", "").split(";")) if one]
    value = values.get(name, "")
    return [value] if value else []


def entry(*, value: str, at: int, source: str, source_id: str, user_id: str) -> Entry:
    """One step of a property's history."""
    return [value, at, source, source_id, user_id]


def entry_json(one: Entry) -> Json:
    """A step of a property's history as the API shows it."""
    value, at, source, source_id, user_id = one
    body: Json = {"value": value, "timestamp": moments.text(int(at)), "sourceType": source, "sourceId": source_id}
    if user_id:
        body["updatedByUserId"] = int(user_id)
    return body
