"""Plan what must be planned: pairs that changed, pairs under older rules, pairs whose retry is due.

Owns the transaction in which pairs are judged and operations are written down. Sends nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from syncapp import models
from syncapp.engine import planning as engine
from syncapp.engine import plans, records, values, vocabulary
from syncapp.engine import rules as rules_module
from syncapp.engine.wording import say
from syncapp.services import barrier, composing, conflicts, context, mirror, naming, referrals, strangers
from syncapp.services import rows as saving

CHUNK = 500
logger = logging.getLogger(__name__)
_PAIR_FIELDS = [
    "state",
    "reason",
    "detail",
    "base_left",
    "base_right",
    "rules_revision",
    "retry_at",
    "synced_at",
    "was_linked",
    "failures",
    "failing_since",
]
_WHEN = ("rules_revision", "synced_at")


def everything(*, lane: context.Lane) -> bool:
    """Plan all pairs that wait for it, a chunk at a time. False when time ran out."""
    after = 0
    composing.widen(lane=lane)
    planned = naming.planned_names(lane=lane)
    while True:
        last = _chunk(lane=lane, after=after, planned=planned)
        lane.beat()
        if last is None:
            return True
        after = last
        if lane.out_of_time:
            return False


def _waiting(*, lane: context.Lane, after: int) -> list[int]:
    due = Q(dirty=True) | Q(retry_at__lte=lane.ports.now()) | ~Q(rules_revision=lane.rules.revision)
    return list(
        models.RecordPair.objects.filter(due, config=lane.config, pk__gt=after)
        .exclude(operations__status=vocabulary.OperationStatus.SENDING)
        .order_by("pk")
        .values_list("pk", flat=True)[:CHUNK]
    )


def _chunk(*, lane: context.Lane, after: int, planned: dict[str, int]) -> int | None:
    ids = _waiting(lane=lane, after=after)
    if not ids:
        return None
    with lane.transaction():
        models.RecordPair.objects.filter(pk__in=ids).update(dirty=False)
        found = list(models.RecordPair.objects.filter(pk__in=ids).select_related("left", "right").order_by("pk"))
        pairs = _at_rest(lane=lane, pairs=found)
        left = _plan(lane=lane, pairs=pairs, planned=planned)
        later = [*({pair.pk for pair in found} - {pair.pk for pair in pairs}), *left]
        models.RecordPair.objects.filter(pk__in=later).update(dirty=True)
    return ids[-1]


def _at_rest(*, lane: context.Lane, pairs: Sequence[models.RecordPair]) -> list[models.RecordPair]:
    """The pairs without those half ones whose record may be what an open create is making: its answer comes first."""
    left, right = (barrier.of(lane=lane, side=side) for side in (lane.left, lane.right))
    return [
        pair
        for pair in pairs
        if not (pair.right is None and left.holds(pair.left)) and not (pair.left is None and right.holds(pair.right))
    ]


def _plan(*, lane: context.Lane, pairs: Sequence[models.RecordPair], planned: dict[str, int]) -> list[int]:
    """Judge pairs and write down what is to be done. Returns those that must be matched before they can be judged."""
    now = lane.ports.now()
    decided = _decisions(pairs)
    open_operations = {
        operation.pair_id: operation
        for operation in models.Operation.objects.filter(
            pair__in=pairs, status__in=[vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.READY]
        )
    }
    asked = _asked(pairs)
    overtaken: list[int] = []
    made: list[models.Operation] = []
    plans_made = _all_judged(lane=lane, pairs=pairs, decided=decided)
    holders = naming.holders(lane=lane, actions=[plan.action for plan in plans_made if plan.action is not None])
    unmatched = strangers.unmatched(lane=lane, pairs=[pair for pair, plan in zip(pairs, plans_made, strict=True) if _creates(plan)])
    planned_now: list[models.RecordPair] = []
    before = {pair.pk: _held(pair) for pair in pairs}
    for pair, judged in zip(pairs, plans_made, strict=True):
        if pair.pk in unmatched:
            continue
        planned_now.append(pair)
        operation = open_operations.get(pair.pk)
        if _goes_on(operation, judged):
            pair.rules_revision = lane.rules.revision
            continue
        plan = _named(lane=lane, pair=pair, plan=judged, planned=planned, holders=holders)
        same = operation is not None and plan.action is not None and _same(operation, plan.action)
        if operation is not None and not same:
            overtaken.append(operation.pk)
        if plan.action is not None and not same:
            made.append(_operation(lane=lane, pair=pair, action=plan.action))
        if plan.conflicts or asked.get(pair.pk) or pair.pk in decided:
            _conflicts(lane=lane, pair=pair, plan=plan, stored=asked.get(pair.pk, []))
        _settle(lane=lane, pair=pair, plan=plan, now=now)
    _save(lane=lane, pairs=planned_now, before=before, now=now, overtaken=overtaken, made=made)
    return sorted(unmatched)


def _held(pair: models.RecordPair) -> tuple[object, ...]:
    """What planning may change of a pair, but for when it was done."""
    return tuple(getattr(pair, name) for name in _PAIR_FIELDS if name not in _WHEN)


def subjects(
    *, lane: context.Lane, pairs: Sequence[models.RecordPair]
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
    *, lane: context.Lane, pairs: Sequence[models.RecordPair], decided: Mapping[int, tuple[plans.Decision, ...]]
) -> list[plans.PairPlan]:
    left, right = subjects(lane=lane, pairs=pairs)
    return [
        judged(
            rules=lane.rules,
            left=left.get(pair.left_id or 0),
            right=right.get(pair.right_id or 0),
            facts=facts(pair=pair, decisions=decided.get(pair.pk, ())),
            now=lane.ports.now(),
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
    pair: models.RecordPair,
    plan: plans.PairPlan,
    planned: dict[str, int],
    holders: Mapping[str, models.Record],
) -> plans.PairPlan:
    """The plan with the display-name policy applied, so that a preview shows what will become of a taken name."""
    if plan.action is None or plan.action.side is vocabulary.Side.LEFT or not lane.rules.name_field:
        return plan
    action, detail = naming.at_plan(lane=lane, action=plan.action, planned=planned, pair_id=pair.pk, holders=holders)
    if action is not None:
        return replace(plan, action=action)
    held = lane.rules.name_policy is vocabulary.NamePolicy.HOLD
    state = vocabulary.PairState.AMBIGUOUS if held else vocabulary.PairState.FAILED
    return replace(plan, action=None, state=state, reason=vocabulary.Reason.NAME_TAKEN, detail=detail)


def _save(
    *, lane: context.Lane, pairs: Sequence[models.RecordPair], before: Mapping[int, tuple[object, ...]], now: datetime,
    overtaken: Sequence[int], made: Sequence[models.Operation],
) -> None:
    """Save what was planned. Pairs of which nothing changed but the time are most of them, and one statement is enough for those."""
    note = say("The records changed, so it was planned again.")
    models.Operation.objects.filter(pk__in=overtaken).update(status=vocabulary.OperationStatus.SUPERSEDED, note=note, finished_at=now)
    same = [pair for pair in pairs if _held(pair) == before[pair.pk]]
    rows = models.RecordPair.objects.filter(pk__in=[pair.pk for pair in same])
    rows.filter(pk__in=[pair.pk for pair in same if pair.synced_at == now]).update(synced_at=now)
    rows.update(rules_revision=lane.rules.revision)
    known = {pair.pk for pair in same}
    saving.save([pair for pair in pairs if pair.pk not in known], fields=_PAIR_FIELDS)
    saving.add(made)
    lane.count("planned", len(made))
    lane.count("superseded", len(overtaken))


def facts(*, pair: models.RecordPair, decisions: tuple[plans.Decision, ...] = ()) -> plans.PairFacts:
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


def _decisions(pairs: Sequence[models.RecordPair]) -> dict[int, tuple[plans.Decision, ...]]:
    found: dict[int, tuple[plans.Decision, ...]] = {}
    by_person = models.Conflict.objects.filter(pair__in=pairs, status=vocabulary.ConflictStatus.BY_PERSON, applied=False)
    for conflict in by_person.order_by("pk"):  # of several about one field the latest counts
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


def _operation(*, lane: context.Lane, pair: models.RecordPair, action: plans.Action) -> models.Operation:
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


def _asked(pairs: Sequence[models.RecordPair]) -> dict[int, list[models.Conflict]]:
    """The open conflicts by pair."""
    found: dict[int, list[models.Conflict]] = {}
    for conflict in models.Conflict.objects.filter(pair__in=pairs, status=vocabulary.ConflictStatus.OPEN):
        found.setdefault(conflict.pair_id, []).append(conflict)
    return found


def _conflicts(*, lane: context.Lane, pair: models.RecordPair, plan: plans.PairPlan, stored: Sequence[models.Conflict]) -> None:
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
        for row in models.Conflict.objects.filter(pair=pair, status=vocabulary.ConflictStatus.BY_RULE, key__in=list(found))
    ]
    found = {key: c for key, c in found.items() if c.winner is None or (key, *_json_sides(c)) not in known}
    labels = {mapping.key: mapping.right.label for mapping in lane.rules.mappings}
    models.Conflict.objects.bulk_create(_conflict(lane=lane, pair=pair, found=c, label=labels.get(c.key, c.key)) for c in found.values())
    if plan.action is None and plan.state in (vocabulary.PairState.LINKED, vocabulary.PairState.CONFLICT):
        kept = [conflict.key for conflict in plan.conflicts]
        conflicts.close(pair=pair, but=kept, base_left=plan.base_left, base_right=plan.base_right)
    lane.count("conflicts", len(found))


def _sides(row: models.Conflict) -> tuple[object, object]:
    return row.left, row.right


def _json_sides(conflict: plans.ConflictFound) -> tuple[object, object]:
    return values.to_json(conflict.left), values.to_json(conflict.right)


def _conflict(*, lane: context.Lane, pair: models.RecordPair, found: plans.ConflictFound, label: str) -> models.Conflict:
    left, right = _json_sides(found)
    decided = found.winner is not None
    return models.Conflict(
        pair=pair,
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


def _settle(*, lane: context.Lane, pair: models.RecordPair, plan: plans.PairPlan, now: datetime) -> None:
    pair.state = plan.state
    pair.reason = plan.reason
    pair.detail = dict(plan.detail)
    pair.base_left = mirror.to_json(plan.base_left)
    pair.base_right = mirror.to_json(plan.base_right)
    pair.rules_revision = lane.rules.revision
    pair.retry_at = None
    if plan.state is vocabulary.PairState.FAILED:
        pair.failing_since = pair.failing_since or now
    elif plan.action is None:
        pair.failing_since = None
    if plan.state is vocabulary.PairState.LINKED:
        pair.was_linked = True
        if plan.action is None:
            pair.synced_at, pair.failures = now, 0
