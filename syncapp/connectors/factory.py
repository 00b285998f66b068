"""Put a connector together, and hold the OAuth conversation with its vendor.

Owns the choice of the vendor's client and addresses by system and environment. What depends on this installation (our app's
credentials, the sandbox's address, tokens, limits, clock) is handed in; addresses come from the clients' fixed tables only.
"""
from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from integrations import discretion, http, oauth
from integrations.discretion import Secret
from integrations.hubspot import client as hubspot_client
from integrations.hubspot import environments as hubspot_environments
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks import environments as quickbooks_environments
from integrations.quickbooks import faults as quickbooks_faults
from syncapp.connectors import base, hubspot, hubspot_fields, quickbooks, quickbooks_fields, refusals
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import say

Call = http.Call
Answer = http.Answer
Limiter = http.Limiter
TokenKeeper = http.TokenKeeper
TokenSet = oauth.TokenSet

_QUICKBOOKS = {
    vocabulary.Environment.PRODUCTION: quickbooks_environments.Environment.PRODUCTION,
    vocabulary.Environment.VENDOR_SANDBOX: quickbooks_environments.Environment.SANDBOX,
    vocabulary.Environment.LOCAL_SANDBOX: quickbooks_environments.Environment.LOCAL,
}


@dataclass(frozen=True, kw_only=True)
class App:
    """Our app as one vendor knows it, in one environment. `local_url` is the address of the sandbox on this machine."""

    system: vocabulary.System
    environment: vocabulary.Environment
    client_id: str
    client_secret: Secret = field(repr=False)
    redirect_uri: str
    api_version: str
    local_url: str = ""

    def __post_init__(self) -> None:
        discretion.conceal(self, "client_secret")


@dataclass(frozen=True, kw_only=True)
class Account:
    """Which account a connector is for, as far as it is known."""

    external_id: str = ""
    time_zone: str = "UTC"
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What a connector needs of the world: tokens, limits, a sleep and a clock."""

    tokens: TokenKeeper
    limiter: Limiter
    sleep: Callable[[float], None]
    clock: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class ProofKey:
    """The two halves of PKCE; the verifier stays on the server."""

    verifier: Secret = field(repr=False)
    challenge: str


def connector(*, app: App, account: Account, outside: Outside) -> base.Connector:
    """Build the connector of one account. It makes no call."""
    build = _hubspot if app.system is vocabulary.System.HUBSPOT else _quickbooks
    return refusals.asked(lambda: build(app, account, outside))


def proof_key(*, app: App) -> ProofKey | None:
    """Make a fresh PKCE pair where the vendor takes one."""
    if not _provider(app).pkce:
        return None
    pair = oauth.proof_key(random_bytes=os.urandom)
    return ProofKey(verifier=pair.verifier, challenge=pair.challenge)


def consent_url(*, app: App, state: str, challenge: str = "") -> str:
    """Return the vendor's page on which a person allows the connection."""
    return refusals.asked(
        lambda: oauth.authorize_url(
            provider=_provider(app), client=_client(app), redirect_uri=app.redirect_uri, state=state, code_challenge=challenge or None
        )
    )


def exchange(*, app: App, code: str, verifier: Secret | None = None) -> TokenSet:
    """Trade a consent's code for tokens. A code is good for one exchange."""
    return refusals.asked(
        lambda: oauth.fetch(
            provider=_provider(app), client=_client(app), code=code, redirect_uri=app.redirect_uri, verifier=verifier
        )
    )


def refresh(*, app: App, refresh_token: Secret) -> TokenSet:
    """Trade a refresh token for new tokens. Save them before using them: the old ones may be dead."""
    return refusals.asked(lambda: oauth.refresh(provider=_provider(app), client=_client(app), refresh_token=refresh_token))


def revoke(*, app: App, refresh_token: Secret) -> None:
    """End the access at the vendor. One that has ended already counts as done."""
    refusals.asked(lambda: oauth.revoke(provider=_provider(app), client=_client(app), token=refresh_token))


def scopes(*, system: vocabulary.System) -> tuple[str, ...]:
    """Name what the app asks leave for and cannot do without."""
    return hubspot_environments.SCOPES if system is vocabulary.System.HUBSPOT else quickbooks_environments.SCOPES


def all_scopes(*, system: vocabulary.System) -> tuple[str, ...]:
    """Name all that the app asks leave for, that which it can do without included."""
    optional = hubspot_environments.OPTIONAL_SCOPES if system is vocabulary.System.HUBSPOT else ()
    return (*scopes(system=system), *optional)


def associated_kinds(*, kind: str) -> tuple[str, ...]:
    """Name the kinds of record whose fields can be looked at through a kind."""
    return hubspot_fields.ASSOCIATED_KINDS.get(kind, ()) or quickbooks_fields.ASSOCIATED_KINDS.get(kind, ())


def names(*, kind: str, other: str) -> bool:
    """Tell whether records of a kind say themselves which records of the other kind they belong to. Of two kinds one does."""
    return other in hubspot_fields.NAMES.get(kind, ()) or other in quickbooks_fields.LINKS.get(kind, {})


def keeps_history(*, kind: str, name: str = "") -> bool:
    """Tell whether the vendor lets the earlier values of a field be read, or of a kind's fields at all."""
    return hubspot_fields.keeps_history(kind=kind, name=name)


def archives(*, system: vocabulary.System, kind: str) -> bool:
    """Tell whether records of a kind can be archived, or made inactive, without losing anything."""
    found = hubspot.HubSpotConnector if system is vocabulary.System.HUBSPOT else quickbooks.QuickBooksConnector
    return kind in found.capabilities.archives


def _provider(app: App) -> oauth.Provider:
    if app.system is vocabulary.System.HUBSPOT:
        return refusals.asked(
            lambda: hubspot_environments.provider(environment=app.environment, local_url=app.local_url, api_version=app.api_version)
        )
    return quickbooks_environments.provider(environment=_QUICKBOOKS[app.environment], port=_port(app))


def _client(app: App) -> oauth.Client:
    if not (app.client_id and app.client_secret):
        prefix = app.system.value
        raise errors.Misconfigured(
            say(
                "{system} does not know this installation yet. Set {id} and {secret}, then restart.",
                system=app.system.label, id=f"{prefix}_CLIENT_ID", secret=f"{prefix}_CLIENT_SECRET",
            ),
            system=app.system.label,
        )
    return oauth.Client(client_id=app.client_id, client_secret=app.client_secret)


def _hubspot(app: App, account: Account, outside: Outside) -> base.Connector:
    places = hubspot_environments.addresses(environment=app.environment, local_url=app.local_url)
    client = hubspot_client.connect(
        base_url=places.api,
        tokens=outside.tokens,
        limiter=outside.limiter,
        sleep=outside.sleep,
        clock=outside.clock,
        time_zone=account.time_zone,
        api_version=app.api_version,
    )
    local = app.environment is vocabulary.Environment.LOCAL_SANDBOX
    pages = places.pages if local else account.details.get("pages", places.pages)
    return hubspot.HubSpotConnector(client=client, sleep=outside.sleep, portal_id=account.external_id, pages_url=pages)


def _quickbooks(app: App, account: Account, outside: Outside) -> base.Connector:
    places = quickbooks_environments.addresses(environment=_QUICKBOOKS[app.environment], port=_port(app))
    transport = http.Transport(
        base_url=places.api,
        tokens=outside.tokens,
        limiter=outside.limiter,
        explain=quickbooks_faults.explain,
        sleep=outside.sleep,
        clock=outside.clock,
    )
    client = quickbooks_client.Client(transport=transport, company_id=account.external_id)
    return quickbooks.QuickBooksConnector(client=client, app_url=places.app, time_zone=account.time_zone)


def _port(app: App) -> int | None:
    """The sandbox's port, which is all of its address that is looked at."""
    if app.environment is not vocabulary.Environment.LOCAL_SANDBOX:
        return None
    port = urlsplit(app.local_url).port
    if port is None:
        raise errors.Misconfigured(
            say(
                "The address of the {system} sandbox is not set. Set {setting}.",
                system=app.system.label, setting=f"LOCAL_SANDBOX_{app.system.value}_URL",
            ),
            system=app.system.label,
        )
    return port
