"""Clients, codes, connections and their tokens.

Owns their lifetimes and the rotation of refresh tokens. A grant is one connection of one client to one company.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.sandbox.messages import Json
from integrations.sandbox.store import Table
from integrations.sandbox.world import World

CODE_SECONDS = 600
ROTATION_SECONDS = 86_400
ROLLING_SECONDS = 100 * 86_400
HARD_SECONDS = 157_680_000
ACCOUNTING = "com.intuit.quickbooks.accounting"
SCOPES = (
    ACCOUNTING,
    "com.intuit.quickbooks.payment",
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "app-foundations.custom-field-definitions",
    "app-foundations.custom-field-definitions.read",
    "app-foundations.custom-dimensions.read",
    "project-management.project",
    "indirect-tax.tax-calculation.quickbooks",
    "time-tracking.time-entry",
    "payroll.compensation.read",
)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_ACCESS_PREFIX = "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0.."
_ACCESS_BYTES = 720


class InvalidGrant(Exception):
    """A code or refresh token that cannot be used; the text is the vendor's description."""


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """What a successful exchange or refresh hands out, and how long each part lives, in seconds."""

    access: str
    refresh: str
    expires_in: int
    refresh_expires_in: int
    hard_expires_in: int
    realm: str


class Grants:
    """Everything that OAuth needs to remember, in the store's tables."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    def _table(self, name: str) -> Table:
        return self._world.store.table("quickbooks", name)

    def _now(self) -> float:
        return self._world.clock.now().timestamp()

    def add_client(self, *, name: str, redirect_uris: list[str] | None, limits: Json | None, client_id: str = "", secret: str = "") -> Json:
        """Register a client. Without redirect URIs any loopback address is good; `limits` None means the published ones."""
        client: Json = {
            "client_id": client_id or f"AB{secrets.token_hex(24)}",
            "client_secret": secret or secrets.token_hex(20),
            "name": name,
            "redirect_uris": redirect_uris,
            "limits": limits,
        }
        self._table("clients").put(client["client_id"], client)
        return client

    def client(self, client_id: str) -> Json | None:
        """The client with that id."""
        return self._table("clients").get(client_id)

    def clients(self) -> list[Json]:
        """Every client."""
        return list(self._table("clients").values())

    def authenticated(self, client_id: str, secret: str) -> Json | None:
        """The client, when the secret is its own."""
        client = self.client(client_id)
        return client if client and secrets.compare_digest(str(client["client_secret"]).encode(), secret.encode()) else None

    def may_redirect(self, client: Json, uri: str) -> bool:
        """Whether the client registered that redirect URI, letter by letter."""
        if client["redirect_uris"] is not None:
            return uri in client["redirect_uris"]
        try:
            parts = urlsplit(uri)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and parts.hostname in _LOOPBACK and not parts.fragment

    def make_code(self, *, client_id: str, realm: str, scopes: list[str], redirect_uri: str, challenge: str, method: str) -> str:
        """A code for a company whose user consented."""
        code = f"XAB1{secrets.token_hex(22)}"
        row: Json = {"client_id": client_id, "realm_id": realm, "scopes": scopes, "redirect_uri": redirect_uri}
        row |= {"challenge": challenge, "method": method, "made": self._now(), "grant": None}
        self._table("codes").put(code, row)
        return code

    def code(self, code: str) -> Json | None:
        """What was consented to under a code."""
        return self._table("codes").get(code)

    def exchange(self, code: str, *, client: Json, redirect_uri: str) -> Tokens:
        """Turn a code into tokens, once: a second time kills what the first gave. Raises InvalidGrant."""
        row = self.code(code)
        if row is None or row["client_id"] != client["client_id"]:
            raise InvalidGrant("Invalid authorization code")
        if row["grant"] is not None:
            self._end(row["grant"])
            raise InvalidGrant("Authorization code already used")
        if self._now() - row["made"] > CODE_SECONDS:
            raise InvalidGrant("Authorization code expired")
        if redirect_uri != row["redirect_uri"]:
            raise InvalidGrant("redirect_uri does not match")
        grant = self.connect(client=client, realm=row["realm_id"], scopes=row["scopes"], limits=client["limits"])
        self._table("codes").put(code, {**row, "grant": grant["id"]})
        return self._issue(grant)

    def connect(self, *, client: Json, realm: str, scopes: list[str], limits: Json | None) -> Json:
        """A new connection, without tokens yet. `limits` None means the published ones, `{}` none at all."""
        now = self._now()
        grant: Json = {"id": secrets.token_hex(12), "client_id": client["client_id"], "realm_id": realm, "scopes": scopes, "limits": limits}
        grant |= {"made": now, "used": now, "rotated": now, "refresh": self._new_refresh(), "over": False}
        self._keep(grant)
        return grant

    def mint(self, *, client: Json, realm: str, scopes: list[str], limits: Json) -> Tokens:
        """A connection with its tokens, at once."""
        return self._issue(self.connect(client=client, realm=realm, scopes=scopes, limits=limits))

    def refresh(self, value: str, *, client: Json) -> Tokens:
        """New access for a refresh token, whose value changes after a day (or always, by switch). Raises InvalidGrant."""
        pointer = self._table("refresh").get(value)
        grant = self._table("grants").get(pointer["grant"]) if pointer else None
        now = self._now()
        if grant is None or grant["client_id"] != client["client_id"] or grant["over"] or grant["refresh"] != value:
            raise InvalidGrant("Token invalid")
        if now - grant["used"] > ROLLING_SECONDS or now - grant["made"] > HARD_SECONDS:
            raise InvalidGrant("Token expired")
        if now - grant["rotated"] >= ROTATION_SECONDS or self._world.switch("quickbooks.rotate_always"):
            grant = {**grant, "refresh": self._new_refresh(), "rotated": now}
        grant = {**grant, "used": now}
        self._keep(grant)
        self._forget_expired(grant["id"])
        return self._issue(grant)

    def access(self, token: str) -> tuple[Json | None, bool]:
        """The grant behind an access token, and whether the token is still good."""
        row = self._table("access").get(token)
        grant = self._table("grants").get(row["grant"]) if row else None
        if row is None or grant is None:
            return None, False
        return grant, not grant["over"] and self._now() < row["ends"]

    def revoke(self, token: str, *, client: Json) -> bool:
        """End the connection that a refresh or access token belongs to; False when there is none of this client."""
        row = self._table("refresh").get(token) or self._table("access").get(token)
        grant = self._table("grants").get(row["grant"]) if row else None
        if grant is None or grant["client_id"] != client["client_id"] or grant["over"]:
            return False
        self._end(grant["id"])
        return True

    def end_realms_except(self, realms: set[str]) -> None:
        """End the connections to companies that are no more."""
        for grant in list(self._table("grants").values()):
            if grant["realm_id"] not in realms:
                self._end(grant["id"])

    def listed(self) -> list[Json]:
        """Every connection, without token values."""
        shown = ("client_id", "realm_id", "scopes", "limits", "made", "used", "over")
        return [{name: grant[name] for name in shown} for grant in self._table("grants").values()]

    def _issue(self, grant: Json) -> Tokens:
        now = self._now()
        seconds = int(self._world.switch("quickbooks.access_token_seconds"))
        token = _ACCESS_PREFIX + secrets.token_urlsafe(_ACCESS_BYTES)
        self._table("access").put(token, {"grant": grant["id"], "ends": now + seconds})
        hard = int(grant["made"] + HARD_SECONDS - now)
        return Tokens(
            access=token,
            refresh=str(grant["refresh"]),
            expires_in=seconds,
            refresh_expires_in=min(ROLLING_SECONDS, hard),
            hard_expires_in=hard,
            realm=str(grant["realm_id"]),
        )

    def _keep(self, grant: Json) -> None:
        self._table("grants").put(grant["id"], grant)
        self._table("refresh").put(grant["refresh"], {"grant": grant["id"]})

    def _end(self, grant_id: str) -> None:
        grant = self._table("grants").get(grant_id)
        if grant is not None:
            self._table("grants").put(grant_id, {**grant, "over": True})

    def _forget_expired(self, grant_id: str) -> None:
        """Drop access tokens that ended more than a day ago, so that a long test does not pile them up."""
        limit = self._now() - ROTATION_SECONDS
        stale = [token for token, row in self._table("access").items() if row["grant"] == grant_id and row["ends"] < limit]
        for token in stale:
            self._table("access").drop(token)

    @staticmethod
    def _new_refresh() -> str:
        return f"RT1-{secrets.randbelow(1000):03d}-H0-{secrets.token_hex(20)}"
