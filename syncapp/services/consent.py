"""Connect an account through the vendor's consent page.

Owns the state that leads from our button to the vendor and back: made here, kept in the session as a digest, good for one use
within ten minutes by the person who started it. A callback that does not fit makes no call at all.

    ConsentRefused
    ├── NotStarted          there is no such environment or connection, or the vendor does not know this installation
    ├── ConsentDenied       the person said no at the vendor
    ├── StateRefused        the callback fits nothing that was started here
    ├── ConsentUsed         it came a second time; `connection` is what the first one made, where that is known
    ├── OtherAccount        a reconnection was answered by another account
    └── VendorRefused       the vendor did not take the answer it had given, or did not answer; the message is the vendor's
"""
from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from integrations.discretion import Secret
from syncapp import models
from syncapp.connectors import base, factory
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import say
from syncapp.services import connections, credentials, leases, own, sealing

logger = logging.getLogger(__name__)

SESSION_KEY = "consents"
LIFE = timedelta(minutes=10)
STATE_BYTES = 32
LEASE_PREFIX = "state:"

Session = MutableMapping[str, Any]


class ConsentRefused(Exception):
    """The account was not connected; the message says why and what to do next."""


class NotStarted(ConsentRefused):
    """No consent can be asked for."""


class ConsentDenied(ConsentRefused):
    """The person said no, or the vendor did for them."""


class StateRefused(ConsentRefused):
    """The callback fits nothing that this person started in this session."""


class ConsentUsed(ConsentRefused):
    """The callback came before."""

    def __init__(self, words: str, *, connection: models.Connection | None) -> None:
        super().__init__(words)
        self.connection = connection


class OtherAccount(ConsentRefused):
    """Another account answered than the one to be connected again."""


class VendorRefused(ConsentRefused):
    """The vendor refused the exchange, or could not be reached."""


def begin(
    *, system: str, environment: str, session: Session, user: AbstractBaseUser, now: datetime, reconnect: int | None = None
) -> str:
    """Return the vendor's consent page for a new account, or for the connection that is to be connected again.

    Raises NotStarted.
    """
    again = _to_reconnect(system, reconnect)
    wanted = again.environment if again else environment
    if wanted not in set(vocabulary.Environment):
        raise NotStarted(say("Choose which account to connect: the company's own, a test account, or the sandbox on this machine."))
    app = connections.app(system=vocabulary.System(system), environment=vocabulary.Environment(wanted))
    state = secrets.token_urlsafe(STATE_BYTES)
    try:
        pair = factory.proof_key(app=app)
        url = factory.consent_url(app=app, state=state, challenge=pair.challenge if pair else "")
    except errors.SyncError as error:
        raise NotStarted(str(error)) from None
    pending = {digest: entry for digest, entry in session.get(SESSION_KEY, {}).items() if _until(entry) > now}
    session[SESSION_KEY] = pending | {
        _digest(state): {
            "system": app.system.value,
            "environment": app.environment.value,
            "user": str(user.pk),
            "until": (now + LIFE).isoformat(),
            "verifier": sealing.seal(place=_place(state), value=pair.verifier.reveal()) if pair else "",
            "reconnect": again.pk if again else None,
            "connection": None,
        }
    }
    models.Lease.objects.filter(name__startswith=LEASE_PREFIX, expires_at__lt=now - LIFE).delete()
    return url


def paste(
    *, environment: vocabulary.Environment, key: str, actor: AbstractBaseUser | None, now: datetime
) -> models.Connection:
    """Connect a HubSpot account with a service key: a consent given beforehand. Raises the SyncError of a key that does not work."""
    connection = connections.connect_with_key(environment=environment, key=key, actor=actor, now=now)
    _read_fields(connection, actor, now)
    return connection


def finish(
    *, system: str, params: Mapping[str, str], session: Session, user: AbstractBaseUser, now: datetime
) -> models.Connection:
    """Take the vendor's answer and return the connected account. Raises a ConsentRefused."""
    vendor = vocabulary.System(system)
    digest = _digest(params.get("state", ""))
    entry = _checked(vendor, digest, session, user, now)
    _use_once(digest, entry, now)
    if "error" in params:
        raise ConsentDenied(_denied(vendor, params["error"]))
    app = connections.app(system=vendor, environment=vocabulary.Environment(entry["environment"]))
    realm = params.get("realmId", "")
    if not params.get("code") or (vendor is vocabulary.System.QUICKBOOKS and not (realm.isascii() and realm.isdecimal())):
        raise StateRefused(say("{system} sent an incomplete answer. Start again from the connections page.", system=vendor.label))
    try:
        tokens = factory.exchange(app=app, code=params["code"], verifier=_verifier(entry, params["state"]))
        account = _account(app, tokens, realm)
    except errors.SyncError as error:
        raise VendorRefused(say("The account is not connected. {why}", why=error)) from None
    connection = _connected(app, entry, account, tokens, user, now)
    session[SESSION_KEY] = {**session[SESSION_KEY], digest: {**entry, "verifier": "", "connection": connection.pk}}
    _read_fields(connection, user, now)
    return connection


def _to_reconnect(system: str, pk: int | None) -> models.Connection | None:
    if pk is None:
        return None
    known = models.Connection.objects.filter(pk=pk, system=system).first()
    if known is None:
        raise NotStarted(say("This connection is not there any more. Connect the account as a new one."))
    return known


def _checked(
    system: vocabulary.System, digest: str, session: Session, user: AbstractBaseUser, now: datetime
) -> dict[str, Any]:
    entry: dict[str, Any] | None = session.get(SESSION_KEY, {}).get(digest)
    if entry is None or entry["user"] != str(user.pk) or entry["system"] != system.value or _until(entry) <= now:
        logger.warning("A consent callback for %s by user %s fits nothing that was started", system.label, user.pk)
        raise StateRefused(say(
            "This answer of {system} does not belong to a connection started here within the last ten minutes, so it was not used. Start"
            " again from the connections page.", system=system.label,
        ))
    return entry


def _use_once(digest: str, entry: Mapping[str, Any], now: datetime) -> None:
    """A lease that is never released: of two callbacks at the same moment one gets it, whatever their sessions say."""
    if leases.take(name=f"{LEASE_PREFIX}{digest}", owner=entry["user"], ttl_seconds=LIFE.total_seconds(), now=now):
        return
    made = models.Connection.objects.filter(pk=entry["connection"]).first()
    unknown = say("This consent was used already. Look whether the account is connected.")
    raise ConsentUsed(say("{connection} is connected already.", connection=made) if made else unknown, connection=made)


def _account(app: factory.App, tokens: factory.TokenSet, realm: str) -> base.Account:
    """Who the new token leads to, by asking with it: what the callback says of the account is not signed."""
    if app.system is vocabulary.System.HUBSPOT:
        return connections.who(own=app, token=tokens.access_token)
    try:
        return connections.who(own=app, token=tokens.access_token, external_id=realm)
    except (errors.NeedsReconnect, errors.Rejected, errors.Gone):
        raise StateRefused(say(
            "{system} does not open company {company} for the consent that was given. Start again from the connections page.",
            system=app.system.label, company=realm,
        )) from None


def _connected(
    app: factory.App, entry: Mapping[str, Any], account: base.Account, tokens: factory.TokenSet, user: AbstractBaseUser, now: datetime
) -> models.Connection:
    asked = models.Connection.objects.filter(pk=entry["reconnect"]).first()
    if asked is not None and asked.external_id != account.external_id:
        raise OtherAccount(say(
            "You signed in to {account} ({id}), but this connection belongs to {asked} ({asked_id}). Nothing was changed. Connect again and"
            " choose {asked}.", account=account.name, id=account.external_id, asked=asked.name, asked_id=asked.external_id,
        ))
    with transaction.atomic():
        connection = connections.keep(system=app.system, environment=app.environment, account=account, actor=user, now=now)
        credentials.store(connection=connection, tokens=tokens, client_id=app.client_id, now=now)
        connections.connected(connection=connection, actor=user, now=now)
    return connection


def _read_fields(connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> None:
    """The account is connected either way; without its fields the page offers to read them again."""
    try:
        own.install(connection=connection, actor=actor, now=now)
    except errors.SyncError as error:
        words = say("The fields could not be read yet. {why}", why=error)
        models.Connection.objects.filter(pk=connection.pk).update(last_error=words[:500])


def _denied(system: vocabulary.System, code: str) -> str:
    if code == "access_denied":
        return say("The access was not granted at {system}, so nothing was connected. Start again when you want to.", system=system.label)
    return say(
        "{system} did not grant the access. Start again; if it happens again, check the app's settings at {system}.", system=system.label
    )


def _verifier(entry: Mapping[str, Any], state: str) -> Secret | None:
    """The proof key that was made for this state, where there is one."""
    return Secret(sealing.unseal(place=_place(state), sealed=entry["verifier"])) if entry["verifier"] else None


def _place(state: str) -> str:
    return f"consent:{_digest(state)}:verifier"


def _until(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["until"]).astimezone(UTC)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
