from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


def line(amount: float | None = 100, **detail: Any) -> dict[str, Any]:
    found = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return found if amount is None else {"Amount": amount, **found}


@pytest.fixture
def shop(books: Books) -> Books:
    """A company with customer 1 (address, no term) and item 1."""
    books.customer("Amy's Bird Sanctuary", BillAddr={"Line1": "4581 Finch St."}, ShipAddr={"Line1": "4581 Finch St."})
    books.item("Services")
    return books


def create(shop: Books, *lines: Any, query: dict[str, str] | None = None, **more: Any) -> Any:
    return shop.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines) or [line()], **more}, **(query or {}))


class TestCreate:
    def test_answers_as_recorded(self, shop: Books) -> None:
        invoice = create(shop, line(100.0, ItemRef={"value": "1", "name": "whatever"}))

        assert list(invoice) == [
            "AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment", "domain", "sparse", "Id",
            "SyncToken", "MetaData", "CustomField", "DocNumber", "TxnDate", "CurrencyRef", "LinkedTxn", "Line", "TxnTaxDetail",
            "CustomerRef", "BillAddr", "ShipAddr", "DueDate", "TotalAmt", "ApplyTaxAfterDiscount", "PrintStatus", "EmailStatus", "Balance",
        ]  # fmt: skip
        assert invoice["Line"] == [
            {
                "Id": "1", "LineNum": 1, "Amount": 100.0, "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": {"ItemRef": {"value": "1", "name": "Services"}, "TaxCodeRef": {"value": "NON"}},
            },
            {"Amount": 100.0, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
        ]  # fmt: skip
        assert invoice["CustomerRef"] == {"value": "1", "name": "Amy's Bird Sanctuary"}
        assert (invoice["TotalAmt"], invoice["Balance"], invoice["TxnTaxDetail"]) == (100.0, 100.0, {"TotalTax": 0})
        assert (invoice["DocNumber"], invoice["TxnDate"], invoice["DueDate"]) == ("1001", "2026-11-24", "2026-12-24")
        assert invoice["BillAddr"]["Id"] == shop.read("Customer", "1")["BillAddr"]["Id"]

    def test_sums_its_lines(self, shop: Books) -> None:
        invoice = create(
            shop, line(10.1), line(None, Qty=3, UnitPrice=0.1), line(20.2), {"DetailType": "DescriptionOnly", "Description": "x"}
        )

        assert invoice["TotalAmt"] == 30.6

    def test_takes_a_discount_off(self, shop: Books) -> None:
        half = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 20}}

        assert create(shop, line(10.61), half)["TotalAmt"] == 8.49

    def test_takes_a_deposit_off_the_balance(self, shop: Books) -> None:
        invoice = create(shop, Deposit=40)

        assert (invoice["TotalAmt"], invoice["Balance"]) == (100.0, 60.0)

    def test_uses_the_customers_term_before_the_companys(self, shop: Books) -> None:
        shop.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "SalesTermRef": {"value": "2"}})

        assert create(shop, TxnDate="2026-01-20")["DueDate"] == "2026-02-04"
        assert create(shop, TxnDate="2026-01-20", SalesTermRef={"value": "1"})["DueDate"] == "2026-01-20"

    def test_uses_a_day_of_the_month(self, shop: Books) -> None:
        shop.write("Term", {"Name": "31st", "DayOfMonthDue": 31, "DueNextMonthDays": 5})
        term = {"value": "5"}

        assert create(shop, TxnDate="2026-02-10", SalesTermRef=term)["DueDate"] == "2026-02-28"
        assert create(shop, TxnDate="2026-02-25", SalesTermRef=term)["DueDate"] == "2026-03-31"

    def test_takes_what_python_quickbooks_sends(self, shop: Books) -> None:
        invoice = create(
            shop, {**line(100, Qty=0, UnitPrice=0), "LineNum": 0, "CustomField": [], "LinkedTxn": []}, AllowIPNPayment=True, Balance=0,
            CustomField=[], Deposit=0, DueDate="", EmailStatus="NotSet", ExchangeRate=1, FreeFormAddress=False,
            GlobalTaxCalculation="TaxExcluded", HomeBalance=0, HomeTotalAmt=0, InvoiceLink="", LinkedTxn=[], PrintStatus="NotSet",
            PrivateNote="", ShipDate="", SyncToken=0, TotalAmt="", TrackingNum="", TxnDate="", domain="QBO", sparse=False,
        )  # fmt: skip

        assert (invoice["TotalAmt"], invoice["PrintStatus"], invoice["DueDate"]) == (100.0, "NotSet", "2026-12-24")


class TestRefusals:
    @pytest.mark.parametrize(
        ("sent", "code", "element"),
        [
            ({"CustomerRef": None}, "2020", "CustomerRef"),
            ({"CustomerRef": {"value": "75"}}, "2500", ""),
            ({"Line": None}, "2020", "Line"),
            ({"Line": []}, "2250", "Line"),
            ({"Line": [{"Amount": 1}]}, "2020", "Line.DetailType"),
            ({"Line": [{"Amount": 1, "DetailType": "Magic"}]}, "2170", None),
            ({"Line": [line(None)]}, "2020", "Amount"),
            ({"Line": [line(1, Color="red")]}, "2010", None),
            ({"Line": [{**line(), "Color": "red"}]}, "2010", None),
            ({"Line": [line(1861.07, Qty=128.35, UnitPrice=14.5)]}, "6070", "Line.Amount"),
            ({"Line": [line(1, TaxCodeRef={"value": "7"})]}, "6100", "Line.TaxCodeRef"),
            ({"Line": [line(1), {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}]}, "6090", "Line"),
            ({"DocNumber": "x" * 22}, "2050", "DocNumber"),
            ({"TxnDate": "24.11.2026"}, "2060", "TxnDate"),
            ({"EmailStatus": "NeedToSend"}, "6420", "BillEmail"),
            ({"EmailStatus": "Lost"}, "2170", None),
            ({"BillEmail": {"Address": "nobody"}}, "2210", "BillEmail"),
            ({"CustomerMemo": {"value": "x" * 1001}}, "2050", "CustomerMemo"),
            ({"CustomField": [{"DefinitionId": "1", "StringValue": "Alpha"}]}, "3000", "CustomField"),
            ({"Line": [line(-5)]}, "2290", "TotalAmt"),
        ],
    )
    def test_carry_the_vendors_code(self, shop: Books, sent: dict[str, Any], code: str, element: str | None) -> None:
        create(shop, **{"Line": [line()], **sent}) if "Line" in sent else create(shop, **sent)

        assert (shop.last.status, shop.code(), shop.fault().get("element")) == (400, code, element)

    def test_tell_the_amount(self, shop: Books) -> None:
        create(shop, line(1861.07, Qty=128.35, UnitPrice=14.5))

        assert shop.fault()["Detail"] == "Amount is not equal to UnitPrice * Qty. Supplied value:1,861.07"
        assert create(shop, line(1861.08, Qty=128.35, UnitPrice=14.5))["TotalAmt"] == 1861.08

    def test_meet_inactive_customers_and_vendors(self, shop: Books) -> None:
        shop.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
        shop.write("Vendor", {"DisplayName": "V"})
        shop.invoice("1")
        inactive = shop.fault()
        shop.invoice("2")

        assert (inactive["code"], "made inactive" in inactive["Detail"]) == ("610", True)
        assert shop.code() == "6250"

    def test_keep_discounts_out_when_they_are_turned_off(self, shop: Books) -> None:
        shop.write("Preferences", {"SyncToken": "0", "SalesFormsPrefs": {"AllowDiscount": False}})
        create(shop, line(), {"Amount": 5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}})

        assert shop.code() == "6000"


class TestNumber:
    def test_goes_on_after_the_highest(self, shop: Books) -> None:
        assert [create(shop, DocNumber="2000")["DocNumber"], create(shop)["DocNumber"]] == ["2000", "2001"]

    def test_is_left_out_when_the_company_numbers_itself(self, shop: Books) -> None:
        shop.write("Preferences", {"SyncToken": "0", "SalesFormsPrefs": {"CustomTxnNumbers": True}})

        assert "DocNumber" not in create(shop)

    def test_may_not_come_twice_unless_allowed(self, shop: Books) -> None:
        create(shop, DocNumber="1234")
        create(shop, DocNumber="1234")

        assert shop.code() == "6140"
        assert shop.fault()["Detail"].endswith("DocNumber=1234 is assigned to TxnType=Invoice with TxnId=1")
        assert create(shop, DocNumber="1234", query={"include": "allowduplicatedocnum"})["Id"] == "2"


class TestUpdate:
    def test_in_part_keeps_lines_and_number(self, shop: Books) -> None:
        old = create(shop, line(50), DocNumber="77")
        new = shop.write("Invoice", {"Id": "1", "SyncToken": "0", "sparse": True, "PrivateNote": "called"})

        assert new == {**old, "PrivateNote": "called", "SyncToken": "1", "MetaData": new["MetaData"]}

    def test_in_full_makes_new_lines_unless_their_id_is_known(self, shop: Books) -> None:
        old = create(shop, line(50), line(60), TxnDate="2026-01-05", PrivateNote="x")
        new = shop.write(
            "Invoice", {"Id": "1", "SyncToken": "0", "CustomerRef": {"value": "1"}, "Line": [{**old["Line"][1], "Amount": 70}, line(5)]}
        )

        assert [(each.get("Id"), each["Amount"]) for each in new["Line"]] == [("2", 70.0), ("3", 5.0), (None, 75.0)]
        assert (new["DocNumber"], new["TxnDate"], "PrivateNote" in new) == (old["DocNumber"], "2026-11-24", False)
        assert shop.read("Customer", "1")["Balance"] == 75.0

    def test_can_move_an_invoice_to_another_customer(self, shop: Books) -> None:
        create(shop)
        shop.customer("Bill")
        shop.write("Invoice", {"Id": "1", "SyncToken": "0", "sparse": True, "CustomerRef": {"value": "2"}})

        assert [shop.read("Customer", number)["Balance"] for number in ("1", "2")] == [0, 100.0]

    def test_shows_the_names_of_today(self, shop: Books) -> None:
        create(shop, line(1, ItemRef={"value": "1"}))
        shop.write("Item", {"Id": "1", "SyncToken": "0", "sparse": True, "Active": False})
        now = shop.read("Customer", "1")
        shop.write("Customer", {"Id": "1", "SyncToken": now["SyncToken"], "sparse": True, "DisplayName": "Amy"})
        invoice = shop.read("Invoice", "1")

        assert invoice["CustomerRef"]["name"] == "Amy"
        assert invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"]["name"] == "Services (deleted)"


class TestCustomFields:
    def test_are_three_texts_switched_on_in_the_preferences(self, shop: Books) -> None:
        entries = [
            {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True},
            {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "Crew #"},
        ]
        shop.write("Preferences", {"SyncToken": "0", "SalesFormsPrefs": {"CustomField": [{"CustomField": entries}]}})
        empty, filled = create(shop), create(shop, CustomField=[{"DefinitionId": "1", "StringValue": "Alpha"}])

        assert empty["CustomField"] == [{"DefinitionId": "1", "Name": "Crew #", "Type": "StringType"}]
        assert filled["CustomField"][0]["StringValue"] == "Alpha"
        assert (
            shop.write("Invoice", {"Id": "2", "SyncToken": "0", "sparse": True, "PrivateNote": "x"})["CustomField"] == filled["CustomField"]
        )


class TestDelete:
    def test_leaves_a_stub_and_then_nothing(self, shop: Books) -> None:
        create(shop)
        answer = shop.call("POST", "invoice", {"Id": "1", "SyncToken": "0", "CustomerRef": {"value": "1"}}, operation="delete")

        assert answer["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": "1"}
        assert shop.last.written == [("delete", "Invoice")]
        assert shop.query("select * from Invoice") == {}
        for method, path, query in (("GET", "invoice/1", {}), ("POST", "invoice", {"operation": "delete"})):
            shop.call(method, path, None if method == "GET" else {"Id": "1", "SyncToken": "0"}, **query)
            assert shop.code() == "610"

    def test_needs_the_present_token(self, shop: Books) -> None:
        create(shop)
        shop.call("POST", "invoice", {"Id": "1", "SyncToken": "3"}, operation="delete")

        assert shop.code() == "5010"

    def test_of_no_operation_we_know_is_unsupported(self, shop: Books) -> None:
        create(shop)
        shop.call("POST", "invoice", {"Id": "1", "SyncToken": "0"}, operation="explode")

        assert shop.code() == "500"


class TestVoid:
    def test_keeps_the_number_and_owes_nothing(self, shop: Books) -> None:
        old = create(shop, line(100, Qty=2, UnitPrice=50), PrivateNote="for May")
        new = shop.call("POST", "invoice", {"Id": "1", "SyncToken": "0"}, operation="void")["Invoice"]

        assert (new["TotalAmt"], new["Balance"], new["SyncToken"], new["DocNumber"]) == (0, 0, "1", old["DocNumber"])
        assert new["PrivateNote"] == "Voided - for May"
        assert new["Line"][0]["SalesItemLineDetail"]["Qty"] == 0
        assert shop.read("Customer", "1")["Balance"] == 0


class TestClosedBooks:
    def test_refuse_what_lies_in_them(self, shop: Books) -> None:
        create(shop, TxnDate="2026-01-15")
        shop.switch("books_closed", "2026-06-30")
        codes = []
        for body, query in (
            ({"CustomerRef": {"value": "1"}, "Line": [line()], "TxnDate": "2026-06-30"}, {}),
            ({"Id": "1", "SyncToken": "0", "sparse": True, "PrivateNote": "x"}, {}),
            ({"Id": "1", "SyncToken": "0"}, {"operation": "delete"}),
        ):
            shop.call("POST", "invoice", body, **query)
            codes.append(shop.code())
        shop.switch("books_closed_password", True)
        shop.call("POST", "invoice", {"Id": "1", "SyncToken": "0"}, operation="void")

        assert [*codes, shop.code()] == ["6200", "6200", "6200", "6210"]
        assert create(shop, TxnDate="2026-07-01")["Id"] == "2"
        assert json.loads(shop.last.body)["Invoice"]["TxnDate"] == "2026-07-01"
