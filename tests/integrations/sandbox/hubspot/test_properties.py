"""Definitions of properties and groups, owners, pipelines, account details."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.sandbox.hubspot.calling import Caller, Play

GROUP = {"name": "quickbooks", "label": "QuickBooks"}


def wanted(name: str = "qbo_id", **more: object) -> dict[str, Any]:
    return {"name": name, "label": "QBO", "type": "string", "fieldType": "text", "groupName": "contactinformation", **more}


class TestDefinitions:
    def test_are_made_as_hubspot_shows_them(self, api: Caller) -> None:
        answer = api.properties("POST", "contacts", wanted(hasUniqueValue=True))

        assert answer.status == 201
        made = answer.json
        assert made["hasUniqueValue"] is True
        assert made["modificationMetadata"] == {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False}
        assert (made["options"], made["displayOrder"], made["archived"], made["dataSensitivity"]) == ([], -1, False, "non_sensitive")
        assert api.properties("GET", "contacts/qbo_id").json == made

    def test_say_what_is_built_in_and_read_only(self, api: Caller) -> None:
        listed = {one["name"]: one for one in api.properties("GET", "contacts").json["results"]}

        assert listed["lastmodifieddate"]["modificationMetadata"]["readOnlyValue"] is True
        assert listed["email"]["hasUniqueValue"] is False
        assert listed["email"]["hubspotDefined"] is True
        assert [one["value"] for one in listed["lifecyclestage"]["options"]][:2] == ["subscriber", "lead"]
        assert (listed["hubspot_owner_id"]["externalOptions"], listed["hubspot_owner_id"]["options"]) == (True, [])

    def test_of_unknown_writability_follow_the_switch(self, hubspot: Play, api: Caller) -> None:
        def writable() -> tuple[bool, int]:
            definition = api.properties("GET", "invoices/hs_number").json
            made = api.objects("POST", "invoices", {"properties": {"hs_currency": "USD", "hs_number": "INV-1"}})
            return not definition["modificationMetadata"]["readOnlyValue"], made.status

        assert writable() == (True, 201)
        hubspot.switch(strict_unknown=True)
        assert writable() == (False, 400)

    def test_exist_once(self, api: Caller) -> None:
        api.properties("POST", "contacts", wanted())

        answer = api.properties("POST", "contacts", wanted())

        assert (answer.status, answer.json["category"]) == (409, "OBJECT_ALREADY_EXISTS")
        assert answer.json["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
        assert answer.json["message"] == "A property named 'qbo_id' already exists."
        assert api.properties("POST", "contacts", wanted("email")).status == 409

    @pytest.mark.parametrize(
        "body",
        [
            wanted("Qbo_Id"),
            wanted("9lives"),
            wanted(type="text"),
            wanted(fieldType="number"),
            wanted(groupName="nowhere"),
            wanted(type="bool", fieldType="booleancheckbox"),
            wanted(options=[{"label": "A", "value": "a"}]),
            wanted(type="enumeration", fieldType="select", options=[{"label": "A", "value": "a"}, {"label": "B", "value": "a"}]),
            wanted(type="date", fieldType="date", hasUniqueValue=True),
            {name: value for name, value in wanted().items() if name != "groupName"},
        ],
    )
    def test_are_refused_when_they_do_not_hold_together(self, api: Caller, body: dict[str, Any]) -> None:
        assert api.properties("POST", "contacts", body).status == 400

    def test_have_at_most_ten_unique_ones(self, api: Caller) -> None:
        made = [api.properties("POST", "contacts", wanted(f"u{number}", hasUniqueValue=True)).status for number in range(11)]

        assert made == [201] * 10 + [400]

    def test_are_not_unique_on_products_and_invoices_when_unknowns_are_strict(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(strict_unknown=True)

        assert api.properties("POST", "products", wanted(groupName="productinformation", hasUniqueValue=True)).status == 400
        assert api.properties("POST", "contacts", wanted(hasUniqueValue=True)).status == 201

    def test_replace_all_options_when_changed(self, api: Caller) -> None:
        options = [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]
        api.properties("POST", "contacts", wanted("grade", type="enumeration", fieldType="select", options=options))

        changed = api.properties("PATCH", "contacts/grade", {"label": "Grade", "options": [{"label": "C", "value": "c"}]}).json

        assert (changed["label"], [one["value"] for one in changed["options"]]) == ("Grade", ["c"])
        assert api.objects("POST", "contacts", {"properties": {"lastname": "N", "grade": "a"}}).codes == ["INVALID_OPTION"]

    def test_cannot_become_unique_later_and_hubspots_own_cannot_be_changed(self, api: Caller) -> None:
        api.properties("POST", "contacts", wanted())

        assert api.properties("PATCH", "contacts/qbo_id", {"hasUniqueValue": True}).status == 400
        assert api.properties("PATCH", "contacts/email", {"label": "Mail"}).status == 400
        assert api.properties("DELETE", "contacts/email").status == 400

    def test_are_put_away_and_come_back_with_their_values(self, api: Caller) -> None:
        api.properties("POST", "contacts", wanted())
        contact = api.make("contacts", lastname="N", qbo_id="9:1")

        assert api.properties("DELETE", "contacts/qbo_id").status == 204
        gone = api.properties("GET", "contacts/qbo_id")
        assert (gone.status, gone.json["category"]) == (404, "OBJECT_NOT_FOUND")
        assert [one["name"] for one in api.properties("GET", "contacts", archived="true").json["results"]] == ["qbo_id"]
        assert "qbo_id" not in api.read("contacts", contact, "qbo_id")
        refused = api.objects("PATCH", f"contacts/{contact}", {"properties": {"qbo_id": "9:2"}})
        assert refused.codes == ["PROPERTY_DOESNT_EXIST"]
        assert api.properties("POST", "contacts", wanted()).status == 201
        assert api.read("contacts", contact, "qbo_id")["qbo_id"] == "9:1"

    def test_are_made_read_and_put_away_in_batches(self, api: Caller) -> None:
        made = api.properties("POST", "contacts/batch/create", {"inputs": [wanted("one"), wanted("email"), wanted("two")]})
        found = api.properties("POST", "contacts/batch/read", {"inputs": [{"name": "one"}, {"name": "three"}], "archived": False})
        gone = api.properties("POST", "contacts/batch/archive", {"inputs": [{"name": "one"}, {"name": "three"}]})

        assert (made.status, [one["name"] for one in made.json["results"]], made.json["numErrors"]) == (207, ["one", "two"], 1)
        assert (found.status, [one["name"] for one in found.json["results"]]) == (207, ["one"])
        assert (gone.status, api.properties("GET", "contacts/one").status) == (204, 404)


class TestGroups:
    def test_are_made_changed_and_forgotten(self, api: Caller) -> None:
        made = api.properties("POST", "contacts/groups", {**GROUP, "displayOrder": 8})
        assert (made.status, made.json) == (201, {**GROUP, "displayOrder": 8, "archived": False})

        assert api.properties("PATCH", "contacts/groups/quickbooks", {"label": "QB"}).json["label"] == "QB"
        assert api.properties("GET", "contacts/groups/quickbooks").json["label"] == "QB"
        assert [one["name"] for one in api.properties("GET", "contacts/groups").json["results"]] == ["contactinformation", "quickbooks"]
        assert api.properties("POST", "contacts/groups", GROUP).status == 409
        assert api.properties("DELETE", "contacts/groups/quickbooks").status == 204
        assert api.properties("GET", "contacts/groups/quickbooks").status == 404

    def test_stay_while_they_hold_properties(self, api: Caller) -> None:
        api.properties("POST", "contacts/groups", GROUP)
        api.properties("POST", "contacts", wanted(groupName="quickbooks"))

        answer = api.properties("DELETE", "contacts/groups/quickbooks")

        assert (answer.status, answer.json["subCategory"]) == (400, "PropertyGroupError.GROUP_WITH_ACTIVE_PROPERTIES")


class TestAccount:
    def test_tells_who_it_is(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(additional_currencies="EUR, USD")

        found = api.send("GET", "/account-info/2026-09/details").json

        assert (found["portalId"], found["portalName"], found["accountType"]) == (48_210_077, "Harborlight", "STANDARD")
        assert (found["companyCurrency"], found["additionalCurrencies"]) == ("USD", ["EUR"])
        assert (found["timeZone"], found["utcOffset"], found["utcOffsetMilliseconds"]) == ("America/New_York", "-05:00", -18_000_000)
        assert "portalName" not in api.send("GET", "/account-info/v3/details").json

    def test_lists_owners_and_finds_them(self, api: Caller) -> None:
        first = api.send("GET", "/crm/v3/owners/", limit="1").json

        assert (first["results"][0]["id"], first["results"][0]["type"]) == ("41", "PERSON")
        second = api.send("GET", "/crm/owners/2026-09", after=first["paging"]["next"]["after"]).json
        assert [one["email"] for one in second["results"]] == ["marcus@harborlight.example"]
        assert api.send("GET", "/crm/owners/2026-09", email="dana@harborlight.example").json["results"][0]["userId"] == 9
        assert api.send("GET", "/crm/owners/2026-09/10", idProperty="userId").json["id"] == "42"
        assert api.send("GET", "/crm/owners/2026-09/77").status == 404

    def test_has_one_pipeline_of_deals(self, api: Caller) -> None:
        (pipeline,) = api.send("GET", "/crm/pipelines/2026-09/deals").json["results"]

        assert pipeline["id"] == "default"
        assert [one["id"] for one in pipeline["stages"]][-2:] == ["closedwon", "closedlost"]
        assert pipeline["stages"][-2]["metadata"] == {"isClosed": "true", "probability": "1.0"}
        assert api.send("GET", "/crm/v3/pipelines/deals/default/stages").json["results"] == pipeline["stages"]
        assert api.send("GET", "/crm/pipelines/2026-09/deals/other").status == 404
        assert api.send("GET", "/tax-rates/2026-09/tax-rates").json == {"results": []}
