"""Check one written value against its property and bring it into the form in which HubSpot keeps it.

Owns the rules per type. Looks at no other record; what is kept is always text, and blank text means no value.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from decimal import Decimal, InvalidOperation

from integrations.sandbox.hubspot import moments, sanitizing
from integrations.sandbox.hubspot.definitions import Property

LONGEST = 65_536
_EMAIL = re.compile(r"[^\s@<>(),;:\"\[\]\\]+@[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.IGNORECASE)
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")


class BadValue(ValueError):
    """The value is not taken. `code` is HubSpot's word for why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def kept(definition: Property, raw: object, *, before: str, owners: Container[str]) -> str:
    """Turn a written value into the kept one. `before` is what the record holds. Raises BadValue."""
    text = _as_text(definition, raw)
    if not text.strip():
        return ""
    if definition.external:
        return _owner(definition, text, owners)
    if definition.type == "enumeration":
        return _chosen(definition, text, before)
    return _BY_TYPE.get(definition.type, _string)(definition, text)


def _as_text(definition: Property, raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, Decimal):
        return format(raw, "f")
    if isinstance(raw, (int, str)):
        return str(raw)
    raise BadValue("INVALID_VALUE", f"{definition.name} takes a text, a number or true/false")


def _string(definition: Property, text: str) -> str:
    if len(text) > LONGEST:
        raise BadValue("VALUE_TOO_LONG", f"The value of {definition.name} has {len(text)} characters; {LONGEST} are allowed")
    if definition.name == "email" and definition.built_in:
        return _email(text)
    return sanitizing.clean(text) if definition.field_type == "html" and definition.built_in else text


def _email(text: str) -> str:
    text = text.strip().lower()
    if not _EMAIL.fullmatch(text) or ".." in text or text.startswith("."):
        raise BadValue("INVALID_EMAIL", f"Email address {text} is invalid")
    return text


def _number(definition: Property, text: str) -> str:
    text = text.strip()
    if not _DECIMAL.fullmatch(text):
        raise BadValue("INVALID_LONG", f"{text} was not a valid long.")
    try:
        number = format(Decimal(text), "f")
    except InvalidOperation:
        raise BadValue("INVALID_LONG", f"{text} was not a valid long.") from None
    if definition.name == "price" and definition.group == "lineiteminformation" and Decimal(number) < 0:
        raise BadValue("INVALID_NUMBER", "price must be 0 or more")
    return number


def _boolean(definition: Property, text: str) -> str:
    low = text.strip().lower()
    if low not in {"true", "false"}:
        raise BadValue("INVALID_OPTION", f"{text} was not one of the allowed options: {_listed(definition)}")
    return low


def _date(definition: Property, text: str) -> str:
    moment = moments.parse(text)
    if moment is None or moment % moments.DAY_MS:
        raise BadValue("INVALID_DATE", f"{text} is not a date at midnight UTC, as {definition.name} needs it")
    return moments.date_text(moment)


def _datetime(definition: Property, text: str) -> str:
    moment = moments.parse(text)
    if moment is None:
        raise BadValue("INVALID_DATE", f"{text} is not a moment, as {definition.name} needs it")
    return moments.text(moment)


def _owner(definition: Property, text: str, owners: Container[str]) -> str:
    if text.strip() not in owners:
        raise BadValue("INVALID_OPTION", f"{text} was not one of the allowed options: the owners of this account ({definition.name})")
    return text.strip()


def _chosen(definition: Property, text: str, before: str) -> str:
    if definition.read_only and not definition.options:
        return text
    allowed = {option.value for option in definition.options}
    if not definition.many:
        if text not in allowed:
            raise BadValue("INVALID_OPTION", f"{text} was not one of the allowed options: {_listed(definition)}")
        return text
    parts = [part for part in text.split(";") if part]
    for part in parts:
        if part not in allowed:
            raise BadValue("INVALID_OPTION", f"{part} was not one of the allowed options: {_listed(definition)}")
    held = [part for part in before.split(";") if part] if text.startswith(";") else []
    return ";".join(dict.fromkeys([*held, *parts]))


def _listed(definition: Property) -> str:
    return "[" + ", ".join(f"label: {option.label} value: {option.value}" for option in definition.options) + "]"


_BY_TYPE: Mapping[str, Callable[[Property, str], str]] = {
    "number": _number,
    "bool": _boolean,
    "date": _date,
    "datetime": _datetime,
}
