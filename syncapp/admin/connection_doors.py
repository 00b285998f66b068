"""The buttons of a connection, and what is asked before one of them writes at the vendor."""
from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from syncapp import models
from syncapp.admin import doors
from syncapp.engine.wording import count, say
from syncapp.services import connections, fields, own

CHANGE = "syncapp.change_connection"


def test(request: HttpRequest, connection: models.Connection) -> doors.Said:
    """Make one call."""
    told = connections.test(connection=connection, now=timezone.now())
    connection.refresh_from_db(fields=["last_error"])
    return doors.Said(words=told, level=messages.ERROR if connection.last_error else messages.SUCCESS)


def refresh(request: HttpRequest, connection: models.Connection) -> doors.Said:
    """Read the list of fields anew."""
    number = fields.refresh(connection=connection, now=timezone.now())
    words = count(
        "{account} has {number} field. Pickers offer it from now on.", "{account} has {number} fields. Pickers offer them from now on.",
        number=number, account=connection,
    )
    return doors.Said(words=words)


def disconnect(request: HttpRequest, connection: models.Connection) -> doors.Said:
    """End the access and wipe the tokens; our properties in HubSpot go too if that was chosen."""
    removing = request.POST.get("removing") == "yes"
    told = own.disconnect(connection=connection, actor=doors.person(request), now=timezone.now(), removing=removing)
    return doors.Said(words=told)


def install(request: HttpRequest, connection: models.Connection) -> doors.Said:
    """Make our properties where they are missing."""
    found = own.install(connection=connection, actor=doors.person(request), now=timezone.now())
    words = count(
        "{number} QuickBooks property was looked at. How it stands is told below.",
        "{number} QuickBooks properties were looked at. How each stands is told below.", number=len(found),
    )
    return doors.Said(words=words)


def remove(request: HttpRequest, connection: models.Connection) -> doors.Said:
    """Put our properties away."""
    found = own.remove(connection=connection, actor=doors.person(request), now=timezone.now())
    words = count(
        "{number} QuickBooks property was put away in HubSpot, as far as it is not in use there.",
        "{number} QuickBooks properties were put away in HubSpot, as far as they are not in use there.", number=len(found),
    )
    return doors.Said(words=words)


def adding(connection: models.Connection) -> str:
    """What to ask before properties are made."""
    return say("The QuickBooks properties that are missing in {account} are made there, empty. No record is changed.", account=connection)


def removing(connection: models.Connection) -> str:
    """What to ask before properties are put away."""
    return say(
        "The QuickBooks properties in {account} are put away there, with the values that records hold in them. "
        "The mappings that fill them stop until they are added again.", account=connection,
    )


DOORS = (
    doors.Door(name="test", permission=CHANGE, act=test),
    doors.Door(name="refresh", permission=CHANGE, act=refresh),
    doors.Door(name="disconnect", permission=CHANGE, act=disconnect, onward="admin:syncapp_connection_end"),
    doors.Door(name="install", permission=CHANGE, act=install, asks=adding),
    doors.Door(name="remove", permission=CHANGE, act=remove, asks=removing),
)
