"""Random pairs, planned to their end: each planned write is carried out by a vendor that keeps less than it is sent, then planned again.

Owns the drawing of pairs and what must hold of them. Each case tells what is wrong, and nothing where all is well.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from syncapp.engine import planning, plans, records, rules, settling
from syncapp.engine.vocabulary import ConflictRule, Direction, OperationKind, PairState, Side
from tests.engine import examples
from tests.simulation.planner import reference
from tests.simulation.planner.kinds import BY_NAME, KINDS, Kind

MOST_WRITES, MOST_LOST = 2, 2
ZONES = ("UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago")
DIRECTIONS = (Direction.BOTH, Direction.BOTH, Direction.BOTH, Direction.TO_LEFT, Direction.TO_RIGHT)
RULES = (ConflictRule.CONFIG, ConflictRule.CONFIG, ConflictRule.LEFT, ConflictRule.RIGHT, ConflictRule.NEWEST, ConflictRule.ASK)
UNMAPPED = "secret"
MINUTE = timedelta(minutes=1)


def some_rules(chance: Random) -> rules.SyncRules:
    """The rules of a sync with a few fields of different sorts."""
    mappings = []
    for kind in chance.sample(KINDS, 4):
        direction = chance.choice(DIRECTIONS)
        readonly = chance.random() < 0.05 and not kind.transforms
        mappings.append(
            rules.Mapping(
                key=kind.name, left=kind.left, right=replace(kind.right, writable=not readonly), direction=direction,
                conflict=chance.choice(RULES), clears=chance.random() < 0.3, value_map=kind.value_map, transforms=kind.transforms,
            )
        )
    return examples.sync(
        *mappings, direction=chance.choice(DIRECTIONS), conflict_winner=chance.choice(RULES[2:]), time_zone=chance.choice(ZONES),
    )


@dataclass
class Play:
    """A pair while it is played: what both sides hold, what is remembered, and what a person typed and was told."""

    sync: rules.SyncRules
    values: dict[Side, dict[str, records.Value]]
    facts: plans.PairFacts
    changed_at: dict[Side, datetime]
    typed: dict[Side, dict[str, records.Value]] = field(default_factory=lambda: {side: {} for side in Side})
    shown: list[plans.ConflictFound] = field(default_factory=list)
    third: list[settling.ThirdValue] = field(default_factory=list)
    number: int = 1
    written: int = 0
    lost: int = 0

    def subject(self, side: Side) -> records.Subject:
        """A side as the engine sees it."""
        return examples.subject(side, number=self.number, updated_at=self.changed_at[side], **self.values[side])

    def plan(self) -> plans.PairPlan:
        """What the engine wants to be done now."""
        return planning.plan_pair(
            rules=self.sync, left=self.subject(Side.LEFT), right=self.subject(Side.RIGHT), facts=self.facts, now=examples.NOW
        )

    def remember(self, plan: plans.PairPlan) -> None:
        """Keep what a plan makes of the pair, as the services do."""
        self.facts = replace(self.facts, state=plan.state, base_left=plan.base_left, base_right=plan.base_right)
        self.shown += plan.conflicts


def case(chance: Random, sync: rules.SyncRules) -> list[str]:
    """Draw one pair and plan it to its end. Returns what is wrong with that."""
    play = drawn(chance, sync)
    wrong: list[str] = []
    for _ in range(MOST_WRITES + 2 * MOST_LOST + 2):
        plan = play.plan()
        wrong += compared(play, plan)
        play.remember(plan)
        if plan.action is None or wrong:
            break
        _carry_out(chance, play, plan.action)
    wrong += rested(play)
    if not wrong and plan.state is PairState.CONFLICT and chance.random() < 0.5:
        wrong += _decided(chance, play, plan)
    return wrong


def drawn(chance: Random, sync: rules.SyncRules) -> Play:
    """Any pair: new to one another, in step, edited on one side or both, emptied, never agreed."""
    values: dict[Side, dict[str, records.Value]] = {Side.LEFT: {UNMAPPED: "left alone"}, Side.RIGHT: {UNMAPPED: "let be"}}
    base: dict[Side, dict[str, records.Value]] = {side: {} for side in Side}
    flagged = set()
    typed: dict[Side, dict[str, records.Value]] = {side: {} for side in Side}
    for mapping in sync.mappings:
        kind = BY_NAME[mapping.key]
        known = chance.random() < 0.75
        idea = chance.choice(kind.ideas)
        halves = _spelled(chance, idea)
        if chance.random() < 0.12:  # never agreed, or one half empty
            halves = (halves[0], chance.choice((*_spelled(chance, chance.choice(kind.ideas))[1:], None)))
        if chance.random() < 0.06:
            halves = (None, halves[1])
        for at, side in enumerate(Side):
            value = halves[at]
            if chance.random() < 0.4:
                value = None if chance.random() < 0.3 else _spelled(chance, chance.choice((idea, *kind.ideas)))[at]
            values[side][_name(mapping, side)] = value
            if known:
                base[side][mapping.key] = halves[at]
            if value is not None and (not known or value != halves[at]):
                typed[side][mapping.key] = value
        if known and chance.random() < 0.1:
            flagged.add(mapping.key)
    moment = examples.NOW + MINUTE * chance.randint(-1, 1)
    facts = examples.facts(base[Side.LEFT], base[Side.RIGHT], flagged=frozenset(flagged), was_linked=True)
    return Play(
        sync=sync, values=values, facts=facts, changed_at={Side.LEFT: examples.NOW, Side.RIGHT: moment}, typed=typed
    )


def compared(play: Play, plan: plans.PairPlan) -> list[str]:
    """What a plan does otherwise than the reference, and what no plan may do."""
    sync, facts = play.sync, play.facts
    wanted, inexact = {}, set()
    for mapping in sync.mappings:
        kind = BY_NAME[mapping.key]
        if not kind.exact:
            inexact.add(mapping.key)
            continue
        left, right = play.values[Side.LEFT].get(mapping.left.name), play.values[Side.RIGHT].get(mapping.right.name)
        known = mapping.key in facts.base_left and mapping.key in facts.base_right
        moment = reference.Moment(
            left=left, right=right, base=(facts.base_left[mapping.key], facts.base_right[mapping.key]) if known else None,
            flagged=mapping.key in facts.flagged, newest=_newest(play),
        )
        wanted[mapping.key] = reference.wanted(sync, mapping, kind, moment)
    refused = {key for key, verdict in wanted.items() if verdict.write and _refused(play, sync, key, verdict.write)}
    wrong = _no_action(plan, refused) if refused else _action(play, plan, wanted, inexact)
    told = {found.key for found in plan.conflicts} - inexact
    asked = {found.key for found in plan.conflicts if found.winner is None} - inexact
    if asked != {key for key, verdict in wanted.items() if verdict.asked}:
        wrong.append(f"P8: a person is asked about {sorted(asked)}")
    for key, verdict in wanted.items():
        due = verdict.told and not refused and verdict.write in (None, plan.action.side if plan.action else None)
        if due and key not in told:
            wrong.append(f"P8: nobody is told of {key}")
        if key in told and not verdict.told:
            wrong.append(f"R2: {key} is told as a conflict and is none")
    return wrong


def _no_action(plan: plans.PairPlan, refused: set[str]) -> list[str]:
    if plan.action is None and plan.state is PairState.FAILED and plan.reason:
        return []
    return [f"P16: {sorted(refused)} would be refused, and the pair does not fail for it"]


def _action(play: Play, plan: plans.PairPlan, wanted: dict[str, reference.Wanted], inexact: set[str]) -> list[str]:
    action = plan.action
    if action is None:
        missed = [key for key, verdict in wanted.items() if verdict.write] if plan.state is not PairState.FAILED else []
        return [f"P2: {missed} should be written"] if missed else []
    wrong = [] if play.sync.direction.allows(action.side) else [f"P10: {action.side} must not be written"]
    if action.kind is not OperationKind.UPDATE or action.ref is None or action.expected is None or action.expected.number != play.number:
        wrong.append("R10: an update without the revision that it was made from")
    mapped = {mapping.key: mapping for mapping in play.sync.mappings}
    keys = [change.key for change in action.changes]
    if sorted(keys) != sorted({*keys}) or not keys:
        wrong.append(f"P3: {keys} in one write")
    for change in action.changes:
        wrong += _change(play, mapped[change.key], action, change)
    here = {key for key, verdict in wanted.items() if verdict.write is action.side}
    if here != set(keys) - inexact:
        wrong.append(f"P2: {sorted(set(keys) - inexact)} is written to {action.side}, not {sorted(here)}")
    if action.side is Side.RIGHT and any(verdict.write is Side.LEFT for verdict in wanted.values()):
        wrong.append("P2: the right is written before the left")
    return wrong


def _change(play: Play, mapping: rules.Mapping, action: plans.Action, change: plans.Change) -> list[str]:
    side, kind = action.side, BY_NAME[mapping.key]
    spec, wrong = reference.spec(mapping, side), []
    if change.field != spec.name or not mapping.direction.allows(side) or not spec.writable:
        wrong.append(f"P10: {change.field} is not mapped to {side}")
    before, origin = play.values[side].get(spec.name), play.values[side.other].get(_name(mapping, side.other))
    if change.before != before or action.origin_values.get(mapping.key) != origin:
        wrong.append(f"R2: {mapping.key} was not {change.before!r}, or not made of {action.origin_values.get(mapping.key)!r}")
    decided = any(decision.key == mapping.key for decision in play.facts.decisions)
    if change.after is None and before is not None and not decided:
        other_half = (play.facts.base_right if side is Side.LEFT else play.facts.base_left).get(mapping.key)
        if not mapping.clears or other_half is None:
            wrong.append(f"P9: a blank overwrites {mapping.key}")
    if spec.max_length and isinstance(change.after, str) and len(change.after) > spec.max_length:
        wrong.append(f"P16: {mapping.key} cannot hold {change.after!r}")
    zone = play.sync.time_zone
    if kind.exact and not decided and kind.meaning(side, change.after, zone) != kind.meaning(side.other, origin, zone):
        wrong.append(f"P4: {mapping.key} gets {change.after!r}, made of {origin!r}")
    return wrong


def rested(play: Play) -> list[str]:
    """What does not rest, was lost, or does not agree, once nothing more is planned."""
    plan = play.plan()
    if plan.action is not None:
        return [f"P1: {play.written} writes, and there is more to write"]
    if play.written > MOST_WRITES + 2 * play.lost:  # who edits while an answer is lost has that carried over, too
        return [f"P3: {play.written} writes for one pair"]
    if (plan.base_left, plan.base_right) != (play.facts.base_left, play.facts.base_right):
        return ["P1: the baseline moves though nothing happens"]
    if play.values[Side.LEFT][UNMAPPED] != "left alone" or play.values[Side.RIGHT][UNMAPPED] != "let be":
        return ["P10: a field that is not mapped was written"]
    return [*_unremembered(play), *_losses(play)]


def _unremembered(play: Play) -> list[str]:
    """Fields of which both sides say the same while the baseline says something else."""
    wrong = []
    for mapping in play.sync.mappings:
        kind, key = BY_NAME[mapping.key], mapping.key
        both = tuple(play.values[side].get(_name(mapping, side)) for side in Side)
        means = [kind.meaning(side, value, play.sync.time_zone) for side, value in zip(Side, both, strict=True)]
        halves = play.facts.base_left.get(key, "unknown"), play.facts.base_right.get(key, "unknown")
        if kind.exact and means[0] == means[1] and halves != both:
            wrong.append(f"R2: {key} is {both}, and what is remembered is {halves}")
    return wrong


def _losses(play: Play) -> list[str]:
    wrong = []
    listed = {(found.key, value) for found in play.shown for value in (found.left, found.right)}
    listed |= {(third.key, value) for third in play.third for value in (third.sent, third.seen)}
    for mapping in play.sync.mappings:
        for side in Side:
            value = play.typed[side].get(mapping.key)
            if value is None or (mapping.key, value) in listed:
                continue
            here, zone = play.values[side].get(_name(mapping, side)), play.sync.time_zone
            kind = BY_NAME[mapping.key]
            if kind.exact and kind.meaning(side, here, zone) != kind.meaning(side, value, zone):
                wrong.append(f"P8: {value!r} in {mapping.key} became {here!r} and is listed nowhere")
            if here is None:
                wrong.append(f"P8: {value!r} in {mapping.key} is gone and listed nowhere")
    return wrong


def _carry_out(chance: Random, play: Play, action: plans.Action) -> None:
    """Write, with an answer or without one; now and then a person edits between the write and the read that follows."""
    roll = chance.random()
    sent = {change.key: change.after for change in action.changes}
    before = {change.key: change.before for change in action.changes}
    fields = {change.key: change.field for change in action.changes}
    side, held = action.side, play.values[action.side]
    play.written += 1
    play.number += 1
    loses = roll < 0.18 and play.lost < MOST_LOST
    if roll >= 0.06 or not loses:
        for change in action.changes:
            held[change.field] = _kept(BY_NAME[change.key], side, change.after)
    if loses:
        play.lost += 1
        if roll >= 0.12:
            change = chance.choice(action.changes)
            value = _spelled(chance, chance.choice(BY_NAME[change.key].ideas))[0 if side is Side.LEFT else 1]
            if value not in (change.before, sent[change.key]):
                held[change.field] = play.typed[side][change.key] = value
        found = settling.settle_unknown(
            rules=play.sync, side=side, kind=action.kind, before=before, sent=sent, origin_values=action.origin_values,
            seen={key: held.get(name) for key, name in fields.items()}, base_left=play.facts.base_left, base_right=play.facts.base_right,
        )
        play.third += found.third
        _delivered(play, action, {*found.landed, *(third.key for third in found.third)})
        play.facts = replace(play.facts, base_left=found.base_left, base_right=found.base_right)
        return
    _delivered(play, action, sent)
    settled = settling.settle(
        rules=play.sync, side=side, sent=sent, answer={key: held.get(name) for key, name in fields.items()},
        origin_values=action.origin_values, base_left=play.facts.base_left, base_right=play.facts.base_right, flagged=play.facts.flagged,
    )
    play.facts = replace(play.facts, base_left=settled.base_left, base_right=settled.base_right, flagged=settled.flagged)


def _delivered(play: Play, action: plans.Action, keys: Iterable[str]) -> None:
    """What was typed on the other side has arrived: what a person makes of it there is another story."""
    typed = play.typed[action.side.other]
    for key in keys:
        if typed.get(key) == action.origin_values[key]:
            typed.pop(key, None)


def _decided(chance: Random, play: Play, plan: plans.PairPlan) -> list[str]:
    """A person answers the questions: they are not asked again, and the value chosen stands on both sides, as far as it may."""
    asked = [found for found in plan.conflicts if found.winner is None]
    answers = [plans.Decision(key=one.key, value=chance.choice((one.left, one.right)), seen=(one.left, one.right)) for one in asked]
    play.facts = replace(play.facts, decisions=tuple(answers))
    for _ in range(MOST_WRITES + 1):
        plan = play.plan()
        if {found.key for found in plan.conflicts if found.winner is None} & {one.key for one in asked}:
            return ["P8: what a person decided is asked again"]
        play.remember(plan)
        if plan.action is None:
            return []
        for change in plan.action.changes:
            play.values[plan.action.side][change.field] = change.after
        play.number += 1
        settled = settling.settle(
            rules=play.sync, side=plan.action.side, sent={one.key: one.after for one in plan.action.changes}, answer={},
            origin_values=plan.action.origin_values, base_left=play.facts.base_left, base_right=play.facts.base_right,
        )
        play.facts = replace(play.facts, base_left=settled.base_left, base_right=settled.base_right)
    return ["P1: a decision does not come to rest"]


def _spelled(chance: Random, idea: tuple[tuple[records.Value, ...], tuple[records.Value, ...]]) -> tuple[records.Value, records.Value]:
    return chance.choice(idea[0]), chance.choice(idea[1])


def _name(mapping: rules.Mapping, side: Side) -> str:
    return (mapping.left if side is Side.LEFT else mapping.right).name


def _kept(kind: Kind, side: Side, value: records.Value) -> records.Value:
    return kind.keeps[side](value)


def _newest(play: Play) -> Side | None:
    left, right = play.changed_at[Side.LEFT], play.changed_at[Side.RIGHT]
    return None if left == right else Side.LEFT if left > right else Side.RIGHT


def _refused(play: Play, sync: rules.SyncRules, key: str, side: Side) -> bool:
    """Whether the other side's value is none that the field takes, or too long for it."""
    mapping = next(one for one in sync.mappings if one.key == key)
    value = play.values[side.other].get(_name(mapping, side.other))
    kind = BY_NAME[key]
    longest = reference.spec(mapping, side).max_length
    too_long = bool(longest) and isinstance(value, str) and len(value) > (longest or 0)
    return too_long or (value in kind.refused and kind.name == "email")


