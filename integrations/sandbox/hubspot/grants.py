"""Apps, and what accounts granted to them: access tokens, refresh tokens, authorization codes.

Owns secrets and their lives. Speaks no HTTP and checks no call.
"""
from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from integrations.sandbox.hubspot import moments
from integrations.sandbox.messages import Json
from integrations.sandbox.world import World

CODE_SECONDS = 600
SERVICE_KEY = "service_key"
OAUTH = "oauth"
PUBLISHED_LIMITS: Json = {"burst": 110, "burst_seconds": 10, "search_per_second": 5, "daily": None}


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What an app may do in an account. `limits` None: none at all."""

    client_id: str
    portal_id: str
    scopes: tuple[str, ...]
    limits: Json | None
    kind: str = OAUTH

    def as_row(self) -> Json:
        """The grant as the store keeps it."""
        return {**vars(self), "scopes": list(self.scopes)}


@dataclass(frozen=True, kw_only=True)
class Access:
    """A token that was found. `expired_for` is negative while the token lives, None when it never dies."""

    grant: Grant
    expired_for: int | None


def grant_of(row: Json) -> Grant:
    """The grant that the store kept."""
    return Grant(**{**{name: row[name] for name in ("client_id", "portal_id", "limits", "kind")}, "scopes": tuple(row["scopes"])})


class Grants:
    """The apps and tokens of this sandbox."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.clients = world.store.table("hubspot", "clients")
        self._access = world.store.table("hubspot", "access_tokens")
        self._refresh = world.store.table("hubspot", "refresh_tokens")
        self._codes = world.store.table("hubspot", "codes")

    def _now(self) -> int:
        return moments.to_ms(self._world.clock.now())

    def lifetime(self) -> int:
        """How many seconds an access token lives."""
        return int(self._world.switch("hubspot.access_token_seconds"))

    def add_client(self, *, wanted: Json) -> Json:
        """Make an app known; ids and secrets that are not given are made up."""
        client: Json = {
            "client_id": str(wanted.get("client_id") or uuid.uuid4()),
            "client_secret": str(wanted.get("client_secret") or uuid.uuid4()),
            "app_id": int(wanted.get("app_id") or 7_000_000 + len(self.clients)),
            "name": str(wanted.get("name") or "Sync app"),
            "redirect_uris": [str(uri) for uri in wanted.get("redirect_uris", ())],
            "loopback": bool(wanted.get("loopback")),
            "scopes": wanted.get("scopes"),
            "limits": wanted.get("limits"),
        }
        self.clients.put(client["client_id"], client)
        return client

    def client(self, client_id: str) -> Json | None:
        """The app of that id."""
        return self.clients.get(client_id)

    def issue_access(self, grant: Grant) -> str:
        """Make an access token."""
        token = f"pat-na1-{uuid.uuid4()}" if grant.kind == SERVICE_KEY else "C" + secrets.token_urlsafe(180)
        expires = None if grant.kind == SERVICE_KEY else self._now() + self.lifetime() * 1000
        self._access.put(token, {**grant.as_row(), "expires": expires})
        return token

    def issue_refresh(self, grant: Grant) -> str:
        """Make a refresh token."""
        token = f"na1-{uuid.uuid4()}"
        self._refresh.put(token, grant.as_row())
        return token

    def access(self, token: str) -> Access | None:
        """The living or expired access token."""
        row = self._access.get(token)
        if row is None:
            return None
        expired_for = None if row["expires"] is None else (self._now() - row["expires"]) // 1000
        return Access(grant=grant_of(row), expired_for=expired_for)

    def refresh(self, token: str) -> Grant | None:
        """What a refresh token stands for."""
        row = self._refresh.get(token)
        return grant_of(row) if row is not None else None

    def revoke(self, token: str) -> bool:
        """Forget a refresh token; its access tokens live to their end. False when there is none."""
        known = token in self._refresh
        self._refresh.drop(token)
        return known

    def rotated(self, token: str, grant: Grant) -> str:
        """A fresh refresh token for a used one, which dies."""
        self._refresh.drop(token)
        return self.issue_refresh(grant)

    def issue_code(self, grant: Grant, *, redirect_uri: str, challenge: str | None) -> str:
        """Make an authorization code."""
        code = str(uuid.uuid4())
        row = {**grant.as_row(), "redirect_uri": redirect_uri, "challenge": challenge, "expires": self._now() + CODE_SECONDS * 1000}
        self._codes.put(code, row)
        return code

    def take_code(self, code: str) -> Json | None:
        """What a code stands for, once; None when it is unknown, used or too old."""
        row = self._codes.get(code)
        self._codes.drop(code)
        return row if row is not None and row["expires"] > self._now() else None

    def uninstall(self, grant: Grant) -> None:
        """Forget every token of an app in an account."""
        for table in (self._access, self._refresh, self._codes):
            for token, row in list(table.items()):
                if (row["client_id"], row["portal_id"]) == (grant.client_id, grant.portal_id):
                    table.drop(token)

    def forget_absent(self, portal_ids: Iterable[str]) -> None:
        """Forget the tokens of accounts that no longer exist."""
        there = set(portal_ids)
        for table in (self._access, self._refresh, self._codes):
            for token, row in list(table.items()):
                if row["portal_id"] not in there:
                    table.drop(token)

    def dump(self) -> Json:
        """Apps and living grants, without ids or secrets of tokens."""
        shown = ("client_id", "portal_id", "scopes", "kind")
        return {
            "apps": [{name: row[name] for name in ("client_id", "app_id", "name", "redirect_uris")} for row in self.clients.values()],
            "access_tokens": [{**{name: row[name] for name in shown}, "expires": row["expires"]} for row in self._access.values()],
            "refresh_tokens": [{name: row[name] for name in shown} for row in self._refresh.values()],
        }


def narrowed(grant: Grant, scopes: Iterable[str]) -> Grant:
    """The grant with these scopes instead."""
    return replace(grant, scopes=tuple(scopes))
