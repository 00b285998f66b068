"""A customer with invoices in HubSpot, the deals they are on, and what is paid of them in QuickBooks."""

from __future__ import annotations

import re
from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, RunState
from syncapp.services import configs, own
from tests.runs.company import Company

TAGS = re.compile(r"<[^>]+>")


class Till:
    """Ann pays her invoices. The syncs of people, invoices and payments keep both accounts in step."""

    def __init__(self, company: Company) -> None:
        self.company = company
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        self.ann = company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
        company.run()
        company.service("Audit")
        for connection in (company.config.left, company.config.right):
            connection.refresh_from_db()  # its fields have been read, and are not read again for each sync
        own.install(connection=company.config.left, actor=company.alice, now=company.clock.now())
        self.invoices = self._sync("Invoices", ObjectPair.INVOICE)
        self.invoices.filter_groups.all().delete()
        self.set_up()

    def set_up(self) -> None:
        """Set up the sync of payments, perhaps once more."""
        self.company.config = self.payments = self._sync("Payments", ObjectPair.PAYMENT)

    def _sync(self, name: str, pair: ObjectPair) -> models.SyncConfig:
        ends, now = self.company.config, self.company.clock.now()
        return configs.create(name=name, left=ends.left, right=ends.right, object_pair=pair, actor=self.company.alice, now=now)

    def bill(self, total: float, *deals: str, **body: Any) -> str:
        """An invoice that is in HubSpot already, on these deals."""
        line = {"ItemName": "Audit", "Amount": total, "SalesItemLineDetail": {"Qty": 1, "UnitPrice": total}}
        invoice = self.company.invoice(self.ann, line, **body)
        self.sync_invoices()
        if deals:
            self.put(invoice, *deals)
        return invoice

    def sync_invoices(self) -> None:
        self.company.config = self.invoices
        assert self.company.run().state == RunState.SUCCEEDED
        self.company.config = self.payments

    def shown(self, invoice: str) -> str:
        """The id of an invoice in HubSpot."""
        pair = models.RecordPair.objects.select_related("left").get(config=self.invoices, right__external_id=invoice)
        assert pair.left is not None
        return pair.left.external_id

    def deal(self, name: str) -> str:
        return self.company.hubspot.create("deals", dealname=name)

    def put(self, invoice: str, *deals: str) -> None:
        """What a person does in HubSpot: the invoice belongs to these deals."""
        self.relate(invoice, associate={"deals": list(deals)})

    def take(self, invoice: str, *deals: str) -> None:
        self.relate(invoice, dissociate={"deals": list(deals)})

    def relate(self, invoice: str, **how: object) -> None:
        self.company.hubspot.control("edit", {"type": "invoices", "id": self.shown(invoice), **how})

    def pay(self, amount: float, *shares: tuple[str, float], credits: tuple[tuple[str, float], ...] = (), **body: Any) -> str:
        """A payment as a person enters it in QuickBooks, laid on invoices, with what is taken from credit memos."""
        lines = [_line("Invoice", *share) for share in shares] + [_line("CreditMemo", *credit) for credit in credits]
        given = {"TxnDate": "2026-11-20", **body}
        return self.company.quickbooks.create("Payment", CustomerRef={"value": self.ann}, TotalAmt=amount, Line=lines, **given)

    def credit(self, amount: float, **body: Any) -> str:
        line = {"ItemName": "Audit", "Amount": amount, "SalesItemLineDetail": {"Qty": 1, "UnitPrice": amount}}
        return self.company.quickbooks.create("CreditMemo", CustomerRef={"value": self.ann}, Line=[line], **body)

    def change(self, payment: str, amount: float, *shares: tuple[str, float], **body: Any) -> None:
        lines = [_line("Invoice", *share) for share in shares]
        self.company.quickbooks.change("Payment", payment, TotalAmt=amount, Line=lines, **body)

    def void(self, payment: str) -> None:
        self.company.quickbooks.control("edit", {"type": "Payment", "id": payment, "void": True})

    def run(self) -> models.SyncRun:
        """One whole run of the sync of payments."""
        self.company.config = self.payments
        return self.company.run()

    def pair(self, payment: str, kind: str = "payment") -> models.RecordPair:
        self.company.config = self.payments
        return self.company.pair(right=f"{kind}:{payment}")

    def notes(self) -> list[tuple[str, list[str]]]:
        """The live notes in HubSpot, oldest first: the words of each, and the deals it is on."""
        (portal,) = self.company.hubspot.control("dump", method="GET")["portals"]
        live = sorted((one for one in portal["objects"]["notes"] if not one["archived"]), key=lambda one: int(one["id"]))
        return [(words(one["properties"]["hs_note_body"]), sorted(one["associations"].get("deals", {}))) for one in live]

    def on(self, deal: str) -> list[str]:
        """What the timeline of a deal says, oldest first."""
        return [said for said, deals in self.notes() if deal in deals]


def words(body: str) -> str:
    """What a person reads of a note, line after line."""
    return TAGS.sub("", body.replace("<br>", "\n"))


def _line(kind: str, external_id: str, amount: float) -> dict[str, Any]:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": external_id, "TxnType": kind}]}
