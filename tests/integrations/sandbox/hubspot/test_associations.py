"""Associations: both directions, the primary company, labels, batches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.hubspot.calling import Answer, Caller

PRIMARY = {"category": "HUBSPOT_DEFINED", "typeId": 1, "label": "Primary"}
PLAIN = {"category": "HUBSPOT_DEFINED", "typeId": 279, "label": None}


def of(api: Caller, kind: str, record_id: str, to: str) -> dict[int, list[int]]:
    results = api.objects("GET", f"{kind}/{record_id}/associations/{to}").json["results"]
    return {one["toObjectId"]: [each["typeId"] for each in one["associationTypes"]] for one in results}


def link(api: Caller, kind: str, record_id: str, to: str, to_id: str, *numbers: int, category: str = "HUBSPOT_DEFINED") -> Answer:
    types = [{"associationCategory": category, "associationTypeId": number} for number in numbers]
    return api.objects("PUT", f"{kind}/{record_id}/associations/{to}/{to_id}", types)


@pytest.fixture
def made(api: Caller) -> dict[str, str]:
    return {
        "ana": api.make("contacts", lastname="Nowak"),
        "acme": api.make("companies", name="Acme"),
        "bolt": api.make("companies", name="Bolt"),
        "deal": api.make("deals", dealname="D"),
    }


class TestOneRecord:
    def test_is_associated_in_both_directions_by_default(self, api: Caller, made: dict[str, str]) -> None:
        answer = api.objects("PUT", f"contacts/{made['ana']}/associations/default/companies/{made['acme']}")

        assert answer.status == 200
        assert [one["associationSpec"]["associationTypeId"] for one in answer.json["results"]] == [279, 280]
        results = api.objects("GET", f"contacts/{made['ana']}/associations/companies").json["results"]
        assert results == [{"toObjectId": int(made["acme"]), "associationTypes": [PRIMARY, PLAIN]}]
        assert of(api, "companies", made["acme"], "contacts") == {int(made["ana"]): [2, 280]}

    def test_has_one_primary_company(self, api: Caller, made: dict[str, str]) -> None:
        link(api, "contacts", made["ana"], "companies", made["acme"], 279)
        link(api, "contacts", made["ana"], "companies", made["bolt"], 279)
        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [1, 279], int(made["bolt"]): [279]}

        answer = link(api, "contacts", made["ana"], "companies", made["bolt"], 1)

        assert (answer.status, answer.json["labels"], answer.json["toObjectId"]) == (201, ["Primary"], int(made["bolt"]))
        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [279], int(made["bolt"]): [1, 279]}
        assert api.read("contacts", made["ana"], "associatedcompanyid")["associatedcompanyid"] == made["bolt"]

    def test_gets_its_primary_company_from_the_companys_side_too(self, api: Caller, made: dict[str, str]) -> None:
        link(api, "companies", made["acme"], "contacts", made["ana"], 280)
        link(api, "companies", made["bolt"], "contacts", made["ana"], 2)

        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [279], int(made["bolt"]): [1, 279]}

    def test_is_taken_apart_whatever_the_types(self, api: Caller, made: dict[str, str]) -> None:
        link(api, "contacts", made["ana"], "companies", made["acme"], 1)

        answer = api.objects("DELETE", f"contacts/{made['ana']}/associations/companies/{made['acme']}")

        assert (answer.status, of(api, "companies", made["acme"], "contacts")) == (204, {})
        assert api.read("contacts", made["ana"], "associatedcompanyid")["associatedcompanyid"] is None

    def test_shows_its_primary_company_in_a_property_until_that_is_archived_or_merged(self, api: Caller, made: dict[str, str]) -> None:
        def shown() -> Any:
            return api.read("contacts", made["ana"], "associatedcompanyid")["associatedcompanyid"]

        link(api, "contacts", made["ana"], "companies", made["acme"], 1)
        merge = {"primaryObjectId": made["bolt"], "objectIdToMerge": made["acme"]}
        merged = api.objects("POST", "companies/merge", merge).json["id"]
        assert shown() == merged
        api.objects("DELETE", f"companies/{merged}")
        assert shown() is None
        third = api.make("companies", name="Third")
        link(api, "contacts", made["ana"], "companies", third, 279)
        assert shown() == third

    def test_follows_its_property(self, api: Caller, made: dict[str, str]) -> None:
        def written(value: str) -> Any:
            api.objects("PATCH", f"contacts/{made['ana']}", {"properties": {"associatedcompanyid": value}})
            return api.read("contacts", made["ana"], "associatedcompanyid")["associatedcompanyid"]

        assert [written(value) for value in (made["acme"], made["bolt"], "5", "")] == [made["acme"], made["bolt"], made["bolt"], None]
        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [279], int(made["bolt"]): [279]}

    def test_hides_archived_records(self, api: Caller, made: dict[str, str]) -> None:
        link(api, "contacts", made["ana"], "companies", made["acme"], 1)

        api.objects("DELETE", f"companies/{made['acme']}")

        assert of(api, "contacts", made["ana"], "companies") == {}

    def test_pages_by_id(self, api: Caller, made: dict[str, str]) -> None:
        for name in ("acme", "bolt"):
            link(api, "contacts", made["ana"], "companies", made[name], 279)

        first = api.objects("GET", f"contacts/{made['ana']}/associations/companies", limit="1").json
        second = api.objects("GET", f"contacts/{made['ana']}/associations/companies", after=first["paging"]["next"]["after"]).json

        assert [first["results"][0]["toObjectId"], second["results"][0]["toObjectId"]] == [int(made["acme"]), int(made["bolt"])]
        assert "paging" not in second

    @pytest.mark.parametrize(
        ("kind", "to", "number"),
        [
            ("invoices", "contacts", 177),
            ("invoices", "companies", 179),
            ("invoices", "deals", 175),
            ("invoices", "line_items", 409),
            ("invoices", "commerce_payments", 541),
            ("deals", "line_items", 19),
            ("deals", "contacts", 3),
            ("deals", "companies", 341),
            ("notes", "deals", 214),
            ("notes", "contacts", 202),
            ("notes", "companies", 190),
            ("commerce_payments", "invoices", 542),
            ("commerce_payments", "deals", 391),
        ],
    )
    def test_knows_the_numbers_of_the_types(self, api: Caller, kind: str, to: str, number: int) -> None:
        listed = api.associations("GET", f"{kind}/{to}/labels").json["results"]

        assert {"category": "HUBSPOT_DEFINED", "typeId": number, "label": None} in listed

    @pytest.mark.parametrize(("kind", "to"), [("products", "deals"), ("notes", "invoices"), ("contacts", "contacts")])
    def test_cannot_be_associated_with_everything(self, api: Caller, kind: str, to: str) -> None:
        assert api.associations("GET", f"{kind}/{to}/labels").json["results"] == []
        body = {"inputs": [{"from": {"id": "1"}, "to": {"id": "2"}}]}
        assert api.associations("POST", f"{kind}/{to}/batch/associate/default", body).status == 400

    def test_refuses_types_of_another_pair_and_records_that_are_not_there(self, api: Caller, made: dict[str, str]) -> None:
        assert link(api, "contacts", made["ana"], "companies", made["acme"], 280).status == 400
        assert link(api, "contacts", made["ana"], "companies", made["acme"], 279, category="USER_DEFINED").status == 400
        assert link(api, "contacts", made["ana"], "companies", made["acme"]).status == 400
        assert link(api, "contacts", made["ana"], "companies", "5", 279).status == 404


class TestLabels:
    def make_label(self, api: Caller, name: str) -> int:
        answer = api.associations("POST", "contacts/companies/labels", {"label": name.title(), "name": name, "inverseLabel": f"{name} of"})
        assert answer.status == 200
        number: int = answer.json["results"][0]["typeId"]
        return number

    def test_are_made_for_both_directions_changed_and_forgotten(self, api: Caller) -> None:
        number = self.make_label(api, "payer")
        there = api.associations("GET", "companies/contacts/labels").json["results"]
        assert [one["label"] for one in there if one["category"] == "USER_DEFINED"] == ["payer of"]

        assert api.associations("PUT", "contacts/companies/labels", {"associationTypeId": number, "label": "Pays"}).status == 204
        listed = api.associations("GET", "contacts/companies/labels").json["results"]
        assert {"category": "USER_DEFINED", "typeId": number, "label": "Pays"} in listed
        assert api.associations("DELETE", f"contacts/companies/labels/{number}").status == 204
        assert len(api.associations("GET", "contacts/companies/labels").json["results"]) == len(listed) - 1

    def test_replace_one_another_but_not_the_types_of_hubspot(self, api: Caller, made: dict[str, str]) -> None:
        payer, boss = self.make_label(api, "payer"), self.make_label(api, "boss")

        link(api, "contacts", made["ana"], "companies", made["acme"], payer, category="USER_DEFINED")
        link(api, "contacts", made["ana"], "companies", made["acme"], boss, category="USER_DEFINED")

        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [1, 279, boss]}

    def test_of_hubspot_cannot_be_changed(self, api: Caller) -> None:
        assert api.associations("DELETE", "contacts/companies/labels/279").status == 400
        assert api.associations("DELETE", "contacts/companies/labels/5000").status == 404


class TestBatches:
    def pairs(self, made: dict[str, str], *, types: list[int] | None = None) -> dict[str, Any]:
        more = {} if types is None else {"types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": one} for one in types]}
        return {"inputs": [{"from": {"id": made["ana"]}, "to": {"id": made[name]}, **more} for name in ("acme", "bolt")]}

    def test_associate_and_read(self, api: Caller, made: dict[str, str]) -> None:
        lone = api.make("contacts", lastname="Lone")

        created = api.associations("POST", "contacts/companies/batch/create", self.pairs(made, types=[279]))
        answer = api.associations("POST", "contacts/companies/batch/read", {"inputs": [{"id": made["ana"]}, {"id": lone}]})

        assert (created.status, len(created.json["results"]), answer.status) == (201, 2, 200)
        (only,) = answer.json["results"]
        assert only["from"] == {"id": made["ana"]}
        assert [one["toObjectId"] for one in only["to"]] == [int(made["acme"]), int(made["bolt"])]

    def test_associate_by_default_and_report_what_is_missing(self, api: Caller, made: dict[str, str]) -> None:
        body = self.pairs(made)
        body["inputs"].append({"from": {"id": made["ana"]}, "to": {"id": "5"}})

        answer = api.associations("POST", "contacts/companies/batch/associate/default", body)

        assert (answer.status, len(answer.json["results"])) == (207, 4)
        assert answer.json["errors"][0]["context"] == {"ids": ["5"]}

    def test_read_reports_records_that_are_not_there(self, api: Caller) -> None:
        answer = api.associations("POST", "contacts/companies/batch/read", {"inputs": [{"id": "5"}]})

        assert (answer.status, answer.json["errors"][0]["context"]) == (207, {"ids": ["5"]})

    @pytest.mark.parametrize(("version", "status"), [("v4", 204), ("2026-03", 200), ("2026-09", 200)])
    def test_archive_with_a_list_of_ends(self, api: Caller, made: dict[str, str], version: str, status: int) -> None:
        api.associations("POST", "contacts/companies/batch/create", self.pairs(made, types=[279]))
        api.version = version
        ends = [{"id": made["acme"]}, {"id": made["bolt"]}]

        answer = api.associations("POST", "contacts/companies/batch/archive", {"inputs": [{"from": {"id": made["ana"]}, "to": ends}]})

        assert (answer.status, of(api, "contacts", made["ana"], "companies")) == (status, {})

    def test_take_types_off_and_everything_with_the_unlabeled_type(self, api: Caller, made: dict[str, str]) -> None:
        api.associations("POST", "contacts/companies/batch/create", self.pairs(made, types=[279]))

        api.associations("POST", "contacts/companies/batch/labels/archive", {"inputs": self.pairs(made, types=[1])["inputs"][:1]})
        assert of(api, "contacts", made["ana"], "companies") == {int(made["acme"]): [279], int(made["bolt"]): [279]}
        api.associations("POST", "contacts/companies/batch/labels/archive", self.pairs(made, types=[279]))
        assert of(api, "contacts", made["ana"], "companies") == {}

    @pytest.mark.parametrize(("verb", "most"), [("batch/read", 1000), ("batch/associate/default", 2000)])
    def test_have_a_longest_list(self, api: Caller, verb: str, most: int) -> None:
        one = {"id": "5"} if verb == "batch/read" else {"from": {"id": "5"}, "to": {"id": "6"}}

        assert api.associations("POST", f"contacts/companies/{verb}", {"inputs": [one] * most}).status == 207
        assert api.associations("POST", f"contacts/companies/{verb}", {"inputs": [one] * (most + 1)}).status == 400
