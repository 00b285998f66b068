"""Invoices of a HubSpot account: what the tests of reading and writing them share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncapp.connectors import base
from syncapp.connectors.hubspot import HubSpotConnector
from syncapp.engine import records

FIELDS = ("hs_currency", "hs_invoice_status", "hs_number", "hs_amount_billed", "hs_comments", "contacts", "companies", "line_items")
WANTED = base.Wanted(kind="invoices", fields=FIELDS)
REVIEW = {"name": "Review", "price": "100", "quantity": "2"}


def typed(sandbox: Any, type_: str, **properties: str) -> str:
    return str(sandbox.edit(type=type_, create=properties)["id"])


def invoice(sandbox: Any, *, lines: Any = (), **associate: list[str]) -> str:
    """A tracked invoice that somebody made in HubSpot."""
    made = {"hs_currency": "USD", "hs_invoice_billable": "false"}
    return str(sandbox.edit(type="invoices", create=made, associate=associate, line_items=list(lines))["id"])


def held(connector: HubSpotConnector, external_id: str, *fields: str) -> Mapping[str, records.Value]:
    wanted = base.Wanted(kind="invoices", fields=fields or FIELDS)
    return connector.read(wanted=wanted, ids=[external_id]).records[0].values


def shown(written: base.Written) -> Mapping[str, records.Value]:
    assert written.error is None, written.error
    assert written.record is not None
    return written.record.values


def calls(sandbox: Any) -> list[str]:
    """The paths called since the log was emptied."""
    return [one["path"] for one in sandbox.control("log", method="GET")]
