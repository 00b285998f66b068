"""One HubSpot account: its facts, owners, definitions, records and associations.

Owns the parts of an account and its counter of ids. Applies no rule; the records module does.
"""
from __future__ import annotations

from collections.abc import Iterator

from integrations.sandbox.hubspot import moments
from integrations.sandbox.hubspot.account_definitions import Account
from integrations.sandbox.hubspot.kinds import INVOICES, KINDS, Kind
from integrations.sandbox.hubspot.links import End, Links
from integrations.sandbox.hubspot.registry import Registry
from integrations.sandbox.hubspot.shelf import Record, Shelf
from integrations.sandbox.messages import Json
from integrations.sandbox.world import World

FIRST_ID = 20_000_000_000
IDS_PER_PORTAL = 1_000_000_000
DEFAULT_PORTAL_ID = "48210077"
FIRST_INVOICE = 1001
INVOICE_PREFIX = "INV-"


class Portal:
    """One account. Records are reached through its shelves."""

    def __init__(self, *, world: World, portal_id: str) -> None:
        self.id = portal_id
        self._world = world
        self._rows = world.store.table("hubspot", "portals")
        self.registry = Registry(store=world.store, portal_id=portal_id, account=self._account)
        self.links = Links(
            store=world.store, portal_id=portal_id, notes_on_invoices=lambda: bool(self.switch("note_to_invoice"))
        )
        self.settled_on = ""
        self._seen: tuple[tuple[str, ...], str, str] | None = None
        self._known = Account(currencies=())
        self._owners = world.store.table("hubspot", portal_id, "owners")
        self._shelves = {kind.name: Shelf(store=world.store, portal_id=portal_id, kind=kind) for kind in KINDS}

    @property
    def facts(self) -> Json:
        """Name, time zone, currency and when the account was made."""
        row = self._rows.get(self.id)
        assert row is not None  # noqa: S101 - a portal is made from its row
        return row

    def shelf(self, kind: Kind) -> Shelf:
        """The records of one type."""
        return self._shelves[kind.name]

    def next_id(self) -> int:
        """A fresh id; one counter for all types."""
        row = dict(self.facts)
        row["next_id"] = int(row["next_id"]) + 1
        self._rows.put(self.id, row)
        return int(row["next_id"]) - 1

    def now(self) -> int:
        """The present in milliseconds."""
        return moments.to_ms(self._world.clock.now())

    @property
    def heard(self) -> bool:
        """Whether anybody subscribed to webhooks."""
        return self._world.heard("hubspot")

    def happened(self, event: Json) -> None:
        """Tell those who subscribed to webhooks."""
        self._world.happened("hubspot", event)

    def switch(self, name: str) -> bool | int | float | str:
        """The value of one of HubSpot's switches."""
        return self._world.switch(f"hubspot.{name}")

    @property
    def strict(self) -> bool:
        """Whether what nobody knows is decided the hard way."""
        return bool(self.switch("strict_unknown"))

    def _account(self) -> Account:
        facts = (self.currencies(), str(self.switch("read_only_properties")), str(self.switch("writable_properties")))
        if facts != self._seen:
            currencies, read_only, writable = facts
            self._known = Account(
                currencies=currencies, read_only=frozenset(_listed(read_only)), writable=frozenset(_listed(writable))
            )
            self._seen = facts
        return self._known

    def next_invoice_number(self) -> str:
        """The number of the next invoice that HubSpot numbers itself; one that is taken is left out."""
        row, shelf = dict(self.facts), self.shelf(INVOICES)
        number = int(row.get("next_invoice", FIRST_INVOICE))
        while shelf.holder("hs_number", f"{INVOICE_PREFIX}{number}") is not None:
            number += 1
        row["next_invoice"] = number + 1
        self._rows.put(self.id, row)
        return f"{INVOICE_PREFIX}{number}"

    def currency(self) -> str:
        """The currency of the account."""
        return str(self.switch("portal_currency") or self.facts["currency"])

    def currencies(self) -> tuple[str, ...]:
        """The currencies that are enabled, the account's own first."""
        own = (self.currency(), *self.facts.get("currencies", ()))
        return tuple(dict.fromkeys([*own, *_listed(self.switch("additional_currencies"))]))

    def owner_ids(self) -> set[str]:
        """The ids of the owners that are not archived."""
        return {row["id"] for row in self._owners.values() if not row["archived"]}

    def owners(self) -> Iterator[Json]:
        """The owners as the API shows them."""
        return self._owners.values()

    def keep_owner(self, owner: Json) -> None:
        """Keep an owner."""
        self._owners.put(str(owner["id"]), owner)

    def person(self) -> str:
        """The id of the user who works in the account's own screens."""
        return str(next((row["userId"] for row in self._owners.values() if row["userId"]), self.facts["user_id"]))

    def live(self, end: End) -> Record | None:
        """The live record at the end of an association."""
        return self.shelf(end.kind).find(end.id)

    def linked(self, start: End, kind: Kind) -> list[tuple[int, list[int]]]:
        """The live records of that type with which a record is associated, and the numbers of the types."""
        shelf = self.shelf(kind)
        return [(one, list(numbers)) for one, numbers in self.links.of(start, kind).items() if shelf.find(one) is not None]


class Portals:
    """Every account of this sandbox."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._rows = world.store.table("hubspot", "portals")
        self._open: dict[str, Portal] = {}

    def every(self) -> list[Portal]:
        """All accounts, in the order they were made."""
        return [self._opened(portal_id) for portal_id, _ in self._rows.items()]

    def find(self, portal_id: str) -> Portal | None:
        """The account of that id."""
        return self._opened(portal_id) if portal_id in self._rows else None

    def first(self) -> Portal:
        """The first account; made when there is none."""
        return next(iter(self.every()), None) or self.make({"portal_id": DEFAULT_PORTAL_ID})

    def _opened(self, portal_id: str) -> Portal:
        found = self._open.get(portal_id)
        if found is None:
            found = self._open[portal_id] = Portal(world=self._world, portal_id=portal_id)
        return found

    def make(self, wanted: Json) -> Portal:
        """Make an empty account from the facts of a seed; `portal_id` is needed."""
        portal_id = str(wanted["portal_id"])
        self._rows.put(
            portal_id,
            {
                "portal_id": portal_id,
                "name": str(wanted.get("name") or f"Portal {portal_id}"),
                "time_zone": str(wanted.get("time_zone") or "US/Eastern"),
                "currency": str(wanted.get("currency") or "USD"),
                "currencies": [str(one) for one in wanted.get("currencies", ())],
                "created_at": moments.text(moments.to_ms(self._world.clock.now())),
                "user_id": 1_000_000 + len(self._rows),
                "next_id": FIRST_ID + len(self._rows) * IDS_PER_PORTAL + 1,
            },
        )
        return self._opened(portal_id)

    def clear(self) -> None:
        """Forget every account and all that belongs to it; apps and tokens stay."""
        for portal_id, _ in list(self._rows.items()):
            for name in self._world.store.names(f"hubspot/{portal_id}/"):
                self._world.store.table(name).clear()
        self._rows.clear()
        self._open.clear()


def _listed(text: object) -> list[str]:
    """The parts of a switch that holds several, joined by commas."""
    return [one for one in str(text).replace(" ", "").split(",") if one]
