"""Filters that look at what was, and at the records around a record."""

from __future__ import annotations

from datetime import timedelta

from syncapp import models
from syncapp.engine.vocabulary import Direction, FilterOperator, PairState, Side
from tests.runs.company import Company


def let_in(company: Company, side: Side, name: str, operator: FilterOperator, *values: str) -> None:
    """One condition, in a group of its own."""
    connection, kind = (company.config.left, "contacts") if side is Side.LEFT else (company.config.right, "customer")
    field = models.VendorField.objects.get(connection=connection, kind=kind, name=name)
    group = models.FilterGroup.objects.create(config=company.config, side=side, name="Some")
    models.FilterRule.objects.create(group=group, field=field, operator=operator, values=list(values))
    company.set()


def lead_once(company: Company, email: str = "ann@example.com") -> str:
    """A contact that was a lead before anything of it was read here."""
    contact = company.contact(firstname="Ann", email=email, lifecyclestage="lead")
    company.hubspot.change("contacts", contact, lifecyclestage="customer")
    return contact


def invoice_of(company: Company, contact: str, **properties: object) -> str:
    invoice = company.hubspot.create("invoices", **{"hs_currency": "USD", "hs_invoice_billable": "false", **properties})
    company.hubspot.associate("invoices", invoice, "contacts", contact)
    return invoice


def bill(company: Company, customer: str, *, amount: int = 100, **body: object) -> str:
    sold = {"ItemRef": {"value": company.service(f"Work {amount}")}}
    line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": sold}
    return company.quickbooks.create("Invoice", CustomerRef={"value": customer}, Line=[line], **body)


def pay(company: Company, customer: str, invoice: str, *, amount: int) -> None:
    line = {"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}
    company.quickbooks.create("Payment", CustomerRef={"value": customer}, TotalAmt=amount, Line=[line])


def one_way(company: Company, direction: Direction) -> None:
    company.set(direction=direction, create_to="RIGHT" if direction is Direction.TO_RIGHT else "LEFT")


class TestThePast:
    def test_counts_although_it_was_over_before_the_first_run(self, company: Company) -> None:
        once = lead_once(company)
        never = company.contact(firstname="Bo", email="bo@example.com", lifecyclestage="customer")
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")

        company.run()

        assert company.pair(left=once).state == PairState.LINKED
        assert company.pair(left=never).state == PairState.FROZEN

    def test_keeps_out_who_was_what_nobody_should_have_been(self, company: Company) -> None:
        once = lead_once(company)
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.NEVER_ANY_OF, "lead")

        company.run()

        assert company.pair(left=once).state == PairState.FROZEN

    def test_is_read_when_a_filter_first_asks_for_it(self, company: Company) -> None:
        """Nothing of the contact changes: that the filter asks is reason enough to read all contacts once more."""
        once = lead_once(company)
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EQUALS, "nothing")
        models.FilterRule.objects.update(operator=FilterOperator.ANY_OF, values=["lead"])
        company.set()
        company.run()
        before = company.pair(left=once).state
        known = models.Record.objects.get(kind="contacts", external_id=once).past
        listings = models.SyncCursor.objects.filter(stream="listing", kind="contacts")
        listed = listings.get().completed_at

        models.FilterRule.objects.update(operator=FilterOperator.EVER_ANY_OF)
        company.set()
        company.run()

        assert (before, known) == (PairState.FROZEN, {})
        assert listings.get().completed_at != listed
        assert company.pair(left=once).state == PairState.LINKED

    def test_between_two_runs_is_not_missed(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com", lifecyclestage="customer")
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")
        company.run()
        before = company.pair(left=contact).state

        company.hubspot.change("contacts", contact, lifecyclestage="lead")
        company.hubspot.change("contacts", contact, lifecyclestage="customer")
        company.run()

        assert before == PairState.FROZEN
        assert company.pair(left=contact).state == PairState.LINKED

    def test_of_an_invoice_lets_its_contact_in(self, company: Company) -> None:
        once, never = (company.contact(firstname=name, email=f"{name}@example.com") for name in ("ann", "bo"))
        for contact, titles in ((once, ("Draft", "Sent")), (never, ("Other", "Sent"))):
            invoice = invoice_of(company, contact, hs_title=titles[0])
            company.hubspot.change("invoices", invoice, hs_title=titles[1])
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "invoices.hs_title", FilterOperator.EVER_EQUALED, "draft")

        company.run()

        assert company.pair(left=once).state == PairState.LINKED
        assert company.pair(left=never).state == PairState.FROZEN

    def test_that_was_seen_here_outlives_the_vendors_memory(self, company: Company) -> None:
        """A vendor may forget the oldest values; what was seen here stays, each value once."""
        contact = lead_once(company)
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EVER_ANY_OF, "subscriber")
        company.run()
        kept = models.Record.objects.filter(kind="contacts", external_id=contact)
        kept.update(past={"lifecyclestage": ["lead", "subscriber"]})

        for stage in ("evangelist", "customer", "other"):
            company.hubspot.change("contacts", contact, lifecyclestage=stage)
        company.run()

        assert kept.get().past == {"lifecyclestage": ["customer", "evangelist", "lead", "subscriber"]}
        assert company.pair(left=contact).state == PairState.LINKED

    def test_is_kept_by_what_was_seen_where_nobody_asks_for_it(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")
        one_way(company, Direction.TO_RIGHT)
        company.run()

        company.hubspot.change("contacts", contact, firstname="Anna")
        company.run()

        past = models.Record.objects.get(kind="contacts", external_id=contact).past
        assert past["firstname"] == ["Ann"]

    def test_does_not_make_a_settled_sync_restless(self, company: Company) -> None:
        lead_once(company)
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")
        company.settle()
        company.clock.pass_seconds(400)

        run = company.run()

        assert run.counts.get("changed_left", 0) == 0
        assert company.settle() == 1


class TestInvoicesOfACustomer:
    def test_let_it_in_while_they_are_unpaid(self, company: Company) -> None:
        owing = company.customer(DisplayName="Ann", email="ann@example.com")
        idle = company.customer(DisplayName="Bo", email="bo@example.com")
        invoice = bill(company, owing, amount=100)
        one_way(company, Direction.TO_LEFT)
        let_in(company, Side.RIGHT, "invoice.Balance", FilterOperator.GREATER, "0")

        company.run()
        before = company.pair(right=owing).state, company.pair(right=idle).state
        pay(company, owing, invoice, amount=100)
        company.clock.pass_seconds(400)
        company.run()

        assert before == (PairState.LINKED, PairState.FROZEN)
        assert company.pair(right=owing).state == PairState.FROZEN

    def test_let_it_in_once_one_is_written(self, company: Company) -> None:
        customer = company.customer(DisplayName="Ann", email="ann@example.com")
        one_way(company, Direction.TO_LEFT)
        let_in(company, Side.RIGHT, "invoice.TotalAmt", FilterOperator.GREATER_OR_EQUAL, "50")
        bill(company, customer, amount=40)
        company.run()
        before = company.pair(right=customer).state

        bill(company, customer, amount=60)
        company.clock.pass_seconds(400)
        company.run()

        assert before == PairState.FROZEN
        assert company.pair(right=customer).state == PairState.LINKED

    def test_that_are_deleted_do_not_count_any_more(self, company: Company) -> None:
        customer = company.customer(DisplayName="Ann", email="ann@example.com")
        invoice = bill(company, customer)
        one_way(company, Direction.TO_LEFT)
        let_in(company, Side.RIGHT, "invoice.TxnDate", FilterOperator.IS_KNOWN)
        company.run()
        before = company.pair(right=customer).state

        company.quickbooks.delete("Invoice", invoice)
        company.clock.pass_seconds(400)
        company.run()

        assert before == PairState.LINKED
        assert company.pair(right=customer).state == PairState.FROZEN
        assert "this customer has no invoice" in str(company.pair(right=customer).detail)


class TestWhenADayGoesBy:
    def test_a_date_of_an_associated_record_lets_others_in(self, company: Company) -> None:
        customer = company.customer(DisplayName="Ann", email="ann@example.com")
        due = (company.clock.now() + timedelta(days=2)).date().isoformat()
        bill(company, customer, DueDate=due)
        one_way(company, Direction.TO_LEFT)
        let_in(company, Side.RIGHT, "invoice.DueDate", FilterOperator.MORE_THAN_DAYS_AGO, "1")
        company.run()
        before = company.pair(right=customer).state

        company.clock.pass_seconds(6 * 86_400)
        company.run()

        assert before == PairState.FROZEN
        assert company.pair(right=customer).state == PairState.LINKED
