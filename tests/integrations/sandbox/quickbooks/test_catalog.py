from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books

INVENTORY: dict[str, Any] = {
    "Type": "Inventory", "TrackQtyOnHand": True, "QtyOnHand": 10, "InvStartDate": "2015-01-01", "IncomeAccountRef": {"value": "3"},
    "ExpenseAccountRef": {"value": "6"}, "AssetAccountRef": {"value": "7"},
}  # fmt: skip


class TestItem:
    def test_of_inventory_answers_as_recorded(self, books: Books) -> None:
        item = books.write("Item", {"Name": "Garden Supplies", **INVENTORY})

        assert list(item) == [
            "Name", "Active", "FullyQualifiedName", "Taxable", "UnitPrice", "Type", "IncomeAccountRef", "PurchaseCost",
            "ExpenseAccountRef", "AssetAccountRef", "TrackQtyOnHand", "QtyOnHand", "InvStartDate", "domain", "sparse", "Id", "SyncToken",
            "MetaData",
        ]  # fmt: skip
        assert item["IncomeAccountRef"] == {"value": "3", "name": "Sales of Product Income"}
        assert (item["UnitPrice"], item["PurchaseCost"], item["TrackQtyOnHand"]) == (0, 0, True)

    @pytest.mark.parametrize(
        ("sent", "code", "element"),
        [
            ({"Type": "Service", "IncomeAccountRef": {"value": "1"}}, "2020", "Name"),
            ({"Name": "A"}, "2020", "Type"),
            ({"Name": "A", "Type": "Service"}, "2020", "IncomeAccountRef"),
            ({"Name": "A", "Type": "Wonder"}, "2170", None),
            ({"Name": "A:B", "Type": "Service", "IncomeAccountRef": {"value": "1"}}, "2040", "Name"),
            ({"Name": "x" * 101, "Type": "Service", "IncomeAccountRef": {"value": "1"}}, "2050", "Name"),
            ({"Name": "A", "Type": "Service", "IncomeAccountRef": {"value": "999"}}, "2500", ""),
            ({"Name": "A", "Type": "Service", "IncomeAccountRef": {"value": "10"}}, "6430", "IncomeAccountRef"),
            ({"Name": "A", **INVENTORY, "IncomeAccountRef": {"value": "1"}}, "6430", "IncomeAccountRef"),
            ({"Name": "A", **INVENTORY, "QtyOnHand": ""}, "2020", "QtyOnHand"),
            ({"Name": "A", **INVENTORY, "TrackQtyOnHand": False}, "2020", "TrackQtyOnHand"),
            ({"Name": "A", "Type": "Group"}, "500", None),
            ({"Name": "A", "Type": "Service", "IncomeAccountRef": {"value": "1"}, "SubItem": True}, "6150", "ParentRef"),
        ],
    )
    def test_is_refused_with_the_vendors_code(self, books: Books, sent: dict[str, Any], code: str, element: str | None) -> None:
        books.write("Item", sent)

        assert (books.code(), books.fault().get("element")) == (code, element)

    @pytest.mark.parametrize("kind", ["Inventory", "NonInventory", "Category", "Group"])
    def test_keeps_its_kind(self, books: Books, kind: str) -> None:
        books.item("A")
        books.write("Item", {"Id": "1", "SyncToken": "0", "sparse": True, "Type": kind})

        assert books.code() == "6000"

    def test_changes_its_kind_only_by_hand_and_only_without_stock(self, books: Books) -> None:
        books.item("A")
        books.face.edit({"type": "Item", "id": "1", "set": {"Type": "NonInventory"}})

        assert books.read("Item", "1")["Type"] == "NonInventory"

    @pytest.mark.parametrize(
        ("ref", "account", "fits"),
        [
            ("IncomeAccountRef", "Interest Earned", True),
            ("IncomeAccountRef", "Checking", False),
            ("IncomeAccountRef", "Accounts Payable (A/P)", False),
            ("IncomeAccountRef", "Travel", False),
            ("ExpenseAccountRef", "Travel", True),
            ("ExpenseAccountRef", "Cost of Goods Sold", True),
            ("ExpenseAccountRef", "Services", False),
            ("ExpenseAccountRef", "Accounts Receivable (A/R)", False),
        ],
    )
    def test_names_accounts_of_the_right_type(self, books: Books, ref: str, account: str, fits: bool) -> None:
        number = books.names(f"select * from Account where Name = '{account}'", "Account", "Id")[0]
        answer = books.item("A", **{ref: {"value": number}})

        assert ("Fault" not in answer) is fits
        if not fits:
            assert (books.code(), books.fault()["element"]) == ("6430", ref)

    def test_has_a_name_that_is_unique_below_its_category_only(self, books: Books) -> None:
        books.write("Item", {"Name": "Design", "Type": "Category"})
        books.item("Hours")
        books.item("hours")
        taken = books.code()
        below = {"SubItem": True, "ParentRef": {"value": "1"}}
        inside = books.item("Hours", **below)
        books.item("HOURS", **below)

        assert (taken, inside["FullyQualifiedName"], books.code()) == ("6240", "Design:Hours", "6240")

    def test_under_a_category_has_a_full_name(self, books: Books) -> None:
        category = books.write("Item", {"Name": "Design", "Type": "Category"})
        item = books.item("Hours", SubItem=True, ParentRef={"value": "1"})

        assert "UnitPrice" not in category
        assert (item["FullyQualifiedName"], item["Level"]) == ("Design:Hours", 1)

    def test_cannot_be_sold_when_it_is_a_category_or_inactive(self, books: Books) -> None:
        books.customer("Jane")
        books.write("Item", {"Name": "Design", "Type": "Category"})
        books.item("Hours")
        books.write("Item", {"Id": "2", "SyncToken": "0", "sparse": True, "Active": False})
        codes = []
        for number in ("1", "2", "99"):
            line = {"Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": number}}}
            books.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
            codes.append(books.code())

        assert codes == ["6000", "610", "2500"]


class TestAccount:
    def test_answers_as_recorded(self, books: Books) -> None:
        account = books.write("Account", {"Name": "Fees Billed", "AccountType": "Income", "AccountSubType": "ServiceFeeIncome"})

        assert list(account) == [
            "Name", "SubAccount", "FullyQualifiedName", "Active", "Classification", "AccountType", "AccountSubType", "CurrentBalance",
            "CurrentBalanceWithSubAccounts", "CurrencyRef", "domain", "sparse", "Id", "SyncToken", "MetaData",
        ]  # fmt: skip
        assert account["Classification"] == "Revenue"

    def test_finds_its_type_by_the_subtype(self, books: Books) -> None:
        assert books.write("Account", {"Name": "Till", "AccountSubType": "CashOnHand"})["AccountType"] == "Bank"

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ({"Name": "A"}, "6010"),
            ({"Name": "A", "AccountType": "Piggy Bank"}, "2170"),
            ({"Name": 'A "B"', "AccountType": "Bank"}, "2040"),
            ({"Name": "A", "AccountType": "Bank", "AcctNum": "12345678"}, "2050"),
            ({"Name": "checking", "AccountType": "Bank"}, "6240"),
            ({"Name": "A", "AccountType": "Bank", "AcctNum": "1:2"}, "2040"),
            ({"Name": "A", "AccountType": "Bank", "AccountSubType": "Inventory"}, "6430"),
            ({"AccountType": "Bank"}, "2020"),
        ],
    )
    def test_is_refused_with_the_vendors_code(self, books: Books, sent: dict[str, Any], code: str) -> None:
        books.write("Account", sent)

        assert books.code() == code

    def test_stays_on_its_side_of_the_books(self, books: Books) -> None:
        sent = {"Id": "12", "SyncToken": "0", "sparse": True, "AccountSubType": "CreditCard", "AccountType": "Credit Card"}
        books.write("Account", sent)

        assert books.code() == "6000"

    def test_can_lie_below_another_and_be_renamed(self, books: Books) -> None:
        account = books.write("Account", {"Name": "Travel by air", "AccountType": "Expense", "ParentRef": {"value": "24"}})
        renamed = books.write("Account", {"Id": account["Id"], "SyncToken": "0", "sparse": True, "Name": "Flights"})

        assert (account["SubAccount"], renamed["FullyQualifiedName"]) == (True, "Travel:Flights")


class TestClass:
    def test_has_a_place_in_a_tree(self, books: Books) -> None:
        books.write("Class", {"Name": "West"})
        below = books.write("Class", {"Name": "Coast", "ParentRef": {"value": "1"}})
        books.write("Class", {"Name": "WEST"})

        assert (below["SubClass"], below["FullyQualifiedName"], books.code()) == (True, "West:Coast", "6240")
        assert books.names("select * from Class", "Class", "FullyQualifiedName") == ["West", "West:Coast"]


class TestPaymentMethod:
    def test_is_a_list_like_others(self, books: Books) -> None:
        made = books.write("PaymentMethod", {"Name": "Barter"})
        books.write("PaymentMethod", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False})

        assert made["Type"] == "NON_CREDIT_CARD"
        assert books.names("select * from PaymentMethod", "PaymentMethod", "Name") == [
            "Bank transfer", "Cash", "Check", "MasterCard", "Visa",
        ]  # fmt: skip


class TestTerm:
    def test_knows_two_kinds(self, books: Books) -> None:
        days, dated = books.write("Term", {"Name": "Net 45", "DueDays": 45}), books.write("Term", {"Name": "10th", "DayOfMonthDue": 10})

        assert (days["Type"], dated["Type"]) == ("STANDARD", "DATE_DRIVEN")

    @pytest.mark.parametrize(
        ("sent", "code"),
        [
            ({"Name": "x" * 32, "DueDays": 1}, "2050"),
            ({"Name": "A", "DueDays": 1000}, "2090"),
            ({"Name": "A"}, "2020"),
            ({"Name": "net 30", "DueDays": 30}, "6240"),
        ],
    )
    def test_is_refused_with_the_vendors_code(self, books: Books, sent: dict[str, Any], code: str) -> None:
        books.write("Term", sent)

        assert books.code() == code


class TestCompany:
    def test_tells_its_own_data(self, books: Books) -> None:
        by_realm, by_number = books.read("CompanyInfo", books.realm), books.read("CompanyInfo", "1")
        info = books.query("select * from CompanyInfo")["CompanyInfo"][0]

        assert by_realm == by_number == info
        assert (info["Id"], info["Country"], info["CompanyAddr"]["Country"]) == ("1", "US", "USA")
        assert "Lat" not in info["CompanyAddr"]

    def test_merges_preferences_group_by_group(self, books: Books) -> None:
        before = books.call("GET", "preferences")["Preferences"]
        after = books.write("Preferences", {"SyncToken": "0", "sparse": True, "SalesFormsPrefs": {"CustomTxnNumbers": True}})
        books.write("Preferences", {"SyncToken": "0", "SalesFormsPrefs": {"CustomTxnNumbers": False}})

        assert after["SalesFormsPrefs"] == {**before["SalesFormsPrefs"], "CustomTxnNumbers": True}
        assert books.code() == "5010"

    def test_cannot_give_multicurrency_back(self, books: Books) -> None:
        on = books.write("Preferences", {"SyncToken": "0", "CurrencyPrefs": {"MultiCurrencyEnabled": True}})
        euro = books.customer("Jürgen", CurrencyRef={"value": "EUR"})
        books.write("Preferences", {"SyncToken": on["SyncToken"], "CurrencyPrefs": {"MultiCurrencyEnabled": False}})

        assert euro["CurrencyRef"] == {"value": "EUR", "name": "Euro"}
        assert books.code() == "6000"

    def test_with_multicurrency_invoices_in_the_customers_currency(self, books: Books) -> None:
        books.switch("multicurrency", True)
        books.customer("Jürgen", CurrencyRef={"value": "EUR"})
        books.invoice("1")
        missing = books.code()
        books.invoice("1", CurrencyRef={"value": "USD"})
        wrong = books.code()

        assert (missing, wrong) == ("2020", "6000")
        assert books.invoice("1", CurrencyRef={"value": "EUR"})["CurrencyRef"]["value"] == "EUR"

    def test_that_stopped_paying_can_be_read_only(self, books: Books) -> None:
        books.customer("Jane")
        books.switch("subscription_ended", True)
        books.customer("John")

        assert books.code() == "6190"
        assert books.read("Customer", "1")["DisplayName"] == "Jane"

    def test_that_lost_its_user_refuses_everything(self, books: Books) -> None:
        books.switch("user_lost_rights", True)
        books.read("Customer", "1")

        assert (books.last.status, books.code()) == (401, "120")
