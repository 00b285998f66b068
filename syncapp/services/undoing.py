"""Plan and confirm the undo of a run: read its records once more, ask the engine, write down what is put back and what is not.

Owns the entries of an undo until they are ready, and the list of what is left alone. They are sent like all others, by `services.push`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max

from syncapp import models
from syncapp.engine import merge, plans, records, undoing, values
from syncapp.engine.vocabulary import OperationKind, OperationStatus, Side
from syncapp.engine.wording import count, later, say
from syncapp.selectors import undos
from syncapp.services import context, mirror, observe, pairs, planning, results

CHUNK = 100
_BUSY = later("Another write to it is planned or under way. Run the sync, then undo this run once more.")


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A pair with all that is looked at to take a run's writes to it back."""

    pair: models.RecordPair
    left: records.Subject | None
    right: records.Subject | None
    facts: plans.PairFacts
    barred: str
    written: Sequence[models.Operation]
    later: Sequence[models.Operation]

    def by(self, side: Side) -> list[models.Operation]:
        """What the run wrote on a side."""
        return [operation for operation in self.written if operation.side == side]

    def subject(self, side: Side) -> records.Subject | None:
        """The record of a side."""
        return self.left if side is Side.LEFT else self.right


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What becomes of a run's writes to one side of a pair."""

    case: _Case
    side: Side
    kind: OperationKind
    back: undoing.PutBack
    archives: bool = False

    @property
    def writes(self) -> bool:
        """Whether anything is written."""
        return self.archives or bool(self.back.changes)


def plan(*, lane: context.Lane) -> bool:
    """Plan the undo of a run, a chunk of pairs at a time; goes on where it was cut off. False when time ran out."""
    chosen = _chosen(lane)
    reached = [model.objects.filter(run=lane.run).aggregate(last=Max("pair_id"))["last"] for model in (models.Operation, models.LeftAlone)]
    after = max(one or 0 for one in reached)
    while True:
        rest = undos.written(run=chosen).filter(pair_id__gt=after).order_by("pair_id")
        ids = list(rest.values_list("pair_id", flat=True).distinct()[:CHUNK])
        if not ids:
            return True
        _read(lane=lane, pair_ids=ids)
        with lane.transaction():
            answers = [answer for case in _cases(lane=lane, chosen=chosen, pair_ids=ids) for answer in _answers(lane, case)]
            models.Operation.objects.bulk_create([_entry(lane, answer) for answer in answers if answer.writes], batch_size=200)
            _keep(lane=lane, answers=answers)
            lane.count("planned", sum(answer.writes for answer in answers))
        lane.beat()
        after = ids[-1]
        if lane.out_of_time:
            return False


def confirm(*, lane: context.Lane) -> bool:
    """Look at approved entries once more and make those ready that still stand, one a pair at a time. False when time ran out."""
    chosen = _chosen(lane)
    waiting = _next_ones(lane)
    for start in range(0, len(waiting), CHUNK):
        chunk = waiting[start : start + CHUNK]
        _read(lane=lane, pair_ids=[pair_id for _, pair_id in chunk])
        with lane.transaction():
            found = models.Operation.objects.filter(pk__in=[pk for pk, _ in chunk], status=OperationStatus.PROPOSED)
            proposed = {(operation.pair_id, operation.side): operation for operation in found}
            cases = _cases(lane=lane, chosen=chosen, pair_ids=[operation.pair_id for operation in proposed.values()])
            for case in cases:
                for answer in _answers(lane, case):
                    operation = proposed.pop((case.pair.pk, answer.side), None)
                    if operation is not None:
                        _confirmed(lane=lane, operation=operation, answer=answer)
            for operation in proposed.values():
                _drop(lane, operation)
        lane.beat()
        if lane.out_of_time:
            return False
    return True


def shown(*, lane: context.Lane) -> str:
    """Say what an undo would do."""
    planned = models.Operation.objects.filter(run=lane.run, status=OperationStatus.PROPOSED).count()
    told = count("{number} write planned, none carried out", "{number} writes planned, none carried out", number=planned)
    return ", ".join(filter(None, (told, undos.sentence(counts=lane.counts)))) + "."


def result(*, lane: context.Lane) -> tuple[str, bool]:
    """Say what an undo did, and whether nothing of what was approved is left."""
    found = list(models.Operation.objects.filter(run=lane.run).values_list("status", flat=True))
    done = found.count(OperationStatus.DONE)
    failed, unknown = found.count(OperationStatus.FAILED), found.count(OperationStatus.SENDING)
    told = [count("{number} write carried out", "{number} writes carried out", number=done)] if done else []
    told += [say("{number} failed", number=failed)] if failed else []
    told += [say("{number} without an answer yet", number=unknown)] if unknown else []
    waiting = found.count(OperationStatus.PROPOSED) + found.count(OperationStatus.READY)
    told += [say("{number} could not be carried out yet: approve once more later", number=waiting)] if waiting else []
    whole = not waiting and not {OperationStatus.FAILED, OperationStatus.SENDING} & set(found)
    told += filter(None, [undos.sentence(counts=lane.counts)])
    return (", ".join(told) or say("Nothing was written")) + ".", whole


def _chosen(lane: context.Lane) -> models.SyncRun:
    assert lane.run.undoes_id is not None  # noqa: S101 - what an undo is
    return models.SyncRun.objects.get(pk=lane.run.undoes_id)


def _next_ones(lane: context.Lane) -> list[tuple[int, int]]:
    """The first approved entry of each pair that has nothing else open, with the pair; an archive comes last."""
    busy = models.RecordPair.objects.filter(config=lane.config, operations__status__in=pairs.OPEN)
    proposed = models.Operation.objects.filter(run=lane.run, status=OperationStatus.PROPOSED).exclude(pair__in=busy)
    found: dict[int, int] = {}
    ordered = sorted(proposed.values_list("kind", "pk", "pair_id"), key=lambda one: (one[0] == OperationKind.ARCHIVE, one[1]))
    for _, pk, pair_id in ordered:
        found.setdefault(pair_id, pk)
    return [(pk, pair_id) for pair_id, pk in found.items()]


def _read(*, lane: context.Lane, pair_ids: Sequence[int]) -> None:
    """Read both records of each pair by id."""
    for side, end in ((lane.left, "left"), (lane.right, "right")):
        found = models.RecordPair.objects.filter(pk__in=pair_ids).exclude(**{f"{end}__isnull": True})
        ids = list(found.order_by("pk").values_list(f"{end}__external_id", flat=True))
        if ids:
            observe.by_id(lane=lane, side=side, wanted=side.main, ids=ids)


def _cases(*, lane: context.Lane, chosen: models.SyncRun, pair_ids: Sequence[int]) -> list[_Case]:
    """Pairs as they are now, with what the run wrote to them and what others wrote later. A constant number of queries."""
    found = list(models.RecordPair.objects.filter(pk__in=pair_ids).select_related("left", "right").order_by("pk"))
    left, right = planning.subjects(lane=lane, pairs=found)
    done = models.Operation.objects.filter(pair__in=found, status=OperationStatus.DONE).order_by("finished_at", "pk")
    mine = list(undos.written(run=chosen).filter(pair__in=found).order_by("finished_at", "pk"))
    others = list(done.exclude(pk__in=[one.pk for one in mine]).exclude(run=lane.run))
    busy = set(models.Operation.objects.filter(pair__in=found, status__in=pairs.OPEN).values_list("pair_id", flat=True))
    cases = []
    for pair in found:
        facts = planning.facts(pair=pair)
        ends = left.get(pair.left_id or 0), right.get(pair.right_id or 0)
        stands = planning.judged(rules=lane.rules, left=ends[0], right=ends[1], facts=facts, now=lane.ports.now())
        cases.append(_Case(
            pair=pair, left=ends[0], right=ends[1], facts=facts,
            barred=str(_BUSY) if pair.pk in busy else undoing.barred(left=ends[0], right=ends[1], plan=stands),
            written=[one for one in mine if one.pair_id == pair.pk], later=[one for one in others if one.pair_id == pair.pk],
        ))
    return cases


def _answers(lane: context.Lane, case: _Case) -> list[_Answer]:
    """What becomes of each side that the run wrote to; updates first, for an archive ends the pair."""
    answers = [_answer(lane, case, side) for side in Side if case.by(side)]
    return sorted(answers, key=lambda answer: answer.archives)


def _answer(lane: context.Lane, case: _Case, side: Side) -> _Answer:
    kinds = {operation.kind for operation in case.by(side)}
    if OperationKind.ARCHIVE in kinds:
        now, why = _state(case.subject(side)), _why_archived(case, side)
        left = undoing.LeftAlone(field="", label="", wrote=OperationKind.ARCHIVE.label, now=now, why=why)
        return _Answer(case=case, side=side, kind=OperationKind.ARCHIVE, back=undoing.PutBack(origin_values={}, left=(left,)))
    if OperationKind.CREATE in kinds:
        why = _why_kept(lane, case, side)
        left = undoing.LeftAlone(field="", label="", wrote=OperationKind.CREATE.label, now=_state(case.subject(side)), why=why)
        back = undoing.PutBack(origin_values={}, left=(left,) if why else ())
        return _Answer(case=case, side=side, kind=OperationKind.ARCHIVE, back=back, archives=not why)
    return _Answer(case=case, side=side, kind=OperationKind.UPDATE, back=_put_back(lane, case, side))


def _why_archived(case: _Case, side: Side) -> str:
    """Why a record that the run archived is not brought back."""
    if case.pair.excluded_by_hand:
        return say("Records are not brought back from here. Restore it in {side}, then press Include on the pair.", side=side.label)
    return say("Records are not brought back from here. Restore it in {side}, then press Retry on the pair.", side=side.label)


def _put_back(lane: context.Lane, case: _Case, side: Side) -> undoing.PutBack:
    written = undoing.combined([one for operation in case.by(side) for one in _written(operation)])
    there, subject = case.by(side.other), case.subject(side)
    if case.barred or case.left is None or case.right is None:
        labels = {one.name: one.label for one in ((m.left if side is Side.LEFT else m.right) for m in lane.rules.mappings)}
        left = [
            undoing.LeftAlone(
                field=one.field, label=labels.get(one.field, one.field), wrote=one.after, why=case.barred,
                now=None if subject is None else subject.value(one.field),
            )
            for one in written
        ]
        return undoing.PutBack(origin_values={}, left=tuple(left))
    ours: dict[str, tuple[records.Value, ...]] = {}
    for one in [one for operation in there for one in _written(operation)]:
        ours[one.key] = (*ours.get(one.key, ()), one.before, one.after)
    since = undoing.Since(later=_later(case, side), ours=ours)
    pair = merge.Pair(lane.rules, case.left, case.right)
    return undoing.put_back(pair=pair, facts=case.facts, side=side, written=written, since=since)


def _later(case: _Case, side: Side) -> dict[str, int]:
    """The fields of a side that another run wrote after this one, with that run's number."""
    end = _last(case.by(side))
    return {
        name: operation.run_id
        for operation in case.later if operation.side == side and operation.finished_at and end and operation.finished_at > end
        for name in operation.changes
    }


def _last(operations: Iterable[models.Operation]) -> datetime | None:
    return max((one.finished_at for one in operations if one.finished_at), default=None)


def _written(operation: models.Operation) -> list[undoing.Written]:
    """The fields of an entry; what belongs to no mapping has no key."""
    origins = mirror.from_json(operation.origin_values)
    return [
        undoing.Written(
            field=name, key=operation.keys.get(name, ""), before=values.from_json(change[0]), after=values.from_json(change[1]),
            origin=origins.get(operation.keys.get(name, "")),
        )
        for name, change in operation.changes.items()
    ]


def _why_kept(lane: context.Lane, case: _Case, side: Side) -> str:
    """Why a record that the run created stays; "" where it is archived."""
    subject = case.subject(side)
    if subject is None or case.barred:
        return case.barred
    own, here = case.by(side), lane.side(side)
    end = _last(own)
    made = undoing.Made(
        external_id=next((one.external_id for one in own if one.kind == OperationKind.CREATE), ""), revision=own[-1].result_number,
        archivable=here.main.kind in here.connector.capabilities.archives, in_use=_in_use(lane, case, side),
        later=next((one.run_id for one in case.later if one.side == side and one.finished_at and end and one.finished_at > end), 0),
    )
    return undoing.why_kept(side=side, record=subject.record, made=made)


def _in_use(lane: context.Lane, case: _Case, side: Side) -> str:
    """What stands in the way of archiving a record: another sync keeps it in step with a partner."""
    end, row_id = ("left", case.pair.left_id) if side is Side.LEFT else ("right", case.pair.right_id)
    full = models.RecordPair.objects.filter(**{f"{end}_id": row_id}, left__isnull=False, right__isnull=False)
    other = full.exclude(config=lane.config).select_related("config").first()
    if other is None:
        return ""
    return say("The sync “{sync}” keeps it in step, too. Unlink that pair first, then undo this run once more.", sync=other.config)


def _state(subject: records.Subject | None) -> records.Value:
    return None if subject is None else subject.record.state.label


def _entry(lane: context.Lane, answer: _Answer) -> models.Operation:
    side, subject = lane.side(answer.side), answer.case.subject(answer.side)
    assert subject is not None  # noqa: S101 - nothing is put back without a record
    entry = models.Operation(
        run=lane.run, config=lane.config, pair=answer.case.pair, undoes=answer.case.by(answer.side)[-1], side=answer.side,
        kind=answer.kind, record_kind=side.main.kind, external_id=subject.record.ref.external_id,
        status=OperationStatus.PROPOSED, idempotency_key=lane.ports.new_key(),
    )
    _fill(entry, answer, subject)
    return entry


def _fill(entry: models.Operation, answer: _Answer, subject: records.Subject) -> None:
    changes = answer.back.changes
    before, after = (mirror.to_json({c.field: v for c, v in zip(changes, ends, strict=True)}) for ends in (
        [change.before for change in changes], [change.after for change in changes],
    ))
    entry.expected_number, entry.expected_token = subject.record.revision.number, subject.record.revision.token
    entry.changes = {name: [before[name], after[name]] for name in before}
    entry.keys = {change.field: change.key for change in changes}
    entry.whys = {change.field: change.why for change in changes}
    entry.origin_values = mirror.to_json(answer.back.origin_values)


def _keep(*, lane: context.Lane, answers: Iterable[_Answer]) -> None:
    """List what is left alone."""
    rows = [_left(lane, answer, one) for answer in answers for one in answer.back.left]
    models.LeftAlone.objects.bulk_create(rows, batch_size=200)
    lane.count("left_alone", len(rows))


def _left(lane: context.Lane, answer: _Answer, one: undoing.LeftAlone) -> models.LeftAlone:
    return models.LeftAlone(
        run=lane.run, pair=answer.case.pair, side=answer.side, label=one.label[:200], wrote=values.to_json(one.wrote),
        now=values.to_json(one.now), why=one.why[:300],
    )


def _confirmed(*, lane: context.Lane, operation: models.Operation, answer: _Answer) -> None:
    """Make an entry ready with those of its fields that still stand exactly as they were shown; the others are left alone."""
    before = operation.changes
    kept = tuple(one for one in answer.back.changes if before.get(one.field, [0, 0])[1] == values.to_json(one.after))
    gone = before.keys() - {one.field for one in kept}
    rows = [_left(lane, answer, one) for one in answer.back.left if one.field in gone or not one.field]
    models.LeftAlone.objects.bulk_create(rows)
    lane.count("left_alone", len(rows))
    subject = answer.case.subject(answer.side)
    if subject is None or not (kept or answer.archives):
        _drop(lane, operation)
        return
    _fill(operation, replace(answer, back=replace(answer.back, changes=kept)), subject)
    operation.status, operation.retry_at = OperationStatus.READY, None
    operation.save()


def _drop(lane: context.Lane, operation: models.Operation) -> None:
    """Nothing of an entry stands any more."""
    note = say("The record changed after this was shown, so it was left alone.")
    results.finish(lane=lane, operation=operation, status=OperationStatus.SUPERSEDED, note=note)
    operation.save()
