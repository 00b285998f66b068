from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


@pytest.fixture
def owed(books: Books) -> Books:
    """Customer 1 owes 100 by invoice 1 and 50 by invoice 2; customer 2 owes 80 by invoice 3."""
    books.customer("Jane")
    books.customer("Bill")
    for customer, amount in (("1", 100), ("1", 50), ("2", 80)):
        books.invoice(customer, amount)
    return books


def credit(books: Books, customer: str = "1", amount: float = 30, **more: Any) -> Any:
    line = {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
    return books.write("CreditMemo", {"CustomerRef": {"value": customer}, "Line": [line], **more})


def state(books: Books, number: str = "1", kind: str = "Invoice") -> tuple[float, str, list[str]]:
    """What is open of a document, its token, and what is linked to it."""
    found = books.read(kind, number)
    return found["Balance"], found["SyncToken"], [linked["TxnId"] for linked in found["LinkedTxn"]]


class TestPayment:
    def test_answers_with_what_it_was_laid_on(self, owed: Books) -> None:
        payment = owed.pay("1", 120, ("Invoice", "1", 100), PaymentRefNum="4711", PaymentMethodRef={"value": "2"})

        assert (payment["TotalAmt"], payment["UnappliedAmt"], payment["TxnDate"]) == (120.0, 20.0, "2026-11-24")
        assert payment["DepositToAccountRef"]["name"] == "Undeposited Funds"
        assert payment["PaymentMethodRef"] == {"value": "2", "name": "Check"}
        assert payment["Line"][0]["LinkedTxn"] == [{"TxnId": "1", "TxnType": "Invoice"}]
        told = {each["value"]["Name"]: each["value"]["Value"] for each in payment["Line"][0]["LineEx"]["any"]}
        assert told == {"txnId": "1", "txnOpenBalance": "0.00", "txnReferenceNumber": "1001"}

    def test_moves_the_invoice_and_only_the_customers_time(self, owed: Books) -> None:
        before = owed.read("Customer", "1")
        owed.later(seconds=60)
        payment = owed.pay("1", 40, ("Invoice", "1", 40))
        invoice, after = owed.read("Invoice", "1"), owed.read("Customer", "1")

        assert (invoice["Balance"], invoice["TotalAmt"], invoice["SyncToken"]) == (60.0, 100.0, "1")
        assert invoice["LinkedTxn"] == [{"TxnId": payment["Id"], "TxnType": "Payment"}]
        assert invoice["MetaData"]["LastUpdatedTime"] == "2026-11-24T10:31:00-08:00" == after["MetaData"]["LastUpdatedTime"]
        assert (after["Balance"], after["SyncToken"]) == (110.0, before["SyncToken"])
        assert state(owed, "2") == (50.0, "0", [])

    def test_twice_on_one_invoice_is_linked_twice(self, owed: Books) -> None:
        first, second = owed.pay("1", 40, ("Invoice", "1", 40)), owed.pay("1", 60, ("Invoice", "1", 60))

        assert state(owed) == (0, "2", [first["Id"], second["Id"]])

    def test_without_an_invoice_is_a_credit_of_the_customer(self, owed: Books) -> None:
        assert owed.pay("1", 25)["UnappliedAmt"] == 25.0
        assert owed.read("Customer", "1")["Balance"] == 125.0

    def test_lays_its_money_elsewhere_when_its_lines_change(self, owed: Books) -> None:
        owed.pay("1", 50, ("Invoice", "1", 50))
        lines = [{"Amount": 50, "LinkedTxn": [{"TxnId": "2", "TxnType": "Invoice"}]}]
        owed.write("Payment", {"Id": "4", "SyncToken": "0", "sparse": True, "Line": lines})

        assert (state(owed, "1"), state(owed, "2")) == ((100.0, "2", []), (0, "1", ["4"]))

    def test_that_changes_otherwise_leaves_the_invoice_alone(self, owed: Books) -> None:
        owed.pay("1", 50, ("Invoice", "1", 50))
        changed = owed.write("Payment", {"Id": "4", "SyncToken": "0", "sparse": True, "PrivateNote": "cash"})

        assert (changed["SyncToken"], changed["UnappliedAmt"]) == ("1", 0)
        assert state(owed) == (50.0, "1", ["4"])

    def test_of_a_parent_pays_for_its_job(self, owed: Books) -> None:
        owed.customer("Kitchen", Job=True, ParentRef={"value": "1"})
        owed.invoice("3", 10)
        owed.pay("1", 10, ("Invoice", "4", 10))

        assert state(owed, "4")[0] == 0
        assert owed.read("Customer", "1")["BalanceWithJobs"] == 150.0

    def test_is_found_by_query_and_by_change(self, owed: Books) -> None:
        owed.later(seconds=60)
        since = owed.world.clock.now().isoformat()
        owed.pay("1", 50, ("Invoice", "1", 50))
        changes = owed.call("GET", "cdc", entities="Payment,Invoice,CreditMemo", changedSince=since)["CDCResponse"][0]["QueryResponse"]

        assert owed.names("select * from Payment where CustomerRef = '1'", "Payment", "Id") == ["4"]
        assert owed.query("select count(*) from payment where TotalAmt > '60'") == {"totalCount": 0}
        assert {kind: [one["Id"] for one in entry[kind]] for entry in changes for kind in entry if kind[0].isupper()} == {
            "Invoice": ["1"],
            "Payment": ["4"],
        }

    def test_comes_once_for_a_requestid(self, owed: Books) -> None:
        body = {"CustomerRef": {"value": "1"}, "TotalAmt": 10}
        for _ in range(2):
            owed.write("Payment", body, requestid="r-1")

        assert owed.query("select count(*) from Payment") == {"totalCount": 1}

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ({"TotalAmt": None}, "2020"),
            ({"CustomerRef": None}, "2020"),
            ({"TotalAmt": -1}, "2290"),
            ({"Line": [{"Amount": 10}]}, "2020"),
            ({"Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": "3", "TxnType": "Invoice"}]}]}, "620"),
            ({"Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": "77", "TxnType": "Invoice"}]}]}, "620"),
            ({"Line": [{"Amount": 10, "LinkedTxn": [{"TxnId": "1", "TxnType": "Bill"}]}]}, "620"),
            ({"Line": [{"Amount": 100.01, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}]}, "6000"),
            ({"TotalAmt": 20, "Line": [{"Amount": 30, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}]}, "6000"),
            ({"PaymentRefNum": "x" * 22}, "2050"),
            ({"Colour": "red"}, "2010"),
        ],
    )
    def test_is_refused_with_the_vendors_code(self, owed: Books, sent: dict[str, Any], code: str) -> None:
        owed.write("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 200, **sent})

        assert owed.code() == code
        assert (state(owed), owed.read("Customer", "1")["Balance"]) == ((100.0, "0", []), 150.0)


class TestEndOfAPayment:
    def test_by_void_keeps_it_with_nothing(self, owed: Books) -> None:
        owed.pay("1", 120, ("Invoice", "1", 100), PrivateNote="for May")
        sent = {"Id": "4", "SyncToken": "0", "sparse": True}
        payment = owed.call("POST", "payment", sent, operation="update", include="void")["Payment"]

        assert (payment["TotalAmt"], payment["UnappliedAmt"], payment["Line"]) == (0, 0, [])
        assert (payment["PrivateNote"], owed.last.written) == ("Voided - for May", [("void", "Payment")])
        assert state(owed) == (100.0, "2", [])
        assert owed.read("Customer", "1")["Balance"] == 150.0

    def test_by_void_needs_no_operation(self, owed: Books) -> None:
        owed.pay("1", 10)

        assert owed.write("Payment", {"Id": "4", "SyncToken": "0", "sparse": True}, include="void")["TotalAmt"] == 0

    def test_by_void_is_noted_once(self, owed: Books) -> None:
        owed.pay("1", 10)
        for token in ("0", "1"):
            payment = owed.write("Payment", {"Id": "4", "SyncToken": token, "sparse": True}, include="void")

        assert payment["PrivateNote"] == "Voided"

    def test_is_not_an_operation_called_void(self, owed: Books) -> None:
        owed.pay("1", 10)
        owed.end("void", "Payment", "4")

        assert owed.code() == "500"

    def test_by_deletion_gives_the_invoice_back(self, owed: Books) -> None:
        owed.pay("1", 100, ("Invoice", "1", 100))
        owed.end("delete", "Payment", "4")

        assert state(owed) == (100.0, "2", [])
        assert owed.query("select count(*) from Payment") == {"totalCount": 0}

    def test_in_a_batch_is_an_option(self, owed: Books) -> None:
        owed.pay("1", 10)
        item = {"bId": "1", "operation": "update", "optionsData": "void", "Payment": {"Id": "4", "SyncToken": "0", "sparse": True}}
        answer = owed.call("POST", "batch", {"BatchItemRequest": [item]})

        assert answer["BatchItemResponse"][0]["Payment"]["PrivateNote"] == "Voided"

    def test_lies_outside_closed_books(self, owed: Books) -> None:
        owed.pay("1", 10, TxnDate="2026-01-05")
        owed.prefer("AccountingInfoPrefs", BookCloseDate="2026-01-31")
        owed.end("delete", "Payment", "4")
        deleted = owed.code()
        owed.pay("1", 10, TxnDate="2026-01-06")

        assert (deleted, owed.code()) == ("6200", "6200")


class TestEndOfAPaidInvoice:
    @pytest.mark.parametrize("operation", ["void", "delete"])
    def test_leaves_its_payment_unapplied(self, owed: Books, operation: str) -> None:
        owed.pay("1", 100, ("Invoice", "1", 60), ("Invoice", "2", 40))
        owed.end(operation, "Invoice", "1")
        payment = owed.read("Payment", "4")

        assert (payment["UnappliedAmt"], payment["SyncToken"], [line["Amount"] for line in payment["Line"]]) == (60.0, "1", [40.0])
        assert owed.read("Customer", "1")["Balance"] == -50.0
        assert state(owed, "2") == (10.0, "1", ["4"])

    @pytest.mark.parametrize("operation", ["void", "delete"])
    def test_can_be_refused(self, owed: Books, operation: str) -> None:
        owed.switch("refuse_ending_paid", True)
        owed.pay("1", 60, ("Invoice", "1", 60))
        owed.end(operation, "Invoice", "1")

        assert owed.code() == "6000"
        assert owed.end(operation, "Invoice", "2")["Id"] == "2"

    def test_that_becomes_smaller_gives_money_back(self, owed: Books) -> None:
        owed.pay("1", 70, ("Invoice", "1", 70))
        line = {"Amount": 50, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
        owed.write("Invoice", {"Id": "1", "SyncToken": "1", "sparse": True, "Line": [line]})
        payment = owed.read("Payment", "4")

        assert (state(owed), payment["UnappliedAmt"]) == ((0, "2", ["4"]), 20.0)

    def test_does_not_change_its_customer(self, owed: Books) -> None:
        owed.pay("1", 70, ("Invoice", "1", 70))
        owed.write("Invoice", {"Id": "1", "SyncToken": "1", "sparse": True, "CustomerRef": {"value": "2"}})

        assert owed.code() == "6000"


class TestCreditMemo:
    def test_says_what_remains_of_it(self, owed: Books) -> None:
        memo = credit(owed)

        assert (memo["TotalAmt"], memo["Balance"], memo["RemainingCredit"]) == (30.0, 30.0, 30.0)
        assert "DueDate" not in memo
        assert owed.read("Customer", "1")["Balance"] == 120.0

    def test_shares_its_numbers_with_invoices(self, owed: Books) -> None:
        credit(owed, DocNumber="1001")
        taken = owed.fault()
        own = credit(owed, DocNumber="CM-1")
        owed.invoice("1", DocNumber="CM-1")

        assert taken["Detail"].endswith("DocNumber=1001 is assigned to TxnType=Invoice with TxnId=1")
        assert owed.fault()["Detail"].endswith(f"DocNumber=CM-1 is assigned to TxnType=CreditMemo with TxnId={own['Id']}")
        assert owed.code() == "6140"

    def test_is_used_by_a_payment_of_nothing(self, owed: Books) -> None:
        credit(owed)
        payment = owed.pay("1", 0, ("Invoice", "1", 30), ("CreditMemo", "4", 30))

        assert (payment["TotalAmt"], payment["UnappliedAmt"]) == (0, 0)
        assert (state(owed), state(owed, "4", "CreditMemo")) == ((70.0, "1", ["5"]), (0, "1", ["5"]))
        assert owed.read("CreditMemo", "4")["RemainingCredit"] == 0
        assert owed.read("Customer", "1")["Balance"] == 120.0

    def test_and_money_pay_together(self, owed: Books) -> None:
        credit(owed)

        assert owed.pay("1", 70, ("Invoice", "1", 100), ("CreditMemo", "4", 30))["UnappliedAmt"] == 0

    def test_is_not_used_for_more_than_is_owed(self, owed: Books) -> None:
        credit(owed)
        owed.pay("1", 0, ("Invoice", "1", 10), ("CreditMemo", "4", 30))

        assert owed.code() == "6000"

    def test_that_goes_takes_its_money_from_the_invoice(self, owed: Books) -> None:
        credit(owed)
        owed.pay("1", 0, ("Invoice", "1", 30), ("CreditMemo", "4", 30))
        owed.end("delete", "CreditMemo", "4")

        assert state(owed) == (100.0, "2", [])
        assert owed.read("Payment", "5")["Line"] == []

    def test_comes_back_when_its_invoice_goes(self, owed: Books) -> None:
        credit(owed)
        owed.pay("1", 0, ("Invoice", "1", 30), ("CreditMemo", "4", 30))
        owed.end("void", "Invoice", "1")

        assert state(owed, "4", "CreditMemo") == (30.0, "2", [])
        assert owed.read("Customer", "1")["Balance"] == 20.0


class TestRefundReceipt:
    def refund(self, books: Books, **more: Any) -> Any:
        line = {"Amount": 30, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {}}
        return books.write("RefundReceipt", {"CustomerRef": {"value": "1"}, "Line": [line], **more})

    def test_owes_nothing_and_is_owed_nothing(self, owed: Books) -> None:
        receipt = self.refund(owed, DepositToAccountRef={"value": "12"}, PaymentRefNum="9")

        assert (receipt["TotalAmt"], receipt["Balance"], receipt["DepositToAccountRef"]["name"]) == (30.0, 0, "Checking")
        assert owed.read("Customer", "1")["Balance"] == 150.0

    def test_says_where_the_money_comes_from(self, owed: Books) -> None:
        self.refund(owed)
        missing = owed.code()
        self.refund(owed, DepositToAccountRef={"value": "1"})

        assert (missing, owed.code()) == ("2020", "6430")
