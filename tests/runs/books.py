"""Books whose invoices are on deals: what the tests of figures share."""

from __future__ import annotations

from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, RunState
from syncapp.services import configs
from tests.runs.company import Company


class Books:
    """Zoë, who is billed, and two deals of hers; the sync of figures beside those of people and invoices."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.zoe = company.customer(DisplayName="Zoë", email="zoe@example.com")
        self.people = company.config
        company.run()
        add_invoices(company)
        self.invoicing = company.config
        company.config = self.figures = add_figures(company, "Figures")
        self.roof, self.cellar = (company.hubspot.create("deals", dealname=name) for name in ("Roof", "Cellar"))
        self.work = company.service("Work")
        self.put: dict[str, str] = {}

    def bill(self, amount: float, *, deal: str, **body: Any) -> str:
        """An invoice in QuickBooks, which a person puts to a deal as soon as it is in HubSpot."""
        detail = {"ItemRef": {"value": self.work}, "Qty": 1, "UnitPrice": amount}
        line = {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}
        made = self.company.invoice(str(body.pop("customer", self.zoe)), line, **body)
        self.put[made] = deal
        return made

    def sync_invoices(self) -> None:
        """Let new invoices reach HubSpot, and put them to their deals."""
        if self.put:
            self._run(self.invoicing)
        for invoice, deal in self.put.items():
            self.company.hubspot.associate("invoices", self.shown(invoice), "deals", deal)
        self.put.clear()

    def run(self) -> models.SyncRun:
        """One run of the figures; of invoices only where there are new ones."""
        self.sync_invoices()
        return self._run(self.figures)

    def _run(self, config: models.SyncConfig) -> models.SyncRun:
        self.company.config = config
        done = self.company.run()
        self.company.config = self.figures
        assert done.state == RunState.SUCCEEDED, done.words
        return done

    def shown(self, invoice: str) -> str:
        """The HubSpot invoice of one in QuickBooks."""
        pair = models.RecordPair.objects.select_related("left").get(config=self.invoicing, right__external_id=invoice)
        assert pair.left is not None
        return pair.left.external_id

    def later(self) -> None:
        """QuickBooks tells time in whole seconds: what is done from now on is newer than all that was."""
        self.company.quickbooks.control("clock", {"advance_seconds": 2})
        self.company.clock.pass_seconds(2)

    def pay(self, invoice: str, amount: float) -> None:
        self.later()
        line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
        self.company.quickbooks.create("Payment", CustomerRef={"value": self.zoe}, TotalAmt=amount, Line=[line])

    def void(self, invoice: str) -> None:
        self.later()
        self.company.quickbooks.control("edit", {"type": "Invoice", "id": invoice, "void": True})

    def move(self, invoice: str, *, away: str, to: str = "") -> None:
        """What a person does in HubSpot when an invoice was put to the wrong deal."""
        body = {"type": "invoices", "id": self.shown(invoice), "dissociate": {"deals": [away]}}
        self.company.hubspot.control("edit", body | ({"associate": {"deals": [to]}} if to else {}))

    def on(self, deal: str, *names: str) -> tuple[Any, ...]:
        """What a deal shows, by the names of our properties without their prefix. "" is what was taken away."""
        held = self.company.held("deals")[deal]
        return tuple(held.get(f"qbo_{name}") or None for name in names)

    def pair(self, deal: str) -> models.RecordPair:
        return models.RecordPair.objects.select_related("left", "right").get(config=self.figures, left__external_id=deal)


LAST = ("invoice_number", "invoice_status", "invoice_total", "invoice_balance")
ROLL_UP = ("billed", "paid", "open", "invoice_count")


def add_invoices(company: Company) -> None:
    """The sync of invoices, with both accounts as they are now known: their fields need not be read once more."""
    for connection in (company.config.left, company.config.right):
        connection.refresh_from_db()
    company.bill()


def add_figures(company: Company, name: str, **ends: models.Connection) -> models.SyncConfig:
    given = {"left": company.config.left, "right": company.config.right, **ends}
    return configs.create(name=name, object_pair=ObjectPair.DEAL, actor=company.alice, now=company.clock.now(), **given)
