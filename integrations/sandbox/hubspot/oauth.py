"""The token calls of every OAuth version.

Owns the exchange of codes and refresh tokens, introspection and revocation. The consent page has a module of its own.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass

from integrations.sandbox.hubspot.errors import Refused, error_body
from integrations.sandbox.hubspot.grants import SERVICE_KEY, Grant, Grants, grant_of
from integrations.sandbox.hubspot.portal import Portal, Portals
from integrations.sandbox.messages import Json, Request, Response

FORM = "application/x-www-form-urlencoded"
VERSIONS = ("v1", "v3", "2026-03", "2026-09")
HUB_DOMAIN_SUFFIX = "hubspot-sandbox.test"


@dataclass(frozen=True, kw_only=True)
class OAuth:
    """The OAuth calls over the grants of this sandbox."""

    grants: Grants
    portals: Portals
    json_accepted: Callable[[], bool]
    rotating: Callable[[], bool]

    def answer(self, request: Request, version: str, rest: tuple[str, ...]) -> tuple[Response, str] | None:
        """Answer an OAuth call and tell its route; None when there is no such call. Raises Refused."""
        if version == "v1" and len(rest) == 2 and rest[0] in {"access-tokens", "refresh-tokens"}:
            return self._v1_token(request, rest), f"/oauth/{{version}}/{rest[0]}/{{token}}"
        route = f"/oauth/{{version}}/{'/'.join(rest)}"
        if version == "v2" and rest == ("private-apps", "get", "access-token-info") and request.method == "POST":
            return self._key_info(request), route
        if request.method != "POST" or version not in VERSIONS:
            return None
        if rest == ("token",):
            return self._token(request, version), route
        if version != "v1" and rest == ("token", "introspect"):
            return self._introspect(request), route
        if version != "v1" and rest == ("token", "revoke"):
            return self._revoke(request), route
        return None

    def _form(self, request: Request, version: str) -> dict[str, str]:
        kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "application/json" and self.json_accepted():
            try:
                body = request.json()
            except ValueError:
                body = None
            return {name: str(value) for name, value in body.items()} if isinstance(body, dict) else {}
        if version == "v1" and not request.body:
            return dict(request.query)
        if kind != FORM:
            raise _refused("invalid_request", "BAD_REQUEST", f"the body has to be sent as {FORM}", version)
        try:
            return request.form()
        except ValueError:
            raise _refused("invalid_request", "BAD_REQUEST", "the body is no form in UTF-8", version) from None

    def _client(self, form: dict[str, str], version: str) -> Json:
        client = self.grants.client(form.get("client_id", ""))
        if client is None:
            raise _refused("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id", version)
        if not hmac.compare_digest(form.get("client_secret", "").encode(), str(client["client_secret"]).encode()):
            raise _refused("invalid_client", "BAD_CLIENT_SECRET", "missing or invalid client secret", version)
        return client

    def _token(self, request: Request, version: str) -> Response:
        form = self._form(request, version)
        client = self._client(form, version)
        if form.get("grant_type") == "authorization_code":
            grant = self._exchanged(form, client, version)
            return self._issued(grant, self.grants.issue_refresh(grant), version)
        if form.get("grant_type") == "refresh_token":
            token = form.get("refresh_token", "")
            grant_found = self.grants.refresh(token)
            if grant_found is None or grant_found.client_id != client["client_id"]:
                words = "missing or invalid refresh token" if version == "v1" else "refresh token is invalid, expired or revoked"
                raise _refused("invalid_grant", "BAD_REFRESH_TOKEN", words, version)
            if self.rotating():
                token = self.grants.rotated(token, grant_found)
            return self._issued(grant_found, token, version)
        raise _refused("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type", version)

    def _exchanged(self, form: dict[str, str], client: Json, version: str) -> Grant:
        code = self.grants.take_code(form.get("code", ""))
        if code is None or code["client_id"] != client["client_id"]:
            raise _refused("invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code", version)
        if form.get("redirect_uri") != code["redirect_uri"]:
            words = "redirect uri does not match the one the auth code was made for"
            raise _refused("invalid_grant", "MISMATCH_REDIRECT_URI_AUTH_CODE", words, version)
        if not _verified(code["challenge"], form.get("code_verifier", "")):
            raise _refused("invalid_grant", "BAD_AUTH_CODE", "the code verifier does not go with the code challenge", version)
        return grant_of(code)

    def _issued(self, grant: Grant, refresh_token: str, version: str) -> Response:
        body: Json = {
            "token_type": "bearer",
            "access_token": self.grants.issue_access(grant),
            "refresh_token": refresh_token,
            "expires_in": self.grants.lifetime(),
        }
        if version != "v1":
            portal = self._portal(grant)
            body |= {
                "hub_id": int(grant.portal_id),
                "scopes": list(grant.scopes),
                "user_id": int(portal.person()),
                "token_use": "access_token",
            }
        return Response.of_json(body)

    def _portal(self, grant: Grant) -> Portal:
        found = self.portals.find(grant.portal_id)
        if found is None:
            raise Refused(404, error_body("the account of this token does not exist"))
        return found

    def _facts(self, grant: Grant, token: str) -> Json:
        portal = self._portal(grant)
        client = self.grants.client(grant.client_id) or {}
        return {
            "token": token,
            "hub_id": int(grant.portal_id),
            "user_id": int(portal.person()),
            "client_id": grant.client_id,
            "app_id": client.get("app_id"),
            "user": next((one["email"] for one in portal.owners()), f"admin@{HUB_DOMAIN_SUFFIX}"),
            "hub_domain": f"{grant.portal_id}.{HUB_DOMAIN_SUFFIX}",
            "scopes": list(grant.scopes),
        }

    def _v1_token(self, request: Request, rest: tuple[str, ...]) -> Response:
        kind, token = rest
        if request.method == "DELETE" and kind == "refresh-tokens":
            if not self.grants.revoke(token):
                raise Refused(404, error_body("missing or unknown refresh token"))
            return Response(status=204)
        if request.method != "GET":
            raise Refused(405, error_body("Method not allowed"))
        found = self._living(token) if kind == "access-tokens" else None
        grant = found[0] if found is not None else (self.grants.refresh(token) if kind == "refresh-tokens" else None)
        if grant is None:
            raise Refused(404, error_body(f"missing or unknown {kind.removesuffix('s').replace('-', ' ')}"))
        body = self._facts(grant, token)
        body["token_type"] = "access" if found is not None else "refresh"
        if found is not None:
            body["expires_in"] = found[1]
        return Response.of_json(body)

    def _living(self, token: str) -> tuple[Grant, int | None] | None:
        access = self.grants.access(token)
        if access is None or (access.expired_for is not None and access.expired_for >= 0):
            return None
        return access.grant, None if access.expired_for is None else -access.expired_for

    def _introspect(self, request: Request) -> Response:
        form = self._form(request, "v3")
        client = self._client(form, "v3")
        token = form.get("token") or form.get("access_token") or form.get("refresh_token") or ""
        living = self._living(token)
        grant = living[0] if living is not None else self.grants.refresh(token)
        if grant is None or grant.client_id != client["client_id"]:
            return Response.of_json({"active": False})
        body: Json = {"active": True, **self._facts(grant, token), "token_type": "Bearer", "is_private_distribution": True}
        body["token_use"] = "access_token" if living is not None else "refresh_token"
        if living is not None:
            body["expires_in"] = living[1]
        return Response.of_json(body)

    def _revoke(self, request: Request) -> Response:
        form = self._form(request, "v3")
        client = self._client(form, "v3")
        grant = self.grants.refresh(form.get("token", ""))
        if grant is not None and grant.client_id == client["client_id"]:
            self.grants.revoke(form["token"])
        return Response(status=204)

    def _key_info(self, request: Request) -> Response:
        try:
            body = request.json()
        except ValueError:
            body = None
        token = str(body.get("tokenKey", "")) if isinstance(body, dict) else ""
        living = self._living(token)
        if living is None or living[0].kind != SERVICE_KEY:
            raise Refused(404, error_body("missing or unknown token"))
        facts = self._facts(living[0], token)
        return Response.of_json(
            {"userId": facts["user_id"], "hubId": facts["hub_id"], "appId": facts["app_id"], "scopes": facts["scopes"]}
        )


def _verified(challenge: str | None, verifier: str) -> bool:
    if challenge is None:
        return not verifier
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return hmac.compare_digest(digest, challenge)


def _refused(error: str, status: str, words: str, version: str) -> Refused:
    if version == "v1":
        return Refused(400, {"status": status, "message": words})
    return Refused(400, {"error": error, "error_description": words, "status": status, "message": words})
