"""What QuickBooks does with items, invoices, payments and credit memos: the facts that the synchronization of documents leans on.

Asserted is what Intuit documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, Json, QuickBooks


def code(answer: Answer) -> tuple[int, str]:
    """The status of a refusal and the code of its first error."""
    return answer.status, answer.json["Fault"]["Error"][0]["code"]


def sold(amount: float | None, **detail: Any) -> Json:
    """A line of an invoice."""
    line: Json = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return line if amount is None else {"Amount": amount, **line}


def laid_on(kind: str, document: Json, amount: float) -> Json:
    """A line of a payment."""
    return {"Amount": amount, "LinkedTxn": [{"TxnId": document["Id"], "TxnType": kind}]}


@pytest.fixture
def buyer(quickbooks: QuickBooks) -> Json:
    made = quickbooks.make("Customer", DisplayName=targets.mark())
    return {"value": made["Id"]}


@pytest.fixture
def income(quickbooks: QuickBooks) -> Json:
    found = quickbooks.found("select * from Account where AccountType = 'Income' orderby Id maxresults 1", "Account")
    return {"value": found[0]["Id"]}


@pytest.fixture
def invoice(quickbooks: QuickBooks, buyer: Json) -> Json:
    return quickbooks.make("Invoice", CustomerRef=buyer, Line=[sold(100)])


def void(quickbooks: QuickBooks, payment: Json) -> Answer:
    sent = {"Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": True}
    return quickbooks.write("Payment", sent, operation="update", include="void")


class TestItem:
    def test_of_a_service_needs_a_name_a_type_and_an_income_account(self, quickbooks: QuickBooks, income: Json) -> None:
        name = targets.mark()
        item = quickbooks.make("Item", Name=name, Type="Service", IncomeAccountRef=income)

        assert (item["FullyQualifiedName"], item["Active"], item["UnitPrice"], item["TrackQtyOnHand"]) == (name, True, 0, False)
        assert quickbooks.found(f"select *, Sku from Item where Name = '{name}'", "Item")[0]["Id"] == item["Id"]

    def test_has_a_name_of_its_own(self, quickbooks: QuickBooks, income: Json) -> None:
        fields = {"Name": targets.mark(), "Type": "Service", "IncomeAccountRef": income}
        quickbooks.make("Item", **fields)

        assert code(quickbooks.write("Item", fields)) == (400, "6240")

    def test_is_not_sold_into_receivables(self, quickbooks: QuickBooks) -> None:
        account = quickbooks.found("select * from Account where AccountType = 'Accounts Receivable' maxresults 1", "Account")[0]
        sent = {"Name": targets.mark(), "Type": "Service", "IncomeAccountRef": {"value": account["Id"]}}

        assert code(quickbooks.write("Item", sent)) == (400, "6430")

    def test_carries_it_in_its_name_when_inactive(self, quickbooks: QuickBooks, income: Json) -> None:
        item = quickbooks.make("Item", Name=targets.mark(), Type="Service", IncomeAccountRef=income)

        assert quickbooks.deactivate("Item", item).json["Item"]["Name"] == f"{item['Name']} (deleted)"


class TestInvoice:
    def test_adds_its_subtotal_and_its_sums(self, quickbooks: QuickBooks, buyer: Json) -> None:
        invoice = quickbooks.make("Invoice", CustomerRef=buyer, Line=[sold(None, Qty=3, UnitPrice=0.335), sold(10)])

        assert [line["DetailType"] for line in invoice["Line"]] == ["SalesItemLineDetail", "SalesItemLineDetail", "SubTotalLineDetail"]
        assert [line["Amount"] for line in invoice["Line"]] == [1.01, 10, 11.01]
        assert (invoice["TotalAmt"], invoice["Balance"], "Id" in invoice["Line"][2]) == (11.01, 11.01, False)

    def test_refuses_an_amount_that_is_not_the_product(self, quickbooks: QuickBooks, buyer: Json) -> None:
        answer = quickbooks.write("Invoice", {"CustomerRef": buyer, "Line": [sold(1861.07, Qty=128.35, UnitPrice=14.5)]})

        assert code(answer) == (400, "6070")

    def test_takes_zeros_beside_an_amount(self, quickbooks: QuickBooks, buyer: Json) -> None:
        assert quickbooks.make("Invoice", CustomerRef=buyer, Line=[sold(100, Qty=0, UnitPrice=0)])["TotalAmt"] == 100

    def test_needs_a_customer_and_a_line(self, quickbooks: QuickBooks, buyer: Json) -> None:
        assert code(quickbooks.write("Invoice", {"Line": [sold(1)]}))[1] in ("2020", "6560")
        assert code(quickbooks.write("Invoice", {"CustomerRef": buyer}))[1] in ("2020", "2250")

    def test_has_no_number_that_is_taken(self, quickbooks: QuickBooks, buyer: Json) -> None:
        fields = {"CustomerRef": buyer, "Line": [sold(1)], "DocNumber": targets.mark()[:21]}
        quickbooks.make("Invoice", **fields)

        with quickbooks.likely("duplicate numbers are refused unless the call allows them"):
            assert code(quickbooks.write("Invoice", fields)) == (400, "6140")
            twin = quickbooks.write("Invoice", fields, include="allowduplicatedocnum")
            assert quickbooks.keep("Invoice", twin.json["Invoice"])["DocNumber"] == fields["DocNumber"]

    def test_when_voided_keeps_its_number_and_owes_nothing(self, quickbooks: QuickBooks, invoice: Json) -> None:
        answer = quickbooks.write("Invoice", {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}, operation="void")

        voided = answer.json["Invoice"]
        assert (voided["TotalAmt"], voided["Balance"], voided.get("DocNumber")) == (0, 0, invoice.get("DocNumber"))
        assert "Voided" in voided["PrivateNote"]
        assert voided["SyncToken"] == str(int(invoice["SyncToken"]) + 1)

    def test_when_deleted_is_gone(self, quickbooks: QuickBooks, invoice: Json) -> None:
        sent = {"Id": invoice["Id"], "SyncToken": invoice["SyncToken"]}
        answer = quickbooks.write("Invoice", sent, operation="delete")

        assert (answer.json["Invoice"]["status"], answer.json["Invoice"]["Id"]) == ("Deleted", invoice["Id"])
        assert code(quickbooks.company("GET", f"invoice/{invoice['Id']}")) == (400, "610")
        assert code(quickbooks.write("Invoice", sent, operation="delete")) == (400, "610")


class TestPayment:
    def test_lowers_the_balance_and_is_linked(self, quickbooks: QuickBooks, buyer: Json, invoice: Json) -> None:
        payment = quickbooks.make("Payment", CustomerRef=buyer, TotalAmt=50, Line=[laid_on("Invoice", invoice, 40)])
        paid = quickbooks.read("Invoice", invoice["Id"])

        assert (payment["UnappliedAmt"], paid["Balance"], paid["TotalAmt"]) == (10, 60, 100)
        assert [(linked["TxnId"], linked["TxnType"]) for linked in paid["LinkedTxn"]] == [(payment["Id"], "Payment")]
        assert paid["MetaData"]["LastUpdatedTime"] >= invoice["MetaData"]["LastUpdatedTime"]
        with quickbooks.likely("a payment moves the SyncToken of its invoice"):
            assert int(paid["SyncToken"]) > int(invoice["SyncToken"])

    def test_when_voided_gives_the_balance_back(self, quickbooks: QuickBooks, buyer: Json, invoice: Json) -> None:
        payment = quickbooks.make("Payment", CustomerRef=buyer, TotalAmt=40, Line=[laid_on("Invoice", invoice, 40)])
        voided = void(quickbooks, payment).json["Payment"]

        assert (voided["TotalAmt"], "Voided" in voided["PrivateNote"]) == (0, True)
        assert quickbooks.read("Invoice", invoice["Id"])["Balance"] == 100

    def test_when_deleted_gives_the_balance_back(self, quickbooks: QuickBooks, buyer: Json, invoice: Json) -> None:
        payment = quickbooks.make("Payment", CustomerRef=buyer, TotalAmt=40, Line=[laid_on("Invoice", invoice, 40)])
        quickbooks.write("Payment", {"Id": payment["Id"], "SyncToken": payment["SyncToken"]}, operation="delete")

        assert quickbooks.read("Invoice", invoice["Id"])["Balance"] == 100

    def test_is_not_laid_on_somebody_elses_invoice(self, quickbooks: QuickBooks, invoice: Json) -> None:
        other = {"value": quickbooks.make("Customer", DisplayName=targets.mark())["Id"]}
        answer = quickbooks.write("Payment", {"CustomerRef": other, "TotalAmt": 40, "Line": [laid_on("Invoice", invoice, 40)]})

        assert code(answer) == (400, "620")

    def test_does_not_pay_more_than_is_open(self, quickbooks: QuickBooks, buyer: Json, invoice: Json) -> None:
        answer = quickbooks.write("Payment", {"CustomerRef": buyer, "TotalAmt": 200, "Line": [laid_on("Invoice", invoice, 150)]})

        with quickbooks.likely("an amount above the open balance is a business fault"):
            assert code(answer) == (400, "6000")

    def test_of_nothing_uses_a_credit(self, quickbooks: QuickBooks, buyer: Json, invoice: Json) -> None:
        memo = quickbooks.make("CreditMemo", CustomerRef=buyer, Line=[sold(30)])
        lines = [laid_on("Invoice", invoice, 30), laid_on("CreditMemo", memo, 30)]
        quickbooks.make("Payment", CustomerRef=buyer, TotalAmt=0, Line=lines)

        assert (memo["RemainingCredit"], quickbooks.read("CreditMemo", memo["Id"])["RemainingCredit"]) == (30, 0)
        assert quickbooks.read("Invoice", invoice["Id"])["Balance"] == 70

    def test_is_told_by_change_data_capture(self, quickbooks: QuickBooks, buyer: Json) -> None:
        payment = quickbooks.make("Payment", CustomerRef=buyer, TotalAmt=40)
        since = payment["MetaData"]["LastUpdatedTime"]
        answer = quickbooks.company("GET", "cdc", entities="Payment,CreditMemo", changedSince=since)

        found = [one["Id"] for entry in answer.json["CDCResponse"][0]["QueryResponse"] for one in entry.get("Payment", [])]
        assert payment["Id"] in found


class TestTaxCodes:
    def test_of_an_american_company_are_two_words_beside_the_groups(self, quickbooks: QuickBooks) -> None:
        with quickbooks.likely("the company is American and its query for tax codes names the words too"):
            assert {"TAX", "NON"} <= {one["Id"] for one in quickbooks.found("select * from TaxCode maxresults 1000", "TaxCode")}
