from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books

# The fields of the recorded answer to {"DisplayName": "Doe5, Jane"}, in its order, and the one field that newer minor versions add.
RECORDED = (
    "Taxable", "Job", "BillWithParent", "Balance", "BalanceWithJobs", "CurrencyRef", "PreferredDeliveryMethod", "domain", "sparse", "Id",
    "SyncToken", "MetaData", "FullyQualifiedName", "DisplayName", "PrintOnCheckName", "Active", "DefaultTaxCodeRef",
)  # fmt: skip
# What python-quickbooks sends for a customer of whom only the display name was set.
FROM_PYTHON_QUICKBOOKS = {
    "Active": True, "Balance": 0, "BalanceWithJobs": 0, "BillWithParent": False, "CompanyName": "", "DisplayName": "Jane",
    "FamilyName": "", "FullyQualifiedName": "", "GivenName": "", "IsProject": False, "Job": False, "Level": 0, "MiddleName": "",
    "Notes": "", "OpenBalanceDate": "", "PreferredDeliveryMethod": "", "PrimaryTaxIdentifier": "", "PrintOnCheckName": "",
    "ResaleNum": "", "Suffix": "", "SyncToken": 0, "Taxable": True, "Title": "", "domain": "QBO", "sparse": False,
}  # fmt: skip


def sparse(books: Books, customer: Any, **values: Any) -> Any:
    return books.write("Customer", {"Id": customer["Id"], "SyncToken": customer["SyncToken"], "sparse": True, **values})


def full(books: Books, customer: Any, **values: Any) -> Any:
    return books.write("Customer", {"Id": customer["Id"], "SyncToken": customer["SyncToken"], **values})


class TestCreate:
    def test_answers_as_recorded(self, books: Books) -> None:
        answer = books.call("POST", "customer", {"DisplayName": "Doe5, Jane"}, minorversion="75", format="json")
        jane = answer["Customer"]

        assert books.last.status == 200
        assert tuple(name for name in jane if name != "IsProject") == RECORDED
        assert jane["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
        assert (jane["Id"], jane["SyncToken"], jane["sparse"], jane["PrintOnCheckName"]) == ("1", "0", False, "Doe5, Jane")
        assert jane["MetaData"] == {"CreateTime": "2026-11-24T10:30:00-08:00", "LastUpdatedTime": "2026-11-24T10:30:00-08:00"}
        assert answer["time"] == "2026-11-24T10:30:00.000-08:00"

    def test_has_the_headers_that_clients_log(self, books: Books) -> None:
        books.customer("Jane")

        assert {"intuit_tid", "QBO-Version", "Service-Time", "Cache-Control"} <= set(books.last.headers)
        assert books.last.headers["Content-Type"] == "application/json;charset=utf-8"
        assert (books.last.route, books.last.written) == ("/v3/company/{realm}/customer", [("create", "Customer")])

    def test_takes_what_python_quickbooks_sends(self, books: Books) -> None:
        jane = books.write("Customer", FROM_PYTHON_QUICKBOOKS)

        assert jane["DisplayName"] == jane["PrintOnCheckName"] == jane["FullyQualifiedName"] == "Jane"
        assert jane["PreferredDeliveryMethod"] == "Print"
        assert "CompanyName" not in jane

    def test_builds_the_display_name_from_the_parts(self, books: Books) -> None:
        jane = books.write("Customer", {"Title": "Dr", "GivenName": "Jane", "FamilyName": "Doe", "Suffix": "Jr"})

        assert jane["DisplayName"] == "Dr Jane Doe Jr"

    def test_without_any_name_is_refused(self, books: Books) -> None:
        books.write("Customer", {"CompanyName": "Doe & Co"})

        assert (books.last.status, books.code()) == (400, "6080")

    def test_is_active_whatever_it_says(self, books: Books) -> None:
        assert books.customer("Jane", Active=False)["Active"] is True

    def test_takes_an_opening_balance(self, books: Books) -> None:
        jane = books.customer("Jane", Balance=120.5, OpenBalanceDate="2026-10-01")

        assert (jane["Balance"], jane["BalanceWithJobs"]) == (120.5, 120.5)

    def test_shows_no_more_than_the_end_of_a_tax_id(self, books: Books) -> None:
        jane = books.customer("Jane", PrimaryTaxIdentifier="99-1234567")

        assert jane["PrimaryTaxIdentifier"] == "XXXXX34567"
        assert sparse(books, jane, Notes="x")["PrimaryTaxIdentifier"] == "XXXXX34567"

    def test_shows_countries_by_their_code(self, books: Books) -> None:
        jane = books.customer("Jane", BillAddr={"Line1": "Hauptstr. 1", "Country": "Germany", "Lat": "1", "Id": ""})

        assert jane["BillAddr"] == {"Id": "2", "Line1": "Hauptstr. 1", "Country": "DEU"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("sent", "code", "element"),
        [
            ({"Nonsense": True}, "2010", None),
            ({"BillAddr": {"Street": "x"}}, "2010", None),
            ({"PrimaryEmailAddr": "a@b.com"}, "2010", None),
            ({"GivenName": {"a": 1}}, "2010", None),
            ({"Taxable": "perhaps"}, "2010", None),
            ({"Balance": "much"}, "2010", None),
            ({"GivenName": "a\tb"}, "2040", "GivenName"),
            ({"FamilyName": "a:b"}, "2040", "FamilyName"),
            ({"PrintOnCheckName": "a\nb"}, "2040", "PrintOnCheckName"),
            ({"Title": "x" * 17}, "2050", "Title"),
            ({"GivenName": "x" * 101}, "2050", "GivenName"),
            ({"PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050", "PrimaryPhone"),
            ({"BillAddr": {"City": "x" * 256}}, "2050", "City"),
            ({"OpenBalanceDate": "01/02/2026"}, "2060", "OpenBalanceDate"),
            ({"PreferredDeliveryMethod": "Pigeon"}, "2170", None),
            ({"WebAddr": {"URI": "no site"}}, "2200", "WebAddr"),
            ({"PrimaryEmailAddr": {"Address": "not an address"}}, "2210", "PrimaryEmailAddr"),
            ({"SalesTermRef": {"value": "99"}}, "2500", ""),
            ({"CurrencyRef": {"value": "EUR"}}, "6000", None),
            ({"ParentRef": {"value": "99"}, "Job": True}, "700", "ParentRef"),
            ({"Job": True}, "6150", "ParentRef"),
            ({"BillWithParent": True}, "6150", "ParentRef"),
        ],
    )
    def test_carry_the_vendors_code(self, books: Books, sent: dict[str, Any], code: str, element: str | None) -> None:
        books.write("Customer", {"DisplayName": "Jane", **sent})

        assert (books.last.status, books.code(), books.fault().get("element")) == (400, code, element)
        assert books.query("select count(*) from Customer") == {"totalCount": 0}

    def test_name_the_length(self, books: Books) -> None:
        books.customer("x" * 501)

        assert books.fault()["Detail"] == (
            "String length specified does not match the supported length. Min:0 Max:500 supported. Supplied length:501"
        )

    def test_list_what_would_have_been_known(self, books: Books) -> None:
        books.customer("Jane", BadJson=True)

        assert books.fault()["Detail"].startswith(
            'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Customer)'
        )
        assert books.fault()["Message"] == "Request has invalid or unsupported property"

    @pytest.mark.parametrize(("body", "code"), [(b"{", "2010"), (b"[]", "2010"), (b"\xff\xfe", "500"), (b"", "2010")])
    def test_meet_a_body_that_is_no_object(self, books: Books, body: bytes, code: str) -> None:
        books.call("POST", "customer", body)

        assert books.code() == code

    def test_leave_ignored_properties_alone(self, books: Books) -> None:
        jane = books.customer("Jane", IntuitId="7", CustomField=[], MetaData={"CreateTime": "2001-01-01"}, OtherAddr=[], status="x")

        assert jane["MetaData"]["CreateTime"].startswith("2026-")
        assert "IntuitId" not in jane

    def test_of_emoji_in_names_come_by_switch(self, books: Books) -> None:
        fine = books.customer("Jane 🌻", GivenName="Zoë")
        books.switch("refuse_emoji_in_names", True)
        books.customer("John 🌻")

        assert fine["DisplayName"] == "Jane 🌻"
        assert books.code() == "2040"


class TestFullUpdate:
    def test_clears_what_is_left_out(self, books: Books) -> None:
        jane = books.customer(
            "Doe2, Jane", GivenName="Jane", Notes="likes tea", Taxable=False, SalesTermRef={"value": "3"}, PrimaryTaxIdentifier="123456789"
        )
        books.later(seconds=60)

        jack = full(books, jane, DisplayName="Jack Moe", PrimaryPhone={"FreeFormNumber": "(415) 444-1234"})

        assert jack == {
            **{name: value for name, value in jane.items() if name not in ("GivenName", "Notes", "SalesTermRef", "PrimaryTaxIdentifier")},
            "Taxable": True,
            "SyncToken": "1",
            "MetaData": {"CreateTime": "2026-11-24T10:30:00-08:00", "LastUpdatedTime": "2026-11-24T10:31:00-08:00"},
            "FullyQualifiedName": "Jack Moe",
            "DisplayName": "Jack Moe",
            "PrintOnCheckName": "Jack Moe",
            "PrimaryPhone": {"FreeFormNumber": "(415) 444-1234"},
        }

    def test_needs_a_name_again(self, books: Books) -> None:
        full(books, books.customer("Jane"), Notes="x")

        assert books.code() == "6080"

    def test_leaves_an_inactive_customer_inactive(self, books: Books) -> None:
        gone = sparse(books, books.customer("Jane"), Active=False)

        assert full(books, gone, DisplayName=gone["DisplayName"])["DisplayName"] == "Jane (deleted)"


class TestSparseUpdate:
    def test_changes_only_what_it_names(self, books: Books) -> None:
        jane = books.customer("Jane", GivenName="Jane", Notes="likes tea")

        changed = sparse(books, jane, Notes="likes coffee")

        assert changed == {**jane, "Notes": "likes coffee", "SyncToken": "1", "MetaData": changed["MetaData"]}

    def test_replaces_nested_objects_whole(self, books: Books) -> None:
        jane = books.customer("Jane", BillAddr={"Line1": "1 Main St", "City": "Boston"})

        assert sparse(books, jane, BillAddr={"Line1": "2 Main St"})["BillAddr"] == {"Id": jane["BillAddr"]["Id"], "Line1": "2 Main St"}

    def test_clears_with_empty_text_and_ignores_null(self, books: Books) -> None:
        jane = books.customer("Jane", Notes="a", CompanyName="b", PrimaryEmailAddr={"Address": "a@b.com"})

        changed = sparse(books, jane, Notes="", CompanyName=None, PrimaryEmailAddr={"Address": ""})

        assert ("Notes" in changed, changed["CompanyName"], "PrimaryEmailAddr" in changed) == (False, "b", False)

    @pytest.mark.parametrize("name", ["DisplayName", "PrintOnCheckName", "Active"])
    def test_cannot_clear_some_fields(self, books: Books, name: str) -> None:
        jane = books.customer("Jane")

        assert sparse(books, jane, **{name: ""})[name] == jane[name]

    def test_that_changes_nothing_leaves_token_and_time(self, books: Books) -> None:
        jane = books.customer("Jane", Notes="a")
        books.later(seconds=5)

        assert sparse(books, jane, Notes="a") == jane
        assert books.last.written == []

    def test_cannot_change_what_belongs_to_the_service(self, books: Books) -> None:
        jane = books.customer("Jane")

        changed = sparse(books, jane, Balance=5, FullyQualifiedName="x", Level=3, IsProject=True)

        assert changed == jane


class TestSyncToken:
    def test_must_be_the_present_one(self, books: Books) -> None:
        jane = books.customer("Jane")
        sparse(books, jane, Notes="first")

        sparse(books, jane, Notes="second")

        assert books.code() == "5010"
        assert books.fault()["Message"] == "Stale Object Error"
        assert books.fault()["element"] == ""
        assert books.read("Customer", "1")["Notes"] == "first"

    @pytest.mark.parametrize("token", [0, "0"])
    def test_may_be_a_number(self, books: Books, token: object) -> None:
        books.customer("Jane")

        assert books.write("Customer", {"Id": "1", "SyncToken": token, "sparse": True, "Notes": "x"})["SyncToken"] == "1"

    def test_must_be_there(self, books: Books) -> None:
        books.customer("Jane")
        books.write("Customer", {"Id": "1", "sparse": True, "Notes": "x"})

        assert (books.code(), books.fault()["element"]) == ("2020", "SyncToken")

    def test_is_of_no_use_without_an_object(self, books: Books) -> None:
        books.write("Customer", {"Id": "77", "SyncToken": "0", "sparse": True})

        assert books.code() == "610"


class TestRead:
    def test_of_an_unknown_id_is_no_404(self, books: Books) -> None:
        books.read("Customer", "77")

        assert (books.last.status, books.code()) == (400, "610")

    @pytest.mark.parametrize("number", ["1.5", "abc", "-1"])
    def test_of_no_number_answers_without_time(self, books: Books, number: str) -> None:
        answer = books.read("Customer", number)

        assert books.fault() == {
            "Message": "Invalid ID", "Detail": f"Id should be a valid number. Supplied value:{number}", "code": "2030", "element": "Id",
        }  # fmt: skip
        assert "time" not in answer

    @pytest.mark.parametrize("path", ["customer/1/5", "customer", "nonsense/1", "estimate/1", "batch"])
    def test_of_no_resource_is_an_unsupported_operation(self, books: Books, path: str) -> None:
        books.call("GET", path)

        assert (books.code(), books.fault()["Message"]) == ("500", "Unsupported Operation")
        assert books.fault()["Detail"].startswith(f"Operation Could not find resource for relative : /v3/company/{books.realm}/{path}")

    def test_by_another_method_is_an_unsupported_operation(self, books: Books) -> None:
        books.customer("Jane")
        books.call("DELETE", "customer/1")

        assert books.code() == "500"


class TestDeactivation:
    def test_appends_a_suffix_to_two_names(self, books: Books) -> None:
        gone = sparse(books, books.customer("Thrifty Meats"), Active=False)

        assert (gone["DisplayName"], gone["FullyQualifiedName"]) == ("Thrifty Meats (deleted)", "Thrifty Meats (deleted)")
        assert gone["PrintOnCheckName"] == "Thrifty Meats"

    def test_twice_changes_nothing(self, books: Books) -> None:
        gone = sparse(books, books.customer("Jane"), Active=False)
        books.later(seconds=60)

        assert sparse(books, gone, Active=False, DisplayName="Jane (deleted)") == gone

    def test_frees_the_name_for_others_and_counts_on(self, books: Books) -> None:
        first = sparse(books, books.customer("Jane"), Active=False)
        second = sparse(books, books.customer("Jane"), Active=False)
        third = sparse(books, books.customer("Jane"), Active=False)

        assert [each["DisplayName"] for each in (first, second, third)] == ["Jane (deleted)", "Jane (deleted-1)", "Jane (deleted-2)"]

    def test_is_undone_under_the_old_name(self, books: Books) -> None:
        gone = sparse(books, books.customer("Jane"), Active=False)

        assert sparse(books, gone, Active=True)["DisplayName"] == "Jane"

    def test_is_not_undone_when_the_name_is_taken(self, books: Books) -> None:
        gone = sparse(books, books.customer("Jane"), Active=False)
        books.write("Vendor", {"DisplayName": "Jane"})

        sparse(books, gone, Active=True)

        assert books.code() == "6240"

    def test_with_a_balance_is_refused_unless_switched_off(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1")
        sparse(books, books.read("Customer", "1"), Active=False)
        code = books.code()
        books.switch("refuse_inactive_with_balance", False)

        assert code == "6220"
        assert sparse(books, books.read("Customer", "1"), Active=False)["Active"] is False

    def test_is_the_only_way_to_delete(self, books: Books) -> None:
        books.customer("Jane")
        books.call("POST", "customer", {"Id": "1", "SyncToken": "0"}, operation="delete")

        assert books.code() == "500"


class TestBalance:
    def test_follows_invoices_and_moves_the_time_but_not_the_token(self, books: Books) -> None:
        jane = books.customer("Jane")
        books.later(seconds=90)
        invoice = books.invoice("1", 100)
        owing = books.read("Customer", "1")
        books.later(seconds=90)
        books.call("POST", "invoice", {"Id": invoice["Id"], "SyncToken": "0"}, operation="delete")
        even = books.read("Customer", "1")

        assert (owing["Balance"], owing["BalanceWithJobs"], owing["SyncToken"]) == (100.0, 100.0, "0")
        assert owing["MetaData"]["LastUpdatedTime"] == invoice["MetaData"]["LastUpdatedTime"] > jane["MetaData"]["LastUpdatedTime"]
        assert (even["Balance"], even["SyncToken"]) == (0, "0")
        assert even["MetaData"]["LastUpdatedTime"] == "2026-11-24T10:33:00-08:00"

    def test_of_a_parent_counts_its_jobs(self, books: Books) -> None:
        books.customer("Freeman")
        books.customer("55 Twin Lane", Job=True, ParentRef={"value": "1"})
        books.invoice("2", 85)

        assert (books.read("Customer", "1")["Balance"], books.read("Customer", "1")["BalanceWithJobs"]) == (0, 85.0)
