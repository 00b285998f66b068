"""Taking back what a run wrote: which earlier values are put back, and what is left alone, and why.

Owns that decision, for one side of one pair at a time. What was written and what stands there now come in; reads and writes nothing.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from syncapp.engine import mapping as mappings
from syncapp.engine import merge, ownership, plans, records, references, rules, schema, settling
from syncapp.engine.vocabulary import FieldType, PairState, Reason, RecordState, Side
from syncapp.engine.wording import later, say

_WRITABLE = frozenset({PairState.LINKED, PairState.CONFLICT, PairState.BLOCKED, PairState.FAILED})
_FOR_A_PERSON = frozenset({Reason.FORBIDDEN_EDIT, Reason.AMOUNTS_DIFFER})
_SUMS = later("It goes with the lines that the run wrote, and those are not put back from here. Change both by hand.")
_UNMAPPED = later("The sync does not write this field any more.")
_WHY = later("The run wrote it; this is what was there before.")


@dataclass(frozen=True, kw_only=True)
class Written:
    """One field that a run wrote on a side: its name, the mapping's key, both values, and the other side's value it was made from."""

    field: str
    key: str
    before: records.Value
    after: records.Value
    origin: records.Value


@dataclass(frozen=True, kw_only=True)
class LeftAlone:
    """One field that is not put back: its name and label, what the run wrote, what is there now, and why. Without a name, the whole
    record."""

    field: str
    label: str
    wrote: records.Value
    now: records.Value
    why: str


@dataclass(frozen=True, kw_only=True)
class PutBack:
    """What is written to take fields of one side back, what the other side holds at that, and what is left alone."""

    changes: tuple[plans.Change, ...] = ()
    origin_values: plans.Baseline
    left: tuple[LeftAlone, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Since:
    """What is known to have come after the run: who wrote a field later, by its name, and what the run itself found or wrote on
    the other side, by the mapping's key; those values are no later change."""

    later: Mapping[str, int]
    ours: Mapping[str, tuple[records.Value, ...]]


@dataclass(frozen=True, kw_only=True)
class Made:
    """A record that a run created: its id, and its revision when the run last wrote to it. `archivable` says that records of its
    kind can be archived, `in_use` names what stands in the way, `later` the run that wrote to it since (0: none)."""

    external_id: str
    revision: int | None
    archivable: bool
    in_use: str = ""
    later: int = 0


def combined(writes: Sequence[Written]) -> tuple[Written, ...]:
    """Make one of several writes to a field, in their order. What somebody put there in between is what was there before the last."""
    found: dict[str, Written] = {}
    for one in writes:
        first = found.get(one.field)
        goes_on = first is not None and first.after == one.before
        before = first.before if first is not None and goes_on else one.before
        found[one.field] = Written(field=one.field, key=one.key, before=before, after=one.after, origin=one.origin)
    return tuple(found.values())


def barred(*, left: records.Subject | None, right: records.Subject | None, plan: plans.PairPlan) -> str:
    """Say why nothing at all is written to a pair, going by where it stands; "" where it may be written."""
    if left is None or right is None:
        return say("It has no partner any more.")
    if plan.state in _WRITABLE and plan.reason not in _FOR_A_PERSON:
        return ""
    return plan.reason.label or f"{plan.state.label}."


def put_back(*, pair: merge.Pair, facts: plans.PairFacts, side: Side, written: Sequence[Written], since: Since) -> PutBack:
    """Put every field back that still holds what the run wrote, as long as the other side still says what it was made from."""
    subject = pair.left if side is Side.LEFT else pair.right
    known = {mapping.key: mapping for mapping in pair.rules.mappings}
    changes: list[plans.Change] = []
    origins: dict[str, records.Value] = {}
    left: list[LeftAlone] = []
    lines = any(spec.type is FieldType.LINES for one in written if (spec := _spec(known.get(one.key), side)))
    for one in written:
        mapping = known.get(one.key)
        spec = _spec(mapping, side)
        now = subject.value(one.field)
        if mapping is None or spec is None or spec.name != one.field:
            left.append(LeftAlone(field=one.field, label=one.field, wrote=one.after, now=now, why=str(_UNMAPPED)))
        elif now == one.before:
            continue  # it is back already
        elif why := str(_SUMS) if lines and spec.type is FieldType.NUMBER else _why_left(pair, facts, side, mapping, one, since):
            left.append(LeftAlone(field=one.field, label=spec.label, wrote=one.after, now=now, why=why))
        else:
            changes.append(plans.Change(field=one.field, before=now, after=one.before, key=one.key, why=str(_WHY)))
            origins[one.key] = _held(pair, side.other, mapping)
    return PutBack(changes=tuple(changes), origin_values=origins, left=tuple(left))


def why_kept(*, side: Side, record: records.Record, made: Made) -> str:
    """Say why a record that a run created is not archived; "" where it is."""
    name = side.label
    if record.ref.external_id != made.external_id:
        if not made.external_id:
            return say("The pair has another {system} record now. Archive the one with the id of then by hand.", system=name)
        return say(
            "The pair has another {system} record now. Archive the one with the id {number} by hand.",
            system=name, number=made.external_id,
        )
    if record.state is not RecordState.LIVE:
        return say("It is {state} already.", state=record.state.label.lower())
    if not made.archivable:
        return say("Records of this kind are never archived from here. Delete it, or make it void, in {system}.", system=name)
    if made.later:
        return say("Run #{run} wrote to it since. Archive it in {system} by hand if it should go.", run=made.later, system=name)
    if record.revision.number != made.revision:
        return say("It was changed in {system} since. Archive it there by hand if it should go.", system=name)
    return made.in_use


def apart(*, rules: rules.SyncRules, keys: Sequence[str], base_left: plans.Baseline, base_right: plans.Baseline) -> frozenset[str]:
    """Find the keys of fields that say different things on both sides from now on, because a person wanted an earlier value back."""
    known = {mapping.key: mapping for mapping in rules.mappings}
    return frozenset(
        key for key in keys
        if key in known and not mappings.agree(known[key], base_left.get(key), base_right.get(key), time_zone=rules.time_zone)
    )


def _why_left(
    pair: merge.Pair, facts: plans.PairFacts, side: Side, mapping: rules.Mapping, one: Written, since: Since,
) -> str:
    """Why a field is left alone; "" where it is put back."""
    spec = mapping.left if side is Side.LEFT else mapping.right
    now, there = _held(pair, side, mapping), _held(pair, side.other, mapping)
    if references.refers(spec):
        return say(
            "Lines and what a record belongs to are not put back from here. Change them in {system} by hand.", system=side.label
        )
    if not (merge.writable(pair.rules, mapping, side) and ownership.may_write(pair.rules, mapping, side, pair.left)):
        return str(_UNMAPPED)
    if one.field in since.later:
        return say("Run #{run} wrote it again.", run=since.later[one.field])
    if not (settling.same(spec, now, one.after) or _rewritten(facts, side, one, (now, there))):
        return say("It was changed in {system} since.", system=side.label)
    again = mappings.agree(mapping, *_ends(side, one.before, there), time_zone=pair.rules.time_zone)  # the other side says it again
    if not again and there not in (one.origin, *since.ours.get(one.key, ())):
        return say("It was changed in {system} since; that newer value is what counts.", system=side.other.label)
    refused = mappings.check(spec=spec, value=one.before)
    if not refused:
        return ""
    return say("{system} would not take the earlier value. {reason}", system=side.label, reason=refused.label)


def _rewritten(facts: plans.PairFacts, side: Side, one: Written, now: merge.Values) -> bool:
    """Whether a field holds what the side itself made of the value that the run wrote."""
    here, there = (facts.base_left, facts.base_right) if side is Side.LEFT else (facts.base_right, facts.base_left)
    known = one.key in facts.flagged and one.key in here and one.key in there
    return known and (here[one.key], there[one.key]) == now and now[1] == one.origin


def _held(pair: merge.Pair, side: Side, mapping: rules.Mapping) -> records.Value:
    return mappings.left_value(mapping, pair.left) if side is Side.LEFT else mappings.right_value(mapping, pair.right)


def _spec(mapping: rules.Mapping | None, side: Side) -> schema.FieldSpec | None:
    if mapping is None:
        return None
    return mapping.left if side is Side.LEFT else mapping.right


def _ends(side: Side, here: records.Value, there: records.Value) -> merge.Values:
    """Two values of a side and the other one, HubSpot's first."""
    return (here, there) if side is Side.LEFT else (there, here)
