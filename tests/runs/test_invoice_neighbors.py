"""What people do in HubSpot to a synced invoice, and merges of the customers, contacts and items that invoices name."""

from __future__ import annotations

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, PairState, RunState
from tests.runs.billing import Desk, sold


def settled(desk: Desk, *invoices: str) -> None:
    """These are in sync, and nothing is left to be written."""
    written = desk.company.hubspot.written()
    run = desk.run()
    assert (run.state, desk.company.hubspot.written()) == (RunState.SUCCEEDED, written)
    assert [desk.pair(one).state for one in invoices] == [PairState.LINKED] * len(invoices)


class TestAnEditInHubSpot:
    def test_stays_until_quickbooks_changes_the_same_and_is_listed_then(self, desk: Desk) -> None:
        desk.open()
        changed, other = (desk.bill(CustomerMemo={"value": "Thanks"}) for _ in range(2))
        desk.run()
        for invoice in (changed, other):
            left = desk.pair(invoice).left
            assert left is not None
            desk.company.hubspot.change("invoices", left.external_id, hs_comments="By hand")
        settled(desk, changed, other)

        desk.change(changed, CustomerMemo={"value": "Thank you"})
        desk.change(other, Line=[sold("Audit", 1, 101)])
        desk.run()

        assert [desk.shown(one)["hs_comments"] for one in (changed, other)] == ["Thank you", "By hand"]
        assert desk.shown(other)["hs_amount_billed"] == "101"
        (listed,) = models.Conflict.objects.all()
        assert (listed.status, listed.left, listed.right) == (ConflictStatus.BY_RULE, "By hand", "Thank you")
        settled(desk, changed, other)


class TestAMerge:
    def test_of_contacts_leads_to_the_one_that_is_left(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(old := desk.bill())
        other = desk.company.contact(firstname="Anne", lastname="Archer", email="anne@example.com")

        kept = str(desk.company.hubspot.merge("contacts", other, desk.contact)["id"])
        desk.run(desk.people, desk.invoices)
        desk.run_with(new := desk.bill())

        assert [desk.linked(one, "contacts") for one in (old, new)] == [[kept], [kept]]
        settled(desk, old, new)

    def test_of_items_leads_to_the_product_of_the_one_that_is_left(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill(sold("Travel", 1, 5)))

        desk.company.quickbooks.merge("Item", desk.audit, desk.travel)
        desk.run(desk.products, desk.invoices)

        (line,) = desk.lines(invoice)
        assert (line["name"], line["hs_product_id"], line["price"]) == ("Audit", desk.product(desk.audit), "5")
        settled(desk, invoice)

    def test_of_customers_leads_to_the_contact_of_the_one_that_is_left(self, desk: Desk) -> None:
        desk.open()
        ben = desk.company.customer(DisplayName="Ben", GivenName="Ben", email="ben@example.com")
        invoice = desk.bill(customer=ben)
        desk.run(desk.people, desk.invoices)
        before = desk.linked(invoice, "contacts")

        desk.company.quickbooks.merge("Customer", desk.ann, ben)
        desk.run(desk.people, desk.invoices)

        assert before != [desk.contact]
        assert desk.linked(invoice, "contacts") == [desk.contact]
        settled(desk, invoice)
