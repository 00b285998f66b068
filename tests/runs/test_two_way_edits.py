"""What happens to invoices after they are on both sides: edits in QuickBooks of HubSpot's and of its own, and edits in HubSpot."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, PairState, Reason
from syncapp.services import forbidden
from tests.runs.company import Company
from tests.runs.two_way import Billing, sold


@pytest.fixture
def billing(company: Company) -> Billing:
    made = Billing(company)
    made.both_ways()
    return made


def ways(pair: models.RecordPair) -> forbidden.Ways:
    still_open = list(pair.conflicts.filter(status=ConflictStatus.OPEN))
    return forbidden.ways(pair=pair, still_open=still_open, mappings=pair.config.mappings.select_related("right_field"))


def line_added(billing: Billing, invoice: str) -> None:
    billing.in_quickbooks(invoice, Line=[*billing.partner(invoice)["Line"][:1], sold(billing.travel, 1, 45)])


def line_removed(billing: Billing, invoice: str) -> None:
    billing.in_quickbooks(invoice, Line=billing.partner(invoice)["Line"][:1])


def price_changed(billing: Billing, invoice: str) -> None:
    billing.in_quickbooks(invoice, Line=[sold(billing.review, 2, 80), *billing.partner(invoice)["Line"][1:2]])


def payment_removed(billing: Billing, invoice: str) -> None:
    payment = billing.paid(invoice, 50)
    billing.company.run()
    assert billing.pair(invoice).state == PairState.LINKED
    billing.quickbooks.delete("Payment", payment)


def tax_added(billing: Billing, invoice: str) -> None:
    billing.in_quickbooks(invoice, TxnTaxDetail={"TotalTax": 16.5})


def made_void(billing: Billing, invoice: str) -> None:
    billing.quickbooks.control("edit", {"type": "Invoice", "id": billing.partner(invoice)["Id"], "void": True})


def two_lines(billing: Billing) -> str:
    """An invoice of HubSpot's with two reviews and a journey, which QuickBooks has too."""
    return billing.synced(billing.line(), billing.line(billing.travel_product, name="Travel", quantity="1", price="45"))


class TestAForbiddenEdit:
    @pytest.mark.parametrize(
        ("edit", "words"),
        [
            (line_added, "In QuickBooks a line was added: 1 × Travel at 45."),
            (line_removed, "In QuickBooks a line was removed: 1 × Travel at 45."),
            (price_changed, "In QuickBooks a price or quantity was changed: it was 2 × Review at 100, now 2 × Review at 80."),
            (payment_removed, "In QuickBooks a payment was removed: 50 was paid, now it is 0."),
            (made_void, "In QuickBooks the invoice was made void."),
        ],
    )
    def test_makes_the_pair_fail_in_plain_words(
        self, billing: Billing, edit: Callable[[Billing, str], None], words: str
    ) -> None:
        invoice = billing.synced() if edit is line_added else two_lines(billing)
        edit(billing, invoice)
        before = billing.company.writes(), billing.partner(invoice)

        billing.company.run()
        billing.company.run()

        pair = billing.pair(invoice)
        assert (pair.state, pair.reason) == (PairState.FAILED, Reason.FORBIDDEN_EDIT)
        assert words in billing.said(invoice)
        assert (billing.company.writes(), billing.partner(invoice)) == before

    def test_of_tax_makes_the_pair_fail(self, company: Company) -> None:
        """Automated sales tax was switched on, and somebody saved the invoice with a taxable service."""
        billing = Billing(company)
        billing.both_ways()
        invoice = billing.synced()
        billing.switch(automated_tax=True)
        tax_added(billing, invoice)
        line = billing.partner(invoice)["Line"][0]
        line["SalesItemLineDetail"]["TaxCodeRef"] = {"value": "TAX"}
        billing.in_quickbooks(invoice, Line=[line])

        company.run()

        assert billing.pair(invoice).reason == Reason.FORBIDDEN_EDIT
        assert "In QuickBooks tax was added:" in billing.said(invoice)

    def test_that_is_undone_in_quickbooks_is_forgotten(self, billing: Billing) -> None:
        invoice = two_lines(billing)
        lines = billing.partner(invoice)["Line"][:2]
        line_removed(billing, invoice)
        billing.company.run()

        billing.in_quickbooks(invoice, Line=lines)
        billing.company.run()

        assert billing.pair(invoice).state == PairState.LINKED
        assert not models.Conflict.objects.filter(status=ConflictStatus.OPEN).exists()

    def test_is_undone_by_restoring(self, billing: Billing) -> None:
        invoice = two_lines(billing)
        line_added(billing, invoice)
        price_changed(billing, invoice)
        billing.company.run()

        pair = billing.pair(invoice)
        assert ways(pair) == forbidden.Ways(take=True, restore=True)
        forbidden.restore(pair=pair, actor=billing.company.alice, now=billing.clock.now())
        billing.company.run()
        written = billing.company.writes()
        billing.company.run()

        there = billing.partner(invoice)
        assert billing.pair(invoice).state == PairState.LINKED
        assert there["TotalAmt"] == 245
        assert [line["SalesItemLineDetail"]["UnitPrice"] for line in there["Line"] if "SalesItemLineDetail" in line] == [100, 45]
        assert billing.company.invoices()[invoice]["qbo_total"] == "245"
        assert billing.company.writes() == written

    def test_may_be_left_as_it_is(self, billing: Billing) -> None:
        invoice = two_lines(billing)
        line_removed(billing, invoice)
        billing.company.run()

        forbidden.take(pair=billing.pair(invoice), actor=billing.company.alice, now=billing.clock.now())
        billing.company.run()
        taken = billing.pair(invoice).state
        price_changed(billing, invoice)
        billing.company.run()

        held = billing.company.invoices()[invoice]
        decided = models.Conflict.objects.filter(status=ConflictStatus.BY_PERSON)
        assert taken == PairState.LINKED
        assert (held["hs_amount_billed"], held["qbo_total"]) == ("245", "200")
        assert {one.decided_by for one in decided} == {billing.company.alice}
        assert billing.pair(invoice).reason == Reason.FORBIDDEN_EDIT

    def test_of_a_payment_cannot_be_restored_but_left(self, billing: Billing) -> None:
        invoice = billing.synced()
        payment_removed(billing, invoice)
        billing.company.run()

        pair, when = billing.pair(invoice), billing.clock.now()
        assert not ways(pair).restore
        with pytest.raises(forbidden.NotPossible, match="enter it there again"):
            forbidden.restore(pair=pair, actor=billing.company.alice, now=when)
        forbidden.take(pair=pair, actor=billing.company.alice, now=when)
        billing.company.run()

        assert billing.pair(invoice).state == PairState.LINKED
        assert billing.company.invoices()[invoice]["qbo_amount_paid"] == "0"


class TestAnAllowedEdit:
    def test_of_a_field_flows(self, billing: Billing) -> None:
        invoice = billing.synced()

        billing.in_quickbooks(invoice, DueDate="2027-01-15", CustomerMemo={"value": "See you"})
        billing.company.run()

        held = billing.company.invoices()[invoice]
        assert billing.pair(invoice).state == PairState.LINKED
        assert (held["hs_due_date"][:10], held["hs_comments"], held["qbo_due_date"]) == ("2027-01-15", "See you", "2027-01-15")

    def test_is_a_payment(self, billing: Billing) -> None:
        invoice = billing.synced()

        billing.paid(invoice, 200)
        billing.company.run()
        written = billing.company.writes()
        billing.company.run()

        held = billing.company.invoices()[invoice]
        assert billing.pair(invoice).state == PairState.LINKED
        assert (held["qbo_status"], held["qbo_amount_paid"], held["qbo_balance"]) == ("paid", "200", "0")
        assert billing.company.writes() == written

    def test_is_a_service_date_or_a_description(self, billing: Billing) -> None:
        invoice = billing.synced()
        (line, *_) = billing.partner(invoice)["Line"]
        line["SalesItemLineDetail"]["ServiceDate"], line["Description"] = "2026-11-01", "In November"
        written = billing.company.writes()

        billing.in_quickbooks(invoice, Line=[line])
        billing.company.run()

        assert billing.pair(invoice).state == PairState.LINKED
        assert billing.company.writes() == written

    def test_in_hubspot_flows(self, billing: Billing) -> None:
        invoice = billing.synced()

        billing.hubspot.change("invoices", invoice, hs_comments="Pay soon")
        billing.company.run()

        assert billing.partner(invoice)["CustomerMemo"]["value"] == "Pay soon"


class TestAnInvoiceOfQuickBooks:
    def test_may_be_edited_there_freely(self, billing: Billing) -> None:
        made = billing.company.invoice(billing.customer, sold(billing.review, 1, 100))
        billing.company.run()

        billing.quickbooks.change("Invoice", made, Line=[sold(billing.review, 1, 90), sold(billing.travel, 2, 45)])
        billing.company.run()

        pair = billing.company.pair(right=made)
        assert pair.left is not None
        held = billing.company.invoices()[pair.left.external_id]
        assert (pair.state, Decimal(held["hs_amount_billed"]), held["hs_invoice_billable"]) == (PairState.LINKED, 180, "false")

    def test_gets_nothing_from_hubspot(self, billing: Billing) -> None:
        made = billing.company.invoice(billing.customer, sold(billing.review, 1, 100))
        billing.company.run()
        pair = billing.company.pair(right=made)
        assert pair.left is not None
        before = billing.books()

        billing.hubspot.change("invoices", pair.left.external_id, hs_comments="Ours", hs_due_date="2027-01-15T00:00:00Z")
        billing.company.run()

        assert billing.books() == before
        assert billing.company.pair(right=made).state == PairState.LINKED
