"""Read the answers of batch calls, each part by itself.

Owns the matching of answers to what was asked, by our own ids and never by position. Sends nothing.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations import errors, http
from integrations.quickbooks import entities, faults, query
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.entities import Entity, Kind, Written


def written(*, answer: http.Answer, items: Sequence[BatchItem]) -> dict[str, Written | errors.ApiError]:
    """Tell for each write what came of it. One without a readable answer is OutcomeUnknown."""
    answered = _by_bid(answer)
    return {item.bid: _written(answer, item, answered.get(item.bid)) for item in items}


def found(*, answer: http.Answer, kinds: Mapping[str, Kind]) -> dict[str, tuple[Entity, ...] | errors.ApiError]:
    """Tell for each query what it found. One whose answer is missing, or as full as can be, is Misunderstood."""
    answered = _by_bid(answer)
    return {bid: _found(answer, kind, answered.get(bid)) for bid, kind in kinds.items()}


def server_time(answer: http.Answer) -> datetime | None:
    """Tell QuickBooks' own time: the envelope's, to the millisecond, or else the header's."""
    said = answer.data.get("time") if isinstance(answer.data, dict) else None
    try:
        return entities.moment(said) or answer.server_time
    except entities.Undocumented:
        return answer.server_time


def _written(answer: http.Answer, item: BatchItem, part: Any) -> Written | errors.ApiError:
    operation = f"{item.operation.word} a {item.kind}"
    if part is None:
        return _unclear(errors.OutcomeUnknown, answer, operation, "The batch has no answer for it.")
    faulty = faults.read(part)
    if faulty:
        return faults.classify(
            faults=faulty,
            operation=operation,
            status=answer.status,
            request_id=answer.request_id,
            writes=True,
            creates=item.operation is Operation.CREATE,
            policy="batch",
        )
    try:
        entity = entities.entity(kind=item.kind, data=part.get(item.kind.value))
    except entities.Undocumented as surprise:
        return _unclear(errors.OutcomeUnknown, answer, operation, f"The answer is not as documented: {surprise}.")
    return Written(entity=entity, request_id=answer.request_id, server_time=server_time(answer))


def _found(answer: http.Answer, kind: Kind, part: Any) -> tuple[Entity, ...] | errors.ApiError:
    operation = f"look up {kind}"
    if part is None:
        return _unclear(errors.Misunderstood, answer, operation, "The batch has no answer for it.")
    faulty = faults.read(part)
    if faulty:
        return faults.classify(
            faults=faulty,
            operation=operation,
            status=answer.status,
            request_id=answer.request_id,
            writes=False,
            creates=False,
            policy="batch",
        )
    try:
        rows = entities.entities(kind=kind, block=part.get("QueryResponse"))
    except entities.Undocumented as surprise:
        return _unclear(errors.Misunderstood, answer, operation, f"The answer is not as documented: {surprise}.")
    if len(rows) >= query.MOST_RESULTS:
        return _unclear(errors.Misunderstood, answer, operation, "More was found than one answer holds.")
    return rows


def _by_bid(answer: http.Answer) -> dict[str, Any]:
    """The parts by our ids. An id that is answered twice counts as not answered: which of the two holds is unknown."""
    parts = answer.data.get("BatchItemResponse") if isinstance(answer.data, dict) else None
    read: dict[str, Any] = {}
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict) and isinstance(part.get("bId"), str):
            read[part["bId"]] = None if part["bId"] in read else part
    return read


def _unclear(kind: type[errors.ApiError], answer: http.Answer, operation: str, words: str) -> errors.ApiError:
    return kind(system=faults.SYSTEM, operation=operation, status=answer.status, words=words, request_id=answer.request_id)
