"""A company's books as the sandbox holds them: shelves of objects, names in use, counters, preferences.

Owns what belongs to one realm, and the list of realms. Checks nothing: the rules of a write stand elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import preferences, webhooks
from integrations.sandbox.quickbooks.fields import ENTITIES, NAME_LISTS
from integrations.sandbox.quickbooks.shelf import Shelf
from integrations.sandbox.store import Table
from integrations.sandbox.world import SwitchValue, World

PREFIX = "quickbooks"
FIRST_DOC_NUMBER = 1001


def key_of(name: str) -> str:
    """What two names must not share: case and blanks around do not matter."""
    return name.strip().casefold()


class Company:
    """One realm. `pools` says for each group of names who uses which: `key -> (entity, id)`."""

    def __init__(self, *, world: World, head: Json) -> None:
        self.world = world
        self.head = head
        self.realm = str(head["realm_id"])
        self.shelves = {name: Shelf(entity=entity, table=self.table(name)) for name, entity in ENTITIES.items()}
        self.pools: dict[str, dict[str, tuple[str, int]]] = {ENTITIES[name].pool: {} for name in NAME_LISTS}
        for name in NAME_LISTS:
            entity = ENTITIES[name]
            for row in self.shelves[name].rows():
                body = row["body"]
                full = body.get("FullyQualifiedName") or body[entity.title]
                self.pools[entity.pool][key_of(full)] = (name, int(body["Id"]))

    @property
    def name(self) -> str:
        """The company's name."""
        row = self.shelves["CompanyInfo"].get("1")
        return str(row["body"]["CompanyName"] if row else self.head["name"])

    @property
    def home_currency(self) -> str:
        """The currency of the books."""
        return str(self.head["home_currency"])

    def table(self, name: str) -> Table:
        """A table of this realm."""
        return self.world.store.table(PREFIX, self.realm, name)

    def switch(self, name: str) -> SwitchValue:
        """The value of one of this face's switches."""
        return self.world.switch(f"{PREFIX}.{name}")

    def now(self) -> datetime:
        """The sandbox's present."""
        return self.world.clock.now()

    def epoch(self) -> int:
        """The present in whole seconds."""
        return int(self.now().timestamp())

    def take(self, counter: str) -> str:
        """The next number of a counter (`names`, `transactions`, `address` …)."""
        following = self.head["next"].get(counter, FIRST_DOC_NUMBER if counter == "doc" else 1)
        self.head["next"][counter] = following + 1
        self.world.store.table(PREFIX, "companies").put(self.realm, self.head)
        return str(following)

    def reach(self, counter: str, number: int) -> None:
        """Make a counter go on after a number that somebody chose by hand."""
        if number >= self.head["next"].get(counter, 1):
            self.head["next"][counter] = number + 1
            self.world.store.table(PREFIX, "companies").put(self.realm, self.head)

    def preferences(self, group: str) -> Json:
        """One group of the company's preferences."""
        row = self.shelves["Preferences"].get("1")
        found = row["body"].get(group) if row else None
        stored = found if isinstance(found, dict) else {}
        return preferences.in_force(group, stored, switch=self.switch, country=self.country)

    @property
    def country(self) -> str:
        """Where the company pays its taxes: two letters."""
        return str(self.head.get("country", preferences.USA))

    @property
    def american(self) -> bool:
        """Whether the rules of sales tax are those of the United States."""
        return self.country == preferences.USA

    @property
    def automated_tax(self) -> bool:
        """Whether QuickBooks computes the sales tax itself."""
        tax = self.preferences("TaxPrefs")
        return self.american and bool(tax.get("UsingSalesTax") and tax.get("PartnerTaxEnabled"))

    @property
    def multicurrency(self) -> bool:
        """Whether the company may use other currencies than its own."""
        return bool(self.preferences("CurrencyPrefs").get("MultiCurrencyEnabled"))

    @property
    def books_closed_on(self) -> str:
        """The last closed day as ISO text, or nothing."""
        return str(self.preferences("AccountingInfoPrefs").get("BookCloseDate") or "")

    def happened(self, verb: str, kind: str, number: str, *, lost: str = "") -> None:
        """Tell those who subscribed to webhooks."""
        if not self.world.heard(PREFIX):
            return
        event = webhooks.event(verb, kind=kind, number=number, realm=self.realm, at=self.now(), lost=lost)
        if event is not None:
            self.world.happened(PREFIX, event)

    def remember_gone(self, kind: str, number: str, *, at: int) -> None:
        """Keep a stub of a deleted or merged object for change data capture."""
        self.table("gone").put(f"{kind}/{number}", {"type": kind, "id": number, "at": at})


class Companies:
    """Every realm that there is."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._table = world.store.table(PREFIX, "companies")
        self._found = {realm: Company(world=world, head=head) for realm, head in self._table.items()}

    def __iter__(self) -> Iterator[Company]:
        return iter(self._found.values())

    def get(self, realm: str) -> Company | None:
        """The company with that realm id."""
        return self._found.get(realm)

    def first(self) -> Company | None:
        """The oldest company."""
        return next(iter(self._found.values()), None)

    def free_realm(self) -> str:
        """A realm id that nobody has."""
        return str(max((int(realm) for realm in self._found), default=9_341_452_600_000) + 1)

    def add(self, *, realm: str, name: str, home_currency: str, country: str, at: int) -> Company:
        """A realm with empty shelves."""
        head: Json = {"realm_id": realm, "name": name, "home_currency": home_currency, "country": country, "made": at}
        head["next"] = {"address": 2}
        self._table.put(realm, head)
        company = Company(world=self._world, head=head)
        self._found[realm] = company
        return company

    def forget_all(self) -> None:
        """Drop every realm with everything in it; clients and connections stay."""
        for realm in self._found:
            for name in self._world.store.names(f"{PREFIX}/{realm}/"):
                self._world.store.table(name).clear()
        self._table.clear()
        self._found.clear()
