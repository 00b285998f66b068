"""Steps between the value of one side and what is written to the other: a template, a phone number, a country, a case, a cut.

Owns what each step does to a value. A step never fails: what it cannot read stays as it is, for the checks before a write.
Whether a step fits its mapping is decided by `transform_checks`.
"""
from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import phonenumbers

from syncapp.engine import countries, records, values
from syncapp.engine.vocabulary import Side, TransformKind
from syncapp.engine.wording import say

if TYPE_CHECKING:
    from syncapp.engine import schema

CODE, NAME = "code", "name"
_LONGEST_NUMBER = 80
_PLACE = re.compile(r"\{([^{}]+)\}")
_BLANKS = re.compile(r"[^\S\r\n]+")
_BLANK_LINES = re.compile(r" *\n+ *")
_WORD = re.compile(r"[^\s\-]+")
_ONE_LETTER_FIRST = re.compile(r"^(\w['’])(\w)")
_DIALED = re.compile(r"^[\s+\uff0b\d().\-‐-–/·\u00a0]+?\s*(?:(?:extension|ext\.?|x|#)\s*\d{1,7}\s*)?$", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Transform:
    """One step toward a side. `setting` is what a person typed for it: a template, a country, a value or a number of characters."""

    side: Side
    kind: TransformKind
    setting: str = ""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a value is after a step."""

    step: Transform
    value: records.Value


def template(*, transforms: Iterable[Transform], side: Side) -> str:
    """The template whose text is written to a side, "" where there is none."""
    return next((step.setting for step in transforms if step.side is side and step.kind is TransformKind.TEMPLATE), "")


def places(template: str) -> tuple[str, ...]:
    """Name the fields that a template looks at, each once."""
    return tuple(dict.fromkeys(name.strip() for name in _PLACE.findall(template)))


def composed(*, template: str, value_of: Callable[[str], records.Value]) -> str | None:
    """Fill a template in. A field without a value leaves no gap; where none has one there is no text at all."""
    found = {name: value_of(name) for name in places(template)}
    if all(values.blank(value) for value in found.values()):
        return None
    text = _PLACE.sub(lambda place: _shown(found[place[1].strip()]), template)
    return _BLANK_LINES.sub("\n", _BLANKS.sub(" ", text)).strip() or None


def stages(*, transforms: Sequence[Transform], side: Side, value: records.Value, into: schema.FieldSpec) -> Iterator[Stage]:
    """Take a value through the steps toward a side, one by one. A template is no such step: its text is what they begin with."""
    for step in transforms:
        if step.side is side and step.kind is not TransformKind.TEMPLATE:
            value = applied(step=step, value=value, into=into)
            yield Stage(step=step, value=value)


def through(*, transforms: Sequence[Transform], side: Side, value: records.Value, into: schema.FieldSpec) -> records.Value:
    """The value after all steps toward a side."""
    for stage in stages(transforms=transforms, side=side, value=value, into=into):
        value = stage.value
    return value


def applied(*, step: Transform, value: records.Value, into: schema.FieldSpec) -> records.Value:
    """The value after one step. All but a default are for text only and leave anything else as it is."""
    if step.kind is TransformKind.DEFAULT:
        return default(step=step, into=into) if values.blank(value) else value
    if not isinstance(value, str) or values.blank(value):
        return value
    if step.kind is TransformKind.TRUNCATE:
        return _cut(value, limit(step=step, into=into))
    return _STEPS[step.kind](value, step.setting) if step.kind in _STEPS else value


def default(*, step: Transform, into: schema.FieldSpec) -> records.Value:
    """What is written where there is nothing, as the field holds it."""
    try:
        return values.canonical(type=into.type, raw=step.setting)
    except ValueError:
        return step.setting


def limit(*, step: Transform, into: schema.FieldSpec) -> int | None:
    """How many characters a cut leaves: as many as were asked for, and no more than the field holds; None where neither is known."""
    text = step.setting.strip()
    asked = int(text) if text.isascii() and text.isdecimal() and int(text) else None
    known = [number for number in (asked, into.max_length) if number]
    return min(known) if known else None


def region(text: str) -> str | None:
    """The country whose way of writing phone numbers is meant, None where there is none such."""
    found = countries.code(text)
    return found if found in phonenumbers.SUPPORTED_REGIONS else None


def cuts(*, transforms: Sequence[Transform], side: Side, value: records.Value, into: schema.FieldSpec) -> str:
    """Say that a value was shortened on its way to a side, and from how much; "" where it was not."""
    told, before = [], value
    for stage in stages(transforms=transforms, side=side, value=value, into=into):
        if stage.step.kind is TransformKind.TRUNCATE and isinstance(before, str) and isinstance(stage.value, str):
            trimmed = before.strip()
            if len(stage.value) < len(trimmed):
                told.append(say("It was shortened from {before} to {after} characters.", before=len(trimmed), after=len(stage.value)))
        before = stage.value
    return " ".join(told)


def _shown(value: records.Value) -> str:
    return "" if values.blank(value) else values.plain(value)


@lru_cache(maxsize=4096)
def _phone(value: str, setting: str) -> str:
    """A number that the country's plan knows, in its international form, an extension behind it; anything else as it is."""
    if len(value) > _LONGEST_NUMBER or not _DIALED.match(value.strip()):
        return value
    try:
        number = phonenumbers.parse(value, region(setting))
    except phonenumbers.NumberParseException:
        return value
    if not phonenumbers.is_valid_number(number):
        return value
    extension = f" x{number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


def _country(value: str, setting: str) -> str:
    found = countries.code(value)
    if found is None:
        return value
    return countries.name(found) if setting.strip().casefold() == NAME else found


def _titled(value: str, setting: str) -> str:
    return _WORD.sub(lambda word: _titled_word(word[0]), value)


def _titled_word(word: str) -> str:
    """O'Brien keeps its second capital."""
    at = next((place for place, sign in enumerate(word) if sign.isalnum()), 0)
    small = word[:at] + word[at:][:1].upper() + word[at + 1:].lower()
    return _ONE_LETTER_FIRST.sub(lambda start: start[1] + start[2].upper(), small)


def _cut(value: str, most: int | None) -> str:
    """Cut to so many characters, never within a letter and its accent, no blank at the end."""
    text = value.strip()
    if most is None or len(value) <= most:
        return value
    if len(text) <= most:
        return text
    end = most
    while end > 1 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip()


_STEPS: dict[TransformKind, Callable[[str, str], str]] = {
    TransformKind.PHONE_E164: _phone,
    TransformKind.COUNTRY_ISO: _country,
    TransformKind.UPPER: lambda value, setting: value.upper(),
    TransformKind.LOWER: lambda value, setting: value.lower(),
    TransformKind.TITLE: _titled,
    TransformKind.TRIM: lambda value, setting: _BLANKS.sub(" ", value).strip(),
}
