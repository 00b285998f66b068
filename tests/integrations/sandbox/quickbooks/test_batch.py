from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.quickbooks.conftest import Books


def batch(books: Books, *items: dict[str, Any], **query: Any) -> Any:
    answer = books.call("POST", "batch", {"BatchItemRequest": list(items)}, **query)
    return answer.get("BatchItemResponse", answer)


def creation(number: int, name: str) -> dict[str, Any]:
    return {"bId": f"b{number}", "operation": "create", "Customer": {"DisplayName": name}}


def codes(answers: list[Any]) -> list[str]:
    return [answer["Fault"]["Error"][0]["code"] if "Fault" in answer else "" for answer in answers]


class TestItems:
    def test_answer_each_for_itself(self, books: Books) -> None:
        books.customer("Jane")
        answers = batch(
            books,
            {"bId": "bid1", "operation": "create", "Vendor": {"DisplayName": "Boraski Family Store"}},
            {"bId": "bid2", "operation": "delete", "Invoice": {"Id": "129", "SyncToken": "0"}},
            {"bId": "bid3", "operation": "update", "Customer": {"Id": "1", "SyncToken": "4", "sparse": True}},
            {"bId": "bid4", "Query": "select * from Customer"},
        )

        assert books.last.status == 200
        assert [list(answer) for answer in answers] == [["Vendor", "bId"], ["Fault", "bId"], ["Fault", "bId"], ["QueryResponse", "bId"]]
        assert codes(answers) == ["", "610", "5010", ""]
        assert answers[1]["Fault"]["type"] == "ValidationFault"
        assert books.last.written == [("create", "Vendor")]

    def test_run_one_after_the_other(self, books: Books) -> None:
        answers = batch(books, creation(1, "Jane"), creation(2, "jane"), creation(3, "John"))

        assert codes(answers) == ["", "6240", ""]
        assert answers[2]["Customer"]["Id"] == "2"

    def test_take_options(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1", DocNumber="7")
        invoice = {"CustomerRef": {"value": "1"}, "DocNumber": "7", "Line": [{"Amount": 1, "DetailType": "SalesItemLineDetail"}]}
        answers = batch(
            books,
            {"bId": "1", "operation": "create", "Invoice": invoice},
            {"bId": "2", "operation": "create", "Invoice": invoice, "optionsData": "allowduplicatedocnum"},
        )

        assert codes(answers) == ["6140", ""]

    def test_may_capture_changes(self, books: Books) -> None:
        books.customer("Jane")
        answers = batch(books, {"bId": "1", "CDCQuery": {"Entities": "Customer", "ChangedSince": "2026-11-24"}})

        assert answers[0]["CDCResponse"][0]["QueryResponse"][0]["Customer"][0]["DisplayName"] == "Jane"

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            ({"Customer": {"DisplayName": "A"}}, "2020"),
            ({"operation": "explode", "Customer": {"DisplayName": "A"}}, "2170"),
            ({"operation": "create", "Estimate": {}}, "500"),
            ({"operation": "create", "Nonsense": {}}, "2010"),
            ({"operation": "create", "Customer": "Jane"}, "2010"),
            ({"operation": "create"}, "2600"),
            ({"operation": "update", "Customer": {"SyncToken": "0", "DisplayName": "A"}}, "2020"),
            ({"operation": "create", "Preferences": {}}, "500"),
            ({"Query": "select"}, "4000"),
        ],
    )
    def test_fail_alone(self, books: Books, content: dict[str, Any], code: str) -> None:
        answers = batch(books, {"bId": "1", **content}, creation(2, "Jane"))

        assert codes(answers) == [code, ""]


class TestWholeCall:
    def test_holds_thirty_at_most(self, books: Books) -> None:
        thirty = batch(books, *(creation(number, f"C {number}") for number in range(30)))
        batch(books, *(creation(number, f"D {number}") for number in range(31)))

        assert codes(thirty) == [""] * 30
        assert (books.last.status, books.code()) == (400, "1040")
        assert books.query("select count(*) from Customer") == {"totalCount": 30}

    @pytest.mark.parametrize(
        ("body", "code"), [({}, "2020"), ({"BatchItemRequest": []}, "2020"), ({"Items": []}, "2010"), ([], "2010"), (b"nothing", "2010")]
    )
    def test_needs_items(self, books: Books, body: object, code: str) -> None:
        books.call("POST", "batch", body)

        assert books.code() == code

    def test_needs_one_name_for_each_item(self, books: Books) -> None:
        batch(books, creation(1, "A"), creation(1, "B"))
        twice = books.code()
        batch(books, {"operation": "create", "Customer": {"DisplayName": "A"}})

        assert (twice, books.code()) == ("2600", "2020")


class TestRequestId:
    def test_replays_the_whole_batch(self, books: Books) -> None:
        first = batch(books, creation(1, "Jane"), requestid="r1")
        again = batch(books, creation(1, "Jane"), requestid="r1")

        assert first == again
        assert books.last.written == []

    def test_asks_for_short_names(self, books: Books) -> None:
        long = {**creation(1, "A"), "bId": "x" * 36}
        batch(books, long, requestid="r1")
        item = books.code()
        batch(books, creation(1, "A"), requestid="r" * 37)

        assert (item, books.code()) == ("2130", "2130")
        assert codes(batch(books, long)) == [""]
