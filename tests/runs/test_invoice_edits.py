"""What is edited in QuickBooks after an invoice was synced arrives in HubSpot: its lines, sums, payments, its end, and another day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.sandbox import serve
from syncapp import models
from syncapp.engine.vocabulary import DeletePolicy, OperationKind, PairState, Reason, RunState, Standing
from syncapp.selectors import reasons
from tests.runs.billing import Desk, fixed, percent, sold

AUDIT, TRAVEL = sold("Audit", 2, 100, Description="The books"), sold("Travel", 1, 45.5)


def told(desk: Desk, invoice: str) -> list[tuple[str, str, str]]:
    """The lines in HubSpot: name, quantity and price."""
    return [(line["name"], line["quantity"], line["price"]) for line in desk.lines(invoice)]


def adds_up(desk: Desk, invoice: str) -> None:
    """Whether HubSpot's own sum of the parts is what QuickBooks says."""
    shown = desk.shown(invoice)
    parts = {kind: sum(float(one["hs_value"]) for one in desk.lines(invoice, kind)) for kind in ("discounts", "fees", "taxes")}
    total = sum(float(line["amount"]) for line in desk.lines(invoice)) - parts["discounts"] + parts["fees"] + parts["taxes"]
    assert (round(total, 2), shown["hs_amount_billed"]) == (float(shown["qbo_total"]), shown["qbo_total"])


def settled(desk: Desk) -> None:
    """Nothing is left to be written."""
    written = desk.company.hubspot.written()
    run = desk.run()
    assert (run.state, desk.company.hubspot.written()) == (RunState.SUCCEEDED, written)


class TestLines:
    def test_follow_those_in_quickbooks(self, desk: Desk) -> None:
        """Added, removed, put in another order, and sold at another price."""
        desk.open()
        edits: list[tuple[list[dict[str, Any]], list[tuple[str, str, str]]]] = [
            ([AUDIT, TRAVEL, sold("Audit", 1, 80)], [("Audit", "2", "100"), ("Travel", "1", "45.5"), ("Audit", "1", "80")]),
            ([TRAVEL], [("Travel", "1", "45.5")]),
            ([TRAVEL, AUDIT], [("Travel", "1", "45.5"), ("Audit", "2", "100")]),
            ([sold("Audit", 3, 99.99), TRAVEL], [("Audit", "3", "99.99"), ("Travel", "1", "45.5")]),
        ]
        invoices = [desk.bill(AUDIT, TRAVEL) for _ in edits]
        desk.run()

        for invoice, (lines, _) in zip(invoices, edits, strict=True):
            desk.change(invoice, Line=lines)
        desk.run()

        assert [told(desk, invoice) for invoice in invoices] == [expected for _, expected in edits]
        assert len(desk.company.held("line_items")) == sum(len(expected) for _, expected in edits)
        for invoice in invoices:
            adds_up(desk, invoice)
        settled(desk)

    def test_that_did_not_change_stay_the_same_records(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(AUDIT, TRAVEL))
        before = [line["id"] for line in desk.lines(invoice)]

        desk.change(invoice, Line=[{**AUDIT, "Description": "All the books"}, TRAVEL])
        desk.run()

        assert [line["id"] for line in desk.lines(invoice)] == before
        assert desk.lines(invoice)[0]["description"] == "All the books"

    def test_edited_in_hubspot_are_set_right_with_the_next_change_in_quickbooks(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(AUDIT, TRAVEL))
        desk.company.hubspot.change("line_items", desk.lines(invoice)[1]["id"], price="1")
        desk.run()

        desk.change(invoice, Line=[AUDIT, sold("Travel", 2, 45.5)])
        desk.run()

        assert told(desk, invoice) == [("Audit", "2", "100"), ("Travel", "2", "45.5")]
        adds_up(desk, invoice)


class TestSums:
    def test_follow_discounts_tax_deposit_and_shipping(self, desk: Desk) -> None:
        desk.open()
        desk.company.quickbooks.control("switch", {"automated_tax": True})
        desk.company.quickbooks.change("Preferences", "1", SalesFormsPrefs={"AllowShipping": True})
        invoice, other = desk.bill(AUDIT), desk.bill(AUDIT)
        desk.run()
        taxed = {**AUDIT, "SalesItemLineDetail": {**AUDIT["SalesItemLineDetail"], "TaxCodeRef": {"value": "TAX"}}}
        shipping = {"Amount": 12.5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}}

        desk.change(invoice, Line=[taxed, percent(10), shipping], Deposit=20)
        desk.change(other, Line=[AUDIT, fixed(15)])
        desk.run()

        assert [(line["hs_type"], line["hs_value"]) for line in desk.lines(invoice, "discounts")] == [("FIXED", "20")]
        assert [line["hs_value"] for line in desk.lines(other, "discounts")] == ["15"]
        assert [float(line["hs_value"]) for line in desk.lines(invoice, "taxes")] == [float(desk.shown(invoice)["qbo_tax"])]
        assert told(desk, invoice) == [("Audit", "2", "100"), ("Shipping", "1", "12.5")]
        assert (desk.shown(invoice)["qbo_deposit"], desk.shown(invoice)["qbo_status"]) == ("20", "partial")
        for one in (invoice, other):
            adds_up(desk, one)
        settled(desk)

    def test_lose_what_is_taken_off_the_invoice_again(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(AUDIT, fixed(15)))

        desk.change(invoice, Line=[AUDIT])
        desk.run()

        assert desk.lines(invoice, "discounts") == []
        assert (desk.shown(invoice)["qbo_discount"], desk.shown(invoice)["hs_amount_billed"]) == ("0", "200")

    def test_hold_a_bundle_as_the_lines_that_make_it_up(self, desk: Desk) -> None:
        pack = desk.company.quickbooks.create("Item", Name="Pack", Type="Group", Members={"Audit": 1, "Travel": 2})
        desk.open()
        group = {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": {"value": pack}, "Quantity": 2}}

        desk.run_with(invoice := desk.bill(group, sold("Audit", 1, 5)))

        assert desk.pair(invoice).state == PairState.LINKED
        assert told(desk, invoice) == [("Audit", "2", "100"), ("Travel", "4", "45.5"), ("Audit", "1", "5")]
        adds_up(desk, invoice)


class TestTheInvoiceItself:
    def test_gets_another_due_date_and_memo(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(CustomerMemo={"value": "Thank you"}))

        desk.change(invoice, DueDate="2099-03-01", CustomerMemo={"value": "With thanks"}, DocNumber="B-2")
        desk.run()

        shown = desk.shown(invoice)
        assert (shown["hs_due_date"][:10], shown["qbo_due_date"], shown["hs_comments"]) == ("2099-03-01", "2099-03-01", "With thanks")
        assert (shown["hs_number"], shown["qbo_doc_number"]) == ("B-2", "B-2")

    def test_is_partly_paid_then_paid_then_open_again(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(AUDIT))
        seen = []

        for step in (lambda: desk.pay(invoice, 50), lambda: desk.pay(invoice, 150), None):
            if step is not None:
                payment = step()
            else:
                desk.company.quickbooks.delete("Payment", payment)
            desk.run()
            shown = desk.shown(invoice)
            seen.append((shown["qbo_status"], shown["qbo_amount_paid"], shown["qbo_balance"], shown["hs_invoice_status"]))

        assert seen == [("partial", "50", "150", "open"), ("paid", "200", "0", "paid"), ("partial", "50", "150", "open")]
        settled(desk)

    def test_is_voided(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(AUDIT, fixed(15)))

        desk.void(invoice)
        desk.run()

        shown = desk.shown(invoice)
        assert (shown["hs_invoice_status"], shown["qbo_status"]) == ("voided", "voided")
        assert (shown["hs_amount_billed"], shown["qbo_total"], shown["qbo_balance"]) == ("0", "0", "0")
        assert desk.lines(invoice, "discounts") == []
        settled(desk)


class TestAnotherDay:
    @pytest.fixture
    def sandbox(self) -> Iterator[serve.Sandbox]:
        """One whose clock goes ahead of all others."""
        with serve.build(seed="empty") as built:
            yield built

    def test_makes_an_unpaid_invoice_overdue_without_any_change(self, desk: Desk) -> None:
        desk.open()
        soon = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        late, paid, later = (desk.bill(DueDate=day) for day in (soon, soon, "2099-01-01"))
        desk.pay(paid, 100)
        desk.run()
        desk.company.let_pass(timedelta(minutes=30))
        desk.run()
        before = [desk.shown(one)["qbo_status"] for one in (late, paid, later)]

        desk.company.let_pass(timedelta(days=3))
        run = desk.run()

        assert before == ["open", "paid", "open"]
        assert run.counts["read_right"] == 1
        assert [desk.shown(one)["qbo_status"] for one in (late, paid, later)] == ["overdue", "paid", "open"]
        settled(desk)


class TestAnInvoiceThatIsDeleted:
    def test_is_left_in_hubspot_for_a_person_to_decide(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill())

        desk.company.quickbooks.delete("Invoice", invoice)
        run = desk.run()
        desk.run()

        pair = desk.pair(invoice)
        assert (run.state, pair.state, pair.reason) == (RunState.SUCCEEDED, PairState.ORPHANED, Reason.PARTNER_DELETED)
        assert pair.state and PairState(pair.state).standing is Standing.NEEDS_YOU
        assert len(desk.company.invoices()) == 1
        assert not models.Operation.objects.filter(kind=OperationKind.ARCHIVE).exists()

    def test_in_hubspot_is_not_made_again_and_left_to_a_person(self, desk: Desk) -> None:
        desk.company.hubspot.control("switch", {"delete_open_invoices": True})
        desk.open()
        desk.run_with(invoice := desk.bill())
        left = desk.pair(invoice).left
        assert left is not None

        desk.company.hubspot.delete("invoices", left.external_id)
        desk.change(invoice, CustomerMemo={"value": "Changed"})
        desk.company.clock.pass_seconds(7200)
        desk.run()
        desk.run()

        pair = desk.pair(invoice)
        assert (pair.state, pair.reason) == (PairState.ORPHANED, Reason.EDITED_AND_DELETED)
        assert desk.company.invoices() == {}

    def test_fails_with_hubspots_words_where_it_is_to_be_archived_and_cannot_be(self, desk: Desk) -> None:
        desk.open()
        desk.company.set(delete_policy=DeletePolicy.ARCHIVE)
        paid, neighbor = desk.bill(), desk.bill()
        desk.pay(paid, 100)
        desk.run()

        desk.company.quickbooks.delete("Invoice", paid)
        desk.change(neighbor, CustomerMemo={"value": "Changed"})
        run = desk.run()

        pair = desk.pair(paid)
        assert (run.state, pair.state, pair.reason) == (RunState.PARTIAL, PairState.FAILED, Reason.REFUSED)
        assert "cannot be deleted because its status is paid" in str(list(reasons.sentences(pair.detail)))
        assert reasons.REMEDIES[Reason(pair.reason)]
        assert desk.shown(neighbor)["hs_comments"] == "Changed"
