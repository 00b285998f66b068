"""Pairs of records: opened, joined, parted, and marked to be looked at.

Owns which record belongs to which pair. What a pair should do is decided by the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from syncapp import models
from syncapp.engine import names as engine_names
from syncapp.engine import vocabulary
from syncapp.engine.wording import say
from syncapp.services import context, defaults
from syncapp.services import rows as saving

OPEN = [vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.READY, vocabulary.OperationStatus.SENDING]
AT_ONCE = 500


class Meanwhile(Exception):
    """Something else changed a pair between looking and doing."""


def open_half(
    *,
    side: vocabulary.Side,
    connection: models.Connection,
    kind: str,
    rows: Sequence[models.Record],
    but: models.SyncConfig | None = None,
    fresh: bool = False,
) -> None:
    """Give each record a pair of its own in every config that keeps its kind in step, except one that has a pair for it.

    `fresh` says that the records themselves were added in this transaction: nobody can have a pair for them yet.
    """
    if not rows:
        return
    end = _end(side)
    for config in models.SyncConfig.objects.filter(**{end: connection}).order_by("pk"):
        if config == but:
            continue
        kinds = defaults.of(config.object_pair)
        if kind == (kinds.left_kind if side is vocabulary.Side.LEFT else kinds.right_kind):
            saving.add([models.RecordPair(config_id=config.pk, **{f"{end}_id": row.pk}) for row in rows], unless_there=not fresh)


def adopt_mirror(*, config: models.SyncConfig, side: vocabulary.Side, kind: str) -> None:
    """Open pairs for records that the mirror already holds, for a config that is new to them."""
    end = _end(side)
    connection_id = config.left_id if side is vocabulary.Side.LEFT else config.right_id
    known = models.RecordPair.objects.filter(config=config, **{f"{end}__isnull": False}).values(f"{end}_id")
    rows = models.Record.objects.filter(connection_id=connection_id, kind=kind).exclude(pk__in=known).order_by("pk")
    models.RecordPair.objects.bulk_create(
        (models.RecordPair(config=config, **{end: row}) for row in rows.only("pk")), batch_size=500, ignore_conflicts=True
    )


def _end(side: vocabulary.Side) -> str:
    return "left" if side is vocabulary.Side.LEFT else "right"


def touch(*, side: vocabulary.Side, record_ids: Sequence[int], only_with_open_operation: bool = False) -> None:
    """Mark the pairs of changed records to be planned, in every config."""
    end = "left_id__among" if side is vocabulary.Side.LEFT else "right_id__among"
    for start in range(0, len(record_ids), 500):
        found = models.RecordPair.objects.filter(**{end: record_ids[start : start + 500]}, dirty=False)
        if only_with_open_operation:
            found = found.filter(operations__status__in=OPEN)
        models.RecordPair.objects.filter(pk__in=found.values("pk")).update(dirty=True)


def supersede(*, pair: models.RecordPair, note: str, now: datetime) -> None:
    """Overtake the pair's open operation, unless it is already on its way."""
    supersede_all(pair_ids=[pair.pk], note=note, now=now)


def supersede_all(*, pair_ids: Sequence[int], note: str, now: datetime) -> None:
    """Overtake what is open about these pairs, unless it is already on its way."""
    waiting = [vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.READY]
    models.Operation.objects.filter(pair_id__in=pair_ids, status__in=waiting).update(
        status=vocabulary.OperationStatus.SUPERSEDED, note=note[:300], finished_at=now
    )


def join(*, left: models.RecordPair, right: models.RecordPair, now: datetime) -> models.RecordPair:
    """Make one pair of two half ones; the left one's row stays. Call it inside a transaction, and see `join_all`."""
    join_all(couples=[(left, right)], note=say("A partner was found."), now=now)
    left.refresh_from_db()
    return left


def join_all(*, couples: Sequence[tuple[models.RecordPair, models.RecordPair]], note: str, now: datetime) -> None:
    """Join many half pairs, each left one with its right one: they are taken in again and never called alone.

    Call it inside a transaction. Raises Meanwhile when one of them is no half pair any more; the transaction must not stand then.
    """
    for start in range(0, len(couples), AT_ONCE):
        chunk = couples[start : start + AT_ONCE]
        lefts, rights = [left.pk for left, _ in chunk], [right.pk for _, right in chunk]
        supersede_all(pair_ids=[*lefts, *rights], note=note, now=now)
        joined = {right.pk: left.pk for left, right in chunk}
        history = list(models.Operation.objects.filter(pair_id__among=rights).only("pk", "pair_id"))
        for operation in history:
            operation.pair_id = joined[operation.pair_id]
        models.Operation.objects.bulk_update(history, ["pair"], batch_size=AT_ONCE)
        _, gone = models.RecordPair.objects.filter(pk__among=rights, left=None).delete()
        half = models.RecordPair.objects.filter(pk__among=lefts, right=None)
        found = half.update(**_just_joined(), excluded_by_hand=False, alone=False)
        if gone.get(models.RecordPair._meta.label, 0) != len(chunk) or found != len(chunk):
            raise Meanwhile
        for left, right in chunk:
            left.right_id = right.right_id
        saving.save([left for left, _ in chunk], fields=["right"])


def _just_joined() -> dict[str, Any]:
    """What is known of a pair that was just made of two records."""
    return {
        "state": vocabulary.PairState.LINKED, "reason": vocabulary.Reason.NONE, "detail": {}, "base_left": {}, "base_right": {},
        "failures": 0, "failing_since": None, "retry_at": None, "dirty": True,
    }


def by_record(*, config: models.SyncConfig, side: vocabulary.Side, rows: Iterable[models.Record]) -> dict[int, models.RecordPair]:
    """The pairs that records have in a config, by the record's key."""
    end = _end(side)
    found = models.RecordPair.objects.filter(**{f"{end}_id__among": [row.pk for row in rows]}, config=config)
    return {pk: pair for pair in found for pk in [getattr(pair, f"{end}_id")]}


def attach(
    *, pair: models.RecordPair, row: models.Record, side: vocabulary.Side, other: models.RecordPair | None, now: datetime
) -> bool:
    """Give a half pair its partner. `other` is the pair that the partner has; a half one is dissolved.

    Returns False, and changes nothing, when the pair has another partner already, or the partner belongs to another full pair or
    has a write of its own on its way. Call it inside a transaction.
    """
    if getattr(pair, f"{_end(side)}_id") not in (None, row.pk):
        return False
    if other is not None and other.pk != pair.pk:
        if other.left_id and other.right_id:
            return False
        supersede(pair=other, note=say("Its record became the partner of another."), now=now)
        if models.Operation.objects.filter(pair=other, status=vocabulary.OperationStatus.SENDING).exists():
            return False
        models.Operation.objects.filter(pair=other).update(pair=pair)
        other.delete()
    setattr(pair, _end(side), row)
    return True


def unlink(*, pair: models.RecordPair, now: datetime) -> None:
    """Part a pair into two half ones, both excluded until a person says otherwise."""
    with transaction.atomic():
        supersede(pair=pair, note=say("The pair was unlinked."), now=now)
        pair.refresh_from_db()
        right = pair.right
        if pair.left is None or right is None:
            return
        pair.right = None
        for half in (pair, models.RecordPair(config=pair.config)):
            half.state, half.reason = vocabulary.PairState.FROZEN, vocabulary.Reason.BY_HAND
            half.excluded_by_hand, half.detail = True, {}
            half.base_left, half.base_right, half.flagged = {}, {}, []
            half.was_linked, half.dirty, half.failing_since, half.archive_wanted = False, True, None, None
            if half is not pair:
                half.right = right
            half.save()


def exclude(*, pair: models.RecordPair, excluded: bool, now: datetime) -> None:
    """Leave a pair out of the sync by hand, or take it in again."""
    exclude_all(pair_ids=[pair.pk], excluded=excluded, now=now)


def exclude_all(*, pair_ids: Sequence[int], excluded: bool, now: datetime) -> None:
    """Leave many pairs out of their sync by hand, or take them in again."""
    for start in range(0, len(pair_ids), AT_ONCE):
        chunk = pair_ids[start : start + AT_ONCE]
        if excluded:
            supersede_all(pair_ids=chunk, note=say("The pair was excluded by hand."), now=now)
        models.RecordPair.objects.filter(pk__among=chunk).update(excluded_by_hand=excluded, dirty=True)


def retry(*, pair: models.RecordPair) -> None:
    """Look at a failing or waiting pair again in the next run."""
    retry_all(pairs=[pair])


def retry_all(*, pairs: Iterable[models.RecordPair]) -> int:
    """Look at failing or waiting pairs again in the next run, and tell how many they are."""
    ids = [pair.pk for pair in pairs]
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        models.RecordPair.objects.filter(pk__among=chunk).update(dirty=True, failures=0, retry_at=None)
        models.Operation.objects.filter(pair_id__among=chunk, status=vocabulary.OperationStatus.READY).update(retry_at=None)
    return len(ids)


def follow_merge(*, side: context.SideContext, kind: str, survivor_id: str, merged_ids: Sequence[str], now: datetime) -> None:
    """Re-point the pairs of records that were merged into another. Two full pairs that meet are held for a person."""
    end = "left" if side.side is vocabulary.Side.LEFT else "right"
    losers = list(
        models.Record.objects.filter(connection=side.connection, kind=kind, external_id__among=merged_ids)
        .exclude(state=vocabulary.RecordState.MERGED)
        .exclude(external_id=survivor_id)
        .order_by("pk")
    )
    if not losers:
        return
    survivor = models.Record.objects.get(connection=side.connection, kind=kind, external_id=survivor_id)
    for loser in losers:
        models.Record.objects.filter(pk=loser.pk).update(state=vocabulary.RecordState.MERGED, merged_into=survivor_id)
        for pair in models.RecordPair.objects.filter(**{end: loser}).order_by("pk"):
            _move(pair=pair, end=end, survivor=survivor, now=now)


def _move(*, pair: models.RecordPair, end: str, survivor: models.Record, now: datetime) -> None:
    """What was to be written to or for either record is taken back; what is on its way is settled first, so both are held."""
    other = models.RecordPair.objects.filter(config_id=pair.config_id, **{end: survivor}).first()
    full = pair.left_id is not None and pair.right_id is not None
    for one in (pair, other):
        if one is not None:
            supersede(pair=one, note=say("Its record was merged with another."), now=now)
    on_its_way = models.Operation.objects.filter(pair=other, status=vocabulary.OperationStatus.SENDING).exists()
    if other is not None and not (other.left_id and other.right_id) and full and not on_its_way:
        models.Operation.objects.filter(pair=other).update(pair=pair)
        other.delete()
        other = None
    if other is None:
        models.RecordPair.objects.filter(pk=pair.pk).update(
            **{f"{end}_id": survivor.pk}, base_left={}, base_right={}, dirty=True, detail={"merged": survivor.external_id}
        )
    elif full:
        for held in (pair, other):
            models.RecordPair.objects.filter(pk=held.pk).update(
                state=vocabulary.PairState.MERGE_HOLD,
                reason=vocabulary.Reason.MERGED,
                detail={"survivor": survivor.external_id},
                dirty=False,
            )
    else:
        models.RecordPair.objects.filter(pk=pair.pk).update(state=vocabulary.PairState.TOMBSTONE, dirty=False)


def names_freed(*, connection: models.Connection, names: Collection[str]) -> None:
    """Look again at pairs that were waiting for a display name which nobody has any more. `names` are folded ones.

    They are found by the states in which a pair waits for a name, which an index holds.
    """
    states = [vocabulary.PairState.FAILED, vocabulary.PairState.AMBIGUOUS]
    waiting = models.RecordPair.objects.filter(
        config__right=connection, state__in=states, reason=vocabulary.Reason.NAME_TAKEN, dirty=False
    )
    free = [
        pk
        for pk, detail in waiting.order_by("pk").values_list("pk", "detail")
        if {engine_names.folded(name) for name in (detail.get("name"), *detail.get("values", {}).values()) if isinstance(name, str)}
        & set(names)
    ]
    for start in range(0, len(free), 500):
        models.RecordPair.objects.filter(pk__among=free[start : start + 500]).update(dirty=True)
