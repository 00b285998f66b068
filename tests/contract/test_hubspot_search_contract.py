"""What HubSpot's search finds, refuses and hides: the facts that our client leans on.

Asserted is what HubSpot documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract import targets
from tests.contract.targets import HubSpot

Filter = dict[str, Any]


@dataclass(frozen=True)
class Three:
    """Three companies of one name, which search sees: `small` in Oslo, `middle` in Lima, `large` without a city."""

    name: str
    small: str
    middle: str
    large: str

    @property
    def named(self) -> Filter:
        return condition("name", "EQ", value=self.name)

    def labels(self, results: list[dict[str, Any]]) -> set[str]:
        of = {self.small: "small", self.middle: "middle", self.large: "large"}
        return {of[record["id"]] for record in results}


def condition(name: str, operator: str, **more: object) -> Filter:
    return {"propertyName": name, "operator": operator, **more}


def staff(operator: str, **more: object) -> Filter:
    return condition("numberofemployees", operator, **more)


@pytest.fixture(scope="module")
def three(hubspot_account: HubSpot) -> Iterator[Three]:
    name = targets.mark()
    with hubspot_account.tidied():
        small = hubspot_account.make("companies", name=name, numberofemployees="10", city="oslo", description="quiet harbor office")
        middle = hubspot_account.make("companies", name=name, numberofemployees="20", city="lima", description="busy market hall")
        large = hubspot_account.make("companies", name=name, numberofemployees="30")
        made = Three(name=name, small=small, middle=middle, large=large)
        hubspot_account.eventually(
            lambda: hubspot_account.search("companies", [made.named]), until=lambda answer: bool(answer.json["total"] == 3)
        )
        yield made


class TestOperators:
    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            (staff("EQ", value="20"), {"middle"}),
            (staff("NEQ", value="20"), {"small", "large"}),
            (staff("LT", value="20"), {"small"}),
            (staff("LTE", value="20"), {"small", "middle"}),
            (staff("GT", value="20"), {"large"}),
            (staff("GTE", value="20"), {"middle", "large"}),
            (staff("BETWEEN", value="10", highValue="20"), {"small", "middle"}),
            (staff("IN", values=["10", "30"]), {"small", "large"}),
            (staff("NOT_IN", values=["10", "30"]), {"middle"}),
            (condition("city", "IN", values=["oslo", "quito"]), {"small"}),
            (condition("city", "EQ", value="LIMA"), {"middle"}),
            (condition("city", "HAS_PROPERTY"), {"small", "middle"}),
            (condition("city", "NOT_HAS_PROPERTY"), {"large"}),
            (condition("description", "CONTAINS_TOKEN", value="harbor"), {"small"}),
            (condition("description", "CONTAINS_TOKEN", value="mark*"), {"middle"}),
        ],
        ids=lambda value: f"{value['propertyName']}-{value['operator']}" if isinstance(value, dict) else "",
    )
    def test_find_what_they_say(self, hubspot: HubSpot, three: Three, wanted: Filter, found: set[str]) -> None:
        answer = hubspot.search("companies", [three.named, wanted])

        assert answer.status == 200, answer.content
        assert three.labels(answer.json["results"]) == found

    def test_know_the_absence_of_a_word(self, hubspot: HubSpot, three: Three) -> None:
        wanted = [three.named, condition("description", "NOT_CONTAINS_TOKEN", value="harbor"), condition("city", "HAS_PROPERTY")]

        assert three.labels(hubspot.search("companies", wanted).json["results"]) == {"middle"}

    def test_that_do_not_exist_are_refused(self, hubspot: HubSpot) -> None:
        assert hubspot.search("companies", [condition("name", "SOUNDS_LIKE", value="x")]).status == 400


class TestGroups:
    def test_widen_what_is_found(self, hubspot: HubSpot, three: Three) -> None:
        answer = hubspot.search("companies", [three.named, staff("EQ", value="10")], [three.named, staff("EQ", value="30")])

        assert three.labels(answer.json["results"]) == {"small", "large"}
        assert answer.json["total"] == 2

    def test_may_be_five(self, hubspot: HubSpot, three: Three) -> None:
        assert hubspot.search("companies", *[[three.named]] * 5).status == 200


class TestPages:
    def test_follow_the_highest_id_seen(self, hubspot: HubSpot, three: Three) -> None:
        found: list[str] = []
        last = "0"
        while True:
            answer = hubspot.search(
                "companies",
                [three.named, condition("hs_object_id", "GT", value=last)],
                sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
                properties=["hs_lastmodifieddate"],
                limit=2,
            )
            if not answer.json["results"]:
                break
            found += [record["id"] for record in answer.json["results"]]
            last = found[-1]

        assert found == sorted((three.small, three.middle, three.large), key=int)

    def test_can_be_turned_by_a_number(self, hubspot: HubSpot, three: Three) -> None:
        first = hubspot.search("companies", [three.named], limit=2).json
        second = hubspot.search("companies", [three.named], limit=2, after=first["paging"]["next"]["after"]).json

        assert first["paging"]["next"]["after"] == "2"
        assert len(first["results"]) + len(second["results"]) == first["total"] == 3
        assert "paging" not in second

    def test_come_in_the_order_that_was_asked(self, hubspot: HubSpot, three: Three) -> None:
        sorts = [{"propertyName": "numberofemployees", "direction": "DESCENDING"}]

        answer = hubspot.search("companies", [three.named], sorts=sorts)

        assert [record["id"] for record in answer.json["results"]] == [three.large, three.middle, three.small]

    def test_are_cut_by_the_time_of_change(self, hubspot: HubSpot, three: Three) -> None:
        until = condition("hs_lastmodifieddate", "LTE", value="4102444800000")
        since = condition("hs_lastmodifieddate", "GTE", value="4102444800000")

        assert hubspot.search("companies", [three.named, until]).json["total"] == 3
        assert hubspot.search("companies", [three.named, since]).json["total"] == 0


class TestLimits:
    @pytest.mark.parametrize(
        "body",
        [
            {"filterGroups": [{"filters": [condition("name", "EQ", value="x")]}] * 7},
            {"filterGroups": [{"filters": [condition("name", "EQ", value="x")] * 7}]},
            {"filterGroups": [{"filters": [condition("name", "EQ", value="x")] * 5}] * 4},
            {"filterGroups": [], "limit": 201},
            {"filterGroups": [], "limit": 200, "after": "9900"},
            {"filterGroups": [{"filters": [condition("name", "EQ", value="x" * 3000)]}]},
        ],
        ids=["groups", "filters-of-a-group", "filters", "page", "ten-thousand", "characters"],
    )
    def test_refuse_what_is_beyond_them(self, hubspot: HubSpot, body: dict[str, Any]) -> None:
        assert hubspot.objects("POST", "companies/search", body).status == 400

    def test_allow_what_reaches_them(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "companies/search", {"filterGroups": [], "limit": 200, "after": "9800"})

        assert answer.status == 200

    def test_are_counted_apart_from_other_calls(self, hubspot: HubSpot) -> None:
        headers = hubspot.search("companies", [condition("name", "EQ", value="x")]).headers

        assert headers.get("X-HubSpot-RateLimit-Interval-Milliseconds") is None


class TestArchivedRecords:
    def test_are_not_found(self, hubspot: HubSpot) -> None:
        name = targets.mark()
        hubspot.make("contacts", lastname=name)
        gone = hubspot.make("contacts", lastname=name)
        named = [condition("lastname", "EQ", value=name)]
        hubspot.eventually(lambda: hubspot.search("contacts", named), until=lambda answer: len(answer.json["results"]) == 2)

        hubspot.objects("DELETE", f"contacts/{gone}")

        answer = hubspot.eventually(lambda: hubspot.search("contacts", named), until=lambda seen: len(seen.json["results"]) < 2)
        assert len(answer.json["results"]) == 1
        assert answer.json["results"][0]["id"] != gone
