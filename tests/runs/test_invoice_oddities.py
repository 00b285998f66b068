"""Invoices that are odd but true are shown; those that HubSpot cannot hold say why and what to do, and hold up no other."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp.engine.vocabulary import PairState, Reason, RunState, Standing
from syncapp.selectors import reasons
from syncapp.services import pairs
from tests.runs.billing import Desk, fixed, sold


def line(amount: float, **more: Any) -> dict[str, Any]:
    """A line that sells no item."""
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}, **more}


def told(desk: Desk, invoice: str) -> list[tuple[str, str, str]]:
    return [(one["name"], one["quantity"], one["price"]) for one in desk.lines(invoice)]


class TestOddLines:
    def test_are_shown_as_far_as_hubspot_can_and_add_up(self, desk: Desk) -> None:
        desk.open()
        expected = {
            desk.bill(line(50, Description="Odds and ends")): [("Item", "1", "50")],
            desk.bill(sold("Audit", 1, 100), sold("Travel", 0, 45.5)): [("Audit", "1", "100"), ("Travel", "0", "45.5")],
            desk.bill(sold("Audit", 1, 100), line(0)): [("Audit", "1", "100"), ("Item", "1", "0")],
            desk.bill(sold("Audit", -2, -50)): [("Audit", "1", "100")],
            desk.bill(sold("Audit", 0.333, 10)): [("Audit", "0.333", "10")],
            desk.bill(sold("Audit", 1, 100), {"DetailType": "DescriptionOnly", "Description": "Thank you all"}): [
                ("Audit", "1", "100"), ("Note", "1", "0"),
            ],
        }

        run = desk.run()
        written = desk.company.hubspot.written()
        desk.run()

        assert run.state == RunState.SUCCEEDED
        assert {invoice: told(desk, invoice) for invoice in expected} == expected
        for invoice in expected:
            assert sum(float(one["amount"]) for one in desk.lines(invoice)) == float(desk.shown(invoice)["qbo_total"])
        assert desk.company.hubspot.written() == written

    def test_below_zero_become_discounts(self, desk: Desk) -> None:
        desk.open()

        run = desk.run_with(invoice := desk.bill(sold("Audit", 1, 100), sold("Travel", -1, 30), fixed(5)))

        assert (run.state, told(desk, invoice)) == (RunState.SUCCEEDED, [("Audit", "1", "100")])
        assert [(one["hs_label"], one["hs_value"]) for one in desk.lines(invoice, "discounts")] == [("Travel", "30"), ("Discount", "5")]
        assert desk.shown(invoice)["hs_amount_billed"] == "65"


class TestOddNumbers:
    def test_of_the_greatest_length_are_kept(self, desk: Desk) -> None:
        desk.open()

        desk.run_with(invoice := desk.bill(DocNumber="INV/2026/000000000001"))

        assert desk.shown(invoice)["hs_number"] == "INV/2026/000000000001"

    def test_that_are_missing_hinder_nothing(self, desk: Desk) -> None:
        desk.company.quickbooks.control("switch", {"custom_txn_numbers": True})
        desk.open()
        first, second = desk.bill(), desk.bill()

        run = desk.run()
        written = desk.company.hubspot.written()
        desk.run()

        assert run.state == RunState.SUCCEEDED
        assert [desk.pair(one).state for one in (first, second)] == [PairState.LINKED] * 2
        assert [desk.shown(one).get("hs_number") for one in (first, second)] == [None, None]
        assert sorted(one["qbo_id"] for one in desk.company.invoices().values()) == [first, second]
        assert desk.company.hubspot.written() == written

    def test_that_are_given_later_follow(self, desk: Desk) -> None:
        desk.company.quickbooks.control("switch", {"custom_txn_numbers": True})
        desk.open()
        desk.run_with(invoice := desk.bill())

        desk.change(invoice, DocNumber="A-1")
        desk.run()

        assert desk.shown(invoice)["hs_number"] == "A-1"


class TestARefusal:
    def test_of_the_lines_says_what_the_vendor_said_and_goes_on_once_mended(self, desk: Desk) -> None:
        desk.open()
        desk.company.hubspot.breaks("status", "line_items/batch/create", status=400)

        refused, neighbor = desk.bill(), None
        run = desk.run()
        pair = desk.pair(refused)
        neighbor = desk.bill()
        pairs.retry(pair=pair)
        desk.run()

        assert run.state == RunState.PARTIAL
        assert (pair.state, pair.reason, PairState(pair.state).standing) == (PairState.FAILED, Reason.REFUSED, Standing.FAILING)
        assert list(reasons.sentences(pair.detail))
        assert [desk.pair(one).state for one in (refused, neighbor)] == [PairState.LINKED] * 2
        assert len(desk.lines(refused)) == 1

    def test_of_a_contact_that_is_gone_is_named_until_its_sync_knows(self, desk: Desk) -> None:
        desk.open()
        neighbor_customer = desk.company.customer(DisplayName="Bea Berg", GivenName="Bea", email="bea@example.com")
        desk.run(desk.people, desk.invoices)
        invoice, neighbor = desk.bill(), desk.bill(customer=neighbor_customer)
        desk.company.hubspot.delete("contacts", desk.contact)

        run = desk.run()
        pair = desk.pair(invoice)
        desk.company.clock.pass_seconds(7200)
        desk.run(desk.people, desk.invoices)

        assert run.state == RunState.PARTIAL
        assert (pair.state, pair.reason) == (PairState.FAILED, Reason.REFUSED)
        assert (desk.pair(invoice).state, desk.pair(invoice).reason) == (PairState.BLOCKED, Reason.WAITS_FOR)
        assert f"HubSpot has no contact {desk.contact} any more" in " ".join(reasons.sentences(pair.detail))
        assert desk.pair(neighbor).state == PairState.LINKED

    def test_is_no_matter_of_a_company_that_is_gone(self, desk: Desk) -> None:
        desk.open()
        desk.company.hubspot.delete("companies", desk.acme)
        desk.run(desk.people)
        invoice = desk.bill()

        run = desk.run()

        assert (run.state, desk.pair(invoice).state) == (RunState.SUCCEEDED, PairState.LINKED)
        assert desk.linked(invoice, "contacts") == [desk.contact]

    @pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.NONE])
    def test_has_a_remedy_whatever_its_reason(self, reason: Reason) -> None:
        assert reasons.REMEDIES[reason]
