"""Intuit's OAuth endpoints: discovery, token, revoke, user info.

Owns the protocol. What tokens there are is kept in `grants`; the consent page stands in `consent`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets

from integrations.sandbox.messages import Json, Request, Response
from integrations.sandbox.quickbooks.grants import Grants, InvalidGrant, Tokens

DISCOVERY = ("openid_configuration", "openid_sandbox_configuration")
AUTHORIZE, TOKEN, REVOKE = "/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
USER_INFO, KEYS = "/v1/openid_connect/userinfo", "/op/v1/jwks"
HARD_EXPIRY_HEADER = "x-include-refresh-token-hard-expires-in"


class _Refused(Exception):
    """An OAuth error answer."""

    def __init__(self, error: str, *, status: int = 400, description: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error} | ({"error_description": description} if description else {})


def discovery(request: Request) -> Response:
    """The discovery document, its endpoints on the address that was called."""
    base = request.base_url
    document = {
        "issuer": f"{base}/op/v1",
        "authorization_endpoint": f"{base}{AUTHORIZE}",
        "token_endpoint": f"{base}{TOKEN}",
        "userinfo_endpoint": f"{base}{USER_INFO}",
        "revocation_endpoint": f"{base}{REVOKE}",
        "jwks_uri": f"{base}{KEYS}",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
    }
    return Response.of_json(document)


def token(request: Request, grants: Grants) -> Response:
    """Exchange a code or refresh a token."""
    try:
        form = _form(request)
        client = _client(request, form, grants)
        tokens = _granted(form, client, grants)
    except InvalidGrant as error:
        return Response.of_json({"error": "invalid_grant", "error_description": str(error)}, status=400)
    except _Refused as error:
        return Response.of_json(error.body, status=error.status)
    body: Json = {
        "token_type": "bearer",
        "access_token": tokens.access,
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh,
        "x_refresh_token_expires_in": tokens.refresh_expires_in,
    }
    if request.headers.get(HARD_EXPIRY_HEADER, "").lower() == "true":
        body["x_refresh_token_hard_expires_in"] = tokens.hard_expires_in
    return Response.of_json(body, headers={"Cache-Control": "no-cache, no-store"})


def revoke(request: Request, grants: Grants) -> Response:
    """End the connection of a token, sent as JSON or as a form."""
    try:
        sent = _json_or_form(request)
        client = _client(request, sent, grants)
        wanted = sent.get("token")
        if not isinstance(wanted, str) or not wanted:
            raise _Refused("invalid_request", description="token is missing")
        if not grants.revoke(wanted, client=client):
            raise _Refused("invalid_grant", description="Token invalid")
    except _Refused as error:
        return Response.of_json(error.body, status=error.status)
    return Response(status=200, headers={"Content-Type": "application/json"})


def user_info(request: Request, grants: Grants) -> Response:
    """Who consented."""
    grant, good = grants.access(bearer(request))
    if grant is None or not good:
        return Response.of_json({"error": "invalid_token"}, status=401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
    if "openid" not in grant["scopes"]:
        return Response.of_json({"error": "insufficient_scope"}, status=403)
    person = {"sub": "5a1e0c2d-0000-4000-8000-000000000001", "givenName": "Robin", "familyName": "Books"}
    return Response.of_json({**person, "email": "robin.books@example.com", "emailVerified": True})


def bearer(request: Request) -> str:
    """The bearer token of a request, or nothing."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _granted(form: Json, client: Json, grants: Grants) -> Tokens:
    kind = form.get("grant_type", "")
    if kind == "authorization_code":
        code = form.get("code", "")
        if not code:
            raise _Refused("invalid_request", description="code is missing")
        _check_verifier(grants.code(code), form.get("code_verifier", ""))
        return grants.exchange(code, client=client, redirect_uri=form.get("redirect_uri", ""))
    if kind == "refresh_token":
        if not form.get("refresh_token"):
            raise _Refused("invalid_request", description="refresh_token is missing")
        return grants.refresh(form["refresh_token"], client=client)
    raise _Refused("unsupported_grant_type")


def _check_verifier(code: Json | None, verifier: str) -> None:
    """Proof Key for Code Exchange: what was hashed at the consent page must be shown now."""
    if code is None or not code["challenge"]:
        return
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    shown = verifier if code["method"] == "plain" else digest
    if not verifier or not secrets.compare_digest(shown.encode(), str(code["challenge"]).encode()):
        raise InvalidGrant("code_verifier does not match")


def _client(request: Request, sent: Json, grants: Grants) -> Json:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    client_id, secret = str(sent.get("client_id", "")), str(sent.get("client_secret", ""))
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise _Refused("invalid_client", status=401) from None
    client = grants.authenticated(client_id, secret) if client_id and secret else None
    if client is None:
        raise _Refused("invalid_client", status=401)
    return client


def _form(request: Request) -> Json:
    if "application/x-www-form-urlencoded" not in request.headers.get("Content-Type", ""):
        raise _Refused("invalid_request", description="The body must be application/x-www-form-urlencoded")
    try:
        return dict(request.form())
    except ValueError:
        raise _Refused("invalid_request") from None


def _json_or_form(request: Request) -> Json:
    if "json" not in request.headers.get("Content-Type", ""):
        return _form(request)
    try:
        value = request.json()
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _Refused("invalid_request")
    return value
