from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books
from tests.integrations.sandbox.quickbooks.test_catalog import INVENTORY


def line(amount: float | None = 100, **detail: Any) -> dict[str, Any]:
    found = {"DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return found if amount is None else {"Amount": amount, **found}


@pytest.fixture
def shop(books: Books) -> Books:
    """Customer 1, items 1 (Hours, 80) and 2 (Boxes, 2.5), bundle 3 (one hour and four boxes)."""
    books.customer("Jane")
    books.item("Hours", UnitPrice=80)
    books.item("Boxes", UnitPrice=2.5)
    books.face.edit({"type": "Item", "create": {"Name": "Pack", "Type": "Group", "Members": {"Hours": 1, "Boxes": 4}}})
    return books


def bill(shop: Books, *lines: Any, **more: Any) -> Any:
    return shop.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines), **more})


def pack(**detail: Any) -> dict[str, Any]:
    return {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": {"value": "3"}, **detail}}


class TestBundle:
    def test_tells_what_it_is_made_of(self, shop: Books) -> None:
        bundle = shop.read("Item", "3")

        assert bundle["ItemGroupDetail"] == {
            "ItemGroupLine": [
                {"ItemRef": {"value": "1", "type": "Service", "name": "Hours"}, "Qty": 1},
                {"ItemRef": {"value": "2", "type": "Service", "name": "Boxes"}, "Qty": 4},
            ]
        }
        assert "UnitPrice" not in bundle

    def test_becomes_its_lines_on_an_invoice(self, shop: Books) -> None:
        invoice = bill(shop, pack(Quantity=2), line(10))
        group = invoice["Line"][0]

        assert (group["Amount"], group["GroupLineDetail"]["GroupItemRef"]) == (0, {"value": "3", "name": "Pack"})
        assert [(one["Id"], one["LineNum"], one["Amount"]) for one in group["GroupLineDetail"]["Line"]] == [("2", 2, 160.0), ("3", 3, 20.0)]
        assert (invoice["Line"][1]["LineNum"], invoice["TotalAmt"]) == (4, 190.0)
        assert group["GroupLineDetail"]["Line"][1]["SalesItemLineDetail"]["ItemRef"]["name"] == "Boxes"

    def test_keeps_its_lines_when_they_come_back(self, shop: Books) -> None:
        invoice = bill(shop, pack(Quantity=2))
        again = shop.write("Invoice", {**invoice, "sparse": False})

        assert (again["SyncToken"], again["Line"]) == ("0", invoice["Line"])

    def test_vanishes_from_a_voided_invoice(self, shop: Books) -> None:
        bill(shop, pack(Quantity=2))
        group = shop.end("void", "Invoice", "1")["Line"][0]["GroupLineDetail"]

        assert (group["Quantity"], [one["Amount"] for one in group["Line"]]) == (0, [0, 0])

    def test_is_left_as_it_is_by_an_update_from_outside(self, shop: Books) -> None:
        before = shop.read("Item", "3")
        sent = {"Id": "3", "SyncToken": "0", "Name": "Big pack", "Type": "Group", "ItemGroupDetail": {"ItemGroupLine": []}}

        assert shop.write("Item", sent)["ItemGroupDetail"] == before["ItemGroupDetail"]

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            (line(1, ItemRef={"value": "3"}), "6000"),
            (pack(GroupItemRef={"value": "1"}), "6000"),
            (pack(GroupItemRef={"value": "77"}), "2500"),
            (pack(GroupItemRef={}), "2020"),
            (pack(Line=[pack()]), "2170"),
        ],
    )
    def test_is_refused_in_the_wrong_place(self, shop: Books, sent: Any, code: str) -> None:
        bill(shop, sent)

        assert shop.code() == code


class TestDiscount:
    def test_stands_behind_the_subtotal_and_names_its_account(self, shop: Books) -> None:
        discount = {"Amount": 5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
        invoice = bill(shop, discount, line(50))

        assert [one["DetailType"] for one in invoice["Line"]] == ["SalesItemLineDetail", "SubTotalLineDetail", "DiscountLineDetail"]
        assert invoice["Line"][2]["DiscountLineDetail"]["DiscountAccountRef"]["name"] == "Discounts given"
        assert invoice["TotalAmt"] == 45.0

    def test_in_percent_is_rounded_half_up(self, shop: Books) -> None:
        discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 2.5}}

        assert bill(shop, line(1.8), discount)["Line"][2]["Amount"] == 0.05

    def test_is_positive(self, shop: Books) -> None:
        bill(shop, line(50), {"Amount": -5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}})

        assert shop.code() == "2290"


class TestOtherLines:
    def test_of_text_can_show_a_subtotal(self, shop: Books) -> None:
        invoice = bill(shop, line(10), line(20), {"DetailType": "DescriptionOnly", "Description": "Subtotal:", "Amount": 5}, line(1))

        assert (invoice["Line"][2]["Amount"], invoice["TotalAmt"]) == (30.0, 31.0)

    def test_of_shipping_stand_last_and_count(self, shop: Books) -> None:
        bill(shop, line(10), line(4, ItemRef={"value": "SHIPPING_ITEM_ID"}))
        refused = shop.code()
        shop.prefer("SalesFormsPrefs", AllowShipping=True)
        invoice = bill(shop, line(4, ItemRef={"value": "SHIPPING_ITEM_ID"}), line(10))

        assert refused == "6000"
        assert [one["Amount"] for one in invoice["Line"]] == [10.0, 10.0, 4.0]
        assert (invoice["TotalAmt"], invoice["Line"][2]["SalesItemLineDetail"]["ItemRef"]) == (14.0, {"value": "SHIPPING_ITEM_ID"})

    def test_sent_as_subtotal_are_ignored(self, shop: Books) -> None:
        invoice = bill(shop, line(10), {"Amount": 99, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})

        assert [one["Amount"] for one in invoice["Line"]] == [10.0, 10.0]

    @pytest.mark.parametrize(("quantity", "price"), [(0, 0), (0, 5), (3, 0)])
    def test_with_a_zero_in_the_product_keep_their_amount(self, shop: Books, quantity: int, price: int) -> None:
        assert bill(shop, line(100, Qty=quantity, UnitPrice=price))["TotalAmt"] == 100.0

    @pytest.mark.parametrize(
        ("quantity", "price", "amount"), [(128.35, 14.5, 1861.08), (3, 0.335, 1.01), (0.5, 0.01, 0.01), (7, 0.5306667, 3.71)]
    )
    def test_are_rounded_half_up(self, shop: Books, quantity: float, price: float, amount: float) -> None:
        assert bill(shop, line(None, Qty=quantity, UnitPrice=price))["TotalAmt"] == amount

    def test_name_classes_that_are_there(self, shop: Books) -> None:
        shop.write("Class", {"Name": "West"})
        invoice = bill(shop, line(1, ClassRef={"value": "1"}))
        bill(shop, line(1, ClassRef={"value": "9"}))

        assert invoice["Line"][0]["SalesItemLineDetail"]["ClassRef"] == {"value": "1", "name": "West"}
        assert (shop.code(), "Klasses element id 9" in shop.fault()["Detail"]) == ("2500", True)


class TestRevenueRecognition:
    def test_needs_a_service_date_on_each_line(self, shop: Books) -> None:
        shop.switch("revenue_recognition", True)
        bill(shop, line(1, ServiceDate="2026-11-01"), line(1))
        refused = shop.fault()

        assert refused["code"] == "6000"
        assert refused["Detail"].startswith("Business Validation Error: Enter a service date for the re")
        assert bill(shop, line(1, ServiceDate="2026-11-01"))["TotalAmt"] == 1.0
        assert shop.read("Preferences", "1")["ProductAndServicesPrefs"]["RevenueRecognition"] is True


class TestStock:
    def test_leaves_with_an_invoice_and_comes_back_with_its_end(self, shop: Books) -> None:
        shop.write("Item", {"Name": "Chair", **INVENTORY})
        quantities = []
        bill(shop, line(None, Qty=4, UnitPrice=10, ItemRef={"value": "4"}))
        quantities.append(shop.read("Item", "4")["QtyOnHand"])
        shop.end("void", "Invoice", "1")
        chair = shop.read("Item", "4")

        assert ([*quantities, chair["QtyOnHand"]], chair["SyncToken"]) == ([6, 10], "0")

    def test_does_not_leave_before_it_is_counted(self, shop: Books) -> None:
        shop.write("Item", {"Name": "Chair", **INVENTORY})
        bill(shop, line(1, ItemRef={"value": "4"}), TxnDate="2014-12-31")

        assert shop.code() == "6270"


class TestCurrencies:
    def test_show_the_amounts_at_home_too(self, shop: Books) -> None:
        shop.switch("multicurrency", True)
        shop.customer("Jürgen", CurrencyRef={"value": "EUR"})
        euro = {"CustomerRef": {"value": "2"}, "CurrencyRef": {"value": "EUR"}}
        usual, own = bill(shop, line(100), **euro), bill(shop, line(100), **euro, ExchangeRate=1.1)
        home = bill(shop, line(100))

        assert (usual["ExchangeRate"], usual["HomeTotalAmt"], usual["HomeBalance"]) == (1.08, 108.0, 108.0)
        assert (own["HomeTotalAmt"], own["TotalAmt"]) == (110.0, 100.0)
        assert (home["ExchangeRate"], home["HomeTotalAmt"]) == (1, 100.0)
        assert shop.read("Preferences", "1")["CurrencyPrefs"]["MultiCurrencyEnabled"] is True

    def test_are_kept_by_a_payment(self, shop: Books) -> None:
        shop.switch("multicurrency", True)
        shop.customer("Jürgen", CurrencyRef={"value": "EUR"})
        euro = {"CurrencyRef": {"value": "EUR"}}
        shop.invoice("2", 100, **euro)
        wrong = shop.pay("2", 50, ("Invoice", "1", 50), CurrencyRef={"value": "USD"})
        shop.pay("2", 50, ("Invoice", "1", 50), **euro)

        assert wrong["Fault"]["Error"][0]["code"] == "6000"
        assert shop.read("Invoice", "1")["HomeBalance"] == 54.0


class TestNumbersByHand:
    def test_are_neither_made_up_nor_missed(self, shop: Books) -> None:
        shop.switch("custom_txn_numbers", True)

        assert "DocNumber" not in bill(shop, line(1))
        assert bill(shop, line(1), DocNumber="HS-1")["DocNumber"] == "HS-1"
        assert shop.read("Preferences", "1")["SalesFormsPrefs"]["CustomTxnNumbers"] is True


class TestCustomFieldsByASwitch:
    def test_appear_in_preferences_and_on_forms(self, shop: Books) -> None:
        shop.switch("custom_fields", "Crew #, Region")
        invoice = bill(shop, line(1), CustomField=[{"DefinitionId": "2", "StringValue": "West"}])

        assert [(one["Name"], one.get("StringValue")) for one in invoice["CustomField"]] == [("Crew #", None), ("Region", "West")]
        assert "Region" in str(shop.read("Preferences", "1")["SalesFormsPrefs"]["CustomField"])
