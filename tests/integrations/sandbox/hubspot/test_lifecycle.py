"""Records come and go: lists, archive, merge, deletion for good."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.hubspot.calling import Caller, Play


class TestArchive:
    def test_is_a_success_a_second_time_and_for_an_unknown_id(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")

        assert [api.objects("DELETE", f"contacts/{one}").status for one in (contact, contact, "5")] == [204, 204, 204]

    def test_is_refused_for_an_unknown_id_when_unknowns_are_strict(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(strict_unknown=True)

        assert api.objects("DELETE", "contacts/5").status == 404

    def test_takes_the_line_items_of_an_invoice_along(self, api: Caller) -> None:
        invoice, line = api.make("invoices", hs_currency="USD"), api.make("line_items", name="L", price="5")
        api.objects("PUT", f"invoices/{invoice}/associations/default/line_items/{line}")

        answer = api.objects("DELETE", f"invoices/{invoice}")

        assert api.objects("GET", f"line_items/{line}").status == 404
        assert answer.response.written == [("archive", "invoices"), ("archive", "line_items")]


class TestList:
    def test_pages_by_id_until_there_is_no_more(self, api: Caller) -> None:
        made = [api.make("companies", name=f"C{number}") for number in range(5)]

        first = api.objects("GET", "companies", limit="2")
        after = first.json["paging"]["next"]["after"]
        second = api.objects("GET", "companies", limit="2", after=after)
        last = api.objects("GET", "companies", limit="2", after=second.json["paging"]["next"]["after"])

        assert first.ids + second.ids + last.ids == made
        assert "paging" not in last.json
        assert first.json["paging"]["next"]["link"].endswith(f"/crm/objects/2026-09/companies?limit=2&after={after}")

    def test_lists_archived_records_apart(self, api: Caller) -> None:
        gone, there = api.make("companies", name="A"), api.make("companies", name="B")
        api.objects("DELETE", f"companies/{gone}")

        assert api.objects("GET", "companies").ids == [there]
        assert api.objects("GET", "companies", archived="true").ids == [gone]

    @pytest.mark.parametrize("query", [{"limit": "101"}, {"limit": "0"}, {"limit": "ten"}, {"after": "x"}, {"archived": "maybe"}])
    def test_refuses_a_page_that_is_too_long_or_makes_no_sense(self, api: Caller, query: dict[str, str]) -> None:
        assert api.objects("GET", "companies", **query).status == 400

    def test_gives_half_as_many_with_history(self, api: Caller) -> None:
        assert api.objects("GET", "companies", limit="51", propertiesWithHistory="name").status == 400
        assert api.objects("GET", "companies", limit="50", propertiesWithHistory="name").status == 200


class TestMerge:
    def test_makes_a_new_record_that_both_old_ids_lead_to(self, api: Caller) -> None:
        first = api.make("contacts", email="ana@example.com", lastname="N")
        second = api.make("contacts", email="bo@example.com", lastname="M", city="Austin")

        survivor = api.objects("POST", "contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json

        assert survivor["id"] not in {first, second}
        assert survivor["properties"]["hs_merged_object_ids"] == f"{first};{second}"
        assert survivor["properties"]["email"] == "ana@example.com"
        assert survivor["properties"]["hs_additional_emails"] == "bo@example.com"
        assert (survivor["properties"]["lastname"], survivor["properties"]["city"]) == ("N", "Austin")
        assert {api.objects("GET", f"contacts/{one}").json["id"] for one in (first, second)} == {survivor["id"]}
        assert api.objects("GET", "contacts").ids == [survivor["id"]]
        assert api.objects("GET", "contacts", archived="true").ids == []

    def test_keeps_the_primary_id_when_the_account_does_so(self, hubspot: Play, api: Caller) -> None:
        hubspot.switch(preserve_primary_id_on_merge=True)
        first, second = api.make("companies", name="A"), api.make("companies", name="B")

        survivor = api.objects("POST", "companies/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json

        assert survivor["id"] == first
        assert survivor["properties"]["hs_merged_object_ids"] == second
        assert api.objects("GET", f"companies/{second}").json["id"] == first

    def test_leads_through_a_chain_of_merges_and_moves_associations(self, api: Caller) -> None:
        one, two, three = (api.make("companies", name=name) for name in "ABC")
        contact = api.make("contacts", lastname="N")
        api.objects("PUT", f"contacts/{contact}/associations/default/companies/{two}")

        first = api.objects("POST", "companies/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json["id"]
        second = api.objects("POST", "companies/merge", {"primaryObjectId": three, "objectIdToMerge": first}).json["id"]

        assert {api.objects("GET", f"companies/{old}").json["id"] for old in (one, two, three, first)} == {second}
        linked = api.objects("GET", f"contacts/{contact}/associations/companies").json["results"]
        assert [(link["toObjectId"], link["associationTypes"][0]["label"]) for link in linked] == [(int(second), "Primary")]

    def test_refuses_a_record_with_itself_and_types_that_have_no_merge(self, api: Caller) -> None:
        company, product = api.make("companies", name="A"), api.make("products", name="P")

        assert api.objects("POST", "companies/merge", {"primaryObjectId": company, "objectIdToMerge": company}).status == 400
        assert api.objects("POST", "products/merge", {"primaryObjectId": product, "objectIdToMerge": "5"}).status == 400
        assert api.objects("POST", "companies/merge", {"primaryObjectId": company, "objectIdToMerge": "5"}).status == 404

    def test_finds_an_old_id_for_a_change_only_while_unknowns_are_lenient(self, hubspot: Play, api: Caller) -> None:
        first, second = api.make("companies", name="A"), api.make("companies", name="B")
        survivor = api.objects("POST", "companies/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json["id"]

        assert api.objects("PATCH", f"companies/{first}", {"properties": {"city": "X"}}).json["id"] == survivor
        hubspot.switch(strict_unknown=True)
        assert api.objects("PATCH", f"companies/{first}", {"properties": {"city": "Y"}}).status == 404


class TestForget:
    def test_leaves_nothing_of_a_contact(self, api: Caller) -> None:
        contact = api.make("contacts", email="ana@example.com")

        assert api.objects("POST", "contacts/gdpr-delete", {"objectId": "ana@example.com", "idProperty": "email"}).status == 204

        assert api.objects("GET", f"contacts/{contact}", archived="true").status == 404
        assert api.make("contacts", email="ana@example.com") != contact
