"""What is to become of one field, told a second time: the rules of the merge in a page, without the engine's code.

Owns the reference that the engine's plans are compared with.
"""

from __future__ import annotations

from typing import NamedTuple

from syncapp.engine import records, rules, schema
from syncapp.engine.vocabulary import ConflictRule, Side
from tests.simulation.planner.kinds import Kind


class Moment(NamedTuple):
    """One field of a pair as it stands, and what was agreed before; `newest` is the side that changed last, None where both did."""

    left: records.Value
    right: records.Value
    base: tuple[records.Value, records.Value] | None
    flagged: bool
    newest: Side | None


class Wanted(NamedTuple):
    """Which side is to be written, whether a person is to be told, and whether one is asked."""

    write: Side | None = None
    told: bool = False
    asked: bool = False


NOTHING = Wanted()


def wanted(sync: rules.SyncRules, mapping: rules.Mapping, kind: Kind, now: Moment) -> Wanted:
    """Tell what a merge is to do with one field."""
    means = kind.meaning(Side.LEFT, now.left, sync.time_zone), kind.meaning(Side.RIGHT, now.right, sync.time_zone)
    if means[0] == means[1]:
        return NOTHING
    open_to = [side for side in Side if mapping.direction.allows(side) and sync.direction.allows(side) and spec(mapping, side).writable]
    first = now.base is None
    if (now.left is None or now.right is None) and (first or not mapping.clears):
        return _filled(now, Side.LEFT if now.left is None else Side.RIGHT, open_to)
    moved = [side for side, value, then in zip(Side, now[:2], now.base or (), strict=False) if value != then]
    if now.base is not None and not moved:
        return NOTHING
    if len(moved) == 1 and now.base is not None:
        once = kind.meaning(Side.LEFT, now.base[0], sync.time_zone) == kind.meaning(Side.RIGHT, now.base[1], sync.time_zone)
        there = moved[0].other
        return Wanted(write=there, told=not once and not now.flagged) if there in open_to else NOTHING
    if not open_to:
        return NOTHING
    rule = sync.conflict_winner if mapping.conflict is ConflictRule.CONFIG else mapping.conflict
    if rule is ConflictRule.ASK:
        return Wanted(told=True, asked=True)
    winner = open_to[0].other if not first and len(open_to) == 1 else _winner(sync, rule, now)
    if (now.left if winner is Side.LEFT else now.right) is None:
        return Wanted(told=True)
    return Wanted(write=winner.other, told=True) if winner.other in open_to else NOTHING


def spec(mapping: rules.Mapping, side: Side) -> schema.FieldSpec:
    """The field of a side."""
    return mapping.left if side is Side.LEFT else mapping.right


def _filled(now: Moment, empty: Side, open_to: list[Side]) -> Wanted:
    full = 1 if empty is Side.LEFT else 0
    given_up = now.flagged and now.base is not None and now[full] == now.base[full]
    return Wanted(write=empty) if empty in open_to and not given_up else NOTHING


def _winner(sync: rules.SyncRules, rule: ConflictRule, now: Moment) -> Side:
    if rule is ConflictRule.NEWEST:
        if now.newest is not None:
            return now.newest
        rule = sync.conflict_winner
    return Side.LEFT if rule is ConflictRule.LEFT else Side.RIGHT
