"""What is to be done for one pair: where it stands, why, and at most one write.

Owns the order of the questions: is it held, excluded by hand, deleted, in scope, has it a partner, what does the merge say.
Asks `filters` and `merge`; reads and writes nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from syncapp.engine import filters, merge, normalize, ownership, plan_words, plans, records, references, rules, values
from syncapp.engine import mapping as mappings
from syncapp.engine.vocabulary import (
    DeletePolicy,
    LeaveFilterPolicy,
    MatchMode,
    OperationKind,
    PairState,
    Reason,
    RecordState,
    Side,
)
from syncapp.engine.wording import say

_ORDER = (Side.LEFT, Side.RIGHT)
"""Left first: a value of the right may be made from several of the left, so the right is written last."""


def plan_pair(
    *, rules: rules.SyncRules, left: records.Subject | None, right: records.Subject | None, facts: plans.PairFacts, now: datetime,
) -> plans.PairPlan:
    """Plan one pair. Raises ValueError for a pair without any record."""
    if left is None and right is None:
        raise ValueError("A pair needs a record on one side at least.")
    if _stays(left, right, facts):
        return _standing(facts, facts.state, facts.reason, facts.detail)
    if left is not None and right is not None:
        return _plan_both(merge.Pair(rules, left, right), facts, now)
    if left is not None:
        return _plan_half(rules, Side.LEFT, left, facts, now)
    return _plan_half(rules, Side.RIGHT, right, facts, now) if right is not None else _standing(facts, facts.state)


def has_key(*, rules: rules.SyncRules, side: Side, subject: records.Subject) -> bool:
    """Tell whether a record can be matched without risking a duplicate: one of its match keys has a value, or none is needed."""
    if not rules.key_required or not rules.match_keys or rules.match_mode is MatchMode.NONE:
        return True
    names = ((key.left if side is Side.LEFT else key.right, key.type) for key in rules.match_keys)
    return any(normalize.key(type=type, value=subject.value(name)) is not None for name, type in names)


def _standing(
    facts: plans.PairFacts, state: PairState, reason: Reason = Reason.NONE, detail: Mapping[str, object] | None = None,
) -> plans.PairPlan:
    """A plan that writes nothing and keeps the baseline."""
    return plans.PairPlan(state=state, reason=reason, detail=detail or {}, base_left=facts.base_left, base_right=facts.base_right)


def _live(subject: records.Subject | None) -> bool:
    return subject is not None and subject.record.state is RecordState.LIVE


def _stays(left: records.Subject | None, right: records.Subject | None, facts: plans.PairFacts) -> bool:
    """Whether a held pair waits on: for a person's word, an orphan also until both sides are alike, a tombstone until one lives."""
    if not facts.state.held:
        return False
    alive = [_live(subject) for subject in (left, right) if subject is not None]
    if facts.state is PairState.ORPHANED:
        return any(alive) and not all(alive) and not facts.excluded_by_hand and facts.archive_wanted is None
    if facts.state is PairState.TOMBSTONE:
        return not any(alive)
    return any(alive)


def _plan_both(pair: merge.Pair, facts: plans.PairFacts, now: datetime) -> plans.PairPlan:
    states = pair.left.record.state, pair.right.record.state
    alive = states.count(RecordState.LIVE)
    if alive == 0:
        return _standing(facts, PairState.TOMBSTONE, Reason.PARTNER_DELETED)
    if RecordState.MERGED in states:
        return _standing(facts, PairState.MERGE_HOLD, Reason.MERGED, _told_of_end(pair))
    if facts.excluded_by_hand:
        return _standing(facts, PairState.FROZEN, Reason.BY_HAND)
    failing = _out_of_scope(pair, now)
    if failing and not (pair.rules.leave_policy is LeaveFilterPolicy.KEEP and (facts.was_linked or facts.base_left)):
        return _standing(facts, PairState.FROZEN, Reason.FILTERED, {"filters": failing})
    return _plan_linked(pair, facts) if alive > 1 else _plan_deleted(pair, facts)


def _out_of_scope(pair: merge.Pair, now: datetime) -> dict[str, object]:
    """The rules that keep a pair out, by side; nothing where either side's filter lets it in for a direction that flows."""
    failing: dict[str, object] = {}
    for side, subject, groups in (
        (Side.LEFT, pair.left, pair.rules.left_filters), (Side.RIGHT, pair.right, pair.rules.right_filters),
    ):
        if not pair.rules.direction.allows(side.other):
            continue
        verdict = filters.evaluate(groups=groups, subject=subject, now=now, time_zone=pair.rules.time_zone)
        if verdict.passes:
            return {}
        failing[side.value] = filters.as_detail(verdict)
    return failing


def _told_of_end(pair: merge.Pair) -> dict[str, object]:
    """Which side ended, and how, for the page."""
    side, subject = (Side.RIGHT, pair.right) if _live(pair.left) else (Side.LEFT, pair.left)
    record = subject.record
    return {"side": side.value, "record": record.ref.external_id, "label": record.label, "state": record.state.value}


def _plan_deleted(pair: merge.Pair, facts: plans.PairFacts) -> plans.PairPlan:
    """One side is archived or gone, by evidence. Nothing is written unless the policy says so, and never over an edit."""
    detail = _told_of_end(pair)
    side, subject = (Side.LEFT, pair.left) if _live(pair.left) else (Side.RIGHT, pair.right)
    edited = _edited(pair, side, facts)
    wanted = facts.archive_wanted == subject.record.revision.number
    if edited and not wanted:
        return _standing(facts, PairState.ORPHANED, Reason.EDITED_AND_DELETED, {**detail, "edited": edited})
    by_policy = pair.rules.delete_policy is DeletePolicy.ARCHIVE and facts.state is not PairState.TOMBSTONE and bool(facts.base_left)
    if not (wanted or by_policy) or not pair.rules.direction.allows(side):
        return _standing(facts, PairState.ORPHANED, Reason.PARTNER_DELETED, detail)
    action = plans.Action(
        side=side, kind=OperationKind.ARCHIVE, ref=subject.record.ref, expected=subject.record.revision, changes=(), origin_values={},
    )
    return plans.PairPlan(
        state=PairState.LINKED, reason=Reason.PARTNER_DELETED, detail=detail,
        base_left=facts.base_left, base_right=facts.base_right, action=action, again=True,
    )


def _edited(pair: merge.Pair, side: Side, facts: plans.PairFacts) -> list[str]:
    """The labels of the fields that differ on a side from what was last agreed, or never were; none for a pair that was never in sync."""
    base = facts.base_left if side is Side.LEFT else facts.base_right
    found = []
    for mapping in pair.rules.mappings:
        value = mappings.left_value(mapping, pair.left) if side is Side.LEFT else mappings.right_value(mapping, pair.right)
        if base and value != base.get(mapping.key):
            found.append((mapping.left if side is Side.LEFT else mapping.right).label)
    return found


def _plan_linked(pair: merge.Pair, facts: plans.PairFacts) -> plans.PairPlan:
    if forbidden := ownership.forbidden(*pair, facts):
        return _troubled(facts, Reason.FORBIDDEN_EDIT, *forbidden)
    merged = merge.merge(pair=pair, facts=facts)
    if merged.missing:
        state, reason = _why_missing(merged.missing)
        waiting = _standing(facts, state, reason, plan_words.waits(merged.missing))
        return replace(waiting, base_left=merged.base_left, base_right=merged.base_right)
    if merged.refused:
        return plans.PairPlan(
            state=PairState.FAILED, reason=merged.refused[0].reason, detail=plan_words.refusals(merged.refused), base_left=merged.base_left,
            base_right=merged.base_right, conflicts=tuple(found for side, found in merged.conflicts if side is None),
        )
    if Side.RIGHT in merged.writes and (uneven := ownership.uneven(pair.rules, pair.left)):
        return _standing(facts, PairState.FAILED, Reason.AMOUNTS_DIFFER, {"sentence": uneven})
    if Side.RIGHT not in merged.writes and (differing := ownership.apart(*pair, facts)):
        return _troubled(facts, Reason.AMOUNTS_DIFFER, differing)
    action = None
    side = next((side for side in _ORDER if side in merged.writes), None)
    if side is not None:
        record = (pair.left if side is Side.LEFT else pair.right).record
        action = plans.Action(
            side=side, kind=OperationKind.UPDATE, ref=record.ref, expected=record.revision,
            changes=tuple(merged.writes[side]), origin_values=merged.origin_values[side],
        )
    asked = merged.asked
    labels = {mapping.key: mapping.left.label for mapping in pair.rules.mappings} if asked else {}
    return plans.PairPlan(
        state=PairState.CONFLICT if asked else PairState.LINKED, reason=Reason.CONFLICT if asked else Reason.NONE,
        detail={"fields": [labels[found.key] for found in asked]} if asked else {},
        base_left=merged.base_left, base_right=merged.base_right, action=action,
        conflicts=tuple(found for written, found in merged.conflicts if written in (None, side)), again=len(merged.writes) > 1,
    )


def _troubled(facts: plans.PairFacts, reason: Reason, *found: ownership.Trouble) -> plans.PairPlan:
    """Nothing is written until a person decides, or undoes it."""
    told = [{"sentence": sentence} for trouble in found for sentence in trouble.sentences]
    return replace(_standing(facts, PairState.FAILED, reason, {"fields": told}), conflicts=tuple(one.found for one in found))


def _why_missing(missing: list[references.Missing]) -> tuple[PairState, Reason]:
    """To wait for what comes by itself, or to fail for what does not."""
    hopeless = any(not one.comes for one in missing)
    return (PairState.FAILED, Reason.NO_CUSTOMER) if hopeless else (PairState.BLOCKED, Reason.WAITS_FOR)


def _plan_half(rules: rules.SyncRules, side: Side, subject: records.Subject, facts: plans.PairFacts, now: datetime) -> plans.PairPlan:
    """One record without a partner: why it has none, or the create of one."""
    there = side.other
    state = subject.record.state
    if state is RecordState.ARCHIVED:
        return _standing(facts, PairState.FROZEN, Reason.INACTIVE)
    if state is not RecordState.LIVE:
        return _standing(facts, PairState.TOMBSTONE, Reason.PARTNER_DELETED)
    if facts.excluded_by_hand:
        return _standing(facts, PairState.FROZEN, Reason.BY_HAND)
    if not rules.direction.allows(there):
        return _standing(facts, PairState.FROZEN, Reason.CREATE_OFF)
    gate = ownership.barred(rules, subject) if side is Side.LEFT else None
    if gate:
        return _standing(facts, PairState.FROZEN, gate.reason, {"sentence": gate.words} if gate.words else {})
    groups = rules.left_filters if side is Side.LEFT else rules.right_filters
    verdict = filters.evaluate(groups=groups, subject=subject, now=now, time_zone=rules.time_zone)
    if not verdict.passes:
        return _standing(facts, PairState.FROZEN, Reason.FILTERED, {"filters": {side.value: filters.as_detail(verdict)}})
    if not has_key(rules=rules, side=side, subject=subject):
        return _standing(facts, PairState.FROZEN, Reason.NO_KEY)
    if not rules.create_to.allows(there):
        return _standing(facts, PairState.FROZEN, Reason.CREATE_OFF)
    return _plan_create(rules, side, subject, facts)


def _plan_create(rules: rules.SyncRules, side: Side, subject: records.Subject, facts: plans.PairFacts) -> plans.PairPlan:
    """A new partner with every value that this side may give it at once; the others follow when it is there."""
    there = side.other
    changes, origins, refused, missing = _first_values(rules, side, subject)
    if missing:
        return _standing(facts, *_why_missing(missing), plan_words.waits(missing))
    homeless = [one for one in refused if one.reason is Reason.MISSING_REQUIRED and references.refers(one.spec)]
    if homeless and there is Side.RIGHT and rules.ownership and homeless[0].spec.name == rules.ownership.anchor:
        told = say("It names no {field}.", field=homeless[0].spec.label.lower())
        return _standing(facts, PairState.FAILED, Reason.NO_CUSTOMER, {"sentence": told})
    if homeless:
        return _standing(facts, PairState.FROZEN, Reason.NO_PLACE, {"sentence": say("{field}: none.", field=homeless[0].spec.label)})
    if refused:
        return _standing(facts, PairState.FAILED, refused[0].reason, plan_words.refusals(refused))
    if not changes:
        told = say("None of its mapped fields has a value.")
        return _standing(facts, PairState.FAILED, Reason.MISSING_REQUIRED, {"sentence": told})
    if there is Side.RIGHT and (uneven := ownership.uneven(rules, subject)):
        return _standing(facts, PairState.FAILED, Reason.AMOUNTS_DIFFER, {"sentence": uneven})
    filled = {change.field for change in changes}
    for given in (one for one in rules.given if one.side is there):
        if given.value and not (given.sought_by and given.field in filled):
            why = say("The settings of the sync say so: {value}.", value=given.words or given.value)
            value = given.value.replace("{id}", subject.record.ref.external_id)
            changes.append(plans.Change(field=given.field, before=None, after=value, key="", why=why))
        elif not given.value and (not given.needed_for or given.needed_for in filled):
            return _standing(facts, PairState.FAILED, Reason.ACCOUNT_MISSING, {"sentence": plan_words.unset(given)})
    action = plans.Action(side=there, kind=OperationKind.CREATE, ref=None, expected=None, changes=tuple(changes), origin_values=origins)
    return plans.PairPlan(state=PairState.CREATING, base_left=facts.base_left, base_right=facts.base_right, action=action)


def _first_values(
    rules: rules.SyncRules, side: Side, subject: records.Subject,
) -> tuple[list[plans.Change], dict[str, records.Value], list[merge.Refused], list[references.Missing]]:
    """What the new partner of a record gets at its birth, what it would refuse, and what has to be there first."""
    there = side.other
    changes: list[plans.Change] = []
    origins: dict[str, records.Value] = {}
    refused: list[merge.Refused] = []
    missing: list[references.Missing] = []
    new = say("New in {system}.", system=there.label)
    for mapping in rules.mappings:
        if not merge.writable(rules, mapping, there):
            continue
        origin = mappings.left_value(mapping, subject) if side is Side.LEFT else mappings.right_value(mapping, subject)
        value, waited = merge.translated(rules, mapping, there, origin, subject)
        missing += waited
        problem = merge.refusal(mapping=mapping, side=there, value=value, origin=origin)
        spec = mapping.left if there is Side.LEFT else mapping.right
        if problem:
            refused.append(problem)
        elif spec.later:
            continue
        elif not values.blank(value):
            why = merge.told(mapping, there, origin, new)
            changes.append(plans.Change(field=spec.name, before=None, after=value, key=mapping.key, why=why))
            origins[mapping.key] = origin
        elif origin is None:
            origins[mapping.key] = None
    return changes, origins, refused, missing
