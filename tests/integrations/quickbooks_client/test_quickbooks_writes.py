"""Writes and batches of the QuickBooks client on the wire."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from integrations import errors
from integrations.quickbooks import query
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.client import Client
from integrations.quickbooks.entities import Kind
from tests.integrations.quickbooks_client.answers import TIME, TIME_IN_UTC, customer, refusal


class TestWrites:
    def test_carry_the_request_id_and_give_the_whole_entity(self, qbo: Client, scripted: Any, limits: Any) -> None:
        scripted.says(body={"Customer": customer(70), "time": TIME}, headers={"intuit_tid": "1-abc"})

        written = qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="k1")

        assert (written.entity.id, written.request_id, written.server_time) == ("70", "1-abc", TIME_IN_UTC)
        heard = scripted.heard[0]
        assert (heard.method, heard.path) == ("POST", "/v3/company/42/customer")
        assert heard.query == {"requestid": ["k1"], "minorversion": ["75"]}
        assert json.loads(heard.body) == {"DisplayName": "Ada"}
        assert limits.acquired == [("minute", "second", "concurrent")]

    def test_send_money_as_numbers(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body={"Item": customer(7), "time": TIME})

        qbo.sparse_update(kind=Kind.ITEM, identity="7", sync_token="0", body={"UnitPrice": Decimal("0.10")}, request_id="k")

        assert scripted.heard[0].body == b'{"Id":"7","SyncToken":"0","sparse":true,"UnitPrice":0.1}'

    def test_may_replace_the_whole(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body={"Item": customer(7), "time": TIME})

        qbo.full_update(kind=Kind.ITEM, identity="7", sync_token="0", body={"Name": "Hour"}, request_id="k")

        assert json.loads(scripted.heard[0].body) == {"Id": "7", "SyncToken": "0", "sparse": False, "Name": "Hour"}

    def test_may_delete(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body={"Invoice": {"domain": "QBO", "status": "Deleted", "Id": "266"}, "time": TIME})

        written = qbo.delete(kind=Kind.INVOICE, identity="266", sync_token="1", request_id="k")

        assert (written.entity.id, written.entity.deleted) == ("266", True)
        assert scripted.heard[0].query["operation"] == ["delete"]

    def test_are_sent_once(self, qbo: Client, scripted: Any) -> None:
        scripted.says_exactly(hang_up=True)

        with pytest.raises(errors.OutcomeUnknown):
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="k1")

        assert len(scripted.heard) == 1

    @pytest.mark.parametrize("body", [{}, {"Vendor": customer(1)}, {"Customer": {"DisplayName": "Ada"}}])
    def test_with_an_undocumented_answer_may_have_taken_effect(self, qbo: Client, scripted: Any, body: object) -> None:
        scripted.says(body=body)

        with pytest.raises(errors.OutcomeUnknown):
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="k1")

    def test_without_a_request_id_are_not_sent(self, qbo: Client, scripted: Any) -> None:
        with pytest.raises(ValueError, match="request id"):
            qbo.create(kind=Kind.CUSTOMER, body={"DisplayName": "Ada"}, request_id="")

        assert scripted.heard == []

    def test_tell_of_a_stale_revision(self, qbo: Client, scripted: Any) -> None:
        scripted.says(status=400, body=refusal("5010"))

        with pytest.raises(errors.StaleRevision):
            qbo.sparse_update(kind=Kind.CUSTOMER, identity="7", sync_token="0", body={"Notes": "x"}, request_id="k")


def create_of(bid: str) -> BatchItem:
    return BatchItem(bid=bid, operation=Operation.CREATE, kind=Kind.CUSTOMER, body={"DisplayName": bid})


class TestBatches:
    def test_match_answers_by_our_ids(self, qbo: Client, scripted: Any, limits: Any) -> None:
        update = BatchItem(bid="b", operation=Operation.SPARSE_UPDATE, kind=Kind.ITEM, body={"Sku": "A"}, id="9", sync_token="0")
        scripted.says(
            body={
                "BatchItemResponse": [
                    refusal("5010") | {"bId": "b"},
                    {"Customer": customer(70), "bId": "a"},
                    refusal("6240", Detail="The name supplied already exists. : Id=5") | {"bId": "c"},
                ],
                "time": TIME,
            },
            headers={"intuit_tid": "1-abc"},
        )

        results = qbo.batch(items=[create_of("a"), update, create_of("c"), create_of("d")], request_id="r" * 36)

        assert list(results) == ["a", "b", "c", "d"]
        first, second, third, fourth = results.values()
        assert not isinstance(first, errors.ApiError)
        assert (first.entity.id, first.request_id) == ("70", "1-abc")
        assert type(second) is errors.StaleRevision
        assert isinstance(third, errors.AlreadyExists)
        assert third.existing_id == "5"
        assert type(fourth) is errors.OutcomeUnknown
        assert scripted.heard[0].query == {"requestid": ["r" * 36], "minorversion": ["75"]}
        assert limits.acquired == [("minute", "second", "concurrent", "batch")]

    @pytest.mark.parametrize(
        "parts",
        [
            [{"Vendor": customer(1), "bId": "a"}],
            [{"Customer": customer(1), "bId": "a"}, {"Customer": customer(2), "bId": "a"}],
            [{"bId": "a"}],
            ["x"],
            None,
        ],
    )
    def test_with_an_odd_part_leave_its_outcome_unknown(self, qbo: Client, scripted: Any, parts: object) -> None:
        scripted.says(body={"BatchItemResponse": parts, "time": TIME})

        results = qbo.batch(items=[create_of("a")], request_id="r")

        assert type(results["a"]) is errors.OutcomeUnknown

    def test_tell_a_throttled_part(self, qbo: Client, scripted: Any) -> None:
        scripted.says(body={"BatchItemResponse": [refusal("3001") | {"bId": "a"}], "time": TIME})

        results = qbo.batch(items=[create_of("a")], request_id="r")

        assert isinstance(results["a"], errors.RateLimited)

    def test_refused_as_a_whole_raise(self, qbo: Client, scripted: Any) -> None:
        scripted.says(status=200, body=refusal("1040"))

        with pytest.raises(errors.Misunderstood):
            qbo.batch(items=[create_of("a")], request_id="r")

    def test_take_shorter_request_ids(self, qbo: Client) -> None:
        with pytest.raises(ValueError, match="1 to 36"):
            qbo.batch(items=[create_of("a")], request_id="r" * 37)

    def test_look_up_several_things_in_one_call(self, qbo: Client, scripted: Any, limits: Any) -> None:
        scripted.says(
            body={
                "BatchItemResponse": [
                    {"QueryResponse": {}, "bId": "v"},
                    {"QueryResponse": {"Customer": [customer(7)], "startPosition": 1, "maxResults": 1}, "bId": "c"},
                    refusal("4001") | {"bId": "e"},
                ]
            }
        )
        where = [query.equals(field="DisplayName", value="O'Brien")]

        found = qbo.batch_of_queries(
            selections={"c": (Kind.CUSTOMER, where), "v": (Kind.VENDOR, where), "e": (Kind.EMPLOYEE, where), "i": (Kind.INVOICE, [])}
        )

        customers = found["c"]
        assert not isinstance(customers, errors.ApiError)
        assert [one.id for one in customers] == ["7"]
        assert found["v"] == ()
        assert type(found["e"]) is errors.Misunderstood
        assert type(found["i"]) is errors.Misunderstood
        sent = json.loads(scripted.heard[0].body)["BatchItemRequest"]
        assert sent[0] == {
            "bId": "c",
            "Query": r"SELECT * FROM Customer WHERE DisplayName = 'O\'Brien' AND Active IN (true, false)"
            " ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000",
        }
        assert limits.acquired == [("minute", "second", "concurrent", "batch", "month")]

    def test_do_not_pass_a_full_answer_off_as_all(self, qbo: Client, scripted: Any) -> None:
        rows = [customer(number) for number in range(1, 1001)]
        scripted.says(body={"BatchItemResponse": [{"QueryResponse": {"Customer": rows, "maxResults": 1000}, "bId": "c"}]})

        found = qbo.batch_of_queries(selections={"c": (Kind.CUSTOMER, [])})

        assert type(found["c"]) is errors.Misunderstood
