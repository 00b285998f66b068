"""Customers of a QuickBooks company: what the tests of reading and writing them share."""

from __future__ import annotations

from collections.abc import Mapping

from syncapp.connectors import base
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine import records
from syncapp.engine.vocabulary import OperationKind

FIELDS = (
    "DisplayName",
    "GivenName",
    "FamilyName",
    "CompanyName",
    "PrimaryEmailAddr.Address",
    "PrimaryPhone.FreeFormNumber",
    "WebAddr.URI",
    "BillAddr.Line1",
    "BillAddr.City",
    "Notes",
    "Taxable",
    "Balance",
    "Active",
    "CreateTime",
)
WANTED = base.Wanted(kind="customer", fields=FIELDS)


def create(key: str, **values: records.Value) -> base.Write:
    return write(OperationKind.CREATE, key, values)


def write(kind: OperationKind, key: str, values: Mapping[str, records.Value], *, of: records.Record | None = None) -> base.Write:
    return base.Write(
        key=key,
        kind=kind,
        record_kind="customer",
        values=values,
        external_id=of.ref.external_id if of else "",
        revision_token=of.revision.token if of else "",
    )


def shown(connector: QuickBooksConnector, external_id: str) -> records.Record:
    return connector.read(wanted=WANTED, ids=[external_id]).records[0]
