"""Change data capture: what was touched since an instant, entity by entity.

Owns the look-back, the shared cap and the stubs of what is gone.
"""

from __future__ import annotations

import heapq
from datetime import timedelta
from itertools import islice

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import faults, show, times
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import ENTITIES, EVERY_BY_LOWER

LONGEST_LOOK_BACK = timedelta(days=30)
NOT_COVERED = frozenset({"JournalCode", "TaxAgency", "TimeActivity", "TaxCode", "TaxRate"})


def run(company: Company, entities: str, since: str) -> Json:
    """The answer without its `time`. Raises VendorFault."""
    if not entities.strip():
        raise faults.missing("entities")
    if not since.strip():
        raise faults.missing("changedSince")
    kinds = [_kind(name.strip()) for name in entities.split(",")]
    at = times.parse_instant(since)
    if at is None:
        raise faults.problem("2060", f"Invalid Date Format : {since}", "changedSince")
    if company.now() - at > LONGEST_LOOK_BACK:
        raise faults.unsupported(f"cdc with changedSince date {since} which is older than fixed days")
    room = int(company.switch("cdc_limit"))
    answers: list[Json] = []
    for kind in [*kinds[1:], kinds[0]]:
        found = _changed(company, kind, since=int(at.timestamp()), room=room) if kind in ENTITIES else []
        room -= len(found)
        answers.append({kind: found, "startPosition": 1, "maxResults": len(found)} if found else {})
    return {"CDCResponse": [{"QueryResponse": answers}]}


def _kind(name: str) -> str:
    kind = EVERY_BY_LOWER.get(name.lower())
    if kind is None:
        raise faults.problem("2000", f"Invalid or unsupported object name : {name}", "entities")
    if kind in NOT_COVERED:
        raise faults.unsupported(f"cdc for {kind}")
    return kind


def _changed(company: Company, kind: str, *, since: int, room: int) -> list[Json]:
    """Whole objects and stubs, oldest change first, as many as there is room for."""
    shelf = company.shelves[kind]
    gone = [row for row in company.table("gone").values() if row["type"] == kind and row["at"] >= since]
    stubs = sorted((int(row["at"]), int(row["id"])) for row in gone)
    there = ((int(shelf.row(number)["at"]), number) for number in shelf.changed_between(since, None))
    found = islice(heapq.merge(there, stubs), max(room, 0))
    return [show.wire(company, kind, shelf.row(number)) if number in shelf else _stub(number, at) for at, number in found]


def _stub(number: int, at: int) -> Json:
    return {"domain": "QBO", "status": "Deleted", "Id": str(number), "MetaData": {"LastUpdatedTime": times.stamp(at)}}
