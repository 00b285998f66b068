"""Batches: all or nothing without trace ids, partial success with them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.hubspot.calling import Answer, Caller, Play


def batch(api: Caller, kind: str, verb: str, inputs: list[Any], **more: object) -> Answer:
    return api.objects("POST", f"{kind}/batch/{verb}", {"inputs": inputs, **more})


def traced(trace: str, **values: object) -> dict[str, Any]:
    return {"properties": values, "objectWriteTraceId": trace}


class TestBatchRead:
    def test_puts_all_missing_ids_into_one_error(self, api: Caller) -> None:
        contact = api.make("contacts", email="ana@example.com")

        answer = batch(api, "contacts", "read", [{"id": "7"}, {"id": contact}, {"id": "8"}], properties=["email"])

        assert (answer.status, answer.ids, answer.json["numErrors"]) == (207, [contact], 1)
        (error,) = answer.json["errors"]
        assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["7", "8"]})
        assert error["message"].startswith("Could not get some CONTACT objects")

    def test_is_still_partial_when_nothing_was_found(self, api: Caller) -> None:
        answer = batch(api, "contacts", "read", [{"id": "7"}])

        assert (answer.status, answer.json["results"]) == (207, [])

    def test_reads_by_a_unique_property_and_with_history(self, api: Caller) -> None:
        api.define_unique("companies", "qbo_id")
        company = api.make("companies", name="Acme", qbo_id="9:1")

        answer = batch(api, "companies", "read", [{"id": "9:1"}], idProperty="qbo_id", propertiesWithHistory=["name"])

        assert (answer.status, answer.ids) == (200, [company])
        assert answer.json["results"][0]["propertiesWithHistory"]["name"][0]["value"] == "Acme"

    def test_gives_the_survivor_of_a_merge_once(self, hubspot: Play, api: Caller) -> None:
        one, two = api.make("companies", name="A"), api.make("companies", name="B")
        survivor = api.objects("POST", "companies/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json["id"]

        assert batch(api, "companies", "read", [{"id": one}, {"id": two}]).ids == [survivor]
        hubspot.switch(strict_unknown=True)
        assert batch(api, "companies", "read", [{"id": one}, {"id": survivor}]).ids == [survivor]

    def test_does_not_keep_the_order_of_its_inputs(self, api: Caller) -> None:
        one, two = api.make("companies", name="A"), api.make("companies", name="B")

        assert batch(api, "companies", "read", [{"id": two}, {"id": one}]).ids == [one, two]

    @pytest.mark.parametrize(("count", "status"), [(0, 400), (100, 207), (101, 400)])
    def test_takes_a_hundred_inputs(self, api: Caller, count: int, status: int) -> None:
        assert batch(api, "contacts", "read", [{"id": str(number + 1)} for number in range(count)]).status == status

    def test_takes_half_as_many_with_history(self, api: Caller) -> None:
        inputs = [{"id": str(number + 1)} for number in range(51)]

        assert batch(api, "contacts", "read", inputs, propertiesWithHistory=["email"]).status == 400


class TestBatchCreate:
    def test_makes_none_when_one_is_refused_and_there_are_no_trace_ids(self, api: Caller) -> None:
        answer = batch(api, "contacts", "create", [{"properties": {"lastname": "A"}}, {"properties": {"email": "nobody"}}])

        assert (answer.status, answer.codes) == (400, ["INVALID_EMAIL"])
        assert api.objects("GET", "contacts").ids == []

    def test_makes_the_others_when_every_input_has_its_trace_id(self, api: Caller) -> None:
        there = api.make("contacts", email="ana@example.com")

        answer = batch(
            api,
            "contacts",
            "create",
            [traced("r1", lastname="A"), traced("r2", email="nobody"), traced("r3", email="ana@example.com")],
        )

        assert (answer.status, answer.json["numErrors"]) == (207, 2)
        assert [one["objectWriteTraceId"] for one in answer.json["results"]] == ["r1"]
        bad, taken = answer.json["errors"]
        assert (bad["category"], bad["context"]) == ("VALIDATION_ERROR", {"objectWriteTraceId": ["r2"]})
        assert (taken["category"], taken["context"]) == ("CONFLICT", {"objectWriteTraceId": ["r3"]})
        assert taken["message"].endswith(f"Existing ID: {there}")

    @pytest.mark.parametrize("second", [traced("r1", email="nobody"), {"properties": {"email": "nobody"}}])
    def test_is_all_or_nothing_when_trace_ids_repeat_or_are_missing(self, api: Caller, second: dict[str, Any]) -> None:
        answer = batch(api, "contacts", "create", [traced("r1", lastname="A"), second])

        assert (answer.status, api.objects("GET", "contacts").ids) == (400, [])

    def test_refuses_one_address_twice_in_a_batch(self, api: Caller) -> None:
        twice = [{"properties": {"email": "ana@example.com"}}, {"properties": {"email": "ANA@example.com"}}]

        assert batch(api, "contacts", "create", twice).status == 409
        assert api.objects("GET", "contacts").ids == []
        answer = batch(api, "contacts", "create", [{**one, "objectWriteTraceId": str(place)} for place, one in enumerate(twice)])
        assert (answer.status, len(answer.json["results"]), answer.json["errors"][0]["category"]) == (207, 1, "CONFLICT")

    def test_echoes_trace_ids_and_answers_201(self, api: Caller) -> None:
        answer = batch(api, "companies", "create", [traced("r1", name="A"), traced("r2", name="B")])

        assert answer.status == 201
        assert [one["objectWriteTraceId"] for one in answer.json["results"]] == ["r1", "r2"]
        assert answer.json["status"] == "COMPLETE"


class TestBatchUpdate:
    def test_reports_missing_ids_with_their_trace_ids(self, api: Caller) -> None:
        company = api.make("companies", name="A")

        answer = batch(api, "companies", "update", [{"id": company, **traced("r1", name="B")}, {"id": "7", **traced("r2", name="C")}])

        assert (answer.status, answer.ids) == (207, [company])
        (error,) = answer.json["errors"]
        assert (error["category"], error["context"]) == ("OBJECT_NOT_FOUND", {"ids": ["7"], "objectWriteTraceId": ["r2"]})

    def test_changes_none_when_one_is_refused_and_there_are_no_trace_ids(self, api: Caller) -> None:
        one, two = api.make("companies", name="A"), api.make("companies", name="B")

        answer = batch(
            api, "companies", "update", [{"id": one, "properties": {"name": "C"}}, {"id": two, "properties": {"annualrevenue": "x"}}]
        )

        assert (answer.status, api.read("companies", one)["name"]) == (400, "A")

    def test_leaves_out_an_id_that_was_merged_away_in_silence(self, api: Caller) -> None:
        one, two = api.make("companies", name="A"), api.make("companies", name="B")
        api.objects("POST", "companies/merge", {"primaryObjectId": one, "objectIdToMerge": two})

        answer = batch(api, "companies", "update", [{"id": one, **traced("r1", name="C")}])

        assert (answer.status, answer.json["results"]) == (200, [])

    def test_finds_by_a_unique_property_but_not_by_email(self, api: Caller) -> None:
        api.define_unique("contacts", "qbo_id")
        contact = api.make("contacts", email="ana@example.com", qbo_id="9:1")

        answer = batch(api, "contacts", "update", [{"id": "9:1", "idProperty": "qbo_id", "properties": {"city": "X"}}])
        by_email = batch(api, "contacts", "update", [{"id": "ana@example.com", "idProperty": "email", "properties": {"city": "X"}}])

        assert answer.ids == [contact]
        assert (by_email.status, by_email.json["message"]) == (400, "Unable to perform update/upsert by non-unique 0-1 property")

    def test_refuses_one_record_twice(self, api: Caller) -> None:
        company = api.make("companies", name="A")

        assert batch(api, "companies", "update", [{"id": company, "properties": {}}] * 2).status == 400

    def test_lets_a_value_move_between_records_only_in_two_steps(self, api: Caller) -> None:
        api.define_unique("companies", "qbo_id")
        one, two = api.make("companies", name="A", qbo_id="9:1"), api.make("companies", name="B")

        answer = batch(
            api,
            "companies",
            "update",
            [{"id": one, "properties": {"qbo_id": ""}}, {"id": two, "properties": {"qbo_id": "9:1"}}],
        )

        assert answer.status == 409


class TestBatchUpsert:
    def test_makes_what_is_new_and_changes_what_is_there(self, api: Caller) -> None:
        api.define_unique("companies", "qbo_id")
        there = api.make("companies", name="A", qbo_id="9:1")

        answer = batch(
            api,
            "companies",
            "upsert",
            [
                {"idProperty": "qbo_id", "id": "9:1", **traced("r1", name="B")},
                {"idProperty": "qbo_id", "id": "9:2", **traced("r2", name="C")},
            ],
        )

        assert answer.status == 200
        assert [(one["new"], one["objectWriteTraceId"]) for one in answer.json["results"]] == [(False, "r1"), (True, "r2")]
        assert answer.json["results"][0]["id"] == there
        assert api.objects("GET", "companies/9%3A2", idProperty="qbo_id").json["properties"]["name"] == "C"
        assert answer.response.written == [("update", "companies"), ("create", "companies")]

    def test_is_all_or_nothing_by_email(self, api: Caller) -> None:
        inputs = [
            {"idProperty": "email", "id": "ana@example.com", **traced("r1", lastname="N")},
            {"idProperty": "email", "id": "bo@example.com", **traced("r2", lifecyclestage="nothing")},
        ]

        refused = batch(api, "contacts", "upsert", inputs)
        taken = batch(api, "contacts", "upsert", inputs[:1])

        assert (refused.status, taken.status, len(api.objects("GET", "contacts").ids)) == (400, 200, 1)

    def test_goes_through_in_part_by_a_unique_property(self, api: Caller) -> None:
        api.define_unique("companies", "qbo_id")
        inputs = [
            {"idProperty": "qbo_id", "id": "9:1", **traced("r1", name="A")},
            {"idProperty": "qbo_id", "id": "9:2", **traced("r2", name="B", industry="none")},
        ]

        answer = batch(api, "companies", "upsert", inputs)

        assert (answer.status, len(answer.json["results"])) == (207, 1)
        assert answer.json["errors"][0]["context"] == {"objectWriteTraceId": ["r2"]}

    @pytest.mark.parametrize("one", [{"id": "x", "properties": {}}, {"idProperty": "name", "id": "x", "properties": {}}])
    def test_refuses_a_property_that_is_not_unique(self, api: Caller, one: dict[str, Any]) -> None:
        assert batch(api, "companies", "upsert", [one]).status == 400


class TestBatchArchive:
    def test_puts_away_what_is_there_and_does_not_mind_the_rest(self, api: Caller) -> None:
        company = api.make("companies", name="A")

        answer = batch(api, "companies", "archive", [{"id": company}, {"id": "7"}])

        assert (answer.status, answer.response.body) == (204, b"")
        assert api.objects("GET", "companies").ids == []
