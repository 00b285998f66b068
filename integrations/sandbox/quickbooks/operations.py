"""One operation on one object, the same whether it comes alone or in a batch.

Owns the choice between create, update, delete and void, and the account of what was written.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, records, show
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import SINGLE

VOID = "void"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an operation answers, and which records it wrote."""

    body: Json
    written: list[tuple[str, str]] = field(default_factory=list)


def perform(company: Company, kind: str, operation: str, sent: object, write: Write) -> Outcome:
    """Carry out an operation. Raises VendorFault."""
    if not isinstance(sent, dict):
        raise faults.bad_property(f"Can not deserialize instance of com.intuit.schema.finance.v3.{kind}")
    if operation == "update" and VOID in write.include:
        operation = VOID
    elif operation == VOID and kind == "Payment":
        raise faults.unsupported(f"{operation} of {kind}")
    if operation == "create":
        row = records.create(company, kind, sent, write)
        return Outcome(body={kind: show.wire(company, kind, row)}, written=[("create", kind)])
    if operation == "update":
        old = company.shelves[kind].get("1" if kind in SINGLE else str(sent.get("Id")))
        row = records.update(company, kind, sent, write)
        return Outcome(body={kind: show.wire(company, kind, row)}, written=[] if row is old else [("update", kind)])
    if operation == "delete":
        return Outcome(body={kind: records.delete(company, kind, sent, write)}, written=[("delete", kind)])
    if operation == VOID:
        row = records.void(company, kind, sent, write)
        return Outcome(body={kind: show.wire(company, kind, row)}, written=[(VOID, kind)])
    raise faults.unsupported(operation)


def read(company: Company, kind: str, number: str) -> Json:
    """The answer to reading an object by id. Raises VendorFault."""
    return {kind: show.wire(company, kind, records.find(company, kind, number))}
