"""A company that bills: people and products in step, a sync of invoices, and what a person does with invoices at either vendor."""

from __future__ import annotations

from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair
from tests.runs.company import Company


class Desk:
    """Ann, her contact at Acme, two services that are products too, and the sync of invoices."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.people = company.config
        self.ann = company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
        self.acme = company.hubspot.create("companies", name="Acme")
        self.contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        self.relate("contacts", self.contact, associate={"companies": [self.acme]})
        company.run()
        company.sell(accounts=False)
        self.products = company.config
        self.audit = company.service("Audit", Sku="A-1", UnitPrice=100)
        self.travel = company.service("Travel", UnitPrice=45.5)
        company.run()

    def open(self, *, frozen: bool = False, prepared: bool = True) -> None:
        """Set the sync of invoices up; only `frozen` with the recommended filter, only `prepared` with our properties in HubSpot."""
        self.company.bill(frozen=frozen, prepared=prepared)
        self.invoices = self.company.config

    def run(self, *syncs: models.SyncConfig) -> models.SyncRun:
        """One whole run of each sync, of that of invoices if none is named. The last one is told."""
        for sync in syncs or (self.invoices,):
            sync.refresh_from_db()
            self.company.config = sync
            done = self.company.run()
        self.company.config = self.invoices
        return done

    def run_first(self, sync: models.SyncConfig) -> None:
        """One whole run of another sync before that of invoices is set up."""
        sync.refresh_from_db()
        self.company.config = sync
        self.company.run()

    def run_with(self, *invoices: str) -> models.SyncRun:
        """One whole run of the sync of invoices, once these are there."""
        assert all(invoices)
        return self.run()

    def bill(self, *lines: dict[str, Any], customer: str = "", **body: Any) -> str:
        """An invoice in QuickBooks; without lines of one audit at 100."""
        return self.company.invoice(customer or self.ann, *(lines or (sold("Audit", 1, 100),)), **body)

    def change(self, invoice: str, **body: object) -> None:
        """What a person changes in QuickBooks."""
        self.company.quickbooks.change("Invoice", invoice, **body)

    def void(self, invoice: str) -> None:
        self.company.quickbooks.control("edit", {"type": "Invoice", "id": invoice, "void": True})

    def pay(self, invoice: str, amount: float, customer: str = "") -> str:
        """Money of the customer, laid on an invoice."""
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        return self.company.quickbooks.create("Payment", CustomerRef={"value": customer or self.ann}, TotalAmt=amount, Line=[line])

    def relate(self, kind: str, external_id: str, **how: object) -> None:
        """What a person associates in HubSpot, or takes apart."""
        self.company.hubspot.control("edit", {"type": kind, "id": external_id, **how})

    def pair(self, invoice: str) -> models.RecordPair:
        """The pair of a QuickBooks invoice."""
        return models.RecordPair.objects.select_related("left", "right", "config").get(
            config__object_pair=ObjectPair.INVOICE, right__external_id=invoice
        )

    def shown(self, invoice: str) -> dict[str, Any]:
        """A QuickBooks invoice as HubSpot shows it."""
        left = self.pair(invoice).left
        assert left is not None, f"{self.pair(invoice)}: {self.pair(invoice).detail}"
        return self.company.invoices()[left.external_id]

    def linked(self, invoice: str, kind: str) -> list[str]:
        """The ids of the live records of a kind that an invoice is associated with in HubSpot."""
        left = self.pair(invoice).left
        assert left is not None
        return self._linked(left.external_id, kind)

    def _linked(self, invoice_id: str, kind: str) -> list[str]:
        (portal,) = self.company.hubspot.control("dump", method="GET")["portals"]
        row = next(row for row in portal["objects"]["invoices"] if row["id"] == invoice_id)
        live = {one["id"] for one in portal["objects"][kind] if not one["archived"]}
        return sorted(live & set(row["associations"].get(kind, {})))

    def lines(self, invoice: str, kind: str = "line_items") -> list[dict[str, Any]]:
        """The lines of an invoice in HubSpot, in their order."""
        held, order = self.company.held(kind), "hs_position_on_quote" if kind == "line_items" else "hs_sort_order"
        found = [held[one] | {"id": one} for one in self.linked(invoice, kind)]
        return sorted(found, key=lambda one: float(one.get(order) or "inf"))

    def product(self, item: str) -> str:
        """The id of the HubSpot product that an item is paired with."""
        pair = models.RecordPair.objects.select_related("left").get(config=self.products, right__external_id=item)
        assert pair.left is not None
        return pair.left.external_id


def sold(name: str, quantity: float, price: float, **more: object) -> dict[str, Any]:
    """A line that sells something."""
    amount = round(quantity * price + 1e-9, 2)
    return {"ItemName": name, "Amount": amount, "SalesItemLineDetail": {"Qty": quantity, "UnitPrice": price}, **more}


def percent(number: float) -> dict[str, Any]:
    """A line that takes a share off."""
    return {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": number}}


def fixed(amount: float) -> dict[str, Any]:
    """A line that takes an amount off."""
    return {"DetailType": "DiscountLineDetail", "Amount": amount, "DiscountLineDetail": {"PercentBased": False}}
