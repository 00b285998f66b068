"""What came of a write: the mirror, the baseline, the pair and the operation, saved together.

Owns the meaning of a vendor's answer for a pair. Sends nothing, except to read back what a stale answer hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors, records, settling, values, vocabulary
from syncapp.services import context, mirror, observe, pairs

PAUSES = (1, 2, 5, 15, 60)
MOST_ATTEMPTS = 8


def settle(
    *, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation], answers: Sequence[base.Written]
) -> list[tuple[models.Operation, errors.AlreadyExists]]:
    """B: save every result of a batch in one transaction. What has no answer stays as it is, to be read back later.

    Returns the creates that were refused because something is there already: who it is must be looked up first.
    """
    moved: list[str] = []
    taken: list[tuple[models.Operation, errors.AlreadyExists]] = []
    with lane.transaction():
        for operation, answer in zip(batch, answers, strict=True):
            operation.request_id = answer.request_id[:100]
            if answer.record is not None:
                done(lane=lane, side=side, operation=operation, answer=answer.record)
            elif isinstance(answer.error, errors.AlreadyExists) and operation.kind == vocabulary.OperationKind.CREATE:
                taken.append((operation, answer.error))
            elif answer.error is not None:
                moved += failed(lane=lane, side=side, operation=operation, error=answer.error)
    if moved:
        observe.by_id(lane=lane, side=side, wanted=side.main, ids=moved)
    return taken


def done(
    *,
    lane: context.Lane,
    side: context.SideContext,
    operation: models.Operation,
    answer: records.Record,
    note: str = "",
    recovered: bool = False,
) -> None:
    """A write took effect: keep the record, both halves of the baseline, and look at the pair once more.

    `recovered`: the answer was lost and the record read later; where it shows another value, what was sent is the baseline and
    the value seen a later edit.
    """
    pair = operation.pair
    row = pair.left if side.side is vocabulary.Side.LEFT else pair.right
    row = observe.written(lane=lane, side=side, row=row, answer=answer)
    if operation.kind == vocabulary.OperationKind.CREATE and not pairs.attach(pair=pair, row=row, side=side.side, now=lane.ports.now()):
        pair.state, pair.reason = vocabulary.PairState.AMBIGUOUS, vocabulary.Reason.CANDIDATE_TAKEN
        pair.detail = {"candidates": [row.external_id]}
        pair.save()
    elif operation.kind != vocabulary.OperationKind.ARCHIVE:
        _agree(lane=lane, side=side, operation=operation, row=row, recovered=recovered)
    finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.DONE, note=note)
    operation.result_number, operation.result_token = row.revision_number, row.revision_token
    operation.save()
    pair.dirty = True
    pair.failures, pair.retry_at = 0, None
    pair.save()
    lane.count(f"{operation.kind.lower()}d_{side.side.value.lower()}")


def _agree(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, row: models.Record, recovered: bool) -> None:
    """Both halves of the baseline, from the answer and from what the write was made of."""
    pair = operation.pair
    if recovered:
        found = settle_unknown(lane=lane, side=side, operation=operation, shown=mirror.from_json(row.values))
        pair.base_left, pair.base_right = mirror.to_json(found.base_left), mirror.to_json(found.base_right)
        _list_third_values(lane=lane, side=side, operation=operation, found=found)
    else:
        settled = settling.settle(
            rules=lane.rules,
            side=side.side,
            sent=_by_key(operation, 1),
            answer=_shown_by_key(operation, mirror.from_json(row.values)),
            origin_values=mirror.from_json(operation.origin_values),
            base_left=mirror.from_json(pair.base_left),
            base_right=mirror.from_json(pair.base_right),
            flagged=frozenset(pair.flagged),
        )
        pair.base_left, pair.base_right = mirror.to_json(settled.base_left), mirror.to_json(settled.base_right)
        pair.flagged = sorted(settled.flagged)
    pair.state, pair.reason, pair.detail = vocabulary.PairState.LINKED, vocabulary.Reason.NONE, {}
    pair.was_linked, pair.synced_at = True, lane.ports.now()


def settle_unknown(
    *, lane: context.Lane, side: context.SideContext, operation: models.Operation, shown: Mapping[str, records.Value]
) -> settling.Recovered:
    """What a read tells of an operation without an answer."""
    return settling.settle_unknown(
        rules=lane.rules,
        side=side.side,
        kind=vocabulary.OperationKind(operation.kind),
        before=_by_key(operation, 0),
        sent=_by_key(operation, 1),
        seen=_shown_by_key(operation, shown),
        origin_values=mirror.from_json(operation.origin_values),
        base_left=mirror.from_json(operation.pair.base_left),
        base_right=mirror.from_json(operation.pair.base_right),
    )


def _by_key(operation: models.Operation, end: int) -> dict[str, records.Value]:
    """The values before (0) or after (1) by mapping key; what belongs to no mapping is left out."""
    return {key: values.from_json(operation.changes[name][end]) for name, key in operation.keys.items() if key}


def _shown_by_key(operation: models.Operation, shown: Mapping[str, records.Value]) -> dict[str, records.Value]:
    return {key: shown.get(name) for name, key in operation.keys.items() if key}


def _list_third_values(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, found: settling.Recovered) -> None:
    """Which of two values came first is not known, so both are listed; the one that is seen counts as the later edit."""
    fields = {key: name for name, key in operation.keys.items()}
    for third in found.third:
        seen, sent = values.to_json(third.seen), values.to_json(third.sent)
        left, right = (seen, sent) if side.side is vocabulary.Side.LEFT else (sent, seen)
        models.Conflict.objects.create(
            pair=operation.pair,
            key=third.key,
            field_label=fields.get(third.key, third.key),
            base=values.to_json(third.before),
            left=left,
            right=right,
            status=vocabulary.ConflictStatus.BY_RULE,
            winner=side.side,
            decided_at=lane.ports.now(),
            why="The answer to a write was lost and the record shows another value; that one counts as the later edit.",
        )
        lane.count("conflicts")


def finish(*, lane: context.Lane, operation: models.Operation, status: vocabulary.OperationStatus, note: str = "") -> None:
    """Close an operation; it is never changed again."""
    operation.status = status
    operation.note = note[:300] or operation.note
    operation.finished_at = lane.ports.now()


def note_error(*, operation: models.Operation, error: errors.SyncError) -> None:
    """Keep what the vendor said, as far as it may be shown."""
    operation.error_class = type(error).__name__
    operation.error_code = error.code[:40]
    operation.error_words = str(error)[:500]
    operation.error_field = error.field[:200]
    operation.request_id = error.request_id[:100] or operation.request_id


def failed(*, lane: context.Lane, side: context.SideContext, operation: models.Operation, error: errors.SyncError) -> list[str]:
    """Decide by the kind of error what happens next. Returns ids that must be read again."""
    note_error(operation=operation, error=error)
    if isinstance(error, errors.OutcomeUnknown):
        operation.note = "No answer came; it is read back before anything else is done."
        operation.save()
        lane.count("unknown")
        return []
    if isinstance(error, errors.RateLimited | errors.NeedsReconnect | errors.Misconfigured):
        operation.attempts = max(operation.attempts - 1, 0)
        _ready_again(lane=lane, operation=operation)
        return []
    if isinstance(error, errors.StaleRevision | errors.Gone):
        note = "The record had changed; it is planned again."
        finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.SUPERSEDED, note=note)
        operation.save()
        models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
        lane.count("superseded")
        return [operation.external_id]
    if isinstance(error, errors.Transient):
        _later(lane=lane, operation=operation)
        return []
    refuse(lane=lane, operation=operation, reason=_reason(lane=lane, operation=operation, error=error))
    return []


def _reason(*, lane: context.Lane, operation: models.Operation, error: errors.SyncError) -> vocabulary.Reason:
    if any(error.field in (given.field, f"{given.field}.value") for given in lane.rules.given if given.side == operation.side):
        return vocabulary.Reason.ACCOUNT_MISSING
    if not isinstance(error, errors.AlreadyExists):
        return vocabulary.Reason.REFUSED
    return vocabulary.Reason.NAME_TAKEN if operation.side == vocabulary.Side.RIGHT else vocabulary.Reason.SAME_KEY_TWICE


def refuse(*, lane: context.Lane, operation: models.Operation, reason: vocabulary.Reason) -> None:
    """Give an operation up until the record, the mapping or a person changes something."""
    finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.FAILED)
    operation.save()
    pair = operation.pair
    pair.state, pair.reason = vocabulary.PairState.FAILED, reason
    pair.failures, pair.retry_at = pair.failures + 1, None
    pair.detail = {
        "field": operation.error_field,
        "code": operation.error_code,
        "words": operation.error_words,
        "values": {name: change[1] for name, change in operation.changes.items() if name == operation.error_field},
    }
    pair.save()
    lane.count("failed")


def _ready_again(*, lane: context.Lane, operation: models.Operation) -> None:
    """Send it again later, under another key: it is certain that nothing was done, and a vendor may keep a key's refusal."""
    operation.status = vocabulary.OperationStatus.READY
    operation.idempotency_key = lane.ports.new_key()
    operation.save()


def _later(*, lane: context.Lane, operation: models.Operation) -> None:
    """Try again after a pause that grows, or give up after too many."""
    if operation.attempts >= MOST_ATTEMPTS:
        refuse(lane=lane, operation=operation, reason=vocabulary.Reason.GIVEN_UP)
        return
    minutes = PAUSES[min(operation.attempts, len(PAUSES)) - 1]
    operation.retry_at = lane.ports.now() + timedelta(minutes=minutes * (0.8 + 0.4 * lane.ports.chance()))
    _ready_again(lane=lane, operation=operation)
    models.RecordPair.objects.filter(pk=operation.pair_id).update(
        reason=vocabulary.Reason.RETRYING,
        detail={"words": operation.error_words, "attempts": operation.attempts},
    )
    lane.count("retrying")


def read_back(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation], answers: Sequence[base.Written]) -> None:
    """Where the vendor has no conditional write, look into the history for a value that our update replaced unseen."""
    updated = [
        operation
        for operation, answer in zip(batch, answers, strict=True)
        if answer.record is not None and operation.kind == vocabulary.OperationKind.UPDATE
    ]
    if not updated or not side.connector.capabilities.history:
        return
    fields = sorted({name for operation in updated for name in operation.changes})
    history = side.connector.history(kind=side.main.kind, ids=[operation.external_id for operation in updated], fields=fields)
    with lane.transaction():
        for operation in updated:
            for name, change in operation.changes.items():
                entries = history.get(operation.external_id, {}).get(name, ())
                _replaced(lane=lane, side=side, operation=operation, name=name, change=change, entries=entries)


def _replaced(
    *,
    lane: context.Lane,
    side: context.SideContext,
    operation: models.Operation,
    name: str,
    change: list[object],
    entries: Sequence[base.HistoryEntry],
) -> None:
    before, sent = mirror.from_json({"before": change[0], "sent": change[1]}).values()
    ours = next((at for at, entry in enumerate(entries) if entry.by_us and entry.value == sent), None)
    if ours is None:
        return
    for entry in entries[ours + 1 :]:
        if entry.value == before or entry.by_us:
            return
        both = mirror.to_json({"seen": entry.value, "sent": sent})
        left, right = (both["seen"], both["sent"]) if side.side is vocabulary.Side.LEFT else (both["sent"], both["seen"])
        models.Conflict.objects.create(
            pair=operation.pair,
            key=operation.keys.get(name, ""),
            field_label=name,
            base=change[0],
            left=left,
            right=right,
            status=vocabulary.ConflictStatus.BY_RULE,
            winner=side.side.other,
            decided_at=lane.ports.now(),
            why=f"{entry.author} changed it at {entry.changed_at:%Y-%m-%d %H:%M:%S} UTC, in the moment before it was written."[:300],
        )
        lane.count("conflicts")
        return
