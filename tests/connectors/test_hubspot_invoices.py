"""HubSpot invoices as the sync sees them: what is read, how they are written, and what an account does not let be written."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest

from syncapp.connectors import base, hubspot_fields
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, lines, records, schema
from syncapp.engine.lines import Line
from syncapp.engine.vocabulary import FieldType, OperationKind
from tests.connectors.hubspot_invoicing import REVIEW, WANTED, calls, held, invoice, shown, typed

KEY = "0" * 31


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=lambda seconds: time.sleep(0.01))


def create(key: str, **values: records.Value) -> base.Write:
    given: dict[str, records.Value] = {"hs_currency": "USD", "hs_invoice_billable": False, **values}
    return base.Write(key=key, kind=OperationKind.CREATE, record_kind="invoices", values=given)


def specs(connector: HubSpotConnector) -> dict[str, schema.FieldSpec]:
    return {spec.name: spec for spec in connector.fields(kind="invoices")}


class TestFields:
    def test_offer_contact_company_and_lines(self, connector: HubSpotConnector) -> None:
        found = specs(connector)

        told = [(found[name].label, found[name].type, found[name].refers_to) for name in ("contacts", "companies", "line_items")]
        assert told == [
            ("Contact", FieldType.REFERENCE, "contacts"), ("Company", FieldType.REFERENCE, "companies"),
            ("Line items", FieldType.LINES, "products"),
        ]
        made_up = [found[name] for name in ("contacts", "companies", "line_items")]
        assert all(spec.later and spec.writable and not spec.reason for spec in made_up)
        assert [name for name, spec in found.items() if spec.yields] == ["companies"]

    def test_say_that_a_status_begins_as_draft_and_comes_later(self, connector: HubSpotConnector) -> None:
        status = specs(connector)["hs_invoice_status"]

        assert (status.initial, status.later, status.writable) == ("draft", True, True)
        assert not specs(connector)["hs_invoice_billable"].later

    def test_offer_the_currencies_of_the_account_only(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(portal_currency="USD", additional_currencies="EUR,PLN")
        try:
            choices = specs(connector)["hs_currency"].choices
        finally:
            sandbox.switch(portal_currency="", additional_currencies="")

        assert [code for code, _ in choices] == ["USD", "EUR", "PLN"]

    def test_leave_out_currencies_that_hubspot_lists_and_the_account_has_not(self) -> None:
        listed = schema.FieldSpec(name="hs_currency", label="Currency", type=FieldType.CHOICE, choices=(("EUR", "Euro"), ("PLN", "Zloty")))
        silent = schema.FieldSpec(name="hs_currency", label="Currency", type=FieldType.CHOICE)

        assert hubspot_fields.currencies(listed, enabled=("USD", "EUR")).choices == (("EUR", "Euro"),)
        assert hubspot_fields.currencies(silent, enabled=("USD", "EUR")).choices == (("USD", "USD"), ("EUR", "EUR"))

    def test_have_no_currency_of_the_account_but_where_it_is_chosen(self, connector: HubSpotConnector) -> None:
        assert [spec.name for spec in specs(connector).values() if spec.currency] == ["hs_currency"]


class TestReading:
    def test_shows_contact_company_and_lines(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann, acme = typed(sandbox, "contacts", email="ann@x.pl"), typed(sandbox, "companies", name="Acme")
        one = invoice(sandbox, contacts=[ann], companies=[acme], lines=[REVIEW])

        values = held(connector, one)

        assert (values["contacts"], values["companies"]) == (ann, acme)
        assert lines.parse(values["line_items"]) == (Line(name="Review", quantity="2", price="100", amount="200"),)

    def test_shows_nothing_where_there_is_nothing(self, sandbox: Any, connector: HubSpotConnector) -> None:
        values = held(connector, invoice(sandbox))

        assert (values["contacts"], values["companies"], values["line_items"]) == (None, None, None)

    def test_asks_for_associations_only_when_they_are_wanted(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox, lines=[REVIEW])
        sandbox.control("log", method="DELETE")

        assert held(connector, one, "hs_currency") == {"hs_currency": "USD"}
        assert not [path for path in calls(sandbox) if "associations" in path or "line_items" in path]

    def test_is_the_same_in_every_way(self, sandbox: Any, connector: HubSpotConnector) -> None:
        connector.install_fields(kind="invoices")
        one = invoice(sandbox, lines=[REVIEW])
        sandbox.edit(type="invoices", id=one, set={"qbo_id": "9:1"})
        now = connector.server_time()
        window = base.Window(since=now - datetime.timedelta(minutes=5), until=now + datetime.timedelta(minutes=5))

        found = [
            *connector.listing(wanted=WANTED, token=None).records,
            *connector.changes(wanted=WANTED, window=window, token=None).records,
            *connector.find(wanted=WANTED, field_name="qbo_id", values=["9:1"]),
        ]

        assert [record.values["line_items"] for record in found] == [held(connector, one)["line_items"]] * 3

    def test_without_leave_for_line_items_is_refused_where_they_are_wanted(self, sandbox: Any, make_client: Any) -> None:
        token = sandbox.token(["crm.objects.invoices.read", "crm.objects.contacts.read", "crm.objects.companies.read"])
        limited = HubSpotConnector(client=make_client(sandbox.url, token), sleep=time.sleep)
        one = invoice(sandbox, lines=[REVIEW])

        assert held(limited, one, "hs_currency", "contacts")["contacts"] is None
        with pytest.raises(errors.Rejected):
            held(limited, one, "line_items")

    def test_of_a_full_page_takes_few_calls(self, sandbox: Any, connector: HubSpotConnector) -> None:
        for number in range(100):
            invoice(sandbox, lines=[REVIEW, {"name": f"Travel {number}", "price": "5"}, REVIEW])
        connector.fields(kind="invoices")
        sandbox.control("log", method="DELETE")

        page = connector.listing(wanted=WANTED, token=None)

        assert len(page.records) == 100
        assert all(len(lines.parse(record.values["line_items"])) == 3 for record in page.records)
        assert len(calls(sandbox)) == 1 + 6 + 3  # the page, one call for each kind of association, 300 line items

    def test_has_no_history_of_what_is_no_property(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)
        sandbox.edit(type="invoices", id=one, set={"hs_comments": "a"})

        found = connector.history(kind="invoices", ids=[one], fields=["hs_comments", "contacts", "line_items"])

        assert list(found[one]) == ["hs_comments"] and found[one]["hs_comments"][0].value == "a"
        assert connector.history(kind="invoices", ids=[one], fields=["contacts"]) == {one: {}}


@pytest.mark.usefixtures("strict")
class TestACreate:
    def test_makes_an_invoice_that_is_only_tracked(self, connector: HubSpotConnector) -> None:
        (written,) = connector.write(writes=[create(KEY + "1", hs_comments="Thanks")])

        values = shown(written)
        assert (values["hs_invoice_billable"], values["hs_invoice_status"], values["hs_comments"]) == (False, "draft", "Thanks")
        assert (values["contacts"], values["companies"], values["line_items"]) == (None, None, None)

    def test_is_found_again_where_our_key_is_kept(self, connector: HubSpotConnector, strict: bool) -> None:
        (written,) = connector.write(writes=[create(KEY + "1")])
        assert written.record is not None

        found = connector.find_created(wanted=WANTED, keys=[KEY + "1"])

        assert [record.ref for record in found.values()] == ([] if strict else [written.record.ref])

    def test_without_an_answer_is_found_by_the_id_in_quickbooks(self, sandbox: Any, connector: HubSpotConnector) -> None:
        connector.install_fields(kind="invoices")
        invoice(sandbox)
        sandbox.switch(index_delay=600.0)
        sandbox.breaks("drop_after_commit", "invoices/batch/(create|upsert)$")

        (lost,) = connector.write(writes=[create(KEY + "1", qbo_id="9:1")])

        assert isinstance(lost.error, errors.OutcomeUnknown)
        (found,) = connector.find(wanted=WANTED, field_name="qbo_id", values=["9:1"])
        assert found.values["hs_currency"] == "USD"

    @pytest.mark.parametrize("strict", [False], indirect=True, ids=["where our key is kept"])
    def test_sent_again_shows_what_the_first_one_got_since(self, sandbox: Any, connector: HubSpotConnector, strict: bool) -> None:
        (first,) = connector.write(writes=[create(KEY + "1")])
        assert first.record is not None
        ann = typed(sandbox, "contacts", email="ann@x.pl")
        sandbox.edit(type="invoices", id=first.record.ref.external_id, associate={"contacts": [ann]})

        (second,) = connector.write(writes=[create(KEY + "1")])

        assert second.record is not None and second.record.ref == first.record.ref
        assert second.record.values["contacts"] == ann

    def test_does_without_a_standard_property_that_is_refused(self, connector: HubSpotConnector, strict: bool) -> None:
        number, other = connector.write(
            writes=[create(KEY + "1", hs_number="1001", hs_amount_billed="50", hs_comments="a"), create(KEY + "2", hs_comments="b")]
        )

        assert shown(number)["hs_comments"] == "a" and shown(other)["hs_comments"] == "b"
        assert shown(number)["hs_number"] == (None if strict else "1001")
        assert shown(number)["hs_amount_billed"] == ("0" if strict else "50")

    def test_shows_what_hubspot_made_of_it(self, sandbox: Any, connector: HubSpotConnector, strict: bool) -> None:
        sandbox.switch(billed_lost_on_create=True)
        try:
            (written,) = connector.write(writes=[create(KEY + "1", hs_amount_billed="50")])
        finally:
            sandbox.switch(billed_lost_on_create=False)

        assert shown(written)["hs_amount_billed"] == "0"
