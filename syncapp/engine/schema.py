"""What a field can hold, which fields may be mapped to which, and which questions may be asked of a field.

Owns the specification of a field, and the rules by which a mapping is checked when it is saved. Conditions are checked by
`filter_checks`. Knows no vendor.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncapp.engine import showing, transform_checks, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side, TransformKind
from syncapp.engine.wording import say

if TYPE_CHECKING:
    from syncapp.engine import transforms


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

KNOWN = (FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN)
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
CHOICE = (
    FilterOperator.ANY_OF, FilterOperator.NONE_OF, FilterOperator.EXACTLY, FilterOperator.NOT_EXACTLY,
    FilterOperator.CONTAINS_ALL, FilterOperator.NOT_CONTAINS_ALL, FilterOperator.EVER_ANY_OF, FilterOperator.NEVER_ANY_OF,
    FilterOperator.EVER_EXACTLY, FilterOperator.NEVER_EXACTLY, FilterOperator.EVER_CONTAINED_ALL, FilterOperator.NEVER_CONTAINED_ALL,
)
DAYS = (
    FilterOperator.LESS_THAN_DAYS_AGO, FilterOperator.MORE_THAN_DAYS_AGO,
    FilterOperator.LESS_THAN_DAYS_AHEAD, FilterOperator.MORE_THAN_DAYS_AHEAD,
)
PERIODS = (FilterOperator.IN_THIS, FilterOperator.IN_THIS_SO_FAR, FilterOperator.IN_NEXT, FilterOperator.IN_LAST)
FIELDS = (FilterOperator.BEFORE_FIELD, FilterOperator.AFTER_FIELD)
RANGES = (FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN)
_TIME = (FilterOperator.BEFORE, FilterOperator.AFTER, *RANGES, *DAYS, *PERIODS, *FIELDS)
ASKED_NOW = {
    FilterOperator.EVER_EQUALED: FilterOperator.EQUALS, FilterOperator.NEVER_EQUALED: FilterOperator.NOT_EQUALS,
    FilterOperator.EVER_CONTAINED: FilterOperator.CONTAINS, FilterOperator.NEVER_CONTAINED: FilterOperator.NOT_CONTAINS,
    FilterOperator.EVER_ANY_OF: FilterOperator.ANY_OF, FilterOperator.NEVER_ANY_OF: FilterOperator.NONE_OF,
    FilterOperator.EVER_EXACTLY: FilterOperator.EXACTLY, FilterOperator.NEVER_EXACTLY: FilterOperator.NOT_EXACTLY,
    FilterOperator.EVER_CONTAINED_ALL: FilterOperator.CONTAINS_ALL, FilterOperator.NEVER_CONTAINED_ALL: FilterOperator.NOT_CONTAINS_ALL,
}
"""What asks of the present what these ask of all times."""

ABOUT_THE_PAST = frozenset(ASKED_NOW)

TEXTUAL = (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL)
TIMES = (FieldType.DATE, FieldType.DATETIME)
_MAPPABLE_BY_VALUE = (FieldType.TEXT, FieldType.CHOICE, FieldType.BOOLEAN)


def operators_for(type: FieldType) -> tuple[FilterOperator, ...]:
    """List the questions that may be asked of a field of that type."""
    if type in TEXTUAL:
        return (*_TEXT, *KNOWN)
    if type in TIMES:
        return (*_TIME, *KNOWN)
    fitting = {FieldType.NUMBER: _NUMBER, FieldType.BOOLEAN: _BOOLEAN, FieldType.CHOICE: CHOICE, FieldType.CHOICES: CHOICE}
    return (*fitting.get(type, ()), *KNOWN)


def carries(*, origin: FieldType, into: FieldType, by_value: bool = False) -> bool:
    """Tell whether a value of one type can be written into a field of another; `by_value` where a value map translates."""
    if origin is into:
        return True
    if not _REFERRING.isdisjoint((origin, into)):
        return False
    if into is FieldType.TEXT or (origin in TIMES and into in TIMES):
        return True
    if by_value and origin in _MAPPABLE_BY_VALUE and into in _MAPPABLE_BY_VALUE:
        return True
    return origin is FieldType.TEXT and into in TEXTUAL


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
        problems.append(say("{left} and {right} have no value in common: add a value map.", **_both(left, right)))
    return tuple(problems)


def _named(side: Side, spec: FieldSpec) -> str:
    return showing.field(side, spec.label)


def _both(left: FieldSpec, right: FieldSpec) -> dict[str, str]:
    return {"left": _named(Side.LEFT, left), "right": _named(Side.RIGHT, right)}


def _not_offered(side: Side, spec: FieldSpec) -> list[str]:
    if not spec.reason:
        return []
    return [say("{field} cannot be mapped: {reason} Choose another field.", field=_named(side, spec), reason=spec.reason)]


def _unlike(left: FieldSpec, right: FieldSpec) -> list[str]:
    """Records of two kinds stand for one another only where a sync pairs them."""
    if _REFERRING.isdisjoint((left.type, right.type)) or (left.refers_to, right.refers_to) in ALIKE:
        return []
    if left.refers_to == right.refers_to != "":
        return []
    return [say("{left} and {right} do not name the same kind of record: choose another field.", **_both(left, right))]


def _strangers(left: FieldSpec, right: FieldSpec) -> bool:
    """Whether two lists of choices share none."""
    ours, theirs = ({code for code, _ in spec.choices} for spec in (left, right))
    return bool(ours and theirs) and ours.isdisjoint(theirs)


def _end_problems(side: Side, spec: FieldSpec, origin: FieldSpec, *, clears: bool, by_value: bool) -> list[str]:
    """What keeps one end from being written."""
    away, name = Direction.TO_RIGHT if side is Side.LEFT else Direction.TO_LEFT, _named(side, spec)
    problems = []
    if not spec.writable or spec.associated_kind:
        problems.append(
            say('{field} is read-only: set the direction to "{direction}" or choose another field.', field=name, direction=away.label)
        )
    if not carries(origin=origin.type, into=spec.type, by_value=by_value):
        ends = {"field": name, "type": spec.type.label, "other": _named(side.other, origin), "other_type": origin.type.label}
        if carries(origin=spec.type, into=origin.type, by_value=by_value):
            problems.append(say(
                '{field} ({type}) cannot take the values of {other} ({other_type}): set the direction to "{direction}" or choose a field of'
                " the same type.",
                direction=away.label, **ends,
            ))
        else:
            problems.append(
                say("{field} ({type}) cannot take the values of {other} ({other_type}): choose a field of the same type.", **ends)
            )
    if clears and spec.required:
        problems.append(say('{field} must not be empty: switch off "clears" for it.', field=name))
    return problems


def _fallback_problems(
    right: FieldSpec, direction: Direction, fallbacks: Sequence[FieldSpec], *, clears: bool, by_value: bool,
) -> list[str]:
    name, problems = _named(Side.RIGHT, right), []
    if fallbacks and not direction.allows(Side.RIGHT):
        problems.append(say("{field} is not written in this direction: remove the fields to fall back on.", field=name))
    if fallbacks and clears:
        problems.append(say('{field} has fields to fall back on: switch off "clears" for it, or remove them.', field=name))
    for spec in fallbacks:
        if not carries(origin=spec.type, into=right.type, by_value=by_value):
            problems.append(say(
                "{field} ({type}) cannot stand in for {other} ({other_type}): choose a field of the same type.",
                field=_named(Side.LEFT, spec), type=spec.type.label, other=name, other_type=right.type.label,
            ))
    return problems


def _currency_problems(left: FieldSpec, right: FieldSpec) -> list[str]:
    """Amounts are copied, never converted."""
    if not (left.currency and right.currency) or left.currency == right.currency:
        return []
    return [say(
        "{right} is in {right_currency} and {left} in {left_currency}. Amounts are not converted: switch this mapping off, or choose"
        " fields in one currency.",
        right_currency=right.currency, left_currency=left.currency, **_both(left, right),
    )]
