"""What a filter condition may ask of a field, what is typed for it, and how typed words become values.

Owns the kinds of input and the way between a choice's name and its code. Whether what was typed makes sense is checked when it is saved.
"""
from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from syncapp import models
from syncapp.engine import schema
from syncapp.engine.operators import Period
from syncapp.engine.vocabulary import FieldType, FilterOperator
from syncapp.engine.wording import say
from syncapp.services import defaults

BY_COMMA = frozenset({FieldType.CHOICE, FieldType.CHOICES, FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME})
_LISTED = frozenset({FieldType.CHOICE, FieldType.CHOICES})
_TIMES = frozenset({FieldType.DATE, FieldType.DATETIME})
_RANGES = frozenset({FilterOperator.BETWEEN, FilterOperator.NOT_BETWEEN})
_DISTANT = frozenset({
    FilterOperator.LESS_THAN_DAYS_AGO, FilterOperator.MORE_THAN_DAYS_AGO,
    FilterOperator.LESS_THAN_DAYS_AHEAD, FilterOperator.MORE_THAN_DAYS_AHEAD,
})
_PERIODS = frozenset({FilterOperator.IN_THIS, FilterOperator.IN_THIS_SO_FAR, FilterOperator.IN_NEXT, FilterOperator.IN_LAST})
_ORDERED = frozenset({FilterOperator.GREATER, FilterOperator.GREATER_OR_EQUAL, FilterOperator.LESS, FilterOperator.LESS_OR_EQUAL})


class Input(enum.StrEnum):
    """How the value of a condition is entered."""

    NOTHING = "nothing"
    TEXT = "text"
    NUMBER = "number"
    NUMBERS = "numbers"
    DATE = "date"
    DATES = "dates"
    DAYS = "days"
    CHOICES = "choices"
    ONE_OF = "one of"


def input_for(*, type: FieldType, operator: FilterOperator) -> Input:
    """Tell how the value of a condition on a field of that type is entered."""
    if operator in (FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN):
        return Input.NOTHING
    if operator in _DISTANT:
        return Input.DAYS
    if operator in _PERIODS or operator in (FilterOperator.BEFORE_FIELD, FilterOperator.AFTER_FIELD) or type is FieldType.BOOLEAN:
        return Input.ONE_OF
    if type in _LISTED:
        return Input.CHOICES
    if type in _TIMES:
        return Input.DATES if operator in _RANGES else Input.DATE
    if type is FieldType.NUMBER:
        return Input.NUMBERS if operator in _RANGES else Input.NUMBER
    return Input.TEXT


def hint(*, operator: FilterOperator) -> str:
    """Say what to type for an operator, whatever the field; "" where nothing is typed."""
    if operator in (FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN):
        return ""
    if operator in _RANGES:
        return say("Two values, the smaller first")
    if operator in _DISTANT:
        return say("A number of days, such as 30")
    if operator in _PERIODS:
        return say("day, week, month, quarter or year")
    if operator in (FilterOperator.BEFORE_FIELD, FilterOperator.AFTER_FIELD):
        return say("The name of another date field")
    if operator in (FilterOperator.BEFORE, FilterOperator.AFTER):
        return say("A date, such as 2026-01-31")
    return say("A number") if operator in _ORDERED else say("One value on a line")


def told(*, fields: Iterable[models.VendorField]) -> dict[str, dict[str, Any]]:
    """Tell by the id of a field what may be asked of it: the conditions that fit, each with its input, and what there is to choose."""
    fields = list(fields)
    days = _days(fields)
    return {str(field.pk): _told(field, days.get((field.connection_id, field.kind), ())) for field in fields}


def _told(field: models.VendorField, days: Sequence[models.VendorField]) -> dict[str, Any]:
    spec = defaults.described(field=field)
    fitting = {
        one: input_for(type=spec.type, operator=one)
        for one in schema.operators_for(spec.type) if spec.keeps_history or one not in schema.ABOUT_THE_PAST
    }
    typed = choice_words(field=field)
    others = [[one.name, one.label] for one in days if one.associated_kind in ("", field.associated_kind) and one.pk != field.pk]
    return {
        "operators": {one.value: way.value for one, way in fitting.items()},
        "choices": [[typed[value], label] for value, label in spec.choices],
        "one_of": {one.value: _one_of(spec.type, one, others) for one, way in fitting.items() if way is Input.ONE_OF},
    }


def _one_of(type: FieldType, operator: FilterOperator, others: list[list[str]]) -> list[list[str]]:
    if operator in _PERIODS:
        return [[one.value, one.label] for one in Period]
    if type is FieldType.BOOLEAN:
        return [["true", say("yes")], ["false", say("no")]]
    return others


def _days(fields: Sequence[models.VendorField]) -> dict[tuple[int, str], list[models.VendorField]]:
    """The date fields of the accounts and kinds that dates among the fields can be compared with. One query."""
    asked = [field for field in fields if field.type in _TIMES]
    if not asked:
        return {}
    known = models.VendorField.objects.filter(
        connection__in={field.connection_id for field in asked}, kind__in={field.kind for field in asked}, type__in=list(_TIMES),
        archived=False, reason="",
    )
    found: dict[tuple[int, str], list[models.VendorField]] = {}
    for one in known:
        found.setdefault((one.connection_id, one.kind), []).append(one)
    return found


def choice_words(*, field: models.VendorField) -> Mapping[str, str]:
    """Tell by which word each choice of a field is typed: by its name, or by its code where others have the same name."""
    names = Counter(_plain(label) for _, label in field.choices)
    return {str(value): str(label) if names[_plain(label)] == 1 and str(label).strip() else str(value) for value, label in field.choices}


def as_text(*, rule: models.FilterRule) -> str:
    """Write a condition's values as they are typed: choices by their names, one on a line."""
    words = choice_words(field=rule.field)
    return "\n".join(str(words.get(str(value), value)) for value in rule.values)


def as_values(*, typed: str, field: models.VendorField) -> list[str]:
    """Read the values out of what was typed: one on a line or, where no choice is called like the line, parted by commas."""
    codes = {_plain(words): value for value, words in choice_words(field=field).items()}
    lines = [line.strip() for line in typed.splitlines()]
    if field.type in BY_COMMA:
        lines = [part.strip() for line in lines for part in ([line] if _plain(line) in codes else line.split(","))]
    return [codes.get(_plain(line), line) for line in lines if line]


def codes(*, field: models.VendorField, words: Iterable[str]) -> list[str]:
    """Tell the choices of a field that are called so; what no choice is called stays as it is."""
    known = {_plain(called): value for value, called in choice_words(field=field).items()}
    return [known.get(_plain(word), word) for word in words]


def _plain(words: object) -> str:
    return str(words).strip().casefold()
