"""QuickBooks invoices as the sync sees them: their fields, the state they are in, and what is found by what."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.quickbooks.entities import Entity, Kind, entity
from syncapp.connectors import base, quickbooks_invoice_fields
from syncapp.connectors.quickbooks import LAST_REVISION, QuickBooksConnector
from syncapp.engine import errors, schema
from syncapp.engine.vocabulary import FieldType, RecordState
from tests.connectors import invoicing
from tests.connectors.invoicing import invoice, item, payment, shown, sold
from tests.integrations.quickbooks_client.sandboxed import Company, NotedLimits

TODAY = date(2026, 11, 26)


def fields(connector: QuickBooksConnector) -> dict[str, schema.FieldSpec]:
    return {spec.name: spec for spec in connector.fields(kind="invoice")}


def written(**told: Any) -> Entity:
    return entity(kind=Kind.INVOICE, data={"Id": "7", **told})


def now(company: Company) -> datetime:
    return datetime.fromisoformat(company.control("clock", method="GET")["now"])


class TestFields:
    def test_say_what_may_be_written(self, connector: QuickBooksConnector) -> None:
        found = fields(connector)

        assert {name for name, spec in found.items() if spec.writable and not spec.reason} == {
            "DocNumber", "TxnDate", "DueDate", "CustomerRef", "Line", "CurrencyRef.value", "CustomerMemo.value", "PrivateNote",
            "BillEmail.Address",
        }
        assert found["DocNumber"].max_length == 21
        assert not any(spec.currency for spec in found.values())

    def test_lead_to_customers_and_items(self, connector: QuickBooksConnector) -> None:
        found = fields(connector)

        assert (found["CustomerRef"].type, found["CustomerRef"].refers_to) == (FieldType.REFERENCE, "customer")
        assert (found["Line"].type, found["Line"].refers_to) == (FieldType.LINES, "item")
        assert not found["CustomerRef"].reason

    def test_know_the_currency_of_a_company_that_has_one(self, connector: QuickBooksConnector) -> None:
        currency = fields(connector)["CurrencyRef.value"]

        assert (currency.choices, currency.required) == ((("USD", "USD"),), False)

    def test_need_the_currency_where_there_are_several(self, company: Company, connector: QuickBooksConnector) -> None:
        company.switch(multicurrency=True)

        currency = fields(connector)["CurrencyRef.value"]

        assert (currency.choices, currency.required) == ((), True)

    def test_offer_custom_fields_under_their_names(self, company: Company, connector: QuickBooksConnector) -> None:
        company.switch(custom_fields="Crew #, Project")

        found = fields(connector)

        assert [(found[f"CustomField.{slot}"].label, bool(found[f"CustomField.{slot}"].reason)) for slot in "123"] == [
            ("Crew #", False), ("Project", False), ("Custom field 3", True),
        ]
        assert found["CustomField.1"].max_length == 30

    def test_say_what_a_custom_field_lacks(self, company: Company, connector: QuickBooksConnector) -> None:
        off = {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": False}
        on = {"Name": "SalesFormsPrefs.UseSalesCustom2", "Type": "BooleanType", "BooleanValue": True}
        label = {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"}
        company.edit(type="Preferences", set={"SalesFormsPrefs": {"CustomField": [{"CustomField": [off, on]}, {"CustomField": [label]}]}})

        found = fields(connector)

        assert 'The custom field "Crew #" is switched off' in found["CustomField.1"].reason
        assert "has no name" in found["CustomField.2"].reason
        assert "no such custom field" in found["CustomField.3"].reason
        assert all("printed" in found[f"CustomField.{slot}"].reason for slot in "123")


class TestValues:
    def test_are_those_of_the_form(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        company.switch(custom_fields="Crew #")
        number = invoice(
            company, ada, sold("Review", Qty=2, UnitPrice=100.5), TxnDate="2026-11-01", DueDate="2026-12-01", DocNumber="A-7",
            CustomerMemo={"value": "Thank you"}, PrivateNote="Second try", BillEmail={"Address": "ada@larkspur.example"},
            TermName="Net 30", ShipMethodRef={"value": "Carrier"}, TrackingNum="1Z", ShipAddr={"City": "Tucson"},
            CustomField=[{"DefinitionId": "1", "StringValue": "Alpha"}],
        )

        record = shown(connector, number)

        told = {
            "DocNumber": "A-7", "TxnDate": "2026-11-01", "DueDate": "2026-12-01", "TotalAmt": "201", "Balance": "201", "AmountPaid": "0",
            "CustomerRef": ada, "CustomerRef.name": "Ada", "CustomerMemo.value": "Thank you", "PrivateNote": "Second try",
            "BillEmail.Address": "ada@larkspur.example", "SalesTermRef.name": "Net 30", "ShipMethodRef.name": "Carrier",
            "TrackingNum": "1Z", "ShipAddr.City": "Tucson", "CustomField.1": "Alpha", "CustomField.2": None, "CurrencyRef.value": "USD",
            "Subtotal": "201", "Discount": "0", "Tax": "0", "Deposit": "0", "EmailStatus": "NotSet", "PrintStatus": "NeedToPrint",
            "Id": number, "Link": f"https://app.qbo.intuit.com/app/invoice?txnId={number}", "ClassRef.name": None, "ExchangeRate": None,
        }
        assert {name: record.values[name] for name in told} == told
        assert (record.label, record.links, record.state) == ("A-7", {"customer": (ada,)}, RecordState.LIVE)

    def test_hold_both_currencies(self, company: Company, connector: QuickBooksConnector) -> None:
        company.switch(multicurrency=True)
        customer = company.customer("Grace", CurrencyRef={"value": "EUR"})
        number = invoice(company, customer, sold("Review", Qty=1, UnitPrice=100), ExchangeRate=1.1)

        values = shown(connector, number).values

        assert [values[name] for name in ("CurrencyRef.value", "ExchangeRate", "TotalAmt", "HomeTotalAmt", "HomeBalance")] == [
            "EUR", "1.1", "100", "110", "110",
        ]

    def test_tell_sums_that_add_up(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        item(company, "Refund of travel")
        number = invoice(
            company, ada, sold("Review", Qty=1, UnitPrice=100), sold("Refund of travel", -20),
            {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}},
            TxnTaxDetail={"TotalTax": 5}, Deposit=7,
        )

        values = shown(connector, number).values

        assert [values[name] for name in ("Subtotal", "Discount", "Tax", "TotalAmt", "Deposit", "Balance", "AmountPaid")] == [
            "100", "28", "5", "77", "7", "70", "7",
        ]

    def test_take_deleted_off_the_name_of_a_customer_and_look_up_a_missing_name(self) -> None:
        place = invoicing.place(names={(Kind.TERM, "3"): "Net 30"})
        found = written(CustomerRef={"value": "1", "name": "Ada (deleted)"}, SalesTermRef={"value": "3"}, DepartmentRef={"value": "9"})

        values = invoicing.read(found, place=place)

        assert [values[name] for name in ("CustomerRef.name", "SalesTermRef.name", "DepartmentRef.name")] == ["Ada", "Net 30", None]

    def test_without_a_number_are_called_by_id(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        company.switch(custom_txn_numbers=True)
        number = invoice(company, ada, sold("Review", 10))

        record = shown(connector, number)

        assert (record.label, record.values["DocNumber"]) == (f"Invoice {number}", None)


class TestState:
    def state(self, connector: QuickBooksConnector, number: str) -> tuple[object, object]:
        values = shown(connector, number).values
        return values["InvoiceStatus"], values["PaymentState"]

    def test_is_open_until_it_is_due(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        day = now(company).date()
        due_today = invoice(company, ada, sold("Review", 10), DueDate=day.isoformat())
        due_yesterday = invoice(company, ada, sold("Review", 10), DueDate=(day - timedelta(days=1)).isoformat())

        assert [self.state(connector, number) for number in (due_today, due_yesterday)] == [("open", "open"), ("open", "overdue")]

    def test_follows_payments(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        number = invoice(company, ada, sold("Review", 100))
        payment(company, ada, 40, ("Invoice", number, 40))
        partly = self.state(connector, number)
        payment(company, ada, 60, ("Invoice", number, 60))

        assert (partly, self.state(connector, number)) == (("open", "partial"), ("paid", "paid"))
        assert shown(connector, number).values["AmountPaid"] == "100"

    def test_overdue_comes_before_partly_paid(self) -> None:
        found = written(TotalAmt=100, Balance=60, DueDate="2026-11-25")

        assert quickbooks_invoice_fields.payment_state(found, today=TODAY) == "overdue"

    def test_is_void_after_a_void(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        number = invoice(company, ada, sold("Review", Qty=1, UnitPrice=100), DueDate="2026-01-01", PrivateNote="Typed twice")
        company.edit(type="Invoice", id=number, void=True)

        assert self.state(connector, number) == ("voided", "voided")

    @pytest.mark.parametrize(
        ("told", "status"),
        [
            ({"TotalAmt": 0, "Balance": 0}, "paid"),
            ({"TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided - old"}, "voided"),
            ({"TotalAmt": 5, "Balance": 0, "PrivateNote": "Voided the other one"}, "paid"),
            ({"TotalAmt": 5, "Balance": 5, "PrivateNote": "Voided the other one"}, "open"),
        ],
    )
    def test_needs_the_note_and_no_amount_to_be_void(self, told: dict[str, Any], status: str) -> None:
        assert quickbooks_invoice_fields.status(written(**told)) == status

    def test_is_that_of_the_companys_own_day(self, company: Company, ada: str) -> None:
        west, east = "Pacific/Niue", "Pacific/Kiritimati"
        day = now(company).astimezone(ZoneInfo(west)).date()
        number = invoice(company, ada, sold("Review", 10), DueDate=day.isoformat())

        states = [self.state(invoicing.connected(company, time_zone=zone), number)[1] for zone in (west, east)]

        assert states == ["open", "overdue"]


class TestReading:
    def test_lists_all_and_never_inactive_ones(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        numbers = [invoice(company, ada, sold("Review", 10)) for _ in range(3)]

        assert [one.ref.external_id for one in connector.listing(wanted=invoicing.WANTED, token=None).records] == numbers
        assert connector.listing(wanted=invoicing.WANTED, token=None, archived=True).records == ()

    def test_finds_by_number_and_by_id(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        first, second = (invoice(company, ada, sold("Review", 10), DocNumber=name) for name in ("A-1", "A-2"))

        by_number = connector.find(wanted=invoicing.WANTED, field_name="DocNumber", values=["a-1", "none"])
        by_customer = connector.find(wanted=invoicing.WANTED, field_name="CustomerRef", values=[ada])

        assert [one.ref.external_id for one in by_number] == [first]
        assert [one.ref.external_id for one in by_customer] == [first, second]

    def test_finds_by_id_with_one_query(self, company: Company, ada: str) -> None:
        number = invoice(company, ada, sold("Review", 10))
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))
        wanted = base.Wanted(kind="invoice", fields=("DocNumber", "CustomerRef.name"))

        found = connector.find(wanted=wanted, field_name="Id", values=[number, "x"])

        assert [one.ref.external_id for one in found] == [number]
        assert len(limits.acquired) == 1

    def test_hears_of_changes_and_deletions(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        paid, deleted = (invoice(company, ada, sold("Review", 10)) for _ in range(2))
        before = shown(connector, paid).revision
        company.edit(type="Invoice", id=deleted, delete=True)
        payment(company, ada, 10, ("Invoice", paid, 10))
        moment = connector.server_time()

        window = base.Window(since=moment - timedelta(minutes=5), until=moment + timedelta(minutes=5))
        found = {one.ref.external_id: one for one in connector.changes(wanted=invoicing.WANTED, window=window, token=None).records}

        assert {number: one.state for number, one in found.items()} == {paid: RecordState.LIVE, deleted: RecordState.GONE}
        assert found[paid].revision > before
        assert (found[deleted].revision.number, found[deleted].values) == (LAST_REVISION, {})
        assert connector.read(wanted=invoicing.WANTED, ids=[deleted]).missing == (deleted,)

    def test_has_a_page(self, connector: QuickBooksConnector) -> None:
        assert connector.record_url(kind="invoice", external_id="7") == "https://app.qbo.intuit.com/app/invoice?txnId=7"

    def test_refuses_a_token_that_is_not_its_own(self, connector: QuickBooksConnector) -> None:
        with pytest.raises(errors.Misconfigured):
            connector.listing(wanted=invoicing.WANTED, token="nonsense")
