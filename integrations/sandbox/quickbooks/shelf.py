"""One kind of object of one company: the stored rows and the orders in which they can be asked for.

Owns the indexes, which live in memory only and are rebuilt from the table. A row is
`{"body": wire form, "made": epoch, "at": epoch of the last change, "name": …}`; whoever changes one puts it again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks.fields import PART_VALUE, Entity, number_of
from integrations.sandbox.store import Table

_EXACT = {
    "Customer": ("DisplayName", "FullyQualifiedName", "PrimaryEmailAddr", "ParentRef"),
    "Vendor": ("DisplayName",),
    "Employee": ("DisplayName",),
    "Item": ("Name", "FullyQualifiedName", "Sku", "ParentRef"),
    "Account": ("Name", "FullyQualifiedName", "ParentRef"),
    "Term": ("Name",),
    "Class": ("Name", "FullyQualifiedName", "ParentRef"),
    "PaymentMethod": ("Name",),
    "TaxCode": ("Name",),
    "Invoice": ("CustomerRef", "DocNumber"),
    "CreditMemo": ("CustomerRef", "DocNumber"),
    "RefundReceipt": ("CustomerRef", "DocNumber"),
    "Payment": ("CustomerRef",),
}


def folded(text: object) -> str:
    """How QuickBooks compares text: without case."""
    return str(text).casefold()


def plain_value(entity: Entity, body: Json, name: str) -> Any:
    """What a filter sees in a field: the id of a reference, the address of an e-mail, otherwise the value itself."""
    value = body.get(name)
    if isinstance(value, dict):
        return value.get(PART_VALUE[entity.fields[name].kind])
    return value


class Shelf:
    """Rows with their indexes."""

    def __init__(self, *, entity: Entity, table: Table) -> None:
        self.entity = entity
        self._table = table
        self._exact: dict[str, dict[str, dict[int, None]]] = {name: {} for name in _EXACT.get(entity.name, ())}
        self._keys: dict[int, tuple[str, int, dict[str, str]]] = {}
        self._rows: dict[int, Json] = {}
        self.active: set[int] = set()
        self.ids: list[int] = []
        self.by_time: list[tuple[int, int]] = []
        self.by_name: list[tuple[str, int]] = []
        for key, row in table.items():
            self._note(int(key), row)
        self.ids = sorted(self._keys)
        self.by_time = sorted((keys[1], number) for number, keys in self._keys.items())
        self.by_name = sorted((keys[0], number) for number, keys in self._keys.items())

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, number: int) -> bool:
        return number in self._rows

    def get(self, number: str | int) -> Json | None:
        """The row with that id, or None; also for what is no id at all."""
        found = number_of(number)
        return None if found is None else self._table.get(str(found))

    @property
    def row(self) -> Callable[[int], Json]:
        """The row of an id that is known to be there."""
        return self._rows.__getitem__

    def rows(self) -> Iterator[Json]:
        """Every row in order of creation."""
        return self._table.values()

    def put(self, number: str | int, row: Json) -> None:
        """Keep a new or changed row."""
        number = int(number)
        old = self._keys.get(number)
        if old is None:
            insort(self.ids, number)
        name, at, _ = self._note(number, row)
        if old is None or old[1] != at:
            self._move(self.by_time, None if old is None else (old[1], number), (at, number))
        if old is None or old[0] != name:
            self._move(self.by_name, None if old is None else (old[0], number), (name, number))
        self._table.put(str(number), row)

    def drop(self, number: str | int) -> None:
        """Forget a row."""
        number = int(number)
        name, at, exact = self._keys.pop(number)
        for field, value in exact.items():
            self._exact[field][value].pop(number, None)
        del self.ids[bisect_left(self.ids, number)]
        del self._rows[number]
        self.active.discard(number)
        self._move(self.by_time, (at, number), None)
        self._move(self.by_name, (name, number), None)
        self._table.drop(str(number))

    def indexed(self, field: str) -> bool:
        """Whether `matching` can answer for a field."""
        return field in self._exact

    def matching(self, field: str, values: Iterable[object]) -> list[int]:
        """The ids whose field equals one of the values, without case, ascending."""
        found: dict[int, None] = {}
        for value in values:
            found.update(self._exact[field].get(folded(value), {}))
        return sorted(found)

    def changed_between(self, low: int | None, high: int | None) -> list[int]:
        """The ids whose last change lies in the closed range, oldest first."""
        first = 0 if low is None else bisect_left(self.by_time, (low, 0))
        last = len(self.by_time) if high is None else bisect_left(self.by_time, (high + 1, 0))
        return [number for _, number in self.by_time[first:last]]

    def ids_between(self, low: int | None, high: int | None) -> list[int]:
        """The ids in the closed range, ascending."""
        first = 0 if low is None else bisect_left(self.ids, low)
        last = len(self.ids) if high is None else bisect_right(self.ids, high)
        return self.ids[first:last]

    def _note(self, number: int, row: Json) -> tuple[str, int, dict[str, str]]:
        body = row["body"]
        title = body.get("FullyQualifiedName") or body.get(self.entity.title) or ""
        exact: dict[str, str] = {}
        for field in self._exact:
            value = plain_value(self.entity, body, field)
            if value is not None:
                exact[field] = folded(value)
        old = self._keys.get(number)
        if old is None or old[2] != exact:
            for field, value in (old[2] if old else {}).items():
                self._exact[field][value].pop(number, None)
            for field, value in exact.items():
                self._exact[field].setdefault(value, {})[number] = None
        self._rows[number] = row
        if body.get("Active", True):
            self.active.add(number)
        else:
            self.active.discard(number)
        keys = (folded(title), int(row["at"]), exact)
        self._keys[number] = keys
        return keys

    @staticmethod
    def _move(ordered: list[Any], old: Any, new: Any) -> None:
        if old is not None:
            del ordered[bisect_left(ordered, old)]
        if new is not None:
            if not ordered or new > ordered[-1]:
                ordered.append(new)
            else:
                insort(ordered, new)
