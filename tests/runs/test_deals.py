"""Figures of QuickBooks invoices on HubSpot deals, over whole runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from syncapp import models
from syncapp.engine.vocabulary import (
    ConflictStatus,
    CreateTo,
    DeletePolicy,
    MatchMode,
    ObjectPair,
    OperationKind,
    OperationStatus,
    PairState,
    RecordState,
    RunKind,
    RunState,
)
from syncapp.services import configs
from tests.runs.company import Company

DAY = 86_400
ACCOUNTING = {"accounting_invoice_total": "12.34", "accounting_invoice_status": "kept by another app"}


class Books:
    """Zoë, who is billed, and two deals of hers; the sync of figures beside those of people and invoices."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.zoe = company.customer(DisplayName="Zoë", email="zoe@example.com")
        self.people = company.config
        company.run()
        _bill(company)
        self.invoicing = company.config
        company.config = self.figures = _figures(company, "Figures")
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


@pytest.fixture
def books(company: Company) -> Books:
    return Books(company)


LAST = ("invoice_number", "invoice_status", "invoice_total", "invoice_balance")
ROLL_UP = ("billed", "paid", "open", "invoice_count")


class TestTheInvoiceLastUpdated:
    def test_is_that_which_quickbooks_updated_last_not_the_one_processed_last(self, books: Books) -> None:
        first = books.bill(100, deal=books.roof, DocNumber="R-1")
        second = books.bill(250, deal=books.roof, DocNumber="R-2")
        books.sync_invoices()
        books.later()
        books.company.quickbooks.change("Invoice", first, PrivateNote="Called about it.")
        books.run()
        # The link between the second invoice and the deal is what changes last, and what is processed last.
        books.move(second, away=books.roof, to=books.cellar)
        books.run()
        books.move(second, away=books.cellar, to=books.roof)
        books.run()

        assert books.on(books.roof, *LAST) == ("R-1", "open", "100", "100")
        assert books.on(books.roof, *ROLL_UP) == ("350", "0", "350", "2")
        assert books.on(books.cellar, *LAST, *ROLL_UP) == (None, None, None, None, "0", "0", "0", "0")

    def test_carries_what_quickbooks_knows_of_it(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1", TxnDate="2026-11-02", DueDate="2999-12-02")

        books.run()

        dates = books.on(books.roof, "invoice_date", "invoice_due_date", "invoice_currency", "rollup_note", "oldest_overdue")
        assert dates == ("2026-11-02", "2999-12-02", "USD", None, None)
        (link, updated_at) = books.on(books.roof, "invoice_link", "invoice_updated_at")
        assert "id=" in link
        assert updated_at.endswith("Z")


class TestFigures:
    def test_follow_a_payment_and_a_void(self, books: Books) -> None:
        paid, voided = (books.bill(amount, deal=books.roof, DocNumber=number) for amount, number in ((100.1, "P"), (50.2, "V")))
        books.run()
        assert books.on(books.roof, *ROLL_UP) == ("150.3", "0", "150.3", "2")

        books.pay(paid, 30.05)
        books.run()
        assert books.on(books.roof, *LAST) == ("P", "partial", "100.1", "70.05")
        assert books.on(books.roof, *ROLL_UP) == ("150.3", "30.05", "120.25", "2")

        books.void(voided)
        books.run()
        assert books.on(books.roof, *LAST) == ("V", "voided", "0", "0")
        assert books.on(books.roof, *ROLL_UP) == ("100.1", "30.05", "70.05", "2")

    def test_tell_of_what_is_overdue_when_the_day_has_passed(self, books: Books) -> None:
        today = books.company.clock.now().date()
        books.bill(100, deal=books.roof, DocNumber="R-1", DueDate=today.isoformat())
        books.bill(10, deal=books.roof, DocNumber="R-2", DueDate=(today + timedelta(days=40)).isoformat())
        books.run()
        assert books.on(books.roof, "oldest_overdue", "invoice_status") == (None, "open")

        books.company.clock.pass_seconds(DAY)
        books.run()
        assert books.on(books.roof, "oldest_overdue", "invoice_number", "invoice_status") == (today.isoformat(), "R-2", "open")

    def test_move_with_the_invoice_to_another_deal(self, books: Books) -> None:
        moved = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.bill(10, deal=books.roof, DocNumber="R-0")
        alone = books.bill(7, deal=books.cellar, DocNumber="C-1")
        books.run()

        books.move(moved, away=books.roof, to=books.cellar)
        books.move(alone, away=books.cellar)
        books.run()

        assert books.on(books.roof, "invoice_number", *ROLL_UP) == ("R-0", "10", "0", "10", "1")
        assert books.on(books.cellar, "invoice_number", *ROLL_UP) == ("R-1", "100", "0", "100", "1")

    def test_leave_out_an_invoice_that_is_excluded_or_deleted_in_quickbooks(self, books: Books) -> None:
        deleted = books.bill(100, deal=books.roof, DocNumber="R-1")
        excluded = books.bill(10, deal=books.roof, DocNumber="R-2")
        books.run()

        models.RecordPair.objects.filter(config=books.invoicing, right__external_id=excluded).update(excluded_by_hand=True)
        books.run()
        assert books.on(books.roof, "invoice_number", *ROLL_UP) == ("R-1", "100", "0", "100", "1")

        books.company.quickbooks.delete("Invoice", deleted)
        books.run()
        assert books.on(books.roof, *LAST, *ROLL_UP) == (None, None, None, None, "0", "0", "0", "0")


class TestCurrencies:
    @pytest.fixture(autouse=True)
    def _several(self, company: Company) -> None:
        company.quickbooks.control("switch", {"multicurrency": True})
        company.hubspot.control("switch", {"additional_currencies": "EUR"})

    def test_are_never_added_up(self, company: Company, books: Books) -> None:
        other = company.customer(DisplayName="Émile", email="emile@example.com", CurrencyRef={"value": "EUR"})
        company.config = books.people
        company.run()
        books.bill(20, deal=books.roof, DocNumber="EU-1", customer=other, CurrencyRef={"value": "EUR"})
        first = books.bill(100, deal=books.roof, DocNumber="US-1")
        books.bill(10, deal=books.roof, DocNumber="US-2")
        books.pay(first, 40)

        books.run()

        assert books.on(books.roof, "invoice_number", "invoice_currency") == ("US-1", "USD")
        assert books.on(books.roof, *ROLL_UP) == ("110", "40", "70", "3")
        assert books.on(books.roof, "rollup_note") == ("1 invoice in another currency is left out",)


class TestDeals:
    @pytest.fixture(autouse=True)
    def _accounting(self, company: Company) -> Iterator[None]:
        """What the retired app left on deals: its group, its properties, and that nothing of it ever moves."""
        path, like = "/crm/properties/2026-09/deals", {"groupName": "accounting", "type": "string", "fieldType": "text"}
        company.hubspot.call("POST", f"{path}/groups", {"name": "accounting", "label": "Accounting"})
        for name in ACCOUNTING:
            company.hubspot.call("POST", path, {"name": name, "label": name, **like})
        yield
        for deal in company.held("deals").values():
            assert {name: deal.get(name) for name in ACCOUNTING if deal.get(name)} in ({}, ACCOUNTING)
        written = models.Operation.objects.filter(config__object_pair=ObjectPair.DEAL)
        assert {name for one in written for name in one.changes} <= set(_own(company))

    def test_keep_what_stands_in_the_group_accounting(self, books: Books) -> None:
        books.company.hubspot.change("deals", books.roof, **ACCOUNTING)
        paid = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()
        before = books.company.held("deals")[books.roof]

        books.pay(paid, 100)
        books.run()

        after = books.company.held("deals")[books.roof]
        changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
        assert {name: after[name] for name in ACCOUNTING} == ACCOUNTING
        assert "qbo_paid" in changed
        assert {name for name in changed if not name.startswith("hs_")} <= set(_own(books.company))

    def test_come_to_rest_at_once(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()
        deals, written = books.company.held("deals"), books.company.hubspot.written()
        kept = models.Record.objects.get(kind="billing").revision_number

        books.company.clock.pass_seconds(400)
        again = books.run()

        assert again.counts.get("planned", 0) == 0
        assert books.company.writes() == 1
        assert (books.company.held("deals"), books.company.hubspot.written()) == (deals, written)
        assert models.Record.objects.get(kind="billing").revision_number == kept

    def test_are_never_made_and_never_archived(self, books: Books) -> None:
        ended = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()

        books.company.quickbooks.delete("Invoice", ended)
        books.company.hubspot.delete("deals", books.roof)
        books.company.clock.pass_seconds(4000)
        books.run()
        books.run()

        assert set(books.company.held("deals")) == {books.cellar}
        kinds = set(models.Operation.objects.filter(config=books.figures).values_list("kind", flat=True))
        assert kinds == {OperationKind.UPDATE}
        assert books.pair(books.roof).state == PairState.TOMBSTONE
        assert books.pair(books.cellar).state == PairState.FROZEN
        assert books.company.quickbooks.written() == 0

    def test_get_back_what_a_person_typed_over_with_the_next_change(self, books: Books) -> None:
        paid = books.bill(100, deal=books.roof, DocNumber="R-1")
        books.run()

        books.company.hubspot.change("deals", books.roof, qbo_paid="77", qbo_billed="5")
        books.run()
        assert books.on(books.roof, "paid", "billed") == ("77", "5")

        books.pay(paid, 60)
        books.run()
        assert books.on(books.roof, "paid", "open") == ("60", "40")
        conflict = models.Conflict.objects.get(pair=books.pair(books.roof))
        assert (conflict.left, conflict.right, conflict.status) == ("77", "60", ConflictStatus.BY_RULE)

    def test_lose_what_an_earlier_sync_left_on_them(self, books: Books) -> None:
        books.company.hubspot.change("deals", books.roof, qbo_billed="5", qbo_oldest_overdue="2020-01-01")
        books.bill(100, deal=books.roof, DocNumber="R-1")

        books.run()
        books.run()

        assert books.on(books.roof, "billed", "oldest_overdue", "invoice_number") == ("100", None, "R-1")
        assert not models.Conflict.objects.filter(pair=books.pair(books.roof)).exists()

    def test_that_were_merged_show_the_invoices_of_both(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.bill(10, deal=books.cellar, DocNumber="C-1")
        books.run()

        merged = str(books.company.hubspot.merge("deals", books.roof, books.cellar)["id"])
        books.run()
        books.run()

        assert books.on(merged, "invoice_number", *ROLL_UP) == ("C-1", "110", "0", "110", "2")
        assert books.pair(merged).state == PairState.LINKED
        old = models.Record.objects.filter(kind="billing").exclude(external_id=merged)
        assert [row.state for row in old] == [RecordState.GONE] * 2

    def test_that_swallowed_one_with_figures_show_them(self, books: Books) -> None:
        books.bill(10, deal=books.cellar, DocNumber="C-1")
        books.run()

        merged = str(books.company.hubspot.merge("deals", books.roof, books.cellar)["id"])
        books.run()
        books.run()

        assert books.on(merged, "invoice_number", *ROLL_UP) == ("C-1", "10", "0", "10", "1")
        assert books.pair(merged).state == PairState.LINKED


class TestSettings:
    @pytest.fixture
    def figures(self, company: Company) -> models.SyncConfig:
        _bill(company)
        return _figures(company, "Figures")

    def test_are_fixed_where_only_figures_are_filled_in(self, company: Company, figures: models.SyncConfig) -> None:
        assert configs.problems(config=figures) == ()
        assert (figures.create_to, figures.filter_groups.count()) == (CreateTo.NONE, 0)
        refused = {"create_to": CreateTo.LEFT, "delete_policy": DeletePolicy.ARCHIVE, "match_mode": MatchMode.NONE}
        models.SyncConfig.objects.filter(pk=figures.pk).update(**refused)
        figures.refresh_from_db()

        found = {problem.field: problem.words for problem in configs.problems(config=figures)}

        assert set(found) == set(refused)
        assert found["create_to"] == (
            "This sync only fills in the fields of records that are there. Choose “Create nothing, only update existing pairs”."
        )

    def test_let_one_company_and_one_portal_have_the_figures(self, company: Company, figures: models.SyncConfig) -> None:
        books, portal = _copy(figures.right, "Second books"), _copy(figures.left, "Second portal")
        rows = list(models.VendorField.objects.filter(connection_id=figures.right_id, kind="billing"))
        for row in rows:
            row.pk, row.connection = None, books
        models.VendorField.objects.bulk_create(rows)

        found = [problem.words for problem in configs.problems(config=_figures(company, "More figures", right=books))]

        assert (
            "HubSpot field “QuickBooks billed” is written by the sync “Figures” already. "
            "Let only one of them write it: change the direction of the mapping here or there."
        ) in found
        assert any(words.startswith("Invoices → Figures on deals name records of Invoices ↔ Invoices.") for words in found)
        with pytest.raises(configs.ConfigRefused, match="shows this company's figures in HubSpot: HubSpot already"):
            _figures(company, "Other figures", left=portal)

    def test_show_a_preview_that_writes_nothing(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        books.sync_invoices()

        preview = books.company.run(RunKind.PREVIEW)

        (planned,) = models.Operation.objects.filter(run=preview, status=OperationStatus.PLANNED)
        assert planned.changes["qbo_invoice_number"] == [None, "R-1"]
        assert books.on(books.roof, *LAST) == (None,) * 4


def _bill(company: Company) -> None:
    """The sync of invoices, with both accounts as they are now known: their fields need not be read once more."""
    for connection in (company.config.left, company.config.right):
        connection.refresh_from_db()
    company.bill()


def _figures(company: Company, name: str, **ends: models.Connection) -> models.SyncConfig:
    given = {"left": company.config.left, "right": company.config.right, **ends}
    return configs.create(name=name, object_pair=ObjectPair.DEAL, actor=company.alice, now=company.clock.now(), **given)


def _copy(connection: models.Connection, name: str) -> models.Connection:
    return models.Connection.objects.create(
        system=connection.system, environment=connection.environment, external_id=name, name=name, status=connection.status,
        fields_read_at=connection.fields_read_at,
    )


def _own(company: Company) -> list[str]:
    fields = models.VendorField.objects.filter(connection=company.config.left, kind="deals", name__startswith="qbo_")
    return list(fields.values_list("name", flat=True))
