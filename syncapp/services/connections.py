"""Use, test, end and describe the connections to the vendors' accounts.

Owns what is done with a connection after (or without) a consent. Wipes tokens in the transaction that ends a connection; pairs and
syncs stay. The consent itself is in `services.consent`.
"""
from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from integrations.discretion import Secret
from syncapp import models
from syncapp.connectors import base, factory
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import count, say
from syncapp.services import actors, audit_settings, credentials, governor, notices, ports

logger = logging.getLogger(__name__)

CALLBACK_PATHS = {
    vocabulary.System.HUBSPOT: "/connect/hubspot/callback",
    vocabulary.System.QUICKBOOKS: "/connect/quickbooks/callback",
}
LONGEST_ERROR = 500
ENDS_SOON = timedelta(days=14)


class WrongAccount(errors.Misconfigured):
    """The access leads to another account than the one that was asked for."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a person wants to know of a connection. `words` tell how its access stands; `good` whether it can be used."""

    good: bool
    words: str
    scopes: tuple[str, ...]
    missing_scopes: tuple[str, ...]
    further_scopes: tuple[str, ...]
    last_call_at: datetime | None
    last_error: str
    budgets: tuple[governor.Budget, ...]


class Unmetered:
    """The limits of an account that is not known yet: the one call that finds out who it is."""

    def acquire(self, call: factory.Call) -> None:
        """Let the call through."""

    def report(self, call: factory.Call, answer: factory.Answer) -> None:
        """Learn nothing."""

    def blocked(self, call: factory.Call, seconds: float, policy: str) -> None:
        """Keep nothing: the refusal itself is raised."""


@dataclass(frozen=True, kw_only=True, repr=False)
class FixedToken:
    """A token that was just granted or pasted, before it is kept."""

    value: Secret

    def token(self) -> str:
        """Return it."""
        return self.value.reveal()

    def renewed(self, rejected: str) -> str:
        """Raise NeedsReconnect: nothing is kept that could be renewed."""
        raise errors.NeedsReconnect(say("The vendor does not accept the new access. Try again from the start."))


def app(*, system: vocabulary.System, environment: vocabulary.Environment) -> factory.App:
    """Gather how a vendor knows this installation."""
    prefix = system.value
    return factory.App(
        system=system,
        environment=environment,
        client_id=getattr(settings, f"{prefix}_CLIENT_ID"),
        client_secret=Secret(getattr(settings, f"{prefix}_CLIENT_SECRET")),
        redirect_uri=settings.PUBLIC_URL + CALLBACK_PATHS[system],
        api_version=settings.HUBSPOT_API_VERSION,
        local_url=getattr(settings, f"LOCAL_SANDBOX_{prefix}_URL"),
    )


def connector(
    *, connection: models.Connection, outside: ports.Ports = ports.REAL, limiter: factory.Limiter | None = None
) -> base.Connector:
    """Build the connector of a connection, with its tokens and within its limits (or by the limiter given). It makes no call."""
    own = app(system=vocabulary.System(connection.system), environment=vocabulary.Environment(connection.environment))
    return factory.connector(
        app=own,
        account=factory.Account(
            external_id=connection.external_id, time_zone=connection.time_zone, details=dict(connection.details)
        ),
        outside=factory.Outside(
            tokens=credentials.TokenKeeper(connection_id=connection.pk, app=own, outside=outside),
            limiter=limiter or governor.Governor(connection=connection, outside=outside),
            sleep=outside.sleep,
            clock=outside.now,
        ),
    )


def who(*, own: factory.App, token: Secret, external_id: str = "", outside: ports.Ports = ports.REAL) -> base.Account:
    """Ask the vendor which account a new token leads to."""
    return factory.connector(
        app=own,
        account=factory.Account(external_id=external_id),
        outside=factory.Outside(
            tokens=FixedToken(value=token), limiter=Unmetered(), sleep=outside.sleep, clock=outside.now
        ),
    ).account()


def test(*, connection: models.Connection, now: datetime) -> str:
    """Make one call and tell, in a sentence for the page, what came of it."""
    row = models.Connection.objects.filter(pk=connection.pk)
    try:
        found = connector(connection=connection).account()
        if found.external_id != connection.external_id:
            raise WrongAccount(say(
                "The access leads to {account} ({id}), not to {connection}. Connect again.",
                account=found.name, id=found.external_id, connection=connection,
            ))
    except errors.SyncError as error:
        row.update(last_error=str(error)[:LONGEST_ERROR])
        if isinstance(error, errors.NeedsReconnect):
            credentials.mark_ended(connection_id=connection.pk, words=str(error))
        return say("{connection} could not be reached. {why}", connection=connection, why=error)
    row.update(last_call_at=now, last_error="", **_facts(found))
    return say(
        "{connection} answers. The account is {account} ({id}), its currency is {currency}.",
        connection=connection, account=found.name, id=found.external_id, currency=found.currency,
    )


def disconnect(*, connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> str:
    """End the access at the vendor, wipe the tokens and stop the syncs, and say so in a sentence.

    Pairs, records and settings stay. Where the vendor cannot be told, the tokens are wiped all the same and a person is asked to
    remove the app there.
    """
    untold = _revoked(connection)
    with transaction.atomic():
        models.Credential.objects.filter(connection=connection).delete()
        models.Connection.objects.filter(pk=connection.pk).update(status=vocabulary.ConnectionStatus.DISCONNECTED, last_error=untold)
        active = models.SyncConfig.objects.filter(Q(left=connection) | Q(right=connection), active=True)
        stopped = list(active)
        number = active.update(active=False, next_due_at=None)
        notices.close(subject=credentials.reconnect_subject(connection.pk), now=now)
        if untold:
            notices.tell(subject=f"connection {connection.pk} could not be ended there", words=untold, link=page(connection.pk))
        connection.refresh_from_db()
        for subject in (connection, *stopped):
            audit_settings.changed(subject=subject, who=actors.of(actor), now=now)
    logger.info("Connection %s was disconnected by user %s", connection.pk, actor.pk if actor else None)
    ended = count(
        "{connection} is disconnected; its tokens are wiped. {number} sync stopped, nothing synced is lost.",
        "{connection} is disconnected; its tokens are wiped. {number} syncs stopped, nothing synced is lost.",
        number=number, connection=connection,
    )
    return f"{ended} {untold}".strip()


def pause(*, connection: models.Connection, paused: bool, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Let no sync use an account, or let them use it again. What a run writes of it meanwhile is left alone."""
    with transaction.atomic():
        models.Connection.objects.filter(pk=connection.pk).update(paused=paused)
        connection.refresh_from_db()
        audit_settings.changed(subject=connection, who=actors.of(actor), now=now)


def connect_with_key(
    *, environment: vocabulary.Environment, key: str, actor: AbstractBaseUser | None, now: datetime
) -> models.Connection:
    """Connect a HubSpot account with a service key. Raises the SyncError of a key that does not work."""
    own = app(system=vocabulary.System.HUBSPOT, environment=environment)
    pasted = Secret(key.strip())
    account = who(own=own, token=pasted)
    with transaction.atomic():
        connection = keep(system=own.system, environment=environment, account=account, actor=actor, now=now)
        credentials.store_key(connection=connection, key=pasted, now=now)
        connected(connection=connection, actor=actor, now=now)
    return connection


def keep(
    *,
    system: vocabulary.System,
    environment: vocabulary.Environment,
    account: base.Account,
    actor: AbstractBaseUser | None,
    now: datetime,
) -> models.Connection:
    """Save an account that was just reached as connected; one that was known before keeps its row."""
    facts = {
        **_facts(account), "status": vocabulary.ConnectionStatus.CONNECTED, "last_call_at": now, "last_error": "", "connected_by": actor,
    }
    connection, _ = models.Connection.objects.update_or_create(
        system=system, environment=environment, external_id=account.external_id, defaults=facts
    )
    notices.close(subject=credentials.reconnect_subject(connection.pk), now=now)
    return connection


def connected(*, connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Write down who connected an account, with the fingerprint of its access. Call it once the access is kept."""
    new = not models.AuditedState.objects.filter(kind=vocabulary.AuditKind.CONNECTION, subject_id=str(connection.pk)).exists()
    audit_settings.changed(subject=connection, who=actors.of(actor), now=now, made=new)


def health(*, connection: models.Connection, now: datetime) -> Health:
    """Describe how a connection stands, without any call."""
    row = getattr(connection, "credential", None)
    good, words = _standing(connection, row, now)
    return Health(
        good=good,
        words=words,
        scopes=tuple(row.scopes) if row else (),
        missing_scopes=missing_scopes(connection=connection),
        further_scopes=further_scopes(connection=connection),
        last_call_at=connection.last_call_at,
        last_error=connection.last_error,
        budgets=governor.budgets(connections=[connection], now=now)[0],
    )


def missing_scopes(*, connection: models.Connection) -> tuple[str, ...]:
    """Name the scopes that were not granted and that nothing goes without. None are known of a connection that uses a key."""
    row = getattr(connection, "credential", None)
    granted = row.scopes if row is not None else ()
    asked = factory.scopes(system=vocabulary.System(connection.system)) if granted else ()
    return tuple(scope for scope in asked if scope not in granted)


def further_scopes(*, connection: models.Connection) -> tuple[str, ...]:
    """Name the scopes that were granted though nobody asked for them: more than is needed if the access falls into wrong hands."""
    row = getattr(connection, "credential", None)
    asked = factory.all_scopes(system=vocabulary.System(connection.system))
    return tuple(scope for scope in (row.scopes if row is not None else ()) if scope not in asked)


def page(connection_id: int) -> str:
    """Name the page on which a connection is dealt with."""
    return f"/syncapp/connection/{connection_id}/change/"


def _standing(connection: models.Connection, row: models.Credential | None, now: datetime) -> tuple[bool, str]:
    if connection.status == vocabulary.ConnectionStatus.DISCONNECTED:
        return False, say("Disconnected. Connect the account again to use it.")
    if connection.status == vocabulary.ConnectionStatus.NEEDS_RECONNECT or row is None:
        return False, say("The vendor ended the access. Connect the account again.")
    try:
        renewable = bool(credentials.revocable(connection=connection))
    except credentials.KeyMissing as error:
        return False, str(error)
    ends = min((at for at in (row.refresh_expires_at, row.refresh_ends_at) if at is not None), default=None)
    if not renewable:
        words = say("Connected with a key that does not expire.")
    elif ends is None:
        words = say("Connected. The access renews itself.")
    elif ends <= now + ENDS_SOON:
        words = say("Connected, but the access ends on {day}. Connect the account again before then.", day=f"{ends:%Y-%m-%d}")
    else:
        words = say("Connected. The access renews itself; left unused it ends on {day}.", day=f"{ends:%Y-%m-%d}")
    return True, " ".join([words, say("Paused: no sync uses it.")]) if connection.paused else words


def _revoked(connection: models.Connection) -> str:
    """End the access at the vendor; "" when that is done, else what a person has to do there."""
    own = app(system=vocabulary.System(connection.system), environment=vocabulary.Environment(connection.environment))
    try:
        token = credentials.revocable(connection=connection)
        if token:
            _revoke(own, token)
        elif models.Credential.objects.filter(connection=connection).exists():
            return say("The key itself still works: delete it in {system}'s settings.", system=own.system.label)
    except errors.SyncError:
        return say("{system} could not be told. Remove the app in {system}'s own settings to be sure.", system=own.system.label)
    return ""


def _revoke(own: factory.App, token: Secret) -> None:
    """Once more where the vendor did not answer: nobody can ask again later, since no token is kept."""
    try:
        factory.revoke(app=own, refresh_token=token)
    except errors.Transient:
        factory.revoke(app=own, refresh_token=token)


def _facts(account: base.Account) -> dict[str, object]:
    return {
        "name": account.name, "currency": account.currency, "time_zone": account.time_zone, "details": dict(account.details),
    }
