"""The invoices of a QuickBooks customer, looked at through the customer."""

from __future__ import annotations

import pytest

from syncapp.connectors import base, factory
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine.vocabulary import FieldType, RecordState
from tests.integrations.quickbooks_client.sandboxed import Company

WANTED = base.Wanted(kind="invoice", fields=("Balance", "DueDate", "TotalAmt", "TxnDate"), links=("customer",))


def invoice(company: Company, customer: str, amount: int = 120) -> str:
    """An invoice over one line that somebody wrote in QuickBooks."""
    item = str(company.edit(type="Item", create={"Name": f"Work {amount}", "Type": "Service", "IncomeAccountRef": {"value": "1"}})["id"])
    line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": item}}}
    body = {"CustomerRef": {"value": customer}, "TxnDate": "2026-11-02", "DueDate": "2026-12-02", "Line": [line]}
    return str(company.edit(type="Invoice", create=body)["id"])


class TestFields:
    def test_of_invoices_are_offered_to_customers_for_reading(self, connector: QuickBooksConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="customer")}

        balance = found["invoice.Balance"]
        assert (balance.label, balance.type, balance.associated_kind) == ("Invoice: Open balance", FieldType.NUMBER, "invoice")
        assert not [spec.name for spec in found.values() if spec.associated_kind and (spec.writable or spec.required)]

    def test_of_customers_are_offered_to_invoices(self, connector: QuickBooksConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="invoice")}

        assert found["customer.Balance"].associated_kind == "customer"
        assert found["DueDate"].type is FieldType.DATE

    @pytest.mark.parametrize("kind", ["customer", "item", "invoice"])
    def test_keep_no_history(self, connector: QuickBooksConnector, kind: str) -> None:
        assert not any(spec.keeps_history for spec in connector.fields(kind=kind))
        assert not factory.keeps_history(kind=kind)
        assert not connector.capabilities.history


class TestReading:
    def test_tells_whose_an_invoice_is(self, company: Company, connector: QuickBooksConnector) -> None:
        customer = company.customer("Acme")
        made = invoice(company, customer)

        (listed,) = connector.listing(wanted=WANTED, token=None).records
        (read,) = connector.read(wanted=WANTED, ids=[made]).records

        assert listed == read
        assert read.links == {"customer": (customer,)}
        assert read.values == {"Balance": "120", "DueDate": "2026-12-02", "TotalAmt": "120", "TxnDate": "2026-11-02"}

    def test_finds_a_deleted_invoice_gone(self, company: Company, connector: QuickBooksConnector) -> None:
        made = invoice(company, company.customer("Acme"))
        company.edit(type="Invoice", id=made, delete=True)
        now = connector.server_time()

        page = connector.changes(wanted=WANTED, window=base.Window(since=now.replace(hour=0), until=now.replace(year=2100)), token=None)

        assert [(one.ref.external_id, one.state, one.links) for one in page.records] == [(made, RecordState.GONE, {"customer": ()})]
