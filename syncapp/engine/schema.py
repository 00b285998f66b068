"""What a field can hold, which fields may be mapped to which, and which questions may be asked of a field.

Owns the specification of a field and the rules a config is checked by when it is saved. Knows no vendor.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncapp.engine import transform_checks, values, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side, TransformKind

if TYPE_CHECKING:
    from syncapp.engine import rules, transforms


@dataclass(frozen=True, kw_only=True)
class FieldSpec:
    """One field of one kind of record, as the connection's account has it.

    `name` is the vendor's own (`firstname`, `PrimaryEmailAddr.Address`) or, for an associated record's field,
    `kind.name` (`companies.name`; then `associated_kind` says which kind). `writable` means that we may write it;
    `reason` says why it is not offered where it is not; `decimals` limits a number's places where the vendor does;
    `currency`, the account's own, is set where the number is an amount of money and where currencies are what can be chosen.
    `refers_to` names the kind of record, on the field's own side, that the field or its lines name by id; of what is composed from
    HubSpot's associations it is HubSpot's kind on both sides. A create cannot set a `later` field: it is written once the record is
    there. `initial` is what the vendor gives every new record, which counts as nothing until both sides were agreed. What a person
    puts into a field that `yields` is never undone. `keeps_history` says that its earlier values can be read.
    """

    name: str
    label: str
    type: vocabulary.FieldType
    writable: bool = True
    required: bool = False
    unique: bool = False
    max_length: int | None = None
    decimals: int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    associated_kind: str = ""
    reason: str = ""
    currency: str = ""
    refers_to: str = ""
    initial: str = ""
    later: bool = False
    yields: bool = False
    keeps_history: bool = False


ALIKE = frozenset({("contacts", "customer"), ("companies", "customer"), ("products", "item")})
"""Kinds of left and right whose records stand for one another where a field names them."""

_REFERRING = frozenset({FieldType.REFERENCE, FieldType.LINES})
UNITS = ("day", "week", "month", "quarter", "year")

_KNOWN = (FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN)
_TEXT = (
    FilterOperator.EQUALS, FilterOperator.NOT_EQUALS, FilterOperator.CONTAINS, FilterOperator.NOT_CONTAINS,
    FilterOperator.CONTAINS_EXACTLY, FilterOperator.NOT_CONTAINS_EXACTLY, FilterOperator.STARTS_WITH, FilterOperator.ENDS_WITH,
    FilterOperator.EVER_EQUALED, FilterOperator.NEVER_EQUALED, FilterOperator.EVER_CONTAINED, FilterOperator.NEVER_CONTAINED,
)
_NUMBER = (
    FilterOperator.EQUALS, FilterOperator.NOT_EQUALS, FilterOperator.GREATER, FilterOperator.GREATER_OR_EQUAL,
    FilterOperator.LESS, FilterOperator.LESS_OR_EQUAL, FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN,
    FilterOperator.EVER_EQUALED, FilterOperator.NEVER_EQUALED,
)
_BOOLEAN = (FilterOperator.EQUALS, FilterOperator.NOT_EQUALS, FilterOperator.EVER_EQUALED, FilterOperator.NEVER_EQUALED)
_CHOICE = (
    FilterOperator.ANY_OF, FilterOperator.NONE_OF, FilterOperator.EXACTLY, FilterOperator.NOT_EXACTLY,
    FilterOperator.CONTAINS_ALL, FilterOperator.NOT_CONTAINS_ALL, FilterOperator.EVER_ANY_OF, FilterOperator.NEVER_ANY_OF,
    FilterOperator.EVER_EXACTLY, FilterOperator.NEVER_EXACTLY, FilterOperator.EVER_CONTAINED_ALL, FilterOperator.NEVER_CONTAINED_ALL,
)
_DAYS = (
    FilterOperator.LESS_THAN_DAYS_AGO, FilterOperator.MORE_THAN_DAYS_AGO,
    FilterOperator.LESS_THAN_DAYS_AHEAD, FilterOperator.MORE_THAN_DAYS_AHEAD,
)
_PERIODS = (FilterOperator.IN_THIS, FilterOperator.IN_THIS_SO_FAR, FilterOperator.IN_NEXT, FilterOperator.IN_LAST)
_FIELDS = (FilterOperator.BEFORE_FIELD, FilterOperator.AFTER_FIELD)
_RANGES = (FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN)
_TIME = (FilterOperator.BEFORE, FilterOperator.AFTER, *_RANGES, *_DAYS, *_PERIODS, *_FIELDS)
_NOW = {
    FilterOperator.EVER_EQUALED: FilterOperator.EQUALS, FilterOperator.NEVER_EQUALED: FilterOperator.NOT_EQUALS,
    FilterOperator.EVER_CONTAINED: FilterOperator.CONTAINS, FilterOperator.NEVER_CONTAINED: FilterOperator.NOT_CONTAINS,
    FilterOperator.EVER_ANY_OF: FilterOperator.ANY_OF, FilterOperator.NEVER_ANY_OF: FilterOperator.NONE_OF,
    FilterOperator.EVER_EXACTLY: FilterOperator.EXACTLY, FilterOperator.NEVER_EXACTLY: FilterOperator.NOT_EXACTLY,
    FilterOperator.EVER_CONTAINED_ALL: FilterOperator.CONTAINS_ALL, FilterOperator.NEVER_CONTAINED_ALL: FilterOperator.NOT_CONTAINS_ALL,
}
"""What asks of the present what these ask of all times."""

ABOUT_THE_PAST = frozenset(_NOW)

_TEXTUAL = (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL)
_TIMES = (FieldType.DATE, FieldType.DATETIME)
_MAPPABLE_BY_VALUE = (FieldType.TEXT, FieldType.CHOICE, FieldType.BOOLEAN)


def operators_for(type: FieldType) -> tuple[FilterOperator, ...]:
    """List the questions that may be asked of a field of that type."""
    if type in _TEXTUAL:
        return (*_TEXT, *_KNOWN)
    if type in _TIMES:
        return (*_TIME, *_KNOWN)
    fitting = {FieldType.NUMBER: _NUMBER, FieldType.BOOLEAN: _BOOLEAN, FieldType.CHOICE: _CHOICE, FieldType.CHOICES: _CHOICE}
    return (*fitting.get(type, ()), *_KNOWN)


def carries(*, origin: FieldType, into: FieldType, by_value: bool = False) -> bool:
    """Tell whether a value of one type can be written into a field of another; `by_value` where a value map translates."""
    if origin is into:
        return True
    if not _REFERRING.isdisjoint((origin, into)):
        return False
    if into is FieldType.TEXT or (origin in _TIMES and into in _TIMES):
        return True
    if by_value and origin in _MAPPABLE_BY_VALUE and into in _MAPPABLE_BY_VALUE:
        return True
    return origin is FieldType.TEXT and into in _TEXTUAL


def mapping_problems(
    *, left: FieldSpec, right: FieldSpec, direction: Direction, clears: bool = False,
    fallbacks: Sequence[FieldSpec] = (), value_map: Sequence[tuple[str, str]] = (), steps: Sequence[transforms.Transform] = (),
    names: transform_checks.Names | None = None,
) -> tuple[str, ...]:
    """Say what is wrong with a mapping, each time with the field and the remedy; nothing where it can be saved.

    `names` are the fields known of each side, for the templates among the steps; without them those names are not checked.
    """
    problems = [*_not_offered(Side.LEFT, left), *_not_offered(Side.RIGHT, right)]
    for spec in fallbacks:
        problems += _not_offered(Side.LEFT, spec)
    for side, spec, origin in ((Side.LEFT, left, right), (Side.RIGHT, right, left)):
        if direction.allows(side):
            kinds = {step.kind for step in steps if step.side is side}
            read = replace(origin, type=FieldType.TEXT) if TransformKind.TEMPLATE in kinds else origin
            by_value = bool(value_map) or TransformKind.COUNTRY_ISO in kinds
            problems += _end_problems(side, spec, read, clears=clears, by_value=by_value)
    problems += _fallback_problems(right, direction, fallbacks, clears=clears, by_value=bool(value_map))
    problems += (*_currency_problems(left, right), *_unlike(left, right))
    unfit = transform_checks.step_problems(left=left, right=right, direction=direction, steps=steps, names=names)
    problems += [one.words for one in unfit]
    if left.type is right.type is FieldType.CHOICE and not (value_map or steps) and _strangers(left, right):
        problems.append(f"{_named(Side.LEFT, left)} and {_named(Side.RIGHT, right)} have no value in common: add a value map.")
    return tuple(problems)


def filter_problems(
    rule: rules.FilterRule, *, fields: Mapping[str, FieldSpec] | None = None, vendor: str = "The account",
) -> tuple[str, ...]:
    """Say what is wrong with a filter rule, each time with the field and the remedy; nothing where it can be saved.

    `fields` are the fields known of that side, by name; without them the names are not checked. `vendor` is whose record it is.
    """
    name = f'The filter on "{rule.field.label}"'
    if rule.field.reason:
        return (f"{name} cannot be used: {rule.field.reason} Choose another field.",)
    if fields is not None and rule.field.name not in fields:
        return (f'{name} names a field "{rule.field.name}" that the account does not have. Refresh the fields or choose another one.',)
    if rule.operator not in operators_for(rule.field.type):
        return (f'{name} ({rule.field.type.label}) cannot ask "{rule.operator.label}". Choose another condition.',)
    if rule.operator in ABOUT_THE_PAST and not rule.field.keeps_history:
        remedy = f'Ask for the value it has now, with "{_NOW[rule.operator].label}".'
        return (f'{name} cannot ask "{rule.operator.label}": {vendor} does not tell what this field held before. {remedy}',)
    least, most = _counts(rule)
    if len(rule.values) < least or (most is not None and len(rule.values) > most):
        wanted = "no value" if most == 0 else f"{least} value{'s' * (least > 1)}" + ("" if most == least else " or more")
        return (f'{name} with "{rule.operator.label}" needs {wanted}, it has {len(rule.values)}.',)
    if rule.operator in _FIELDS:
        return _other_field_problems(rule, name, fields)
    problems = [problem for value in rule.values for problem in _value_problems(rule, name, value)]
    if rule.operator in _RANGES and not problems and not _ordered(rule):
        problems.append(f"{name} has its ends the wrong way round: the first must not be after the second.")
    return tuple(problems)


def _named(side: Side, spec: FieldSpec) -> str:
    return f'{side.label} field "{spec.label}"'


def _not_offered(side: Side, spec: FieldSpec) -> list[str]:
    return [f"{_named(side, spec)} cannot be mapped: {spec.reason} Choose another field."] if spec.reason else []


def _unlike(left: FieldSpec, right: FieldSpec) -> list[str]:
    """Records of two kinds stand for one another only where a sync pairs them."""
    if _REFERRING.isdisjoint((left.type, right.type)) or (left.refers_to, right.refers_to) in ALIKE:
        return []
    if left.refers_to == right.refers_to != "":
        return []
    return [f"{_named(Side.LEFT, left)} and {_named(Side.RIGHT, right)} do not name the same kind of record: choose another field."]


def _strangers(left: FieldSpec, right: FieldSpec) -> bool:
    """Whether two lists of choices share none."""
    ours, theirs = ({code for code, _ in spec.choices} for spec in (left, right))
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _end_problems(side: Side, spec: FieldSpec, origin: FieldSpec, *, clears: bool, by_value: bool) -> list[str]:
    """What keeps one end from being written."""
    away = Direction.TO_RIGHT if side is Side.LEFT else Direction.TO_LEFT
    problems = []
    if not spec.writable or spec.associated_kind:
        problems.append(f'{_named(side, spec)} is read-only: set the direction to "{away.label}" or choose another field.')
    if not carries(origin=origin.type, into=spec.type, by_value=by_value):
        remedy = f'set the direction to "{away.label}" or ' if carries(origin=spec.type, into=origin.type, by_value=by_value) else ""
        problems.append(
            f"{_named(side, spec)} ({spec.type.label}) cannot take the values of "
            f"{_named(side.other, origin)} ({origin.type.label}): {remedy}choose a field of the same type.",
        )
    if clears and spec.required:
        problems.append(f'{_named(side, spec)} must not be empty: switch off "clears" for it.')
    return problems


def _fallback_problems(
    right: FieldSpec, direction: Direction, fallbacks: Sequence[FieldSpec], *, clears: bool, by_value: bool,
) -> list[str]:
    problems = []
    if fallbacks and not direction.allows(Side.RIGHT):
        problems.append(f"{_named(Side.RIGHT, right)} is not written in this direction: remove the fields to fall back on.")
    if fallbacks and clears:
        problems.append(f'{_named(Side.RIGHT, right)} has fields to fall back on: switch off "clears" for it, or remove them.')
    for spec in fallbacks:
        if not carries(origin=spec.type, into=right.type, by_value=by_value):
            problems.append(
                f"{_named(Side.LEFT, spec)} ({spec.type.label}) cannot stand in for {_named(Side.RIGHT, right)} "
                f"({right.type.label}): choose a field of the same type.",
            )
    return problems


def _currency_problems(left: FieldSpec, right: FieldSpec) -> list[str]:
    """Amounts are copied, never converted."""
    if not (left.currency and right.currency) or left.currency == right.currency:
        return []
    return [
        f"{_named(Side.RIGHT, right)} is in {right.currency} and {_named(Side.LEFT, left)} in {left.currency}. "
        "Amounts are not converted: switch this mapping off, or choose fields in one currency.",
    ]


def _counts(rule: rules.FilterRule) -> tuple[int, int | None]:
    """How many values an operator takes, least and most; None means any number."""
    if rule.operator in _KNOWN:
        return 0, 0
    if rule.operator in _RANGES:
        return 2, 2
    many = rule.field.type in _TEXTUAL or rule.operator in _CHOICE
    return 1, None if many else 1


def _value_problems(rule: rules.FilterRule, name: str, value: str) -> list[str]:
    if rule.operator in _DAYS:
        good = value.isdecimal() and value.isascii()
        return [] if good else [f'{name} needs a whole number of days, not "{value}".']
    if rule.operator in _PERIODS:
        return [] if value in UNITS else [f'{name} needs one of {", ".join(UNITS)}, not "{value}".']
    if rule.field.type in (FieldType.CHOICE, FieldType.CHOICES):
        known = {code for code, _ in rule.field.choices}
        return [f'{name} names "{value}", which is not one of its values. Choose one of the list.'] if known and value not in known else []
    if not value.strip():
        return [f"{name} has an empty value: fill it in, or ask whether the field is known."]
    if _fits(rule.field.type, value):
        return []
    return [f'{name} needs {rule.field.type.label.lower()} values, "{value}" is none.']


def _fits(type: FieldType, value: str) -> bool:
    if type in _TIMES:
        return values.as_datetime(value) is not None
    try:
        return values.canonical(type=type, raw=value) is not None
    except ValueError:
        return False


def _other_field_problems(rule: rules.FilterRule, name: str, fields: Mapping[str, FieldSpec] | None) -> tuple[str, ...]:
    other = fields.get(rule.values[0]) if fields is not None else None
    if fields is None or (other is not None and other.type in _TIMES and other.associated_kind in ("", rule.field.associated_kind)):
        return ()
    return (f'{name} compares with "{rule.values[0]}", which is not a date of the same record. Choose a date field.',)


def _ordered(rule: rules.FilterRule) -> bool:
    first, second = rule.values
    if rule.field.type is FieldType.NUMBER:
        low, high = values.as_decimal(first), values.as_decimal(second)
        return low is not None and high is not None and low <= high
    start, end = values.as_datetime(first), values.as_datetime(second)
    return start is not None and end is not None and (start <= end or first[:10] == second[:10])
