"""How an app gets in and out: the consent page and the token calls."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from integrations.sandbox.messages import Request, Response
from tests.integrations.sandbox.hubspot.calling import SEED, Answer, Caller, Play, play

RETURN = "http://127.0.0.1:8000/callback/"
FORM = "application/x-www-form-urlencoded"


def token_call(hubspot: Play, path: str, form: dict[str, str], *, content_type: str = FORM, method: str = "POST") -> Answer:
    body = urlencode(form).encode()
    return Answer(hubspot.face.handle(Request(method=method, raw_path=path, headers={"Content-Type": content_type}, body=body)))


def page(hubspot: Play, **parameters: str) -> Response:
    return hubspot.face.handle(Request(method="GET", raw_path="/oauth/authorize", query=tuple(parameters.items())))


def decide(hubspot: Play, decision: str = "allow", *, account: str = "48210077", **parameters: str) -> Response:
    form = urlencode({**parameters, "account": account, "decision": decision}).encode()
    return hubspot.face.handle(Request(method="POST", raw_path="/oauth/authorize", headers={"Content-Type": FORM}, body=form))


def sent_back(response: Response) -> dict[str, str]:
    assert response.status == 302
    assert response.headers["Location"].startswith(RETURN)
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


@pytest.fixture
def app(hubspot: Play) -> dict[str, Any]:
    return hubspot.face.mint({})


def asked(app: dict[str, Any], **more: str) -> dict[str, str]:
    return {"client_id": app["client_id"], "redirect_uri": RETURN, "scope": "oauth crm.objects.contacts.read", **more}


def exchange(app: dict[str, Any], code: str, **more: str) -> dict[str, str]:
    return {
        "grant_type": "authorization_code",
        "client_id": app["client_id"],
        "client_secret": app["client_secret"],
        "redirect_uri": RETURN,
        "code": code,
        **more,
    }


def refresh(app: dict[str, Any], token: str | None = None) -> dict[str, str]:
    known = {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    return {"grant_type": "refresh_token", **known, "refresh_token": token or app["refresh_token"]}


class TestConsent:
    def test_shows_one_form_without_script_that_carries_everything(self, hubspot: Play, app: dict[str, Any]) -> None:
        response = page(hubspot, **asked(app, state='s"1', optional_scope="crm.objects.deals.read"))

        html = response.body.decode()
        assert (response.status, html.count("<form"), "<script" in html) == (200, 1, False)
        assert '<form method="post" action="/oauth/authorize">' in html
        assert '<input type="hidden" name="state" value="s&quot;1">' in html
        assert '<option value="48210077">Harborlight (48210077)</option>' in html
        assert "<code>crm.objects.deals.read</code>" in html

    @pytest.mark.parametrize(
        "wrong",
        [
            {"client_id": "nobody"},
            {"redirect_uri": "https://evil.example/callback"},
            {"redirect_uri": "http://localhost.evil.example/"},
            {"redirect_uri": "http://127.0.0.1@evil.example/"},
            {"scope": ""},
            {"scope": "crm.objects.spaceships.read"},
            {"code_challenge": "abc", "code_challenge_method": "plain"},
            {"code_challenge": "abc"},
        ],
    )
    def test_sends_nobody_anywhere_when_the_request_is_wrong(self, hubspot: Play, app: dict[str, Any], wrong: dict[str, str]) -> None:
        for response in (page(hubspot, **asked(app, **wrong)), decide(hubspot, **asked(app, **wrong))):
            assert (response.status, "Location" in response.headers) == (400, False)
            assert response.headers["Content-Type"].startswith("text/html")

    def test_takes_a_registered_address_only_to_the_letter(self) -> None:
        client = {"client_id": "c", "client_secret": "s", "name": "App", "redirect_uris": ["https://app.example/cb"]}
        hubspot = play({**SEED, "apps": [client]})
        parameters = {"client_id": "c", "scope": "oauth"}

        assert page(hubspot, **parameters, redirect_uri="https://app.example/cb").status == 200
        assert page(hubspot, **parameters, redirect_uri="https://app.example/cb/").status == 400
        assert page(hubspot, **parameters, redirect_uri="http://127.0.0.1/cb").status == 400

    def test_leads_back_with_a_denial(self, hubspot: Play, app: dict[str, Any]) -> None:
        back = sent_back(decide(hubspot, "deny", **asked(app, state="s1")))

        assert (back["error"], back["state"], "code" in back) == ("access_denied", "s1", False)

    def test_leads_to_tokens_with_the_published_limits(self, hubspot: Play, app: dict[str, Any]) -> None:
        back = sent_back(decide(hubspot, **asked(app, state="s1")))
        assert back["state"] == "s1"

        answer = token_call(hubspot, "/oauth/2026-09/token", exchange(app, back["code"]))

        found = answer.json
        assert (answer.status, found["token_type"], found["expires_in"], found["hub_id"]) == (200, "bearer", 1800, 48_210_077)
        assert found["scopes"] == ["oauth", "crm.objects.contacts.read"]
        called = Caller(hubspot.face, found["access_token"]).objects("GET", "contacts")
        assert called.response.headers["X-HubSpot-RateLimit-Max"] == "110"
        assert "X-HubSpot-RateLimit-Daily" not in called.response.headers

    def test_keeps_the_limits_of_a_client_that_was_minted_with_some(self, hubspot: Play) -> None:
        app = hubspot.face.mint({"limits": {"burst": 7, "burst_seconds": 10}})
        code = sent_back(decide(hubspot, **asked(app)))["code"]

        found = token_call(hubspot, "/oauth/2026-09/token", exchange(app, code)).json

        called = Caller(hubspot.face, found["access_token"]).objects("GET", "contacts")
        assert called.response.headers["X-HubSpot-RateLimit-Max"] == "7"


class TestCodes:
    def test_work_once(self, hubspot: Play, app: dict[str, Any]) -> None:
        code = sent_back(decide(hubspot, **asked(app)))["code"]

        answers = [token_call(hubspot, "/oauth/v3/token", exchange(app, code)) for _ in range(2)]

        assert [one.status for one in answers] == [200, 400]
        assert (answers[1].json["error"], answers[1].json["status"]) == ("invalid_grant", "BAD_AUTH_CODE")

    def test_work_for_ten_minutes(self, hubspot: Play, app: dict[str, Any]) -> None:
        code = sent_back(decide(hubspot, **asked(app)))["code"]
        hubspot.world.advance(600)

        assert token_call(hubspot, "/oauth/v3/token", exchange(app, code)).json["status"] == "BAD_AUTH_CODE"

    @pytest.mark.parametrize(
        ("wrong", "status"),
        [
            ({"redirect_uri": "http://127.0.0.1:8000/other"}, "MISMATCH_REDIRECT_URI_AUTH_CODE"),
            ({"client_secret": "guess"}, "BAD_CLIENT_SECRET"),
            ({"client_id": "nobody"}, "BAD_CLIENT_ID"),
            ({"grant_type": "password"}, "BAD_GRANT_TYPE"),
        ],
    )
    def test_are_refused_with_anything_wrong_beside_them(
        self, hubspot: Play, app: dict[str, Any], wrong: dict[str, str], status: str
    ) -> None:
        code = sent_back(decide(hubspot, **asked(app)))["code"]

        answer = token_call(hubspot, "/oauth/v1/token", exchange(app, code, **wrong))

        assert (answer.status, answer.json["status"]) == (400, status)

    def test_need_the_verifier_of_their_challenge(self, hubspot: Play, app: dict[str, Any]) -> None:
        verifier = "v" * 43
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        proof = {"code_challenge": challenge, "code_challenge_method": "S256"}

        def tried(**more: str) -> int:
            code = sent_back(decide(hubspot, **asked(app, **proof)))["code"]
            return token_call(hubspot, "/oauth/2026-03/token", exchange(app, code, **more)).status

        assert [tried(), tried(code_verifier="w" * 43), tried(code_verifier=verifier)] == [400, 400, 200]


class TestRefresh:
    def test_gives_a_new_access_token_and_the_same_refresh_token(self, hubspot: Play, app: dict[str, Any]) -> None:
        hubspot.world.advance(2_000)

        found = token_call(hubspot, "/oauth/v1/token", refresh(app)).json

        assert set(found) == {"access_token", "refresh_token", "expires_in", "token_type"}
        assert found["refresh_token"] == app["refresh_token"]
        assert Caller(hubspot.face, found["access_token"]).objects("GET", "contacts").status == 200

    def test_rotates_when_switched_and_the_old_token_dies(self, hubspot: Play, app: dict[str, Any]) -> None:
        hubspot.switch(rotate_refresh_tokens=True)

        fresh = token_call(hubspot, "/oauth/2026-09/token", refresh(app)).json["refresh_token"]
        dead = token_call(hubspot, "/oauth/2026-09/token", refresh(app))

        assert fresh != app["refresh_token"]
        assert (dead.status, dead.json["error"], dead.json["status"]) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")
        assert dead.json["message"] == "refresh token is invalid, expired or revoked"
        assert token_call(hubspot, "/oauth/2026-09/token", refresh(app, fresh)).status == 200

    def test_refuses_the_token_of_another_app(self, hubspot: Play, app: dict[str, Any]) -> None:
        other = hubspot.face.mint({})

        assert token_call(hubspot, "/oauth/v3/token", refresh(app, other["refresh_token"])).status == 400

    def test_takes_a_form_only(self, hubspot: Play, app: dict[str, Any], api: Caller) -> None:
        def sent_as_json(path: str) -> int:
            return api.send("POST", path, refresh(app)).status

        query = Request(method="POST", raw_path="/oauth/v3/token", query=tuple(refresh(app).items()))
        assert hubspot.face.handle(query).status == 400
        by_query = Request(method="POST", raw_path="/oauth/v1/token", query=tuple(refresh(app).items()))
        assert hubspot.face.handle(by_query).status == 200
        assert sent_as_json("/oauth/2026-03/token") == 400
        hubspot.switch(accept_json_token_body=True)
        assert sent_as_json("/oauth/2026-03/token") == 200


class TestIntrospection:
    def test_tells_about_living_tokens_only(self, hubspot: Play, app: dict[str, Any]) -> None:
        known = {"client_id": app["client_id"], "client_secret": app["client_secret"]}

        def asked_about(**token: str) -> Any:
            return token_call(hubspot, "/oauth/2026-09/token/introspect", {**known, **token}).json

        alive = asked_about(token=app["access_token"], token_type_hint="access_token")
        assert (alive["active"], alive["hub_id"], alive["expires_in"], alive["token_use"]) == (True, 48_210_077, 1800, "access_token")
        assert asked_about(refresh_token=app["refresh_token"])["token_use"] == "refresh_token"
        hubspot.world.advance(1_800)
        assert asked_about(access_token=app["access_token"]) == {"active": False}
        assert asked_about(token="nonsense") == {"active": False}

    def test_of_the_first_version_names_the_token_in_the_path(self, hubspot: Play, app: dict[str, Any], api: Caller) -> None:
        found = api.send("GET", f"/oauth/v1/access-tokens/{app['access_token']}")

        assert (found.json["hub_id"], found.json["token_type"]) == (48_210_077, "access")
        assert found.response.route == "/oauth/{version}/access-tokens/{token}"
        assert api.send("GET", f"/oauth/v1/refresh-tokens/{app['refresh_token']}").json["token_type"] == "refresh"
        assert api.send("GET", "/oauth/v1/access-tokens/nonsense").status == 404

    def test_tells_about_a_service_key(self, hubspot: Play, api: Caller) -> None:
        key = hubspot.face.mint({"kind": "service_key", "scopes": ["crm.objects.contacts.read"]})

        found = api.send("POST", "/oauth/v2/private-apps/get/access-token-info", {"tokenKey": key["access_token"]}).json

        assert (found["hubId"], found["scopes"]) == (48_210_077, ["oauth", "crm.objects.contacts.read"])


class TestEndings:
    def test_a_revoked_refresh_token_is_dead_while_access_lives_on(self, hubspot: Play, app: dict[str, Any]) -> None:
        known = {"client_id": app["client_id"], "client_secret": app["client_secret"]}

        answer = token_call(hubspot, "/oauth/2026-09/token/revoke", {**known, "token": app["refresh_token"]})

        assert (answer.status, answer.response.body) == (204, b"")
        assert token_call(hubspot, "/oauth/2026-09/token", refresh(app)).json["status"] == "BAD_REFRESH_TOKEN"
        assert Caller(hubspot.face, app["access_token"]).objects("GET", "contacts").status == 200

    def test_the_first_version_revokes_by_path(self, hubspot: Play, app: dict[str, Any], api: Caller) -> None:
        path = f"/oauth/v1/refresh-tokens/{app['refresh_token']}"

        assert [api.send("DELETE", path).status for _ in range(2)] == [204, 404]
        assert token_call(hubspot, "/oauth/v1/token", refresh(app)).json["message"] == "missing or invalid refresh token"

    def test_an_uninstalled_app_has_no_token_left(self, hubspot: Play, app: dict[str, Any]) -> None:
        caller = Caller(hubspot.face, app["access_token"])

        assert caller.send("DELETE", "/appinstalls/2026-09/external-install").status == 204

        assert caller.objects("GET", "contacts").json["category"] == "INVALID_AUTHENTICATION"
        assert token_call(hubspot, "/oauth/2026-09/token", refresh(app)).json["status"] == "BAD_REFRESH_TOKEN"
