"""What a person does with documents in the sandbox's own screen, what a seed may say of them, and what is made of them in bulk."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from integrations.sandbox.messages import BadControl
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import World
from tests.integrations.sandbox.quickbooks.conftest import REALM, Books
from tests.integrations.sandbox.quickbooks.test_catalog import INVENTORY

SEED: dict[str, Any] = {
    "companies": [
        {
            "realm_id": REALM,
            "name": "Seeded Ltd",
            "preferences": {"CurrencyPrefs": {"MultiCurrencyEnabled": True}},
            "classes": [{"Name": "West"}],
            "customers": [{"DisplayName": "Jane"}, {"DisplayName": "Jürgen", "CurrencyRef": {"value": "EUR"}}],
            "items": [
                {"Name": "Design", "Type": "Category"},
                {"Name": "Hours", "UnitPrice": 100, "ParentName": "Design"},
                {"Name": "Box", "Type": "NonInventory", "UnitPrice": 5},
                {"Name": "Pack", "Type": "Group", "Members": {"Design:Hours": 1, "Box": 2}},
            ],
            "invoices": [
                {
                    "CustomerName": "Jane",
                    "DocNumber": "2001",
                    "TermName": "Net 15",
                    "ClassName": "West",
                    "Line": [{"ItemName": "Design:Hours", "Amount": 200}, {"GroupName": "Pack", "GroupLineDetail": {"Quantity": 1}}],
                    "created_days_ago": 40,
                },
                {"CustomerName": "Jürgen", "DocNumber": "2002", "Line": [{"ItemName": "Box", "Amount": 5}], "created_days_ago": 30},
                {"CustomerName": "Jane", "DocNumber": "2003", "Line": [{"ItemName": "Box", "Amount": 5}], "void": True},
            ],
            "credit_memos": [{"CustomerName": "Jane", "DocNumber": "CM-1", "Line": [{"ItemName": "Box", "Amount": 10}]}],
            "refund_receipts": [
                {"CustomerName": "Jane", "DepositAccountName": "Checking", "Line": [{"ItemName": "Box", "Amount": 1}]},
            ],
            "payments": [
                {
                    "CustomerName": "Jane",
                    "TotalAmt": 100,
                    "PaymentMethodName": "Check",
                    "Line": [{"Amount": 110, "InvoiceNumber": "2001"}, {"Amount": 10, "CreditMemoNumber": "CM-1"}],
                    "created_days_ago": 5,
                }
            ],
        }
    ]
}


@pytest.fixture
def owed(books: Books) -> Books:
    books.customer("Jane")
    books.item("Hours")
    line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": "1"}}}
    books.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    return books


class TestEdit:
    def test_pays_by_the_invoices_number(self, owed: Books) -> None:
        payment = {"CustomerName": "Jane", "TotalAmt": 60, "Line": [{"Amount": 60, "InvoiceNumber": "1001"}]}
        told = owed.face.edit({"type": "Payment", "create": payment})

        assert told == {"id": "2", "sync_token": "0", "last_updated": "2026-11-24T10:30:00-08:00"}
        assert owed.read("Invoice", "1")["Balance"] == 40.0

    def test_pays_by_ids_too(self, owed: Books) -> None:
        line = {"Amount": 100, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}
        owed.face.edit({"type": "Payment", "create": {"CustomerRef": {"value": "1"}, "TotalAmt": 100, "Line": [line]}})

        assert owed.read("Invoice", "1")["Balance"] == 0

    def test_voids_even_in_closed_books(self, owed: Books) -> None:
        owed.pay("1", 100, ("Invoice", "1", 100))
        owed.switch("books_closed", "2026-12-31")
        owed.face.edit({"type": "Payment", "id": "2", "void": True})
        told = owed.face.edit({"type": "Invoice", "id": "1", "void": True})

        assert (told["id"], owed.read("Invoice", "1")["PrivateNote"]) == ("1", "Voided")
        assert owed.read("Payment", "2")["TotalAmt"] == 0

    def test_gives_a_discount(self, owed: Books) -> None:
        discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
        lines = [{"ItemName": "Hours", "Amount": 100}, discount]
        owed.face.edit({"type": "Invoice", "create": {"CustomerName": "Jane", "Line": lines}})

        assert owed.read("Invoice", "2")["TotalAmt"] == 90.0

    def test_changes_lines_by_name(self, owed: Books) -> None:
        owed.face.edit({"type": "Invoice", "id": "1", "set": {"Line": [{"ItemName": "Hours", "Amount": 40}]}})

        assert owed.read("Invoice", "1")["TotalAmt"] == 40.0

    def test_merges_one_item_into_another(self, owed: Books) -> None:
        owed.item("Stays", Description="kept")
        told = owed.face.edit({"type": "Item", "merge": ["2", "1"]})
        invoice = owed.read("Invoice", "1")
        owed.read("Item", "1")

        assert (told["id"], owed.code()) == ("2", "610")
        assert invoice["Line"][0]["SalesItemLineDetail"]["ItemRef"] == {"value": "2", "name": "Stays"}
        assert owed.item("Hours")["Id"] == "3"

    def test_merges_stock(self, books: Books) -> None:
        for name in ("A", "B"):
            books.write("Item", {"Name": name, **INVENTORY})
        books.face.edit({"type": "Item", "merge": ["1", "2"]})

        assert books.read("Item", "1")["QtyOnHand"] == 20

    def test_merges_customers_with_all_they_paid(self, owed: Books) -> None:
        owed.pay("1", 130, ("Invoice", "1", 100))
        owed.customer("Stays")
        owed.face.edit({"type": "Customer", "merge": ["2", "1"]})

        assert owed.read("Payment", "2")["CustomerRef"] == {"value": "2", "name": "Stays"}
        assert owed.read("Customer", "2")["Balance"] == -30.0

    def test_merges_no_customers_of_different_currencies(self, owed: Books) -> None:
        owed.switch("multicurrency", True)
        owed.customer("Jürgen", CurrencyRef={"value": "EUR"})

        with pytest.raises(BadControl, match="currencies"):
            owed.face.edit({"type": "Customer", "merge": ["1", "2"]})

    def test_merges_only_what_is_alike(self, owed: Books) -> None:
        owed.write("Item", {"Name": "A", **INVENTORY})
        owed.face.edit({"type": "Item", "create": {"Name": "Pack", "Type": "Group", "Members": {"Hours": 1}}})
        owed.item("Other")
        for pair in (["2", "1"], ["3", "1"], ["4", "1"]):
            with pytest.raises(BadControl):
                owed.face.edit({"type": "Item", "merge": pair})

        assert owed.read("Item", "1")["Name"] == "Hours"


class TestSeed:
    def test_may_hold_every_kind_of_document(self, books: Books) -> None:
        books.face.reset(SEED)
        invoices = {one["DocNumber"]: one for one in books.query("select * from Invoice")["Invoice"]}

        assert [invoices[number]["Balance"] for number in ("2001", "2002", "2003")] == [200.0, 5.0, 0]
        assert (invoices["2001"]["DueDate"], invoices["2001"]["ClassRef"]["name"]) == ("2026-10-30", "West")
        assert (invoices["2002"]["CurrencyRef"]["value"], invoices["2002"]["HomeTotalAmt"]) == ("EUR", 5.4)
        assert invoices["2003"]["PrivateNote"] == "Voided"
        assert books.query("select * from Payment")["Payment"][0]["PaymentMethodRef"]["name"] == "Check"
        assert books.query("select * from CreditMemo")["CreditMemo"][0]["RemainingCredit"] == 0
        assert books.query("select count(*) from RefundReceipt") == {"totalCount": 1}
        assert books.read("Customer", "1")["Balance"] == 200.0

    def test_pays_all_that_is_open_where_a_payment_says_no_amount(self, books: Books) -> None:
        (company,) = SEED["companies"]
        payment = {"CustomerName": "Jane", "Line": [{"InvoiceNumber": "2001"}, {"CreditMemoNumber": "CM-1", "Amount": 4}]}
        books.face.reset({"companies": [{**company, "payments": [payment]}]})
        made = books.query("select * from Payment")["Payment"][0]

        assert (made["TotalAmt"], made["UnappliedAmt"], [line["Amount"] for line in made["Line"]]) == (306.0, 0, [310.0, 4.0])
        assert books.query("select * from Invoice where DocNumber = '2001'")["Invoice"][0]["Balance"] == 0

    def test_dates_a_document_apart_from_its_making(self, books: Books) -> None:
        (company,) = SEED["companies"]
        invoice = {"CustomerName": "Jane", "Line": [{"ItemName": "Box", "Amount": 5}], "created_days_ago": 1, "dated_days_ago": 45}
        books.face.reset({"companies": [{**company, "invoices": [invoice], "payments": []}]})
        made = books.query("select * from Invoice")["Invoice"][0]

        assert (made["TxnDate"], made["DueDate"], made["MetaData"]["CreateTime"][:10]) == ("2026-10-10", "2026-11-09", "2026-11-23")

    def test_names_the_payment_that_finds_no_invoice(self, books: Books) -> None:
        company = {"realm_id": "1", "name": "One", "customers": [{"DisplayName": "Jane"}]}
        payment = {"CustomerName": "Jane", "TotalAmt": 1, "Line": [{"Amount": 1, "InvoiceNumber": "9"}]}

        with pytest.raises(BadControl, match="no Invoice with the number '9'"):
            books.face.reset({"companies": [{**company, "payments": [payment]}]})


class TestGenerate:
    WANTED: dict[str, Any] = {"customers": 60, "items": 40, "invoices": 200, "credit_memos": 20, "payments": 15, "random_seed": 7}

    @pytest.fixture
    def busy(self, books: Books) -> Books:
        books.switch("multicurrency", True)
        books.switch("automated_tax", True)
        books.face.generate(self.WANTED)
        return books

    def all(self, books: Books, kind: str) -> list[Any]:
        found: list[Any] = books.query(f"select * from {kind} maxresults 1000")[kind]
        return found

    def test_knows_every_state_of_an_invoice(self, busy: Books) -> None:
        def state(invoice: Any) -> str:
            if not invoice["TotalAmt"]:
                return "voided"
            if not invoice["Balance"]:
                return "paid"
            late = "overdue" if invoice["DueDate"] < "2026-11-24" else "open"
            return "partial" if invoice["Balance"] < invoice["TotalAmt"] else late

        states = Counter(map(state, self.all(busy, "Invoice")))

        assert set(states) == {"open", "overdue", "partial", "paid", "voided"}
        assert min(states.values()) >= 5

    def test_mixes_currencies_discounts_and_taxes(self, busy: Books) -> None:
        invoices = self.all(busy, "Invoice")

        assert len({one["CurrencyRef"]["value"] for one in invoices}) >= 3
        assert any(line["DetailType"] == "DiscountLineDetail" for one in invoices for line in one["Line"])
        assert any(one["TxnTaxDetail"]["TotalTax"] for one in invoices)

    def test_makes_items_of_several_kinds(self, busy: Books) -> None:
        assert {one["Type"] for one in self.all(busy, "Item")} == {"Service", "NonInventory", "Inventory"}

    def test_lays_payments_and_credits_on_invoices_and_some_on_none(self, busy: Books) -> None:
        unapplied = [bool(one["UnappliedAmt"]) for one in self.all(busy, "Payment")]
        remaining = [one["RemainingCredit"] < one["TotalAmt"] for one in self.all(busy, "CreditMemo")]

        assert (set(unapplied), set(remaining)) == ({True, False}, {True, False})

    def test_leaves_balances_that_add_up_to_the_cent(self, busy: Books) -> None:
        owed: Counter[str] = Counter()
        for kind, field, sign in (("Invoice", "Balance", 1), ("CreditMemo", "Balance", -1), ("Payment", "UnappliedAmt", -1)):
            for one in self.all(busy, kind):
                owed[one["CustomerRef"]["value"]] += int(Decimal(str(one[field])) * 100) * sign

        assert {one["Id"]: int(Decimal(str(one["Balance"])) * 100) for one in self.all(busy, "Customer")} == {
            one["Id"]: owed[one["Id"]] for one in self.all(busy, "Customer")
        }

    def test_is_repeatable(self, books: Books) -> None:
        other = QuickBooksFace(World(clock=books.world.clock))
        other.mint({"realm_id": REALM})
        for face in (books.face, other):
            face.generate(self.WANTED)

        assert books.face.dump()["companies"] == other.dump()["companies"]

    def test_obeys_the_rules_of_the_company(self, books: Books) -> None:
        books.realm = "77"
        books.tokens = books.face.mint({"realm_id": "77", "country": "GB", "home_currency": "GBP"})
        for name in ("custom_txn_numbers", "revenue_recognition"):
            books.switch(name, True)
        books.face.generate({"realm_id": "77", "customers": 5, "items": 5, "invoices": 20, "credit_memos": 3, "random_seed": 7})
        invoices = self.all(books, "Invoice")

        assert {one["DocNumber"][:3] for one in invoices} == {"G7-"}
        assert all("ServiceDate" in one["Line"][0]["SalesItemLineDetail"] for one in invoices)
        assert any(one["TxnTaxDetail"]["TotalTax"] for one in invoices)


class TestStateFile:
    def test_brings_links_back(self, tmp_path: Path) -> None:
        world = World(state=tmp_path / "state")
        books = Books(world=world, face=(face := QuickBooksFace(world)), tokens=face.mint({"realm_id": REALM}))
        books.customer("Jane")
        books.invoice("1")
        books.pay("1", 40, ("Invoice", "1", 40))
        dump = face.dump()
        world.store.close()

        world = World(state=tmp_path / "state")
        again = Books(world=world, face=QuickBooksFace(world), tokens=books.tokens)

        assert again.face.dump() == dump
        again.end("delete", "Payment", "2")
        assert again.read("Invoice", "1")["Balance"] == 100.0
        assert again.read("TaxCode", "NON")["Name"] == "NON"


class TestPlaces:
    @pytest.mark.parametrize("country", ["us", "USA", ""])
    def test_have_codes_of_two_letters(self, books: Books, country: str) -> None:
        with pytest.raises(BadControl, match="country"):
            books.face.mint({"realm_id": "78", "country": country})
