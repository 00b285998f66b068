from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


def capture(books: Books, entities: str, since: str = "2026-11-24T10:30:00-08:00") -> Any:
    answer = books.call("GET", "cdc", entities=entities, changedSince=since)
    return answer["CDCResponse"][0]["QueryResponse"] if "CDCResponse" in answer else answer


class TestAnswer:
    def test_has_one_entry_for_each_entity_in_another_order(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1")
        entries = capture(books, "customer,Invoice,Vendor,Payment")

        assert [next(iter(entry), "") for entry in entries] == ["Invoice", "", "", "Customer"]
        assert entries[0]["startPosition"] == entries[0]["maxResults"] == 1
        assert entries[3]["Customer"] == [books.read("Customer", "1")]

    def test_holds_what_changed_since_oldest_first(self, books: Books) -> None:
        for name in ("A", "B", "C"):
            books.customer(name)
            books.later(seconds=60)
        books.write("Customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "x"})

        (entry,) = capture(books, "Customer", "2026-11-24T10:31:00-08:00")

        assert [customer["DisplayName"] for customer in entry["Customer"]] == ["B", "C", "A"]

    def test_has_stubs_of_what_was_deleted(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1")
        books.later(seconds=60)
        books.call("POST", "invoice", {"Id": "1", "SyncToken": "0"}, operation="delete")

        (entry,) = capture(books, "Invoice")

        assert entry["Invoice"] == [
            {"domain": "QBO", "status": "Deleted", "Id": "1", "MetaData": {"LastUpdatedTime": "2026-11-24T10:31:00-08:00"}}
        ]

    def test_has_inactive_customers_whole_and_merged_ones_as_stubs(self, books: Books) -> None:
        for name in ("Stays", "Goes", "Left"):
            books.customer(name)
        books.write("Customer", {"Id": "3", "SyncToken": "0", "sparse": True, "Active": False})
        books.face.edit({"type": "Customer", "merge": ["1", "2"]})

        (entry,) = capture(books, "Customer")

        assert [(found["Id"], found.get("status"), found.get("DisplayName")) for found in entry["Customer"]] == [
            ("1", None, "Stays"),
            ("2", "Deleted", None),
            ("3", None, "Left (deleted)"),
        ]

    def test_shares_one_cap(self, books: Books) -> None:
        books.switch("cdc_limit", 3)
        for name in ("A", "B"):
            books.customer(name)
            books.write("Vendor", {"DisplayName": f"V {name}"})

        entries = capture(books, "Customer,Vendor")

        assert [entry["maxResults"] for entry in entries] == [2, 1]


class TestRefusals:
    def test_of_what_is_too_long_ago(self, books: Books) -> None:
        capture(books, "Customer", "2026-10-25T18:00:00Z")

        assert books.code() == "500"
        assert books.fault()["Detail"] == (
            "Operation cdc with changedSince date 2026-10-25T18:00:00Z which is older than fixed days is not supported."
        )
        assert capture(books, "Customer", "2026-10-26") == [{}]

    @pytest.mark.parametrize(
        ("entities", "since", "code"),
        [("", "2026-11-24", "2020"), ("Customer", "", "2020"), ("Custmoer", "2026-11-24", "2000"), ("TaxCode", "2026-11-24", "500"),
         ("Customer", "lately", "2060")],
    )  # fmt: skip
    def test_of_what_cannot_be_captured(self, books: Books, entities: str, since: str, code: str) -> None:
        capture(books, entities, since)

        assert books.code() == code
