"""Where a person sees a record at its vendor.

Owns that answer for many records at a time. Makes no call.
"""
from __future__ import annotations

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors
from syncapp.services import connections


class Addresses:
    """The addresses of records. Each account is looked up once."""

    def __init__(self) -> None:
        self._connectors: dict[int, base.Connector | None] = {}

    def of(self, record: models.Record, connection: models.Connection) -> str:
        """Tell the address of a record's page, "" where it is not known."""
        if connection.pk not in self._connectors:
            self._connectors[connection.pk] = _connector(connection)
        connector = self._connectors[connection.pk]
        return connector.record_url(kind=record.kind, external_id=record.external_id) if connector is not None else ""


def _connector(connection: models.Connection) -> base.Connector | None:
    try:
        return connections.connector(connection=connection)
    except errors.SyncError:
        return None
