"""How a call to HubSpot is put together.

Owns paths, the version in them, documentation links and which limits a call counts against. Sends nothing by itself.
"""

from __future__ import annotations

import dataclasses
import datetime

from integrations import http
from integrations.hubspot import environments, faults

DOCS = "https://developers.hubspot.com/docs/api-reference/latest"
CRM = ("burst", "daily")
SEARCH = ("search", "daily")


class Calls:
    """What all parts of the client share: the transport and the making of calls."""

    def __init__(self, *, transport: http.Transport, explain: faults.Explainer, api_version: str = environments.API_VERSION) -> None:
        self._transport = transport
        self._explain = explain
        self._version = api_version

    def close(self) -> None:
        """Give up the connections that are kept open."""
        self._transport.close()

    @property
    def server_time(self) -> datetime.datetime | None:
        """HubSpot's own time in the latest answer."""
        return self._transport.server_time

    def _objects(self, object_type: str) -> str:
        return f"/crm/objects/{self._version}/{http.segment(object_type)}"

    def _properties(self, object_type: str) -> str:
        return f"/crm/properties/{self._version}/{http.segment(object_type)}"

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        docs: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        json: object | None = None,
        buckets: tuple[str, ...] = CRM,
    ) -> http.Call:
        documentation = f"{DOCS}/{docs}"
        return http.Call(environments.SYSTEM, operation, method, path, query, json, buckets=buckets, documentation=documentation)

    def _write(self, operation: str, method: str, path: str, docs: str, json: object | None = None, *, batch: bool = False) -> http.Call:
        seconds = http.BATCH_SECONDS if batch else http.ANSWER_SECONDS
        return dataclasses.replace(self._call(operation, method, path, docs, json=json), writes=True, seconds=seconds)
