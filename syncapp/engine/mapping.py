"""What a mapping means for a pair: the value on each side, its translation to the other, and what a field refuses.

Owns conversion and the checks before a write. Decides nothing about who wins.
"""
from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, DecimalException

from syncapp.engine import normalize, records, rules, schema, transforms, values
from syncapp.engine.vocabulary import FieldType, Reason, Side, TransformKind

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")


def left_value(mapping: rules.Mapping, subject: records.Subject) -> records.Value:
    """The value on the left: the field's own, or the text put together for the right; where that is blank, the first fallback's."""
    value = _own(mapping, Side.LEFT, subject) if mapping.transforms else subject.value(mapping.left.name)
    if mapping.fallbacks and values.blank(value):
        for spec in mapping.fallbacks:
            other = subject.value(spec.name)
            if not values.blank(other):
                return other
    return value


def falls_back(mapping: rules.Mapping, subject: records.Subject) -> bool:
    """Tell whether the left value is that of a fallback."""
    return bool(mapping.fallbacks) and values.blank(_own(mapping, Side.LEFT, subject))


def right_value(mapping: rules.Mapping, subject: records.Subject) -> records.Value:
    """The value on the right: the field's own, or the text put together for the left."""
    return _own(mapping, Side.RIGHT, subject) if mapping.transforms else subject.value(mapping.right.name)


def template(mapping: rules.Mapping, side: Side) -> str:
    """The template whose text is written to a side, "" where values are."""
    return transforms.template(transforms=mapping.transforms, side=side) if mapping.transforms else ""


def to_right(mapping: rules.Mapping, value: records.Value, *, time_zone: str = "UTC") -> records.Value:
    """Translate a value of the left into what the right is to hold."""
    value = _stepped(mapping, Side.RIGHT, mapped(mapping, Side.RIGHT, value))
    return convert(value=value, origin=_read(mapping, Side.LEFT), into=mapping.right, time_zone=time_zone)


def to_left(mapping: rules.Mapping, value: records.Value, *, time_zone: str = "UTC") -> records.Value:
    """Translate a value of the right into what the left is to hold; where several left values mean one right value, the first."""
    value = _stepped(mapping, Side.LEFT, mapped(mapping, Side.LEFT, value))
    return convert(value=value, origin=_read(mapping, Side.RIGHT), into=mapping.left, time_zone=time_zone)


def to_side(mapping: rules.Mapping, side: Side, value: records.Value, *, time_zone: str = "UTC") -> records.Value:
    """Translate a value of the other side into what a side is to hold."""
    return (to_left if side is Side.LEFT else to_right)(mapping, value, time_zone=time_zone)


def mapped(mapping: rules.Mapping, side: Side, value: records.Value) -> records.Value:
    """A value of the other side as the value map has it for a side; where several left values mean one right value, the first."""
    if not mapping.value_map:
        return value
    there = dict(mapping.value_map)
    return _translated(value, there if side is Side.RIGHT else {right: left for left, right in reversed(mapping.value_map)})


def stages(mapping: rules.Mapping, side: Side, value: records.Value) -> tuple[transforms.Stage, ...]:
    """What becomes of a value of the other side, step by step, once the value map has translated it."""
    spec = mapping.left if side is Side.LEFT else mapping.right
    return tuple(transforms.stages(transforms=mapping.transforms, side=side, value=mapped(mapping, side, value), into=spec))


def cuts(mapping: rules.Mapping, side: Side, value: records.Value) -> str:
    """Say that a value is shortened on its way to a side; "" where it is not."""
    if not mapping.transforms:
        return ""
    spec = mapping.left if side is Side.LEFT else mapping.right
    return transforms.cuts(transforms=mapping.transforms, side=side, value=mapped(mapping, side, value), into=spec)


def fills(mapping: rules.Mapping, side: Side) -> bool:
    """Tell whether a side gets a value where both are blank."""
    return any(step.side is side and step.kind is TransformKind.DEFAULT for step in mapping.transforms)


def agree(mapping: rules.Mapping, left: records.Value, right: records.Value, *, time_zone: str = "UTC") -> bool:
    """Tell whether both sides of a mapping say the same, as far as both can hold it, or one holds what the steps make of the other."""
    if _say_the_same(mapping, left, right, time_zone):
        return True
    return bool(mapping.transforms) and any(_led_to(mapping, side, left, right, time_zone) for side in Side)


def _say_the_same(mapping: rules.Mapping, left: records.Value, right: records.Value, time_zone: str) -> bool:
    """Whether the values agree, the steps left aside."""
    if not mapping.value_map:
        return normalize.agree(left_spec=mapping.left, right_spec=mapping.right, left=left, right=right, time_zone=time_zone)
    if values.blank(left) or values.blank(right):
        return values.blank(left) and values.blank(right)
    there = convert(value=mapped(mapping, Side.RIGHT, left), origin=mapping.left, into=mapping.right, time_zone=time_zone)
    back = convert(value=mapped(mapping, Side.LEFT, right), origin=mapping.right, into=mapping.left, time_zone=time_zone)
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


def _led_to(mapping: rules.Mapping, side: Side, left: records.Value, right: records.Value, time_zone: str) -> bool:
    """Whether a side holds what the steps toward it make of the other side's value."""
    if not mapping.direction.allows(side) or not any(step.side is side for step in mapping.transforms):
        return False
    spec, origin, held = (mapping.left, right, left) if side is Side.LEFT else (mapping.right, left, right)
    made = to_side(mapping, side, origin, time_zone=time_zone)
    return normalize.agree(left_spec=spec, right_spec=spec, left=made, right=held, time_zone=time_zone)


def _own(mapping: rules.Mapping, side: Side, subject: records.Subject) -> records.Value:
    """The value of a side's own field or, where the other side is written by a template, the text that it makes."""
    text = template(mapping, side.other)
    if text:
        return transforms.composed(template=text, value_of=subject.value)
    return subject.value((mapping.left if side is Side.LEFT else mapping.right).name)


def _read(mapping: rules.Mapping, side: Side) -> schema.FieldSpec:
    """The field that values of a side come from; what a template makes is text whatever the field holds."""
    spec = mapping.left if side is Side.LEFT else mapping.right
    return replace(spec, type=FieldType.TEXT) if template(mapping, side.other) else spec


def _stepped(mapping: rules.Mapping, side: Side, value: records.Value) -> records.Value:
    if not mapping.transforms:
        return value
    spec = mapping.left if side is Side.LEFT else mapping.right
    return transforms.through(transforms=mapping.transforms, side=side, value=value, into=spec)


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
