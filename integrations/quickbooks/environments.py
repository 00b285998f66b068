"""Where QuickBooks is: the fixed table of addresses, one entry for each environment.

Owns every address this client can reach. No part of an address comes from outside, except the port of the sandbox on this machine.
"""
from __future__ import annotations

import enum
from dataclasses import dataclass

from integrations import oauth
from integrations.quickbooks import faults

SCOPES = ("com.intuit.quickbooks.accounting",)
HIGHEST_PORT = 65535


class Environment(enum.StrEnum):
    """Which QuickBooks."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    LOCAL = "local"


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """The addresses of one environment.

    `app` is where people see a record: to be formatted with `page` (`customerdetail?nameId=`), `id` and `realm`.
    """

    api: str
    authorize: str
    token: str
    revoke: str
    app: str


_AUTHORIZE = "https://appcenter.intuit.com/connect/oauth2"
_TOKEN = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
_REVOKE = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"

_INTUIT = {
    Environment.PRODUCTION: Addresses(
        api="https://quickbooks.api.intuit.com",
        authorize=_AUTHORIZE,
        token=_TOKEN,
        revoke=_REVOKE,
        app="https://app.qbo.intuit.com/app/{page}{id}",
    ),
    Environment.SANDBOX: Addresses(
        api="https://sandbox-quickbooks.api.intuit.com",
        authorize=_AUTHORIZE,
        token=_TOKEN,
        revoke=_REVOKE,
        app="https://app.sandbox.qbo.intuit.com/app/{page}{id}",
    ),
}


def addresses(*, environment: Environment, port: int | None = None) -> Addresses:
    """Look up the addresses of an environment. `port` belongs to LOCAL and to nothing else; raises ValueError."""
    if environment is not Environment.LOCAL:
        if port is not None:
            raise ValueError("Only the sandbox on this machine has a port.")
        return _INTUIT[environment]
    if port is None or not 1 <= port <= HIGHEST_PORT:
        raise ValueError("The sandbox on this machine needs its port, 1 to 65535.")
    base = f"http://127.0.0.1:{port}"
    return Addresses(
        api=base,
        authorize=f"{base}/connect/oauth2",
        token=f"{base}/oauth2/v1/tokens/bearer",
        revoke=f"{base}/v2/oauth2/tokens/revoke",
        app=base + "/_sandbox/records?realm={realm}&id={id}",
    )


def provider(*, environment: Environment, port: int | None = None) -> oauth.Provider:
    """Describe Intuit's authorization server, asked to tell when a refresh token ends for good.

    https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0
    """
    found = addresses(environment=environment, port=port)
    return oauth.Provider(
        system=faults.SYSTEM,
        authorize_url=found.authorize,
        token_url=found.token,
        revoke_url=found.revoke,
        scopes=SCOPES,
        basic_auth=True,
        headers=(("x-include-refresh-token-hard-expires-in", "true"),),
    )
