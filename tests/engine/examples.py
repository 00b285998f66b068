"""Small records, fields and rules from which the engine's tests are put together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from syncapp.engine import merge, plans, records, rules, schema
from syncapp.engine.vocabulary import (
    ConflictRule,
    CreateTo,
    Direction,
    FieldType,
    FilterOperator,
    PairState,
    RecordState,
    Side,
)

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def field(name: str, type: FieldType = FieldType.TEXT, **more: Any) -> schema.FieldSpec:
    """A field whose label is its name, and whose earlier values can be read."""
    return schema.FieldSpec(name=name, label=more.pop("label", name), type=type, keeps_history=more.pop("keeps_history", True), **more)


def mapping(key: str, left: schema.FieldSpec | None = None, right: schema.FieldSpec | None = None, **more: Any) -> rules.Mapping:
    """A mapping between `key` on the left and `KEY` on the right."""
    return rules.Mapping(key=key, left=left or field(key), right=right or field(key.upper()), **more)


EMAIL = mapping("email", field("email", FieldType.EMAIL), field("EMAIL", FieldType.EMAIL))
CITY = mapping("city")
EMAIL_KEY = rules.MatchKey(left="email", right="EMAIL", type=FieldType.EMAIL)


def sync(*mappings: rules.Mapping, **more: Any) -> rules.SyncRules:
    """The rules of a two-way sync that creates on both sides; QuickBooks wins conflicts."""
    given: dict[str, Any] = {"direction": Direction.BOTH, "create_to": CreateTo.BOTH, "conflict_winner": ConflictRule.RIGHT, **more}
    return rules.SyncRules(revision=1, left_kind="contacts", right_kind="customer", mappings=mappings, **given)


def condition(spec: schema.FieldSpec, operator: FilterOperator, *values: str, include_unset: bool = False) -> rules.FilterRule:
    """One filter rule."""
    return rules.FilterRule(field=spec, operator=operator, values=values, include_unset=include_unset)


def group(*conditions: rules.FilterRule, name: str = "Group 1") -> rules.FilterGroup:
    """One filter group."""
    return rules.FilterGroup(name=name, rules=conditions)


def subject(
    side: Side = Side.LEFT,
    *,
    state: RecordState = RecordState.LIVE,
    updated_at: datetime = NOW,
    number: int = 1,
    external_id: str = "1",
    related: Mapping[str, tuple[Mapping[str, records.Value], ...]] | None = None,
    past: records.Past | None = None,
    related_past: Mapping[str, tuple[records.Past, ...]] | None = None,
    **values: records.Value,
) -> records.Subject:
    """A record with those values."""
    record = records.Record(
        ref=records.RecordRef(kind="contacts" if side is Side.LEFT else "customer", external_id=external_id),
        revision=records.Revision(number=number, updated_at=updated_at, token=str(number)),
        values=values,
        state=state,
        created_at=updated_at,
        label="Ann Lee",
    )
    return records.Subject(record=record, related=related or {}, past=past or {}, related_past=related_past or {})


def contact(**more: Any) -> records.Subject:
    """A record of the left."""
    return subject(Side.LEFT, **more)


def customer(**more: Any) -> records.Subject:
    """A record of the right."""
    return subject(Side.RIGHT, **more)


def facts(base_left: plans.Baseline | None = None, base_right: plans.Baseline | None = None, **more: Any) -> plans.PairFacts:
    """What is remembered of a pair in sync."""
    given: dict[str, Any] = {"state": PairState.LINKED, **more}
    return plans.PairFacts(base_left=base_left or {}, base_right=base_right or {}, **given)


def agreed(key: str, left: records.Value, right: records.Value, **more: Any) -> plans.PairFacts:
    """What is remembered of a pair with one field that was agreed."""
    return facts({key: left}, {key: right}, **more)


def merged(
    sync_rules: rules.SyncRules,
    left: records.Subject,
    right: records.Subject,
    known: plans.PairFacts | None = None,
) -> merge.Merged:
    """The merge of a pair."""
    return merge.merge(pair=merge.Pair(sync_rules, left, right), facts=known or facts())


def written(result: merge.Merged, side: Side) -> dict[str, records.Value]:
    """What a merge writes to a side, by field."""
    return {change.field: change.after for change in result.writes.get(side, [])}
