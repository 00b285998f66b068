"""Which types of association there are between two object types.

Owns the numbers that HubSpot fixed, and the labels that an account made. Holds no association.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from integrations.sandbox.hubspot.kinds import BY_NAME, Kind
from integrations.sandbox.messages import Json
from integrations.sandbox.store import Store

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
USER_DEFINED = "USER_DEFINED"
FIRST_CUSTOM_ID = 100


@dataclass(frozen=True, kw_only=True)
class LinkType:
    """One direction of an association type. `inverse` is the number of the other direction."""

    start: str
    end: str
    number: int
    inverse: int
    label: str | None = None
    primary: bool = False
    name: str = ""
    category: str = HUBSPOT_DEFINED

    @property
    def plain(self) -> bool:
        """Whether this is the unlabeled type that every association has."""
        return self.category == HUBSPOT_DEFINED and self.label is None

    @property
    def inline_name(self) -> str:
        """The name under which a read with `associations=` shows it."""
        base = f"{BY_NAME[self.start].singular}_to_{BY_NAME[self.end].singular}"
        if self.primary:
            return base
        if self.label is not None:
            return self.name or self.label.lower().replace(" ", "_")
        return f"{base}_unlabeled" if (self.start, self.end) in _WITH_PRIMARY else base

    def as_json(self) -> Json:
        """The type as a labels call shows it."""
        return {"category": self.category, "typeId": self.number, "label": self.label}

    def as_row(self) -> Json:
        """The type as the store keeps it."""
        return {name: getattr(self, name) for name in ("start", "end", "number", "inverse", "label", "name", "category")}


def _both(start: str, end: str, number: int, inverse: int, *, label: str | None = None, primary: bool = False) -> Iterable[LinkType]:
    yield LinkType(start=start, end=end, number=number, inverse=inverse, label=label, primary=primary)
    yield LinkType(start=end, end=start, number=inverse, inverse=number, label=label, primary=primary)


_WITH_PRIMARY = frozenset({("contacts", "companies"), ("companies", "contacts"), ("deals", "companies"), ("companies", "deals")})
_FIXED: tuple[LinkType, ...] = (
    *_both("contacts", "companies", 1, 2, label="Primary", primary=True),
    *_both("contacts", "companies", 279, 280),
    *_both("contacts", "companies", 931, 930, label="Billing contact"),
    *_both("deals", "companies", 5, 6, label="Primary", primary=True),
    *_both("deals", "companies", 341, 342),
    *_both("deals", "contacts", 3, 4),
    *_both("deals", "line_items", 19, 20),
    *_both("invoices", "contacts", 177, 178),
    *_both("invoices", "companies", 179, 180),
    *_both("invoices", "deals", 175, 176),
    *_both("invoices", "line_items", 409, 410),
    *_both("invoices", "commerce_payments", 541, 542),
    *_both("invoices", "discounts", 411, 412),
    *_both("invoices", "fees", 413, 414),
    *_both("invoices", "taxes", 415, 416),
    *_both("invoices", "quotes", 407, 408),
    *_both("invoices", "subscriptions", 622, 623),
    *_both("invoices", "orders", 517, 518),
    *_both("commerce_payments", "contacts", 387, 388),
    *_both("commerce_payments", "companies", 389, 390),
    *_both("commerce_payments", "deals", 391, 392),
    *_both("commerce_payments", "line_items", 395, 396),
    *_both("notes", "contacts", 202, 201),
    *_both("notes", "companies", 190, 189),
    *_both("notes", "deals", 214, 213),
    *_both("notes", "tickets", 228, 227),
)
_NOTE_TO_INVOICE: tuple[LinkType, ...] = tuple(_both("notes", "invoices", 9214, 9213))
_EVERY_FIXED = (*_FIXED, *_NOTE_TO_INVOICE)


class LinkTypes:
    """The association types of one account."""

    def __init__(self, *, store: Store, portal_id: str, notes_on_invoices: Callable[[], bool]) -> None:
        self._custom = store.table("hubspot", portal_id, "labels")
        self._notes_on_invoices = notes_on_invoices

    def between(self, start: Kind, end: Kind) -> list[LinkType]:
        """Every type from one object type to another, the primary one first; none when they cannot be associated."""
        known = _EVERY_FIXED if self._notes_on_invoices() else _FIXED
        fixed = [one for one in known if (one.start, one.end) == (start.name, end.name)]
        custom = [LinkType(**row) for row in self._custom.values() if (row["start"], row["end"]) == (start.name, end.name)]
        return [*fixed, *custom]

    def plain(self, start: Kind, end: Kind) -> LinkType | None:
        """The unlabeled type, or None when the two cannot be associated."""
        return next((one for one in self.between(start, end) if one.plain), None)

    def primary(self, start: Kind, end: Kind) -> LinkType | None:
        """The primary type, where there is one."""
        return next((one for one in self.between(start, end) if one.primary), None)

    def find(self, start: Kind, end: Kind, number: int) -> LinkType | None:
        """The type of that number from one object type to another."""
        return next((one for one in self.between(start, end) if one.number == number), None)

    def define(self, start: Kind, end: Kind, *, label: str, inverse_label: str | None, name: str) -> list[LinkType]:
        """Make a label, both directions of it."""
        first = FIRST_CUSTOM_ID + len(self._custom) + 1
        taken = {int(row["number"]) for row in self._custom.values()} | {one.number for one in _EVERY_FIXED}
        numbers = [number for number in range(first, first + 1_000) if number not in taken][:2]
        pair = [
            LinkType(
                start=one.name, end=other.name, number=number, inverse=inverse, label=text, name=name, category=USER_DEFINED
            )
            for one, other, number, inverse, text in (
                (start, end, numbers[0], numbers[1], label),
                (end, start, numbers[1], numbers[0], inverse_label or label),
            )
        ]
        for made in pair:
            self._custom.put(str(made.number), made.as_row())
        return pair

    def relabel(self, number: int, label: str) -> None:
        """Change the text of a label that this account made."""
        row = self._custom.get(str(number))
        if row is not None:
            self._custom.put(str(number), {**row, "label": label})

    def drop(self, link_type: LinkType) -> None:
        """Forget a label, both directions of it."""
        self._custom.drop(str(link_type.number))
        self._custom.drop(str(link_type.inverse))
