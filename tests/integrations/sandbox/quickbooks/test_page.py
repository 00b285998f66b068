from __future__ import annotations

from re import findall
from urllib.parse import parse_qs, urlencode

import pytest

from integrations.sandbox.messages import Request, Response
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import World
from tests.integrations.sandbox.quickbooks.conftest import Books


def look(books: Books, **query: str) -> str:
    response = books.face.records_page(Request(method="GET", raw_path="/_sandbox/records", query=tuple(query.items())))
    assert response.status == 200
    return response.body.decode()


def press(books: Books, form: dict[str, str], **query: str) -> Response:
    return books.face.records_page(
        Request(method="POST", raw_path="/_sandbox/records", query=tuple(query.items()), body=urlencode(form).encode())
    )


class TestPage:
    def test_lists_customers_with_company_and_counts(self, books: Books) -> None:
        books.customer("Amy & <b>Sons</b>", PrimaryEmailAddr={"Address": "amy@example.com"})
        page = look(books)

        assert "Amy &amp; &lt;b&gt;Sons&lt;/b&gt;" in page
        assert "1 active of 1 customers; 0 invoices" in page
        assert "amy@example.com" in page
        assert "Company 0001" in page
        assert "<script" not in page

    def test_searches_and_pages(self, books: Books) -> None:
        for number in range(30):
            books.customer(f"Customer {number:02d}")
        first, second, found = look(books), look(books, page="2"), look(books, q="CUSTOMER 07")

        assert len(findall(r"<tr><td>", first)) == 25
        assert len(findall(r"<tr><td>", second)) == 5
        assert findall(r">(Customer \d\d)</a>", found) == ["Customer 07"]

    def test_says_so_when_there_is_nothing(self) -> None:
        response = QuickBooksFace(World()).records_page(Request(method="GET", raw_path="/_sandbox/records"))

        assert "There is no company yet" in response.body.decode()


class TestForm:
    def test_saves_what_a_person_typed(self, books: Books) -> None:
        books.customer("Amy", Notes="old", BillAddr={"Line1": "1 Main St", "Line2": "Floor 3"})
        form = {
            "action": "save",
            "DisplayName": "Amy B",
            "Notes": "",
            "PrimaryEmailAddr": "amy@example.com",
            "Line1": "2 Main St",
            "City": "Boston",
        }

        response = press(books, form, id="1")
        amy = books.read("Customer", "1")

        assert response.status == 303
        assert parse_qs(response.headers["Location"].lstrip("?"))["id"] == ["1"]
        assert (amy["DisplayName"], "Notes" in amy, amy["PrimaryEmailAddr"]["Address"]) == ("Amy B", False, "amy@example.com")
        assert amy["BillAddr"] == {"Id": amy["BillAddr"]["Id"], "Line1": "2 Main St", "Line2": "Floor 3", "City": "Boston"}

    def test_creates_makes_inactive_and_active_again(self, books: Books) -> None:
        press(books, {"action": "save", "DisplayName": "Amy"})
        press(books, {"action": "inactive", "DisplayName": "Amy"}, id="1")
        gone = books.read("Customer", "1")
        press(books, {"action": "active", "DisplayName": "Amy (deleted)"}, id="1")

        assert gone["DisplayName"] == "Amy (deleted)"
        assert books.read("Customer", "1")["DisplayName"] == "Amy"

    @pytest.mark.parametrize("query", [{}, {"id": "99"}, {"id": "abc"}])
    def test_tells_what_is_wrong(self, books: Books, query: dict[str, str]) -> None:
        books.customer("Amy")
        response = press(books, {"action": "save", "DisplayName": "amy"}, **query)

        assert response.status == 400
        assert 'class="wrong"' in response.body.decode()
