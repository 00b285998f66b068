"""Which record is associated with which, in one account.

Owns associations, always both directions of one. Knows types by number only through LinkTypes; touches no record.
"""
from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from integrations.sandbox.hubspot.kinds import BY_NAME, Kind
from integrations.sandbox.hubspot.link_types import HUBSPOT_DEFINED, LinkType, LinkTypes
from integrations.sandbox.store import Store

Spot = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class End:
    """One end of an association."""

    kind: Kind
    id: int

    @property
    def spot(self) -> Spot:
        """The end as a key."""
        return self.kind.name, self.id


class Links:
    """The associations of one account."""

    def __init__(self, *, store: Store, portal_id: str, notes_on_invoices: Callable[[], bool]) -> None:
        self.types = LinkTypes(store=store, portal_id=portal_id, notes_on_invoices=notes_on_invoices)
        self._table = store.table("hubspot", portal_id, "links")
        self._out: dict[Spot, dict[str, dict[int, list[int]]]] = {}
        for row in self._table.values():
            self._place((row["start"], row["from"]), (row["end"], row["to"]), row["types"])

    def _place(self, start: Spot, end: Spot, numbers: list[int]) -> None:
        self._out.setdefault(start, {}).setdefault(end[0], {})[end[1]] = numbers

    def of(self, start: End, kind: Kind) -> Mapping[int, Collection[int]]:
        """The ids of that type with which a record is associated, in order, and the numbers of the types."""
        return self._out.get(start.spot, {}).get(kind.name, {})

    def all_of(self, start: End) -> list[tuple[End, list[LinkType]]]:
        """Everything with which a record is associated."""
        found = []
        for name, ends in self._out.get(start.spot, {}).items():
            for record_id, numbers in ends.items():
                end = End(kind=BY_NAME[name], id=record_id)
                found.append((end, [one for one in self.types.between(start.kind, end.kind) if one.number in numbers]))
        return found

    def primary_of(self, start: End, kind: Kind) -> int | None:
        """The id of the primary record of that type, or None."""
        primary = self.types.primary(start.kind, kind)
        if primary is None:
            return None
        return next((one for one, numbers in self.of(start, kind).items() if primary.number in numbers), None)

    def add(self, start: End, end: End, wanted: Iterable[LinkType]) -> None:
        """Associate two records by these types, beside the unlabeled one; labels given replace the labels there are.

        The first company of a contact or deal becomes its primary one; a new primary one demotes the old.
        """
        wanted = list(wanted)
        plain = self.types.plain(start.kind, end.kind)
        numbers = [one.number for one in wanted if one.primary]
        for owner, other in ((start, end), (end, start)):
            primary = self.types.primary(owner.kind, other.kind)
            if primary is None or owner.kind.name == "companies":
                continue
            number = primary.number if owner is start else primary.inverse
            if number in numbers or self.primary_of(owner, other.kind) is None:
                numbers.append(number)
                self._demote(owner, other, primary)
        held = self._with_category(start, end, HUBSPOT_DEFINED)
        given_custom = [one.number for one in wanted if one.category != HUBSPOT_DEFINED]
        custom = given_custom or [one for one in self.of(start, end.kind).get(end.id, ()) if one not in held]
        fixed = [one.number for one in wanted if one.category == HUBSPOT_DEFINED]
        self._set(start, end, [*numbers, *held, *([plain.number] if plain else []), *fixed, *custom])

    def _with_category(self, start: End, end: End, category: str) -> list[int]:
        there = self.of(start, end.kind).get(end.id, ())
        return [one.number for one in self.types.between(start.kind, end.kind) if one.number in there and one.category == category]

    def _demote(self, owner: End, to: End, primary: LinkType) -> None:
        held = self.primary_of(owner, to.kind)
        if held is not None and held != to.id:
            end = End(kind=to.kind, id=held)
            self._set(owner, end, [one for one in self.of(owner, to.kind)[held] if one != primary.number])

    def drop(self, start: End, end: End, numbers: Collection[int] | None = None) -> bool:
        """Take these types off an association; without numbers, or with the unlabeled one, all of it. False when there is none."""
        there = self.of(start, end.kind).get(end.id)
        if there is None:
            return False
        plain = self.types.plain(start.kind, end.kind)
        whole = numbers is None or (plain is not None and plain.number in numbers)
        self._set(start, end, [] if whole else [one for one in there if one not in (numbers or ())])
        return True

    def move(self, old: End, new: End) -> None:
        """Give a record's associations to the record into which it is merged."""
        for end, types in self.all_of(old):
            self.drop(old, end)
            if end.spot == new.spot:
                continue
            labels = [one for one in types if not one.primary or self.primary_of(new, end.kind) is None]
            self.add(new, end, labels)

    def forget(self, start: End) -> None:
        """Drop every association of a record."""
        for end, _ in self.all_of(start):
            self.drop(start, end)

    def _set(self, start: End, end: End, numbers: list[int]) -> None:
        order = {one.number: (place, one.inverse) for place, one in enumerate(self.types.between(start.kind, end.kind))}
        kept = sorted(set(numbers) & set(order), key=lambda number: order[number][0])
        self._write(start, end, kept)
        self._write(end, start, [order[number][1] for number in kept])

    def _write(self, start: End, end: End, numbers: list[int]) -> None:
        key = f"{start.kind.name}/{start.id}/{end.kind.name}/{end.id}"
        if numbers:
            self._place(start.spot, end.spot, numbers)
            row = {"start": start.kind.name, "from": start.id, "end": end.kind.name, "to": end.id, "types": numbers}
            self._table.put(key, row)
        else:
            self._table.drop(key)
            self._out.get(start.spot, {}).get(end.kind.name, {}).pop(end.id, None)
