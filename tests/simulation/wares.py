"""Scenarios about things that are sold: products and items, kept in step both ways.

Owns what the simulation's words mean where a scenario is about things, and who does what it says. The promises are those about
people, asked in these words; a thing is known by its number (SKU), as a person is by an address.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any
from unittest import mock

from syncapp import models
from syncapp.engine.vocabulary import Direction
from tests.simulation import people, play, promises, ware_ops
from tests.simulation.door import Call

FIELDS: Mapping[str, tuple[str, str]] = {
    "name": ("name", "Name"), "sku": ("hs_sku", "Sku"), "description": ("description", "Description"), "price": ("price", "UnitPrice"),
    "cost": ("hs_cost_of_goods_sold", "PurchaseCost"),
}
AMOUNTS = ("price", "cost")
_changed = people.changed
BOOKS = {"IncomeAccountRef": "Sales", "ExpenseAccountRef": "Cost of Goods Sold"}
MAPPED = {people.LEFT: frozenset(names[0] for names in FIELDS.values()), people.RIGHT: frozenset(names[1] for names in FIELDS.values())}
GIVEN = {people.LEFT: frozenset[str](), people.RIGHT: frozenset({"Type", *BOOKS})}
COMPUTED = {
    people.LEFT: re.compile(r"^(hs_(?!url)|syncapp_|lastmodifieddate$|createdate$|archived$)"),
    people.RIGHT: re.compile(
        r"^(Id|SyncToken|MetaData|domain|sparse|FullyQualifiedName|Taxable|Active|Level|SubItem|TrackQtyOnHand|SalesTaxIncluded|"
        r"PurchaseTaxIncluded)$"
    ),
}


def meaning(field: str, text: str) -> str:
    """The value as both vendors can hold it. Amounts are the same however many zeros they end with; QuickBooks holds 0 for none."""
    text = unicodedata.normalize("NFC", text).strip()
    if field in AMOUNTS and text:
        try:
            return f"{Decimal(text).normalize():f}" if Decimal(text) else ""
        except InvalidOperation:
            return text
    return text


def written(system: str, _: Mapping[str, Any], field: str, text: str) -> dict[str, Any]:
    """What a person's screen saves when a field of a thing is changed."""
    amount = system == people.RIGHT and field in AMOUNTS
    return {FIELDS[field][system == people.RIGHT]: (float(text) if text else None) if amount else text}


def changed(system: str, changes: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The words of what an entry of the ledger changes, without the amounts of 0 that QuickBooks fills in."""
    found = _changed(system, changes)
    return {word: both for word, both in found.items() if system == people.LEFT or not people.same(word, *both)}


@contextmanager
def spoken() -> Iterator[None]:
    """Within this the simulation speaks of things where it would speak of people."""
    with (
        mock.patch.multiple(
            people, KINDS={people.LEFT: "products", people.RIGHT: "Item"}, FIELDS=FIELDS, KEY="sku", NAME="Name", EMAILS=ware_ops.SKUS,
            UNMAPPED={people.LEFT: "hs_url", people.RIGHT: "PurchaseDesc"}, value=ware_ops.value, meaning=meaning, written=written,
            changed=changed,
        ),
        mock.patch.multiple(promises, MAPPED=MAPPED, GIVEN=GIVEN, COMPUTED=COMPUTED),
    ):
        yield


class Seller(play.Player):
    """Does what a scenario about things says."""

    spoken = staticmethod(spoken)

    def prepare(self) -> None:
        """Things go both ways, and the accounts that a new item needs are chosen."""
        self.books = {name: self.company.book(title) for name, title in BOOKS.items()}
        self.company.sell(direction=Direction.BOTH)
        self.company.config.filter_groups.all().delete()
        models.SyncConfig.objects.filter(pk=self.company.config.pk).update(**self.scenario["settings"])
        self.config = self.company.config
        super().prepare()

    def _whom(self, system: str, person: int) -> str | None:
        """The thing on a side: by number, else by name; the oldest of several."""
        live = self._live(system)
        numbered = [key for key, body in live.items() if people.read(system, body, "sku") == ware_ops.SKUS[person]]
        named = [key for key, body in live.items() if people.read(system, body, "name") == ware_ops.NAMES[person]]
        return min(numbered or named, key=int, default=None)

    def _do_create(self, system: str, person: int, values: dict[str, str], twin: bool = False) -> None:
        given = {"name": ware_ops.NAMES[person], "sku": ware_ops.SKUS[person], **values}
        body: dict[str, Any] = {}
        for name, text in given.items():
            if text:
                body |= people.written(system, body, name, text)
        if system == people.RIGHT:
            body |= {"Type": "Service", **{name: {"value": key} for name, key in self.books.items()}}
        elsewhere = {"portal_id": 990099} if system == people.LEFT else {"realm_id": "9130347990099"}
        wanted = {"type": people.KINDS[system], "create": body, **(elsewhere if twin else {})}
        self.company.accounts[system].control("edit", wanted)

    def _do_delete(self, system: str, person: int) -> None:
        key = self._whom(system, person)
        if key is None:
            return
        if system == people.LEFT:
            self.company.hubspot.delete("products", key)
        else:
            self.company.quickbooks.change("Item", key, Active=False)

    def _do_restore(self, system: str, person: int) -> None:  # type: ignore[override]
        for key, body in self._live(system, every=True).items():
            away = body.get("archived") or not body.get("Active", True)
            if away and people.read(system, body, "sku") == ware_ops.SKUS[person]:
                if system == people.LEFT:
                    self.company.hubspot.restore("products", key)
                else:
                    self.company.quickbooks.change("Item", key, Active=True)
                return

    def meddle(self, entry: dict[str, Any], call: Call) -> str:
        """A person does with a thing what the tape says of a person."""
        word = ware_ops.WORDS[2:][entry["number"] % 3]
        if entry["what"] == "delete":
            self._do_delete(entry["side"], entry["person"])
            return f"delete {entry['side']}"
        return super().meddle({**entry, "field": word}, call)
