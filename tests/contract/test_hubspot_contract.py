"""What HubSpot does with one record, and what it says when it refuses: the facts that our client leans on.

Asserted is what HubSpot documents or was recorded from it; what is only likely stands inside `likely`.
"""

from __future__ import annotations

import re

import pytest

from tests.contract import targets
from tests.contract.targets import HubSpot, Json

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
NO_SUCH_PROPERTY = "contract_suite_no_such_property"


class TestCreate:
    def test_answers_201_with_the_records_address(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "contacts", {"properties": {"lastname": targets.mark()}})

        hubspot.keep("contacts", str(answer.json["id"]))
        assert answer.status == 201
        assert answer.json["id"] in answer.headers["Location"]
        assert answer.headers["Content-Type"].replace(" ", "").lower() == "application/json;charset=utf-8"

    def test_gives_the_shape_that_every_record_has(self, hubspot: HubSpot) -> None:
        record = hubspot.objects("POST", "contacts", {"properties": {"lastname": targets.mark()}}).json

        hubspot.keep("contacts", str(record["id"]))
        assert isinstance(record["id"], str) and record["id"].isdecimal()
        assert record["archived"] is False
        assert MOMENT.fullmatch(record["createdAt"]) and MOMENT.fullmatch(record["updatedAt"])
        assert all(value is None or isinstance(value, str) for value in record["properties"].values())

    def test_adds_what_hubspot_computes_to_what_was_sent(self, hubspot: HubSpot) -> None:
        name = targets.mark()

        record = hubspot.objects("POST", "contacts", {"properties": {"lastname": name}}).json

        hubspot.keep("contacts", str(record["id"]))
        assert record["properties"]["lastname"] == name
        assert record["properties"]["hs_object_id"] == record["id"]
        assert {"createdate", "lastmodifieddate"} <= set(record["properties"])


class TestRead:
    def test_tells_an_empty_property_from_one_that_does_not_exist(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())

        found = hubspot.read("contacts", record_id, "firstname", NO_SUCH_PROPERTY)

        assert found["firstname"] is None
        assert NO_SUCH_PROPERTY not in found

    def test_gives_the_same_few_properties_of_a_contact_when_none_is_named(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())

        found = hubspot.read("contacts", record_id)

        assert set(found) == {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}

    def test_names_the_time_of_change_differently_on_other_objects(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("companies", name=targets.mark())

        found = hubspot.read("companies", record_id)

        assert set(found) == {"createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"}

    def test_gives_numbers_as_text(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("companies", name=targets.mark(), numberofemployees=12)

        assert hubspot.read("companies", record_id, "numberofemployees")["numberofemployees"] == "12"

    def test_takes_properties_joined_by_commas_or_repeated(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), city="Oslo")
        path = f"/crm/objects/{targets.HUBSPOT_VERSION}/contacts/{record_id}"

        joined = hubspot.send("GET", f"{path}?properties=city,zip").json["properties"]
        repeated = hubspot.send("GET", f"{path}?properties=city&properties=zip").json["properties"]

        assert {"city", "zip"} <= set(joined)
        assert joined == repeated

    def test_finds_a_contact_by_its_email(self, hubspot: HubSpot) -> None:
        address = targets.email()
        record_id = hubspot.make("contacts", email=address)

        answer = hubspot.objects("GET", f"contacts/{address.replace('@', '%40')}", idProperty="email")

        assert (answer.status, answer.json["id"]) == (200, record_id)

    def test_keeps_every_letter_that_was_sent(self, hubspot: HubSpot) -> None:
        name = f"Zażółć O'Brien & Søn 😀 {targets.mark()}"

        record_id = hubspot.make("contacts", lastname=name)

        assert hubspot.read("contacts", record_id, "lastname")["lastname"] == name


class TestList:
    def test_pages_with_a_token_until_there_is_no_more(self, hubspot: HubSpot) -> None:
        for _ in range(2):
            hubspot.make("contacts", lastname=targets.mark())

        first = hubspot.objects("GET", "contacts", limit="1").json
        after = first["paging"]["next"]["after"]
        second = hubspot.objects("GET", "contacts", limit="1", after=after).json

        assert len(first["results"]) == len(second["results"]) == 1
        assert first["results"][0]["id"] != second["results"][0]["id"]
        assert f"after={after}" in first["paging"]["next"]["link"]

    def test_ends_with_a_page_that_names_no_next_one(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())

        assert record_id in listed(hubspot, archived=False)


class TestUpdate:
    def test_answers_with_what_changed_and_not_with_the_whole_record(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), jobtitle="Bookkeeper")

        answer = hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": "Oslo"}})

        assert (answer.status, answer.json["id"]) == (200, record_id)
        assert answer.json["properties"]["city"] == "Oslo"
        assert "lastmodifieddate" in answer.json["properties"]
        assert "jobtitle" not in answer.json["properties"]

    def test_leaves_alone_what_was_not_named(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), jobtitle="Bookkeeper")

        hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": "Oslo"}})

        found = hubspot.read("contacts", record_id, "city", "jobtitle")
        assert (found["city"], found["jobtitle"]) == ("Oslo", "Bookkeeper")

    def test_clears_a_property_with_an_empty_text(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark(), city="Oslo")

        answer = hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": ""}})

        assert answer.status == 200
        assert hubspot.read("contacts", record_id, "city")["city"] is None

    def test_moves_the_time_of_change(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())
        before = hubspot.read("contacts", record_id)["lastmodifieddate"]

        hubspot.objects("PATCH", f"contacts/{record_id}", {"properties": {"city": "Oslo"}})

        assert hubspot.read("contacts", record_id)["lastmodifieddate"] > before


class TestArchive:
    def test_answers_204_and_hides_the_record(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())

        answer = hubspot.objects("DELETE", f"contacts/{record_id}")

        assert (answer.status, answer.content) == (204, b"")
        with hubspot.likely("an archived record is not found by a plain read"):
            assert hubspot.objects("GET", f"contacts/{record_id}").status == 404

    def test_keeps_the_record_in_the_listing_of_archived_ones(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())

        hubspot.objects("DELETE", f"contacts/{record_id}")

        assert record_id not in listed(hubspot, archived=False)
        found = listed(hubspot, archived=True)[record_id]
        assert found["archived"] is True
        assert MOMENT.fullmatch(found["archivedAt"])

    def test_may_be_repeated(self, hubspot: HubSpot) -> None:
        record_id = hubspot.make("contacts", lastname=targets.mark())
        hubspot.objects("DELETE", f"contacts/{record_id}")

        with hubspot.likely("archiving an archived record answers 204 again"):
            assert hubspot.objects("DELETE", f"contacts/{record_id}").status == 204


class TestRefusal:
    def test_of_an_unknown_property_names_it(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "contacts", {"properties": {"lastname": targets.mark(), NO_SUCH_PROPERTY: "x"}})

        assert (answer.status, answer.json["status"], answer.json["category"]) == (400, "error", "VALIDATION_ERROR")
        assert answer.json["message"].startswith("Property values were not valid: [")
        assert "PROPERTY_DOESNT_EXIST" in answer.json["message"]
        assert NO_SUCH_PROPERTY in answer.json["message"]
        with hubspot.likely("every refused property has an error of its own"):
            error = answer.json["errors"][0]
            assert (error["code"], error["context"]) == ("PROPERTY_DOESNT_EXIST", {"propertyName": [NO_SUCH_PROPERTY]})

    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [("email", "no address", "INVALID_EMAIL"), ("lifecyclestage", "contract_suite_no_such_stage", "INVALID_OPTION")],
    )
    def test_of_a_bad_value_has_a_code(self, hubspot: HubSpot, name: str, value: str, code: str) -> None:
        answer = hubspot.objects("POST", "contacts", {"properties": {"lastname": targets.mark(), name: value}})

        assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
        assert code in answer.json["message"]
        with hubspot.likely("every refused value has an error of its own"):
            assert [error["code"] for error in answer.json["errors"]] == [code]

    def test_of_a_read_only_property_has_a_code(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "contacts", {"properties": {"lastname": targets.mark(), "hs_object_id": "1"}})

        with hubspot.likely("a value for a read-only property is refused as such"):
            assert (answer.status, answer.json["category"]) == (400, "VALIDATION_ERROR")
            assert "READ_ONLY_VALUE" in answer.content.decode()

    def test_of_a_taken_email_names_the_contact_that_has_it(self, hubspot: HubSpot) -> None:
        address = targets.email()
        owner = hubspot.make("contacts", email=address)

        answer = hubspot.objects("POST", "contacts", {"properties": {"email": address}})

        assert (answer.status, answer.json["category"]) == (409, "CONFLICT")
        assert re.search(r"Existing ID: (\d+)", answer.json["message"])[1] == owner  # type: ignore[index]

    def test_of_a_taken_email_does_not_look_at_the_case_of_letters(self, hubspot: HubSpot) -> None:
        address = targets.email()
        hubspot.make("contacts", email=address)

        answer = hubspot.objects("POST", "contacts", {"properties": {"email": address.upper()}})

        assert answer.status == 409

    def test_of_a_taken_email_meets_an_update_too(self, hubspot: HubSpot) -> None:
        address = targets.email()
        owner = hubspot.make("contacts", email=address)
        other = hubspot.make("contacts", lastname=targets.mark())

        answer = hubspot.objects("PATCH", f"contacts/{other}", {"properties": {"email": address}})

        assert answer.status == 409
        assert f"Existing ID: {owner}" in answer.json["message"]

    def test_of_an_id_that_is_no_number_says_so(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("PATCH", "contacts/abc", {"properties": {"lastname": "x"}})

        assert (answer.status, answer.json["category"]) == (404, "OBJECT_NOT_FOUND")
        assert answer.json["message"] == "Object not found.  objectId are usually numeric."
        assert answer.json["context"] == {"id": ["abc"]}

    def test_of_an_id_that_nobody_has_is_a_404(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("GET", "contacts/999999999999999")

        with hubspot.likely("a read of an unknown id answers 404 in the usual envelope"):
            assert (answer.status, answer.json["status"]) == (404, "error")

    def test_of_a_body_that_is_no_json_says_where(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("POST", "contacts", '{"properties":')

        assert answer.status == 400
        assert re.match(r"Invalid input JSON on line \d+, column \d+: ", answer.json["message"])

    def test_carries_the_number_that_hubspots_support_asks_for(self, hubspot: HubSpot) -> None:
        answer = hubspot.objects("PATCH", "contacts/abc", {"properties": {"lastname": "x"}})

        assert answer.json["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]


class TestAccess:
    @pytest.mark.parametrize("header", ["", "Bearer pat-na1-00000000-0000-0000-0000-000000000000"], ids=["nothing", "a-bad-token"])
    def test_with_no_token_that_counts_is_a_401(self, hubspot: HubSpot, header: str) -> None:
        answer = hubspot.send("GET", f"/crm/objects/{targets.HUBSPOT_VERSION}/contacts", headers={"Authorization": header})

        assert (answer.status, answer.json["status"]) == (401, "error")
        assert answer.json["category"] == "INVALID_AUTHENTICATION"
        assert answer.json["correlationId"]

    def test_with_the_old_key_in_the_address_is_a_401(self, hubspot: HubSpot) -> None:
        path = f"/crm/objects/{targets.HUBSPOT_VERSION}/contacts"

        answer = hubspot.send("GET", path, query={"hapikey": "00000000-0000-0000-0000-000000000000"}, headers={"Authorization": ""})

        assert answer.status == 401

    def test_without_a_scope_is_a_403_that_names_it(self, narrow_hubspot: HubSpot) -> None:
        answer = narrow_hubspot.objects("GET", "companies")

        assert (answer.status, answer.json["status"], answer.json["category"]) == (403, "error", "MISSING_SCOPES")
        assert "crm.objects.companies.read" in answer.json["errors"][0]["context"]["requiredGranularScopes"]

    def test_tells_what_is_left_of_the_ten_seconds(self, hubspot: HubSpot) -> None:
        headers = hubspot.objects("GET", "contacts", limit="1").headers

        assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert 0 <= int(headers["X-HubSpot-RateLimit-Remaining"]) < int(headers["X-HubSpot-RateLimit-Max"])

    def test_tells_what_is_left_of_the_day(self, hubspot: HubSpot) -> None:
        headers = hubspot.objects("GET", "contacts", limit="1").headers

        with hubspot.likely("a token that is no OAuth app's has a daily limit"):
            assert 0 <= int(headers["X-HubSpot-RateLimit-Daily-Remaining"]) < int(headers["X-HubSpot-RateLimit-Daily"])


class TestPortal:
    def test_says_which_it_is_and_how_it_counts(self, hubspot: HubSpot) -> None:
        answer = hubspot.send("GET", f"/account-info/{targets.HUBSPOT_VERSION}/details")

        assert answer.status == 200
        assert isinstance(answer.json["portalId"], int)
        assert answer.json["timeZone"]
        assert re.fullmatch(r"[A-Z]{3}", answer.json["companyCurrency"])

    def test_lists_its_owners(self, hubspot: HubSpot) -> None:
        answer = hubspot.send("GET", f"/crm/owners/{targets.HUBSPOT_VERSION}")

        assert answer.status == 200
        assert all({"id", "email", "firstName", "lastName", "archived"} <= set(owner) for owner in answer.json["results"])


def listed(account: HubSpot, *, archived: bool) -> dict[str, Json]:
    """Every contact of the listing, by id, asked for page after page."""
    found: dict[str, Json] = {}
    after = ""
    while True:
        more = {"after": after} if after else {}
        page = account.objects("GET", "contacts", limit="100", archived=str(archived).lower(), **more).json
        found |= {record["id"]: record for record in page["results"]}
        if "paging" not in page:
            return found
        assert page["paging"]["next"]["after"] != after
        after = page["paging"]["next"]["after"]
