"""What a HubSpot record held before, told by every way of reading it where a filter asks for it."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest

from syncapp.connectors import base, factory, hubspot_fields
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import records

WANTED = base.Wanted(kind="contacts", fields=("email", "firstname", "lifecyclestage", "jobtitle"), history=("jobtitle", "lifecyclestage"))


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=time.sleep)


def moved_on(sandbox: Any, email: str = "ann@example.com") -> str:
    """A contact that was twice a lead before it became a customer, and had its job title taken away."""
    sandbox.switch(index_delay=0.0)
    contact = str(sandbox.edit(type="contacts", create={"email": email, "lifecyclestage": "lead", "jobtitle": "Clerk"})["id"])
    for step in ({"lifecyclestage": "opportunity"}, {"lifecyclestage": "lead"}, {"lifecyclestage": "customer", "jobtitle": ""}):
        sandbox.edit(type="contacts", id=contact, set=step)
    return contact


def past(record: records.Record) -> dict[str, records.Value]:
    return {name: values for name, values in record.past.items() if values}


class TestThePast:
    EXPECTED = {"lifecyclestage": ("lead", "opportunity"), "jobtitle": ("Clerk",)}

    def test_comes_with_a_read_by_id(self, sandbox: Any, connector: HubSpotConnector) -> None:
        (record,) = connector.read(wanted=WANTED, ids=[moved_on(sandbox)]).records

        assert past(record) == self.EXPECTED

    def test_comes_with_a_page_of_the_listing(self, sandbox: Any, connector: HubSpotConnector) -> None:
        moved_on(sandbox)

        (record,) = connector.listing(wanted=WANTED, token=None).records

        assert past(record) == self.EXPECTED

    def test_comes_with_what_changed(self, sandbox: Any, connector: HubSpotConnector) -> None:
        moved_on(sandbox)
        now = connector.server_time()
        window = base.Window(since=now - datetime.timedelta(hours=1), until=now + datetime.timedelta(minutes=1))

        (record,) = connector.changes(wanted=WANTED, window=window, token=None).records

        assert past(record) == self.EXPECTED

    def test_comes_with_what_is_found_by_a_field(self, sandbox: Any, connector: HubSpotConnector) -> None:
        moved_on(sandbox)

        (record,) = connector.find(wanted=WANTED, field_name="email", values=["ann@example.com"])

        assert past(record) == self.EXPECTED

    def test_is_not_asked_for_where_no_filter_needs_it(self, sandbox: Any, connector: HubSpotConnector) -> None:
        contact = moved_on(sandbox)

        (record,) = connector.read(wanted=base.Wanted(kind="contacts", fields=WANTED.fields), ids=[contact]).records

        assert record.past == {}

    def test_of_more_records_than_fit_into_one_call_is_whole(self, sandbox: Any, connector: HubSpotConnector) -> None:
        for number in range(60):
            moved_on(sandbox, f"p{number}@example.com")

        found = connector.listing(wanted=WANTED, token=None).records

        assert len(found) == 60
        assert all(past(record) == self.EXPECTED for record in found)

    def test_of_a_survivor_is_its_own(self, sandbox: Any, connector: HubSpotConnector) -> None:
        kept, lost = moved_on(sandbox), moved_on(sandbox, "bo@example.com")
        sandbox.edit(type="contacts", merge=[kept, lost])

        (record,) = connector.read(wanted=WANTED, ids=[lost]).records

        assert "lead" in record.past["lifecyclestage"]


class TestFields:
    @pytest.mark.parametrize("kind", ["contacts", "invoices", "products"])
    def test_say_whether_they_have_a_past(self, connector: HubSpotConnector, kind: str) -> None:
        found = connector.fields(kind=kind)

        assert {one.name for one in found if not one.keeps_history} == {one.name for one in hubspot_fields.MADE_UP.get(kind, ())}
        for one in found:
            owner, name = one.associated_kind or kind, one.name.removeprefix(f"{one.associated_kind}.")
            assert one.keeps_history is factory.keeps_history(kind=owner, name=name)

    def test_of_what_an_invoice_belongs_to_are_offered(self, connector: HubSpotConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="invoices")}

        reached = [found[name] for name in ("contacts.email", "companies.name", "deals.dealname")]
        assert [(spec.associated_kind, spec.writable) for spec in reached] == [("contacts", False), ("companies", False), ("deals", False)]
        assert reached[0].label == "Contact: Email"


class TestAssociations:
    def test_of_an_invoice_are_told_by_the_invoice(self, sandbox: Any, make_client: Any, connector: HubSpotConnector) -> None:
        contact = str(sandbox.edit(type="contacts", create={"email": "ann@example.com"})["id"])
        company = str(sandbox.edit(type="companies", create={"name": "Acme"})["id"])
        invoice = str(sandbox.edit(type="invoices", create={"hs_currency": "USD", "hs_invoice_billable": "false"})["id"])
        client = make_client(sandbox.url, sandbox.token())
        for kind, other in (("contacts", contact), ("companies", company)):
            client.associate(from_type="invoices", from_id=invoice, to_type=kind, to_id=other)
        wanted = base.Wanted(kind="invoices", fields=("hs_title",), links=("companies", "contacts", "deals"))

        by_read = connector.read(wanted=wanted, ids=[invoice]).records[0]
        by_listing = connector.listing(wanted=wanted, token=None).records[0]

        assert by_read.links == by_listing.links == {"companies": (company,), "contacts": (contact,), "deals": ()}

    def test_are_told_by_one_of_two_kinds(self) -> None:
        kinds = ("contacts", "companies", "deals", "invoices", "products", "customer", "invoice", "item")
        for kind in kinds:
            for other in factory.associated_kinds(kind=kind):
                assert factory.names(kind=kind, other=other) != factory.names(kind=other, other=kind), (kind, other)
