from __future__ import annotations

import base64
import hashlib
import json
from html import unescape
from re import findall
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from integrations.sandbox.messages import Response
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.world import World
from tests.integrations.sandbox.quickbooks.conftest import REALM, Books, basic

CALLBACK = "http://127.0.0.1:9000/callback"
SCOPE = "com.intuit.quickbooks.accounting"


def asked(books: Books, **changes: str | None) -> dict[str, str]:
    wanted: dict[str, str | None] = {"client_id": books.tokens["client_id"], "response_type": "code", "scope": SCOPE}
    wanted |= {"redirect_uri": CALLBACK, "state": "a b&c", **changes}
    return {name: value for name, value in wanted.items() if value is not None}


def decide(books: Books, decision: str = "allow", account: str = REALM, **changes: str | None) -> Response:
    form = {**asked(books, **changes), "account": account, "decision": decision}
    return books.send("POST", "/connect/oauth2", body=urlencode(form).encode())


def landed(response: Response) -> dict[str, str]:
    assert response.status == 302
    return {name: values[0] for name, values in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def exchange(books: Books, code: str, **more: str) -> Response:
    return books.token_call(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **more)


def parsed(response: Response) -> Any:
    return json.loads(response.body)


class TestDiscovery:
    @pytest.mark.parametrize("name", ["openid_configuration", "openid_sandbox_configuration"])
    def test_points_to_this_port(self, books: Books, name: str) -> None:
        document = parsed(books.send("GET", f"/.well-known/{name}/"))

        assert document["token_endpoint"] == "http://127.0.0.1:8802/oauth2/v1/tokens/bearer"
        assert {"authorization_endpoint", "revocation_endpoint", "issuer", "jwks_uri", "userinfo_endpoint"} <= set(document)
        assert books.last.headers["intuit_tid"]


class TestConsentPage:
    def test_has_one_form_with_everything_asked_and_the_companies(self, books: Books) -> None:
        page = unescape(books.send("GET", "/connect/oauth2", query=asked(books)).body.decode())

        assert '<form method="post" action="/connect/oauth2">' in page
        assert dict(findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)) == asked(books)
        assert f'<option value="{REALM}">' in page
        assert 'name="decision" value="allow"' in page
        assert 'name="decision" value="deny"' in page
        assert "<script" not in page

    def test_escapes_what_it_was_sent(self, books: Books) -> None:
        page = books.send("GET", "/connect/oauth2", query=asked(books, state='"><script>alert(1)</script>')).body.decode()

        assert "<script" not in page

    @pytest.mark.parametrize(
        "changes",
        [
            {"client_id": "unknown"},
            {"redirect_uri": "https://evil.example.com/"},
            {"redirect_uri": "http://127.0.0.1.evil.example.com/"},
            {"redirect_uri": "//127.0.0.1/"},
            {"redirect_uri": "http://[bad"},
        ],
    )
    def test_never_sends_a_stranger_on(self, books: Books, changes: dict[str, str]) -> None:
        for response in (books.send("GET", "/connect/oauth2", query=asked(books, **changes)), decide(books, **changes)):
            assert response.status == 400
            assert "Location" not in response.headers
            assert response.headers["Content-Type"].startswith("text/html")

    def test_sends_code_state_and_realm_back(self, books: Books) -> None:
        found = landed(decide(books))

        assert set(found) == {"code", "state", "realmId"}
        assert (found["state"], found["realmId"]) == ("a b&c", REALM)

    def test_sends_a_denial_back(self, books: Books) -> None:
        assert landed(decide(books, "deny")) == {"error": "access_denied", "state": "a b&c"}

    def test_refuses_unknown_scopes_and_response_types(self, books: Books) -> None:
        assert landed(decide(books, scope="everything"))["error"] == "invalid_scope"
        assert landed(decide(books, response_type="token"))["error"] == "unsupported_response_type"

    def test_keeps_to_registered_addresses(self) -> None:
        face = QuickBooksFace(World())
        client = {"client_id": "app", "client_secret": "s", "redirect_uris": ["https://app.example.com/back"], "name": "App"}
        face.reset({"companies": [{"realm_id": "1", "name": "One"}], "clients": [client]})
        books = Books(world=World(), face=face, tokens=client, realm="1")

        good = decide(books, account="1", redirect_uri="https://app.example.com/back")
        longer = decide(books, account="1", redirect_uri="https://app.example.com/back/")

        assert (good.status, longer.status) == (302, 400)


class TestCode:
    def test_gives_tokens_that_work(self, books: Books) -> None:
        tokens = parsed(exchange(books, landed(decide(books))["code"]))

        assert set(tokens) == {"token_type", "access_token", "expires_in", "refresh_token", "x_refresh_token_expires_in"}
        assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
        assert "CompanyInfo" in books.call("GET", f"companyinfo/{REALM}", token=tokens["access_token"])

    def test_used_twice_kills_what_it_gave(self, books: Books) -> None:
        code = landed(decide(books))["code"]
        tokens = parsed(exchange(books, code))

        second = exchange(books, code)

        assert (second.status, parsed(second)["error"]) == (400, "invalid_grant")
        assert books.call("GET", "preferences", token=tokens["access_token"])["fault"]["error"][0]["code"] == "3200"
        assert books.token_call(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status == 400

    def test_lives_ten_minutes(self, books: Books) -> None:
        code = landed(decide(books))["code"]
        books.later(seconds=601)

        assert parsed(exchange(books, code))["error"] == "invalid_grant"

    def test_needs_the_same_redirect_uri(self, books: Books) -> None:
        code = landed(decide(books))["code"]

        other = books.token_call(grant_type="authorization_code", code=code, redirect_uri="http://127.0.0.1:9000/other")

        assert parsed(other)["error"] == "invalid_grant"

    def test_of_one_client_is_nothing_to_another(self, books: Books) -> None:
        code = landed(decide(books))["code"]
        books.tokens = books.face.mint({"realm_id": REALM})

        assert parsed(exchange(books, code))["error"] == "invalid_grant"

    def test_with_a_challenge_needs_its_verifier(self, books: Books) -> None:
        verifier = "v" * 64
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        code = landed(decide(books, code_challenge=challenge, code_challenge_method="S256"))["code"]

        without, wrong, right = (
            exchange(books, code),
            exchange(books, code, code_verifier="w"),
            exchange(books, code, code_verifier=verifier),
        )

        assert [response.status for response in (without, wrong, right)] == [400, 400, 200]


class TestClient:
    @pytest.mark.parametrize("header", ["", "Basic !!!", "Bearer x"])
    def test_must_be_named(self, books: Books, header: str) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": header}
        response = books.send("POST", "/oauth2/v1/tokens/bearer", body=b"grant_type=refresh_token&refresh_token=x", headers=headers)

        assert (response.status, parsed(response)) == (401, {"error": "invalid_client"})

    def test_needs_its_own_secret(self, books: Books) -> None:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": basic(books.tokens, "wrong")}
        response = books.send("POST", "/oauth2/v1/tokens/bearer", body=b"grant_type=refresh_token&refresh_token=x", headers=headers)

        assert (response.status, parsed(response)) == (401, {"error": "invalid_client"})

    def test_must_send_a_form(self, books: Books) -> None:
        headers = {"Content-Type": "application/json", "Authorization": basic(books.tokens)}

        assert parsed(books.send("POST", "/oauth2/v1/tokens/bearer", body=b"{}", headers=headers))["error"] == "invalid_request"

    def test_cannot_ask_for_another_grant(self, books: Books) -> None:
        assert parsed(books.token_call(grant_type="password"))["error"] == "unsupported_grant_type"


class TestRefresh:
    def refresh(self, books: Books, value: str) -> Response:
        return books.token_call(grant_type="refresh_token", refresh_token=value)

    def test_keeps_its_value_within_a_day(self, books: Books) -> None:
        books.later(seconds=86_399)
        tokens = parsed(self.refresh(books, books.tokens["refresh_token"]))

        assert tokens["refresh_token"] == books.tokens["refresh_token"]
        assert tokens["access_token"] != books.tokens["access_token"]

    def test_changes_after_a_day_and_the_old_value_is_dead(self, books: Books) -> None:
        books.later(days=1)
        tokens = parsed(self.refresh(books, books.tokens["refresh_token"]))

        assert tokens["refresh_token"] != books.tokens["refresh_token"]
        assert parsed(self.refresh(books, books.tokens["refresh_token"]))["error"] == "invalid_grant"
        assert self.refresh(books, tokens["refresh_token"]).status == 200

    def test_changes_every_time_by_switch(self, books: Books) -> None:
        books.switch("rotate_always", True)

        assert parsed(self.refresh(books, books.tokens["refresh_token"]))["refresh_token"] != books.tokens["refresh_token"]

    def test_dies_after_a_hundred_days_without_use(self, books: Books) -> None:
        books.later(days=100.1)

        assert parsed(self.refresh(books, books.tokens["refresh_token"]))["error"] == "invalid_grant"

    def test_ends_after_five_years_however_often_it_is_used(self, books: Books) -> None:
        value = books.tokens["refresh_token"]
        for _ in range(20):
            books.later(days=90)
            value = parsed(self.refresh(books, value))["refresh_token"]
        tokens = parsed(self.refresh(books, value))

        books.later(days=26)

        assert tokens["x_refresh_token_expires_in"] == 25 * 86_400
        assert parsed(self.refresh(books, value))["error"] == "invalid_grant"

    def test_tells_the_hard_end_only_when_asked(self, books: Books) -> None:
        headers = {"Authorization": basic(books.tokens), "Content-Type": "application/x-www-form-urlencoded"}
        headers["x-include-refresh-token-hard-expires-in"] = "true"
        body = urlencode({"grant_type": "refresh_token", "refresh_token": books.tokens["refresh_token"]}).encode()

        told = parsed(books.send("POST", "/oauth2/v1/tokens/bearer", body=body, headers=headers))

        assert told["x_refresh_token_hard_expires_in"] == 157_680_000
        assert "x_refresh_token_hard_expires_in" not in parsed(self.refresh(books, books.tokens["refresh_token"]))


class TestAccess:
    def test_lives_an_hour(self, books: Books) -> None:
        books.later(seconds=3599)
        before = books.call("GET", "preferences")
        books.later(seconds=1)
        after = books.call("GET", "preferences")

        assert "Preferences" in before
        assert books.last.status == 401
        assert books.last.headers["WWW-Authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
        assert after["fault"]["type"] == "AUTHENTICATION"
        assert after["fault"]["error"][0]["message"] == "message=AuthenticationFailed; errorCode=003200; statusCode=401"
        assert isinstance(after["time"], int)

    def test_missing_is_told_apart(self, books: Books) -> None:
        response = books.send("GET", f"/v3/company/{REALM}/preferences")

        assert parsed(response)["fault"]["error"][0]["code"] == "3202"

    def test_of_another_company_is_forbidden(self, books: Books) -> None:
        books.face.mint({"realm_id": "555"})
        books.realm = "555"

        assert books.call("GET", "preferences")["fault"]["error"][0]["code"] == "3100"
        assert books.last.status == 403

    def test_without_the_accounting_scope_is_forbidden(self, books: Books) -> None:
        books.tokens = books.face.mint({"scopes": ["openid"], "realm_id": REALM})

        assert books.call("GET", "preferences")["fault"]["error"][0]["code"] == "3100"

    def test_tells_the_user_when_openid_was_asked(self, books: Books) -> None:
        headers = {"Authorization": f"Bearer {books.tokens['access_token']}"}
        limited = books.face.mint({"scopes": [SCOPE], "realm_id": REALM})

        known = books.send("GET", "/v1/openid_connect/userinfo", headers=headers)
        unknown = books.send("GET", "/v1/openid_connect/userinfo", headers={"Authorization": f"Bearer {limited['access_token']}"})

        assert "@" in parsed(known)["email"]
        assert unknown.status == 403


class TestRevoke:
    @pytest.mark.parametrize("which", ["refresh_token", "access_token"])
    @pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
    def test_of_either_token_ends_the_connection(self, books: Books, which: str, content_type: str) -> None:
        sent = {"token": books.tokens[which]}
        body = json.dumps(sent) if "json" in content_type else urlencode(sent)
        headers = {"Authorization": basic(books.tokens), "Content-Type": content_type}

        response = books.send("POST", "/v2/oauth2/tokens/revoke", body=body.encode(), headers=headers)
        again = books.send("POST", "/v2/oauth2/tokens/revoke", body=body.encode(), headers=headers)

        assert (response.status, response.body, again.status) == (200, b"", 400)
        assert books.call("GET", "preferences")["fault"]["error"][0]["code"] == "3200"
        assert books.token_call(grant_type="refresh_token", refresh_token=books.tokens["refresh_token"]).status == 400

    def test_leaves_other_connections_alone(self, books: Books) -> None:
        other = books.face.mint({"realm_id": REALM})
        headers = {"Authorization": basic(other), "Content-Type": "application/json"}

        stranger = books.send(
            "POST", "/v2/oauth2/tokens/revoke", body=json.dumps({"token": books.tokens["refresh_token"]}).encode(), headers=headers
        )

        assert stranger.status == 400
        assert "Preferences" in books.call("GET", "preferences")
