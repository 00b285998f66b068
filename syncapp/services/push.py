"""Carry out planned operations against one side: a batch at a time, and single ones while a batch would have to wait for its turn.

Owns the order of things around a call: look, save the intent (A), call, save the result (B). No call is made inside a transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import say
from syncapp.services import context, governor, lookups, mirror, naming, recover, results

_ENDS = (errors.NeedsReconnect, errors.Misconfigured, errors.RateLimited)
"""What ends the whole run."""

HANDFUL = 12
"""How many single ones are looked at together with the batch that follows them. More do not fit between two batches to QuickBooks."""
WORTH_IT = 0.15
"""By how many seconds a single call must be able to leave sooner than a batch, which cannot follow it at once."""


def everything(*, lane: context.Lane) -> bool:
    """Send all that is ready: lower levels first, HubSpot and QuickBooks in turn. False when time ran out or a person stopped it.

    Raises NeedsReconnect, Misconfigured and RateLimited, which stop the whole run.
    """
    waiting = set(_ready_rows(lane=lane).order_by().values_list("side", "kind").distinct())
    for side in (lane.right, lane.left):
        for kind in (vocabulary.OperationKind.CREATE, vocabulary.OperationKind.UPDATE, vocabulary.OperationKind.ARCHIVE):
            if (side.side, kind) not in waiting:
                continue
            after = 0
            while some := _ready(lane=lane, side=side, kind=kind, after=after):
                if lane.stopped:
                    return False
                after = _some(lane=lane, side=side, kind=kind, some=some)
                lane.beat()
                if lane.out_of_time:
                    return False
    return True


def any_ready(*, lane: context.Lane) -> bool:
    """Whether something could be sent now."""
    return _ready_rows(lane=lane).exists()


def _ready_rows(*, lane: context.Lane) -> QuerySet[models.Operation]:
    now = lane.ports.now()
    ready = models.Operation.objects.filter(config=lane.config, status=vocabulary.OperationStatus.READY)
    undo = lane.run.kind == vocabulary.RunKind.UNDO
    # An undo writes what a person approved and nothing else, and no other run writes that.
    mine = ready.filter(run=lane.run) if undo else ready.filter(undoes__isnull=True)
    return mine.filter(Q(retry_at__isnull=True) | Q(retry_at__lte=now))


def _ready(*, lane: context.Lane, side: context.SideContext, kind: vocabulary.OperationKind, after: int) -> list[models.Operation]:
    rows = _ready_rows(lane=lane).filter(side=side.side, kind=kind, pk__gt=after).select_related("pair__left", "pair__right")
    batch_in, single_in = _turns(lane=lane, side=side, kind=kind)
    more = HANDFUL if batch_in - single_in >= WORTH_IT else 0
    return list(rows.order_by("level", "pk")[: side.connector.capabilities.batch_size + more])


def _turns(*, lane: context.Lane, side: context.SideContext, kind: vocabulary.OperationKind) -> tuple[float, float]:
    """After how many seconds a batch could leave, and a single call; alike for what leaves in batches only."""
    able = kind is vocabulary.OperationKind.CREATE and side.main.kind in side.connector.capabilities.single_kinds
    return governor.turns(connection=side.connection, now=lane.ports.now()) if able else (0.0, 0.0)


def _some(*, lane: context.Lane, side: context.SideContext, kind: vocabulary.OperationKind, some: Sequence[models.Operation]) -> int:
    """Look, then claim, send and settle: what a batch does not hold one by one as long as that is worth it, then a batch.

    Returns the key after which the next ones are to be taken. A single call must not hold up the batch: as long as the last one took,
    its turn aside, the next one must be able to leave sooner.
    """
    left = _looked_at(lane=lane, side=side, kind=kind, some=some)
    size, takes = side.connector.capabilities.batch_size, WORTH_IT
    while left:
        begun = lane.ports.now()
        batch_in, single_in = _turns(lane=lane, side=side, kind=kind)
        singly = len(left) > size and batch_in - single_in >= takes
        batch, left = left[: 1 if singly else size], left[1 if singly else size :]
        there = side.connector.server_time() if kind is vocabulary.OperationKind.CREATE else None
        claimed = _claim(lane=lane, batch=batch, there=there)
        if claimed:
            _send(lane=lane, side=side, batch=claimed, singly=singly)
        if left and (not singly or lane.out_of_time or lane.stopped):
            return batch[-1].pk
        takes = max(WORTH_IT, (lane.ports.now() - begun).total_seconds() - single_in)
    return some[-1].pk


def _looked_at(
    *, lane: context.Lane, side: context.SideContext, kind: vocabulary.OperationKind, some: Sequence[models.Operation]
) -> Sequence[models.Operation]:
    """Those that still are to be sent."""
    if kind is vocabulary.OperationKind.CREATE:
        some = lookups.before_create(lane=lane, side=side, batch=recover.arrived(lane=lane, side=side, batch=some))
    elif not side.connector.capabilities.conditional_writes:
        some = lookups.before_update(lane=lane, side=side, batch=some)
    if some and kind is not vocabulary.OperationKind.UPDATE:
        some = lookups.origins(lane=lane, side=side, batch=some)
    return some


def _claim(*, lane: context.Lane, batch: Sequence[models.Operation], there: datetime | None) -> list[models.Operation]:
    """A: the intent is committed before the request leaves. What a person or a plan took back meanwhile is left out."""
    name = lane.ports.new_key()
    now = lane.ports.now()
    with lane.transaction():
        chosen = models.Operation.objects.filter(pk__among=[operation.pk for operation in batch])
        chosen.filter(status=vocabulary.OperationStatus.READY).update(
            status=vocabulary.OperationStatus.SENDING,
            batch=name,
            sent_at=now,
            sent_there_at=there,
            fence=lane.held[0].fence,
            retry_at=None,
            attempts=F("attempts") + 1,
        )
        pks = set(chosen.filter(batch=name).values_list("pk", flat=True))
    mine = [operation for operation in batch if operation.pk in pks]
    for operation in mine:
        operation.attempts += 1
        operation.sent_at, operation.batch, operation.status = now, name, vocabulary.OperationStatus.SENDING
        operation.fence, operation.sent_there_at = lane.held[0].fence, there
    return mine


def _send(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation], singly: bool = False) -> None:
    """Call, look into the history, then B. A batch refused as a whole is halved until the culprit is alone."""
    answers = side.connector.write(writes=[_write(side=side, operation=operation) for operation in batch], singly=singly)
    if len(batch) > 1 and _refused_as_a_whole(answers):
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _send_anew(lane=lane, batch=half)
            _send(lane=lane, side=side, batch=half)
        return
    stop = next((a.error for a in answers if isinstance(a.error, _ENDS)), None)
    history: results.History = {}
    try:
        history = results.read_history(side=side, batch=batch, answers=answers)
    except errors.SyncError as error:
        answers = _unread(answers)
        stop = stop or (error if isinstance(error, _ENDS) else None)
    for operation, taken in results.settle(lane=lane, side=side, batch=batch, answers=answers, history=history):
        naming.resolve(lane=lane, side=side, operation=operation, error=taken)
    if stop is not None:
        raise stop


def _send_anew(*, lane: context.Lane, batch: Sequence[models.Operation]) -> None:
    """The quarantine counts from the last sending, and no call leaves without a lease that outlasts it."""
    now = lane.ports.now()
    with lane.transaction():
        models.Operation.objects.filter(pk__among=[operation.pk for operation in batch]).update(sent_at=now)
    for operation in batch:
        operation.sent_at = now


def _unread(answers: Sequence[base.Written]) -> tuple[base.Written, ...]:
    """Without the history it is not known what was overwritten: the records are read back later, with theirs."""
    error = errors.OutcomeUnknown(say("It was written, but what it replaced could not be read yet."))
    return tuple(
        answer if answer.record is None else base.Written(key=answer.key, error=error, request_id=answer.request_id) for answer in answers
    )


def _refused_as_a_whole(answers: Sequence[base.Written]) -> bool:
    first = answers[0].error
    return isinstance(first, errors.Rejected | errors.AlreadyExists) and all(answer.error is first for answer in answers)


def _write(*, side: context.SideContext, operation: models.Operation) -> base.Write:
    row = operation.pair.left if operation.side == vocabulary.Side.LEFT else operation.pair.right
    after = mirror.from_json({name: change[1] for name, change in operation.changes.items()})
    create = operation.kind == vocabulary.OperationKind.CREATE
    token = operation.expected_token
    return base.Write(
        key=operation.pair.key.hex if create and side.connector.capabilities.keeps_our_key else operation.idempotency_key,
        kind=vocabulary.OperationKind(operation.kind),
        record_kind=operation.record_kind,
        values=after,
        external_id=operation.external_id,
        revision_token=token,
        current=mirror.from_json(row.values) if row is not None else {},
    )
