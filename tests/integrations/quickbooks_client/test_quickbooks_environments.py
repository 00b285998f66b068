"""The fixed table of QuickBooks' addresses."""
from __future__ import annotations

import pytest

from integrations.quickbooks import environments
from integrations.quickbooks.environments import Environment


class TestAddresses:
    @pytest.mark.parametrize(
        ("environment", "api"),
        [
            (Environment.PRODUCTION, "https://quickbooks.api.intuit.com"),
            (Environment.SANDBOX, "https://sandbox-quickbooks.api.intuit.com"),
        ],
    )
    def test_of_intuit_are_fixed(self, environment: Environment, api: str) -> None:
        assert environments.addresses(environment=environment).api == api
        with pytest.raises(ValueError, match="port"):
            environments.addresses(environment=environment, port=8802)

    def test_of_the_local_sandbox_stay_on_this_machine(self) -> None:
        found = environments.addresses(environment=Environment.LOCAL, port=8802)

        for address in (found.api, found.authorize, found.token, found.revoke, found.app):
            assert address.startswith("http://127.0.0.1:8802")

    @pytest.mark.parametrize("port", [None, 0, -1, 65536])
    def test_of_the_local_sandbox_need_a_port(self, port: int | None) -> None:
        with pytest.raises(ValueError, match="port"):
            environments.addresses(environment=Environment.LOCAL, port=port)


class TestProvider:
    def test_asks_for_the_accounting_scope_and_the_hard_expiry(self) -> None:
        provider = environments.provider(environment=Environment.PRODUCTION)

        assert provider.scopes == ("com.intuit.quickbooks.accounting",)
        assert provider.basic_auth is True
        assert ("x-include-refresh-token-hard-expires-in", "true") in provider.headers
        assert provider.token_url == "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
