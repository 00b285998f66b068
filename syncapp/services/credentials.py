"""Keep the vendors' tokens sealed, and give out one that works.

Owns which tokens are sealed where, their rotation to a newer encryption key, and the refresh of an access token, which one process at
a time does. Shows no token to anybody but the transport and the vendor, and makes no call inside a transaction.

    SyncError
    ├── Misconfigured
    │   └── KeyMissing     the encryption key of a token is not in the settings, or it is the wrong one
    └── NeedsReconnect     there is no token (any more)
"""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection as database
from django.db import transaction

from integrations import discretion
from integrations.discretion import Secret
from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import auditing, errors, vocabulary
from syncapp.engine.wording import say
from syncapp.services import leases, notices, ports, sealing, statements

ACCESS = "access_token"
REFRESH = "refresh_token"
LEASE_SECONDS = 60
LONGEST_MARGIN = timedelta(minutes=5)
NAP_SECONDS = 0.25
MOST_NAPS = 280
"""Naps enough to outlive the lease of a process that died while it refreshed."""


KeyMissing = sealing.KeyMissing


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The opened credential of a connection. Neither its repr nor its attributes show a token."""

    access: Secret = field(repr=False)
    refresh: Secret = field(repr=False)
    fresh_until: datetime | None

    def __post_init__(self) -> None:
        discretion.conceal(self, "access", "refresh")


def seal(*, connection_id: int, name: str, value: str) -> str:
    """Encrypt a token with the newest key, bound to its connection and its column."""
    return sealing.seal(place=_place(connection_id, name), value=value)


def unseal(*, connection_id: int, name: str, sealed: str) -> str:
    """Decrypt a token. Raises KeyMissing, and never answers anything but the token that was sealed."""
    try:
        return sealing.unseal(place=_place(connection_id, name), sealed=sealed)
    except KeyMissing as closed:
        raise KeyMissing(say(
            "The tokens of connection {number} cannot be opened: {why}. Put the key back into CREDENTIAL_KEYS, or connect again.",
            number=connection_id, why=closed,
        )) from None


def store(*, connection: models.Connection, tokens: factory.TokenSet, client_id: str = "", now: datetime) -> None:
    """Keep the tokens of a connection, sealed, in place of those it had."""
    _keep(connection, {**_columns(connection.pk, tokens, now), "client_id": client_id})


def store_key(*, connection: models.Connection, key: Secret | str, now: datetime) -> None:
    """Keep a key that neither expires nor is refreshed."""
    _keep(
        connection,
        {
            ACCESS: seal(connection_id=connection.pk, name=ACCESS, value=Secret(key).reveal()),
            REFRESH: "", "key_id": sealing.newest(), "client_id": "",
            "access_expires_at": None, "refresh_expires_at": None, "refresh_ends_at": None, "scopes": [], "updated_at": now,
        },
    )


def revocable(*, connection: models.Connection) -> Secret:
    """Open the refresh token of a connection, an empty one where there is none to revoke."""
    row = models.Credential.objects.filter(connection=connection).first()
    return _opened(row).refresh if row else Secret("")


def fingerprint(credential: models.Credential | None) -> str:
    """Tell a connection's access from another without showing it; "" where there is none, or none that can be opened."""
    try:
        opened = _opened(credential) if credential is not None else None
    except KeyMissing:
        return ""
    return auditing.fingerprint((opened.refresh or opened.access).reveal()) if opened is not None else ""


def rotate() -> int:
    """Seal everything again with the newest key and tell how many credentials it changed.

    Syncs may run meanwhile, and it may be broken off and started again: a credential that is refreshed at the same moment is
    taken again in its new form.
    """
    count = 0
    for pk in models.Credential.objects.exclude(key_id=sealing.newest()).values_list("pk", flat=True):
        while not _resealed(pk):
            continue
        count += 1
    return count


def unreadable() -> list[tuple[models.Connection, str]]:
    """List the connections whose tokens cannot be opened with the keys of the settings, each with the reason."""
    found = []
    for row in models.Credential.objects.select_related("connection").order_by("connection"):
        try:
            _opened(row)
        except KeyMissing as missing:
            found.append((row.connection, str(missing)))
    return found


def mark_ended(*, connection_id: int, words: str) -> None:
    """Remember that the vendor no longer accepts a connection, and tell a person once."""
    with transaction.atomic():
        current = models.Connection.objects.filter(pk=connection_id, status=vocabulary.ConnectionStatus.CONNECTED)
        if current.update(status=vocabulary.ConnectionStatus.NEEDS_RECONNECT, last_error=words[:500]):
            connection = models.Connection.objects.get(pk=connection_id)
            notices.tell(
                subject=reconnect_subject(connection_id), kind=vocabulary.NoticeKind.RECONNECT, urgent=True,
                link=f"/syncapp/connection/{connection_id}/change/",
                words=say(
                    "{connection} needs to be connected again: its access was ended there. No sync uses it until then.",
                    connection=connection,
                ),
            )


def reconnect_subject(connection_id: int) -> str:
    """Name the notice that asks for a reconnection."""
    return f"connection {connection_id} needs to be connected again"


class TokenKeeper:
    """The access tokens of one connection, for its transport. Refreshes them before they end and when one is rejected."""

    def __init__(self, *, connection_id: int, app: factory.App, outside: ports.Ports) -> None:
        self._connection_id = connection_id
        self._app = app
        self._outside = outside
        self._stored: tuple[object, ...] | None = None
        self._tokens: Tokens | None = None

    def token(self) -> str:
        """Return an access token that is good for a while yet. Raises NeedsReconnect, KeyMissing, Transient.

        Asks each time what is stored, so that access that was taken away ends here; it is opened again only where it is another.
        """
        stored = self._as_stored()
        if stored is None or stored != self._stored or self._tokens is None:
            self._stored, self._tokens = stored, _opened(self._row())
        tokens = self._tokens
        return (tokens.access if self._fresh(tokens) else self._renewed(than=tokens.access)).reveal()

    def renewed(self, rejected: str) -> str:
        """Return a token other than the rejected one. Raises NeedsReconnect, KeyMissing, Transient."""
        return self._renewed(than=Secret(rejected)).reveal()

    def _renewed(self, *, than: Secret) -> Secret:
        """One process refreshes, the others wait for what it saves."""
        owner = self._outside.new_key()
        for _ in range(MOST_NAPS):
            held = leases.take(
                name=f"token:{self._connection_id}", owner=owner, ttl_seconds=LEASE_SECONDS, now=self._outside.now()
            )
            if held is not None:
                try:
                    return self._saved(than) or self._refreshed()
                finally:
                    leases.release(held=held)
            if saved := self._saved(than):
                return saved
            self._outside.sleep(NAP_SECONDS)
        raise errors.Transient(
            say("Another process has been renewing the access token for too long. It is tried again."), system=self._app.system.label
        )

    def _refreshed(self) -> Secret:
        """Trade the refresh token in; what comes back is committed before anybody uses it."""
        row = self._row()
        used = _opened(row).refresh
        if not used:
            raise self._ended(say("The key is no longer accepted. Paste a new one."))
        try:
            tokens = factory.refresh(app=self._app, refresh_token=used)
        except errors.NeedsReconnect as refused:
            latest = _opened(self._row())
            if latest.refresh == used:
                raise self._ended(str(refused)) from None
            if self._fresh(latest):
                return latest.access
            used = latest.refresh
            tokens = self._traded(used)
        return self._kept(tokens, used)

    def _traded(self, refresh: Secret) -> factory.TokenSet:
        """Trade in what was saved meanwhile. Refused as well, it is the end of the connection."""
        try:
            return factory.refresh(app=self._app, refresh_token=refresh)
        except errors.NeedsReconnect as refused:
            raise self._ended(str(refused)) from None

    def _kept(self, tokens: factory.TokenSet, used: Secret) -> Secret:
        """Save the new tokens over those that were traded in; whoever saved newer ones meanwhile wins."""
        while True:
            row = self._row()
            if _opened(row).refresh != used:
                return _opened(row).access
            columns = _columns(self._connection_id, tokens, self._outside.now())
            if models.Credential.objects.filter(pk=row.pk, refresh_token=row.refresh_token).update(**columns):
                return tokens.access_token

    def _saved(self, than: Secret) -> Secret | None:
        """The stored token if it is another and still good."""
        tokens = _opened(self._row())
        return tokens.access if tokens.access != than and self._fresh(tokens) else None

    def _fresh(self, tokens: Tokens) -> bool:
        return tokens.fresh_until is None or self._outside.now() < tokens.fresh_until

    def _as_stored(self) -> tuple[object, ...] | None:
        """What the token and its end are kept as, None where the connection is not in use. A token never looks the same twice."""
        with database.cursor() as cursor:
            cursor.execute(statements.AS_STORED, [self._connection_id, vocabulary.ConnectionStatus.CONNECTED.value])
            found: tuple[object, ...] | None = cursor.fetchone()
        return found

    def _row(self) -> models.Credential:
        row = models.Credential.objects.select_related("connection").filter(connection_id=self._connection_id).first()
        if row is None or row.connection.status != vocabulary.ConnectionStatus.CONNECTED:
            words = say("{system} is not connected. Connect the account again.", system=self._app.system.label)
            raise errors.NeedsReconnect(words, system=self._app.system.label)
        return row

    def _ended(self, words: str) -> errors.NeedsReconnect:
        mark_ended(connection_id=self._connection_id, words=words)
        return errors.NeedsReconnect(words, system=self._app.system.label)


def _keep(connection: models.Connection, columns: dict[str, object]) -> None:
    """By update, so that the given time of the change is kept."""
    with transaction.atomic():
        models.Credential.objects.get_or_create(connection=connection, defaults=columns)
        models.Credential.objects.filter(connection=connection).update(**columns)


def _columns(connection_id: int, tokens: factory.TokenSet, now: datetime) -> dict[str, object]:
    def after(seconds: int | None) -> datetime | None:
        return None if seconds is None else now + timedelta(seconds=seconds)

    columns: dict[str, object] = {
        ACCESS: seal(connection_id=connection_id, name=ACCESS, value=tokens.access_token.reveal()),
        REFRESH: seal(connection_id=connection_id, name=REFRESH, value=tokens.refresh_token.reveal() if tokens.refresh_token else ""),
        "key_id": sealing.newest(), "access_expires_at": after(tokens.expires_in), "updated_at": now,
    }
    if tokens.refresh_expires_in is not None:
        columns["refresh_expires_at"] = after(tokens.refresh_expires_in)
    if tokens.refresh_hard_expires_in is not None:
        columns["refresh_ends_at"] = after(tokens.refresh_hard_expires_in)
    if tokens.scopes:
        columns["scopes"] = list(tokens.scopes)
    return columns


def _opened(row: models.Credential) -> Tokens:
    return Tokens(
        access=Secret(unseal(connection_id=row.connection_id, name=ACCESS, sealed=row.access_token)),
        refresh=Secret(unseal(connection_id=row.connection_id, name=REFRESH, sealed=row.refresh_token) if row.refresh_token else ""),
        fresh_until=_fresh_until(row),
    )


def _fresh_until(row: models.Credential) -> datetime | None:
    """Five minutes before the end, or a sixth of a short life before it."""
    if row.access_expires_at is None:
        return None
    life = row.access_expires_at - row.updated_at
    return row.access_expires_at - min(LONGEST_MARGIN, max(life / 6, timedelta()))


def _resealed(pk: int) -> bool:
    row = models.Credential.objects.filter(pk=pk).first()
    if row is None:
        return True
    opened = _opened(row)
    sealed = {ACCESS: seal(connection_id=row.connection_id, name=ACCESS, value=opened.access.reveal()), "key_id": sealing.newest()}
    if row.refresh_token:
        sealed[REFRESH] = seal(connection_id=row.connection_id, name=REFRESH, value=opened.refresh.reveal())
    unchanged = models.Credential.objects.filter(pk=pk, access_token=row.access_token, refresh_token=row.refresh_token)
    return bool(unchanged.update(**sealed))


def _place(connection_id: int, name: str) -> str:
    return f"credential:{connection_id}:{name}"
