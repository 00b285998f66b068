"""Addresses come from a table, and only a loopback port from outside."""

from __future__ import annotations

import pytest

from integrations import errors
from integrations.hubspot import environments


class TestAddresses:
    @pytest.mark.parametrize("name", ["PRODUCTION", "VENDOR_SANDBOX"])
    def test_are_fixed(self, name: str) -> None:
        found = environments.addresses(environment=name, local_url="http://127.0.0.1:8801")

        assert found == environments.Addresses(api="https://api.hubapi.com", pages="https://app.hubspot.com")

    def test_of_the_local_sandbox_are_its_port(self) -> None:
        found = environments.addresses(environment="LOCAL_SANDBOX", local_url="http://127.0.0.1:8801")

        assert found.api == "http://127.0.0.1:8801"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "http://127.0.0.1",
            "http://127.0.0.1:",
            "http://127.0.0.1:0",
            "http://127.0.0.1:65536",
            "http://127.0.0.1:8801/",
            "http://127.0.0.1:8801\n",
            "http://127.0.0.1:8801@evil.example",
            "https://127.0.0.1:8801",
            "http://localhost:8801",
            "http://127.0.0.1.evil.example:8801",
            "http://user@127.0.0.1:8801",
            "http://api.hubapi.com:80",
        ],
    )
    def test_refuse_anything_else(self, url: str) -> None:
        with pytest.raises(errors.Misconfigured):
            environments.addresses(environment="LOCAL_SANDBOX", local_url=url)

    def test_refuse_an_unknown_environment(self) -> None:
        with pytest.raises(errors.Misconfigured):
            environments.addresses(environment="STAGING")


class TestTheProvider:
    def test_uses_proof_keys_and_the_dated_token_path(self) -> None:
        provider = environments.provider(environment="PRODUCTION")

        assert provider.pkce and not provider.basic_auth
        assert provider.authorize_url == "https://app.hubspot.com/oauth/authorize"
        assert provider.token_url == "https://api.hubapi.com/oauth/2026-09/token"
        assert provider.revoke_url == "https://api.hubapi.com/oauth/2026-09/token/revoke"

    def test_insists_on_no_scope_that_an_account_may_lack(self) -> None:
        provider = environments.provider(environment="PRODUCTION")

        assert "oauth" in provider.scopes
        assert not [scope for scope in provider.scopes if "invoices" in scope]
