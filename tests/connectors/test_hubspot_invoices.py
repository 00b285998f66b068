"""HubSpot invoices as the sync sees them: what is read, how they are written, and what an account does not let be written."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from typing import Any

import pytest

from syncapp.connectors import base, hubspot_fields
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import errors, lines, records, schema
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import FieldType, OperationKind

FIELDS = ("hs_currency", "hs_invoice_status", "hs_number", "hs_amount_billed", "hs_comments", "contacts", "companies", "line_items")
WANTED = base.Wanted(kind="invoices", fields=FIELDS)
KEY = "0" * 31
REVIEW = {"name": "Review", "price": "100", "quantity": "2"}


@pytest.fixture(params=[False, True], ids=["lenient", "strict"])
def strict(request: pytest.FixtureRequest, sandbox: Any) -> bool:
    sandbox.switch(strict_unknown=request.param)
    return bool(request.param)


@pytest.fixture
def connector(sandbox: Any, make_client: Any) -> HubSpotConnector:
    return HubSpotConnector(client=make_client(sandbox.url, sandbox.token()), sleep=lambda seconds: time.sleep(0.01))


def typed(sandbox: Any, type_: str, **properties: str) -> str:
    return str(sandbox.edit(type=type_, create=properties)["id"])


def invoice(sandbox: Any, *, lines: Any = (), **associate: list[str]) -> str:
    """A tracked invoice that somebody made in HubSpot."""
    made = {"hs_currency": "USD", "hs_invoice_billable": "false"}
    return str(sandbox.edit(type="invoices", create=made, associate=associate, line_items=list(lines))["id"])


def create(key: str, **values: records.Value) -> base.Write:
    given: dict[str, records.Value] = {"hs_currency": "USD", "hs_invoice_billable": False, **values}
    return base.Write(key=key, kind=OperationKind.CREATE, record_kind="invoices", values=given)


def update(key: str, external_id: str, *, current: Mapping[str, records.Value] | None = None, **values: records.Value) -> base.Write:
    return base.Write(
        key=key, kind=OperationKind.UPDATE, record_kind="invoices", values=values, external_id=external_id, current=current or {}
    )


def held(connector: HubSpotConnector, external_id: str, *fields: str) -> Mapping[str, records.Value]:
    wanted = base.Wanted(kind="invoices", fields=fields or FIELDS)
    return connector.read(wanted=wanted, ids=[external_id]).records[0].values


def shown(written: base.Written) -> Mapping[str, records.Value]:
    assert written.error is None, written.error
    assert written.record is not None
    return written.record.values


def specs(connector: HubSpotConnector) -> dict[str, schema.FieldSpec]:
    return {spec.name: spec for spec in connector.fields(kind="invoices")}


def calls(sandbox: Any) -> list[str]:
    """The paths called since the log was emptied."""
    return [one["path"] for one in sandbox.control("log", method="GET")]


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


@pytest.mark.usefixtures("strict")
class TestAnUpdate:
    def test_writes_all_parts_and_shows_them(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann, acme = typed(sandbox, "contacts", email="ann@x.pl"), typed(sandbox, "companies", name="Acme")
        audit = typed(sandbox, "products", name="Audit", price="5")
        one = invoice(sandbox)
        wanted = lines.compose([
            Line(record=audit, name="Audit", description="May", quantity="3", price="20", amount="60", service_date="2026-05-01"),
            Line(kind=LineKind.DISCOUNT, name="Loyal", percent="10"), Line(kind=LineKind.TAX, name="VAT", amount="4.5"),
        ])

        (written,) = connector.write(
            writes=[update("a", one, contacts=ann, companies=acme, line_items=wanted, hs_invoice_status="open", hs_comments="Hi")]
        )

        values = shown(written)
        assert (values["contacts"], values["companies"], values["hs_invoice_status"], values["hs_comments"]) == (ann, acme, "open", "Hi")
        assert lines.parse(values["line_items"])[0] == Line(
            record=audit, name="Audit", description="May", quantity="3", price="20", amount="60"
        )
        assert [(line.kind, line.name, line.percent, line.amount) for line in lines.parse(values["line_items"])[1:]] == [
            (LineKind.DISCOUNT, "Loyal", "10", ""), (LineKind.TAX, "VAT", "", "4.5"),
        ]
        assert held(connector, one)["hs_amount_billed"] == "58.5"
        assert held(connector, one)["line_items"] == values["line_items"]

    def test_shows_also_what_followed_of_the_known_values(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        (written,) = connector.write(
            writes=[update("a", one, line_items=lines.compose([Line(name="A", quantity="1", price="7")]), current=held(connector, one))]
        )

        assert shown(written)["hs_amount_billed"] == "7"
        assert written.record is not None
        assert written.record.revision == connector.read(wanted=WANTED, ids=[one]).records[0].revision

    def test_replaces_the_contact_that_stood_there(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann, bob = typed(sandbox, "contacts", email="ann@x.pl"), typed(sandbox, "contacts", email="bob@x.pl")
        one = invoice(sandbox, contacts=[ann])

        (written,) = connector.write(writes=[update("a", one, contacts=bob, current={"contacts": ann})])

        assert shown(written)["contacts"] == bob
        (record,) = connector.read(wanted=base.Wanted(kind="invoices", fields=(), links=("contacts",)), ids=[one]).records
        assert record.links["contacts"] == (bob,)

    def test_takes_a_company_away(self, sandbox: Any, connector: HubSpotConnector) -> None:
        acme = typed(sandbox, "companies", name="Acme")
        one = invoice(sandbox, companies=[acme])

        (written,) = connector.write(writes=[update("a", one, companies=None, current={"companies": acme})])

        assert shown(written)["companies"] is None

    def test_of_plain_values_takes_one_call(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ids = [invoice(sandbox) for _ in range(3)]
        connector.fields(kind="invoices")
        sandbox.control("log", method="DELETE")

        written = connector.write(writes=[update(f"k{one}", one, hs_comments="Hi") for one in ids])

        assert [shown(one)["hs_comments"] for one in written] == ["Hi"] * 3
        assert len(calls(sandbox)) == 1

    def test_that_fails_for_one_stops_no_other(self, sandbox: Any, connector: HubSpotConnector) -> None:
        ann = typed(sandbox, "contacts", email="ann@x.pl")
        gone = typed(sandbox, "contacts", email="gone@x.pl")
        sandbox.edit(type="contacts", id=gone, delete=True)
        first, second, third, fourth = (invoice(sandbox) for _ in range(4))
        good = lines.compose([Line(name="A", quantity="1", price="7")])

        done = connector.write(
            writes=[
                update("a", first, contacts=gone, line_items=good),
                update("b", second, contacts=ann, line_items=lines.compose([Line(name="A", quantity="1", price="-7")])),
                update("c", third, contacts=ann, line_items=good, hs_comments="Hi"),
                update("d", fourth, line_items=good, hs_due_date="no date"),
            ]
        )

        assert [type(one.error) for one in done] == [errors.Rejected, errors.Rejected, type(None), errors.Rejected]
        assert [one.error.field for one in done if one.error] == ["contacts", "line_items", "hs_due_date"]
        assert str(done[0].error) == f"HubSpot has no contact {gone} any more, so it cannot be associated."
        assert "below zero" in str(done[1].error)
        assert shown(done[2])["hs_comments"] == "Hi" and shown(done[2])["line_items"]

    @pytest.mark.parametrize("part", ["contacts", "line_items", "no lines", "properties"])
    def test_of_an_invoice_that_is_gone_says_so(self, sandbox: Any, connector: HubSpotConnector, part: str) -> None:
        ann = typed(sandbox, "contacts", email="ann@x.pl")
        values: dict[str, dict[str, records.Value]] = {
            "contacts": {"contacts": ann},
            "line_items": {"line_items": lines.compose([Line(name="A", quantity="1", price="7")])},
            "no lines": {"line_items": None},
            "properties": {"hs_comments": "Hi"},
        }
        one = invoice(sandbox, lines=[REVIEW])
        sandbox.edit(type="invoices", id=one, delete=True)

        (written,) = connector.write(writes=[update("a", one, **values[part])])

        assert isinstance(written.error, errors.Gone)


class TestAStandardPropertyThatIsRefused:
    def test_is_left_out_and_shown_as_it_is(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True)
        one, other = invoice(sandbox), invoice(sandbox)

        done = connector.write(
            writes=[
                update("a", one, hs_number="1001", hs_payment_date="2026-11-01T00:00:00.000Z", hs_amount_billed="9", hs_comments="Hi"),
                update("b", other, hs_comments="Ho"),
            ]
        )

        assert [shown(one)["hs_comments"] for one in done] == ["Hi", "Ho"]
        assert (shown(done[0])["hs_number"], shown(done[0])["hs_payment_date"]) == (None, None)
        assert shown(done[0])["hs_amount_billed"] == "0"

    def test_may_be_all_there_was(self, sandbox: Any, connector: HubSpotConnector) -> None:
        sandbox.switch(strict_unknown=True)
        one = invoice(sandbox)

        (written,) = connector.write(writes=[update("a", one, hs_number="1001")])

        assert shown(written)["hs_number"] is None

    @pytest.mark.parametrize("status", ["paid", "voided"])
    def test_may_be_the_status(self, sandbox: Any, connector: HubSpotConnector, status: str) -> None:
        one, other = invoice(sandbox), invoice(sandbox)
        sandbox.switch(status_without_payment=False)
        try:
            done = connector.write(
                writes=[update("a", one, hs_invoice_status=status, hs_comments="Hi"), update("b", other, hs_invoice_status="open")]
            )
        finally:
            sandbox.switch(status_without_payment=True)

        assert (shown(done[0])["hs_invoice_status"], shown(done[0])["hs_comments"]) == ("draft", "Hi")
        assert shown(done[1])["hs_invoice_status"] == "open"

    def test_may_be_a_status_that_needs_lines(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one, other = invoice(sandbox), invoice(sandbox)
        wanted = lines.compose([Line(name="A", quantity="1", price="7")])
        sandbox.switch(non_billable_needs_line_items=True)
        try:
            done = connector.write(
                writes=[
                    update("a", one, hs_invoice_status="open", hs_comments="Hi"),
                    update("b", other, hs_invoice_status="open", line_items=wanted),
                ]
            )
        finally:
            sandbox.switch(non_billable_needs_line_items=False)

        assert [shown(one)["hs_invoice_status"] for one in done] == ["draft", "open"]
        assert shown(done[0])["hs_comments"] == "Hi"

    def test_that_the_account_does_not_have_is_left_out_too(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        (written,) = connector.write(writes=[update("a", one, hs_unheard_of="x", hs_comments="Hi")])

        assert (shown(written)["hs_unheard_of"], shown(written)["hs_comments"]) == (None, "Hi")

    def test_is_not_the_currency_nor_one_of_ours(self, sandbox: Any, connector: HubSpotConnector) -> None:
        one = invoice(sandbox)

        money, ours = connector.write(writes=[update("a", one, hs_currency="ZZZ"), update("b", invoice(sandbox), qbo_total="5")])

        assert isinstance(money.error, errors.Rejected) and money.error.field == "hs_currency"
        assert isinstance(ours.error, errors.Rejected) and ours.error.field == "qbo_total"


class TestAnArchive:
    def test_puts_a_draft_away_and_no_paid_invoice(self, sandbox: Any, connector: HubSpotConnector) -> None:
        draft, paid = invoice(sandbox), invoice(sandbox, lines=[REVIEW])
        connector.write(writes=[update("a", paid, hs_invoice_status="paid")])

        done = connector.write(
            writes=[
                base.Write(key=key, kind=OperationKind.ARCHIVE, record_kind="invoices", values={}, external_id=one)
                for key, one in (("a", draft), ("b", paid))
            ]
        )

        assert done[0].record is not None
        assert isinstance(done[1].error, errors.Rejected)
