"""Consent, exchange, refresh and revocation, as each vendor wants them, and which refusals end a connection."""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import urllib.parse
from typing import Any

import pytest

from integrations import errors, oauth
from integrations.discretion import Secret

SECRET = "canary-secret"
CLIENT = oauth.Client(client_id="our-app", client_secret=SECRET)
RETURN = "https://sync.example/callback"


def form_provider(url: str) -> oauth.Provider:
    return oauth.Provider(
        system="HubSpot",
        authorize_url=f"{url}/oauth/authorize",
        token_url=f"{url}/oauth/token",
        revoke_url=f"{url}/oauth/revoke",
        scopes=("oauth", "crm.objects.contacts.read"),
        optional_scopes=("crm.objects.invoices.read",),
        pkce=True,
    )


def basic_provider(url: str) -> oauth.Provider:
    return oauth.Provider(
        system="QuickBooks",
        authorize_url=f"{url}/connect/oauth2",
        token_url=f"{url}/tokens/bearer",
        revoke_url=f"{url}/tokens/revoke",
        scopes=("com.intuit.quickbooks.accounting",),
        basic_auth=True,
        headers=(("x-include-refresh-token-hard-expires-in", "true"),),
    )


def granted(**more: object) -> dict[str, object]:
    return {"token_type": "bearer", "access_token": "canary-access", "refresh_token": "canary-refresh", "expires_in": 1800} | more


class TestTheAddressForConsent:
    def test_carries_scopes_state_and_challenge(self) -> None:
        provider = form_provider("https://app.hubspot.com")

        url = oauth.authorize_url(provider=provider, client=CLIENT, redirect_uri=RETURN, state="s-1", code_challenge="abc")

        parts = urllib.parse.urlsplit(url)
        assert (parts.scheme, parts.netloc, parts.path) == ("https", "app.hubspot.com", "/oauth/authorize")
        assert urllib.parse.parse_qs(parts.query) == {
            "response_type": ["code"],
            "client_id": ["our-app"],
            "redirect_uri": [RETURN],
            "scope": ["oauth crm.objects.contacts.read"],
            "optional_scope": ["crm.objects.invoices.read"],
            "state": ["s-1"],
            "code_challenge": ["abc"],
            "code_challenge_method": ["S256"],
        }
        assert "+" not in parts.query

    def test_carries_no_challenge_where_the_vendor_takes_none(self) -> None:
        url = oauth.authorize_url(
            provider=basic_provider("https://appcenter.intuit.com"), client=CLIENT, redirect_uri=RETURN, state="s", code_challenge="abc"
        )

        assert "challenge" not in url

    def test_may_be_plain_on_the_loopback_only(self) -> None:
        local = oauth.authorize_url(provider=form_provider("http://127.0.0.1:8801"), client=CLIENT, redirect_uri=RETURN, state="s")

        assert local.startswith("http://127.0.0.1:8801/oauth/authorize?")
        with pytest.raises(errors.Misconfigured):
            oauth.authorize_url(provider=form_provider("http://hubspot.example"), client=CLIENT, redirect_uri=RETURN, state="s")


class TestTheProofKey:
    def test_is_made_from_the_given_source(self) -> None:
        pair = oauth.proof_key(random_bytes=lambda count: b"\x07" * count)

        assert 43 <= len(pair.verifier.reveal()) <= 128
        digest = hashlib.sha256(pair.verifier.reveal().encode()).digest()
        assert pair.challenge == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert pair.verifier.reveal() not in repr(pair)


class TestTheExchangeOfACode:
    def test_sends_credentials_and_verifier_in_the_form(self, scripted: Any) -> None:
        scripted.says(body=granted(hub_id=1234567, scopes=["oauth", "crm.objects.contacts.read", "tickets"]))

        tokens = oauth.fetch(provider=form_provider(scripted.url), client=CLIENT, code="c-1", redirect_uri=RETURN, verifier="v-1")

        heard = scripted.heard[0]
        assert heard.path == "/oauth/token" and heard.query == {}
        assert heard.form == {
            "grant_type": "authorization_code",
            "client_id": "our-app",
            "client_secret": SECRET,
            "code": "c-1",
            "redirect_uri": RETURN,
            "code_verifier": "v-1",
        }
        assert "authorization" not in heard.headers
        assert tokens.account_id == "1234567"
        assert tokens.scopes == ("oauth", "crm.objects.contacts.read", "tickets")

    def test_sends_credentials_in_a_header_where_the_vendor_wants_them_there(self, scripted: Any) -> None:
        scripted.says(body=granted(expires_in=3600, x_refresh_token_expires_in=8726400, x_refresh_token_hard_expires_in=157680000))

        tokens = oauth.fetch(provider=basic_provider(scripted.url), client=CLIENT, code="c-1", redirect_uri=RETURN)

        heard = scripted.heard[0]
        assert heard.headers["authorization"] == "Basic " + base64.b64encode(f"our-app:{SECRET}".encode()).decode()
        assert heard.headers["x-include-refresh-token-hard-expires-in"] == "true"
        assert heard.form == {"grant_type": "authorization_code", "code": "c-1", "redirect_uri": RETURN}
        assert tokens == oauth.TokenSet("canary-access", "canary-refresh", 3600, 8726400, 157680000, (), None)

    def test_leaves_the_process_as_strict_about_plain_http_as_it_was(self, scripted: Any) -> None:
        scripted.says(body=granted())

        oauth.fetch(provider=form_provider(scripted.url), client=CLIENT, code="c-1", redirect_uri=RETURN)

        assert not [name for name in os.environ if name.startswith("OAUTHLIB")]

    def test_shows_no_token(self, scripted: Any, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        scripted.says(body=granted())

        tokens = oauth.fetch(provider=form_provider(scripted.url), client=CLIENT, code="canary-code", redirect_uri=RETURN)

        assert "canary" not in repr(tokens) + repr(CLIENT) + "".join(record.getMessage() for record in caplog.records)


class TestARefresh:
    def test_returns_the_new_refresh_token(self, scripted: Any) -> None:
        scripted.says(body=granted(refresh_token="rotated"))

        tokens = oauth.refresh(provider=basic_provider(scripted.url), client=CLIENT, refresh_token="old")

        assert scripted.heard[0].form == {"grant_type": "refresh_token", "refresh_token": "old"}
        assert tokens.refresh_token == Secret("rotated")

    def test_keeps_the_old_one_when_none_comes(self, scripted: Any) -> None:
        scripted.says(body={"access_token": "a", "expires_in": 1800})

        tokens = oauth.refresh(provider=form_provider(scripted.url), client=CLIENT, refresh_token="old")

        assert scripted.heard[0].form["client_secret"] == SECRET
        assert tokens.refresh_token == Secret("old")

    @pytest.mark.parametrize(
        "body",
        [
            {"error": "invalid_grant"},
            {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"},
            {"error": "invalid_grant", "error_description": "refresh token is invalid", "status": "BAD_REFRESH_TOKEN"},
        ],
    )
    def test_ends_the_connection_when_the_vendor_says_plainly_that_the_grant_is_dead(self, scripted: Any, body: dict[str, str]) -> None:
        scripted.says(400, body=body)

        with pytest.raises(errors.NeedsReconnect):
            oauth.refresh(provider=form_provider(scripted.url), client=CLIENT, refresh_token="old")

    @pytest.mark.parametrize("status", [400, 401])
    def test_blames_our_settings_for_a_wrong_client(self, scripted: Any, status: int) -> None:
        scripted.says(status, body={"error": "invalid_client"}, headers={"intuit_tid": "1-abc"})

        with pytest.raises(errors.Misconfigured) as caught:
            oauth.refresh(provider=basic_provider(scripted.url), client=CLIENT, refresh_token="old")

        assert caught.value.request_id == "1-abc"

    @pytest.mark.parametrize(
        "reply",
        [
            {"status": 502, "body": b"<html>bad gateway</html>"},
            {"status": 200, "body": b"<html>maintenance</html>"},
            {"status": 200, "body": b'{"token_type": "bearer"}'},
            {"status": 200, "body": b'{"access_token": "a"}'},
            {"status": 200, "body": b"[]"},
            {"status": 500, "body": b'{"error": "invalid_grant"}'},
            {"status": 429, "body": b'{"status": "error"}'},
            {"status": 400, "body": b"invalid_grant"},
            {"status": 307, "headers": {"Location": "/elsewhere"}},
            {"hang_up": True},
        ],
    )
    def test_is_to_be_tried_again_after_anything_else(self, scripted: Any, reply: dict[str, Any]) -> None:
        scripted.says_exactly(**reply)

        with pytest.raises(errors.Transient) as caught:
            oauth.refresh(provider=form_provider(scripted.url), client=CLIENT, refresh_token="canary-old")

        assert caught.value.__cause__ is None and caught.value.__context__ is None
        assert "canary" not in str(caught.value)
        assert {heard.path for heard in scripted.heard} <= {"/oauth/token"}


class TestARevocation:
    def test_sends_the_credentials_as_the_vendor_wants_them(self, scripted: Any) -> None:
        scripted.says(204)

        oauth.revoke(provider=form_provider(scripted.url), client=CLIENT, token="r")
        oauth.revoke(provider=basic_provider(scripted.url), client=CLIENT, token="r")

        form, basic = scripted.heard
        assert form.form == {"token": "r", "token_type_hint": "refresh_token", "client_id": "our-app", "client_secret": SECRET}
        assert basic.form == {"token": "r", "token_type_hint": "refresh_token"}
        assert basic.headers["authorization"].startswith("Basic ")

    def test_is_done_when_the_token_is_dead_already(self, scripted: Any) -> None:
        scripted.says(400, body={"error": "invalid_grant"})

        oauth.revoke(provider=form_provider(scripted.url), client=CLIENT, token="r")

        assert len(scripted.heard) == 1

    @pytest.mark.parametrize(("reply", "error"), [({"status": 503}, errors.Transient), ({"hang_up": True}, errors.Transient)])
    def test_says_when_it_did_not_happen(self, scripted: Any, reply: dict[str, Any], error: type[Exception]) -> None:
        scripted.says_exactly(**reply)

        with pytest.raises(error):
            oauth.revoke(provider=form_provider(scripted.url), client=CLIENT, token="r")
