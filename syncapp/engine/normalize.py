"""When two values are the same: keys for matching, and equality in what both sides can hold.

Owns sameness. Never changes a value that is stored or sent.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, DecimalException

from syncapp.engine import records, schema, values
from syncapp.engine.vocabulary import FieldType

FOUND_LENGTH = 60
"""So much of a name is kept folded, to be found by."""
_NOT_DIGITS = re.compile(r"\D+")
_EXTENSION = re.compile(r"(?:extension|ext\.?|x|#)\s*(\d+)\s*$", re.IGNORECASE)
_TRUNK_ZERO = re.compile(r"\(0\)")
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)
_WORDS = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.CHOICE, FieldType.REFERENCE})
_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})


def key(*, type: FieldType, value: records.Value) -> str | None:
    """The form of a value by which records find each other, or None where it cannot tell one record from another."""
    if value is None or isinstance(value, bool):
        return None
    text = ";".join(value) if isinstance(value, tuple) else value
    if type is FieldType.EMAIL:
        return first_address(text) or None
    if type is FieldType.PHONE:
        return _dialed(text).lstrip("+").lstrip("0") or None
    if type is FieldType.URL:
        return _address(text).casefold() or None
    if type is FieldType.NUMBER:
        number = values.as_decimal(text)
        return values.number_text(number) if number is not None else None
    return folded(text) or None


def folded(text: str) -> str:
    """Text without what people do not see or do not mean: case, width, outer and doubled blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def beginnings(name: str) -> tuple[str, str]:
    """By what a name is found that is one of very many: how it begins, and the last of several words; "" where there is none."""
    known = folded(name)
    return known[:FOUND_LENGTH], known.rpartition(" ")[2][:FOUND_LENGTH] if " " in known else ""


def first_address(text: str) -> str:
    """The first address of a comma separated list, lower case; "" where there is none."""
    return next((part for piece in text.replace(";", ",").split(",") if (part := piece.strip().lower())), "")


def agree(
    *, left_spec: schema.FieldSpec, right_spec: schema.FieldSpec, left: records.Value, right: records.Value, time_zone: str = "UTC",
) -> bool:
    """Tell whether two values are equal as far as both sides can hold them."""
    if left == right:
        return True
    left_blank, right_blank = values.blank(left), values.blank(right)
    if left_blank or right_blank:
        return left_blank and right_blank
    return project(value=left, own=left_spec, other=right_spec, time_zone=time_zone) == project(
        value=right, own=right_spec, other=left_spec, time_zone=time_zone,
    )


def project(*, value: records.Value, own: schema.FieldSpec, other: schema.FieldSpec, time_zone: str = "UTC") -> records.Value:
    """Reduce a value to what both fields can hold. Doing it twice changes nothing more.

    Length is not reduced: a value that is too long is refused before it is written, and cut only by a step of its mapping.
    """
    if values.blank(value):
        return None
    kind = common_type(own.type, other.type)
    if kind is FieldType.NUMBER:
        return _rounded(value, _fewest(own.decimals, other.decimals))
    if kind is FieldType.DATE:
        day = values.as_date(_trimmed(value), time_zone=time_zone)
        return day.isoformat() if day else _trimmed(value)
    reduce = _REDUCERS.get(kind)
    return reduce(value) if reduce else _trimmed(value)


def common_type(one: FieldType, two: FieldType) -> FieldType:
    """The poorer of two types: text takes the other's form, a moment compared with a day is a day."""
    if one is two:
        return one
    if {one, two} == _TIMES:
        return FieldType.DATE
    for loose in (FieldType.TEXT, FieldType.CHOICE):
        if loose in {one, two}:
            return two if one is loose else one
    return FieldType.TEXT


def _trimmed(value: records.Value) -> str:
    """Text as it stands, without outer blanks; composed characters and line ends in one form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = ";".join(value) if isinstance(value, tuple) else value or ""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _rounded(value: records.Value, places: int | None) -> str:
    number = values.as_decimal(value)
    if number is None:
        return _trimmed(value)
    if places is not None:
        try:
            number = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        except DecimalException:
            return values.number_text(number)
    return values.number_text(number)


def _fewest(one: int | None, two: int | None) -> int | None:
    return two if one is None else one if two is None else min(one, two)


def _boolean(value: records.Value) -> records.Value:
    try:
        return values.canonical(type=FieldType.BOOLEAN, raw=value)
    except ValueError:
        return _trimmed(value)


def _choices(value: records.Value) -> records.Value:
    return values.canonical(type=FieldType.CHOICES, raw=value if isinstance(value, tuple) else _trimmed(value))


def _moment(value: records.Value) -> records.Value:
    moment = values.as_datetime(_trimmed(value))
    return values.instant_text(moment) if moment else _trimmed(value)


def _phone(value: records.Value) -> str:
    return _dialed(_trimmed(value)) or folded(_trimmed(value))


def _dialed(text: str) -> str:
    """The digits that are dialed, "+" for an international prefix, "x" before an extension; "" where there are none."""
    extension = _EXTENSION.search(text)
    head = _TRUNK_ZERO.sub("", text[: extension.start()] if extension else text)
    digits = _NOT_DIGITS.sub("", unicodedata.normalize("NFKC", head))
    if not digits:
        return ""
    abroad = digits.startswith("00") or head.strip().startswith(("+", "\uff0b"))
    if abroad and digits.strip("0"):
        digits = "+" + digits.lstrip("0")
    return f"{digits}x{extension[1]}" if extension else digits


def _address(text: str) -> str:
    """A web address without scheme and closing slash, its host in lower case."""
    host, slash, path = _SCHEME.sub("", text.strip()).partition("/")
    return (host.lower() + slash + path).rstrip("/")


_REDUCERS: dict[FieldType, Callable[[records.Value], records.Value]] = {
    FieldType.EMAIL: lambda value: first_address(_trimmed(value)) or _trimmed(value),
    FieldType.PHONE: _phone,
    FieldType.URL: lambda value: _address(_trimmed(value)),
    FieldType.BOOLEAN: _boolean,
    FieldType.CHOICES: _choices,
    FieldType.DATETIME: _moment,
}
