"""What came of a write: the mirror, the baseline, the pair and the operation, saved together.

Owns the meaning of a vendor's answer for a pair. Sends nothing, except to read back what a stale answer hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors, records, settling, undoing, values, vocabulary
from syncapp.engine import rules as engine_rules
from syncapp.engine.wording import say
from syncapp.services import audit, context, mirror, observe, pairs
from syncapp.services import rows as saving

_BY_CODE: Mapping[str, vocabulary.Reason] = {
    "6140": vocabulary.Reason.NUMBER_TAKEN,
    "6200": vocabulary.Reason.BOOKS_CLOSED,
    "6210": vocabulary.Reason.BOOKS_CLOSED,
    "6100": vocabulary.Reason.TAX_NEEDED,
    base.NEEDS_TAX: vocabulary.Reason.TAX_NEEDED,
    base.NEEDS_SERVICE_DATE: vocabulary.Reason.SERVICE_DATE,
}
PAUSES = (1, 2, 5, 15, 60)
MOST_ATTEMPTS = 8


_PAIR_FIELDS = [
    "left",
    "right",
    "state",
    "reason",
    "detail",
    "base_left",
    "base_right",
    "flagged",
    "was_linked",
    "synced_at",
    "dirty",
    "failures",
    "retry_at",
    "excluded_by_hand",
    "failing_since",
]
_DONE_FIELDS = ["status", "note", "finished_at", "request_id", "external_id", "result_number", "result_token"]
History = Mapping[str, Mapping[str, tuple[base.HistoryEntry, ...]]]


@dataclass(frozen=True, kw_only=True)
class Done:
    """A write that took effect. `recovered`: its answer was lost, and the record was read later."""

    operation: models.Operation
    answer: records.Record
    note: str = ""
    recovered: bool = False


def settle(
    *,
    lane: context.Lane,
    side: context.SideContext,
    batch: Sequence[models.Operation],
    answers: Sequence[base.Written],
    history: History,
) -> list[tuple[models.Operation, errors.AlreadyExists]]:
    """B: save every result of a batch in one transaction. What has no answer stays as it is, to be read back later.

    Returns the creates that were refused because something is there already: who it is must be looked up first.
    """
    moved: list[str] = []
    taken: list[tuple[models.Operation, errors.AlreadyExists]] = []
    with lane.transaction():
        _refresh(batch)
        found: list[Done] = []
        for operation, answer in zip(batch, answers, strict=True):
            operation.request_id = answer.request_id[:100]
            if answer.record is not None:
                found.append(Done(operation=operation, answer=answer.record))
            elif isinstance(answer.error, errors.AlreadyExists) and operation.kind == vocabulary.OperationKind.CREATE:
                note_error(operation=operation, error=answer.error)
                _ready_again(lane=lane, operation=operation)
                taken.append((operation, answer.error))
            elif answer.error is not None:
                moved += failed(lane=lane, operation=operation, error=answer.error)
        done(lane=lane, side=side, found=found, history=history)
    if moved:
        observe.by_id(lane=lane, side=side, wanted=side.main, ids=moved)
    return taken


def _refresh(batch: Sequence[models.Operation]) -> None:
    """The pairs as they are now: a person may have excluded or parted one while the call was on its way."""
    now = models.RecordPair.objects.in_bulk([operation.pair_id for operation in batch])
    for operation in batch:
        operation.pair = now[operation.pair_id]


def done(*, lane: context.Lane, side: context.SideContext, found: Sequence[Done], history: History) -> None:
    """Writes took effect: keep the records, both halves of each baseline, and look at the pairs once more.

    Call it inside the lane's transaction, with the pairs as they are now. A constant number of queries, unless something is odd.
    """
    rows = observe.written(lane=lane, side=side, answers=[one.answer for one in found])
    halves = pairs.by_record(config=lane.config, side=side.side, rows=rows.values())
    for one in found:
        operation, row = one.operation, rows[one.answer.ref.external_id]
        _settle_pair(lane=lane, side=side, one=one, row=row, half=halves.get(row.pk))
        _replaced(lane=lane, side=side, operation=operation, history=history.get(row.external_id, {}))
        finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.DONE, note=one.note)
        operation.external_id = row.external_id
        operation.result_number, operation.result_token = one.answer.revision.number, one.answer.revision.token
        lane.count(f"{operation.kind.lower()}d_{side.side.value.lower()}")
    operations = [one.operation for one in found]
    saving.save([one.pair for one in operations], fields=_PAIR_FIELDS)
    saving.save(operations, fields=_DONE_FIELDS)
    audit.written(sync=lane.config, connection=side.connection, operations=operations, now=lane.ports.now())


def _settle_pair(
    *, lane: context.Lane, side: context.SideContext, one: Done, row: models.Record, half: models.RecordPair | None
) -> None:
    """Give a created record to its pair, and note what both sides hold now. A pair that was parted meanwhile stays parted."""
    operation = one.operation
    pair = operation.pair
    pair.dirty, pair.failures, pair.retry_at = True, 0, None
    if operation.kind == vocabulary.OperationKind.CREATE and not pairs.attach(
        pair=pair, row=row, side=side.side, other=half, now=lane.ports.now()
    ):
        pairs.open_half(side=side.side, connection=side.connection, kind=side.main.kind, rows=[row])
        if pair.left_id is None or pair.right_id is None:
            pair.state, pair.reason = vocabulary.PairState.AMBIGUOUS, vocabulary.Reason.CANDIDATE_TAKEN
            pair.detail = {"candidates": [row.external_id]}
        return
    own = pair.left_id if side.side is vocabulary.Side.LEFT else pair.right_id
    together = own == row.pk and pair.left_id is not None and pair.right_id is not None
    if together and operation.kind != vocabulary.OperationKind.ARCHIVE:
        _agree(lane=lane, side=side, one=one)
    if operation.kind == vocabulary.OperationKind.ARCHIVE and operation.undoes_id is not None:
        # What a person took back is not made anew.
        pair.excluded_by_hand, pair.state, pair.reason, pair.detail = True, vocabulary.PairState.FROZEN, vocabulary.Reason.BY_HAND, {}


def _agree(*, lane: context.Lane, side: context.SideContext, one: Done) -> None:
    """Both halves of the baseline, from the answer and from what the write was made of.

    Where the answer was lost and the record shows another value, what was sent is the baseline and the value seen a later edit.
    """
    operation = one.operation
    pair = operation.pair
    if one.recovered:
        found = settle_unknown(lane=lane, side=side, operation=operation, shown=one.answer.values)
        pair.base_left, pair.base_right = mirror.to_json(found.base_left), mirror.to_json(found.base_right)
        _list_third_values(lane=lane, side=side, operation=operation, found=found)
    else:
        origins = mirror.from_json(operation.origin_values)
        settled = settling.settle(
            rules=lane.rules,
            side=side.side,
            sent=_by_key(operation, 1),
            answer=_shown(rules=lane.rules, operation=operation, answer=one.answer, origins=origins),
            origin_values=origins,
            base_left=mirror.from_json(pair.base_left),
            base_right=mirror.from_json(pair.base_right),
            flagged=frozenset(pair.flagged),
        )
        pair.base_left, pair.base_right = mirror.to_json(settled.base_left), mirror.to_json(settled.base_right)
        pair.flagged = sorted(settled.flagged)
    if operation.undoes_id is not None:
        pair.flagged = sorted({*pair.flagged, *_apart(lane=lane, operation=operation)})
    pair.state, pair.reason, pair.detail = vocabulary.PairState.LINKED, vocabulary.Reason.NONE, {}
    pair.was_linked, pair.synced_at, pair.failing_since = True, lane.ports.now(), None


def _apart(*, lane: context.Lane, operation: models.Operation) -> frozenset[str]:
    """The fields that an undo leaves different on both sides: as long as nobody changes one again, no run makes them alike."""
    base_left, base_right = mirror.from_json(operation.pair.base_left), mirror.from_json(operation.pair.base_right)
    keys = [key for key in operation.keys.values() if key]
    return undoing.apart(rules=lane.rules, keys=keys, base_left=base_left, base_right=base_right)


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


def _shown(
    *, rules: engine_rules.SyncRules, operation: models.Operation, answer: records.Record, origins: Mapping[str, records.Value]
) -> dict[str, records.Value]:
    """What an answer shows of the fields that were sent and of those for which there was no value, by mapping key."""
    left = operation.side == vocabulary.Side.LEFT
    unsent = origins.keys() - operation.keys.values()
    empty = {(one.left if left else one.right).name: one.key for one in rules.mappings if one.key in unsent} if unsent else {}
    return {key: answer.values[name] for name, key in {**empty, **operation.keys}.items() if key and name in answer.values}


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
            why=say("The answer to a write was lost and the record shows another value; that one counts as the later edit."),
        )
        lane.count("conflicts")


def finish(*, lane: context.Lane, operation: models.Operation, status: vocabulary.OperationStatus, note: str = "") -> None:
    """Close an operation; it is never changed again."""
    operation.status = status
    operation.note = note[:300] or operation.note
    operation.finished_at = lane.ports.now()


def overtake(*, lane: context.Lane, operation: models.Operation, note: str) -> None:
    """Take a write back that was not done. That of an undo is looked at once more; all others are made anew from their pair."""
    if operation.undoes_id is None:
        finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.SUPERSEDED, note=note)
    else:
        operation.status, operation.note, operation.retry_at = vocabulary.OperationStatus.PROPOSED, note[:300], None
        operation.idempotency_key = lane.ports.new_key()
    operation.save()


def note_error(*, operation: models.Operation, error: errors.SyncError) -> None:
    """Keep what the vendor said, as far as it may be shown."""
    operation.error_class = type(error).__name__
    operation.error_code = error.code[:40]
    operation.error_words = str(error)[:500]
    operation.error_field = error.field[:200]
    operation.request_id = error.request_id[:100] or operation.request_id


def failed(*, lane: context.Lane, operation: models.Operation, error: errors.SyncError) -> list[str]:
    """Decide by the kind of error what happens next. Returns ids that must be read again."""
    note_error(operation=operation, error=error)
    if isinstance(error, errors.OutcomeUnknown):
        operation.note = say("No answer came; it is read back before anything else is done.")
        operation.save()
        lane.count("unknown")
        return []
    if isinstance(error, errors.RateLimited | errors.NeedsReconnect | errors.Misconfigured):
        operation.attempts = max(operation.attempts - 1, 0)
        _ready_again(lane=lane, operation=operation)
        return []
    if isinstance(error, errors.StaleRevision | errors.Gone) and operation.external_id:
        overtake(lane=lane, operation=operation, note=say("The record had changed; it is planned again."))
        models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
        lane.count("superseded")
        return [operation.external_id]
    if isinstance(error, errors.Transient):
        _later(lane=lane, operation=operation)
        return []
    refuse(lane=lane, operation=operation, reason=_reason(lane=lane, operation=operation, error=error))
    return []


def reason_of(*, code: str) -> vocabulary.Reason | None:
    """Tell by a refusal's code why a pair is refused, where there is more to say than that."""
    return _BY_CODE.get(code)


def _reason(*, lane: context.Lane, operation: models.Operation, error: errors.SyncError) -> vocabulary.Reason:
    if any(error.field in (given.field, f"{given.field}.value") for given in lane.rules.given if given.side == operation.side):
        return vocabulary.Reason.ACCOUNT_MISSING
    known = reason_of(code=error.code)
    if known is not None or not isinstance(error, errors.AlreadyExists):
        return known or vocabulary.Reason.REFUSED
    return vocabulary.Reason.NAME_TAKEN if operation.side == vocabulary.Side.RIGHT else vocabulary.Reason.SAME_KEY_TWICE


def refuse(*, lane: context.Lane, operation: models.Operation, reason: vocabulary.Reason) -> None:
    """Give an operation up until the record, the mapping or a person changes something."""
    finish(lane=lane, operation=operation, status=vocabulary.OperationStatus.FAILED)
    operation.save()
    lane.count("failed")
    if operation.undoes_id is not None:
        return  # the pair itself is as much in sync as before
    pair = operation.pair
    pair.state, pair.reason = vocabulary.PairState.FAILED, reason
    pair.failing_since = pair.failing_since or lane.ports.now()
    pair.failures, pair.retry_at = pair.failures + 1, None
    pair.detail = {
        "field": operation.error_field,
        "code": operation.error_code,
        "words": operation.error_words,
        "values": {name: change[1] for name, change in operation.changes.items() if name == operation.error_field},
    }
    pair.save(update_fields=["state", "reason", "failures", "retry_at", "detail", "failing_since"])


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


def read_history(*, side: context.SideContext, batch: Sequence[models.Operation], answers: Sequence[base.Written]) -> History:
    """Where the vendor has no conditional write, the history of the fields that were updated just now. One call."""
    updated = [
        operation
        for operation, answer in zip(batch, answers, strict=True)
        if answer.record is not None and operation.kind == vocabulary.OperationKind.UPDATE
    ]
    if not updated or not side.connector.capabilities.history:
        return {}
    fields = sorted({name for operation in updated for name in operation.changes})
    return side.connector.history(kind=side.main.kind, ids=[operation.external_id for operation in updated], fields=fields)


def _replaced(
    *, lane: context.Lane, side: context.SideContext, operation: models.Operation, history: Mapping[str, Sequence[base.HistoryEntry]]
) -> None:
    """List a value that our update replaced unseen: it came after our last look, in the moment before the write."""
    for name, change in operation.changes.items():
        entries = history.get(name)
        if not entries:
            continue
        before, sent = mirror.from_json({"before": change[0], "sent": change[1]}).values()
        ours = next((at for at, entry in enumerate(entries) if entry.by_us and entry.value == sent), None)
        foreign = entries[ours + 1] if ours is not None and ours + 1 < len(entries) else None
        if foreign is None or foreign.by_us or foreign.value == before:
            continue
        both = mirror.to_json({"seen": foreign.value, "sent": sent})
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
            why=say(
                "{author} changed it at {moment} UTC, in the moment before it was written.",
                author=foreign.author, moment=f"{foreign.changed_at:%Y-%m-%d %H:%M:%S}",
            )[:300],
        )
        lane.count("conflicts")
