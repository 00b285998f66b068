"""Look once more right before a write: for a twin before a create, for a foreign edit before an update.

Owns the reads between planning and sending. What they show goes into the mirror; the next round of planning decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from syncapp import models
from syncapp.engine import normalize, records, rules, values, vocabulary
from syncapp.engine.wording import say
from syncapp.services import barrier, context, defaults, mirror, observe, pairs


def origins(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation]) -> list[models.Operation]:
    """Before a create or an archive: read the records of the other side for whose sake it is done, and leave out what changed."""
    there = lane.side(side.side.other)
    rows = [row for operation in batch if (row := _across(operation)) is not None]
    if rows and not defaults.made_here(kind=there.main.kind):
        observe.by_id(lane=lane, side=there, wanted=there.main, ids=sorted({row.external_id for row in rows}))
    changed = set(
        models.RecordPair.objects.filter(pk__among=[operation.pair_id for operation in batch], dirty=True).values_list("pk", flat=True)
    )
    return [operation for operation in batch if operation.pair_id not in changed or operation.undoes_id is not None]


def _across(operation: models.Operation) -> models.Record | None:
    return operation.pair.right if operation.side == vocabulary.Side.LEFT else operation.pair.left


def before_create(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation]) -> list[models.Operation]:
    """Leave out creates whose record has gone or changed, and those that turn out to have a twin already.

    The batch was read this moment, with its pairs.
    """
    current = [operation for operation in batch if _still_wanted(operation)]
    twins = _twins(lane=lane, side=side, batch=current)
    kept = []
    for operation in current:
        if twins.get(operation.pk) and not operation.pair.alone:
            with lane.transaction():
                pairs.supersede(
                    pair=operation.pair, note=say("A record with the same key was found; it is matched instead."), now=lane.ports.now()
                )
                models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
            lane.count("superseded")
        else:
            kept.append(operation)
    return kept


def created(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> records.Record | None:
    """The live record that an unanswered create made, if it did: by our key where the vendor keeps it, else by what was sent.

    Without our key a record counts as ours when it bears our mark, or has the same match key or name and was made after the sending.
    """
    can = side.connector.capabilities
    if can.keeps_our_key:
        ours = side.connector.find_created(wanted=side.main, keys=[operation.pair.key.hex]).get(operation.pair.key.hex)
        if ours is not None or side.main.kind not in can.keyless_kinds:
            return ours
    earliest = barrier.earliest(operation)
    marked = _marked(lane=lane, side=side, operation=operation)
    if marked is not None:
        return marked
    left = side.side is vocabulary.Side.LEFT
    keys = lane.rules.match_keys
    fields = [key.left if left else key.right for key in keys]
    for name in dict.fromkeys([*fields, *([] if left or not lane.rules.name_field else [lane.rules.name_field])]):
        sent = operation.changes.get(name, [None, None])[1]
        if not isinstance(sent, str):
            continue
        found = side.connector.find(wanted=side.main, field_name=name, values=[sent])
        taken = _partners(lane=lane, left=left, found=found)
        stronger = keys[:-1] if name in fields else keys
        mine = [
            record
            for record in found
            if record.created_at >= earliest and record.ref.external_id not in taken and not _namesake(operation, record, stronger, left)
        ]
        if mine:
            return min(mine, key=lambda record: record.created_at)
    return None


def _marked(*, lane: context.Lane, side: context.SideContext, operation: models.Operation) -> records.Record | None:
    """The record that bears the mark with which an unanswered create was sent, whenever that was: the mark is of one record only."""
    for given in lane.rules.given:
        mark, among = (operation.changes.get(name, [None, None])[1] for name in (given.field, given.sought_by))
        if given.side is not side.side or not isinstance(mark, str) or not isinstance(among, str):
            continue
        wanted = replace(side.main, fields=tuple(dict.fromkeys((*side.main.fields, given.field))))
        found = [
            record
            for record in side.connector.find(wanted=wanted, field_name=given.sought_by, values=[among])
            if record.state is vocabulary.RecordState.LIVE and mark in values.plain(record.values.get(given.field))
        ]
        taken = _partners(lane=lane, left=side.side is vocabulary.Side.LEFT, found=found)
        mine = [record for record in found if record.ref.external_id not in taken]
        if mine:
            return min(mine, key=lambda record: record.created_at)
    return None


def _partners(*, lane: context.Lane, left: bool, found: Sequence[records.Record]) -> set[str]:
    """The ids of those that are the partner of another already."""
    end = "left" if left else "right"
    full = models.RecordPair.objects.filter(config=lane.config, left__isnull=False, right__isnull=False)
    ids = [record.ref.external_id for record in found]
    return set(full.filter(**{f"{end}__external_id__among": ids}).values_list(f"{end}__external_id", flat=True))


def _namesake(operation: models.Operation, record: records.Record, stronger: Sequence[rules.MatchKey], left: bool) -> bool:
    """Whether a record that was found by a weaker key or its name shows another value in a stronger one than the create was sent with."""
    for match_key in stronger:
        name = match_key.left if left else match_key.right
        sent = values.from_json(operation.changes.get(name, [None, None])[1])
        both = [normalize.key(type=match_key.type, value=value) for value in (sent, record.values.get(name))]
        if both[0] is not None and both[0] != both[1]:
            return True
    return False


def _still_wanted(operation: models.Operation) -> bool:
    """The record it is made from is live, and nothing about the pair changed since it was planned."""
    pair, origin = operation.pair, _across(operation)
    there = pair.left if operation.side == vocabulary.Side.LEFT else pair.right
    return (
        not pair.dirty
        and not pair.excluded_by_hand
        and there is None
        and origin is not None
        and origin.state == vocabulary.RecordState.LIVE
    )


def _twins(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation]) -> dict[int, bool]:
    """For each create, whether the vendor shows a record with its key that the mirror did not know, or knew otherwise.

    One that was sent before is sent again as it was, so what it was sent with counts as well, and every record that has that by now.
    """
    if lane.rules.match_mode is vocabulary.MatchMode.NONE or not batch:
        return {}
    found: dict[str, records.Record] = {}
    for match_key in lane.rules.match_keys:
        own, other = (match_key.left, match_key.right) if side.side is vocabulary.Side.LEFT else (match_key.right, match_key.left)
        sent = {_sent_value(operation, own) for operation in batch if operation.attempts}
        wished = ({_origin_value(operation, other) for operation in batch} | sent) - {""}
        if wished:
            for record in side.connector.find(wanted=side.main, field_name=own, values=sorted(wished)):
                found[record.ref.external_id] = record
    known = dict(
        models.Record.objects.filter(connection=side.connection, kind=side.main.kind, external_id__among=found).values_list(
            "external_id", "revision_number"
        )
    )
    news = [record for record in found.values() if known.get(record.ref.external_id, -1) < record.revision.number]
    if news:
        with lane.transaction():
            observe.take(lane=lane, side=side, wanted=side.main, found=news, strong=True)
    new_keys = {key for record in news for key in _keys(side, record.values)}
    keys = {key for record in found.values() if record.state is vocabulary.RecordState.LIVE for key in _keys(side, record.values)}
    return {
        operation.pk: bool(new_keys & set(_origin_keys(operation))) or bool(operation.attempts and keys & _sent_keys(side, operation))
        for operation in batch
    }


def _keys(side: context.SideContext, found: Mapping[str, records.Value]) -> set[str]:
    return set(mirror.keys(side=side, kind=side.main.kind, found=found)[:2]) - {""}


def _sent_keys(side: context.SideContext, operation: models.Operation) -> set[str]:
    return _keys(side, mirror.from_json({name: change[1] for name, change in operation.changes.items()}))


def _sent_value(operation: models.Operation, name: str) -> str:
    value = operation.changes.get(name, [None, None])[1]
    return value if isinstance(value, str) else ""


def _origin(operation: models.Operation) -> models.Record:
    row = _across(operation)
    assert row is not None  # noqa: S101 - a create is made from a record
    return row


def _origin_value(operation: models.Operation, name: str) -> str:
    value = mirror.from_json(_origin(operation).values).get(name)
    return value if isinstance(value, str) else ""


def _origin_keys(operation: models.Operation) -> tuple[str, ...]:
    row = _origin(operation)
    return tuple(key for key in (row.key1, row.key2) if key)


def before_update(*, lane: context.Lane, side: context.SideContext, batch: Sequence[models.Operation]) -> list[models.Operation]:
    """Where the vendor has no conditional write: read the records, and leave out writes to fields that moved meanwhile."""
    observe.by_id(lane=lane, side=side, wanted=side.main, ids=sorted({operation.external_id for operation in batch}))
    rows = {
        row.external_id: row
        for row in models.Record.objects.filter(
            connection=side.connection, kind=side.main.kind, external_id__among=[operation.external_id for operation in batch]
        )
    }
    kept = []
    for operation in batch:
        row = rows.get(operation.external_id)
        if row is not None and row.state == vocabulary.RecordState.LIVE and _untouched(operation, row):
            kept.append(operation)
            continue
        with lane.transaction():
            _overtake(lane=lane, operation=operation, note=say("The record changed just before it was written; it is planned again."))
            models.RecordPair.objects.filter(pk=operation.pair_id).update(dirty=True)
        lane.count("superseded")
    return kept


def _overtake(*, lane: context.Lane, operation: models.Operation, note: str) -> None:
    """Take a write back that was not sent. That of an undo is looked at once more; all others are made anew from their pair."""
    if operation.undoes_id is None:
        pairs.supersede(pair=operation.pair, note=note, now=lane.ports.now())
        return
    ready = models.Operation.objects.filter(pk=operation.pk, status=vocabulary.OperationStatus.READY)
    ready.update(status=vocabulary.OperationStatus.PROPOSED, note=note)


def _untouched(operation: models.Operation, row: models.Record) -> bool:
    if operation.kind == vocabulary.OperationKind.ARCHIVE and row.revision_number != operation.expected_number:
        return False
    return all(row.values.get(name) == change[0] for name, change in operation.changes.items())
