"""Plan what must be planned: pairs that changed, pairs under older rules, pairs whose retry is due.

Owns the transaction in which pairs are judged and operations are written down. Sends nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter

from django.db.models import Q

from syncapp import models
from syncapp.engine import planning as engine
from syncapp.engine import plans, records, values, vocabulary
from syncapp.engine import rules as rules_module
from syncapp.engine.wording import say
from syncapp.services import barrier, composing, conflicts, context, looking, mirror, naming, referrals, strangers
from syncapp.services import rows as saving

CHUNK, AT_REST = 500, 1000
"""How many pairs are planned in one transaction; and how many after a chunk of which next to none had to be judged."""
FEW = 50
logger = logging.getLogger(__name__)
_SETTLED = ("state", "reason", "detail", "base_left", "base_right", "retry_at", "was_linked", "failures", "failing_since")
_UNSETTLED = Q(status=vocabulary.ConflictStatus.OPEN) | Q(status=vocabulary.ConflictStatus.BY_PERSON, applied=False)
_OPEN = [vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.READY]
_settled_now = attrgetter(*_SETTLED)


def everything(*, lane: context.Lane) -> bool:
    """Plan all pairs that wait for it, a chunk at a time. False when time ran out."""
    after = 0
    composing.widen(lane=lane)
    planned = naming.planned_names(lane=lane)
    older = looking.any_older(lane=lane)
    size = CHUNK
    while True:
        ids = looking.waiting(lane=lane, after=after, older=older, size=size)
        judged_now = _chunk(lane=lane, ids=ids, planned=planned) if ids else 0
        lane.beat()
        if not ids:
            return True
        after, size = ids[-1], CHUNK if judged_now > FEW else AT_REST
        if lane.out_of_time:
            return False


def _chunk(*, lane: context.Lane, ids: Sequence[int], planned: dict[str, int]) -> int:
    """Plan these pairs, and return how many had to be judged.

    Whoever changes a pair marks it as dirty: what was changed while others looked at it stays so, and is planned once more. A pair is
    written before it is read, so that nobody else changes it until the end, and then once more with what came of it.
    """
    pairs, revision = models.RecordPair.objects, lane.rules.revision
    with lane.transaction():
        changed = set(pairs.filter(pk__among=ids, dirty=True).values_list("pk", flat=True))
        pairs.filter(pk__among=changed).update(dirty=False, rules_revision=revision)
        same = looking.in_sync(lane=lane, ids=sorted(set(ids) - _busy(ids)))
        pairs.filter(pk__among=same, dirty=False).update(rules_revision=revision, synced_at=lane.ports.now())
        others = set(ids).difference(same)
        if others:
            pairs.filter(pk__among=others - changed).update(dirty=False, rules_revision=revision)
            later = _plan(lane=lane, ids=others, planned=planned)
            pairs.filter(pk__among=later).update(dirty=True)
    return len(others)


def _busy(ids: Sequence[int]) -> set[int]:
    """The pairs that wait for a write or for a person's decision."""
    writes = models.Operation.objects.filter(pair_id__among=ids, status__in=_OPEN).order_by()
    asked = models.Conflict.objects.filter(_UNSETTLED, pair_id__among=ids).order_by()
    return {pk for rows in (writes, asked) for pk in rows.values_list("pair_id", flat=True)}


def _awaited(*, lane: context.Lane, pairs: Sequence[looking.Glance]) -> set[int]:
    """Those half pairs whose record may be what an open create is making: its answer comes first."""
    if all(pair.left is not None and pair.right is not None for pair in pairs):
        return set()
    left, right = (barrier.of(lane=lane, side=side) for side in (lane.left, lane.right))
    return {
        pair.pk
        for pair in pairs
        if (pair.right is None and left.holds(pair.left)) or (pair.left is None and right.holds(pair.right))
    }


def _plan(*, lane: context.Lane, ids: Collection[int], planned: dict[str, int]) -> list[int]:
    """Judge pairs and write down what is to be done. Returns those that cannot be judged yet."""
    now = lane.ports.now()
    open_operations = {row.pair_id: row for row in models.Operation.objects.filter(pair_id__among=ids, status__in=_OPEN)}
    waiting = list(models.Conflict.objects.filter(_UNSETTLED, pair_id__among=ids).order_by("pk"))
    decided, asked = _decisions(waiting), _asked(waiting)
    busy = {*open_operations, *decided, *asked}
    found = looking.at(ids)
    awaited = _awaited(lane=lane, pairs=found)
    pairs = [pair for pair in found if pair.pk not in awaited]
    moved = _moved(lane=lane, pairs=pairs, busy=busy, decided=decided, now=now)
    unmatched = strangers.unmatched(lane=lane, pairs=[pair for pair, plan in moved if _creates(plan)])
    wanted = [(pair, plan) for pair, plan in moved if pair.pk not in unmatched and not _goes_on(open_operations.get(pair.pk), plan)]
    holders = naming.holders(lane=lane, actions=[plan.action for _, plan in moved if plan.action is not None])
    overtaken: list[int] = []
    made: list[models.Operation] = []
    settled: list[tuple[looking.Glance, plans.PairPlan]] = []
    for pair, first in wanted:
        operation = open_operations.get(pair.pk)
        plan = _named(lane=lane, pair=pair, plan=first, planned=planned, holders=holders)
        same_again = operation is not None and plan.action is not None and _same(operation, plan.action)
        if operation is not None and not same_again:
            overtaken.append(operation.pk)
        if plan.action is not None and not same_again:
            made.append(_operation(lane=lane, pair=pair, action=plan.action))
        if plan.conflicts or asked.get(pair.pk) or pair.pk in decided:
            _conflicts(lane=lane, pair=pair, plan=plan, stored=asked.get(pair.pk, []))
        settled.append((pair, plan))
    _settle(settled=settled, now=now)
    _save(lane=lane, now=now, overtaken=overtaken, made=made)
    return sorted(unmatched | awaited)


def _moved(
    *, lane: context.Lane, pairs: Sequence[looking.Glance], busy: Collection[int],
    decided: Mapping[int, tuple[plans.Decision, ...]], now: datetime,
) -> list[tuple[looking.Glance, plans.PairPlan]]:
    """Pairs of which something changes, with their plans. Of most nothing does but the time, and one statement is enough for those."""
    same: list[int] = []
    moved: list[tuple[looking.Glance, plans.PairPlan]] = []
    for pair, plan in zip(pairs, _all_judged(lane=lane, pairs=pairs, decided=decided, now=now), strict=True):
        writes = plan.action is not None or bool(plan.conflicts)
        if writes or pair.pk in busy or _settled(pair=pair, plan=plan, now=now) != _settled_now(pair):
            moved.append((pair, plan))
        elif plan.state is vocabulary.PairState.LINKED:
            same.append(pair.pk)
    models.RecordPair.objects.filter(pk__among=same).update(synced_at=now)
    return moved


def subjects(
    *, lane: context.Lane, pairs: Sequence[models.RecordPair] | Sequence[looking.Glance]
) -> tuple[dict[int, records.Subject], dict[int, records.Subject]]:
    """The left and the right records of pairs as the rules look at them, each by the key of its row."""
    seen = {
        side.side: mirror.subjects(side=side, rows=rows)
        for side, rows in (
            (lane.left, [pair.left for pair in pairs if pair.left is not None]),
            (lane.right, [pair.right for pair in pairs if pair.right is not None]),
        )
    }
    seen[vocabulary.Side.RIGHT] = composing.completed(lane=lane, subjects=seen[vocabulary.Side.RIGHT])
    left, right = (
        referrals.with_partners(config=lane.config, frozen=lane.rules, side=side, subjects=seen[side]) for side in vocabulary.Side
    )
    return left, right


def _all_judged(
    *, lane: context.Lane, pairs: Sequence[looking.Glance], decided: Mapping[int, tuple[plans.Decision, ...]], now: datetime
) -> list[plans.PairPlan]:
    left, right = subjects(lane=lane, pairs=pairs)
    return [
        judged(
            rules=lane.rules,
            left=left.get(pair.left_id or 0),
            right=right.get(pair.right_id or 0),
            facts=facts(pair=pair, decisions=decided.get(pair.pk, ())),
            now=now,
        )
        for pair in pairs
    ]


def _creates(plan: plans.PairPlan) -> bool:
    return plan.action is not None and plan.action.kind is vocabulary.OperationKind.CREATE


def _goes_on(operation: models.Operation | None, plan: plans.PairPlan) -> bool:
    """Whether a create that was sent before is still wanted: then it is sent again as it was, whatever its record says now."""
    return (
        operation is not None
        and bool(operation.attempts)
        and operation.kind == vocabulary.OperationKind.CREATE
        and plan.action is not None
        and (plan.action.kind, plan.action.side) == (operation.kind, operation.side)
    )


def judged(
    *,
    rules: rules_module.SyncRules,
    left: records.Subject | None,
    right: records.Subject | None,
    facts: plans.PairFacts,
    now: datetime,
) -> plans.PairPlan:
    """The engine's plan. A pair that the engine chokes on is set aside, so that it holds up no other."""
    try:
        return engine.plan_pair(rules=rules, left=left, right=right, facts=facts, now=now)
    except Exception:
        shown = [subject.record.ref for subject in (left, right) if subject is not None]
        logger.exception("planning failed for %s", shown)
        return plans.PairPlan(
            state=vocabulary.PairState.FAILED, reason=vocabulary.Reason.FAULT, base_left=facts.base_left, base_right=facts.base_right
        )


def _named(
    *,
    lane: context.Lane,
    pair: looking.Glance,
    plan: plans.PairPlan,
    planned: dict[str, int],
    holders: Mapping[str, models.Record],
) -> plans.PairPlan:
    """The plan with the display-name policy applied, so that a preview shows what will become of a taken name."""
    if plan.action is None or plan.action.side is vocabulary.Side.LEFT or not lane.rules.name_field:
        return plan
    action, detail = naming.at_plan(lane=lane, action=plan.action, planned=planned, pair_id=pair.pk, holders=holders)
    if action is not None:
        return plan if action is plan.action else replace(plan, action=action)
    held = lane.rules.name_policy is vocabulary.NamePolicy.HOLD
    state = vocabulary.PairState.AMBIGUOUS if held else vocabulary.PairState.FAILED
    return replace(plan, action=None, state=state, reason=vocabulary.Reason.NAME_TAKEN, detail=detail)


def _save(
    *, lane: context.Lane, now: datetime, overtaken: Sequence[int], made: Sequence[models.Operation]
) -> None:
    note = say("The records changed, so it was planned again.")
    models.Operation.objects.filter(pk__among=overtaken).update(status=vocabulary.OperationStatus.SUPERSEDED, note=note, finished_at=now)
    saving.add(made)
    lane.count("planned", len(made))
    lane.count("superseded", len(overtaken))


def facts(*, pair: models.RecordPair | looking.Glance, decisions: tuple[plans.Decision, ...] = ()) -> plans.PairFacts:
    """What is remembered of a pair."""
    return plans.PairFacts(
        state=vocabulary.PairState(pair.state),
        base_left=mirror.from_json(pair.base_left),
        base_right=mirror.from_json(pair.base_right),
        decisions=decisions,
        flagged=frozenset(pair.flagged),
        excluded_by_hand=pair.excluded_by_hand,
        was_linked=pair.was_linked,
        archive_wanted=pair.archive_wanted,
        reason=vocabulary.Reason(pair.reason),
        detail=pair.detail,
    )


def _decisions(waiting: Iterable[models.Conflict]) -> dict[int, tuple[plans.Decision, ...]]:
    """What persons decided, by pair."""
    found: dict[int, tuple[plans.Decision, ...]] = {}
    for conflict in waiting:  # of several about one field the latest counts
        if conflict.status != vocabulary.ConflictStatus.OPEN:
            chosen = values.from_json(conflict.chosen)
            seen = values.from_json(conflict.left), values.from_json(conflict.right)
            found[conflict.pair_id] = (*found.get(conflict.pair_id, ()), plans.Decision(key=conflict.key, value=chosen, seen=seen))
    return found


def _json_changes(action: plans.Action) -> dict[str, list[object]]:
    before = mirror.to_json({change.field: change.before for change in action.changes})
    after = mirror.to_json({change.field: change.after for change in action.changes})
    return {name: [before[name], after[name]] for name in before}


def _same(operation: models.Operation, action: plans.Action) -> bool:
    """Whether an open operation already does what was planned again."""
    return (
        operation.side == action.side
        and operation.kind == action.kind
        and operation.changes == _json_changes(action)
        and operation.expected_token == (action.expected.token if action.expected else "")
    )


def _operation(*, lane: context.Lane, pair: looking.Glance, action: plans.Action) -> models.Operation:
    side = lane.side(action.side)
    return models.Operation(
        run_id=lane.run.pk,
        config_id=lane.config.pk,
        pair_id=pair.pk,
        side=action.side,
        kind=action.kind,
        record_kind=side.main.kind,
        external_id=action.ref.external_id if action.ref else "",
        expected_number=action.expected.number if action.expected else None,
        expected_token=action.expected.token if action.expected else "",
        changes=_json_changes(action),
        keys={change.field: change.key for change in action.changes},
        whys={change.field: change.why for change in action.changes},
        origin_values=mirror.to_json(action.origin_values),
        idempotency_key=lane.ports.new_key(),
    )


def _asked(waiting: Iterable[models.Conflict]) -> dict[int, list[models.Conflict]]:
    """The open conflicts by pair."""
    found: dict[int, list[models.Conflict]] = {}
    for conflict in waiting:
        if conflict.status == vocabulary.ConflictStatus.OPEN:
            found.setdefault(conflict.pair_id, []).append(conflict)
    return found


def _conflicts(*, lane: context.Lane, pair: looking.Glance, plan: plans.PairPlan, stored: Sequence[models.Conflict]) -> None:
    """Keep the conflicts that were found; those no longer found are outdated."""
    found = {conflict.key: conflict for conflict in plan.conflicts}
    for row in stored:
        conflict = found.get(row.key)
        if conflict is None:
            row.status, row.decided_at = vocabulary.ConflictStatus.OUTDATED, lane.ports.now()
            row.save(update_fields=["status", "decided_at"])
        elif conflict.winner is None and _sides(row) == _json_sides(conflict):
            del found[row.key]
        elif conflict.winner is None:
            row.left, row.right = _json_sides(conflict)
            row.save(update_fields=["left", "right"])
            del found[row.key]
        else:
            row.status, row.decided_at = vocabulary.ConflictStatus.OUTDATED, lane.ports.now()
            row.save(update_fields=["status", "decided_at"])
    known = [
        (row.key, *_sides(row))
        for row in models.Conflict.objects.filter(pair_id=pair.pk, status=vocabulary.ConflictStatus.BY_RULE, key__in=list(found))
    ]
    found = {key: c for key, c in found.items() if c.winner is None or (key, *_json_sides(c)) not in known}
    labels = {mapping.key: mapping.right.label for mapping in lane.rules.mappings}
    models.Conflict.objects.bulk_create(_conflict(lane=lane, pair=pair, found=c, label=labels.get(c.key, c.key)) for c in found.values())
    if plan.action is None and plan.state in (vocabulary.PairState.LINKED, vocabulary.PairState.CONFLICT):
        kept = [conflict.key for conflict in plan.conflicts]
        conflicts.close(pair_id=pair.pk, but=kept, base_left=plan.base_left, base_right=plan.base_right)
    lane.count("conflicts", len(found))


def _sides(row: models.Conflict) -> tuple[object, object]:
    return row.left, row.right


def _json_sides(conflict: plans.ConflictFound) -> tuple[object, object]:
    return values.to_json(conflict.left), values.to_json(conflict.right)


def _conflict(*, lane: context.Lane, pair: looking.Glance, found: plans.ConflictFound, label: str) -> models.Conflict:
    left, right = _json_sides(found)
    decided = found.winner is not None
    return models.Conflict(
        pair_id=pair.pk,
        key=found.key,
        field_label=label,
        base=values.to_json(found.base),
        left=left,
        right=right,
        status=vocabulary.ConflictStatus.BY_RULE if decided else vocabulary.ConflictStatus.OPEN,
        winner=found.winner or "",
        why=found.why[:300],
        decided_at=lane.ports.now() if decided else None,
    )


def _settle(*, settled: Sequence[tuple[looking.Glance, plans.PairPlan]], now: datetime) -> None:
    """Write what plans make of their pairs. Where nothing is agreed and nothing to say, many become the same, with one statement."""
    alike: dict[tuple[object, ...], list[int]] = {}
    by_sync: dict[bool, list[tuple[object, ...]]] = {True: [], False: []}
    for pair, plan in settled:
        columns = _settled(pair=pair, plan=plan, now=now)
        in_sync = plan.state is vocabulary.PairState.LINKED and plan.action is None
        if in_sync or any(columns[2:5]):
            by_sync[in_sync].append((*columns, pair.pk))
        else:
            alike.setdefault((*columns[:2], *columns[5:]), []).append(pair.pk)
    for (state, reason, *others), ids in alike.items():
        same = dict(zip(_SETTLED, (state, reason, {}, {}, {}, *others), strict=True))
        models.RecordPair.objects.filter(pk__among=ids).update(**same)
    for in_sync, rows in by_sync.items():
        saving.put(models.RecordPair, fields=_SETTLED, rows=rows, same={"synced_at": now} if in_sync else {})


def _settled(*, pair: looking.Glance, plan: plans.PairPlan, now: datetime) -> tuple[object, ...]:
    """What a plan makes of a pair, in the order of `_SETTLED`."""
    linked = plan.state is vocabulary.PairState.LINKED
    failing = pair.failing_since if plan.action is not None else None
    if plan.state is vocabulary.PairState.FAILED:
        failing = pair.failing_since or now
    return (
        plan.state,
        plan.reason,
        dict(plan.detail),
        mirror.to_json(plan.base_left),
        mirror.to_json(plan.base_right),
        None,
        pair.was_linked or linked,
        0 if linked and plan.action is None else pair.failures,
        failing,
    )
