"""What HubSpot says about properties, and how it ties records together: the facts that our client leans on.

Asserted is what HubSpot documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract import targets
from tests.contract.targets import Answer, HubSpot

UNLABELED = 279
PRIMARY = 1


def definition(name: str, **more: object) -> dict[str, Any]:
    return {"name": name, "label": name, "type": "string", "fieldType": "text", "groupName": "contactinformation", **more}


@pytest.fixture
def defined(hubspot: HubSpot) -> Iterator[tuple[str, Answer]]:
    """A property of contacts made for one test, and the answer to its making."""
    name = targets.mark()
    hubspot.afterwards(lambda: hubspot.properties("DELETE", f"contacts/{name}"))
    answer = hubspot.properties("POST", "contacts", definition(name))
    assert answer.status == 201, answer.content
    hubspot.eventually(lambda: hubspot.properties("GET", f"contacts/{name}"), until=lambda seen: seen.status == 200)
    yield name, answer


class TestProperties:
    def test_are_listed_at_once_with_what_a_form_needs_to_know(self, hubspot: HubSpot) -> None:
        answer = hubspot.properties("GET", "contacts")

        assert answer.status == 200
        assert "paging" not in answer.json
        needed = {"name", "label", "type", "fieldType", "groupName", "options", "modificationMetadata"}
        assert all(needed <= set(one) for one in answer.json["results"])
        assert {"email", "firstname", "lastname", "lifecyclestage"} <= {one["name"] for one in answer.json["results"]}

    def test_say_which_cannot_be_written(self, hubspot: HubSpot) -> None:
        read_only = {
            one["name"]: one["modificationMetadata"]["readOnlyValue"] for one in hubspot.properties("GET", "contacts").json["results"]
        }

        assert (read_only["lastmodifieddate"], read_only["firstname"]) == (True, False)

    def test_list_the_values_of_a_choice(self, hubspot: HubSpot) -> None:
        answer = hubspot.properties("GET", "contacts/lifecyclestage")

        assert (answer.status, answer.json["type"]) == (200, "enumeration")
        assert all({"label", "value"} <= set(option) for option in answer.json["options"])
        assert answer.json["options"]

    def test_that_do_not_exist_are_a_404(self, hubspot: HubSpot) -> None:
        answer = hubspot.properties("GET", "contacts/contract_suite_no_such_property")

        assert (answer.status, answer.json["category"]) == (404, "OBJECT_NOT_FOUND")


class TestNewProperty:
    def test_is_answered_with_its_whole_definition(self, defined: tuple[str, Answer]) -> None:
        name, answer = defined

        assert (answer.json["name"], answer.json["type"], answer.json["fieldType"]) == (name, "string", "text")
        assert (answer.json["hasUniqueValue"], answer.json["archived"]) == (False, False)
        assert answer.json["modificationMetadata"]["readOnlyValue"] is False

    def test_cannot_be_made_twice(self, hubspot: HubSpot, defined: tuple[str, Answer]) -> None:
        answer = hubspot.properties("POST", "contacts", definition(defined[0]))

        assert (answer.status, answer.json["category"]) == (409, "OBJECT_ALREADY_EXISTS")
        assert answer.json["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"

    def test_is_gone_when_archived_and_back_when_made_again(self, hubspot: HubSpot, defined: tuple[str, Answer]) -> None:
        name = defined[0]

        archived = hubspot.properties("DELETE", f"contacts/{name}")
        hubspot.eventually(lambda: hubspot.properties("GET", f"contacts/{name}"), until=lambda seen: seen.status == 404)
        restored = hubspot.properties("POST", "contacts", definition(name))

        assert (archived.status, restored.status) == (204, 201)
        found = hubspot.eventually(lambda: hubspot.properties("GET", f"contacts/{name}"), until=lambda seen: seen.status == 200)
        assert found.json["archived"] is False

    def test_can_hold_a_value(self, hubspot: HubSpot, defined: tuple[str, Answer]) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), **{defined[0]: "9130009:12"})

        assert hubspot.read("contacts", record_id, defined[0])[defined[0]] == "9130009:12"


class TestNewGroup:
    def test_cannot_be_made_twice(self, hubspot: HubSpot) -> None:
        name = targets.mark()
        hubspot.afterwards(lambda: hubspot.properties("DELETE", f"contacts/groups/{name}"))

        first = hubspot.properties("POST", "contacts/groups", {"name": name, "label": name, "displayOrder": -1})
        second = hubspot.properties("POST", "contacts/groups", {"name": name, "label": name, "displayOrder": -1})

        assert (first.status, first.json["name"]) == (201, name)
        assert (second.status, second.json["category"]) == (409, "OBJECT_ALREADY_EXISTS")

    def test_stays_while_it_holds_properties(self, hubspot: HubSpot) -> None:
        group, name = targets.mark(), targets.mark()
        hubspot.afterwards(lambda: hubspot.properties("DELETE", f"contacts/groups/{group}"))
        hubspot.afterwards(lambda: hubspot.properties("DELETE", f"contacts/{name}"))
        hubspot.properties("POST", "contacts/groups", {"name": group, "label": group, "displayOrder": -1})
        made = hubspot.properties("POST", "contacts", definition(name, groupName=group))

        answer = hubspot.properties("DELETE", f"contacts/groups/{group}")

        assert made.status == 201
        assert (answer.status, answer.json["subCategory"]) == (400, "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES")


@dataclass(frozen=True)
class Ends:
    """A contact and a company."""

    contact: str
    company: str


@pytest.fixture
def ends(hubspot: HubSpot) -> Ends:
    return Ends(contact=hubspot.make("contacts", lastname=targets.mark()), company=hubspot.make("companies", name=targets.mark()))


def links(account: HubSpot, start: str, record_id: str, to: str) -> dict[str, set[int]]:
    """What a record is associated with: ids, and the numbers of the types."""
    answer = account.objects("GET", f"{start}/{record_id}/associations/{to}")
    assert answer.status == 200, answer.content
    return {str(one["toObjectId"]): {int(kind["typeId"]) for kind in one["associationTypes"]} for one in answer.json["results"]}


class TestAssociation:
    def test_by_default_is_answered_for_both_directions(self, hubspot: HubSpot, ends: Ends) -> None:
        answer = hubspot.objects("PUT", f"contacts/{ends.contact}/associations/default/companies/{ends.company}")

        assert (answer.status, answer.json["status"], len(answer.json["results"])) == (200, "COMPLETE", 2)

    def test_is_seen_from_both_ends(self, hubspot: HubSpot, ends: Ends) -> None:
        hubspot.objects("PUT", f"contacts/{ends.contact}/associations/default/companies/{ends.company}")

        assert UNLABELED in links(hubspot, "contacts", ends.contact, "companies")[ends.company]
        assert UNLABELED + 1 in links(hubspot, "companies", ends.company, "contacts")[ends.contact]

    def test_can_be_of_a_named_type(self, hubspot: HubSpot, ends: Ends) -> None:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": PRIMARY}]

        answer = hubspot.objects("PUT", f"contacts/{ends.contact}/associations/companies/{ends.company}", types)

        assert answer.status == 201
        found = links(hubspot, "contacts", ends.contact, "companies")[ends.company]
        assert PRIMARY in found
        with hubspot.likely("a primary company is an unlabeled one too"):
            assert found == {PRIMARY, UNLABELED}

    def test_can_be_made_together_with_a_record(self, hubspot: HubSpot, ends: Ends) -> None:
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": UNLABELED}]
        body = {"properties": {"lastname": targets.mark()}, "associations": [{"to": {"id": ends.company}, "types": types}]}

        answer = hubspot.objects("POST", "contacts", body)

        assert answer.status == 201
        record_id = hubspot.keep("contacts", str(answer.json["id"]))
        assert ends.company in links(hubspot, "contacts", record_id, "companies")

    def test_is_gone_in_both_directions_when_deleted(self, hubspot: HubSpot, ends: Ends) -> None:
        hubspot.objects("PUT", f"contacts/{ends.contact}/associations/default/companies/{ends.company}")

        answer = hubspot.objects("DELETE", f"contacts/{ends.contact}/associations/companies/{ends.company}")

        assert answer.status == 204
        assert links(hubspot, "contacts", ends.contact, "companies") == {}
        assert links(hubspot, "companies", ends.company, "contacts") == {}

    def test_comes_with_a_read_that_asks_for_it(self, hubspot: HubSpot, ends: Ends) -> None:
        hubspot.objects("PUT", f"contacts/{ends.contact}/associations/default/companies/{ends.company}")

        found = hubspot.objects("GET", f"contacts/{ends.contact}", associations="companies").json["associations"]["companies"]["results"]

        assert {one["id"] for one in found} == {ends.company}
        assert "contact_to_company_unlabeled" in {one["type"] for one in found}

    def test_has_types_with_numbers_that_can_be_looked_up(self, hubspot: HubSpot) -> None:
        answer = hubspot.associations("GET", "contacts/companies/labels")

        assert answer.status == 200
        assert {PRIMARY, UNLABELED} <= {one["typeId"] for one in answer.json["results"] if one["category"] == "HUBSPOT_DEFINED"}


class TestAssociationBatch:
    def test_makes_reads_and_undoes(self, hubspot: HubSpot, ends: Ends) -> None:
        pair = {"from": {"id": ends.contact}, "to": {"id": ends.company}}
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": UNLABELED}]

        made = hubspot.associations("POST", "contacts/companies/batch/create", {"inputs": [{**pair, "types": types}]})
        read = hubspot.associations("POST", "contacts/companies/batch/read", {"inputs": [{"id": ends.contact}]})
        undone = hubspot.associations(
            "POST", "contacts/companies/batch/archive", {"inputs": [{"from": {"id": ends.contact}, "to": [{"id": ends.company}]}]}
        )

        assert (made.status, read.status) == (201, 200)
        [result] = read.json["results"]
        assert str(result["from"]["id"]) == ends.contact
        assert [str(one["toObjectId"]) for one in result["to"]] == [ends.company]
        assert undone.status in (200, 204)
        assert links(hubspot, "contacts", ends.contact, "companies") == {}

    def test_by_default_needs_no_type(self, hubspot: HubSpot, ends: Ends) -> None:
        pair = {"from": {"id": ends.contact}, "to": {"id": ends.company}}

        answer = hubspot.associations("POST", "contacts/companies/batch/associate/default", {"inputs": [pair]})

        assert answer.status == 200
        assert ends.company in links(hubspot, "contacts", ends.contact, "companies")

    def test_says_nothing_of_a_record_without_any(self, hubspot: HubSpot, ends: Ends) -> None:
        answer = hubspot.associations("POST", "contacts/companies/batch/read", {"inputs": [{"id": ends.contact}]})

        with hubspot.likely("a record without associations has no result of its own"):
            assert answer.status in (200, 207)
            assert answer.json["results"] == []
