"""The filters of a search, as tests on a record's values.

Owns operators and how values compare, type by type. Reads no request and no index.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from integrations.sandbox.hubspot import errors, ids, moments
from integrations.sandbox.hubspot.definitions import Property
from integrations.sandbox.hubspot.search_index import Values, Window
from integrations.sandbox.messages import Json

Test = Callable[[Values], bool]
Convert = Callable[[str], Any]

ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b,
    "NEQ": lambda a, b: a != b,
    "LT": lambda a, b: a < b,
    "LTE": lambda a, b: a <= b,
    "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}
PRESENCE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
LISTS = ("IN", "NOT_IN")
TOKENS = ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
OPERATORS = (*ORDERED, "BETWEEN", *LISTS, *PRESENCE, *TOKENS)
_WORDS = re.compile(r"[^\w]+")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """One condition: which property, the operator, what was given."""

    name: str
    operator: str
    value: str | None = None
    high: str | None = None
    values: Sequence[str] | None = None


def read(body: object) -> Filter:
    """A filter as it stands in a search. Raises Refused."""
    if not isinstance(body, dict) or not isinstance(body.get("propertyName"), str):
        raise errors.attributes_missing(["propertyName", "operator"])
    operator = body.get("operator")
    if operator not in OPERATORS:
        raise errors.bad_shape(f"{operator!r} is no operator; there are {', '.join(OPERATORS)}")
    values = body.get("values")
    if values is not None and not isinstance(values, list):
        raise errors.bad_shape("values is a list of texts")
    found = Filter(
        name=body["propertyName"],
        operator=operator,
        value=_text(body, "value"),
        high=_text(body, "highValue"),
        values=None if values is None else [_scalar(one) for one in values],
    )
    _refuse_incomplete(found)
    return found


def _text(body: Json, name: str) -> str | None:
    return None if body.get(name) is None else _scalar(body[name])


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, Decimal)):
        raise errors.bad_shape("the value of a filter is a text")
    return str(value)


def _refuse_incomplete(one: Filter) -> None:
    lacking = None
    if one.operator in LISTS:
        lacking = None if one.values else "values"
    elif one.operator == "BETWEEN":
        lacking = "value and highValue" if one.value is None or one.high is None else None
    elif one.operator not in PRESENCE:
        lacking = "value" if one.value is None else None
    if lacking is not None:
        raise errors.invalid(f"The filter on {one.name} with {one.operator} needs {lacking}")


def test(one: Filter, definition: Property, *, neq_matches_missing: bool) -> Test:
    """The condition as a test on values. Raises Refused for a value that does not go with the property's type."""
    name = one.name
    if one.operator == "HAS_PROPERTY":
        return lambda values: bool(values.get(name))
    if one.operator == "NOT_HAS_PROPERTY":
        return lambda values: not values.get(name)
    if one.operator in TOKENS:
        return _token(one)
    convert = conversion(definition)
    absent = neq_matches_missing and one.operator in {"NEQ", "NOT_IN"}
    matches = _many(one) if definition.many else _single(one, definition, convert)

    def present(values: Values) -> bool:
        held = values.get(name)
        return matches(held) if held else absent

    return present


def _single(one: Filter, definition: Property, convert: Convert) -> Callable[[str], bool]:
    if one.operator in LISTS:
        # Listed texts have to be lower case: they are compared as given with the lower-cased value.
        text = definition.type in {"string", "phone_number"}
        listed = set(one.values or ()) if text else {_converted(convert, value, one) for value in one.values or ()}
        wanted = one.operator == "IN"
        return lambda held: (convert(held) in listed) == wanted
    first = _converted(convert, one.value or "", one)
    if one.operator == "BETWEEN":
        last = _converted(convert, one.high or "", one)
        return lambda held: bool(first <= convert(held) <= last)
    compare = ORDERED[one.operator]
    return lambda held: compare(convert(held), first)


def _many(one: Filter) -> Callable[[str], bool]:
    listed = set(one.values or (one.value or "",))
    wanted = one.operator in {"EQ", "IN"}
    return lambda held: bool(listed & set(held.split(";"))) == wanted


def conversion(definition: Property) -> Convert:
    """How the values of a property are brought into a form that compares."""
    if definition.type == "number":
        return Decimal
    if definition.type in {"enumeration", "bool"}:
        return str
    if definition.type == "datetime":
        return _moment
    if definition.type == "date":
        return lambda value: _moment(value)[:10]
    return str.lower


def _moment(value: str) -> str:
    if len(value) == len("2026-11-01T10:00:00.123Z") and value[-1] == "Z":
        return value
    milliseconds = moments.parse(value)
    if milliseconds is None:
        raise ValueError(value)
    return moments.text(milliseconds)


def _converted(convert: Convert, value: str, one: Filter) -> Any:
    try:
        return convert(value)
    except (ValueError, InvalidOperation):
        raise errors.invalid(f"{value} does not go with the type of {one.name}", context={"propertyName": [one.name]}) from None


def _token(one: Filter) -> Test:
    wanted = one.operator == "CONTAINS_TOKEN"
    pattern = re.compile(".*".join(re.escape(part) for part in (one.value or "").strip().lower().split("*")))

    def contains(values: Values) -> bool:
        held = values.get(one.name, "").lower()
        if not held:
            return False
        tokens = (held, *held.split(), *_WORDS.split(held))
        return any(pattern.fullmatch(token) for token in tokens if token) == wanted

    return contains


def narrowed(window: Window, one: Filter, *, modified: str) -> Window | None:
    """The window narrowed by a filter on the id or the time of change; None when this filter narrows nothing."""
    if one.operator not in {"EQ", "LT", "LTE", "GT", "GTE", "BETWEEN"}:
        return None
    if one.name == "hs_object_id":
        return _by_id(window, one)
    if one.name == modified:
        return _by_time(window, one)
    return None


def _by_id(window: Window, one: Filter) -> Window | None:
    first, last = ids.whole(one.value or ""), ids.whole((one.high if one.operator == "BETWEEN" else one.value) or "")
    if first is None or last is None:
        return None
    if one.operator in {"GT", "GTE"}:
        return _window(window, first_id=first + (one.operator == "GT"))
    if one.operator in {"LT", "LTE"}:
        return _window(window, last_id=last - (one.operator == "LT"))
    return _window(window, first_id=first, last_id=last)


def _by_time(window: Window, one: Filter) -> Window | None:
    low = moments.parse(one.value or "")
    high = moments.parse((one.high if one.operator == "BETWEEN" else one.value) or "")
    if low is None or high is None:
        return None
    since = moments.text(low + (one.operator == "GT"))
    until = moments.text(high - (one.operator == "LT"))
    if one.operator in {"GT", "GTE"}:
        return _window(window, since=since)
    if one.operator in {"LT", "LTE"}:
        return _window(window, until=until)
    return _window(window, since=since, until=until)


def _window(window: Window, *, first_id: int = 0, last_id: int = 1 << 62, since: str = "", until: str = "~") -> Window:
    return Window(
        first_id=max(window.first_id, first_id),
        last_id=min(window.last_id, last_id),
        since=max(window.since, since),
        until=min(window.until, until),
    )
