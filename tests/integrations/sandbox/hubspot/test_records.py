"""Single records: what is taken, what is refused, what comes back."""

from __future__ import annotations

import pytest

from tests.integrations.sandbox.hubspot.calling import SEED, Caller, Play, play


class TestCreate:
    def test_answers_the_record_with_its_address_and_what_was_computed(self, api: Caller) -> None:
        answer = api.objects("POST", "contacts", {"properties": {"email": " Ana@Example.COM ", "lastname": "Nowak"}})

        record = answer.json
        assert answer.status == 201
        assert answer.response.headers["Location"].endswith(f"/crm/objects/2026-09/contacts/{record['id']}")
        assert record["properties"]["email"] == "ana@example.com"
        assert record["properties"]["hs_email_domain"] == "example.com"
        assert record["properties"]["hs_is_contact"] == "true"
        assert record["properties"]["hs_object_id"] == record["id"]
        assert list(record["properties"]) == sorted(record["properties"])
        assert record["createdAt"] == record["properties"]["createdate"] == "2026-11-26T09:00:00.000Z"
        assert len(record["id"]) == 11

    @pytest.mark.parametrize("name", ["CONTACT", "contact", "Contacts", "0-1"])
    def test_takes_every_name_of_a_type(self, api: Caller, name: str) -> None:
        assert api.objects("POST", name, {"properties": {"lastname": "Nowak"}}).status == 201

    def test_refuses_a_type_that_does_not_exist(self, api: Caller) -> None:
        answer = api.objects("POST", "gadgets", {"properties": {}})

        assert (answer.status, answer.json["message"]) == (400, "Unable to infer object type from: gadgets")

    def test_refuses_a_property_that_does_not_exist_and_names_it(self, api: Caller) -> None:
        answer = api.objects("POST", "contacts", {"properties": {"email": "a@b.pl", "shoe_size": "46"}})

        assert answer.status == 400
        assert answer.json["category"] == "VALIDATION_ERROR"
        assert answer.json["message"].startswith('Property values were not valid: [{"isValid":false,"message":"Property \\"shoe_size\\"')
        assert answer.json["errors"][0]["context"] == {"propertyName": ["shoe_size"]}
        assert answer.json["correlationId"] == answer.response.headers["X-HubSpot-Correlation-Id"]

    @pytest.mark.parametrize(
        ("kind", "values", "code"),
        [
            ("contacts", {"email": "no-at-sign"}, "INVALID_EMAIL"),
            ("contacts", {"email": "a@b"}, "INVALID_EMAIL"),
            ("contacts", {"lastname": "N", "lifecyclestage": "Customer"}, "INVALID_OPTION"),
            ("contacts", {"lastname": "N", "hubspot_owner_id": "77"}, "INVALID_OPTION"),
            ("contacts", {"lastname": "N", "hs_object_id": "5"}, "READ_ONLY_VALUE"),
            ("contacts", {"lastname": "N" * 65_537}, "VALUE_TOO_LONG"),
            ("companies", {"name": "N", "annualrevenue": "1,000"}, "INVALID_LONG"),
            ("deals", {"dealname": "N", "closedate": "2026-11-26T10:00:00"}, "INVALID_DATE"),
            ("line_items", {"name": "N", "hs_recurring_billing_start_date": "1790000000001"}, "INVALID_DATE"),
            ("line_items", {"name": "N", "price": "-1"}, "INVALID_NUMBER"),
            ("line_items", {"name": "N", "amount": "10"}, "READ_ONLY_VALUE"),
            ("invoices", {"hs_currency": "USD", "hs_invoice_billable": "maybe"}, "INVALID_OPTION"),
        ],
    )
    def test_refuses_a_value_that_does_not_go_with_its_property(self, api: Caller, kind: str, values: object, code: str) -> None:
        answer = api.objects("POST", kind, {"properties": values})

        assert (answer.status, answer.codes) == (400, [code])

    @pytest.mark.parametrize(
        ("kind", "values"),
        [
            ("contacts", {"phone": "1"}),
            ("companies", {"phone": "1"}),
            ("invoices", {"hs_comments": "x"}),
            ("notes", {"hs_note_body": "x"}),
            ("commerce_payments", {"hs_initial_amount": "5"}),
            ("products", {"price": "5"}),
        ],
    )
    def test_refuses_a_record_without_what_its_type_needs(self, hubspot: Play, api: Caller, kind: str, values: object) -> None:
        hubspot.switch(payments_enabled=True)

        answer = api.objects("POST", kind, {"properties": values})

        assert (answer.status, set(answer.codes)) == (400, {"MISSING_REQUIRED_PROPERTY"})

    def test_keeps_values_as_text_in_one_form(self, api: Caller) -> None:
        deal = api.make("deals", dealname="D", amount=12.5, closedate="2026-11-30T10:00:00+02:00")
        line = api.make("line_items", name="L", price="20.00", quantity=3, discount="2", hs_recurring_billing_start_date=1_767_225_600_000)
        invoice = api.make("invoices", hs_currency="USD", hs_invoice_billable=False, hs_allowed_payment_methods="ach;sepa;ach")

        assert api.read("deals", deal, "amount", "closedate")["closedate"] == "2026-11-30T08:00:00.000Z"
        assert api.read("deals", deal, "amount")["amount"] == "12.5"
        assert api.read("line_items", line, "amount")["amount"] == "54"
        start = "hs_recurring_billing_start_date"
        assert api.read("line_items", line, start)[start] == "2026-01-01"
        kept = api.read("invoices", invoice, "hs_invoice_billable", "hs_allowed_payment_methods")
        assert (kept["hs_invoice_billable"], kept["hs_allowed_payment_methods"]) == ("false", "ach;sepa")

    def test_associates_at_once_by_type(self, api: Caller) -> None:
        company = api.make("companies", name="Acme")
        wanted = {"to": {"id": int(company)}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}

        contact = api.objects("POST", "contacts", {"properties": {"lastname": "N"}, "associations": [wanted]}).json["id"]

        found = api.objects("GET", f"contacts/{contact}", associations="companies").json["associations"]["companies"]["results"]
        assert found == [{"id": company, "type": "contact_to_company"}, {"id": company, "type": "contact_to_company_unlabeled"}]

    def test_refuses_an_association_with_a_record_that_is_not_there(self, api: Caller) -> None:
        wanted = {"to": {"id": "5"}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]}

        answer = api.objects("POST", "contacts", {"properties": {"lastname": "N"}, "associations": [wanted]})

        assert answer.json["message"] == "One or more associations are invalid"
        assert answer.json["context"] == {"INVALID_OBJECT_IDS": ["COMPANY=5 is not valid"]}
        assert api.objects("GET", "contacts").ids == []

    def test_refuses_an_association_type_that_starts_elsewhere(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")
        wanted = {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]}

        answer = api.objects("POST", "companies", {"properties": {"name": "A"}, "associations": [wanted]})

        assert answer.status == 400
        assert "invalid from object type 0-2 for associations to be created. expected: 0-1" in answer.json["message"]

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[]",
            b"{}",
            b"\xff",
            b'{"properties":[]}',
            b'{"properties":{"lastname":["N"]}}',
            b'{"properties":{"lastname":"\\ud800"}}',
            b"[" * 100_000,
        ],
    )
    def test_refuses_a_body_of_another_form(self, api: Caller, body: bytes) -> None:
        answer = api.raw("POST", "/crm/objects/2026-09/contacts", body=body)

        assert answer.status == 400
        assert answer.json["message"].startswith("Invalid input JSON on line 1, column ")


class TestUniqueEmail:
    def test_refuses_a_taken_address_in_any_case_and_tells_whose_it_is(self, api: Caller) -> None:
        there = api.make("contacts", email="ana@example.com")

        answer = api.objects("POST", "contacts", {"properties": {"email": "ANA@example.com"}})

        assert (answer.status, answer.json["category"]) == (409, "CONFLICT")
        assert answer.json["message"] == f"Contact already exists. Existing ID: {there}"

    def test_refuses_a_taken_address_in_an_update_too(self, api: Caller) -> None:
        there, other = api.make("contacts", email="ana@example.com"), api.make("contacts", email="bo@example.com")

        answer = api.objects("PATCH", f"contacts/{other}", {"properties": {"email": "ana@example.com"}})

        assert (answer.status, str(there) in answer.json["message"]) == (409, True)

    def test_frees_the_address_of_an_archived_contact(self, api: Caller) -> None:
        there = api.make("contacts", email="ana@example.com")

        api.objects("DELETE", f"contacts/{there}")

        assert api.make("contacts", email="ana@example.com") != there

    def test_refuses_the_second_address_of_a_merged_contact(self, api: Caller) -> None:
        first, second = api.make("contacts", email="ana@example.com"), api.make("contacts", email="bo@example.com")
        merged = api.objects("POST", "contacts/merge", {"primaryObjectId": first, "objectIdToMerge": second}).json["id"]

        answer = api.objects("POST", "contacts", {"properties": {"email": "bo@example.com"}})

        assert answer.json["message"] == f"Contact already exists. Existing ID: {merged}"


class TestUniqueProperty:
    def test_refuses_a_taken_value_and_finds_the_record_by_it(self, api: Caller) -> None:
        api.define_unique("companies", "qbo_id")
        there = api.make("companies", name="Acme", qbo_id="9:1")

        answer = api.objects("POST", "companies", {"properties": {"name": "Other", "qbo_id": "9:1"}})

        assert (answer.status, answer.json["category"], answer.codes) == (409, "CONFLICT", ["CONFLICTING_UNIQUE_VALUE"])
        assert api.objects("GET", "companies/9%3A1", idProperty="qbo_id").json["id"] == there

    def test_reads_by_email_and_domain_but_by_nothing_that_may_occur_twice(self, api: Caller) -> None:
        contact, company = api.make("contacts", email="ana@example.com"), api.make("companies", domain="acme.example")

        assert api.objects("GET", "contacts/ana%40example.com", idProperty="email").json["id"] == contact
        assert api.objects("GET", "companies/acme.example", idProperty="domain").json["id"] == company
        assert api.objects("GET", "contacts/Nowak", idProperty="lastname").status == 400
        assert api.objects("PATCH", "companies/acme.example", {"properties": {}}, idProperty="domain").status == 400


class TestRead:
    def test_leaves_out_what_does_not_exist_and_shows_what_is_empty(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")

        found = api.objects("GET", f"contacts/{contact}", properties="phone,shoe_size").json["properties"]

        assert found["phone"] is None
        assert "shoe_size" not in found

    def test_takes_names_that_are_repeated_or_joined(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", city="Austin", state="TX")

        joined = api.raw("GET", f"/crm/v3/objects/contacts/{contact}", query=[("properties", "city,state")]).json
        repeated = api.raw("GET", f"/crm/v3/objects/contacts/{contact}", query=[("properties", "city"), ("properties", "state")]).json

        assert joined == repeated
        assert joined["properties"]["state"] == "TX"

    def test_tells_an_id_that_is_no_number_from_one_that_is_not_there(self, api: Caller) -> None:
        wordy, missing = api.objects("GET", "contacts/abc"), api.objects("GET", "contacts/5")

        assert (wordy.status, wordy.json["message"]) == (404, "Object not found.  objectId are usually numeric.")
        assert (wordy.json["category"], wordy.json["context"]) == ("OBJECT_NOT_FOUND", {"id": ["abc"]})
        assert (missing.status, missing.json["message"], "category" in missing.json) == (404, "resource not found", False)

    def test_shows_an_archived_record_only_when_asked_for_archived_ones(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")
        api.objects("DELETE", f"contacts/{contact}")

        assert api.objects("GET", f"contacts/{contact}").status == 404
        found = api.objects("GET", f"contacts/{contact}", archived="True").json
        assert (found["archived"], found["archivedAt"]) == (True, "2026-11-26T09:00:00.001Z")

    def test_shows_the_history_of_a_property_newest_first(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", city="Austin")
        hubspot.world.advance(60)
        hubspot.face.edit({"type": "contacts", "id": contact, "set": {"city": "Denver"}})

        found = api.objects("GET", f"contacts/{contact}", propertiesWithHistory="city,lastname").json

        now, before = found["propertiesWithHistory"]["city"]
        assert (now["value"], now["sourceType"], now["sourceId"], now["updatedByUserId"]) == ("Denver", "CRM_UI", "userId:9", 9)
        assert (before["value"], before["sourceType"], before["timestamp"]) == ("Austin", "INTEGRATION", "2026-11-26T09:00:00.000Z")
        assert [one["value"] for one in found["propertiesWithHistory"]["lastname"]] == ["N"]
        assert found["properties"]["city"] == "Denver"

    def test_writes_line_items_with_a_blank_among_associations(self, api: Caller) -> None:
        invoice, line = api.make("invoices", hs_currency="USD"), api.make("line_items", name="L", price="5")
        api.objects("PUT", f"invoices/{invoice}/associations/default/line_items/{line}")

        found = api.objects("GET", f"invoices/{invoice}", associations="line_items,deals").json["associations"]

        assert found == {"line items": {"results": [{"id": line, "type": "invoice_to_line_item"}]}}


class TestUpdate:
    def test_answers_what_was_written_and_computed_but_not_the_rest(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", city="Austin", email="ana@example.com")

        found = api.objects("PATCH", f"contacts/{contact}", {"properties": {"email": "bo@two.example"}}).json["properties"]

        assert found["email"] == "bo@two.example"
        assert found["hs_email_domain"] == "two.example"
        assert "lastmodifieddate" in found
        assert "city" not in found

    def test_moves_the_time_of_change_even_when_nothing_differs(self, api: Caller) -> None:
        company = api.make("companies", name="Acme")

        times = [api.objects("PATCH", f"companies/{company}", {"properties": {"name": "Acme"}}).json["updatedAt"] for _ in range(3)]

        assert len(set(times)) == 3
        assert times == sorted(times)

    @pytest.mark.parametrize("blank", ["", None])
    def test_clears_a_value(self, api: Caller, blank: str | None) -> None:
        contact = api.make("contacts", lastname="N", city="Austin")

        api.objects("PATCH", f"contacts/{contact}", {"properties": {"city": blank}})

        assert api.read("contacts", contact, "city")["city"] is None

    def test_appends_options_after_a_leading_semicolon(self, api: Caller) -> None:
        invoice = api.make("invoices", hs_currency="USD", hs_allowed_payment_methods="ach")

        api.objects("PATCH", f"invoices/{invoice}", {"properties": {"hs_allowed_payment_methods": ";sepa"}})

        assert api.read("invoices", invoice, "hs_allowed_payment_methods")["hs_allowed_payment_methods"] == "ach;sepa"

    def test_moves_the_lifecycle_stage_only_forward_until_it_is_cleared(self, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", lifecyclestage="customer")

        back = api.objects("PATCH", f"contacts/{contact}", {"properties": {"lifecyclestage": "lead"}})
        assert back.json["properties"]["lifecyclestage"] == "customer"
        api.objects("PATCH", f"contacts/{contact}", {"properties": {"lifecyclestage": ""}})
        api.objects("PATCH", f"contacts/{contact}", {"properties": {"lifecyclestage": "lead"}})

        assert api.read("contacts", contact, "lifecyclestage")["lifecyclestage"] == "lead"

    def test_sets_the_primary_company_by_its_property(self, api: Caller) -> None:
        company, contact = api.make("companies", name="Acme"), api.make("contacts", lastname="N")

        api.objects("PATCH", f"contacts/{contact}", {"properties": {"associatedcompanyid": company}})

        found = api.objects("GET", f"contacts/{contact}/associations/companies").json["results"]
        assert [one["toObjectId"] for one in found] == [int(company)]


class TestAdministratorsRule:
    def test_refuses_writes_that_leave_a_required_property_empty(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")
        hubspot.switch(admin_required_property="contacts.phone")

        made = api.objects("POST", "contacts", {"properties": {"lastname": "M"}})
        changed = api.objects("PATCH", f"contacts/{contact}", {"properties": {"city": "Austin"}})

        assert (made.status, made.codes) == (changed.status, changed.codes) == (400, ["MISSING_REQUIRED_PROPERTY"])
        assert api.objects("PATCH", f"contacts/{contact}", {"properties": {"phone": "5"}}).status == 200

    def test_does_not_bind_the_versions_before_it(self, hubspot: Play) -> None:
        hubspot.switch(admin_required_property="contacts.phone")
        older = hubspot.caller()
        older.version = "2026-03"

        assert older.objects("POST", "contacts", {"properties": {"lastname": "M"}}).status == 201


class TestRoutes:
    def test_shows_one_store_by_every_version(self, hubspot: Play) -> None:
        calls = {version: hubspot.caller() for version in ("v3", "2026-03", "2026-09")}
        for version, caller in calls.items():
            caller.version = version

        made = [caller.make("companies", name=version) for version, caller in calls.items()]

        assert [caller.objects("GET", "companies").ids for caller in calls.values()] == [made] * 3

    @pytest.mark.parametrize(
        "path",
        [
            "/crm/objects/2027-03-beta/contacts",
            "/crm/objects/v3/contacts",
            "/crm/v4/objects/contacts",
            "/crm/v2/objects/contacts",
            "/crm/v3/associations/contacts/companies/labels",
            "/oauth/v9/token",
            "/nothing",
            "/",
        ],
    )
    def test_answers_404_for_versions_and_paths_that_do_not_exist(self, api: Caller, path: str) -> None:
        assert api.send("GET", path).status == 404

    def test_answers_405_for_a_method_that_a_path_does_not_have(self, api: Caller) -> None:
        assert api.send("PUT", "/crm/objects/2026-09/contacts").status == 405

    def test_tells_the_route_without_ids_and_what_was_written(self, api: Caller) -> None:
        answer = api.objects("POST", "contacts/batch/create", {"inputs": [{"properties": {"lastname": name}} for name in "AB"]})

        assert answer.response.route == "/crm/objects/{version}/{type}/batch/create"
        assert answer.response.written == [("create", "contacts")] * 2


class TestSeed:
    def test_sets_read_only_values_and_relations(self) -> None:
        seed = {
            "portals": [
                {
                    **SEED["portals"][0],
                    "objects": {
                        "companies": [{"key": "a", "properties": {"name": "A"}}, {"key": "b", "properties": {"name": "B"}}],
                        "contacts": [{"key": "p", "properties": {"lastname": "N"}, "companies": ["b", "a"], "created_days_ago": 2}],
                        "invoices": [
                            {
                                "key": "i",
                                "properties": {"hs_currency": "USD", "hs_invoice_source": "data_sync"},
                                "contacts": ["p"],
                                "line_items": [{"properties": {"name": "L", "price": "5", "quantity": "2"}}],
                            }
                        ],
                    },
                }
            ]
        }

        api = play(seed).caller()

        contact = api.objects("GET", "contacts", associations="companies").json["results"][0]
        assert contact["createdAt"] == contact["updatedAt"] == "2026-11-24T09:00:00.000Z"
        types = [one["type"] for one in contact["associations"]["companies"]["results"]]
        assert types == ["contact_to_company", "contact_to_company_unlabeled", "contact_to_company_unlabeled"]
        primary = contact["associations"]["companies"]["results"][0]["id"]
        assert api.read("companies", primary, "name")["name"] == "B"
        invoice = api.objects("GET", "invoices", properties="hs_invoice_source").json["results"][0]
        assert invoice["properties"]["hs_invoice_source"] == "data_sync"
        assert api.objects("GET", "line_items").json["results"][0]["properties"]["amount"] == "10"
