"""A company that bills in HubSpot, with QuickBooks for its books: what tests of two-way invoices share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import Direction, PairState
from syncapp.selectors import reasons
from syncapp.services import configs, connections, drafts
from tests.runs.company import Company

SWITCHES: Mapping[str, object] = {
    "custom_txn_numbers": False, "automated_tax": False, "revenue_recognition": False, "books_closed": "", "books_closed_password": False,
    "requestid": True,
}


class Billing:
    """The two accounts with a customer, Ada, and two things that are sold: a review at 100 and travel at 45."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.clock, self.hubspot, self.quickbooks = company.clock, company.hubspot, company.quickbooks
        self.switch(**SWITCHES)
        self.people = company.config
        self.ada = company.contact(email="ada@example.com", firstname="Ada", lastname="Lee")
        self.customer = company.customer(DisplayName="Ada Lee", email="ada@example.com")
        self._known("contacts", self.ada, "customer", self.customer)
        company.sell(accounts=False)
        self.review, self.travel = company.service("Review", UnitPrice=100), company.service("Travel", UnitPrice=45)
        self.review_product, self.travel_product = company.product(name="Review", price="100"), company.product(name="Travel", price="45")
        self._known("products", self.review_product, "item", self.review)
        self._known("products", self.travel_product, "item", self.travel)

    def _known(self, left_kind: str, left: str, right_kind: str, right: str) -> None:
        """A pair of the sync that is looked at, as a run would have made it."""
        config = self.company.config
        ends = [
            models.Record.objects.create(
                connection=connection, kind=kind, external_id=external_id, label=external_id, observed_at=self.clock.now()
            )
            for connection, kind, external_id in ((config.left, left_kind, left), (config.right, right_kind, right))
        ]
        models.RecordPair.objects.create(config=config, left=ends[0], right=ends[1], state=PairState.LINKED)

    def both_ways(self, **settings: Any) -> None:
        """From here on invoices go both ways; the facts of the company are those of now."""
        connections.test(connection=self.company.config.right, now=self.clock.now())
        self.company.config.right.refresh_from_db()
        self.company.bill(direction=Direction.BOTH, **settings)

    def switch(self, **switches: object) -> None:
        self.quickbooks.control("switch", switches)

    def line(self, product: str = "", **more: object) -> str:
        given = {"hs_product_id": product or self.review_product, "name": "Review", "quantity": "2", "price": "100", **more}
        return self.hubspot.create("line_items", **given)

    def draft(self, *lines: str, contact: str | None = None, **properties: object) -> str:
        """An invoice that a person began in HubSpot; without lines, two reviews for Ada."""
        made = self.hubspot.create("invoices", **{"hs_currency": "USD", "hs_number": "INV-1001", **properties})
        if contact != "":
            self.hubspot.associate("invoices", made, "contacts", contact or self.ada)
        for line in lines or (self.line(),):
            self.hubspot.associate("invoices", made, "line_items", line)
        return made

    def finalized(self, *lines: str, contact: str | None = None, **properties: object) -> str:
        """An invoice that was finalized in HubSpot."""
        made = self.draft(*lines, contact=contact, **properties)
        self.hubspot.change("invoices", made, hs_invoice_status="open")
        return made

    def synced(self, *lines: str, **properties: object) -> str:
        """A finalized invoice that QuickBooks has too. Returns HubSpot's id."""
        made = self.finalized(*lines, **properties)
        self.company.run()
        return made

    def pair(self, external_id: str) -> models.RecordPair:
        return self.company.pair(left=external_id)

    def said(self, external_id: str) -> str:
        """Everything that the pair's page tells of why it is where it is."""
        found = reasons.explain(pair=self.pair(external_id))
        return " ".join((found.words, *found.lines, found.remedy))

    def partner(self, external_id: str) -> dict[str, Any]:
        """The invoice that QuickBooks has for one of HubSpot's."""
        right = self.pair(external_id).right
        assert right is not None
        return self.books()[right.external_id]

    def books(self) -> dict[str, dict[str, Any]]:
        """The invoices as QuickBooks has them, by id."""
        (company,) = self.quickbooks.control("dump", method="GET")["companies"]
        return {row["Id"]: row for row in company["Invoice"]}

    def in_quickbooks(self, external_id: str, **changes: object) -> None:
        """A person edits the QuickBooks invoice of one of HubSpot's."""
        self.quickbooks.change("Invoice", self.partner(external_id)["Id"], **changes)

    def paid(self, external_id: str, amount: object) -> str:
        """QuickBooks records a payment of an invoice. Returns its id."""
        laid = {"Amount": amount, "LinkedTxn": [{"TxnId": self.partner(external_id)["Id"], "TxnType": "Invoice"}]}
        return self.quickbooks.create("Payment", CustomerRef={"value": self.customer}, TotalAmt=amount, Line=[laid])

    def advice(self) -> str:
        return " ".join(one.words for one in configs.advice(draft=drafts.saved(config=self.company.config)))

    def problems(self) -> str:
        return " ".join(one.words for one in configs.problems(config=self.company.config))


def sold(item: str, quantity: object, price: object, **detail: object) -> dict[str, Any]:
    """A line as QuickBooks has it."""
    amount = float(str(quantity)) * float(str(price))
    body = {"ItemRef": {"value": item}, "Qty": quantity, "UnitPrice": price, **detail}
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": body}
