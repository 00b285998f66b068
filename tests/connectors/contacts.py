"""Contacts of a HubSpot account: what the tests of reading and writing them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import records
from syncapp.engine.vocabulary import OperationKind

WANTED = base.Wanted(kind="contacts", fields=("email", "firstname", "lastname", "phone", "hs_lead_status", "annualrevenue"))
KEY = "0" * 31


def person(sandbox: Any, **properties: str) -> str:
    """A contact that somebody typed in HubSpot."""
    return str(sandbox.edit(type="contacts", create=properties)["id"])


def update(key: str, external_id: str, **values: records.Value) -> base.Write:
    return base.Write(key=key, kind=OperationKind.UPDATE, record_kind="contacts", values=values, external_id=external_id)


def values(connector: HubSpotConnector, external_id: str) -> Mapping[str, records.Value]:
    return connector.read(wanted=WANTED, ids=[external_id]).records[0].values
