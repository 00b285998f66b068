"""Invoices of QuickBooks shown in HubSpot: the first run, what they are tied to there, and which of them are shown at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncapp import models
from syncapp.engine.vocabulary import CreateTo, Direction, PairState, Reason, RunState
from syncapp.selectors import reasons
from syncapp.services import configs, pairs
from tests.runs.billing import Desk, percent, sold
from tests.runs.company import Company


@pytest.mark.metered
class TestTheFirstRun:
    def test_shows_an_invoice_as_it_stands_in_the_books(self, desk: Desk) -> None:
        desk.open()
        books = desk.company.quickbooks.written()
        invoice = desk.bill(
            sold("Audit", 2, 100, Description="The books"), sold("Travel", 1, 45.5), DocNumber="A-17", TxnDate="2026-11-20",
            DueDate="2099-12-20", CustomerMemo={"value": "Thank you"},
        )

        run = desk.run()

        shown = desk.shown(invoice)
        assert (run.state, desk.pair(invoice).state, desk.pair(invoice).flagged) == (RunState.SUCCEEDED, PairState.LINKED, [])
        assert (shown["hs_number"], shown["hs_currency"], shown["hs_invoice_status"]) == ("A-17", "USD", "open")
        assert (shown["hs_amount_billed"], shown["hs_balance_due"], shown["hs_comments"]) == ("245.5", "245.5", "Thank you")
        assert (shown["hs_invoice_date"][:10], shown["hs_due_date"][:10]) == ("2026-11-20", "2099-12-20")
        assert (shown["qbo_id"], shown["qbo_status"], shown["qbo_total"], shown["qbo_balance"]) == (invoice, "open", "245.5", "245.5")
        assert desk.company.quickbooks.written() == books

    def test_only_tracks_it(self, desk: Desk) -> None:
        desk.open()

        desk.run_with(invoice := desk.bill())

        assert desk.shown(invoice)["hs_invoice_billable"] == "false"

    def test_ties_every_line_to_the_product_of_its_item(self, desk: Desk) -> None:
        desk.open()

        desk.run_with(invoice := desk.bill(sold("Audit", 2, 100, Description="The books"), sold("Travel", 1, 45.5)))

        told = [(line["hs_product_id"], line["name"], line["quantity"], line["price"], line["amount"]) for line in desk.lines(invoice)]
        assert told == [
            (desk.product(desk.audit), "Audit", "2", "100", "200"), (desk.product(desk.travel), "Travel", "1", "45.5", "45.5"),
        ]
        assert desk.lines(invoice)[0]["description"] == "The books"

    def test_is_followed_by_a_run_that_writes_nothing(self, desk: Desk) -> None:
        desk.open()
        for _ in range(3):
            desk.bill(sold("Audit", 1.5, 99.99), percent(7))
        desk.run()
        written = desk.company.hubspot.written(), desk.company.quickbooks.written()

        run = desk.run()

        assert run.state == RunState.SUCCEEDED
        assert (desk.company.hubspot.written(), desk.company.quickbooks.written()) == written
        assert len(desk.company.invoices()) == 3

    def test_is_recommended_in_one_direction_for_what_is_made_from_then_on(self, desk: Desk) -> None:
        desk.open(frozen=True)

        (rule,) = models.FilterRule.objects.filter(group__config=desk.invoices)
        assert (desk.invoices.direction, desk.invoices.create_to) == (Direction.TO_LEFT, CreateTo.LEFT)
        assert (rule.field.name, rule.operator, rule.frozen) == ("CreateTime", "AFTER", True)
        assert configs.problems(config=desk.invoices) == ()

    def test_names_the_sync_that_it_cannot_do_without(self, company: Company) -> None:
        people = company.config
        company.bill()
        models.SyncConfig.objects.filter(pk=people.pk).delete()

        (problem,) = configs.problems(config=company.config)

        assert "Contacts ↔ Customers" in problem.words
        assert "Set up a sync of these" in problem.words


class TestWhoIsTiedToAnInvoice:
    def test_is_the_customers_contact_and_its_company_and_never_a_deal(self, desk: Desk) -> None:
        deal = desk.company.hubspot.create("deals", dealname="Audit for Acme")
        desk.relate("deals", deal, associate={"contacts": [desk.contact], "companies": [desk.acme]})
        desk.open()

        desk.run_with(invoice := desk.bill())

        assert (desk.linked(invoice, "contacts"), desk.linked(invoice, "companies")) == ([desk.contact], [desk.acme])
        assert desk.linked(invoice, "deals") == []

    def test_is_the_primary_one_of_several_companies(self, desk: Desk) -> None:
        other = desk.company.hubspot.create("companies", name="Other")
        desk.relate("contacts", desk.contact, associate={"companies": [other]})
        desk.open()
        invoice = desk.bill()

        desk.run(desk.people, desk.invoices)

        assert desk.linked(invoice, "companies") == [desk.acme]

    def test_is_no_company_where_the_contact_has_none(self, desk: Desk) -> None:
        desk.relate("contacts", desk.contact, dissociate={"companies": [desk.acme]})
        desk.open()
        invoice = desk.bill()

        run = desk.run(desk.people, desk.invoices)

        assert (run.state, desk.pair(invoice).state) == (RunState.SUCCEEDED, PairState.LINKED)
        assert (desk.linked(invoice, "contacts"), desk.linked(invoice, "companies")) == ([desk.contact], [])

    def test_stays_the_company_that_a_person_chose(self, desk: Desk) -> None:
        other = desk.company.hubspot.create("companies", name="Other")
        desk.open()
        chosen, removed = desk.bill(), desk.bill()
        desk.run()
        ours = {one: desk.pair(one).left.external_id for one in (chosen, removed)}
        desk.relate("invoices", ours[chosen], dissociate={"companies": [desk.acme]}, associate={"companies": [other]})
        desk.relate("invoices", ours[removed], dissociate={"companies": [desk.acme]})

        desk.run()
        for invoice in (chosen, removed):
            desk.change(invoice, DueDate="2099-01-31", CustomerMemo={"value": "Again"})
        desk.run()
        desk.run()

        assert (desk.linked(chosen, "companies"), desk.linked(removed, "companies")) == ([other], [])
        assert {desk.shown(one)["hs_comments"] for one in (chosen, removed)} == {"Again"}

    def test_follows_the_customer_but_for_a_company_that_a_person_chose(self, desk: Desk) -> None:
        company = desk.company
        bolt, other = company.hubspot.create("companies", name="Bolt"), company.hubspot.create("companies", name="Other")
        bea = company.customer(DisplayName="Bea Berg", GivenName="Bea", FamilyName="Berg", email="bea@example.com")
        contact = company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
        desk.relate("contacts", contact, associate={"companies": [bolt]})
        desk.open()
        plain, chosen = desk.bill(), desk.bill()
        desk.run(desk.people, desk.invoices)
        desk.relate("invoices", desk.pair(chosen).left.external_id, dissociate={"companies": [desk.acme]}, associate={"companies": [other]})

        for invoice in (plain, chosen):
            desk.change(invoice, CustomerRef={"value": bea})
        desk.run()

        assert (desk.linked(plain, "contacts"), desk.linked(plain, "companies")) == ([contact], [bolt])
        assert (desk.linked(chosen, "contacts"), desk.linked(chosen, "companies")) == ([contact], [other])


class TestWhatIsLeftOut:
    def test_are_invoices_from_before_the_day_of_setup_for_good(self, desk: Desk) -> None:
        old = desk.company.quickbooks.create(
            "Invoice", CustomerRef={"value": desk.ann}, Line=[sold("Audit", 1, 100)], created_days_ago=3
        )
        earlier_today = desk.bill()
        desk.open(frozen=True)
        new = desk.bill()

        desk.run()
        desk.company.clock.added += timedelta(days=2)
        desk.run()

        pair = desk.pair(old)
        assert (pair.state, pair.reason, pair.left) == (PairState.FROZEN, Reason.FILTERED, None)
        assert "Create" in reasons.short(pair=pair)
        assert [desk.pair(one).state for one in (earlier_today, new)] == [PairState.LINKED] * 2
        assert len(desk.company.invoices()) == 2

    def test_are_invoices_that_were_made_in_hubspot(self, desk: Desk) -> None:
        desk.open()
        made = desk.company.hubspot.create("invoices", hs_currency="USD", hs_number="INV-7")
        before = desk.company.held("invoices")[made]

        desk.run()
        desk.run()

        pair = desk.company.pair(left=made)
        assert (pair.state, pair.reason, pair.right) == (PairState.FROZEN, Reason.CREATE_OFF, None)
        assert desk.company.held("invoices")[made] == before
        assert desk.company.quickbooks.control("dump", method="GET")["companies"][0]["Invoice"] == []

    def test_is_an_invoice_that_a_person_excluded(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill())
        pairs.exclude(pair=desk.pair(invoice), excluded=True, now=desk.company.clock.now())
        desk.change(invoice, CustomerMemo={"value": "Changed"})

        desk.run()

        assert (desk.pair(invoice).reason, desk.shown(invoice).get("hs_comments")) == (Reason.BY_HAND, None)


class TestMatching:
    def test_links_an_invoice_that_is_there_under_the_same_number(self, desk: Desk) -> None:
        desk.open()
        there = desk.company.hubspot.create("invoices", hs_currency="USD", hs_invoice_billable="false", hs_number="1044")

        desk.run_with(invoice := desk.bill(DocNumber="1044"))

        assert list(desk.company.invoices()) == [there]
        assert desk.shown(invoice)["qbo_id"] == invoice
        assert [line["amount"] for line in desk.lines(invoice)] == ["100"]

    def test_believes_our_id_before_the_number(self, desk: Desk) -> None:
        desk.open()
        invoice = desk.bill(DocNumber="1044")
        namesake = desk.company.hubspot.create("invoices", hs_currency="USD", hs_invoice_billable="false", hs_number="1044")
        ours = desk.company.hubspot.create("invoices", hs_currency="USD", hs_invoice_billable="false", hs_number="9", qbo_id=invoice)

        desk.run()

        assert desk.pair(invoice) == desk.company.pair(left=ours)
        assert desk.company.invoices()[ours]["hs_number"] == "1044"
        assert desk.company.pair(left=namesake).right is None

    def test_makes_two_of_two_invoices_with_one_number(self, desk: Desk) -> None:
        desk.open()
        first, second = desk.bill(DocNumber="1044"), desk.bill(DocNumber="1044")

        desk.run()

        assert (desk.pair(first).state, desk.pair(second).state) == (PairState.LINKED, PairState.LINKED)
        assert sorted(one["qbo_id"] for one in desk.company.invoices().values()) == [first, second]

    def test_after_the_sync_was_set_up_anew_doubles_nothing(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill())
        configs.delete(config=desk.invoices, actor=None, now=desk.company.clock.now())
        desk.open()
        written = desk.company.hubspot.written()

        desk.run()

        assert (len(desk.company.invoices()), desk.pair(invoice).state) == (1, PairState.LINKED)
        assert desk.company.hubspot.written() == written
