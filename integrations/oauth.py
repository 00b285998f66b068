"""Ask for access, exchange the code, refresh and revoke: OAuth 2 for both vendors.

Owns the conversation with a vendor's authorization server and the reading of its answers. Stores nothing, refreshes nothing by
itself, and keeps the OAuth library's loggers from printing tokens. Only a refusal that the vendor states plainly ends a
connection: an error page of some gateway never does.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import hashlib
import json
import logging
import urllib.parse
from collections.abc import Callable
from typing import Any, Literal

import requests_oauthlib
from oauthlib import oauth2

from integrations import discretion, errors, http, outbound
from integrations.discretion import Secret

for _name in ("requests_oauthlib", "oauthlib", "urllib3"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # At DEBUG they print tokens, secrets and whole addresses.

_Hook = Literal["access_token_response", "refresh_token_response"]
TIMEOUT = (5.0, 20.0)
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_GRANT_ENDED = frozenset({"invalid_grant", "BAD_REFRESH_TOKEN", "BAD_AUTH_CODE"})
_OUR_FAULT = frozenset(
    {"invalid_client", "unauthorized_client", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_REDIRECT_URI", "MISMATCH_REDIRECT_URI_AUTH_CODE"}
)
_NOTHING_TO_REVOKE = frozenset({"invalid_grant", "invalid_token", "BAD_REFRESH_TOKEN"})


@dataclasses.dataclass(frozen=True)
class Provider:
    """A vendor's authorization server. `basic_auth` sends the app's credentials in a header, else they go into the form."""

    system: str
    authorize_url: str
    token_url: str
    revoke_url: str
    scopes: tuple[str, ...]
    optional_scopes: tuple[str, ...] = ()
    basic_auth: bool = False
    pkce: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Client:
    """Our app as it is registered with the vendor."""

    client_id: str
    client_secret: Secret = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        discretion.conceal(self, "client_secret")


@dataclasses.dataclass(frozen=True)
class TokenSet:
    """What the vendor granted. Times are seconds from now; neither the repr nor the attributes show a token."""

    access_token: Secret = dataclasses.field(repr=False)
    refresh_token: Secret | None = dataclasses.field(repr=False)
    expires_in: int
    refresh_expires_in: int | None = None
    refresh_hard_expires_in: int | None = None
    scopes: tuple[str, ...] = ()
    account_id: str | None = None

    def __post_init__(self) -> None:
        discretion.conceal(self, "access_token", "refresh_token")


@dataclasses.dataclass(frozen=True)
class ProofKey:
    """The pair of PKCE: the challenge goes through the browser, the verifier never leaves the server."""

    verifier: Secret = dataclasses.field(repr=False)
    challenge: str


def proof_key(*, random_bytes: Callable[[int], bytes]) -> ProofKey:
    """Make a verifier from the random source and its S256 challenge (RFC 7636)."""
    verifier = _base64url(random_bytes(48))
    return ProofKey(verifier=Secret(verifier), challenge=_base64url(hashlib.sha256(verifier.encode("ascii")).digest()))


def authorize_url(*, provider: Provider, client: Client, redirect_uri: str, state: str, code_challenge: str | None = None) -> str:
    """Return the address to which the person's browser is sent for consent.

    Spaces are written as %20, which every vendor documents; a challenge is sent only where the vendor takes one.
    """
    extra: dict[str, str] = {}
    if provider.optional_scopes:
        extra["optional_scope"] = " ".join(provider.optional_scopes)
    if provider.pkce and code_challenge:
        extra |= {"code_challenge": code_challenge, "code_challenge_method": "S256"}
    session = requests_oauthlib.OAuth2Session(client_id=client.client_id, redirect_uri=redirect_uri, scope=list(provider.scopes))
    url, _ = session.authorization_url(_as_https(provider, provider.authorize_url), state=state, **extra)
    address, _, query = url.partition("?")
    return _scheme(provider.authorize_url) + address.removeprefix("https") + "?" + query.replace("+", "%20")


def fetch(*, provider: Provider, client: Client, code: str, redirect_uri: str, verifier: Secret | None = None) -> TokenSet:
    """Exchange an authorization code for tokens. A code is good for one exchange."""
    session = _session(provider, client, redirect_uri=redirect_uri)
    seen = _watch(session, provider, "access_token_response", "exchange of the code")
    extra: dict[str, Any] = {"code_verifier": Secret(verifier).reveal()} if provider.pkce and verifier else {}
    if provider.basic_auth:
        extra["auth"] = (client.client_id, client.client_secret.reveal())
    else:
        extra |= {"include_client_id": True, "client_secret": client.client_secret.reveal()}

    def exchange() -> None:
        session.fetch_token(
            _as_https(provider, provider.token_url), code=code, timeout=TIMEOUT, headers=_headers(provider), **extra
        )

    return _tokens(provider, "exchange of the code", exchange, seen, kept=None)


def refresh(*, provider: Provider, client: Client, refresh_token: Secret) -> TokenSet:
    """Trade the refresh token for new tokens.

    The answer's refresh token may be another one, after which the old one is dead: save it before using anything. Where the
    vendor sends none, the old one is returned.
    """
    session = _session(provider, client)
    seen = _watch(session, provider, "refresh_token_response", "refresh of the access token")
    extra: dict[str, Any] = {"client_id": client.client_id, "client_secret": client.client_secret.reveal()}
    if provider.basic_auth:
        extra = {"auth": (client.client_id, client.client_secret.reveal())}

    def exchange() -> None:
        session.refresh_token(
            _as_https(provider, provider.token_url), refresh_token=Secret(refresh_token).reveal(), timeout=TIMEOUT,
            headers=_headers(provider), **extra,
        )

    return _tokens(provider, "refresh of the access token", exchange, seen, kept=refresh_token)


def revoke(*, provider: Provider, client: Client, token: Secret) -> None:
    """End the grant at the vendor. A token that is dead already counts as revoked."""
    operation = "revocation"
    form = {"token": Secret(token).reveal(), "token_type_hint": "refresh_token"}
    auth = (client.client_id, client.client_secret.reveal()) if provider.basic_auth else None
    if not provider.basic_auth:
        form |= {"client_id": client.client_id, "client_secret": client.client_secret.reveal()}
    response: Any = None
    url = _as_https(provider, provider.revoke_url)
    with contextlib.suppress(OSError):
        response = _session(provider, client).post(url, data=form, auth=auth, timeout=TIMEOUT, headers=_headers(provider))
    if response is None:
        raise errors.Transient(system=provider.system, operation=operation, words="No answer came.")
    if response.status_code >= 300 and not _codes(_json(response)) & _NOTHING_TO_REVOKE:
        raise _refusal(provider, operation, response)


def _session(provider: Provider, client: Client, redirect_uri: str | None = None) -> requests_oauthlib.OAuth2Session:
    session = requests_oauthlib.OAuth2Session(client_id=client.client_id, redirect_uri=redirect_uri)
    session.max_redirects = 0
    outbound.confine(session=session)
    for url in (provider.token_url, provider.revoke_url):
        if _scheme(url) == "http":
            session.mount(_origin(_as_https(provider, url)), outbound.PlainLoopback())
    return session


def _as_https(provider: Provider, url: str) -> str:
    """The library takes nothing but https. A loopback address is shown to it as such and sent plainly; no other may be plain."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https":
        return url
    if parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS:
        return parts._replace(scheme="https").geturl()
    raise errors.Misconfigured(system=provider.system, operation="sign-in", words="The address of the vendor must start with https.")


def _watch(session: requests_oauthlib.OAuth2Session, provider: Provider, hook: _Hook, operation: str) -> list[dict[str, Any]]:
    """Look at the answer before the library does, which ignores the status and takes an error page for a missing token."""
    seen: list[dict[str, Any]] = []

    def look(response: Any) -> Any:
        body = _json(response)
        if response.status_code != 200 or "error" in body:
            raise _refusal(provider, operation, response)
        if not isinstance(body.get("access_token"), str) or _seconds(body.get("expires_in")) is None:
            raise errors.Transient(system=provider.system, operation=operation, status=200, words="No usable answer came.")
        seen.append(body)
        return response

    session.register_compliance_hook(hook, look)
    return seen


def _tokens(
    provider: Provider, operation: str, exchange: Callable[[], None], seen: list[dict[str, Any]], *, kept: Secret | None
) -> TokenSet:
    """Run the exchange and read its answer. The library's own exceptions hold tokens and addresses, so none of them is chained."""
    usable = False
    try:
        exchange()
        usable = True
    except (OSError, oauth2.OAuth2Error, ValueError, Warning):
        pass
    if not usable or not seen:
        raise errors.Transient(system=provider.system, operation=operation, words="No usable answer came.")
    body = seen[0]
    new = body.get("refresh_token")
    scopes = body.get("scopes", body.get("scope", ()))
    account = body.get("hub_id")
    return TokenSet(
        access_token=Secret(body["access_token"]),
        refresh_token=Secret(new) if isinstance(new, str) and new else kept,
        expires_in=_seconds(body["expires_in"]) or 0,
        refresh_expires_in=_seconds(body.get("x_refresh_token_expires_in")),
        refresh_hard_expires_in=_seconds(body.get("x_refresh_token_hard_expires_in")),
        scopes=tuple(scopes.split() if isinstance(scopes, str) else map(str, scopes or ())),
        account_id=None if account is None else str(account),
    )


def _refusal(provider: Provider, operation: str, response: Any) -> errors.ApiError:
    body = _json(response)
    codes = _codes(body)
    status = int(response.status_code)
    kind: type[errors.ApiError] = errors.Transient
    if status in (400, 401) and codes & _GRANT_ENDED:
        kind = errors.NeedsReconnect
    elif status in (400, 401, 403) and codes & _OUR_FAULT:
        kind = errors.Misconfigured
    said = body.get("error_description") or body.get("message")
    return kind(
        system=provider.system,
        operation=operation,
        status=status,
        code=next(iter(sorted(codes)), None),
        words=said if isinstance(said, str) else "",
        request_id=next((response.headers[name] for name in http.REQUEST_ID_HEADERS if name in response.headers), None),
    )


def _codes(body: dict[str, Any]) -> frozenset[str]:
    return frozenset(value for value in (body.get("error"), body.get("status")) if isinstance(value, str))


def _json(response: Any) -> dict[str, Any]:
    try:
        body = json.loads(response.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _headers(provider: Provider) -> dict[str, str]:
    form = "application/x-www-form-urlencoded"
    return {"Accept": "application/json", "Content-Type": form, "User-Agent": "syncapp", **dict(provider.headers)}


def _seconds(value: Any) -> int | None:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else None


def _scheme(url: str) -> str:
    return urllib.parse.urlsplit(url).scheme


def _origin(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")
