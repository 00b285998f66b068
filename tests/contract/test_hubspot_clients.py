"""HubSpot's own client libraries, unmodified, and plain HTTP, against the sandbox with only the base URL changed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import hubspot
import hubspot_sdk
import pytest
from hubspot.crm import associations, companies, contacts, properties
from hubspot.utils import oauth as oauth_helper

from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.server import Server
from integrations.sandbox.world import World

RETURN = "http://127.0.0.1:8000/callback/"
PORTAL_ID = 48_210_077
OWNER = {"id": "41", "email": "dana@harborlight.example", "firstName": "Dana", "lastName": "Whitfield", "userId": 9}
PORTAL = {"portal_id": str(PORTAL_ID), "name": "Harborlight", "time_zone": "America/New_York", "currency": "USD", "owners": [OWNER]}


@dataclass(frozen=True)
class Sandbox:
    """A running HubSpot face, and an app that may do everything."""

    url: str
    app: dict[str, Any]

    @property
    def token(self) -> str:
        return str(self.app["access_token"])

    def send(self, method: str, path: str, body: object = None, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        sent = None if body is None else body if isinstance(body, str) else json.dumps(body)
        known = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, sent, known | {name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def called(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        response, content = self.send(method, path, body)
        return response.status, json.loads(content) if content else None


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    world = World()
    face = HubSpotFace(world)
    face.reset({"hubspot": {"portals": [PORTAL]}})
    world.set_switch("hubspot.index_delay", 0.0)
    with Server(face=face, world=world, port=0) as server:
        yield Sandbox(url=server.url, app=face.mint({}))


@pytest.fixture
def legacy(sandbox: Sandbox) -> hubspot.HubSpot:
    return hubspot.HubSpot(access_token=sandbox.token, host=sandbox.url)


@pytest.fixture
def dated(sandbox: Sandbox) -> Iterator[hubspot_sdk.HubSpot]:
    with hubspot_sdk.HubSpot(access_token=sandbox.token, base_url=sandbox.url, max_retries=0) as client:
        yield client


class TestLegacyLibrary:
    """`hubspot-api-client`: v3 objects, v4 associations, the OAuth helper."""

    def made(self, legacy: hubspot.HubSpot, **values: str) -> str:
        wanted = contacts.SimplePublicObjectInputForCreate(properties=values, associations=[])
        return str(legacy.crm.contacts.basic_api.create(simple_public_object_input_for_create=wanted).id)

    def company(self, legacy: hubspot.HubSpot, name: str) -> str:
        wanted = companies.SimplePublicObjectInputForCreate(properties={"name": name}, associations=[])
        return str(legacy.crm.companies.basic_api.create(simple_public_object_input_for_create=wanted).id)

    def test_makes_reads_changes_lists_and_archives(self, legacy: hubspot.HubSpot) -> None:
        api = legacy.crm.contacts.basic_api
        contact = self.made(legacy, email="ana@example.com", lastname="Nowak")

        api.update(contact_id=contact, simple_public_object_input=contacts.SimplePublicObjectInput(properties={"city": "Austin"}))
        found = api.get_by_id(contact_id="ana@example.com", id_property="email", properties=["city", "lastname"], archived=False)
        page = api.get_page(limit=1, properties_with_history=["city"], archived=False)

        assert (found.id, found.properties["city"], found.properties["lastname"]) == (contact, "Austin", "Nowak")
        assert found.created_at.tzinfo is not None
        assert page.results[0].properties_with_history["city"][0].value == "Austin"
        api.archive(contact_id=contact)
        with pytest.raises(contacts.ApiException) as refused:
            api.get_by_id(contact_id=contact)
        assert refused.value.status == 404

    def test_walks_every_page(self, legacy: hubspot.HubSpot) -> None:
        made = [self.made(legacy, lastname=str(number)) for number in range(205)]

        assert [one.id for one in legacy.crm.contacts.get_all()] == made

    def test_meets_the_conflict_of_a_taken_address(self, legacy: hubspot.HubSpot) -> None:
        contact = self.made(legacy, email="ana@example.com")

        with pytest.raises(contacts.ApiException) as refused:
            self.made(legacy, email="ana@example.com")

        assert refused.value.status == 409
        assert json.loads(refused.value.body)["message"] == f"Contact already exists. Existing ID: {contact}"

    def test_works_in_batches_with_partial_success(self, legacy: hubspot.HubSpot) -> None:
        api = legacy.crm.contacts.batch_api
        inputs = [
            contacts.SimplePublicObjectBatchInputForCreate(properties=values, associations=[], object_write_trace_id=trace)
            for trace, values in (("r1", {"lastname": "A"}), ("r2", {"email": "nobody"}))
        ]

        body = contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)

        made = api.create(batch_input_simple_public_object_batch_input_for_create=body)
        read = api.read(
            batch_read_input_simple_public_object_id=contacts.BatchReadInputSimplePublicObjectId(
                inputs=[{"id": made.results[0].id}, {"id": "7"}], properties=["lastname"], properties_with_history=[]
            ),
            archived=False,
        )

        assert isinstance(made, contacts.BatchResponseSimplePublicObjectWithErrors)
        assert [one.object_write_trace_id for one in made.results] == ["r1"]
        assert made.errors[0].context == {"objectWriteTraceId": ["r2"]}
        assert isinstance(read, contacts.BatchResponseSimplePublicObjectWithErrors)
        assert (read.results[0].properties["lastname"], read.errors[0].category) == ("A", "OBJECT_NOT_FOUND")
        api.archive(batch_input_simple_public_object_id=contacts.BatchInputSimplePublicObjectId(inputs=[{"id": made.results[0].id}]))
        assert legacy.crm.contacts.get_all() == []

    def test_upserts_by_a_unique_property_that_it_defined(self, legacy: hubspot.HubSpot) -> None:
        legacy.crm.properties.groups_api.create(
            object_type="contacts", property_group_create=properties.PropertyGroupCreate(name="quickbooks", label="QuickBooks")
        )
        made = legacy.crm.properties.core_api.create(
            object_type="contacts",
            property_create=properties.PropertyCreate(
                name="qbo_id", label="QBO id", type="string", field_type="text", group_name="quickbooks", has_unique_value=True
            ),
        )
        inputs = [contacts.SimplePublicObjectBatchInputUpsert(id="9:1", id_property="qbo_id", properties={"lastname": "N"})]
        body = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=inputs)

        answers = [legacy.crm.contacts.batch_api.upsert(batch_input_simple_public_object_batch_input_upsert=body) for _ in range(2)]

        assert (made.has_unique_value, made.modification_metadata.archivable) == (True, True)
        assert [answer.results[0].new for answer in answers] == [True, False]
        assert answers[0].results[0].id == answers[1].results[0].id
        assert "qbo_id" in [one.name for one in legacy.crm.properties.core_api.get_all(object_type="contacts").results]

    def test_searches(self, legacy: hubspot.HubSpot) -> None:
        contact = self.made(legacy, lastname="Nowak")
        self.made(legacy, lastname="Zhang")
        wanted = contacts.PublicObjectSearchRequest(
            filter_groups=[{"filters": [{"propertyName": "lastname", "operator": "EQ", "value": "nowak"}]}],
            sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            properties=["lastname"],
            limit=200,
        )

        found = legacy.crm.contacts.search_api.do_search(public_object_search_request=wanted)

        assert (found.total, [one.id for one in found.results]) == (1, [contact])

    def test_associates_by_the_fourth_version(self, legacy: hubspot.HubSpot) -> None:
        contact, company = self.made(legacy, lastname="Nowak"), self.company(legacy, "Acme")
        api = legacy.crm.associations.v4

        default = api.basic_api.create_default(
            from_object_type="contacts", from_object_id=contact, to_object_type="companies", to_object_id=company
        )
        labelled = api.basic_api.create(
            object_type="contacts",
            object_id=contact,
            to_object_type="companies",
            to_object_id=company,
            association_spec=[associations.v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=1)],
        )
        page = api.basic_api.get_page(object_type="contacts", object_id=contact, to_object_type="companies")
        batch = api.batch_api.get_page(
            from_object_type="companies",
            to_object_type="contacts",
            batch_input_public_fetch_associations_batch_request={"inputs": [{"id": company}]},
        )
        inline = legacy.crm.contacts.basic_api.get_by_id(contact_id=contact, associations=["companies"])

        assert len(default.results) == 2
        assert labelled.labels == ["Primary"]
        assert [(one.type_id, one.label) for one in page.results[0].association_types] == [(1, "Primary"), (279, None)]
        assert str(page.results[0].to_object_id) == company
        assert [str(one.to_object_id) for one in batch.results[0].to] == [contact]
        assert [one.type for one in inline.associations["companies"].results] == ["contact_to_company", "contact_to_company_unlabeled"]
        api.basic_api.archive(object_type="contacts", object_id=contact, to_object_type="companies", to_object_id=company)
        assert api.basic_api.get_page(object_type="contacts", object_id=contact, to_object_type="companies").results == []

    def test_knows_labels_owners_pipelines_and_merges(self, legacy: hubspot.HubSpot) -> None:
        labels = legacy.crm.associations.v4.schema.definitions_api.get_all(from_object_type="invoices", to_object_type="deals").results
        owners = legacy.crm.owners.owners_api.get_page(email="dana@harborlight.example", limit=100, archived=False).results
        stages = legacy.crm.pipelines.pipelines_api.get_all(object_type="deals").results[0].stages
        one, two = self.company(legacy, "A"), self.company(legacy, "B")
        merged = self.merged(legacy, one, two)

        assert [(label.category, label.type_id, label.label) for label in labels] == [("HUBSPOT_DEFINED", 175, None)]
        assert [(owner.id, owner.first_name) for owner in owners] == [("41", "Dana")]
        assert stages[-1].metadata["isClosed"] == "true"
        assert legacy.crm.companies.basic_api.get_by_id(company_id=one).id == merged

    def merged(self, legacy: hubspot.HubSpot, one: str, two: str) -> str:
        wanted = companies.PublicMergeInput(primary_object_id=one, object_id_to_merge=two)
        return str(legacy.crm.companies.basic_api.merge(public_merge_input=wanted).id)

    def test_exchanges_and_refreshes_tokens(self, sandbox: Sandbox) -> None:
        client = hubspot.HubSpot(host=sandbox.url)
        url = oauth_helper.get_auth_url(
            client_id=sandbox.app["client_id"], redirect_uri=RETURN, scope=("oauth", "crm.objects.contacts.read"), state="s 1"
        )
        code = consented(sandbox, urlsplit(url).query)
        known = {"client_id": sandbox.app["client_id"], "client_secret": sandbox.app["client_secret"]}

        tokens = client.oauth.tokens_api.create(grant_type="authorization_code", code=code, redirect_uri=RETURN, **known)
        again = client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **known)
        about = client.oauth.access_tokens_api.get(again.access_token)

        assert (tokens.expires_in, again.refresh_token) == (1800, tokens.refresh_token)
        assert (about.hub_id, about.scopes) == (PORTAL_ID, ["oauth", "crm.objects.contacts.read"])
        assert hubspot.HubSpot(access_token=again.access_token, host=sandbox.url).crm.contacts.get_all() == []
        client.oauth.refresh_tokens_api.archive(tokens.refresh_token)
        with pytest.raises(hubspot.oauth.ApiException) as refused:
            client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=tokens.refresh_token, **known)
        assert json.loads(refused.value.body)["status"] == "BAD_REFRESH_TOKEN"


def consented(sandbox: Sandbox, query: str) -> str:
    """Open the consent page, allow, and give the code that comes back."""
    page, _ = sandbox.send("GET", f"/oauth/authorize?{query}")
    assert page.status == 200
    form = urlencode({"account": PORTAL_ID, "decision": "allow"}) + "&" + query
    response, _ = sandbox.send("POST", "/oauth/authorize", form, Content_Type="application/x-www-form-urlencoded")
    back = parse_qs(urlsplit(response.headers["Location"]).query)
    assert back["state"] == ["s 1"]
    return back["code"][0]


class TestDatedLibrary:
    """`hubspot-sdk`: 2026-03."""

    def test_makes_reads_changes_lists_and_archives(self, dated: hubspot_sdk.HubSpot) -> None:
        api = dated.crm.objects.contacts
        contact = api.create(properties={"email": "ana@example.com", "lastname": "Nowak"}, associations=[]).id

        api.update(contact, properties={"city": "Austin"})
        found = api.get(contact, properties=["city", "lastname"])
        listed = api.list(limit=10, properties=["city", "email"])

        assert found.properties == found.properties | {"city": "Austin", "lastname": "Nowak"}
        assert [one.properties["email"] for one in listed.results] == ["ana@example.com"]
        api.delete(contact)
        with pytest.raises(hubspot_sdk.NotFoundError):
            api.get(contact)

    def test_pages_by_itself(self, dated: hubspot_sdk.HubSpot) -> None:
        for number in range(5):
            dated.crm.objects.companies.create(properties={"name": str(number)}, associations=[])

        names = [one.properties["name"] for one in dated.crm.objects.companies.list(limit=2)]

        assert names == ["0", "1", "2", "3", "4"]

    def test_works_in_batches_with_partial_success(self, dated: hubspot_sdk.HubSpot) -> None:
        api = dated.crm.objects.contacts.batch
        made = api.create(
            inputs=[
                {"properties": {"lastname": "A"}, "associations": [], "object_write_trace_id": "r1"},
                {"properties": {"email": "nobody"}, "associations": [], "object_write_trace_id": "r2"},
            ]
        )
        contact = made.results[0].id

        updated = api.update(inputs=[{"id": contact, "properties": {"city": "Austin"}}])
        read = api.get(inputs=[{"id": contact}, {"id": "7"}], properties=["city"], properties_with_history=[])

        assert made.model_extra["numErrors"] == 1
        assert [one.object_write_trace_id for one in made.results] == ["r1"]
        assert [one.id for one in updated.results] == [contact]
        assert read.results[0].properties["city"] == "Austin"
        assert read.errors[0]["context"] == {"ids": ["7"]}
        api.delete(inputs=[{"id": contact}])
        assert dated.crm.objects.contacts.list().results == []

    def test_upserts_by_a_unique_property_that_it_defined(self, dated: hubspot_sdk.HubSpot) -> None:
        dated.crm.properties.groups.create("companies", name="quickbooks", label="QuickBooks")
        made = dated.crm.properties.create(
            "companies", name="qbo_id", label="QBO id", type="string", field_type="text", group_name="quickbooks", has_unique_value=True
        )
        inputs = [{"id": "9:1", "id_property": "qbo_id", "properties": {"name": "Acme"}}]

        answers = [dated.crm.objects.companies.batch.upsert(inputs=inputs) for _ in range(2)]

        assert made.has_unique_value is True
        assert [answer.results[0].new for answer in answers] == [True, False]
        assert dated.crm.objects.companies.get("9:1", id_property="qbo_id").properties["name"] == "Acme"

    def test_searches_and_merges(self, dated: hubspot_sdk.HubSpot) -> None:
        api = dated.crm.objects.companies
        one, two = (api.create(properties={"name": name}, associations=[]).id for name in "AB")
        conditions = [{"filters": [{"property_name": "name", "operator": "EQ", "value": "b"}]}]

        found = api.search(filter_groups=conditions, properties=["name"], sorts=["name"], limit=10, after="0")
        merged = api.merge(primary_object_id=one, object_id_to_merge=two)

        assert (found.total, found.results[0].id) == (1, two)
        assert api.get(two).id == merged.id

    def test_associates(self, dated: hubspot_sdk.HubSpot) -> None:
        contact = dated.crm.objects.contacts.create(properties={"lastname": "N"}, associations=[]).id
        company = dated.crm.objects.companies.create(properties={"name": "Acme"}, associations=[]).id
        pair = {"from_object_type": "contacts", "inputs": [{"from": {"id": contact}, "to": {"id": company}}]}

        made = dated.crm.associations.batch.create_default("companies", **pair)
        listed = dated.crm.associations.list("companies", object_type="contacts", object_id=contact)
        read = dated.crm.associations.batch.get("companies", from_object_type="contacts", inputs=[{"id": contact}])
        labels = dated.crm.associations_schema.labels.list_labels("companies", from_object_type="contacts")

        assert len(made.results) == 2
        assert [str(one.to_object_id) for one in listed.results] == [company]
        assert [one.type_id for one in read.results[0].to[0].association_types] == [1, 279]
        assert {one.type_id for one in labels.results} >= {1, 279}

    def test_knows_the_account_owners_and_what_it_may_not_do(self, sandbox: Sandbox, dated: hubspot_sdk.HubSpot) -> None:
        assert dated.crm.owners.get(41, id_property="id").first_name == "Dana"
        assert dated.account.get().portal_id == PORTAL_ID
        with (
            hubspot_sdk.HubSpot(access_token="nonsense", base_url=sandbox.url, max_retries=0) as stranger,
            pytest.raises(hubspot_sdk.AuthenticationError),
        ):
            stranger.crm.objects.contacts.list()

    def test_is_refused_when_it_sends_json_for_a_token(self, sandbox: Sandbox, dated: hubspot_sdk.HubSpot) -> None:
        with pytest.raises(hubspot_sdk.BadRequestError):
            dated.auth.oauth.create_token(
                grant_type="refresh_token",
                refresh_token=sandbox.app["refresh_token"],
                client_id=sandbox.app["client_id"],
                client_secret=sandbox.app["client_secret"],
            )


class TestPlainHttp:
    """2026-09, without a library."""

    def test_sees_the_records_of_the_other_versions(self, sandbox: Sandbox, legacy: hubspot.HubSpot, dated: hubspot_sdk.HubSpot) -> None:
        made = [
            dated.crm.objects.companies.create(properties={"name": "A"}, associations=[]).id,
            TestLegacyLibrary().company(legacy, "B"),
            sandbox.called("POST", "/crm/objects/2026-09/companies", {"properties": {"name": "C"}})[1]["id"],
        ]

        status, page = sandbox.called("GET", "/crm/objects/2026-09/companies")

        assert (status, [one["id"] for one in page["results"]]) == (200, made)

    def test_follows_the_link_to_the_next_page(self, sandbox: Sandbox) -> None:
        for name in "ABC":
            sandbox.called("POST", "/crm/objects/2026-09/companies", {"properties": {"name": name}})
        _, first = sandbox.called("GET", "/crm/objects/2026-09/companies?limit=2&properties=name")
        link = first["paging"]["next"]["link"]

        assert link.startswith(f"{sandbox.url}/crm/objects/2026-09/companies?")
        _, second = sandbox.called("GET", link.removeprefix(sandbox.url))

        assert [one["properties"]["name"] for one in second["results"]] == ["C"]

    def test_keeps_slashes_and_signs_inside_an_id(self, sandbox: Sandbox) -> None:
        wanted = {"name": "k", "label": "K", "type": "string", "fieldType": "text", "groupName": "companyinformation"}
        wanted |= {"hasUniqueValue": True}
        assert sandbox.called("POST", "/crm/properties/2026-09/companies", wanted)[0] == 201
        sandbox.called("POST", "/crm/objects/2026-09/companies", {"properties": {"name": "Żółć & Söhne", "k": "a/b c%?"}})

        status, found = sandbox.called("GET", "/crm/objects/2026-09/companies/a%2Fb%20c%25%3F?idProperty=k&properties=name")

        assert (status, found["properties"]["name"]) == (200, "Żółć & Söhne")

    def test_gets_an_error_with_its_correlation_id(self, sandbox: Sandbox) -> None:
        response, content = sandbox.send("POST", "/crm/objects/2026-09/contacts", "{", X_Other="1")

        body = json.loads(content)
        assert (response.status, body["category"]) == (400, "VALIDATION_ERROR")
        assert body["correlationId"] == response.headers["X-HubSpot-Correlation-Id"]
        assert response.headers["Content-Type"] == "application/json;charset=utf-8"
