"""Records without a partner, and pairs of which one side ended: what may be made of them, and what may not.

Owns these cases and their reference. Each case tells what is wrong, and nothing where all is well.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from syncapp.engine import guards, planning, plans, records, rules
from syncapp.engine.vocabulary import (
    CreateTo,
    DeletePolicy,
    Direction,
    FieldType,
    FilterOperator,
    LeaveFilterPolicy,
    OperationKind,
    PairState,
    RecordState,
    Side,
)
from tests.engine import examples

STATES = (*(RecordState.LIVE,) * 4, RecordState.ARCHIVED, RecordState.GONE, RecordState.MERGED)
KEPT = examples.group(examples.condition(examples.field("kept", FieldType.BOOLEAN), FilterOperator.EQUALS, "true"))
FACT_STATES = (PairState.LINKED, PairState.LINKED, PairState.LINKED, PairState.TOMBSTONE, PairState.ORPHANED, PairState.MERGE_HOLD)
NAMES = {Side.LEFT: {"email": "email", "city": "city"}, Side.RIGHT: {"email": "EMAIL", "city": "CITY"}}


def some_rules(chance: Random) -> rules.SyncRules:
    """The rules of a sync of two fields, with any policy."""
    return examples.sync(
        examples.EMAIL, examples.mapping("city", direction=chance.choice(list(Direction))), match_keys=(examples.EMAIL_KEY,),
        direction=chance.choice((Direction.BOTH, Direction.BOTH, *Direction)), create_to=chance.choice((CreateTo.BOTH, *CreateTo)),
        delete_policy=chance.choice(list(DeletePolicy)), leave_policy=chance.choice(list(LeaveFilterPolicy)),
        left_filters=(KEPT,) if chance.random() < 0.4 else (), right_filters=(KEPT,) if chance.random() < 0.4 else (),
        key_required=chance.random() < 0.8,
    )


def case(chance: Random, sync: rules.SyncRules) -> list[str]:
    """Draw a record alone, or a pair of which one ended, and look at what is planned."""
    return lone(chance, sync) if chance.random() < 0.5 else ended(chance, sync)


def _values(chance: Random, side: Side) -> dict[str, records.Value]:
    names = NAMES[side]
    return {
        names["email"]: chance.choice(("ann@lee.example", "Ben@lee.example", None)), names["city"]: chance.choice(("Bath", "Rome", None)),
        "kept": chance.random() < 0.7,
    }


def lone(chance: Random, sync: rules.SyncRules) -> list[str]:
    """A record without a partner: a create only where everything allows it, with every value that may flow there, else a reason."""
    side, state = chance.choice(list(Side)), chance.choice(STATES)
    there, values, by_hand = side.other, _values(chance, side), chance.random() < 0.15
    subject = examples.subject(side, state=state, **values)
    facts = plans.PairFacts(state=PairState.HALF, excluded_by_hand=by_hand)
    plan = _planned(sync, subject if side is Side.LEFT else None, subject if side is Side.RIGHT else None, facts)
    filters = sync.left_filters if side is Side.LEFT else sync.right_filters
    given = {
        NAMES[there][key]: values[name]
        for key, name in NAMES[side].items()
        if values[name] is not None and next(one for one in sync.mappings if one.key == key).direction.allows(there)
    }
    keyed = values[NAMES[side]["email"]] is not None or not sync.key_required
    may = (
        state is RecordState.LIVE and not by_hand and sync.direction.allows(there) and sync.create_to.allows(there)
        and (values["kept"] or not filters) and keyed and bool(given)
    )
    if plan.action is None:
        return ["P2: no partner is made, though nothing speaks against it"] if may else _told(plan)
    made = {change.field: change.after for change in plan.action.changes}
    wrong = [] if may else [f"P10, R9: a partner is made of a record that is {state.value}, or out of scope, or has no key"]
    if plan.action.kind is not OperationKind.CREATE or plan.action.side is not there or plan.action.ref is not None:
        wrong.append("P5: something other than a create of the missing record")
    return wrong + ([] if made == given else [f"P10: it is made of {made}, not of {given}"])


def _told(plan: plans.PairPlan) -> list[str]:
    return [] if plan.reason else ["P17: a record is left out, and no reason is told"]


def ended(chance: Random, sync: rules.SyncRules) -> list[str]:
    """A pair of which one or both ended: nothing but an archive is ever written, and that only by policy or by a person's word."""
    left, right = _values(chance, Side.LEFT), _values(chance, Side.RIGHT)
    states = {Side.LEFT: chance.choice(STATES), Side.RIGHT: chance.choice(STATES)}
    if RecordState.LIVE not in states.values() or chance.random() < 0.6:
        states[chance.choice(list(Side))] = RecordState.LIVE
    if set(states.values()) == {RecordState.LIVE}:
        states[chance.choice(list(Side))] = chance.choice(STATES[4:])
    bases = tuple(
        {key: values[name] if chance.random() < 0.8 else "once" for key, name in NAMES[side].items()} if chance.random() < 0.8 else {}
        for side, values in ((Side.LEFT, left), (Side.RIGHT, right))
    )
    facts = examples.facts(
        bases[0], bases[1] if bases[0] else {}, state=chance.choice(FACT_STATES), excluded_by_hand=chance.random() < 0.1,
        archive_wanted=chance.choice((None, None, 1, 2)), was_linked=True,
    )
    subjects = {
        side: examples.subject(side, state=states[side], **values) for side, values in ((Side.LEFT, left), (Side.RIGHT, right))
    }
    plan = _planned(sync, subjects[Side.LEFT], subjects[Side.RIGHT], facts)
    action = plan.action
    if action is None:
        return []
    alive = [side for side in Side if states[side] is RecordState.LIVE]
    base = facts.base_left if action.side is Side.LEFT else facts.base_right
    values = left if action.side is Side.LEFT else right
    edited = bool(base) and any(values[name] != base.get(key) for key, name in NAMES[action.side].items())
    wanted = facts.archive_wanted == 1
    wrong = []
    if action.kind is not OperationKind.ARCHIVE:
        wrong.append(f"P11: {action.kind} of a pair of which one side ended")
    if RecordState.MERGED in states.values() or alive != [action.side]:
        wrong.append("P11: an archive where nothing was deleted by evidence")
    if not wanted and (sync.delete_policy is not DeletePolicy.ARCHIVE or facts.state is PairState.TOMBSTONE or not facts.base_left):
        wrong.append("P11: an archive that no policy asks for")
    if edited and not wanted:
        wrong.append("P8: an archive over an edit")
    if facts.excluded_by_hand or not sync.direction.allows(action.side):
        wrong.append("P10: an archive of a pair that is out of scope")
    return wrong


def brakes(chance: Random) -> list[str]:
    """A plan of any size under any limits: the brake is pulled where a count passes the floor and the share both."""
    limits = rules.Brakes(
        creates=chance.choice((0, 1, 5, 50)), creates_share=chance.choice((0.0, 0.05, 0.5)), updates=chance.choice((0, 5, 50)),
        updates_share=chance.choice((0.0, 0.3)), archives=chance.choice((0, 2, 10)), archives_share=chance.choice((0.0, 0.02)),
    )
    pairs = chance.choice((0, 1, 10, 100, 1000))
    side, kind, count = chance.choice(list(Side)), chance.choice(list(OperationKind)), chance.choice((0, 1, 2, 3, 6, 11, 51, 301))
    before, seen = chance.choice((None, 0, 3, 10, 100)), chance.choice((None, 0, 2, 4, 5, 60))
    pulled = guards.brakes(
        limits=limits, counts={(side, kind): count}, pairs=pairs, before={} if before is None else {side: before},
        seen={} if seen is None else {side: seen},
    )
    floor, share = {
        OperationKind.CREATE: (limits.creates, limits.creates_share), OperationKind.UPDATE: (limits.updates, limits.updates_share),
        OperationKind.ARCHIVE: (limits.archives, limits.archives_share),
    }[kind]
    many = (floor > 0 or share > 0) and (floor == 0 or count > floor) and (share == 0 or count > share * pairs)
    emptied = bool(before) and seen is not None and (seen == 0 or (before >= 10 and 2 * seen < before))
    codes = {brake.code.value for brake in pulled}
    wrong = [] if (f"TOO_MANY_{kind.value}S" in codes) is many else [f"P11: {count} {kind.value}s of {pairs}: {codes}, limits {limits}"]
    return wrong + ([] if any(code.startswith("SIDE") for code in codes) is emptied else [f"P11: {before} records, then {seen}: {codes}"])


def _planned(
    sync: rules.SyncRules, left: records.Subject | None, right: records.Subject | None, facts: plans.PairFacts,
) -> plans.PairPlan:
    plan = planning.plan_pair(rules=sync, left=left, right=right, facts=facts, now=examples.NOW)
    again = planning.plan_pair(rules=sync, left=left, right=right, facts=replace(facts, detail={}), now=examples.NOW)
    if plan != again:
        raise AssertionError("The same pair is planned otherwise the second time.")
    return plan
