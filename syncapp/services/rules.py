"""Freeze a config's settings into the rules that one run obeys.

Owns the way from rows to `engine.rules.SyncRules`, and its JSON form.
Whether the settings make sense is decided by `services.configs`.
"""
from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncapp import models
from syncapp.engine import rules, schema, transforms, vocabulary
from syncapp.services import defaults, drafts


def freeze(*, config: models.SyncConfig, draft: drafts.Draft | None = None) -> rules.SyncRules:
    """Copy a config's settings, mappings and filters as they are now; those of `draft` where it is given."""
    kinds, draft = defaults.of(config.object_pair), draft or drafts.saved(config=config)
    keys = match_keys(config=config)
    owner = defaults.ownership(config=config)
    return rules.SyncRules(
        revision=config.revision,
        left_kind=kinds.left_kind,
        right_kind=kinds.right_kind,
        direction=vocabulary.Direction(config.direction),
        create_to=vocabulary.CreateTo(config.create_to),
        mappings=tuple(_flowing(mapping, vocabulary.Direction(config.direction)) for mapping in mappings(rows=draft.mappings)),
        left_filters=_groups(draft, vocabulary.Side.LEFT),
        right_filters=_groups(draft, vocabulary.Side.RIGHT),
        match_mode=vocabulary.MatchMode(config.match_mode),
        match_keys=keys,
        key_required=config.key_required and bool(keys) and owner is None,
        conflict_winner=vocabulary.ConflictRule(config.conflict_winner),
        delete_policy=vocabulary.DeletePolicy(config.delete_policy),
        leave_policy=vocabulary.LeaveFilterPolicy(config.leave_policy),
        name_policy=vocabulary.NamePolicy(config.name_policy),
        name_field=kinds.name_field,
        full_name_field=kinds.full_name_field,
        name_suffix=config.name_suffix,
        given=defaults.given(config=config),
        ownership=owner,
        time_zone=config.left.time_zone,
        brakes=_brakes(config),
    )


def _brakes(config: models.SyncConfig) -> rules.Brakes:
    """The limits of one run; a number of 0 switches its brake off, share and all."""
    usual = rules.Brakes()
    return rules.Brakes(
        creates=config.brake_creates, creates_share=usual.creates_share if config.brake_creates else 0.0,
        updates=config.brake_updates, updates_share=usual.updates_share if config.brake_updates else 0.0,
        archives=config.brake_archives, archives_share=usual.archives_share if config.brake_archives else 0.0,
    )


def mappings(*, rows: Iterable[models.FieldMapping]) -> tuple[rules.Mapping, ...]:
    """Join each mapping with its fallbacks; where the main one is off, its fallback takes its place."""
    active = [row for row in rows if row.active]
    joined: dict[str, list[models.FieldMapping]] = defaultdict(list)
    for row in active:
        if row.fallback:
            joined[row.right_field.name].append(row)
    made = []
    for row in active:
        to_right = vocabulary.Direction(row.direction).allows(vocabulary.Side.RIGHT)
        if not row.fallback:
            made.append(_mapping(row, joined.pop(row.right_field.name, []) if to_right else []))
    promoted = [_mapping(first, others) for first, *others in joined.values()]
    return (*made, *promoted)


def single(*, row: models.FieldMapping) -> rules.Mapping:
    """Copy one mapping as it stands, on or off, by itself."""
    return _mapping(row, [])


def _flowing(mapping: rules.Mapping, direction: vocabulary.Direction) -> rules.Mapping:
    """A mapping with those steps only that the sync's direction lets anything go through."""
    steps = tuple(step for step in mapping.transforms if direction.allows(step.side))
    return mapping if steps == mapping.transforms else dataclasses.replace(mapping, transforms=steps)


def match_keys(*, config: models.SyncConfig) -> tuple[rules.MatchKey, ...]:
    """Tell by which pairs of fields records find each other, the strongest first."""
    if config.match_mode == vocabulary.MatchMode.DEFAULT:
        return defaults.match_keys(config=config)
    if config.match_mode == vocabulary.MatchMode.NONE or config.match_left is None or config.match_right is None:
        return ()
    left, right = vocabulary.FieldType(config.match_left.type), vocabulary.FieldType(config.match_right.type)
    kind = right if left is vocabulary.FieldType.TEXT else left
    return (rules.MatchKey(left=config.match_left.name, right=config.match_right.name, type=kind),)


def to_json(frozen: rules.SyncRules) -> dict[str, Any]:
    """Write rules as plain JSON, to be saved with a run."""
    return dataclasses.asdict(frozen)


def from_json(data: Mapping[str, Any]) -> rules.SyncRules:
    """Read rules that `to_json` wrote."""
    return rules.SyncRules(
        revision=data["revision"],
        left_kind=data["left_kind"],
        right_kind=data["right_kind"],
        direction=vocabulary.Direction(data["direction"]),
        create_to=vocabulary.CreateTo(data["create_to"]),
        mappings=tuple(map(_mapping_from, data["mappings"])),
        left_filters=tuple(map(_group_from, data["left_filters"])),
        right_filters=tuple(map(_group_from, data["right_filters"])),
        match_mode=vocabulary.MatchMode(data["match_mode"]),
        match_keys=tuple(
            rules.MatchKey(left=key["left"], right=key["right"], type=vocabulary.FieldType(key["type"])) for key in data["match_keys"]
        ),
        key_required=data["key_required"],
        conflict_winner=vocabulary.ConflictRule(data["conflict_winner"]),
        delete_policy=vocabulary.DeletePolicy(data["delete_policy"]),
        leave_policy=vocabulary.LeaveFilterPolicy(data["leave_policy"]),
        name_policy=vocabulary.NamePolicy(data["name_policy"]),
        name_field=data["name_field"],
        full_name_field=data.get("full_name_field", ""),
        name_suffix=data["name_suffix"],
        given=tuple(rules.Given(**{**one, "side": vocabulary.Side(one["side"])}) for one in data.get("given", ())),
        ownership=_ownership_from(data["ownership"]) if data.get("ownership") else None,
        time_zone=data["time_zone"],
        brakes=rules.Brakes(**data["brakes"]),
    )


def name_field(*, kind: str) -> str:
    """Name the field in which the names of a kind are unique at the vendor; "" where none has to be."""
    known = (defaults.of(pair) for pair in vocabulary.ObjectPair)
    return next((one.full_name_field or one.name_field for one in known if one.right_kind == kind), "")


def _mapping(row: models.FieldMapping, fallbacks: Sequence[models.FieldMapping]) -> rules.Mapping:
    return rules.Mapping(
        key=row.key,
        left=defaults.described(field=row.left_field),
        right=defaults.described(field=row.right_field),
        direction=vocabulary.Direction(row.direction),
        conflict=vocabulary.ConflictRule(row.conflict_rule),
        clears=row.clears,
        fallbacks=tuple(defaults.described(field=other.left_field) for other in fallbacks),
        value_map=tuple((value.left_value, value.right_value) for value in row.values.all()),
        transforms=tuple(drafts.transform(row=step) for step in row.transforms.all()),
    )


def _groups(draft: drafts.Draft, side: vocabulary.Side) -> tuple[rules.FilterGroup, ...]:
    """The groups of a side that ask for anything."""
    asking = ((group, conditions) for group, conditions in draft.groups if group.side == side and conditions)
    return tuple(rules.FilterGroup(name=group.name, rules=tuple(map(filter_rule, conditions))) for group, conditions in asking)


def filter_rule(row: models.FilterRule) -> rules.FilterRule:
    """Copy one condition."""
    return rules.FilterRule(
        field=defaults.described(field=row.field),
        operator=vocabulary.FilterOperator(row.operator),
        values=tuple(str(value) for value in row.values),
        include_unset=row.include_unset,
    )


def _mapping_from(data: Mapping[str, Any]) -> rules.Mapping:
    return rules.Mapping(
        key=data["key"],
        left=_spec_from(data["left"]),
        right=_spec_from(data["right"]),
        direction=vocabulary.Direction(data["direction"]),
        conflict=vocabulary.ConflictRule(data["conflict"]),
        clears=data["clears"],
        fallbacks=tuple(map(_spec_from, data["fallbacks"])),
        value_map=tuple((left, right) for left, right in data["value_map"]),
        transforms=tuple(map(_transform_from, data.get("transforms", ()))),
    )


def _transform_from(data: Mapping[str, Any]) -> transforms.Transform:
    return transforms.Transform(
        side=vocabulary.Side(data["side"]), kind=vocabulary.TransformKind(data["kind"]), setting=data["setting"]
    )


def _ownership_from(data: Mapping[str, Any]) -> rules.Ownership:
    return rules.Ownership(
        **{
            **data,
            "own": tuple(data["own"]),
            "guards": tuple((name, rules.Guard(guard)) for name, guard in data["guards"]),
            "gates": tuple(rules.Gate(**{**gate, "reason": vocabulary.Reason(gate["reason"])}) for gate in data["gates"]),
        }
    )


def _group_from(data: Mapping[str, Any]) -> rules.FilterGroup:
    return rules.FilterGroup(name=data["name"], rules=tuple(map(_rule_from, data["rules"])))


def _rule_from(data: Mapping[str, Any]) -> rules.FilterRule:
    return rules.FilterRule(
        field=_spec_from(data["field"]),
        operator=vocabulary.FilterOperator(data["operator"]),
        values=tuple(data["values"]),
        include_unset=data["include_unset"],
    )


def _spec_from(data: Mapping[str, Any]) -> schema.FieldSpec:
    choices = tuple((value, label) for value, label in data["choices"])
    return schema.FieldSpec(**{**data, "type": vocabulary.FieldType(data["type"]), "choices": choices})
