"""What the engine answers: for one pair, where it stands, what to write and why.

Owns the shapes. The services save them and carry them out.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncapp.engine import records, vocabulary

Baseline = Mapping[str, records.Value]
"""One half of a baseline: the value of each mapping key on that side when both were last agreed."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person decided for one field of a pair: take this value, one side's or a third one.

    `seen` are the two values that were decided about; where they are given, a side that was edited since is not overwritten.
    """

    key: str
    value: records.Value
    seen: tuple[records.Value, records.Value] | None = None


@dataclass(frozen=True, kw_only=True)
class PairFacts:
    """What is remembered of a pair, for the planner.

    `flagged` are mapping keys that a side rewrites by itself, or that an undo left different; `excluded_by_hand` is a person's word;
    `was_linked` says that both sides were in sync at some time; `reason` and `detail` are why the pair is in its state.
    `archive_wanted` is the revision at which a person wanted the record that is left archived too; one that moved on since stays.
    """

    state: vocabulary.PairState
    base_left: Baseline = field(default_factory=dict)
    base_right: Baseline = field(default_factory=dict)
    decisions: tuple[Decision, ...] = ()
    flagged: frozenset[str] = frozenset()
    excluded_by_hand: bool = False
    reason: vocabulary.Reason = vocabulary.Reason.NONE
    detail: Mapping[str, object] = field(default_factory=dict)
    was_linked: bool = False
    archive_wanted: int | None = None


@dataclass(frozen=True, kw_only=True)
class Change:
    """One field to write: the vendor's field name, the value before and after, the mapping's key, and why in words."""

    field: str
    before: records.Value
    after: records.Value
    key: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Action:
    """One write to one side. `origin_values` holds, per mapping key, the value on the other side it was made from;
    of a create also None where that side has no value, so that nothing is sent."""

    side: vocabulary.Side
    kind: vocabulary.OperationKind
    ref: records.RecordRef | None
    expected: records.Revision | None
    changes: tuple[Change, ...]
    origin_values: Baseline


@dataclass(frozen=True, kw_only=True)
class ConflictFound:
    """Both sides changed one field. `winner` is the side that the rule chose, None where a person is asked."""

    key: str
    base: records.Value
    left: records.Value
    right: records.Value
    left_changed_at: datetime | None
    right_changed_at: datetime | None
    winner: vocabulary.Side | None
    why: str


@dataclass(frozen=True, kw_only=True)
class PairPlan:
    """Where a pair stands after planning, and at most one action.

    `base_left` and `base_right` replace the stored halves. `again` asks for another look after the action is done.
    `detail` is plain JSON for the page: names of fields, conditions and values behind the reason.
    """

    state: vocabulary.PairState
    reason: vocabulary.Reason = vocabulary.Reason.NONE
    detail: Mapping[str, object] = field(default_factory=dict)
    base_left: Baseline = field(default_factory=dict)
    base_right: Baseline = field(default_factory=dict)
    action: Action | None = None
    conflicts: tuple[ConflictFound, ...] = ()
    again: bool = False
