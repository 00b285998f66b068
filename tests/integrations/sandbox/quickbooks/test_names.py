from __future__ import annotations

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


class TestUniqueness:
    @pytest.mark.parametrize("kind", ["Customer", "Vendor", "Employee"])
    @pytest.mark.parametrize("name", ["Jane Doe", "JANE DOE", "  jane doe "])
    def test_spans_customers_vendors_and_employees(self, books: Books, kind: str, name: str) -> None:
        books.customer("Jane Doe")
        books.write(kind, {"DisplayName": name})

        assert books.last.status == 400
        assert books.fault() == {
            "Message": "Duplicate Name Exists Error", "Detail": "The name supplied already exists. : null", "code": "6240",
        }  # fmt: skip

    def test_allows_a_customer_its_own_name_in_other_letters(self, books: Books) -> None:
        books.customer("Jane Doe")

        renamed = books.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "JANE DOE"})

        assert renamed["DisplayName"] == "JANE DOE"

    def test_lets_go_of_a_name_after_a_rename(self, books: Books) -> None:
        books.customer("Jane Doe")
        books.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Jane Roe"})

        assert books.customer("Jane Doe")["Id"] == "2"

    def test_uses_no_id_up_for_a_refusal(self, books: Books) -> None:
        books.customer("Jane Doe")
        books.customer("Jane Doe")

        assert books.customer("Jane Roe")["Id"] == "2"

    def test_shares_one_space_of_ids(self, books: Books) -> None:
        books.customer("A")
        vendor, employee = books.write("Vendor", {"DisplayName": "B"}), books.write("Employee", {"GivenName": "C", "FamilyName": "D"})

        assert [vendor["Id"], employee["Id"], employee["DisplayName"]] == ["2", "3", "C D"]

    def test_of_items_is_a_matter_of_items(self, books: Books) -> None:
        books.customer("Hours")
        first = books.item("Hours")
        books.item("hours ")

        assert first["Name"] == "Hours"
        assert books.code() == "6240"

    def test_trims_unless_switched_off(self, books: Books) -> None:
        trimmed = books.customer("  Jane  ")
        books.switch("trim_names", False)

        assert trimmed["DisplayName"] == "Jane"
        assert books.customer(" John ")["DisplayName"] == " John "

    def test_knows_signs_and_scripts(self, books: Books) -> None:
        names = ['O\'Brien & Söhne, #1 50% "best"', "Łukasz \\ Wójcik", "株式会社"]

        assert [books.customer(name)["DisplayName"] for name in names] == names


class TestSubCustomers:
    def test_have_a_level_and_a_full_name(self, books: Books) -> None:
        books.customer("Freeman", CompanyName="Freeman Inc", BillAddr={"Line1": "370 Easy St."})
        kitchen = books.customer("Kitchen", Job=True, ParentRef={"value": "1", "name": "x"})

        assert (kitchen["FullyQualifiedName"], kitchen["Level"], kitchen["ParentRef"]) == ("Freeman:Kitchen", 1, {"value": "1"})
        assert (kitchen["CompanyName"], kitchen["BillAddr"]["Line1"]) == ("Freeman Inc", "370 Easy St.")
        assert kitchen["BillAddr"]["Id"] != books.read("Customer", "1")["BillAddr"]["Id"]

    def test_may_be_named_like_a_customer_elsewhere(self, books: Books) -> None:
        books.customer("Doe, Jack")
        books.customer("Jack Doe")
        below = books.customer("Jack Doe", Job=True, ParentRef={"value": "1"})
        books.customer("jack doe", Job=True, ParentRef={"value": "1"})

        assert below["Id"] == "3"
        assert books.code() == "6240"

    def test_are_renamed_with_their_parent(self, books: Books) -> None:
        books.customer("A")
        books.customer("B", Job=True, ParentRef={"value": "1"})
        books.customer("C", Job=True, ParentRef={"value": "2"})
        books.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "DisplayName": "Z"})

        assert books.names("select * from Customer", field="FullyQualifiedName") == ["Z", "Z:B", "Z:B:C"]

    def test_move_with_a_full_update(self, books: Books) -> None:
        books.customer("A")
        books.customer("B", Job=True, ParentRef={"value": "1"})
        free = books.write("Customer", {"Id": "2", "SyncToken": "0", "DisplayName": "B"})

        assert (free["FullyQualifiedName"], free["Job"], "Level" in free, "ParentRef" in free) == ("B", False, False, False)

    def test_go_five_levels_deep_at_most(self, books: Books) -> None:
        books.customer("1")
        for level in range(2, 6):
            books.customer(str(level), Job=True, ParentRef={"value": str(level - 1)})
        deepest = books.read("Customer", "5")
        books.customer("6", Job=True, ParentRef={"value": "5"})

        assert deepest["Level"] == 4
        assert books.code() == "6180"

    def test_cannot_be_their_own_parents(self, books: Books) -> None:
        books.customer("A")
        books.customer("B", Job=True, ParentRef={"value": "1"})
        codes = []
        for parent in ("1", "2"):
            books.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Job": True, "ParentRef": {"value": parent}})
            codes.append(books.code())

        assert codes == ["900", "900"]

    def test_cannot_change_who_is_billed_once_billed(self, books: Books) -> None:
        books.customer("A")
        books.customer("B", Job=True, ParentRef={"value": "1"}, BillWithParent=True)
        books.invoice("2")
        now = books.read("Customer", "2")
        books.write("Customer", {"Id": "2", "SyncToken": now["SyncToken"], "sparse": True, "BillWithParent": False})

        assert books.code() == "6130"


class TestVendorsAndEmployees:
    def test_answer_as_recorded(self, books: Books) -> None:
        vendor = books.write("Vendor", {"DisplayName": "Boraski Family Store"})
        employee = books.write("Employee", {"GivenName": "Emily", "FamilyName": "Platt"})
        gone = books.write("Employee", {"Id": employee["Id"], "SyncToken": "0", "sparse": True, "Active": False})

        assert list(vendor) == [
            "Balance", "Vendor1099", "CurrencyRef", "domain", "sparse", "Id", "SyncToken", "MetaData", "DisplayName", "PrintOnCheckName",
            "Active",
        ]  # fmt: skip
        assert list(gone) == [
            "BillableTime", "domain", "sparse", "Id", "SyncToken", "MetaData", "GivenName", "FamilyName", "DisplayName",
            "PrintOnCheckName", "Active",
        ]  # fmt: skip
        assert (gone["DisplayName"], gone["PrintOnCheckName"]) == ("Emily Platt (deleted)", "Emily Platt")
