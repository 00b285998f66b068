"""The frozen copy of a config that one run obeys.

Owns the shape of the rules and their JSON form (saved with the run). Decides nothing.
"""
from __future__ import annotations

import enum
from dataclasses import dataclass, field

from syncapp.engine import schema, transforms, vocabulary


@dataclass(frozen=True, kw_only=True)
class FilterRule:
    """One condition. `field` may be of an associated record (`invoices.hs_invoice_status`).

    `values` are canonical; what they mean depends on the operator (one value, two ends, a list, days, a unit of time,
    the name of another field). `include_unset` lets records without a value pass.
    """

    field: schema.FieldSpec
    operator: vocabulary.FilterOperator
    values: tuple[str, ...] = ()
    include_unset: bool = False


@dataclass(frozen=True, kw_only=True)
class FilterGroup:
    """All rules must hold. Rules on one associated kind must hold for one and the same associated record."""

    name: str
    rules: tuple[FilterRule, ...]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """One pair of fields. `key` names it in the baseline and never changes.

    `fallbacks` are left fields used, in order, where the left field is blank (only for values written to the right).
    `transforms` are the steps that a value takes on its way to either side, in order.
    """

    key: str
    left: schema.FieldSpec
    right: schema.FieldSpec
    direction: vocabulary.Direction = vocabulary.Direction.BOTH
    conflict: vocabulary.ConflictRule = vocabulary.ConflictRule.CONFIG
    clears: bool = False
    fallbacks: tuple[schema.FieldSpec, ...] = ()
    value_map: tuple[tuple[str, str], ...] = ()
    transforms: tuple[transforms.Transform, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MatchKey:
    """A pair of fields that tells that two records are the same one; `type` decides how they are normalized."""

    left: str
    right: str
    type: vocabulary.FieldType


@dataclass(frozen=True, kw_only=True)
class Given:
    """A value that the sync's settings give to every record that is created on a side; `label` names the field in sentences,
    `words` the value.

    Without a value nothing can be created there or, where `needed_for` names a field, nothing that has a value in that field.
    `{id}` in a value is the id of the record that it is made from: a mark, by which a create without an answer is found among the
    records with the same value in the field `sought_by`.
    """

    side: vocabulary.Side
    field: str
    label: str
    value: str = ""
    words: str = ""
    needed_for: str = ""
    sought_by: str = ""


class Guard(enum.StrEnum):
    """What may not happen on the right to a value of a record that was born left."""

    LINES = "LINES"
    NOT_LESS = "NOT_LESS"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """Left records that have this value never get a partner on the right, and why."""

    field: str
    value: str | bool
    reason: vocabulary.Reason
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Whose a record is, where it belongs to the side on which it was born.

    The left `field` has the value `of_right` on records that only stand for one of the right: nothing flows back from them. On all
    others the left fields `own` are never written, and right fields with a guard may not change in the way that it forbids.
    `lines` is the left field whose lines come to the left field `total`, to which the right field `right_total` must come too.
    Nothing is made on the right without the record that the right field `anchor` names.
    """

    field: str
    of_right: str | bool
    own: tuple[str, ...] = ()
    guards: tuple[tuple[str, Guard], ...] = ()
    gates: tuple[Gate, ...] = ()
    lines: str = ""
    total: str = ""
    right_total: str = ""
    anchor: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """The left fields that are looked at, mapped or not."""
        names = (self.field, *(gate.field for gate in self.gates), self.lines, self.total)
        return tuple(name for name in dict.fromkeys(names) if name)


@dataclass(frozen=True, kw_only=True)
class Brakes:
    """How much one run may do by itself: absolute floors and shares of the config's pairs. 0 switches one off."""

    creates: int = 50
    creates_share: float = 0.05
    updates: int = 50
    updates_share: float = 0.30
    archives: int = 10
    archives_share: float = 0.02


@dataclass(frozen=True, kw_only=True)
class SyncRules:
    """Everything the engine needs to know of a config. Filters are OR-ed groups; no group lets everything in.

    `name_field` is the right field that is written with a name; `full_name_field`, where it is another one, is the field in
    which names are unique. `ownership` is set where records belong to the side on which they were born, and both may be written.
    """

    revision: int
    left_kind: str
    right_kind: str
    direction: vocabulary.Direction
    create_to: vocabulary.CreateTo
    mappings: tuple[Mapping, ...]
    left_filters: tuple[FilterGroup, ...] = ()
    right_filters: tuple[FilterGroup, ...] = ()
    match_mode: vocabulary.MatchMode = vocabulary.MatchMode.DEFAULT
    match_keys: tuple[MatchKey, ...] = ()
    key_required: bool = True
    conflict_winner: vocabulary.ConflictRule = vocabulary.ConflictRule.RIGHT
    delete_policy: vocabulary.DeletePolicy = vocabulary.DeletePolicy.REVIEW
    leave_policy: vocabulary.LeaveFilterPolicy = vocabulary.LeaveFilterPolicy.STOP
    name_policy: vocabulary.NamePolicy = vocabulary.NamePolicy.FAIL
    name_field: str = ""
    full_name_field: str = ""
    name_suffix: str = " ({n})"
    given: tuple[Given, ...] = ()
    ownership: Ownership | None = None
    time_zone: str = "UTC"
    brakes: Brakes = field(default_factory=Brakes)
