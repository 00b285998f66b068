"""The client's calls on associations, property groups and definitions, as they go over the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from integrations import errors
from integrations.hubspot import client as hubspot_client
from integrations.hubspot import links


def heard(scripted: Any, at: int = -1) -> tuple[str, str, Any]:
    call = scripted.heard[at]
    return call.method, call.path, json.loads(call.body) if call.body else None


class TestAssociations:
    def test_are_made_by_default_types(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"status": "COMPLETE", "results": []})

        refused = make_client(scripted.url).batch_associate(from_type="invoices", to_type="contacts", pairs=[("1", "51"), ("2", "52")])

        assert refused == ()
        assert heard(scripted) == (
            "POST", "/crm/associations/2026-09/invoices/contacts/batch/associate/default",
            {"inputs": [{"from": {"id": "1"}, "to": {"id": "51"}}, {"from": {"id": "2"}, "to": {"id": "52"}}]},
        )

    def test_are_undone_with_lists_of_ids(self, scripted: Any, make_client: Any) -> None:
        scripted.says(204)

        refused = make_client(scripted.url).batch_dissociate(from_type="notes", to_type="deals", pairs=[("1", "5")])

        assert refused == ()
        assert heard(scripted) == (
            "POST", "/crm/associations/2026-09/notes/deals/batch/archive", {"inputs": [{"from": {"id": "1"}, "to": [{"id": "5"}]}]},
        )

    def test_that_are_refused_are_told_with_every_id(self, scripted: Any, make_client: Any) -> None:
        missing = {"category": "OBJECT_NOT_FOUND", "message": "no", "context": {"ids": ["51"]}}
        second = {"category": "VALIDATION_ERROR", "message": "no", "context": {"fromObjectId": ["2"], "toObjectId": ["52"]}}
        scripted.says(207, body={"status": "COMPLETE", "results": [], "numErrors": 2, "errors": [missing, second]})

        first, other = make_client(scripted.url).batch_associate(from_type="invoices", to_type="contacts", pairs=[("1", "51"), ("2", "52")])

        assert (type(first.error), first.ids) == (errors.Gone, ("51",))
        assert (type(other.error), other.ids) == (errors.Rejected, ("2", "52"))

    def test_are_two_thousand_at_most(self, make_client: Any) -> None:
        with pytest.raises(ValueError, match="2000 pairs"):
            make_client("http://127.0.0.1:9").batch_associate(from_type="notes", to_type="deals", pairs=[("1", "2")] * 2001)

    def test_of_a_new_record_go_along_with_it(self, scripted: Any, make_client: Any) -> None:
        scripted.says(201, body={"results": []})
        note = hubspot_client.Input(trace_id="t", properties={"hs_note_body": "x"}, associated=[links.Inline(to_id="5", type_id=214)])

        make_client(scripted.url).batch_create(object_type="notes", inputs=[note])

        assert heard(scripted)[2]["inputs"][0]["associations"] == [
            {"to": {"id": "5"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 214}]}
        ]


class TestDefinitions:
    def test_carry_their_options_in_order(self, scripted: Any, make_client: Any) -> None:
        scripted.says(201, body={"name": "qbo_status", "type": "enumeration", "fieldType": "select"})

        make_client(scripted.url).create_property(
            object_type="invoices", name="qbo_status", label="Status", group="quickbooks", type="enumeration", field_type="select",
            options=[("open", "Open"), ("paid", "Paid")],
        )

        assert heard(scripted)[2]["options"] == [
            {"value": "open", "label": "Open", "displayOrder": 0}, {"value": "paid", "label": "Paid", "displayOrder": 1},
        ]

    def test_and_groups_are_put_away_by_name(self, scripted: Any, make_client: Any) -> None:
        scripted.says(204)
        scripted.says(204)
        client = make_client(scripted.url)

        client.archive_property(object_type="deals", name="qbo_open")
        client.archive_group(object_type="deals", name="quickbooks")

        assert [heard(scripted, at)[:2] for at in (0, 1)] == [
            ("DELETE", "/crm/properties/2026-09/deals/qbo_open"), ("DELETE", "/crm/properties/2026-09/deals/groups/quickbooks"),
        ]

    def test_stand_in_groups(self, scripted: Any, make_client: Any) -> None:
        scripted.says(body={"results": [{"name": "dealinformation", "label": "Deal information"}, {"name": "quickbooks", "label": "x"}]})
        scripted.says(body={"results": [{"label": "nameless"}]})
        client = make_client(scripted.url)

        assert client.groups(object_type="deals") == ("dealinformation", "quickbooks")
        with pytest.raises(errors.Misunderstood):
            client.groups(object_type="deals")
