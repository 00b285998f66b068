"""Invoices of HubSpot's that QuickBooks gets too: which are made there, for whom, under which number, and what is refused how."""

from __future__ import annotations

from contextlib import suppress

import pytest

from syncapp import models
from syncapp.engine.vocabulary import (
    CreateTo,
    Direction,
    MatchMode,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RunKind,
    RunState,
    Side,
)
from syncapp.services import configs, pairs
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal
from tests.runs.two_way import Billing


class FromTheSendingOn(Points):
    """Places where a process may die, from the moment on at which a create in QuickBooks is being sent."""

    def reach(self) -> None:
        """One more place was reached, if it counts."""
        sending = models.Operation.objects.filter(side=Side.RIGHT, kind=OperationKind.CREATE, status=OperationStatus.SENDING)
        if self.passed or sending.exists():
            super().reach()


@pytest.fixture
def billing(company: Company) -> Billing:
    made = Billing(company)
    made.both_ways()
    return made


class TestAFinalizedInvoice:
    def test_is_made_in_quickbooks(self, billing: Billing) -> None:
        invoice = billing.finalized(billing.line(), billing.line(billing.travel_product, name="Travel", quantity="1", price="45"))

        run = billing.company.run()

        there = billing.partner(invoice)
        assert (run.state, billing.pair(invoice).state) == (RunState.SUCCEEDED, PairState.LINKED)
        assert (there["CustomerRef"]["value"], there["TotalAmt"], there["CurrencyRef"]["value"]) == (billing.customer, 245, "USD")
        sold = [line["SalesItemLineDetail"] for line in there["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        assert [(line["ItemRef"]["value"], line["Qty"], line["UnitPrice"]) for line in sold] == [
            (billing.review, 2, 100), (billing.travel, 1, 45),
        ]

    def test_takes_its_dates_and_message_along(self, billing: Billing) -> None:
        invoice = billing.synced(
            hs_invoice_date="2026-11-20T00:00:00Z", hs_due_date="2026-12-20T00:00:00Z", hs_comments="Thank you, Ada"
        )

        there = billing.partner(invoice)
        assert (there["TxnDate"], there["DueDate"], there["CustomerMemo"]["value"]) == ("2026-11-20", "2026-12-20", "Thank you, Ada")

    def test_is_told_what_quickbooks_knows_and_keeps_what_is_its_own(self, billing: Billing) -> None:
        invoice = billing.synced()

        held, there = billing.company.invoices()[invoice], billing.partner(invoice)
        assert (held["qbo_id"], held["qbo_doc_number"], held["qbo_total"]) == (there["Id"], there["DocNumber"], "200")
        assert (held["hs_number"], held["hs_amount_billed"], held["hs_invoice_status"]) == ("INV-1001", "200", "open")

    def test_is_neither_doubled_nor_written_again(self, billing: Billing) -> None:
        invoice = billing.synced()
        written = billing.company.writes()

        billing.company.run()
        billing.company.run()

        assert billing.company.writes() == written == 2
        assert (len(billing.books()), list(billing.company.invoices())) == (1, [invoice])

    def test_with_discount_and_fee_comes_to_the_same_amount(self, billing: Billing) -> None:
        invoice = billing.draft()
        discount = billing.hubspot.create("discounts", hs_label="Friends", hs_type="PERCENT", hs_value="10")
        billing.hubspot.associate("invoices", invoice, "discounts", discount)
        billing.hubspot.change("invoices", invoice, hs_invoice_status="open")

        billing.company.run()

        assert (billing.company.invoices()[invoice]["hs_amount_billed"], billing.partner(invoice)["TotalAmt"]) == ("180", 180)


class TestAnInvoiceThatIsNotMade:
    def test_is_a_draft_until_it_is_final(self, billing: Billing) -> None:
        invoice = billing.draft()

        billing.company.run()
        as_draft = billing.pair(invoice)
        billing.hubspot.change("invoices", invoice, hs_invoice_status="open")
        billing.company.run()

        assert (as_draft.state, as_draft.reason) == (PairState.FROZEN, Reason.NOT_FINAL)
        assert billing.pair(invoice).state == PairState.LINKED

    def test_is_one_that_hubspot_only_tracks(self, billing: Billing) -> None:
        invoice = billing.draft(hs_invoice_billable="false", hs_invoice_status="open")

        billing.company.run()

        assert (billing.pair(invoice).reason, billing.books()) == (Reason.NOT_BILLED, {})

    def test_is_older_than_the_sync(self, company: Company) -> None:
        billing = Billing(company)
        billing.both_ways(frozen=True)
        models.FilterRule.objects.filter(group__config=company.config).update(values=["2031-01-01T00:00:00.000Z"])
        invoice = billing.finalized()

        company.run()

        assert (billing.pair(invoice).reason, billing.books()) == (Reason.FILTERED, {})

    def test_has_a_tax(self, billing: Billing) -> None:
        invoice = billing.draft()
        tax = billing.hubspot.create("taxes", hs_label="VAT", hs_type="PERCENT", hs_value="10")
        billing.hubspot.associate("invoices", invoice, "taxes", tax)
        billing.hubspot.change("invoices", invoice, hs_invoice_status="open")

        billing.company.run()

        assert (billing.pair(invoice).reason, billing.books()) == (Reason.TAX_NEEDED, {})
        assert "Make this invoice in QuickBooks" in billing.said(invoice)

    def test_sells_what_is_no_product(self, billing: Billing) -> None:
        invoice = billing.finalized(billing.hubspot.create("line_items", name="Advice", quantity="1", price="10"))

        billing.company.run()

        assert (billing.pair(invoice).reason, billing.books()) == (Reason.REFUSED, {})
        assert "names no product or service" in billing.said(invoice)

    def test_comes_to_another_amount_than_its_lines(self, billing: Billing) -> None:
        """HubSpot's own sum is behind its lines."""
        invoice = billing.finalized()
        billing.company.run(RunKind.PREVIEW)
        models.Record.objects.filter(external_id=invoice).update(
            values={**billing.pair(invoice).left.values, "hs_amount_billed": "250"}  # type: ignore[union-attr]
        )
        models.Operation.objects.all().delete()
        models.RecordPair.objects.filter(config=billing.company.config).update(dirty=True)

        billing.company.run()

        assert billing.pair(invoice).reason == Reason.AMOUNTS_DIFFER
        assert "Its lines come to 200, and HubSpot bills 250." in billing.said(invoice)
        assert billing.books() == {}


class TestTheCustomer:
    def test_is_found_by_e_mail_where_the_contact_has_no_partner(self, billing: Billing) -> None:
        bea = self._left_out(billing, "Bea@Example.com")
        customer = billing.company.customer(DisplayName="Bea Ltd", email="bea@example.com")
        self._people_are_read(billing)

        invoice = billing.synced(contact=bea)

        assert billing.partner(invoice)["CustomerRef"]["value"] == customer

    def test_is_found_by_e_mail_where_people_are_matched_by_something_else(self, billing: Billing) -> None:
        bea = billing.company.contact(email="bea@example.com", firstname="Bea")
        customer = billing.company.customer(DisplayName="Bea Ltd", email="Bea@example.com")
        self._people_are_read(billing, match_mode=MatchMode.NONE, create_to=CreateTo.NONE)

        invoice = billing.synced(contact=bea)

        assert billing.partner(invoice)["CustomerRef"]["value"] == customer

    def test_is_missing_and_lets_the_invoice_in_once_it_is_there(self, billing: Billing) -> None:
        cal = self._left_out(billing, "cal@example.com")
        invoice = billing.synced(contact=cal)
        missing, said, books = billing.pair(invoice), billing.said(invoice), billing.books()

        customer = billing.company.customer(DisplayName="Cal Ltd", email="cal@example.com")
        self._people_are_read(billing)
        billing.company.run()

        assert (missing.state, missing.reason, books) == (PairState.FAILED, Reason.NO_CUSTOMER, {})
        assert "An invoice should have an associated customer. Make sure the associated customer is present in both" in said
        assert "The contact “cal@example.com” has no partner. In the sync “People” it is excluded: A person excluded it." in said
        assert billing.partner(invoice)["CustomerRef"]["value"] == customer

    def test_is_waited_for_while_its_contact_is_on_its_way(self, billing: Billing) -> None:
        dan = billing.company.contact(email="dan@example.com", firstname="Dan")

        invoice = billing.synced(contact=dan)
        waiting = billing.pair(invoice)
        self._people_are_read(billing)
        billing.company.run()

        assert (waiting.state, waiting.reason) == (PairState.BLOCKED, Reason.WAITS_FOR)
        assert billing.pair(invoice).state == PairState.LINKED

    def test_is_not_one_of_several_with_the_same_address(self, billing: Billing) -> None:
        bea = self._left_out(billing, "bea@example.com")
        for name in ("Bea Ltd", "Bea Inc"):
            billing.company.customer(DisplayName=name, email="bea@example.com")
        self._people_are_read(billing)

        invoice = billing.synced(contact=bea)

        assert (billing.pair(invoice).reason, billing.books()) == (Reason.NO_CUSTOMER, {})

    def _left_out(self, billing: Billing, email: str) -> str:
        """A contact that a person excluded from the sync of people."""
        contact = billing.company.contact(email=email)
        self._people_are_read(billing, create_to=CreateTo.NONE)
        pair = models.RecordPair.objects.get(config=billing.people, left__external_id=contact)
        pairs.exclude(pair=pair, excluded=True, now=billing.clock.now())
        self._people_are_read(billing)
        return contact

    @staticmethod
    def _people_are_read(billing: Billing, **settings: object) -> None:
        """A run of the sync of people."""
        company, invoices = billing.company, billing.company.config
        company.config = billing.people
        if settings:
            company.set(**settings)
        company.run()
        company.config = invoices


class TestTheNumber:
    def test_is_quickbooks_own(self, billing: Billing) -> None:
        (row,) = billing.company.config.mappings.filter(left_field__name="hs_number")

        invoice = billing.synced(hs_number="INV-77")

        assert row.direction == Direction.TO_LEFT
        assert billing.partner(invoice)["DocNumber"] == "1001"

    def test_is_not_what_two_invoices_are_the_same_by(self, billing: Billing) -> None:
        other = billing.company.invoice(billing.customer, {"ItemName": "Review", "Amount": 7}, DocNumber="INV-1001")

        invoice = billing.synced()

        assert billing.partner(invoice)["Id"] != other
        assert len(billing.books()) == 2

    def test_is_hubspots_where_the_company_numbers_by_hand(self, company: Company) -> None:
        billing = Billing(company)
        billing.switch(custom_txn_numbers=True)
        billing.both_ways()

        invoice = billing.synced(hs_number="INV-77")

        assert billing.partner(invoice)["DocNumber"] == "INV-77"
        assert "keep HubSpot's number there, prefix and all" in billing.advice()
        assert company.invoices()[invoice]["hs_number"] == "INV-77"

    def test_that_is_taken_makes_it_fail_until_it_is_free(self, company: Company) -> None:
        billing = Billing(company)
        billing.switch(custom_txn_numbers=True)
        billing.both_ways()
        other = company.invoice(billing.customer, {"ItemName": "Review", "Amount": 7}, DocNumber="INV-77")

        invoice = billing.synced(hs_number="INV-77")
        taken, said = billing.pair(invoice), billing.said(invoice)
        billing.quickbooks.change("Invoice", other, DocNumber="OLD-77")
        models.RecordPair.objects.filter(pk=taken.pk).update(dirty=True)
        company.run()

        assert (taken.state, taken.reason) == (PairState.FAILED, Reason.NUMBER_TAKEN)
        assert "The number is already used by another invoice, credit memo or refund" in said
        assert "switch custom transaction numbers off" in said
        assert f"(id {other})" in said
        assert billing.partner(invoice)["DocNumber"] == "INV-77"


class TestRefusals:
    @pytest.mark.parametrize("password", [False, True])
    def test_of_closed_books_are_told(self, billing: Billing, password: bool) -> None:
        billing.switch(books_closed="2026-10-31", books_closed_password=password)

        invoice = billing.synced(hs_invoice_date="2026-10-15T00:00:00Z")
        closed, said = billing.pair(invoice), billing.said(invoice)
        billing.switch(books_closed="")
        models.RecordPair.objects.filter(pk=closed.pk).update(dirty=True)
        billing.company.run()

        assert (closed.state, closed.reason) == (PairState.FAILED, Reason.BOOKS_CLOSED)
        assert "Move the date of the invoice, or the closing date in QuickBooks." in said
        assert billing.partner(invoice)["TxnDate"] == "2026-10-15"

    def test_of_lines_without_a_service_date_are_told(self, billing: Billing) -> None:
        """Revenue recognition was switched on after the sync."""
        billing.switch(revenue_recognition=True)

        invoice = billing.synced()

        assert billing.pair(invoice).reason == Reason.SERVICE_DATE
        assert "Enter a service date" in billing.said(invoice)

    def test_come_before_the_sync_runs_where_the_company_needs_service_dates(self, company: Company) -> None:
        billing = Billing(company)
        billing.switch(revenue_recognition=True)
        billing.both_ways()

        with pytest.raises(configs.ConfigRefused, match="Enter a service date"):
            configs.activate(config=company.config, actor=company.alice, now=company.clock.now())

    def test_are_no_matter_where_only_hubspot_is_written(self, company: Company) -> None:
        billing = Billing(company)
        billing.switch(revenue_recognition=True)
        billing.both_ways()

        company.set(direction=Direction.TO_LEFT, create_to=CreateTo.LEFT)

        assert billing.problems() == ""
        assert "closing date" not in billing.advice()


class TestAmounts:
    def test_that_quickbooks_makes_another_are_told_and_not_rewritten(self, company: Company) -> None:
        """Automated sales tax adds a tax that HubSpot did not bill."""
        billing = Billing(company)
        billing.switch(automated_tax=True)
        billing.quickbooks.change("Item", billing.review, Taxable=True)
        billing.both_ways()

        invoice = billing.synced()
        written = company.writes()
        company.run()

        total = billing.partner(invoice)["TotalAmt"]
        assert total != 200
        assert billing.pair(invoice).reason == Reason.AMOUNTS_DIFFER
        assert f"HubSpot bills 200, QuickBooks {total:g}." in billing.said(invoice)
        assert company.writes() == written


class TestALostAnswer:
    def test_is_found_by_our_mark(self, billing: Billing) -> None:
        invoice = billing.finalized()
        billing.switch(requestid=False)
        billing.quickbooks.breaks("drop_after_commit", r"/batch", method="POST")

        billing.company.run()
        lost = models.Operation.objects.filter(status=OperationStatus.SENDING).count()
        billing.company.settle()

        assert (lost, len(billing.books())) == (1, 1)
        assert billing.pair(invoice).state == PairState.LINKED
        assert list(billing.company.invoices()) == [invoice]

    def test_is_not_taken_for_another_invoice_of_the_customer(self, billing: Billing) -> None:
        billing.synced(hs_number="INV-1")
        invoice = billing.finalized(hs_number="INV-2")
        billing.switch(requestid=False)
        billing.quickbooks.breaks("drop_before", r"/batch", method="POST")

        billing.company.run()
        billing.company.settle()

        assert len(billing.books()) == 2
        assert billing.pair(invoice).state == PairState.LINKED

    def test_or_a_death_around_the_write_makes_no_second_one(self, billing: Billing) -> None:
        """Each round dies one step later than the one before, and QuickBooks remembers no call that it answered."""
        billing.switch(requestid=False)
        made = []
        for at in range(1, 8):
            made.append(billing.finalized(hs_number=f"INV-{at}"))
            with suppress(Died), mortal(FromTheSendingOn(at=at)):
                billing.company.run()

            billing.company.settle()

            assert len(billing.books()) == at
        assert {billing.pair(invoice).state for invoice in made} == {PairState.LINKED}
        assert sorted(billing.company.invoices()) == sorted(made)
