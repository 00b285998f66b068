"""Who may call, and how often: tokens, scopes, limits."""

from __future__ import annotations

import re

import pytest

from integrations.sandbox.messages import BadControl
from tests.integrations.sandbox.hubspot.calling import SEED, Caller, Play


class TestTokens:
    @pytest.mark.parametrize("header", ["", "Bearer ", "Bearer nonsense", "Basic nonsense"])
    def test_are_needed_for_every_call(self, api: Caller, header: str) -> None:
        answer = api.raw("GET", "/crm/objects/2026-09/contacts", query=[("hapikey", "demo")], Authorization=header)

        assert (answer.status, answer.json["category"]) == (401, "INVALID_AUTHENTICATION")
        assert answer.json["message"].startswith("Authentication credentials not found.")

    def test_expire_after_half_an_hour(self, hubspot: Play, api: Caller) -> None:
        hubspot.world.advance(1_799)
        assert api.objects("GET", "contacts").status == 200
        hubspot.world.advance(133)

        answer = api.objects("GET", "contacts")

        assert (answer.status, answer.json["category"]) == (401, "EXPIRED_AUTHENTICATION")
        assert answer.json["message"] == "The OAuth token used to make this call expired 132 second(s) ago."

    def test_of_a_service_key_do_not_expire(self, hubspot: Play) -> None:
        minted = hubspot.face.mint({"kind": "service_key"})
        hubspot.world.advance(10_000_000)

        assert re.fullmatch(r"pat-na1-[0-9a-f-]{36}", minted["access_token"])
        assert (minted["refresh_token"], minted["expires_in"]) == (None, None)
        assert Caller(hubspot.face, minted["access_token"]).objects("GET", "contacts").status == 200

    def test_work_only_in_their_own_portal(self, hubspot: Play, api: Caller) -> None:
        api.make("contacts", lastname="N")

        minted = hubspot.face.mint({"portal_id": 555})

        assert minted["portal_id"] == 555
        assert Caller(hubspot.face, minted["access_token"]).objects("GET", "contacts").ids == []

    def test_stay_good_after_a_reset_for_portals_that_still_exist(self, hubspot: Play, api: Caller) -> None:
        other = Caller(hubspot.face, hubspot.face.mint({"portal_id": 555})["access_token"])
        api.make("contacts", lastname="N")

        hubspot.face.reset({"hubspot": SEED})

        assert api.objects("GET", "contacts").ids == []
        assert other.objects("GET", "contacts").status == 401


class TestScopes:
    def test_are_checked_on_every_call_and_named(self, hubspot: Play) -> None:
        api = hubspot.caller(scopes=["crm.objects.contacts.read"])

        assert api.objects("GET", "contacts").status == 200
        answer = api.objects("POST", "contacts", {"properties": {"lastname": "N"}})

        assert (answer.status, answer.json["category"]) == (403, "MISSING_SCOPES")
        assert answer.json["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.contacts.write"]}

    @pytest.mark.parametrize(
        ("scope", "method", "path", "status"),
        [
            ("crm.objects.companies.read", "GET", "/crm/objects/2026-09/contacts", 403),
            ("crm.objects.contacts.read", "GET", "/crm/properties/2026-09/contacts", 200),
            ("crm.objects.contacts.read", "GET", "/crm/owners/2026-09", 403),
            ("crm.objects.owners.read", "GET", "/crm/owners/2026-09", 200),
            ("e-commerce", "GET", "/crm/objects/2026-09/products", 200),
            ("crm.objects.products.read", "GET", "/crm/objects/2026-09/line_items", 403),
            ("crm.objects.contacts.read", "GET", "/crm/objects/2026-09/notes", 200),
            ("crm.objects.contacts.read", "GET", "/crm/associations/2026-09/contacts/companies/labels", 403),
            ("crm.objects.deals.read", "GET", "/crm/pipelines/2026-09/deals", 200),
            ("crm.objects.deals.read", "GET", "/account-info/2026-09/details", 200),
            ("crm.objects.commercepayments.read", "GET", "/crm/objects/2026-09/commerce_payments", 200),
        ],
    )
    def test_open_what_they_should(self, hubspot: Play, scope: str, method: str, path: str, status: int) -> None:
        hubspot.switch(payments_enabled=True)

        assert hubspot.caller(scopes=[scope]).send(method, path).status == status

    def test_for_properties_of_products_are_only_e_commerce(self, hubspot: Play) -> None:
        body = {"name": "x", "label": "X", "type": "string", "fieldType": "text", "groupName": "productinformation"}

        for scope, status in (("crm.objects.products.write", 403), ("e-commerce", 201)):
            assert hubspot.caller(scopes=[scope]).properties("POST", "products", body).status == status

    def test_that_do_not_exist_cannot_be_minted(self, hubspot: Play) -> None:
        with pytest.raises(BadControl, match=r"crm\.objects\.spaceships"):
            hubspot.face.mint({"scopes": ["crm.objects.spaceships.read"]})


class TestLimits:
    LIMITS = {"burst": 3, "burst_seconds": 10, "search_per_second": 2, "daily": 8}

    def test_stop_a_burst_and_tell_how_much_is_left(self, hubspot: Play) -> None:
        api = hubspot.caller(limits=self.LIMITS)

        answers = [api.objects("GET", "contacts") for _ in range(4)]

        assert [one.status for one in answers] == [200, 200, 200, 429]
        headers = answers[0].response.headers
        assert headers["X-HubSpot-RateLimit-Max"] == "3"
        assert [one.response.headers["X-HubSpot-RateLimit-Remaining"] for one in answers] == ["2", "1", "0", "0"]
        assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert (headers["X-HubSpot-RateLimit-Daily"], headers["X-HubSpot-RateLimit-Daily-Remaining"]) == ("8", "7")
        refused = answers[3]
        assert (refused.json["policyName"], refused.json["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
        assert "Retry-After" not in refused.response.headers

    def test_open_again_as_the_window_slides(self, hubspot: Play) -> None:
        api = hubspot.caller(limits=self.LIMITS)
        for _ in range(3):
            api.objects("GET", "contacts")
            hubspot.world.advance(3)

        assert api.objects("GET", "contacts").status == 429
        hubspot.world.advance(1)
        assert api.objects("GET", "contacts").status == 200
        assert api.objects("GET", "contacts").status == 429

    def test_count_searches_by_account_and_by_the_second(self, hubspot: Play) -> None:
        api, other = hubspot.caller(limits=self.LIMITS), hubspot.caller(limits=self.LIMITS)

        answers = [caller.objects("POST", "contacts/search", {}) for caller in (api, other, api)]

        assert [one.status for one in answers] == [200, 200, 429]
        assert (answers[2].json["category"], answers[2].json["message"]) == ("RATE_LIMITS", "You have reached your secondly limit.")
        assert "X-HubSpot-RateLimit-Max" not in answers[0].response.headers
        assert "X-HubSpot-RateLimit-Daily" in answers[0].response.headers
        hubspot.world.advance(1)
        assert api.objects("POST", "contacts/search", {}).status == 200
        assert api.objects("GET", "contacts").response.headers["X-HubSpot-RateLimit-Remaining"] == "2"

    def test_end_the_day_at_the_accounts_own_midnight(self, hubspot: Play) -> None:
        api = hubspot.caller(limits={"daily": 2}, kind="service_key")

        assert [api.objects("GET", "contacts").status for _ in range(3)] == [200, 200, 429]
        assert api.objects("GET", "contacts").json["policyName"] == "DAILY"
        hubspot.world.advance(20 * 3600 - 1)  # from four in the morning to a second before midnight in New York
        assert api.objects("GET", "contacts").status == 429
        hubspot.world.advance(1)
        assert api.objects("GET", "contacts").response.headers["X-HubSpot-RateLimit-Daily-Remaining"] == "1"

    def test_are_none_for_a_client_minted_without(self, api: Caller) -> None:
        answers = [api.objects("GET", "contacts") for _ in range(200)]

        assert {one.status for one in answers} == {200}
        assert "X-HubSpot-RateLimit-Max" not in answers[0].response.headers
