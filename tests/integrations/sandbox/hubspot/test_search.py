"""Search: operators, limits, order, pages and the lag of its index."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.hubspot.calling import START, Answer, Caller, Play


def search(api: Caller, kind: str = "contacts", *filters: dict[str, Any], **more: object) -> Answer:
    return api.objects("POST", f"{kind}/search", {"filterGroups": [{"filters": list(filters)}] if filters else [], **more})


def where(name: str, operator: str, value: object = None, **more: object) -> dict[str, Any]:
    given = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **given, **more}


@pytest.fixture
def people(api: Caller) -> dict[str, str]:
    return {
        "ana": api.make("contacts", email="ana@acme.example", lastname="Nowak", city="Austin", lifecyclestage="lead"),
        "bo": api.make("contacts", email="bo@other.example", lastname="O'Brien-Müller", city="Denver", lifecyclestage="customer"),
        "cy": api.make("contacts", lastname="Zhang"),
    }


class TestOperators:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            (where("city", "EQ", "AUSTIN"), {"ana"}),
            (where("city", "NEQ", "austin"), {"bo"}),
            (where("lifecyclestage", "EQ", "Lead"), set()),
            (where("lifecyclestage", "IN", values=["lead", "customer"]), {"ana", "bo"}),
            (where("lifecyclestage", "NOT_IN", values=["lead"]), {"bo"}),
            (where("city", "IN", values=["austin"]), {"ana"}),
            (where("city", "IN", values=["Austin"]), set()),
            (where("email", "HAS_PROPERTY"), {"ana", "bo"}),
            (where("email", "NOT_HAS_PROPERTY"), {"cy"}),
            (where("email", "CONTAINS_TOKEN", "*@acme.example"), {"ana"}),
            (where("lastname", "CONTAINS_TOKEN", "brien"), {"bo"}),
            (where("lastname", "NOT_CONTAINS_TOKEN", "nowak"), {"bo", "cy"}),
            (where("lastname", "LT", "o"), {"ana"}),
            (where("lastname", "GTE", "zhang"), {"cy"}),
            (where("lastname", "BETWEEN", "n", highValue="p"), {"ana", "bo"}),
        ],
    )
    def test_find_what_they_should(self, api: Caller, people: dict[str, str], condition: dict[str, Any], expected: set[str]) -> None:
        assert set(search(api, "contacts", condition).ids) == {people[name] for name in expected}

    def test_compare_numbers_as_numbers(self, api: Caller) -> None:
        small, large = api.make("deals", dealname="A", amount="9.50"), api.make("deals", dealname="B", amount="100")

        assert search(api, "deals", where("amount", "LT", "10")).ids == [small]
        assert search(api, "deals", where("amount", "EQ", "100.0")).ids == [large]
        assert search(api, "deals", where("amount", "BETWEEN", "9.5", highValue="99")).ids == [small]

    def test_compare_times_to_the_millisecond(self, hubspot: Play, api: Caller) -> None:
        first = api.make("companies", name="A")
        hubspot.world.advance(0.001)
        second = api.make("companies", name="B")
        start = int(START.timestamp() * 1000)

        def found(operator: str, value: object) -> list[str]:
            return search(api, "companies", where("hs_lastmodifieddate", operator, value)).ids

        assert found("GTE", str(start)) == [first, second]
        assert found("GT", str(start)) == [second]
        assert found("LTE", "2026-11-26T09:00:00.000Z") == [first]
        assert found("LT", start) == []
        assert search(api, "companies", where("createdate", "GT", str(start))).ids == [second]

    def test_find_by_association(self, api: Caller, people: dict[str, str]) -> None:
        company = api.make("companies", name="Acme")
        api.objects("PUT", f"contacts/{people['ana']}/associations/default/companies/{company}")

        assert search(api, "companies", where("associations.contact", "EQ", people["ana"])).ids == [company]
        assert search(api, "companies", where("associations.contact", "EQ", people["bo"])).ids == []

    def test_match_records_without_the_value_by_neq_only_when_switched(
        self, hubspot: Play, api: Caller, people: dict[str, str]
    ) -> None:
        hubspot.switch(neq_matches_missing=True)

        assert set(search(api, "contacts", where("city", "NEQ", "austin")).ids) == {people["bo"], people["cy"]}

    def test_join_filters_by_and_and_groups_by_or(self, api: Caller, people: dict[str, str]) -> None:
        both = api.objects(
            "POST",
            "contacts/search",
            {
                "filterGroups": [
                    {"filters": [where("city", "EQ", "austin"), where("lastname", "EQ", "zhang")]},
                    {"filters": [where("lastname", "EQ", "zhang")]},
                ]
            },
        )

        assert both.ids == [people["cy"]]

    def test_take_filters_without_groups_and_a_query(self, api: Caller, people: dict[str, str]) -> None:
        plain = api.objects("POST", "contacts/search", {"filters": [where("city", "EQ", "denver")]})

        assert plain.ids == [people["bo"]]
        assert search(api, "contacts", query="ACME now").ids == [people["ana"]]
        assert search(api, "contacts", query="austin").ids == []


class TestRefusals:
    @pytest.mark.parametrize(
        "body",
        [
            {"limit": 201},
            {"limit": 200, "after": "9801"},
            {"after": "x"},
            {"sorts": [{"propertyName": "city"}, {"propertyName": "state"}]},
            {"sorts": [{"propertyName": "shoe_size"}]},
            {"filterGroups": [{"filters": [where("shoe_size", "EQ", "4")]}]},
            {"filterGroups": [{"filters": [where("city", "LIKE", "4")]}]},
            {"filterGroups": [{"filters": [where("city", "EQ")]}]},
            {"filterGroups": [{"filters": [where("city", "IN")]}]},
            {"filterGroups": [{"filters": [where("city", "BETWEEN", "a")]}]},
            {"filterGroups": [{"filters": [where("associatedcompanyid", "GT", "abc")]}]},
            {"filterGroups": [{"filters": [where("createdate", "GT", "yesterday")]}]},
            {"filterGroups": [{"filters": []}] * 6},
            {"filterGroups": [{"filters": [where("city", "EQ", "a")] * 7}]},
            {"filterGroups": [{"filters": [where("city", "EQ", "a")] * 5}] * 4},
            {"query": "x" * 3_000},
        ],
    )
    def test_are_made_for_what_a_search_does_not_take(self, api: Caller, body: dict[str, Any]) -> None:
        answer = api.objects("POST", "contacts/search", body)

        assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")

    def test_end_at_the_ten_thousandth_result(self, api: Caller) -> None:
        assert search(api, limit=200, after="9800").status == 200


class TestPages:
    def test_walk_by_offset_in_order_of_creation(self, api: Caller) -> None:
        made = [api.make("companies", name=name) for name in "CABED"]

        first = search(api, "companies", limit=2)
        second = search(api, "companies", limit=2, after=first.json["paging"]["next"]["after"])
        last = search(api, "companies", limit=2, after="4")

        assert first.json["paging"]["next"]["after"] == "2"
        assert first.ids + second.ids + last.ids == made
        assert (first.json["total"], "paging" in last.json) == (5, False)

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ({"propertyName": "name", "direction": "ASCENDING"}, "ABC"),
            ({"propertyName": "name", "direction": "DESCENDING"}, "CBA"),
            ({"propertyName": "hs_object_id", "direction": "DESCENDING"}, "BAC"),
            ({"propertyName": "annualrevenue", "direction": "ASCENDING"}, "BCA"),
            ("name", "ABC"),
        ],
    )
    def test_sort_by_one_property(self, api: Caller, sort: object, expected: str) -> None:
        for name, revenue in (("C", "100"), ("A", ""), ("B", "20")):
            api.make("companies", name=name, annualrevenue=revenue)

        found = search(api, "companies", sorts=[sort]).json["results"]

        assert "".join(one["properties"]["name"] for one in found) == expected

    def test_reach_every_record_of_one_timestamp_by_id(self, api: Caller) -> None:
        made = [api.make("companies", name=str(number)) for number in range(7)]
        found: list[str] = []
        last = "0"
        while True:
            page = search(
                api,
                "companies",
                where("hs_lastmodifieddate", "GTE", "2026-11-26T09:00:00.000Z"),
                where("hs_lastmodifieddate", "LTE", "2026-11-26T09:00:00.000Z"),
                where("hs_object_id", "GT", last),
                sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                limit=3,
            ).ids
            if not page:
                break
            found += page
            last = page[-1]

        assert found == made


class TestLag:
    def test_shows_new_and_changed_records_after_the_delay(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(index_delay=2.0)
        company = api.make("companies", name="A")

        assert search(api, "companies").ids == []
        hubspot.world.advance(2)
        assert search(api, "companies").ids == [company]
        api.objects("PATCH", f"companies/{company}", {"properties": {"name": "B"}})
        assert search(api, "companies").json["results"][0]["properties"]["name"] == "A"
        hubspot.world.advance(3)
        assert search(api, "companies").json["results"][0]["properties"]["name"] == "B"

    def test_forgets_archived_records_and_puts_the_survivor_in_the_place_of_merged_ones(self, api: Caller) -> None:
        one, two, gone = (api.make("companies", name=name) for name in "ABC")
        api.objects("DELETE", f"companies/{gone}")

        survivor = api.objects("POST", "companies/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json["id"]

        assert search(api, "companies").ids == [survivor]
