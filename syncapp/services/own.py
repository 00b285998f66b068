"""Our own properties in HubSpot: made when an account is connected, listed, and put away again when a person says so.

Owns what is kept of their state, on the connection. A property that HubSpot refuses costs its value there and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors
from syncapp.engine.wording import say
from syncapp.services import actors, audit_settings, connections, fields

KINDS = ("invoices", "deals", "notes")
"""The kinds of HubSpot records that hold what QuickBooks knows."""


def install(*, connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> tuple[base.OwnField, ...]:
    """Make our properties where they are missing, and read the account's fields anew. Harmless when repeated.

    A kind that the account does not let us define is left out. Raises what the connector raises of the account as a whole.
    """
    found = _each(connection=connection, remove=False)
    keep(connection=connection, found=found, actor=actor, now=now)
    fields.refresh(connection=connection, now=now)
    return found


def remove(*, connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> tuple[base.OwnField, ...]:
    """Put our properties away, with the values they hold. Those in use in HubSpot stay, and are told."""
    found = _each(connection=connection, remove=True)
    keep(connection=connection, found=found, actor=actor, now=now)
    return found


def disconnect(*, connection: models.Connection, actor: AbstractBaseUser | None, now: datetime, removing: bool) -> str:
    """End the access to an account, before that put our properties away if a person wants so, and say what came of it."""
    told = _put_away(connection, actor, now) if removing else ""
    return f"{connections.disconnect(connection=connection, actor=actor, now=now)} {told}".strip()


def _put_away(connection: models.Connection, actor: AbstractBaseUser | None, now: datetime) -> str:
    try:
        found = remove(connection=connection, actor=actor, now=now)
    except errors.SyncError as error:
        return say(
            "Its QuickBooks properties could not be removed from HubSpot: {why} Remove them in HubSpot's property settings.", why=error
        )
    gone = sum(one.state is base.OwnState.REMOVED for one in found)
    left = sorted(one.name for one in found if one.state is not base.OwnState.REMOVED)
    removed = say("{number} QuickBooks properties were removed from HubSpot.", number=gone)
    return " ".join([removed, say("Still there: {names}.", names=", ".join(left))] if left else [removed])


def keep(
    *, connection: models.Connection, found: Sequence[base.OwnField], actor: AbstractBaseUser | None, now: datetime
) -> None:
    """Note how our properties stand, for the connection's page, and for good who had them made or put away."""
    told = [{"kind": one.kind, "name": one.name, "label": one.label, "state": one.state.value, "words": one.words} for one in found]
    with transaction.atomic():
        models.Connection.objects.filter(pk=connection.pk).update(own_fields=told)
        connection.own_fields = told
        audit_settings.changed(subject=connection, who=actors.of(actor), now=now)


def _each(*, connection: models.Connection, remove: bool) -> tuple[base.OwnField, ...]:
    connector = connections.connector(connection=connection)
    found: list[base.OwnField] = []
    for kind in KINDS:
        try:
            found += connector.remove_fields(kind=kind) if remove else connector.install_fields(kind=kind)
        except errors.Rejected:
            continue
    return tuple(found)
