"""All that a connector lists, page after page."""

from __future__ import annotations

from syncapp.connectors import base
from syncapp.engine import records


def whole(connector: base.Connector, *, wanted: base.Wanted, archived: bool = False) -> list[records.Record]:
    found: list[records.Record] = []
    token: str | None = None
    while True:
        page = connector.listing(wanted=wanted, token=token, archived=archived)
        found += page.records
        token = page.next_token
        if token is None:
            return found
