"""Canonical values: what a vendor's raw value means, and how values are stored, dated and fingerprinted.

Owns the one form of a value that everything else compares. Knows no vendor and no field, only types.
"""
from __future__ import annotations

import hashlib
import json
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from syncapp.engine import records
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import later, say

_LARGEST_EXPONENT = 40
_BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}
Reader = Callable[[object], records.Value]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ARTICLES = {
    FieldType.NUMBER: later("a number"), FieldType.BOOLEAN: later("yes or no"), FieldType.DATE: later("a date"),
    FieldType.DATETIME: later("a date and time"), FieldType.CHOICES: later("several of a list"),
}


def canonical(*, type: FieldType, raw: object) -> records.Value:
    """Read a raw value as a type; nothing, "" and blanks are None, other text stays as it was given.

    Raises ValueError, in words fit for a page, where the value cannot be of that type.
    """
    return _READERS[type](raw)


def reader(type: FieldType) -> Reader:
    """The function that reads raw values of a type as `canonical` does, for those who read very many."""
    return _READERS[type]


def takes_any_text(type: FieldType) -> bool:
    """Tell whether every text can be read as a type, so that reading one never fails."""
    return type not in _HOW or type is FieldType.CHOICES


def blank(value: records.Value) -> bool:
    """Tell whether there is nothing to know in a value."""
    return value is None or value == () or (isinstance(value, str) and not value.strip())


def to_json(value: records.Value) -> object:
    """Turn a value into plain JSON (several choices become a list)."""
    return list(value) if isinstance(value, tuple) else value


def from_json(value: object) -> records.Value:
    """Turn plain JSON back into a value; raises ValueError for what no value can be."""
    if isinstance(value, list):
        return tuple(str(choice) for choice in value)
    if value is None or isinstance(value, (str, bool)):
        return value
    raise ValueError(f"{value!r} is not a stored value.")


def fingerprint(values: Mapping[str, records.Value]) -> str:
    """Hash a mapping of values: the same for equal values, whatever the order of the keys."""
    text = json.dumps({name: to_json(value) for name, value in values.items()}, sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def as_decimal(value: records.Value) -> Decimal | None:
    """The number in a value, or None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def as_datetime(value: records.Value, *, time_zone: str = "UTC") -> datetime | None:
    """The moment in a value, in UTC; a plain date begins at midnight of the time zone. None where there is none."""
    if not isinstance(value, str):
        return None
    try:
        if len(value) == len("2026-11-26"):
            return datetime.combine(date.fromisoformat(value), datetime.min.time(), zone(time_zone)).astimezone(UTC)
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def as_date(value: records.Value, *, time_zone: str = "UTC") -> date | None:
    """The day in a value: a plain date as it is, a moment as the day it falls on in the time zone."""
    try:
        if isinstance(value, str) and len(value) == len("2026-11-26"):
            return date.fromisoformat(value)
        moment = as_datetime(value)
        return moment.astimezone(zone(time_zone)).date() if moment else None
    except (ValueError, OverflowError):
        return None


def instant_text(moment: datetime) -> str:
    """Write a moment the canonical way: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def number_text(number: Decimal) -> str:
    """Write a number the canonical way: plain, no exponent, no needless zeros, no minus before nothing."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: records.Value) -> str:
    """A value as a person reads it in a sentence."""
    if value is None or value == ():
        return say("nothing")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    return plain(value)


def plain(value: records.Value) -> str:
    """A value as text that is compared or written, the same whoever reads it; "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) else value


@lru_cache(maxsize=64)
def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that name; raises ValueError where there is none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(say("{name!r} is not a time zone. Choose one such as Europe/Warsaw.", name=name)) from error


def _article(type: FieldType) -> str:
    """The type's label as it stands in a sentence."""
    return str(_ARTICLES[type]) if type in _ARTICLES else say("one value ({type})", type=type.label)


def _not_a(type: FieldType, raw: object) -> str:
    return say("{value!r} is not {type}.", value=str(raw)[:40], type=_article(type))


def _reader(type: FieldType) -> Reader:
    how = _HOW.get(type, _text)

    def read(raw: object) -> records.Value:
        if raw.__class__ is str:
            if not raw or raw.isspace():
                return None
            if how is _text:
                return raw
        elif raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        elif type is not FieldType.CHOICES and isinstance(raw, (list, tuple, set, frozenset, dict)):
            raise ValueError(say("A list is not {type}.", type=_article(type)))
        return how(raw)

    return read


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (int, float, Decimal)):
        return _number(raw)
    if isinstance(raw, (date, datetime)):
        return instant_text(raw) if isinstance(raw, datetime) else raw.isoformat()
    return str(raw)


def _number(raw: object) -> str:
    if isinstance(raw, bool) or not isinstance(raw, (int, float, Decimal, str)):
        raise ValueError(_not_a(FieldType.NUMBER, raw))
    try:
        number = Decimal(repr(raw) if isinstance(raw, float) else str(raw).strip())
    except InvalidOperation:
        raise ValueError(_not_a(FieldType.NUMBER, raw)) from None
    if not number.is_finite() or (number and abs(number.adjusted()) > _LARGEST_EXPONENT):
        raise ValueError(say("{value!r} is not a number that can be kept.", value=str(raw)[:40]))
    return number_text(number)


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    known = _BOOLEANS.get(raw.strip().lower()) if isinstance(raw, str) else None
    if known is None:
        raise ValueError(_not_a(FieldType.BOOLEAN, raw))
    return known


def _choices(raw: object) -> tuple[str, ...] | None:
    if isinstance(raw, dict) or not isinstance(raw, (str, Iterable)):
        raise ValueError(say("{value!r} is not a list of choices.", value=str(raw)[:40]))
    parts = raw.split(";") if isinstance(raw, str) else [str(part) for part in raw]
    return tuple(sorted({part.strip() for part in parts if part.strip()})) or None


def _moment(raw: object, type: FieldType) -> tuple[str, datetime]:
    """The day as it was written, and the moment, of a date or time in any of the vendors' spellings."""
    try:
        moment = _parse(raw)
        return moment.date().isoformat(), moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(_not_a(type, raw)) from None


def _parse(raw: object) -> datetime:
    if isinstance(raw, datetime):
        moment = raw
    elif isinstance(raw, date):
        moment = datetime(raw.year, raw.month, raw.day, tzinfo=UTC)
    else:
        text = str(raw).strip()
        if isinstance(raw, bool):
            raise ValueError(text)
        if text.removeprefix("-").isdigit():
            return _EPOCH + timedelta(milliseconds=int(text))
        moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_HOW: Mapping[FieldType, Reader] = {
    FieldType.CHOICES: _choices, FieldType.NUMBER: _number, FieldType.BOOLEAN: _boolean,
    FieldType.DATE: lambda raw: _moment(raw, FieldType.DATE)[0],
    FieldType.DATETIME: lambda raw: instant_text(_moment(raw, FieldType.DATETIME)[1]),
}
_READERS: Mapping[FieldType, Reader] = {type: _reader(type) for type in FieldType}
