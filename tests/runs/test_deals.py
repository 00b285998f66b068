"""Figures of QuickBooks invoices on HubSpot deals, over whole runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncapp import models
from tests.runs.books import LAST, ROLL_UP, Books
from tests.runs.company import Company

DAY = 86_400


@pytest.mark.metered
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
