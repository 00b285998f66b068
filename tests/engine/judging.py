"""What the invariants say of a world: each function names what is wrong, and nothing where all is well.

Owns the judgment, made without the engine wherever the engine could hide its own fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from syncapp.engine import plans, records, rules
from syncapp.engine.vocabulary import ConflictRule, DeletePolicy, LeaveFilterPolicy, OperationKind, PairState, RecordState, Side
from tests.engine.stores import Paired, Stored

if TYPE_CHECKING:
    from tests.engine.world import World


def same(one: records.Value, two: records.Value) -> bool:
    """Whether two values differ in nothing but what a side may drop: outer blanks, and the case of letters."""
    if isinstance(one, str) and isinstance(two, str):
        return one.strip().casefold() == two.strip().casefold()
    return one == two


def strange(world: World, pair: Paired, action: plans.Action) -> list[str]:
    """No stranger: only pairs in scope are written, only fields that are mapped that way, only values that the field takes."""
    found = []
    here = [world.sides[side][external_id] for side in Side if (external_id := pair.ids(side))]
    kept = world.rules.leave_policy is LeaveFilterPolicy.KEEP and bool(pair.facts.base_left)
    if pair.facts.excluded_by_hand or not (kept or any(world.in_scope(stored) for stored in here)):
        found.append(f"{action.kind} of a pair that is out of scope")
    if not world.rules.direction.allows(action.side):
        found.append(f"{action.side} must not be written")
    mapped = {mapping.key: mapping for mapping in world.rules.mappings}
    for change in action.changes:
        found += _strange_change(pair, mapped[change.key], action.side, change)
    if action.kind is OperationKind.CREATE:
        found += _strange_create(world, pair, action)
    if action.kind is OperationKind.ARCHIVE:
        found += _strange_archive(world, pair, action)
    return found


def _strange_change(pair: Paired, mapping: rules.Mapping, side: Side, change: plans.Change) -> list[str]:
    spec = mapping.left if side is Side.LEFT else mapping.right
    found = []
    if change.field != spec.name or not mapping.direction.allows(side):
        found.append(f"{change.field} is not mapped to {side}")
    if spec.max_length and isinstance(change.after, str) and len(change.after) > spec.max_length:
        found.append(f"{change.field} cannot hold {change.after!r}")
    decided = any(decision.key == mapping.key for decision in pair.facts.decisions)
    if change.after is None and change.before is not None and not (mapping.clears or decided):
        found.append(f"{change.field}: a blank overwrites {change.before!r}")
    return found


def _strange_create(world: World, pair: Paired, action: plans.Action) -> list[str]:
    """No twin: we make no record whose key the side has already, or is about to have."""
    origin = world.sides[action.side.other][pair.ids(action.side.other) or ""]
    key = world.key(origin)
    found = [] if world.rules.create_to.allows(action.side) else [f"a create on {action.side}, where none may be made"]
    found += [] if key else ["a create for a record without a key"]
    there = [stored.external_id for stored in world.sides[action.side].values() if world.key(stored) == key]
    return found + [f"a twin of {one} is made on {action.side}" for one in there]


def _strange_archive(world: World, pair: Paired, action: plans.Action) -> list[str]:
    own, other = (world.sides[side][pair.ids(side) or ""] for side in (action.side, action.side.other))
    base = pair.facts.base_left if action.side is Side.LEFT else pair.facts.base_right
    names = {mapping.key: (mapping.left if action.side is Side.LEFT else mapping.right).name for mapping in world.rules.mappings}
    edited = [name for key, name in names.items() if own.typed.get(name) is not None and not same(own.values.get(name), base.get(key))]
    found = [f"an archive over an edit of {name}" for name in edited]
    if world.rules.delete_policy is not DeletePolicy.ARCHIVE or other.state is RecordState.LIVE:
        found.append("an archive without cause")
    return found


def false_conflicts(world: World, pair: Paired, plan: plans.PairPlan) -> list[str]:
    """A conflict is what two people did, decided by the rule, and told once. Asked before the plan is remembered."""
    found = []
    mapped = {mapping.key: mapping for mapping in world.rules.mappings}
    for conflict in plan.conflicts:
        mapping = mapped[conflict.key]
        base = pair.facts.base_left.get(conflict.key), pair.facts.base_right.get(conflict.key)
        known = conflict.key in pair.facts.base_left
        changed = [side for side, now, then in ((Side.LEFT, conflict.left, base[0]), (Side.RIGHT, conflict.right, base[1])) if now != then]
        replaced = known and len(changed) == 1 and not same(*base)  # a value that was never agreed gives way to a change
        edited = all(_name(mapping, side) in _stored(world, pair, side).typed for side in Side)
        taken_for_an_edit = any(third.key == conflict.key for recovered in pair.third for third in recovered.third)
        if known and not (replaced or edited or taken_for_an_edit or mapping.fallbacks):
            found.append(f"{conflict.key}: a conflict, though nobody edited both sides")
        if conflict.winner is not (changed[0] if replaced else _owner(world, mapping, conflict, known=known)):
            found.append(f"{conflict.key}: {conflict.winner} won against the rule")
        if conflict.winner is not None and not pair.lost and conflict in pair.found:
            found.append(f"{conflict.key}: the conflict is told twice")
    return found


def _name(mapping: rules.Mapping, side: Side) -> str:
    return (mapping.left if side is Side.LEFT else mapping.right).name


def _open(world: World, mapping: rules.Mapping) -> list[Side]:
    """The sides to which a mapping may write."""
    return [side for side in Side if mapping.direction.allows(side) and world.rules.direction.allows(side)]


def _owner(world: World, mapping: rules.Mapping, conflict: plans.ConflictFound, *, known: bool) -> Side | None:
    """Who is to win a conflict, as the rules say it."""
    rule = world.rules.conflict_winner if mapping.conflict is ConflictRule.CONFIG else mapping.conflict
    if rule is ConflictRule.ASK:
        return None
    written = _open(world, mapping)
    if len(written) == 1 and known:
        return written[0].other
    if rule is ConflictRule.NEWEST and conflict.left_changed_at and conflict.right_changed_at:
        return Side.LEFT if conflict.left_changed_at > conflict.right_changed_at else Side.RIGHT
    return Side.LEFT if rule is ConflictRule.LEFT else Side.RIGHT


def _stored(world: World, pair: Paired, side: Side) -> Stored:
    return world.sides[side][pair.ids(side) or ""]


def losses(world: World) -> list[str]:
    """No loss: a value that a person typed is still there and, as far as it may flow, on the other side, or it is listed.

    In a one-way field both sides may keep what they had at the first link: then the winner is the side that is not written from.
    """
    return [
        loss for pair in world.pairs for mapping in world.rules.mappings for side in Side if (loss := _loss(world, pair, mapping, side))
    ]


def _loss(world: World, pair: Paired, mapping: rules.Mapping, side: Side) -> str:
    if not pair.left or not pair.right or pair.facts.state not in (PairState.LINKED, PairState.CONFLICT):
        return ""
    name, other_name = _name(mapping, side), _name(mapping, side.other)
    stored, other = _stored(world, pair, side), _stored(world, pair, side.other)
    typed = stored.typed.get(name)
    half = pair.facts.base_left if side is Side.LEFT else pair.facts.base_right
    back_to_agreed = mapping.key in half and typed == half[mapping.key]  # an edit back to what was agreed cannot be seen
    if typed is None or back_to_agreed or _listed(pair, mapping.key, typed):
        return ""
    if not same(typed, stored.values.get(name)):
        return f"{name}: {typed!r} was overwritten by {stored.values.get(name)!r} and is listed nowhere"
    here, there = stored.values.get(name), other.values.get(other_name)
    written = _open(world, mapping)
    base = pair.facts.base_left.get(mapping.key), pair.facts.base_right.get(mapping.key)
    kept_apart = len(written) == 1 and base == ((here, there) if side is Side.LEFT else (there, here))
    if side.other not in written or kept_apart or mapping.key in pair.facts.flagged or same(here, there):
        return ""
    return f"{name}: {typed!r} did not reach the other side, which has {there!r}"


def _listed(pair: Paired, key: str, typed: records.Value) -> bool:
    shown = [value for found in pair.found if found.key == key for value in (found.left, found.right)]
    shown += [value for recovered in pair.third for third in recovered.third if third.key == key for value in (third.sent, third.seen)]
    return any(same(value, typed) for value in shown)


def twins(world: World) -> list[str]:
    """No twin: nobody has two partners, and nothing that we made is forgotten."""
    found = []
    for side in Side:
        ids = [external_id for pair in world.pairs if (external_id := pair.ids(side))]
        found += [f"{side} {one} has two partners" for one in set(ids) if ids.count(one) > 1]
        made = [stored.external_id for stored in world.sides[side].values() if stored.made_by_us and stored.external_id not in ids]
        found += [f"{side} {one} was made and forgotten" for one in made]
    return found


def restless(world: World) -> list[str]:
    """Settled: a pair is written once for each side, and once more where a person's own value has to reach both."""
    return [
        f"{pair.left} and {pair.right} were written {world.written[id(pair)]} times"
        for pair in world.pairs
        if world.written.get(id(pair), 0) > 2 + len(pair.facts.decisions)
    ]


def undecided(world: World) -> list[str]:
    """What a person decided is done: a question that was answered is not asked again while the values stand."""
    return [
        f"{decision.key} is asked again"
        for pair in world.pairs
        if pair.last
        for decision in pair.facts.decisions
        for found in pair.last.conflicts
        if found.key == decision.key and found.winner is None and decision.seen == (found.left, found.right)
    ]
