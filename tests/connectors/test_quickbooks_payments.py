"""QuickBooks' payments, credit memos and refunds as the sync sees them: one kind of record, read only."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.entities import Kind
from syncapp.connectors import base, quickbooks_fields
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import errors, records
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import OperationKind, RecordState
from tests.connectors import invoicing
from tests.connectors.invoicing import invoice, lines_of, payment, sold
from tests.integrations.quickbooks_client.sandboxed import Company, NotedLimits

WANTED = base.Wanted(kind="payments", fields=tuple(quickbooks_fields.of("payments")), links=("customer",))


def credit(company: Company, customer: str, amount: object, **more: object) -> str:
    body = {"CustomerRef": {"value": customer}, "Line": [sold("Review", amount)], **more}
    return str(company.edit(type="CreditMemo", create=body)["id"])


def refund(company: Company, customer: str, amount: object, **more: object) -> str:
    body = {"CustomerRef": {"value": customer}, "Line": [sold("Review", amount)], "DepositAccountName": "Checking", **more}
    return str(company.edit(type="RefundReceipt", create=body)["id"])


def shown(connector: QuickBooksConnector, external_id: str) -> records.Record:
    return invoicing.shown(connector, external_id, wanted=WANTED)


def told(record: records.Record, *names: str) -> list[records.Value]:
    return [record.values[name] for name in names]


def listed(connector: QuickBooksConnector) -> list[list[str]]:
    pages: list[list[str]] = []
    token: str | None = None
    while True:
        page = connector.listing(wanted=WANTED, token=token)
        pages.append([one.ref.external_id for one in page.records])
        token = page.next_token
        if token is None:
            return pages


class TestFields:
    def test_are_read_only(self, connector: QuickBooksConnector) -> None:
        found = {spec.name: spec for spec in connector.fields(kind="payments")}

        assert not any(spec.writable for spec in found.values())
        assert (found["Applied"].refers_to, found["CustomerRef"].refers_to) == ("invoice", "customer")
        assert [code for code, _ in found["Type"].choices] == ["payment", "credit", "refund"]

    def test_are_never_written(self, connector: QuickBooksConnector) -> None:
        write = base.Write(
            key="a" * 32, kind=OperationKind.UPDATE, record_kind="payments", values={"PrivateNote": "x"}, external_id="payment:1",
            revision_token="0",
        )

        (written,) = connector.write(writes=[write])

        assert isinstance(written.error, errors.Rejected) and "QuickBooks" in str(written.error)


class TestPayments:
    def test_say_what_came_in(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bill = invoice(company, ada, sold("Review", 100))
        number = payment(
            company, ada, 120.5, ("Invoice", bill, 100), TxnDate="2026-11-03", PaymentMethodName="Check", PaymentRefNum="1042",
            PrivateNote="By mail",
        )

        record = shown(connector, f"payment:{number}")

        assert told(record, "Type", "TxnDate", "TotalAmt", "CurrencyRef.value", "Method", "Reference", "CustomerRef") == [
            "payment", "2026-11-03", "120.5", "USD", "Check", "1042", ada,
        ]
        assert told(record, "UnappliedAmt", "PrivateNote", "Voided", "Id", "Link") == [
            "20.5", "By mail", False, f"payment:{number}", f"https://app.qbo.intuit.com/app/recvpayment?txnId={number}",
        ]
        assert (record.label, record.links, record.ref.external_id) == ("Payment 1042", {"customer": (ada,)}, f"payment:{number}")

    def test_may_cover_several_invoices(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bills = [invoice(company, ada, sold("Review", amount)) for amount in (100, 50)]
        number = payment(company, ada, 130, ("Invoice", bills[0], 100), ("Invoice", bills[1], 30))

        record = shown(connector, f"payment:{number}")

        assert lines_of(record, "Applied") == (Line(record=bills[0], amount="100"), Line(record=bills[1], amount="30"))
        assert (record.label, record.values["Method"], record.values["Reference"]) == (f"Payment {number}", None, None)

    def test_name_their_invoices_each_once(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bills = [invoice(company, ada, sold("Review", amount)) for amount in (100, 50)]
        memo = credit(company, ada, 40)
        number = payment(company, ada, 90, ("Invoice", bills[1], 50), ("Invoice", bills[0], 80), ("CreditMemo", memo, 40))
        wanted = base.Wanted(kind="payments", fields=("Id",), links=("invoice",))

        found = connector.read(wanted=wanted, ids=[f"payment:{number}", f"creditmemo:{memo}"]).records

        assert {one.ref.external_id: one.links for one in found} == {
            f"payment:{number}": {"invoice": (bills[1], bills[0])}, f"creditmemo:{memo}": {"invoice": ()},
        }

    def test_hold_nothing_of_what_is_composed_later(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        record = shown(connector, f"payment:{payment(company, ada, 10)}")

        assert told(record, "Entry", "Deals") == [None, None]

    def test_may_use_up_a_credit(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bill, memo = invoice(company, ada, sold("Review", 100)), credit(company, ada, 40, DocNumber="C-1")
        number = payment(company, ada, 0, ("CreditMemo", memo, 40), ("Invoice", bill, 40))

        record = shown(connector, f"payment:{number}")

        assert lines_of(record, "Applied") == (
            Line(record=bill, amount="40"), Line(kind=LineKind.DISCOUNT, record=memo, name="C-1", amount="40"),
        )
        assert told(record, "TotalAmt", "Voided") == ["0", False]

    def test_cover_nothing_after_a_void(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bill = invoice(company, ada, sold("Review", 100))
        number = payment(company, ada, 100, ("Invoice", bill, 100))
        company.edit(type="Payment", id=number, void=True)

        record = shown(connector, f"payment:{number}")

        assert told(record, "TotalAmt", "UnappliedAmt", "Applied", "Voided") == ["0", "0", None, True]
        assert record.state is RecordState.LIVE

    def test_get_the_name_of_a_method_that_is_named_by_id(self, company: Company, connector: QuickBooksConnector) -> None:
        method = next(one["Id"] for one in invoicing.books(company)["PaymentMethod"] if one["Name"] == "Check")
        bare = quickbooks_fields.nameless(
            kind="payments", found=[invoicing.paid(PaymentMethodRef={"value": method})], names=("Method",)
        )

        connector._learn("payments", [invoicing.paid(PaymentMethodRef={"value": method})], ("Method",))

        assert bare == {(Kind.PAYMENT_METHOD, method)}
        assert connector._names[Kind.PAYMENT_METHOD, method] == "Check"


class TestCreditsAndRefunds:
    def test_are_of_the_same_kind(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        memo = credit(company, ada, 40, DocNumber="C-1", TxnDate="2026-11-04")
        back = refund(company, ada, 15, DocNumber="R-1", PaymentMethodName="Check", PaymentRefNum="77")

        found = [shown(connector, one) for one in (f"creditmemo:{memo}", f"refundreceipt:{back}")]

        assert [told(one, "Type", "TotalAmt", "Reference", "Method", "UnappliedAmt", "Applied") for one in found] == [
            ["credit", "40", "C-1", None, "40", None], ["refund", "15", "77", "Check", None, None],
        ]
        assert [one.label for one in found] == ["Credit memo C-1", "Refund receipt 77"]
        assert [connector.record_url(kind="payments", external_id=one.ref.external_id).rpartition("/")[2] for one in found] == [
            f"creditmemo?txnId={memo}", f"refundreceipt?txnId={back}",
        ]

    def test_name_no_invoice_when_a_credit_is_used(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        bill, memo = invoice(company, ada, sold("Review", 100)), credit(company, ada, 40)
        payment(company, ada, 0, ("CreditMemo", memo, 30), ("Invoice", bill, 30))

        assert told(shown(connector, f"creditmemo:{memo}"), "UnappliedAmt", "Applied") == ["10", None]


class TestReading:
    def test_lists_kind_after_kind(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        paid = [payment(company, ada, 10) for _ in range(2)]
        memo, back = credit(company, ada, 5), refund(company, ada, 5)

        assert listed(connector) == [[f"payment:{number}" for number in paid], [f"creditmemo:{memo}"], [f"refundreceipt:{back}"]]

    def test_goes_on_in_the_middle_of_a_kind(self, company: Company, ada: str, monkeypatch: pytest.MonkeyPatch) -> None:
        client = company.client()
        whole = client.page
        monkeypatch.setattr(client, "page", lambda **asked: whole(**asked, size=3))
        paid = [f"payment:{payment(company, ada, 10)}" for _ in range(4)]
        memo = credit(company, ada, 5)

        pages = listed(QuickBooksConnector(client=client))

        assert pages == [paid[:3], paid[3:], [f"creditmemo:{memo}"], []]

    def test_refuses_a_token_that_is_not_its_own(self, connector: QuickBooksConnector) -> None:
        for token in ("nonsense", "customer/1:", "payment/nonsense"):
            with pytest.raises(errors.Misconfigured):
                connector.listing(wanted=WANTED, token=token)

    def test_by_id_tells_what_is_missing(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        paid = payment(company, ada, 10)

        found = connector.read(wanted=WANTED, ids=[f"payment:{paid}", "payment:99", f"creditmemo:{paid}", paid, "payment:x", "bill:1"])

        assert [one.ref.external_id for one in found.records] == [f"payment:{paid}"]
        assert found.missing == ("payment:99", f"creditmemo:{paid}", paid, "payment:x", "bill:1")

    def test_finds_by_id_by_customer_and_by_reference(self, company: Company, connector: QuickBooksConnector, ada: str) -> None:
        paid = payment(company, ada, 10, PaymentRefNum="1042")
        memo = credit(company, ada, 5)

        found = {
            name: [one.ref.external_id for one in connector.find(wanted=WANTED, field_name=name, values=[value])]
            for name, value in (("Id", f"payment:{paid}"), ("CustomerRef", ada), ("Reference", "1042"))
        }

        assert found == {
            "Id": [f"payment:{paid}"], "CustomerRef": [f"payment:{paid}", f"creditmemo:{memo}"], "Reference": [f"payment:{paid}"],
        }

    def test_of_changes_takes_one_call(self, company: Company, ada: str) -> None:
        limits = NotedLimits()
        connector = QuickBooksConnector(client=company.client(limits=limits))
        paid, deleted, memo, back = payment(company, ada, 10), payment(company, ada, 5), credit(company, ada, 5), refund(company, ada, 5)
        company.edit(type="Payment", id=deleted, delete=True)
        moment = connector.server_time()
        limits.acquired.clear()

        window = base.Window(since=moment - timedelta(minutes=5), until=moment + timedelta(minutes=5))
        page = connector.changes(wanted=WANTED, window=window, token=None)

        assert {one.ref.external_id: one.state for one in page.records} == {
            f"payment:{paid}": RecordState.LIVE, f"payment:{deleted}": RecordState.GONE, f"creditmemo:{memo}": RecordState.LIVE,
            f"refundreceipt:{back}": RecordState.LIVE,
        }
        assert (page.next_token, len(limits.acquired)) == (None, 1)

    def test_of_more_changes_than_one_answer_holds_goes_by_query(
        self, company: Company, connector: QuickBooksConnector, ada: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(quickbooks_client, "MOST_CHANGES", 3)
        company.switch(cdc_limit=3)
        ids = [f"payment:{payment(company, ada, 10)}" for _ in range(4)] + [f"creditmemo:{credit(company, ada, 5)}"]
        moment = connector.server_time()
        window = base.Window(since=moment - timedelta(minutes=5), until=moment + timedelta(minutes=5))

        found: list[str] = []
        token: str | None = None
        while True:
            page = connector.changes(wanted=WANTED, window=window, token=token)
            found += [one.ref.external_id for one in page.records]
            token = page.next_token
            if token is None:
                break

        assert found == ids
