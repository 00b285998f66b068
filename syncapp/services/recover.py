"""Settle writes whose answer never came.

Owns what happens to an operation that is still being sent after the quarantine: the remote record is read, nothing is assumed.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

from django.db.models import F

from syncapp import models
from syncapp.engine import errors, records, settling, vocabulary
from syncapp.engine.wording import say
from syncapp.services import audit, barrier, context, lookups, mirror, observe, results


def everything(*, lane: context.Lane) -> int:
    """Settle all that is past the quarantine. Returns how many are still too young to be judged.

    One that cannot be looked up stays as it is and holds up no other.
    """
    sending = models.Operation.objects.filter(config=lane.config, status=vocabulary.OperationStatus.SENDING)
    old = sending.filter(sent_at__lte=lane.ports.now() - settling.QUARANTINE)
    for operation in list(old.select_related("pair__left", "pair__right").order_by("pk")):
        side = lane.side(operation.side)
        try:
            if operation.kind == vocabulary.OperationKind.CREATE:
                _create(lane=lane, side=side, operation=operation)
            else:
                _update(lane=lane, side=side, operation=operation)
        except (errors.Rejected, errors.Misunderstood) as error:
            with lane.transaction():
                results.note_error(operation=operation, error=error)
                operation.save(update_fields=["error_class", "error_code", "error_words", "error_field", "request_id"])
            lane.count("unknown")
        else:
            lane.count("recovered")
        lane.beat()
    return sending.count()


def _create(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> None:
    """Look for what the create may have made: by our key, else by the natural key. Found: adopt it; not found: send it again."""
    found = lookups.created(lane=lane, side=side, operation=operation)
    with lane.transaction():
        operation.pair.refresh_from_db()
        if found is not None:
            _adopt(lane=lane, side=side, operation=operation, found=found)
            return
        sent = copy.copy(operation)
        if operation.attempts >= results.MOST_ATTEMPTS:
            operation.note = say("It was sent again and again, and was neither answered nor seen there.")
            results.refuse(lane=lane, operation=operation, reason=vocabulary.Reason.GIVEN_UP)
        else:
            operation.status = vocabulary.OperationStatus.READY
            operation.unanswered_at = barrier.sent_at(operation)
            operation.note = say("The answer was lost and no record of it is there now; it is sent again under the same key.")
            operation.save()
        _doubt(lane=lane, side=side, sent=sent, note=operation.note)


def arrived(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation]) -> list[models.Operation]:
    """Right before creates are sent: adopt what those made after all that once got no answer, however late. Returns the others.

    What was only ever refused or put off made nothing: a record like it is somebody else's.
    """
    left = []
    for operation in batch:
        found = lookups.created(lane=lane, side=side, operation=operation) if operation.unanswered_at else None
        if found is None:
            left.append(operation)
            continue
        with lane.transaction():
            operation.pair.refresh_from_db()
            _adopt(lane=lane, side=side, operation=operation, found=found)
        lane.count("recovered")
    return left


def _adopt(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, found: records.Record) -> None:
    note = say("The answer was lost; the record was found and adopted.")
    one = results.Done(operation=operation, answer=found, recovered=True, note=note)
    results.done(lane=lane, side=side, found=[one], history={})


def _update(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> None:
    """Read the record, with its history where the vendor keeps one, and compare it with what was sent and what was there before."""
    found = side.connector.read(wanted=side.main, ids=[operation.external_id])
    record = next((r for r in found.records if r.ref.external_id == operation.external_id), None)
    history: results.History = {}
    if record is not None and side.connector.capabilities.history and operation.changes:
        history = side.connector.history(kind=side.main.kind, ids=[operation.external_id], fields=sorted(operation.changes))
    with lane.transaction():
        observe.missing(side=side, kind=side.main.kind, external_ids=found.missing)
        observe.take(lane=lane, side=side, wanted=side.main, found=found.records, strong=True)
        operation.pair.refresh_from_db()
        sent = copy.copy(operation)  # what is planned again gets another key
        seen = _seen(lane=lane, side=side, operation=operation, record=record)
        if record is not None and _landed(operation=operation, record=record, seen=seen):
            other = seen is not None and bool(seen.third)
            note = _another_value() if other else say("The answer was lost; the record was read back and shows it.")
            one = results.Done(operation=operation, answer=record, note=note, recovered=True)
            results.done(lane=lane, side=side, found=[one], history=history)
            return
        note = _record_gone() if record is None else say("The answer was lost and the record does not show it; it is planned again.")
        if operation.pair.failures + 1 >= results.MOST_ATTEMPTS:
            operation.note = say("It was sent again and again, and was neither answered nor seen there.")
            results.refuse(lane=lane, operation=operation, reason=vocabulary.Reason.GIVEN_UP)
        else:
            results.overtake(lane=lane, operation=operation, note=note)
            _plan_again(operation=operation, seen=seen)
        _doubt(lane=lane, side=side, sent=sent, note=_record_gone() if record is None else operation.note)


def _doubt(*, lane: context.Lane, side: context.SideContext, sent: models.Operation, note: str) -> None:
    """Tell the audit of a write that may have arrived, or may yet: the record that would show it is there no more, or does not show it."""
    sent.note = note
    audit.written(sync=lane.config, connection=side.connection, operations=[sent], now=lane.ports.now(), doubtful=True)


def _seen(
    *, lane: context.Lane, side: context.SideContext, operation: models.Operation, record: records.Record | None
) -> settling.Recovered | None:
    """What the record tells of the write; nothing is told of one that is gone, or by an archive."""
    if record is None or operation.kind == vocabulary.OperationKind.ARCHIVE:
        return None
    return results.settle_unknown(lane=lane, side=side, operation=operation, shown=record.values)


def _landed(*, operation: models.Operation, record: records.Record, seen: settling.Recovered | None) -> bool:
    """Whether the write took effect, going by what the record shows now."""
    if operation.kind == vocabulary.OperationKind.ARCHIVE or seen is None:
        return record.state is not vocabulary.RecordState.LIVE
    return seen.outcome is not settling.Outcome.NOT_LANDED


def _plan_again(*, operation: models.Operation, seen: settling.Recovered | None) -> None:
    """Look at the pair anew, going on from what a half done write left."""
    halves = {} if seen is None else {"base_left": mirror.to_json(seen.base_left), "base_right": mirror.to_json(seen.base_right)}
    models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True, failures=F("failures") + 1, **halves)


def _another_value() -> str:
    return say("The answer was lost; the record was read back and shows another value, which counts as the later edit and is listed.")


def _record_gone() -> str:
    return say("The answer was lost and the record is there no more, so it is not known whether it arrived.")
