"""What a new sync starts with: which kinds it keeps in step, the recommended mappings and the recommended filters.

Owns the way from the tables in `object_pairs` to a sync's rows. What depends on the account (which fields it has, what its choices
are called) is looked up when the sync is set up and then stays as it is: a date in a recommended filter is that day's for good.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import rules, schema, values, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side
from syncapp.services import object_pairs, recommended


def of(object_pair: str) -> recommended.ObjectDefaults:
    """Look up what is particular to a pair of objects."""
    return object_pairs.OBJECTS[vocabulary.ObjectPair(object_pair)]


def unasked(*, kind: str) -> frozenset[FilterOperator]:
    """Name the conditions that no field of a kind can answer: what was before, where the vendor does not tell it."""
    return frozenset() if factory.keeps_history(kind=kind) else schema.ABOUT_THE_PAST


def kinds(*, system: vocabulary.System) -> tuple[str, ...]:
    """Name the kinds of record of a vendor that any sync keeps in step."""
    left = system is vocabulary.System.HUBSPOT
    return tuple(dict.fromkeys(entry.left_kind if left else entry.right_kind for entry in object_pairs.OBJECTS.values()))


def ownership(*, config: models.SyncConfig) -> rules.Ownership | None:
    """Tell by which rules a config's records belong to the side on which they were born; None where only one side is ever written."""
    found = of(config.object_pair).ownership if Direction(config.direction).allows(Side.RIGHT) else None
    return found and replace(found, gates=tuple(replace(gate, words=str(gate.words)) for gate in found.gates))


def match_keys(*, config: models.SyncConfig) -> tuple[rules.MatchKey, ...]:
    """Tell the usual keys of a config's records."""
    entry = of(config.object_pair)
    return entry.own_keys if entry.own_keys and ownership(config=config) else entry.match_keys


def made_here(*, kind: str) -> tuple[schema.FieldSpec, ...]:
    """List the fields of a kind of record that no vendor has, since we make it; none for any other kind."""
    return next((entry.made_here for entry in object_pairs.OBJECTS.values() if entry.right_kind == kind), ())


def composed(*, kind: str) -> frozenset[str]:
    """Name the fields of a QuickBooks kind that no record holds, since they are put together when a pair is planned."""
    known = (entry.composition for entry in object_pairs.OBJECTS.values() if entry.right_kind == kind)
    return frozenset(name for composition in known if composition for name in composition.fields)


def given(*, config: models.SyncConfig) -> tuple[rules.Given, ...]:
    """Gather what the config's settings give to every new QuickBooks record, in words as last read."""
    entry = of(config.object_pair)
    wanted = [one.field for one in entry.new_values]
    offered = models.VendorField.objects.filter(connection_id=config.right_id, kind=entry.right_kind, name__in=wanted)
    choices = dict(offered.values_list("name", "choices"))
    made = [replace(one, words=str(one.words)) for one in entry.born_with]
    for one in entry.new_values:
        value = getattr(config, one.setting)
        known = {str(code): str(label) for code, label in choices.get(one.field, ())}
        made.append(
            rules.Given(
                side=Side.RIGHT, field=one.field, label=str(one.label), value=value, words=known.get(value, ""), needed_for=one.needed_for
            )
        )
    return tuple(made)


def fill(*, config: models.SyncConfig, now: datetime) -> None:
    """Give a new config the recommended mappings and filters, as far as its accounts have the fields."""
    entry = of(config.object_pair)
    left, right = _fields(config.left_id, entry.left_kind), _fields(config.right_id, entry.right_kind)
    models.FieldMapping.objects.bulk_create(_mappings(config, entry.mappings, left, right))
    _add_group(config, Side.LEFT, entry.left_filters, left, now)
    _add_group(config, Side.RIGHT, entry.right_filters, right, now)


def complete(*, config: models.SyncConfig, now: datetime) -> int:
    """Give a config what is recommended in its present direction and missing, and return how much that is.

    Mappings that are there and narrower than recommended flow again as recommended. Those that were switched off, and filters
    that are there, stay.
    """
    entry = of(config.object_pair)
    left, right = _fields(config.left_id, entry.left_kind), _fields(config.right_id, entry.right_kind)
    there = {(row.left_field_id, row.right_field_id): row for row in config.mappings.all()}
    added, changed = [], 0
    for wanted in _mappings(config, entry.mappings, left, right):
        row = there.get((wanted.left_field_id, wanted.right_field_id))
        if row is None:
            added.append(wanted)
        elif row.active and row.direction != wanted.direction and wanted.direction == Direction.BOTH:
            row.direction = wanted.direction
            row.save(update_fields=["direction"])
            changed += 1
    models.FieldMapping.objects.bulk_create(added)
    groups = 0
    for side, wished, fields in ((Side.LEFT, entry.left_filters, left), (Side.RIGHT, entry.right_filters, right)):
        if not config.filter_groups.filter(side=side).exists():
            groups += _add_group(config, side, tuple(group for group in wished if group.if_flows), fields, now)
    return len(added) + changed + groups


def described(*, field: models.VendorField) -> schema.FieldSpec:
    """Describe a field as the engine knows it."""
    return schema.FieldSpec(
        name=field.name,
        label=field.label,
        type=FieldType(field.type),
        writable=field.writable,
        required=field.required,
        unique=field.unique_value,
        max_length=field.max_length,
        decimals=field.decimals,
        choices=tuple((str(value), str(label)) for value, label in field.choices),
        associated_kind=field.associated_kind,
        reason=field.reason,
        currency=field.currency,
        refers_to=field.refers_to,
        initial=field.initial,
        later=field.later,
        yields=field.yields,
        keeps_history=factory.keeps_history(
            kind=field.associated_kind or field.kind, name=field.name.removeprefix(f"{field.associated_kind}.")
        ),
    )


def _fields(connection_id: int, kind: str) -> dict[str, models.VendorField]:
    offered = models.VendorField.objects.filter(connection_id=connection_id, kind=kind, archived=False, reason="")
    return {field.name: field for field in offered}


def _mappings(
    config: models.SyncConfig,
    wished: Iterable[recommended.RecommendedMapping],
    left: Mapping[str, models.VendorField],
    right: Mapping[str, models.VendorField],
) -> list[models.FieldMapping]:
    made = []
    for position, wanted in enumerate(wished):
        ends = left.get(wanted.left), right.get(wanted.right)
        if ends[0] is None or ends[1] is None:
            continue
        direction = _possible(_wanted(config, wanted), ends[0], ends[1])
        if direction is not None:
            made.append(
                models.FieldMapping(
                    config=config, left_field=ends[0], right_field=ends[1], direction=direction, fallback=wanted.fallback,
                    clears=wanted.clears, position=position,
                )
            )
    return made


def _wanted(config: models.SyncConfig, wanted: recommended.RecommendedMapping) -> Direction:
    """The recommended direction, as the company's settings have it."""
    if wanted.only_if is None or config.right.details.get(wanted.only_if[0]) == wanted.only_if[1]:
        return wanted.direction
    return Direction.TO_LEFT


def _possible(wanted: Direction, left: models.VendorField, right: models.VendorField) -> Direction | None:
    """The recommended direction, or the part of it that the account's fields allow."""
    narrower = (wanted, Direction.TO_RIGHT, Direction.TO_LEFT) if wanted is Direction.BOTH else (wanted,)
    ends = described(field=left), described(field=right)
    return next((one for one in narrower if not schema.mapping_problems(left=ends[0], right=ends[1], direction=one)), None)


def _add_group(
    config: models.SyncConfig,
    side: Side,
    wished: Iterable[recommended.RecommendedGroup],
    fields: Mapping[str, models.VendorField],
    now: datetime,
) -> int:
    """The first group that fits. Returns how many were added."""
    since = _start_of_day(config.left if side is Side.LEFT else config.right, now)
    flows = Direction(config.direction).allows(side.other)
    for group in (one for one in wished if flows or not one.if_flows):
        found = [_rule(rule, fields, since) for rule in group.rules]
        if all(rule is not None for rule in found):
            saved = models.FilterGroup.objects.create(config=config, side=side, name=str(group.name))
            for position, rule in enumerate(rule for rule in found if rule is not None):
                rule.group, rule.position = saved, position
                rule.save()
            return 1
    return 0


def _start_of_day(connection: models.Connection, now: datetime) -> datetime:
    """Midnight before the moment, where the account is: what was made earlier on the day of set-up counts as new."""
    return now.astimezone(values.zone(connection.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def _rule(wanted: recommended.RecommendedRule, fields: Mapping[str, models.VendorField], since: datetime) -> models.FilterRule | None:
    field = next((fields[name] for name in wanted.fields if name in fields), None)
    if field is None:
        return None
    if wanted.since_setup:
        return models.FilterRule(field=field, operator=wanted.operator, values=[_moment(field, since)], frozen=True)
    chosen = [value for value, label in field.choices if {value.casefold(), label.casefold()} & set(wanted.choices)]
    return models.FilterRule(field=field, operator=wanted.operator, values=chosen, frozen=True) if chosen else None


def _moment(field: models.VendorField, since: datetime) -> str:
    return since.date().isoformat() if field.type == FieldType.DATE else values.instant_text(since)
