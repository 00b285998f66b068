"""The three-way merge, field by field: what each side holds against what it held when both were last agreed.

Owns who wins and what the baseline becomes. A write's own baseline is settled only after the answer, in `settling`.

    equal                     agreed, the baseline follows, even if both moved, unless a person typed another value
    one blank                 it takes the other's value, unless the mapping clears and a baseline exists
    no baseline, both filled  the conflict rule, within the direction
    one side changed          the other is written, if the direction allows; else it is drift and left alone
    both changed              the conflict rule; in a one-way field the driving side
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from syncapp.engine import mapping as mappings
from syncapp.engine import merge_words, names, ownership, plans, records, references, rules, schema, values
from syncapp.engine.vocabulary import ConflictRule, Reason, Side
from syncapp.engine.wording import say

Values = tuple[records.Value, records.Value]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A value that a field would not take, found before it was sent."""

    side: Side
    spec: schema.FieldSpec
    key: str
    value: records.Value
    reason: Reason


@dataclass(kw_only=True)
class Merged:
    """What a merge found. `writes` and `origin_values` are by the side that is to be written; `conflicts` name that side,
    None where nothing is written for them. `agreed` is what the baseline gained; the halves are the given ones without that.
    `missing` are the records that must have a partner before anything is written."""

    base_left: plans.Baseline
    base_right: plans.Baseline
    agreed: dict[str, Values] = field(default_factory=dict)
    writes: dict[Side, list[plans.Change]] = field(default_factory=dict)
    origin_values: dict[Side, dict[str, records.Value]] = field(default_factory=dict)
    conflicts: list[tuple[Side | None, plans.ConflictFound]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    missing: list[references.Missing] = field(default_factory=list)

    @property
    def asked(self) -> list[plans.ConflictFound]:
        """The conflicts that wait for a person."""
        return [found for _, found in self.conflicts if found.winner is None]


class Pair(NamedTuple):
    """Both records and the rules they are merged by."""

    rules: rules.SyncRules
    left: records.Subject
    right: records.Subject


class _Verdict(NamedTuple):
    """What becomes of one field: which side is written, or what its baseline becomes, and what is told."""

    write: Side | None = None
    base: tuple[records.Value, records.Value] | None = None
    why: str = ""
    conflict: bool = False
    winner: Side | None = None
    typed: tuple[records.Value, ...] = ()


_LEAVE = _Verdict()


def merge(*, pair: Pair, facts: plans.PairFacts) -> Merged:
    """Merge every mapped field of a pair."""
    merged = Merged(base_left=facts.base_left, base_right=facts.base_right)
    decisions = {decision.key: decision for decision in facts.decisions}
    base_left, base_right = facts.base_left, facts.base_right
    left_value, right_value = mappings.left_value, mappings.right_value
    for mapping in pair.rules.mappings:
        key = mapping.key
        left, right = left_value(mapping, pair.left), right_value(mapping, pair.right)
        known = key in base_left and key in base_right
        rests = (left is None) == (right is None) and (left is not None or not mapping.transforms)  # both empty may have to be filled
        if known and left == base_left[key] and right == base_right[key] and rests and key not in decisions:
            continue
        base = (base_left[key], base_right[key]) if known else None
        verdict = _decide(pair, mapping, (left, right), base, key in facts.flagged, decisions.get(key))
        _record(merged, pair, mapping, (left, right), base, verdict)
    if merged.agreed:
        merged.base_left = {**base_left, **{key: both[0] for key, both in merged.agreed.items()}}
        merged.base_right = {**base_right, **{key: both[1] for key, both in merged.agreed.items()}}
    return merged


def writable(pair_rules: rules.SyncRules, mapping: rules.Mapping, side: Side) -> bool:
    """Tell whether a mapping may write to a side: the sync's direction, the mapping's, and the field itself allow it."""
    spec = mapping.left if side is Side.LEFT else mapping.right
    if mapping.transforms and mappings.template(mapping, side.other):
        return False
    return spec.writable and not spec.associated_kind and mapping.direction.allows(side) and pair_rules.direction.allows(side)


def translated(
    pair_rules: rules.SyncRules, mapping: rules.Mapping, side: Side, value: records.Value, origin: records.Subject,
) -> tuple[records.Value, tuple[references.Missing, ...]]:
    """The value that a side is to hold, made from that of the other side's record, and what has to be there first.

    A QuickBooks name loses what no name may have.
    """
    own, other = (mapping.right, mapping.left) if side is Side.LEFT else (mapping.left, mapping.right)
    if references.refers(own):
        return references.translated(value=value, own=own, other=other, partners=origin.partners)
    if side is Side.LEFT:
        return mappings.to_left(mapping, value, time_zone=pair_rules.time_zone), ()
    made = mappings.to_right(mapping, value, time_zone=pair_rules.time_zone)
    return names.clean(made) if isinstance(made, str) and mapping.right.name == pair_rules.name_field else made, ()


def told(mapping: rules.Mapping, side: Side, origin: records.Value, why: str) -> str:
    """Why a side is written, and that the value was shortened where a step cuts it."""
    return " ".join(filter(None, (why, mappings.cuts(mapping, side, origin))))


def refusal(*, mapping: rules.Mapping, side: Side, value: records.Value, origin: records.Value) -> Refused | None:
    """Find out before a write why a side would refuse a value."""
    spec = mapping.left if side is Side.LEFT else mapping.right
    lost = values.blank(value) and not values.blank(origin) and not references.refers(spec)
    reason = Reason.NOT_ALLOWED if lost else mappings.check(spec=spec, value=value)
    if reason is None:
        return None
    return Refused(side=side, spec=spec, key=mapping.key, value=origin if lost else value, reason=reason)


def _decide(
    pair: Pair, mapping: rules.Mapping, now: Values, base: Values | None, flagged: bool, decision: plans.Decision | None,
) -> _Verdict:
    left, right = now
    empty = _to_fill(pair, mapping, now) if mapping.transforms else None
    if empty is not None and not (flagged and now == base):
        return _Verdict(write=empty, why=say("It was empty on both sides, and the mapping has a value for that."))
    edited = decision is not None and decision.seen == now  # a person may change what both sides agree on
    if agree(pair, mapping, now) and not edited:
        return _Verdict(base=now)
    may = {side: writable(pair.rules, mapping, side) and ownership.may_write(pair.rules, mapping, side, pair.left) for side in Side}
    if decision is not None and not (flagged and now == base):  # what a side rewrote once is not sent again
        verdict = _by_person(mapping, now, may, decision, pair.rules.time_zone)
        if verdict:
            return verdict
    if mapping.left.yields and (values.blank(left) if base is None else left == base[0]) is False:
        return _LEAVE if base is not None else _Verdict(base=now)
    if base is None and mapping.left.initial and left == mapping.left.initial:
        left = None
    if values.blank(left) != values.blank(right) and (base is None or not mapping.clears):
        return _filled((left, right), base, may, flagged)
    if base is None:
        return _contest(pair, mapping, now, may, first=True)
    left_changed, right_changed = left != base[0], right != base[1]
    # What was never agreed is not lost unseen when a change on the other side replaces it.
    apart = not flagged and not _once_agreed(pair, mapping, base)
    if left_changed and apart and mappings.falls_back(mapping, pair.left):
        return _Verdict(base=now)
    if left_changed and right_changed:
        return _contest(pair, mapping, now, may, first=False)
    changed = Side.LEFT if left_changed else Side.RIGHT
    if (left_changed or right_changed) and may[changed.other]:
        why = say("{system} changed it.", system=changed.label)
        return _Verdict(write=changed.other, why=why, conflict=apart, winner=changed if apart else None)
    return _LEAVE


def agree(pair: Pair, mapping: rules.Mapping, now: Values) -> bool:
    """Tell whether both sides say the same; what names other records is compared by their partners."""
    if not references.refers(mapping.left):
        return mappings.agree(mapping, *now, time_zone=pair.rules.time_zone)
    ends = ((mapping.left, mapping.right, now[0], now[1], pair.right), (mapping.right, mapping.left, now[1], now[0], pair.left))
    for own, other, here, there, subject in ends:
        meant, missing = references.translated(value=there, own=other, other=own, partners=subject.partners)
        if not missing and references.same(own=own, one=here, two=meant):
            return True
    return False


def _once_agreed(pair: Pair, mapping: rules.Mapping, base: Values) -> bool:
    """Whether both sides ever said the same. The partners of then are not known any more, so a reference is taken at its word."""
    return references.refers(mapping.left) or mappings.agree(mapping, *base, time_zone=pair.rules.time_zone)


def _to_fill(pair: Pair, mapping: rules.Mapping, now: Values) -> Side | None:
    """The side that gets the value meant for empty fields, where both are."""
    if not (values.blank(now[0]) and values.blank(now[1])):
        return None
    return next((side for side in (Side.RIGHT, Side.LEFT) if mappings.fills(mapping, side) and writable(pair.rules, mapping, side)), None)


def _by_person(
    mapping: rules.Mapping, now: Values, may: Mapping[Side, bool], decision: plans.Decision, time_zone: str,
) -> _Verdict | None:
    """What a person decided: one side's value or a third one, which reaches the left first and then the right.

    A decision about values that are no longer there decides nothing.
    """
    left, right = now
    seen = decision.seen or now
    why = say("A person decided.")
    if (left == decision.value or mappings.agree(mapping, left, decision.value, time_zone=time_zone)) and right == seen[1]:
        written = Side.RIGHT
    elif (right == decision.value or mappings.agree(mapping, decision.value, right, time_zone=time_zone)) and left == seen[0]:
        written = Side.LEFT
    elif decision.seen == now and may[Side.RIGHT] and may[Side.LEFT]:
        return _Verdict(write=Side.LEFT, why=why, typed=(decision.value,))
    else:
        return None
    return _Verdict(write=written, why=why) if may[written] else _Verdict(base=now)


def _filled(now: Values, base: Values | None, may: Mapping[Side, bool], flagged: bool) -> _Verdict:
    """One side is blank: it takes the other's value. A field that a side rewrites by itself is only tried again with a new value."""
    empty = Side.LEFT if values.blank(now[0]) else Side.RIGHT
    full = 1 if empty is Side.LEFT else 0
    if may[empty] and not (flagged and base is not None and now[full] == base[full]):
        return _Verdict(write=empty, why=say("It was empty in {system}.", system=empty.label))
    return _LEAVE if base is not None else _Verdict(base=now)


def _contest(pair: Pair, mapping: rules.Mapping, now: Values, may: Mapping[Side, bool], *, first: bool) -> _Verdict:
    """Both sides have something to say: at the first link both are filled, later both changed."""
    rule = pair.rules.conflict_winner if mapping.conflict is ConflictRule.CONFIG else mapping.conflict
    if not (may[Side.LEFT] or may[Side.RIGHT]):
        return _LEAVE
    if rule is ConflictRule.ASK:
        return _Verdict(conflict=True, why=merge_words.asked(first=first))
    one_way = not first and may[Side.LEFT] is not may[Side.RIGHT]
    winner = _winner(pair, rule) if not one_way else Side.LEFT if may[Side.RIGHT] else Side.RIGHT
    empty = values.blank(now[0] if winner is Side.LEFT else now[1])
    if not empty and not may[winner.other]:
        return _Verdict(base=now)
    newest = rule is ConflictRule.NEWEST
    why = merge_words.one_way(winner) if one_way else merge_words.won(winner, first=first, newest=newest)
    if empty:
        return _Verdict(base=now, conflict=True, winner=winner, why=merge_words.but_empty(why))
    return _Verdict(write=winner.other, conflict=True, winner=winner, why=why)


def _winner(pair: Pair, rule: ConflictRule) -> Side:
    if rule is ConflictRule.NEWEST:
        left, right = pair.left.record.revision.updated_at, pair.right.record.revision.updated_at
        if left != right:
            return Side.LEFT if left > right else Side.RIGHT
        rule = pair.rules.conflict_winner
    return Side.LEFT if rule is ConflictRule.LEFT else Side.RIGHT


def _record(merged: Merged, pair: Pair, mapping: rules.Mapping, now: Values, base: Values | None, verdict: _Verdict) -> None:
    """Write a verdict down."""
    side = verdict.write
    if side is not None:
        side = _write(merged, pair, mapping, now, verdict)
    if verdict.base is not None and verdict.base != base:
        merged.agreed[mapping.key] = verdict.base
    if verdict.conflict:
        found = plans.ConflictFound(
            key=mapping.key, base=base[0] if base else None, left=now[0], right=now[1],
            left_changed_at=pair.left.record.revision.updated_at, right_changed_at=pair.right.record.revision.updated_at,
            winner=verdict.winner, why=verdict.why,
        )
        merged.conflicts.append((side, found))


def _write(merged: Merged, pair: Pair, mapping: rules.Mapping, now: Values, verdict: _Verdict) -> Side | None:
    """Note the change a side is to get; None where it would hold just what it holds already."""
    side = Side.LEFT if verdict.write is Side.LEFT else Side.RIGHT
    origin = now[1] if side is Side.LEFT else now[0]
    subject, spec = (pair.left, mapping.left) if side is Side.LEFT else (pair.right, mapping.right)
    wanted, missing = (verdict.typed[0], ()) if verdict.typed else translated(
        pair.rules, mapping, side, origin, pair.right if side is Side.LEFT else pair.left,
    )
    merged.missing += missing
    before = subject.value(spec.name)
    refused = refusal(mapping=mapping, side=side, value=wanted, origin=origin)
    if refused:
        merged.refused.append(refused)
        return side
    if wanted == before:
        merged.agreed[mapping.key] = now
        return None
    why = verdict.why if verdict.typed else told(mapping, side, origin, verdict.why)
    merged.writes.setdefault(side, []).append(plans.Change(field=spec.name, before=before, after=wanted, key=mapping.key, why=why))
    merged.origin_values.setdefault(side, {})[mapping.key] = origin
    return side
