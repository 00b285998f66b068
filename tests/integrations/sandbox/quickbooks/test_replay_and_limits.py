from __future__ import annotations

import json

import pytest

from tests.integrations.sandbox.quickbooks.conftest import REALM, Books


class TestRequestId:
    def test_gives_the_first_answer_again_and_does_nothing(self, books: Books) -> None:
        first = books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")
        books.later(seconds=60)
        again = books.call("POST", "customer", {"DisplayName": "Somebody else"}, requestid="one")

        assert again == first
        assert (books.last.written, books.last.status) == ([], 200)
        assert books.query("select count(*) from Customer") == {"totalCount": 1}

    def test_covers_updates_and_deletes(self, books: Books) -> None:
        books.customer("Jane")
        books.invoice("1")
        for _ in range(2):
            books.call("POST", "customer", {"Id": "1", "SyncToken": "0", "sparse": True, "Notes": "x"}, requestid="two")
            assert books.last.status == 200
            books.call("POST", "invoice", {"Id": "1", "SyncToken": "0"}, operation="delete", requestid="three")
            assert books.last.status == 200

    def test_is_forgotten_after_a_day(self, books: Books) -> None:
        books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")
        books.later(days=1)
        books.tokens = books.face.mint({"realm_id": REALM})
        books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")

        assert books.code() == "6240"

    def test_of_a_refusal_is_free_again_unless_switched(self, books: Books) -> None:
        books.call("POST", "customer", {}, requestid="one")
        fresh = books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")
        books.switch("replay_faults", True)
        books.call("POST", "customer", {}, requestid="two")
        books.call("POST", "customer", {"DisplayName": "John"}, requestid="two")

        assert fresh["Customer"]["DisplayName"] == "Jane"
        assert books.code() == "6080"

    def test_is_a_company_matter(self, books: Books) -> None:
        books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")
        books.tokens = books.face.mint({"realm_id": "555"})
        books.realm = "555"

        assert books.call("POST", "customer", {"DisplayName": "Ann"}, requestid="one")["Customer"]["DisplayName"] == "Ann"

    def test_may_be_empty_but_not_too_long(self, books: Books) -> None:
        for _ in range(2):
            books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="")
        unknown = books.code()
        books.call("POST", "customer", {"DisplayName": "John"}, requestid="x" * 50)
        fits = books.last.status
        books.call("POST", "customer", {"DisplayName": "Jill"}, requestid="x" * 51)

        assert (unknown, fits, books.code()) == ("6240", 200, "2130")

    def test_can_be_switched_off(self, books: Books) -> None:
        books.switch("requestid", False)
        for _ in range(2):
            books.call("POST", "customer", {"DisplayName": "Jane"}, requestid="one")

        assert books.code() == "6240"


def statuses(books: Books, count: int, **more: int) -> list[int]:
    headers = {"Authorization": f"Bearer {books.tokens['access_token']}"}
    return [books.send("GET", f"/v3/company/{REALM}/preferences", headers=headers, **more).status for _ in range(count)]


def limited(books: Books, **limits: int) -> Books:
    books.tokens = books.face.mint({"realm_id": REALM, "limits": limits})
    return books


class TestLimits:
    def test_are_none_for_a_client_minted_so(self, books: Books) -> None:
        assert statuses(books, 700, in_flight=50) == [200] * 700

    def test_of_a_second_slide(self, books: Books) -> None:
        limited(books, per_second=3)

        assert statuses(books, 4) == [200, 200, 200, 429]
        books.later(seconds=0.9)
        assert statuses(books, 1) == [429]
        books.later(seconds=0.1)
        assert statuses(books, 4) == [200, 200, 200, 429]

    def test_of_a_minute_count_no_refusals(self, books: Books) -> None:
        limited(books, per_minute=2)

        assert statuses(books, 5) == [200, 200, 429, 429, 429]
        books.later(seconds=60)
        assert statuses(books, 3) == [200, 200, 429]

    def test_of_calls_at_once(self, books: Books) -> None:
        limited(books, concurrent=2)

        assert [statuses(books, 1, in_flight=number)[0] for number in (1, 2, 3)] == [200, 200, 429]

    def test_of_batches_leave_other_calls_alone(self, books: Books) -> None:
        limited(books, batch_per_minute=1)
        item = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
        answered = [books.call("POST", "batch", item) and books.last.status for _ in range(2)]

        assert answered == [200, 429]
        assert statuses(books, 1) == [200]

    def test_of_all_apps_together_hold_for_published_batches(self, books: Books) -> None:
        books.switch("company_batches_per_minute", 2)
        item = {"BatchItemRequest": [{"bId": "1", "Query": "select * from Term"}]}
        answered = []
        for _ in range(3):
            limited(books, batch_per_minute=40)
            books.call("POST", "batch", item)
            answered.append(books.last.status)

        assert answered == [200, 200, 429]

    def test_answer_in_the_vendors_words(self, books: Books) -> None:
        limited(books, per_minute=1)
        statuses(books, 2)

        assert json.loads(books.last.body)["Fault"] == {
            "Error": [
                {
                    "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                    "Detail": "The request limit was reached.  Try again later",
                    "code": "3001",
                }
            ],
            "type": "SERVICE",
        }
        assert "Retry-After" not in books.last.headers


class TestBadLimits:
    @pytest.mark.parametrize("limits", [{"per_hour": 1}, {"per_minute": 0}, {"per_minute": 1.5}, {"per_minute": True}])
    def test_are_refused(self, books: Books, limits: dict[str, object]) -> None:
        from integrations.sandbox.messages import BadControl

        with pytest.raises(BadControl, match="limit"):
            books.face.mint({"realm_id": REALM, "limits": limits})
