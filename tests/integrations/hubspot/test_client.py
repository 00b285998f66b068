"""The form of calls and answers, where the sandbox cannot be brought to give the answer in question."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from integrations import errors, http
from integrations.hubspot import client as hubspot_client

NOON = datetime.datetime(2026, 11, 26, 12, tzinfo=datetime.UTC)


def contact(id_: str, /, **properties: str | None) -> dict[str, Any]:
    times = {"createdAt": "2026-11-01T10:00:00.123Z", "updatedAt": "2026-11-02T08:00:00Z", "archived": False}
    return {"id": id_, "properties": properties, **times}


def sent(scripted: Any, at: int = -1) -> Any:
    return json.loads(scripted.heard[at].body)


class TestABatchRead:
    def test_asks_for_a_hundred_at_a_time_and_for_each_id_once(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": []})

        make_client(scripted.url).batch_read(object_type="contacts", ids=[*map(str, range(150)), "3"], properties=["email"])

        assert [len(sent(scripted, at)["inputs"]) for at in (0, 1)] == [100, 50]

    def test_asks_for_fifty_at_a_time_with_history(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": []})

        make_client(scripted.url).batch_read(object_type="contacts", ids=[*map(str, range(60))], properties=[], history=["email"])

        assert [len(sent(scripted, at)["inputs"]) for at in (0, 1)] == [50, 10]

    def test_tells_which_ids_are_missing(self, scripted: Any, make_client: Any) -> None:
        complaint = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "Could not get some", "context": {"ids": ["9", "8"]}}
        scripted.says(207, body={"status": "COMPLETE", "results": [contact("51", email="a@b.pl")], "numErrors": 1, "errors": [complaint]})

        result = make_client(scripted.url).batch_read(object_type="contacts", ids=["51", "9", "8"], properties=["email"])

        assert [one.id for one in result.results] == ["51"]
        assert [(type(one.error), one.ids) for one in result.errors] == [(errors.Gone, ("9", "8"))]


class TestABatchWrite:
    def test_sends_a_trace_id_with_every_entry(self, scripted: Any, make_client: Any) -> None:
        scripted.says(201, body={"results": [{**contact("51"), "objectWriteTraceId": "t-1"}]})

        result = make_client(scripted.url).batch_create(
            object_type="contacts", inputs=[hubspot_client.Input(trace_id="t-1", properties={"email": "a@b.pl"})]
        )

        assert sent(scripted)["inputs"] == [{"properties": {"email": "a@b.pl"}, "objectWriteTraceId": "t-1", "associations": []}]
        assert result.results[0].trace_id == "t-1"

    def test_refuses_more_than_the_vendor_takes(self, make_client: Any) -> None:
        many = [hubspot_client.Input(trace_id=str(n), properties={}, id=str(n)) for n in range(101)]

        with pytest.raises(ValueError, match="100"):
            make_client("http://127.0.0.1:9").batch_update(object_type="contacts", inputs=many)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"results": None},
            {"results": [{"id": "51"}]},
            {"results": [{**contact("51"), "properties": {"amount": 5}}]},
            {"results": [{**contact("51"), "id": True}]},
            {"results": [{**contact("51"), "updatedAt": "yesterday"}]},
            {"results": [], "errors": [None]},
            [],
        ],
    )
    def test_has_an_unknown_outcome_when_the_answer_is_odd(self, scripted: Any, make_client: Any, body: object) -> None:
        scripted.says(body=body)

        with pytest.raises(errors.OutcomeUnknown) as caught:
            make_client(scripted.url).batch_update(
                object_type="contacts", inputs=[hubspot_client.Input(trace_id="t", properties={}, id="51")]
            )

        assert caught.value.__context__ is None


class TestAList:
    def test_asks_with_commas(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": [], "paging": {"next": {"after": "52", "link": "x"}}})

        page = make_client(scripted.url).list_page(
            object_type="contacts", properties=["email", "phone"], after="51", associations=["companies"], archived=True
        )

        assert scripted.heard[0].path == "/crm/objects/2026-09/contacts"
        assert scripted.heard[0].query == {
            "limit": ["100"],
            "properties": ["email,phone"],
            "archived": ["true"],
            "associations": ["companies"],
            "after": ["51"],
        }
        assert page.after == "52"

    def test_lists_associated_ids_once_with_the_primary_first(self, scripted: Any, make_client: Any) -> None:
        companies = {
            "results": [
                {"id": "70", "type": "contact_to_company_unlabeled"},
                {"id": "77", "type": "contact_to_company_unlabeled"},
                {"id": 77, "type": "contact_to_company"},
            ]
        }
        items = {"results": [{"id": "9", "type": "contact_to_line_item"}]}
        scripted.says(body={"results": [{**contact("51"), "associations": {"companies": companies, "line items": items}}]})

        page = make_client(scripted.url).list_page(object_type="contacts", properties=[], associations=["companies", "line_items"])

        assert page.entries[0].associations == {"companies": ("77", "70"), "line_items": ("9",)}

    def test_reads_the_rest_of_associations_that_are_cut_off(self, scripted: Any, make_client: Any) -> None:
        cut = {"results": [{"id": "70", "type": "x"}], "paging": {"next": {"after": "70", "link": "x"}}}
        kind = {"category": "HUBSPOT_DEFINED", "typeId": 177, "label": None}
        scripted.says(body={"results": [{**contact("51"), "associations": {"invoices": cut}}]})
        first = {"from": {"id": "51"}, "to": [{"toObjectId": 70, "associationTypes": [kind]}], "paging": {"next": {"after": "70"}}}
        scripted.says(body={"results": [first]})
        scripted.says(body={"results": [{"from": {"id": "51"}, "to": [{"toObjectId": 71, "associationTypes": [kind]}]}]})

        page = make_client(scripted.url).list_page(object_type="contacts", properties=[], associations=["invoices"])

        assert page.entries[0].associations == {"invoices": ("70", "71")}
        assert sent(scripted) == {"inputs": [{"id": "51", "after": "70"}]}


class TestAssociations:
    def test_go_round_no_more_than_once(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": [{"from": {"id": "51"}, "to": [], "paging": {"next": {"after": "70"}}}]})

        with pytest.raises(errors.Misunderstood):
            make_client(scripted.url).associated_ids(from_type="contacts", to_type="invoices", ids=["51"])

    def test_of_a_record_without_any_are_no_error(self, scripted: Any, make_client: Any) -> None:
        complaint = {"category": "OBJECT_NOT_FOUND", "message": "No company is associated with 51", "context": {"fromObjectId": ["51"]}}
        scripted.says(207, body={"results": [], "errors": [complaint]})

        assert make_client(scripted.url).associated_ids(from_type="contacts", to_type="companies", ids=["51"]) == {}

    def test_are_an_error_when_some_could_not_be_read(self, scripted: Any, make_client: Any) -> None:
        scripted.says(207, body={"results": [], "errors": [{"category": "MISSING_SCOPES", "message": "no"}]})

        with pytest.raises(errors.MissingScopes):
            make_client(scripted.url).associated_ids(from_type="contacts", to_type="companies", ids=["51"])


class TestASearch:
    def test_goes_by_id_within_a_window(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"total": 7, "results": [contact("52"), contact("60")], "paging": {"next": {"after": "2"}}})

        page = make_client(scripted.url).search_ids(
            object_type="contacts", since=NOON - datetime.timedelta(minutes=5), until=NOON, last_id="51"
        )

        assert (page.ids, page.last_id) == (("52", "60"), "60")
        assert sent(scripted) == {
            "filterGroups": [
                {
                    "filters": [
                        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1795694100000"},
                        {"propertyName": "lastmodifieddate", "operator": "LTE", "value": "1795694400000"},
                        {"propertyName": "hs_object_id", "operator": "GT", "value": "51"},
                    ]
                }
            ],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": ["lastmodifieddate"],
            "limit": 200,
        }

    def test_asks_other_kinds_for_their_own_name_of_the_time(self) -> None:
        assert hubspot_client.last_modified("companies") == "hs_lastmodifieddate"

    @pytest.mark.parametrize("ids", [("60", "52"), ("51",), ("52", "52")])
    def test_raises_when_ids_do_not_rise(self, scripted: Any, make_client: Any, ids: tuple[str, ...]) -> None:
        scripted.says(body={"results": [contact(one) for one in ids]})

        with pytest.raises(errors.Misunderstood):
            make_client(scripted.url).search_ids(object_type="contacts", since=NOON, until=NOON, last_id="51")


class TestTheLimitsOfACall:
    @pytest.mark.parametrize(("ask", "buckets"), [("search", ("search", "daily")), ("account", ("burst", "daily"))])
    def test_are_named(self, scripted: Any, make_client: Any, ask: str, buckets: tuple[str, ...]) -> None:
        heard: list[http.Call] = []

        class Listening:
            def acquire(self, call: http.Call) -> None:
                heard.append(call)

            def report(self, call: http.Call, answer: http.Answer) -> None:
                return None

            def blocked(self, call: http.Call, seconds: float, policy: str) -> None:
                return None

        details = {"portalId": 7, "timeZone": "Europe/Warsaw", "companyCurrency": "PLN", "uiDomain": "app.hubspot.com"}
        scripted.says(body={"results": [], **details})
        client = make_client(scripted.url, limiter=Listening())

        client.account() if ask == "account" else client.search_ids(object_type="contacts", since=NOON, until=NOON)

        assert heard[0].buckets == buckets
        assert heard[0].documentation.startswith("https://developers.hubspot.com/")
