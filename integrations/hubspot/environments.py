"""Where HubSpot is: a fixed table of addresses, and what we ask leave for.

Owns every base address. None is ever taken from a person's input; the local sandbox gives its port and nothing else.
"""

from __future__ import annotations

import dataclasses
import re
from enum import StrEnum

from integrations import errors, oauth

SYSTEM = "HubSpot"
API_VERSION = "2026-09"
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:([1-9]\d{0,4})")

SCOPES = (
    "oauth",
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    "crm.schemas.contacts.write",
    "crm.objects.companies.read",
    "crm.schemas.companies.read",
    "crm.objects.owners.read",
)
OPTIONAL_SCOPES = (
    "crm.objects.invoices.read",
    "crm.objects.invoices.write",
    "crm.schemas.invoices.read",
    "crm.schemas.invoices.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
    "crm.objects.products.read",
    "crm.objects.products.write",
)
"""Asked for without insisting: an account without Commerce or products could not connect otherwise. Notes come with contacts."""


class Environment(StrEnum):
    """Which of HubSpot's worlds an account belongs to."""

    PRODUCTION = "PRODUCTION"
    VENDOR_SANDBOX = "VENDOR_SANDBOX"
    LOCAL_SANDBOX = "LOCAL_SANDBOX"


@dataclasses.dataclass(frozen=True)
class Addresses:
    """`api` is where calls go, `pages` where a person's browser goes."""

    api: str
    pages: str


_HUBSPOT = Addresses(api="https://api.hubapi.com", pages="https://app.hubspot.com")
_FIXED = {Environment.PRODUCTION: _HUBSPOT, Environment.VENDOR_SANDBOX: _HUBSPOT}
"""HubSpot's test accounts live on the same hosts as all others."""


def addresses(*, environment: str, local_url: str = "") -> Addresses:
    """Return the addresses of an environment.

    `local_url` is looked at for the local sandbox only and must be `http://127.0.0.1:PORT`. Raises Misconfigured.
    """
    if environment == Environment.LOCAL_SANDBOX:
        url = _loopback(local_url)
        return Addresses(api=url, pages=url)
    found = next((value for name, value in _FIXED.items() if name == environment), None)
    if found is None:
        raise errors.Misconfigured(system=SYSTEM, operation="choice of the environment", words="There is no such environment.")
    return found


def provider(*, environment: str, local_url: str = "", api_version: str = API_VERSION) -> oauth.Provider:
    """Return HubSpot's authorization server in an environment.

    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/oauth/oauth-quickstart-guide
    """
    found = addresses(environment=environment, local_url=local_url)
    return oauth.Provider(
        system=SYSTEM,
        authorize_url=f"{found.pages}/oauth/authorize",
        token_url=f"{found.api}/oauth/{api_version}/token",
        revoke_url=f"{found.api}/oauth/{api_version}/token/revoke",
        scopes=SCOPES,
        optional_scopes=OPTIONAL_SCOPES,
        pkce=True,
    )


def _loopback(url: str) -> str:
    match = _LOOPBACK.fullmatch(url)
    if match is None or int(match.group(1)) > 65535:
        raise errors.Misconfigured(
            system=SYSTEM, operation="choice of the environment", words="The sandbox's address must be http://127.0.0.1:PORT."
        )
    return url
