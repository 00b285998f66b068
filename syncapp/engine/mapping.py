"""What a mapping means for a pair: the value on each side, its translation to the other, and what a field refuses.

Owns conversion and the checks before a write. Decides nothing about who wins.
"""
from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, DecimalException

from syncapp.engine import normalize, records, rules, schema, values
from syncapp.engine.vocabulary import FieldType, Reason

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def left_value(mapping: rules.Mapping, subject: records.Subject) -> records.Value:
    """The value on the left: the field's own or, where that is blank, that of the first fallback that has one."""
    value = subject.value(mapping.left.name)
    if mapping.fallbacks and values.blank(value):
        for spec in mapping.fallbacks:
            other = subject.value(spec.name)
            if not values.blank(other):
                return other
    return value


def falls_back(mapping: rules.Mapping, subject: records.Subject) -> bool:
    """Tell whether the left value is that of a fallback."""
    return bool(mapping.fallbacks) and values.blank(subject.value(mapping.left.name))


def right_value(mapping: rules.Mapping, subject: records.Subject) -> records.Value:
    """The value on the right."""
    return subject.value(mapping.right.name)


def to_right(mapping: rules.Mapping, value: records.Value, *, time_zone: str = "UTC") -> records.Value:
    """Translate a value of the left into what the right is to hold."""
    if mapping.value_map:
        value = _translated(value, dict(mapping.value_map))
    return convert(value=value, origin=mapping.left, into=mapping.right, time_zone=time_zone)


def to_left(mapping: rules.Mapping, value: records.Value, *, time_zone: str = "UTC") -> records.Value:
    """Translate a value of the right into what the left is to hold; where several left values mean one right value, the first."""
    if mapping.value_map:
        value = _translated(value, {right: left for left, right in reversed(mapping.value_map)})
    return convert(value=value, origin=mapping.right, into=mapping.left, time_zone=time_zone)


def agree(mapping: rules.Mapping, left: records.Value, right: records.Value, *, time_zone: str = "UTC") -> bool:
    """Tell whether both sides of a mapping say the same, as far as both can hold it."""
    if not mapping.value_map:
        return normalize.agree(left_spec=mapping.left, right_spec=mapping.right, left=left, right=right, time_zone=time_zone)
    if values.blank(left) or values.blank(right):
        return values.blank(left) and values.blank(right)
    there, back = to_right(mapping, left, time_zone=time_zone), to_left(mapping, right, time_zone=time_zone)
    return (
        normalize.agree(left_spec=mapping.right, right_spec=mapping.right, left=there, right=right, time_zone=time_zone)
        or normalize.agree(left_spec=mapping.left, right_spec=mapping.left, left=left, right=back, time_zone=time_zone)
    )


def convert(*, value: records.Value, origin: schema.FieldSpec, into: schema.FieldSpec, time_zone: str = "UTC") -> records.Value:
    """Turn a value of one field into one that another field holds; what cannot be turned stays as it is, for `check` to refuse."""
    if values.blank(value):
        return None
    if into.type is FieldType.NUMBER:
        return _rounded(value, into.decimals)
    if into.type is FieldType.EMAIL:
        return _first_address(value)
    if origin.type is into.type:
        return value
    if into.type is FieldType.DATE:
        day = values.as_date(value, time_zone=time_zone)
        return day.isoformat() if day else value
    if into.type is FieldType.DATETIME:
        moment = values.as_datetime(value, time_zone=time_zone)
        return values.instant_text(moment) if moment else value
    if into.type is FieldType.BOOLEAN:
        return _boolean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, tuple) and into.type is not FieldType.CHOICES else value


def check(*, spec: schema.FieldSpec, value: records.Value) -> Reason | None:
    """Find out before a write why a field would refuse a value; None where it would take it."""
    if values.blank(value):
        return Reason.MISSING_REQUIRED if spec.required else None
    if spec.max_length is not None and isinstance(value, str) and len(value) > spec.max_length:
        return Reason.TOO_LONG
    if spec.choices and spec.type in (FieldType.CHOICE, FieldType.CHOICES):
        known = {code for code, _ in spec.choices}
        chosen = value if isinstance(value, tuple) else (value,)
        unknown = Reason.CURRENCY_OFF if spec.currency else Reason.NOT_ALLOWED
        return None if all(one in known for one in chosen) else unknown
    return None if _is_of(spec.type, value) else Reason.NOT_ALLOWED


def _translated(value: records.Value, table: dict[str, str]) -> records.Value:
    """A value by the value map; what the map does not name stays."""
    if isinstance(value, tuple):
        return tuple(sorted({table.get(one, one) for one in value}))
    if isinstance(value, bool):
        return table.get("true" if value else "false", value)
    return table.get(value, value) if value is not None else None


def _rounded(value: records.Value, places: int | None) -> records.Value:
    number = values.as_decimal(value)
    if number is None or places is None:
        return value
    try:
        return values.number_text(number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))
    except DecimalException:
        return value


def _first_address(value: records.Value) -> records.Value:
    """The first of several addresses, spelled as it is."""
    if not isinstance(value, str) or not ("," in value or ";" in value):
        return value
    return next((part for piece in value.replace(";", ",").split(",") if (part := piece.strip())), None)


def _boolean(value: records.Value) -> records.Value:
    try:
        return values.canonical(type=FieldType.BOOLEAN, raw=value)
    except ValueError:
        return value


def _is_of(type: FieldType, value: records.Value) -> bool:
    """Whether a value has the form its type asks for."""
    if type is FieldType.BOOLEAN:
        return isinstance(value, bool)
    if type in (FieldType.CHOICES, FieldType.LINES):
        return isinstance(value, tuple)
    if type is FieldType.REFERENCE:
        return not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if type is FieldType.NUMBER:
        return values.as_decimal(value) is not None
    if type in (FieldType.DATE, FieldType.DATETIME):
        return values.as_datetime(value) is not None
    return _ADDRESS.fullmatch(value.strip()) is not None if type is FieldType.EMAIL else True
