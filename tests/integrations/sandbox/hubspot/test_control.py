"""What the control face asks of HubSpot: edits, bulk data, faults, dump, page, state file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.messages import BadControl, Request, Response
from integrations.sandbox.world import World
from tests.integrations.sandbox.hubspot.calling import Answer, Caller, Play

PAGE = "/_sandbox/records"


def batch_request(api: Caller, kind: str, verb: str, inputs: list[Any]) -> Request:
    return Request(
        method="POST",
        raw_path=f"/crm/objects/2026-09/{kind}/batch/{verb}",
        headers={"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"},
        body=json.dumps({"inputs": inputs}).encode(),
    )


class TestEdit:
    def test_changes_a_record_as_a_person_does(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")
        before = api.objects("GET", f"contacts/{contact}").json["updatedAt"]

        answer = hubspot.face.edit({"type": "contacts", "id": contact, "set": {"city": "Denver"}})

        after = api.objects("GET", f"contacts/{contact}", properties="city,hs_updated_by_user_id").json
        assert answer["id"] == contact
        assert (after["properties"]["city"], after["properties"]["hs_updated_by_user_id"]) == ("Denver", "9")
        assert after["updatedAt"] > before

    def test_moves_a_lifecycle_stage_back_which_an_app_cannot(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", lifecyclestage="customer")

        hubspot.face.edit({"type": "contacts", "id": contact, "set": {"lifecyclestage": "lead"}})

        assert api.read("contacts", contact, "lifecyclestage")["lifecyclestage"] == "lead"

    def test_makes_archives_and_merges(self, hubspot: Play, api: Caller) -> None:
        one = hubspot.face.edit({"type": "companies", "create": {"name": "A"}})["id"]
        two = hubspot.face.edit({"type": "company", "create": {"name": "B"}})["id"]
        gone = hubspot.face.edit({"type": "companies", "create": {"name": "C"}})["id"]

        hubspot.face.edit({"type": "companies", "id": gone, "delete": True})
        merged = hubspot.face.edit({"type": "companies", "merge": [one, two]})["id"]

        assert api.objects("GET", "companies").ids == [merged]
        assert api.objects("GET", "companies", archived="true").ids == [gone]

    def test_restores(self, hubspot: Play, api: Caller) -> None:
        one = hubspot.face.edit({"type": "contacts", "create": {"email": "ann@example.com"}})["id"]
        before = api.read("contacts", one, "lastmodifieddate")["lastmodifieddate"]
        hubspot.face.edit({"type": "contacts", "id": one, "delete": True})

        hubspot.face.edit({"type": "contacts", "id": one, "restore": True})

        assert (api.objects("GET", "contacts").ids, api.objects("GET", "contacts", archived="true").ids) == ([one], [])
        assert api.read("contacts", one, "lastmodifieddate")["lastmodifieddate"] > before

    def test_restores_nobody_whose_address_is_taken(self, hubspot: Play) -> None:
        one = hubspot.face.edit({"type": "contacts", "create": {"email": "ann@example.com"}})["id"]
        hubspot.face.edit({"type": "contacts", "id": one, "delete": True})
        hubspot.face.edit({"type": "contacts", "create": {"email": "ann@example.com"}})

        with pytest.raises(BadControl, match="address"):
            hubspot.face.edit({"type": "contacts", "id": one, "restore": True})

    def test_finds_the_portal_by_the_record(self, hubspot: Play) -> None:
        other = Caller(hubspot.face, hubspot.face.mint({"portal_id": 555})["access_token"])
        contact = other.make("contacts", lastname="N")

        hubspot.face.edit({"type": "contacts", "id": contact, "set": {"city": "Denver"}})

        assert other.read("contacts", contact, "city")["city"] == "Denver"

    @pytest.mark.parametrize(
        "wanted",
        [
            {"type": "gadgets", "create": {"name": "A"}},
            {"type": "contacts", "create": {"shoe_size": "46"}},
            {"type": "contacts", "create": {"lastname": "N", "createdate": "2020-01-01"}},
            {"type": "contacts", "create": {"email": "nobody"}},
            {"type": "contacts", "create": {"email": "ana@example.com"}},
            {"type": "contacts", "id": "5", "set": {"city": "X"}},
            {"type": "contacts", "id": "5", "delete": True},
            {"type": "contacts", "merge": ["5", "6"]},
            {"type": "products", "merge": ["5", "6"]},
            {"type": "contacts", "merge": ["5"]},
            {"type": "contacts", "id": "5"},
            {"type": "contacts", "create": {"lastname": "N"}, "delete": True},
            {"type": "contacts", "create": {"lastname": "N"}, "portal_id": "1"},
        ],
    )
    def test_refuses_what_the_screen_would_not_take(self, hubspot: Play, api: Caller, wanted: dict[str, Any]) -> None:
        api.make("contacts", email="ana@example.com")

        with pytest.raises(BadControl):
            hubspot.face.edit(wanted)

        assert len(api.objects("GET", "contacts").ids) == 1


class TestGenerate:
    def test_makes_believable_records_that_belong_together(self, hubspot: Play, api: Caller) -> None:
        wanted = {"contacts": 30, "companies": 10, "products": 5, "deals": 8, "invoices": 6, "random_seed": 7}

        made = hubspot.face.generate(wanted)

        assert made == {"companies": 10, "contacts": 30, "products": 5, "deals": 8, "invoices": 6, "skipped": 0}
        contacts = api.objects("GET", "contacts", limit="100", associations="companies", properties="company,email").json["results"]
        assert all(one["properties"]["email"] for one in contacts)
        linked = [one for one in contacts if "associations" in one]
        assert linked
        company = linked[0]["associations"]["companies"]["results"][0]["id"]
        assert api.read("companies", company, "name")["name"] == linked[0]["properties"]["company"]
        invoice = api.objects("GET", "invoices", associations="line_items,contacts").json["results"][0]
        assert set(invoice["associations"]) == {"line items", "contacts"}

    def test_makes_the_same_from_the_same_seed_and_another_from_another(self, hubspot: Play) -> None:
        def emails(portal: int, seed: int) -> list[str]:
            api = Caller(hubspot.face, hubspot.face.mint({"portal_id": portal})["access_token"])
            hubspot.face.generate({"contacts": 20, "random_seed": seed, "portal_id": portal, "messy": True})
            results = api.objects("GET", "contacts", limit="100", properties="email").json["results"]
            return [one["properties"]["email"] for one in results]

        assert emails(1, 7) == emails(2, 7)
        assert emails(3, 7) != emails(4, 8)

    def test_tells_what_hubspot_would_not_have_twice(self, hubspot: Play) -> None:
        hubspot.face.generate({"contacts": 20, "random_seed": 7})

        assert hubspot.face.generate({"contacts": 20, "random_seed": 7}) == {"contacts": 0, "skipped": 20}


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "fault", "status", "word"),
        [
            ("status", {"status": 503}, 503, "unavailable"),
            ("status", {"status": 423}, 423, "locked"),
            ("status", {"status": 502}, 502, "Bad gateway"),
            ("token_expired", {}, 401, "EXPIRED_AUTHENTICATION"),
            ("rate_limited", {}, 429, "TEN_SECONDLY_ROLLING"),
            ("rate_limited", {"policy": "DAILY"}, 429, "DAILY"),
            ("rate_limited", {"policy": "SECONDLY"}, 429, "RATE_LIMITS"),
            ("partial", {}, 503, "unavailable"),
        ],
    )
    def test_look_like_hubspots_own(self, hubspot: Play, api: Caller, kind: str, fault: dict[str, Any], status: int, word: str) -> None:
        request = Request(method="GET", raw_path="/crm/objects/2026-09/contacts/51")

        response = hubspot.face.fault(kind, fault, request)

        assert (response.status, response.route) == (status, "/crm/objects/{version}/{type}/{id}")
        assert word in response.body.decode()
        assert "Retry-After" not in response.headers
        assert response.headers["X-HubSpot-Correlation-Id"]

    def test_say_when_to_come_back_if_told_to(self, hubspot: Play) -> None:
        request = Request(method="GET", raw_path="/crm/objects/2026-09/contacts")

        assert hubspot.face.fault("rate_limited", {"retry_after": 7}, request).headers["Retry-After"] == "7"
        assert hubspot.face.fault("status", {"status": 477, "retry_after": 9}, request).headers["Retry-After"] == "9"
        assert hubspot.face.fault("status", {"status": 477}, request).headers["Retry-After"] == "60"

    def test_do_half_a_batch_for_real_and_fail_the_rest(self, hubspot: Play, api: Caller) -> None:
        inputs = [{"properties": {"name": name}, "objectWriteTraceId": name} for name in "ABC"]

        answer = Answer(hubspot.face.fault("partial", {}, batch_request(api, "companies", "create", inputs)))

        assert (answer.status, answer.json["numErrors"]) == (207, 2)
        assert [one["objectWriteTraceId"] for one in answer.json["results"]] == ["A"]
        assert [one["context"] for one in answer.json["errors"]] == [{"objectWriteTraceId": ["B"]}, {"objectWriteTraceId": ["C"]}]
        assert [one["properties"]["name"] for one in api.objects("GET", "companies").json["results"]] == ["A"]
        assert answer.response.written == [("create", "companies")]

    def test_refuse_a_policy_that_hubspot_does_not_have(self, hubspot: Play) -> None:
        with pytest.raises(BadControl, match="WEEKLY"):
            hubspot.face.fault("rate_limited", {"policy": "WEEKLY"}, Request(method="GET", raw_path="/"))


class TestDump:
    def test_holds_everything_but_secrets(self, hubspot: Play, api: Caller) -> None:
        minted = hubspot.face.mint({})
        contact = api.make("contacts", lastname="N")
        company = api.make("companies", name="A")
        api.objects("PUT", f"contacts/{contact}/associations/default/companies/{company}")

        text = json.dumps(hubspot.face.dump())

        portal = json.loads(text)["portals"][0]
        assert portal["objects"]["contacts"][0]["associations"] == {"companies": {company: [1, 279]}}
        assert not any(minted[name] in text for name in ("access_token", "refresh_token", "client_secret"))
        assert api.token not in text


class TestPage:
    def show(self, hubspot: Play, **query: str) -> str:
        response = hubspot.face.records_page(Request(method="GET", raw_path=PAGE, query=tuple(query.items())))
        assert response.status == 200
        return response.body.decode()

    def post(self, hubspot: Play, **form: str) -> Response:
        return hubspot.face.records_page(Request(method="POST", raw_path=PAGE, body=urlencode(form).encode()))

    def test_shows_portal_counts_and_records_in_pages_without_script(self, hubspot: Play, api: Caller) -> None:
        hubspot.face.generate({"contacts": 30, "random_seed": 7})
        api.make("companies", name='<b>"Dewey" & Sons</b>')

        contacts, companies = self.show(hubspot), self.show(hubspot, type="companies")

        assert "HubSpot sandbox: Harborlight (portal 48210077)" in contacts
        assert ("Contact records: 30" in contacts, "Company records: 1" in contacts, "Next page" in contacts) == (True, True, True)
        assert contacts.count("<tr>") == 26
        assert "&lt;b&gt;&quot;Dewey&quot; &amp; Sons&lt;/b&gt;" in companies
        assert "<script" not in contacts

    def test_finds_by_words(self, hubspot: Play, api: Caller) -> None:
        contact, other = api.make("contacts", firstname="Ana", lastname="Nowak"), api.make("contacts", lastname="Zhang")

        html = self.show(hubspot, q="nowak ana")

        assert (contact in html, other in html) == (True, False)

    def test_edits_makes_and_archives_like_the_screen(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N", city="Austin")
        assert 'value="Austin"' in self.show(hubspot, id=contact)

        saved = self.post(hubspot, type="contacts", id=contact, command="save", lastname="N", city="Denver")
        made = self.post(hubspot, type="companies", command="create", name="Acme")
        archived = self.post(hubspot, type="contacts", id=contact, command="archive")

        assert [one.status for one in (saved, made, archived)] == [303] * 3
        assert saved.headers["Location"].startswith(f"{PAGE}?portal=48210077&type=contacts&")
        found = api.objects("GET", f"contacts/{contact}", archived="true", properties="city").json
        assert found["properties"]["city"] == "Denver"
        assert api.objects("GET", "companies").json["results"][0]["properties"]["name"] == "Acme"

    def test_tells_a_person_what_hubspot_does_not_take(self, hubspot: Play, api: Caller) -> None:
        contact = api.make("contacts", lastname="N")

        response = self.post(hubspot, type="contacts", id=contact, command="save", email="nobody")

        assert (response.status, "Email address nobody is invalid" in response.body.decode()) == (400, True)


class TestStateFile:
    def test_holds_everything_over_a_restart(self, tmp_path: Path) -> None:
        world = World(state=tmp_path / "state.sqlite3")
        face = HubSpotFace(world)
        token = face.mint({})["access_token"]
        api = Caller(face, token)
        api.define_unique("contacts", "qbo_id")
        one, two = api.make("contacts", email="ana@example.com", qbo_id="9:1"), api.make("contacts", email="bo@example.com")
        company, gone = api.make("companies", name="A"), api.make("companies", name="B")
        api.objects("PUT", f"contacts/{one}/associations/default/companies/{company}")
        api.objects("DELETE", f"companies/{gone}")
        merged = api.objects("POST", "contacts/merge", {"primaryObjectId": one, "objectIdToMerge": two}).json["id"]
        before = face.dump()
        world.store.close()

        reopened = World(state=tmp_path / "state.sqlite3")
        again = HubSpotFace(reopened)
        api = Caller(again, token)

        assert again.dump()["portals"] == before["portals"]
        assert api.objects("GET", f"contacts/{two}").json["id"] == merged
        assert api.objects("GET", "contacts/9%3A1", idProperty="qbo_id").json["id"] == merged
        assert api.objects("POST", "contacts", {"properties": {"email": "bo@example.com"}}).status == 409
        assert api.objects("GET", f"contacts/{merged}/associations/companies").json["results"][0]["toObjectId"] == int(company)
        assert api.objects("GET", "companies", archived="true").ids == [gone]
        reopened.set_switch("hubspot.index_delay", 0.0)
        assert api.objects("POST", "contacts/search", {}).ids == [merged]
        assert int(api.make("companies", name="C")) > int(merged)
        reopened.store.close()
