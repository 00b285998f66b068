"""What a baseline becomes once a write is answered, or once a read shows what came of a write without an answer.

Owns both halves of the baseline after a write. Reads nothing, decides no merge. Everything is by mapping key.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from syncapp.engine import normalize, plans, records, references, rules, schema
from syncapp.engine.vocabulary import FieldType, OperationKind, Side

QUARANTINE = timedelta(seconds=150)
"""How long a write without an answer is left alone: a vendor may still be at work on it."""


class Outcome(StrEnum):
    """What came of a write without an answer."""

    LANDED = "LANDED"
    NOT_LANDED = "NOT_LANDED"
    THIRD_VALUE = "THIRD_VALUE"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The halves after an answered write, and the keys that are flagged now: those which the side rewrites by itself."""

    base_left: plans.Baseline
    base_right: plans.Baseline
    flagged: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ThirdValue:
    """A value that is not what was sent, on a record that our write counts as having reached: both are listed, since their
    order is not known."""

    key: str
    before: records.Value
    sent: records.Value
    seen: records.Value


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What a read tells of a write without an answer: keys that landed, keys that did not, and third values (taken as landed)."""

    base_left: plans.Baseline
    base_right: plans.Baseline
    landed: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    third: tuple[ThirdValue, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The outcome of the whole write: not landed only if no part of it did, third value if one has to be listed."""
        if self.third:
            return Outcome.THIRD_VALUE
        return Outcome.NOT_LANDED if self.missed and not self.landed else Outcome.LANDED


def settle(
    *, rules: rules.SyncRules, side: Side, sent: plans.Baseline, answer: plans.Baseline, origin_values: plans.Baseline,
    base_left: plans.Baseline, base_right: plans.Baseline, flagged: frozenset[str] = frozenset(),
) -> Settled:
    """Take an answered write into the baseline.

    The written side's half is what the answer shows (what was sent, where the answer does not show the field), the other half
    is the value it was made from. A value that came back changed beyond equality is accepted and flagged, never sent again.
    Where a new record was made of one without a value, nothing was sent: if it has none either, they agree on that.
    """
    specs = _specs(rules, side)
    written = {key: answer.get(key, value) for key, value in sent.items()}
    rewritten = {key for key, stored in written.items() if not same(specs.get(key), sent[key], stored)}
    left, right = _halves(side, {**_both_empty(specs, sent, answer, origin_values), **written}, origin_values, base_left, base_right)
    return Settled(base_left=left, base_right=right, flagged=(flagged - written.keys()) | rewritten)


def settle_unknown(
    *, rules: rules.SyncRules, side: Side, kind: OperationKind, before: plans.Baseline, sent: plans.Baseline, seen: plans.Baseline,
    origin_values: plans.Baseline, base_left: plans.Baseline, base_right: plans.Baseline,
) -> Recovered:
    """Take what a read shows of a write without an answer into the baseline.

    The value sent: it landed. The operation's own value before: it did not, and is planned again. Anything else: it landed and
    was edited since, so what was sent is the half and the edit will be seen as a change. A create that was found did land, and
    so did the whole of a call of which one part did; where no part did and one stands as before, nothing of the call did, and
    another value is an edit like any other. Lines are written one by one: if they are neither, they are half done, and what stands
    there is ours to go on with.
    """
    specs = _specs(rules, side)
    landed = {key for key, value in sent.items() if same(specs.get(key), value, seen.get(key))}
    arrived = {_call(specs.get(key), key) for key in landed if not same(specs.get(key), before.get(key), seen.get(key))}
    if kind is OperationKind.CREATE:
        arrived = {_call(specs.get(key), key) for key in sent}
    kept = {key for key in sent if key not in landed and _call(specs.get(key), key) not in arrived and seen.get(key) == before.get(key)}
    half_done = {key for key in sent.keys() - landed - kept if _is_lines(specs.get(key))}
    absent = {_call(specs.get(key), key) for key in kept}
    missed = tuple(key for key in sent if key in half_done or (key not in landed and _call(specs.get(key), key) in absent))
    third = tuple(
        ThirdValue(key=key, before=before.get(key), sent=value, seen=seen.get(key))
        for key, value in sent.items() if key not in landed and key not in missed
    )
    written = {key: seen.get(key) if key in landed else value for key, value in sent.items() if key not in missed}
    left, right = _halves(side, written, origin_values, base_left, base_right)
    ours = {key: seen.get(key) for key in half_done}
    left, right = ({**left, **ours}, {**dict.fromkeys(ours), **right}) if side is Side.LEFT else (
        {**dict.fromkeys(ours), **left}, {**right, **ours},
    )
    return Recovered(
        base_left=left, base_right=right, landed=tuple(key for key in sent if key in landed), missed=missed, third=third,
    )


def _both_empty(
    specs: Mapping[str, schema.FieldSpec], sent: plans.Baseline, answer: plans.Baseline, origin_values: plans.Baseline
) -> plans.Baseline:
    """The mappings for which there was nothing to send, and nothing has come of it."""
    unsent = (key for key, origin in origin_values.items() if origin is None and key in specs and key not in sent)
    return {key: None for key in unsent if answer.get(key) is None}


def same(spec: schema.FieldSpec | None, one: records.Value, two: records.Value) -> bool:
    """Tell whether a side holds the same; a field that is no longer mapped is compared exactly."""
    if one == two or spec is None:
        return one == two
    if references.refers(spec):
        return references.same(own=spec, one=one, two=two)
    return normalize.agree(left_spec=spec, right_spec=spec, left=one, right=two)


def _call(spec: schema.FieldSpec | None, key: str) -> str:
    """Which of the calls of a write carries a field: what names other records has one of its own, the rest goes together."""
    return key if spec is not None and references.refers(spec) else ""


def _is_lines(spec: schema.FieldSpec | None) -> bool:
    return spec is not None and spec.type is FieldType.LINES


def _specs(rules: rules.SyncRules, side: Side) -> dict[str, schema.FieldSpec]:
    return {mapping.key: mapping.left if side is Side.LEFT else mapping.right for mapping in rules.mappings}


def _halves(
    side: Side, written: Mapping[str, records.Value], origin_values: plans.Baseline, base_left: plans.Baseline, base_right: plans.Baseline,
) -> tuple[plans.Baseline, plans.Baseline]:
    """Both halves with what was written and what it was made from; a value without an origin belongs to no mapping."""
    mine = {key: value for key, value in written.items() if key in origin_values}
    other = {key: origin_values[key] for key in mine}
    left, right = (mine, other) if side is Side.LEFT else (other, mine)
    return {**base_left, **left}, {**base_right, **right}
