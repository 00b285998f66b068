"""What QuickBooks does with batches, with repeated requests and with the question what has changed: the facts that our client leans on.

Asserted is what Intuit documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, Json, QuickBooks

SECOND = datetime.timedelta(seconds=1)


def code(answer: Answer) -> tuple[int, str]:
    """The status of a refusal and the code of its first error."""
    return answer.status, answer.json["Fault"]["Error"][0]["code"]


def batch(account: QuickBooks, *requests: Json, **query: str) -> Answer:
    """Send a batch; what it makes is put away after the test."""
    answer = account.company("POST", "batch", {"BatchItemRequest": list(requests)}, **query)
    for result in answer.json.get("BatchItemResponse", []):
        for kind in {"Customer", "Vendor"} & set(result):
            account.keep(kind, result[kind])
    return answer


def results(answer: Answer) -> dict[str, Json]:
    """What became of each request of a batch, by its bId."""
    return {result["bId"]: result for result in answer.json["BatchItemResponse"]}


class TestBatch:
    def test_answers_each_request_by_its_own_id(self, quickbooks: QuickBooks) -> None:
        stale, name = quickbooks.make("Customer", DisplayName=targets.mark()), targets.mark()
        quickbooks.write("Customer", {"Id": stale["Id"], "SyncToken": "0", "sparse": True, "Notes": "Pays late."})

        answer = batch(
            quickbooks,
            {"bId": "first", "operation": "create", "Vendor": {"DisplayName": name}},
            {"bId": "taken", "operation": "create", "Customer": {"DisplayName": stale["DisplayName"]}},
            {"bId": "stale", "operation": "update", "Customer": {"Id": stale["Id"], "SyncToken": "0", "sparse": True, "Notes": "x"}},
            {"bId": "query", "Query": f"select * from Customer where Id = '{stale['Id']}'"},
        )

        found = results(answer)
        assert (answer.status, set(found)) == (200, {"first", "taken", "stale", "query"})
        assert (found["first"]["Vendor"]["DisplayName"], found["first"]["Vendor"]["SyncToken"]) == (name, "0")
        assert [found[one]["Fault"]["Error"][0]["code"] for one in ("taken", "stale")] == ["6240", "5010"]
        assert found["taken"]["Fault"]["type"] == "ValidationFault"
        assert found["query"]["QueryResponse"]["Customer"][0]["Notes"] == "Pays late."

    def test_goes_on_after_a_request_that_failed(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()

        answer = batch(
            quickbooks,
            {"bId": "bad", "operation": "create", "Customer": {"Notes": "nobody"}},
            {"bId": "good", "operation": "create", "Customer": {"DisplayName": name}},
        )

        assert results(answer)["bad"]["Fault"]["Error"][0]["code"] == "6080"
        assert results(answer)["good"]["Customer"]["DisplayName"] == name

    def test_takes_thirty_requests(self, quickbooks: QuickBooks) -> None:
        answer = batch(quickbooks, *({"bId": str(number), "Query": "select count(*) from Customer"} for number in range(30)))

        assert answer.status == 200
        assert set(results(answer)) == {str(number) for number in range(30)}

    def test_takes_no_more_than_thirty_requests(self, quickbooks: QuickBooks) -> None:
        answer = batch(quickbooks, *({"bId": str(number), "Query": "select count(*) from Customer"} for number in range(31)))

        assert code(answer) == (400, "1040")

    def test_is_not_done_twice_under_one_requestid(self, quickbooks: QuickBooks) -> None:
        asked = {"bId": "one", "operation": "create", "Customer": {"DisplayName": targets.mark()}}
        request_id = targets.mark()

        first, second = (batch(quickbooks, asked, requestid=request_id) for _ in range(2))

        assert results(first)["one"]["Customer"]["Id"] == results(second)["one"]["Customer"]["Id"]


class TestRequestid:
    def test_gives_the_first_answer_again(self, quickbooks: QuickBooks) -> None:
        body, request_id = {"DisplayName": targets.mark()}, targets.mark()

        first = quickbooks.write("Customer", body, requestid=request_id)
        second = quickbooks.write("Customer", body, requestid=request_id)

        made = quickbooks.keep("Customer", first.json["Customer"])
        assert (first.status, second.status) == (200, 200)
        assert second.json["Customer"]["Id"] == made["Id"]
        assert len(quickbooks.found(f"select * from Customer where DisplayName = '{made['DisplayName']}'")) == 1

    def test_keeps_an_update_from_happening_twice(self, quickbooks: QuickBooks) -> None:
        made, request_id = quickbooks.make("Customer", DisplayName=targets.mark()), targets.mark()
        body = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Notes": "Pays late."}

        answers = [quickbooks.write("Customer", body, requestid=request_id) for _ in range(2)]

        assert [answer.json["Customer"]["SyncToken"] for answer in answers] == ["1", "1"]

    def test_counts_even_when_the_body_is_another(self, quickbooks: QuickBooks) -> None:
        request_id = targets.mark()
        first = quickbooks.make("Customer", DisplayName=targets.mark())
        body = {"Id": first["Id"], "SyncToken": "0", "sparse": True}

        quickbooks.write("Customer", {**body, "Notes": "Pays late."}, requestid=request_id)
        second = quickbooks.write("Customer", {**body, "Notes": "Pays early."}, requestid=request_id)

        with quickbooks.likely("a known requestid gets the first answer, whatever is sent"):
            assert second.json["Customer"]["Notes"] == "Pays late."

    def test_that_is_empty_is_none(self, quickbooks: QuickBooks) -> None:
        for _ in range(2):
            answer = quickbooks.write("Customer", {"DisplayName": targets.mark()}, requestid="")
            assert answer.status == 200
            quickbooks.keep("Customer", answer.json["Customer"])

    def test_has_fifty_characters_at_most(self, quickbooks: QuickBooks) -> None:
        name = targets.mark()
        made = quickbooks.write("Customer", {"DisplayName": name}, requestid=name.ljust(50, "x"))
        quickbooks.keep("Customer", made.json["Customer"])

        answer = quickbooks.write("Customer", {"DisplayName": targets.mark()}, requestid=name.ljust(51, "x"))

        assert made.status == 200
        with quickbooks.likely("a longer requestid has a bad format"):
            assert code(answer) == (400, "2130")


class TestChanges:
    @pytest.fixture
    def since(self, quickbooks: QuickBooks) -> str:
        """A minute ago, by the clock of QuickBooks."""
        now = time_of(quickbooks.company("GET", "preferences"))
        return (now - datetime.timedelta(minutes=1)).isoformat(timespec="seconds")

    def test_come_as_whole_objects(self, quickbooks: QuickBooks, since: str) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark(), Notes="Pays late.")

        answer = changes(quickbooks, since, "Customer", until=there(made["Id"]))

        assert answer.status == 200
        assert found(answer, "Customer")[made["Id"]] == quickbooks.read("Customer", made["Id"])

    def test_come_apart_by_kind_in_any_order(self, quickbooks: QuickBooks, since: str) -> None:
        customer, vendor = (quickbooks.make(kind, DisplayName=targets.mark()) for kind in ("Customer", "Vendor"))

        answer = changes(quickbooks, since, "Vendor", "Term", "customer", until=there(customer["Id"]))

        [response] = answer.json["CDCResponse"]
        kinds = [set(part) & {"Customer", "Vendor", "Term"} for part in response["QueryResponse"]]
        assert len(kinds) == 3
        assert all(len(names) <= 1 for names in kinds)
        assert customer["Id"] in found(answer, "Customer") and vendor["Id"] in found(answer, "Vendor")

    def test_leave_out_what_is_older(self, quickbooks: QuickBooks) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        later = datetime.datetime.fromisoformat(made["MetaData"]["LastUpdatedTime"]) + datetime.timedelta(seconds=60)

        answer = quickbooks.company("GET", "cdc", entities="Customer", changedSince=later.isoformat())

        assert (answer.status, made["Id"] in found(answer, "Customer")) == (200, False)

    def test_show_inactive_customers_by_their_new_name(self, quickbooks: QuickBooks, since: str) -> None:
        made = quickbooks.make("Customer", DisplayName=targets.mark())
        quickbooks.deactivate("Customer", made)

        answer = changes(
            quickbooks, since, "Customer", until=lambda seen: found(seen, "Customer").get(made["Id"], {}).get("Active") is not True
        )

        with quickbooks.likely("an inactive customer comes whole, with Active false"):
            changed = found(answer, "Customer")[made["Id"]]
            assert (changed["Active"], changed["DisplayName"]) == (False, f"{made['DisplayName']} (deleted)")

    def test_show_deleted_invoices_as_stubs(self, quickbooks: QuickBooks, since: str) -> None:
        made = invoice(quickbooks, quickbooks.make("Customer", DisplayName=targets.mark()))
        deleted = quickbooks.write("Invoice", {"Id": made["Id"], "SyncToken": made["SyncToken"]}, operation="delete")

        answer = changes(
            quickbooks, since, "Invoice", until=lambda seen: found(seen, "Invoice").get(made["Id"], {}).get("status") == "Deleted"
        )

        assert deleted.status == 200
        stub = found(answer, "Invoice")[made["Id"]]
        assert (stub["status"], stub["domain"]) == ("Deleted", "QBO")
        assert stub["MetaData"]["LastUpdatedTime"]
        assert "Line" not in stub

    def test_are_told_for_thirty_days(self, quickbooks: QuickBooks, since: str) -> None:
        now = datetime.datetime.fromisoformat(since)
        lately, long_ago = (now - datetime.timedelta(days=days) for days in (29, 32))

        assert quickbooks.company("GET", "cdc", entities="Term", changedSince=lately.isoformat()).status == 200
        answer = quickbooks.company("GET", "cdc", entities="Term", changedSince=long_ago.isoformat())
        assert answer.status == 400
        assert "which is older than fixed days is not supported" in answer.json["Fault"]["Error"][0]["Detail"]
        with quickbooks.likely("a window that begins too early is an unsupported operation"):
            assert code(answer) == (400, "500")


class TestInvoice:
    def test_that_is_deleted_is_gone_for_good(self, quickbooks: QuickBooks) -> None:
        made = invoice(quickbooks, quickbooks.make("Customer", DisplayName=targets.mark()))
        current = {"Id": made["Id"], "SyncToken": made["SyncToken"]}

        answer = quickbooks.write("Invoice", current, operation="delete")

        assert answer.json["Invoice"] == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
        assert code(quickbooks.company("GET", f"invoice/{made['Id']}")) == (400, "610")
        assert code(quickbooks.write("Invoice", current, operation="delete")) == (400, "610")
        assert quickbooks.found(f"select * from Invoice where Id = '{made['Id']}'", "Invoice") == []

    def test_without_a_kind_of_line_names_what_is_missing(self, quickbooks: QuickBooks) -> None:
        customer = quickbooks.make("Customer", DisplayName=targets.mark())

        answer = quickbooks.write("Invoice", {"CustomerRef": {"value": customer["Id"]}, "Line": [{"Amount": 100}]})

        assert code(answer) == (400, "2020")
        assert answer.json["Fault"]["Error"][0]["element"] == "Line.DetailType"

    def test_moves_its_customers_time_of_change_but_not_its_state(self, quickbooks: QuickBooks) -> None:
        customer = quickbooks.make("Customer", DisplayName=targets.mark())
        made_at = datetime.datetime.fromisoformat(customer["MetaData"]["LastUpdatedTime"])
        quickbooks.eventually(lambda: quickbooks.company("GET", "preferences"), until=lambda seen: time_of(seen) > made_at + SECOND)

        invoice(quickbooks, customer)

        found = quickbooks.read("Customer", customer["Id"])
        assert (found["SyncToken"], found["Balance"]) == ("0", 100)
        assert datetime.datetime.fromisoformat(found["MetaData"]["LastUpdatedTime"]) > made_at


def time_of(answer: Answer) -> datetime.datetime:
    """The time by the clock of QuickBooks."""
    return datetime.datetime.fromisoformat(answer.json["time"])


def changes(account: QuickBooks, since: str, *kinds: str, until: Callable[[Answer], bool]) -> Answer:
    """What has changed, asked for again until QuickBooks has caught up."""
    return account.eventually(lambda: account.company("GET", "cdc", entities=",".join(kinds), changedSince=since), until=until)


def there(object_id: str) -> Callable[[Answer], bool]:
    return lambda answer: object_id in found(answer, "Customer")


def found(answer: Answer, kind: str) -> dict[str, Any]:
    """The changed objects of a kind, by id."""
    parts = answer.json["CDCResponse"][0]["QueryResponse"]
    return {changed["Id"]: changed for part in parts for changed in part.get(kind, [])}


def invoice(account: QuickBooks, customer: Json) -> Json:
    """Make an invoice over 100, of a service that is made for it."""
    account_id = account.found("select * from Account where AccountType = 'Income' maxresults 1", "Account")[0]["Id"]
    service = account.make("Item", Name=targets.mark(), Type="Service", IncomeAccountRef={"value": account_id})
    line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": service["Id"]}}}
    return account.make("Invoice", CustomerRef={"value": customer["Id"]}, Line=[line])
