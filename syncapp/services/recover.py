"""Settle writes whose answer never came.

Owns what happens to an operation that is still being sent after the quarantine: the remote record is read, nothing is assumed.
"""

from __future__ import annotations

from datetime import timedelta

from syncapp import models
from syncapp.engine import records, settling, vocabulary
from syncapp.services import context, lookups, observe, results

QUARANTINE = timedelta(seconds=150)


def everything(*, lane: context.Lane) -> int:
    """Settle all that is past the quarantine. Returns how many are still too young to be judged."""
    sending = models.Operation.objects.filter(config=lane.config, status=vocabulary.OperationStatus.SENDING)
    old = sending.filter(sent_at__lte=lane.ports.now() - QUARANTINE)
    for operation in list(old.select_related("pair__left", "pair__right").order_by("pk")):
        side = lane.side(operation.side)
        if operation.kind == vocabulary.OperationKind.CREATE:
            _create(lane=lane, side=side, operation=operation)
        else:
            _update(lane=lane, side=side, operation=operation)
        lane.count("recovered")
    return sending.count()


def _create(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> None:
    """Look for what the create may have made: by our key, else by the natural key. Found: adopt it; not found: send it again."""
    found = lookups.created(lane=lane, side=side, operation=operation)
    if found is None:
        with lane.transaction():
            operation.status, operation.note = vocabulary.OperationStatus.READY, "It had not arrived; it is sent again under the same key."
            operation.save()
        return
    with lane.transaction():
        pair = operation.pair
        row = models.Record.objects.filter(connection=side.connection, kind=side.main.kind, external_id=found.ref.external_id).first()
        other = (
            row
            and models.RecordPair.objects.filter(**{"config": lane.config, "left" if side.side is vocabulary.Side.LEFT else "right": row})
            .exclude(pk=pair.pk)
            .first()
        )
        if other and other.left_id and other.right_id:
            observe.take(lane=lane, side=side, wanted=side.main, found=[found], strong=True)
            note = "Its record has another partner already."
            results.finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.SUPERSEDED, note=note)
            operation.save()
            models.RecordPair.objects.filter(pk=pair.pk).update(dirty=True)
            return
        note = "The answer was lost; the record was found and adopted."
        results.done(lane=lane, side=side, operation=operation, answer=found, recovered=True, note=note)


def _update(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> None:
    """Read the record and compare it with what was sent and what was there before."""
    found = side.connector.read(wanted=side.main, ids=[operation.external_id])
    with lane.transaction():
        observe.missing(side=side, kind=side.main.kind, external_ids=found.missing)
        observe.take(lane=lane, side=side, wanted=side.main, found=found.records, strong=True)
        record = next((r for r in found.records if r.ref.external_id == operation.external_id), None)
        if not _landed(lane=lane, side=side, operation=operation, record=record):
            note = "It had not arrived; it is planned again."
            results.finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.SUPERSEDED, note=note)
            operation.save()
            models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
        elif record is not None:
            note = "The answer was lost; the record was read back and shows it."
            operation.pair.refresh_from_db()
            results.done(lane=lane, side=side, operation=operation, answer=record, note=note, recovered=True)


def _landed(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, record: records.Record | None) -> bool:
    """Whether the write took effect, going by what the record shows now."""
    if record is None:
        return False
    if operation.kind == vocabulary.OperationKind.ARCHIVE:
        return record.state is not vocabulary.RecordState.LIVE
    return results.settle_unknown(lane=lane, side=side, operation=operation, shown=record.values).outcome is not settling.Outcome.NOT_LANDED
