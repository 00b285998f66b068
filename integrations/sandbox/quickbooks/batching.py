"""Batch: up to thirty operations in one call, each with its own success or fault.

Owns the envelope of items. They run one after the other; one that fails stops none.
"""

from __future__ import annotations

from typing import Any

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import changes, faults, operations, querying
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import ENTITIES, OTHER_ENTITIES
from integrations.sandbox.quickbooks.operations import Outcome

LARGEST_BATCH = 30
_OPTIONS = frozenset({"bId", "operation", "optionsData"})
_OPERATIONS = frozenset({"create", "update", "delete", "void"})


def items(sent: object, *, requestid: bool) -> list[Json]:
    """The items of a batch body. Raises VendorFault when the whole call is refused."""
    if not isinstance(sent, dict):
        raise faults.bad_property("Can not deserialize instance of com.intuit.schema.finance.v3.IntuitBatchRequest")
    for name in sent:
        if name != "BatchItemRequest":
            raise faults.bad_property(f'Unrecognized field "{name}" (class com.intuit.schema.finance.v3.IntuitBatchRequest)')
    found = sent.get("BatchItemRequest")
    if not isinstance(found, list) or not found or not all(isinstance(item, dict) for item in found):
        raise faults.missing("BatchItemRequest")
    if len(found) > LARGEST_BATCH:
        raise faults.problem(
            "1040", f"Batch size exceeds allowed limit : The batch has {len(found)} items. At most {LARGEST_BATCH} are allowed."
        )
    numbers = [str(item.get("bId", "")) for item in found]
    if "" in numbers:
        raise faults.missing("bId")
    if len(set(numbers)) != len(numbers):
        raise faults.problem("2600", "Conflicting elements in request : A bId occurs more than once in the batch.", "bId")
    if requestid and any(len(number) > 10 for number in numbers):
        raise faults.problem("2130", "Invalid Request ID Format : With a requestid each bId may have at most 10 characters.", "bId")
    return found


def run(company: Company, wanted: list[Json], write: Write, *, until: int | None = None) -> Outcome:
    """Carry the items out, in order; those from `until` on are throttled instead."""
    answers: list[Json] = []
    written: list[tuple[str, str]] = []
    for place, item in enumerate(wanted):
        try:
            if until is not None and place >= until:
                raise faults.throttled()
            outcome = _item(company, item, write)
        except faults.VendorFault as fault:
            answers.append({"Fault": fault.as_json(), "bId": item["bId"]})
        else:
            answers.append({**outcome.body, "bId": item["bId"]})
            written.extend(outcome.written)
    return Outcome(body={"BatchItemResponse": answers}, written=written)


def _item(company: Company, item: Json, write: Write) -> Outcome:
    kinds = [name for name in item if name not in _OPTIONS]
    if len(kinds) != 1:
        raise faults.problem("2600", "Conflicting elements in request : A batch item holds exactly one object or query.")
    kind = kinds[0]
    content: Any = item[kind]
    if kind == "Query":
        return Outcome(body={"QueryResponse": querying.run(company, str(content))})
    if kind == "CDCQuery" and isinstance(content, dict):
        return Outcome(body=changes.run(company, str(content.get("Entities", "")), str(content.get("ChangedSince", ""))))
    operation = str(item.get("operation") or "")
    if not operation:
        raise faults.missing("operation")
    if operation not in _OPERATIONS:
        raise faults.problem("2170", f"Invalid Enumeration : {operation}")
    if kind in OTHER_ENTITIES:
        raise faults.unsupported(f"{operation} of {kind}")
    if kind not in ENTITIES:
        raise faults.bad_property(f'Unrecognized field "{kind}" (class com.intuit.schema.finance.v3.BatchItemRequest)')
    options = str(item.get("optionsData") or "")
    included = Write(at=write.at, include=write.include | {option.strip() for option in options.split(",") if option.strip()})
    return operations.perform(company, kind, operation, content, included)
