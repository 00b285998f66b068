"""One filter condition asked of one value: every operator, and nothing about groups.

Owns what the operators mean. Text is compared without case, width and doubled blanks; days are days of the account's
time zone; a value that is not known, or cannot be read as the field's type, passes only where the rule includes unset values.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from syncapp.engine import normalize, records, rules, values
from syncapp.engine.vocabulary import FieldType, FilterOperator

_LAST_MONTH = 12


@dataclass(frozen=True, kw_only=True)
class Present:
    """When and where the question is asked."""

    now: datetime
    time_zone: str

    @property
    def today(self) -> date:
        """The day it is in the account's time zone."""
        return self.now.astimezone(values.zone(self.time_zone)).date()


Test = Callable[[rules.FilterRule, records.Value, Present], bool | None]
"""Whether a known value meets a rule; None where it cannot be read as the field's type."""


def holds(
    *, rule: rules.FilterRule, value: records.Value, past: Sequence[records.Value], other: records.Value, present: Present,
) -> bool:
    """Tell whether a rule holds. `past` are earlier values of the field, `other` is the value of the field it is compared with."""
    operator = rule.operator
    if operator is FilterOperator.IS_KNOWN:
        return not values.blank(value)
    if operator is FilterOperator.IS_UNKNOWN:
        return values.blank(value)
    if operator in _AGAINST_FIELD:
        order = _order(value, other, present)
        return rule.include_unset if order is None else order == _AGAINST_FIELD[operator]
    test, negated, ever = _TESTS[operator]
    seen = [one for one in ((value, *past) if ever else (value,)) if not values.blank(one)]
    answers = [answer for one in seen if (answer := test(rule, one, present)) is not None]
    return any(answers) != negated if answers else rule.include_unset


def _equals(rule: rules.FilterRule, value: records.Value, _: Present) -> bool | None:
    if rule.field.type is FieldType.NUMBER:
        number = values.as_decimal(value)
        return None if number is None else any(number == values.as_decimal(wanted) for wanted in rule.values)
    if rule.field.type is FieldType.BOOLEAN:
        return any(value is values.canonical(type=FieldType.BOOLEAN, raw=wanted) for wanted in rule.values)
    if rule.field.type is FieldType.PHONE:
        return any(_same_phone(value, wanted) for wanted in rule.values)
    return any(_folded(value) == normalize.folded(wanted) for wanted in rule.values)


def _same_phone(value: records.Value, wanted: str) -> bool:
    dialed, meant = (normalize.key(type=FieldType.PHONE, value=one) for one in (value, wanted))
    return (dialed is not None and dialed == meant) or _folded(value) == normalize.folded(wanted)


def _folded(value: records.Value) -> str:
    return normalize.folded(values.plain(value))


def _contains(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    text = _folded(value)
    return any(normalize.folded(wanted) in text for wanted in rule.values)


def _contains_exactly(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    """The words of the value, whole and in order."""
    text = _folded(value)
    return any(re.search(rf"(?<!\w){re.escape(normalize.folded(wanted))}(?!\w)", text) for wanted in rule.values)


def _starts(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    return _folded(value).startswith(tuple(normalize.folded(wanted) for wanted in rule.values))


def _ends(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    return _folded(value).endswith(tuple(normalize.folded(wanted) for wanted in rule.values))


def _compared(passes: Callable[[Decimal, Decimal], bool]) -> Test:
    def test(rule: rules.FilterRule, value: records.Value, _: Present) -> bool | None:
        number, limit = values.as_decimal(value), values.as_decimal(rule.values[0])
        return None if number is None or limit is None else passes(number, limit)

    return test


def _between(rule: rules.FilterRule, value: records.Value, present: Present) -> bool | None:
    """Both ends included; an end without a time of day includes its whole day."""
    if rule.field.type is FieldType.NUMBER:
        number, low, high = values.as_decimal(value), values.as_decimal(rule.values[0]), values.as_decimal(rule.values[1])
        return None if number is None or low is None or high is None else low <= number <= high
    start, end = _order(value, rule.values[0], present), _order(value, rule.values[1], present)
    return None if start is None or end is None else start >= 0 and end <= 0


def _chosen(value: records.Value) -> set[str]:
    return set(value) if isinstance(value, tuple) else {values.plain(value)}


def _any_of(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    return not _chosen(value).isdisjoint(rule.values)


def _exactly(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    return _chosen(value) == set(rule.values)


def _all_of(rule: rules.FilterRule, value: records.Value, _: Present) -> bool:
    return _chosen(value) >= set(rule.values)


def _order(one: records.Value, two: records.Value, present: Present) -> int | None:
    """-1, 0 or 1 as the first is before, at or after the second: by days where either is a plain day, else by moments."""
    a: date | None
    b: date | None
    if _plain_day(one) or _plain_day(two):
        a, b = values.as_date(one, time_zone=present.time_zone), values.as_date(two, time_zone=present.time_zone)
    else:
        a, b = values.as_datetime(one), values.as_datetime(two)
    return None if a is None or b is None else (a > b) - (a < b)


def _plain_day(value: records.Value) -> bool:
    return isinstance(value, str) and len(value) == len("2026-11-26")


def _ordered(wanted: int) -> Test:
    def test(rule: rules.FilterRule, value: records.Value, present: Present) -> bool | None:
        order = _order(value, rule.values[0], present)
        return None if order is None else order == wanted

    return test


def _distant(sign: int, *, near: bool) -> Test:
    """Days between today and the value, counted backwards (-1) or forwards (1)."""

    def test(rule: rules.FilterRule, value: records.Value, present: Present) -> bool | None:
        day = values.as_date(value, time_zone=present.time_zone)
        if day is None:
            return None
        days, limit = sign * (day - present.today).days, int(rule.values[0])
        return 0 <= days < limit if near else days > limit

    return test


def _within(step: int, *, so_far: bool = False) -> Test:
    """In the period before (-1), around (0) or after (1) today; so far means not in the future."""

    def test(rule: rules.FilterRule, value: records.Value, present: Present) -> bool | None:
        day = values.as_date(value, time_zone=present.time_zone)
        if day is None:
            return None
        start, after = _period(rule.values[0], present.today)
        if step < 0:
            start, after = _period(rule.values[0], start - timedelta(days=1))
        elif step > 0:
            start, after = _period(rule.values[0], after)
        if not start <= day < after:
            return False
        if not so_far:
            return True
        moment = None if _plain_day(value) else values.as_datetime(value)
        return day <= present.today if moment is None else moment <= present.now

    return test


def _period(unit: str, day: date) -> tuple[date, date]:
    """The first day of the period around a day, and the first day after it. Weeks begin on Monday."""
    if unit == "day":
        return day, day + timedelta(days=1)
    if unit == "week":
        start = day - timedelta(days=day.weekday())
        return start, start + timedelta(days=7)
    months = {"month": 1, "quarter": 3, "year": _LAST_MONTH}[unit]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = start.month + months
    return start, date(start.year + (following > _LAST_MONTH), (following - 1) % _LAST_MONTH + 1, 1)


_AGAINST_FIELD = {FilterOperator.BEFORE_FIELD: -1, FilterOperator.AFTER_FIELD: 1}

_TESTS: dict[FilterOperator, tuple[Test, bool, bool]] = {
    FilterOperator.EQUALS: (_equals, False, False),
    FilterOperator.NOT_EQUALS: (_equals, True, False),
    FilterOperator.CONTAINS: (_contains, False, False),
    FilterOperator.NOT_CONTAINS: (_contains, True, False),
    FilterOperator.CONTAINS_EXACTLY: (_contains_exactly, False, False),
    FilterOperator.NOT_CONTAINS_EXACTLY: (_contains_exactly, True, False),
    FilterOperator.STARTS_WITH: (_starts, False, False),
    FilterOperator.ENDS_WITH: (_ends, False, False),
    FilterOperator.EVER_EQUALED: (_equals, False, True),
    FilterOperator.NEVER_EQUALED: (_equals, True, True),
    FilterOperator.EVER_CONTAINED: (_contains, False, True),
    FilterOperator.NEVER_CONTAINED: (_contains, True, True),
    FilterOperator.GREATER: (_compared(lambda number, limit: number > limit), False, False),
    FilterOperator.GREATER_OR_EQUAL: (_compared(lambda number, limit: number >= limit), False, False),
    FilterOperator.LESS: (_compared(lambda number, limit: number < limit), False, False),
    FilterOperator.LESS_OR_EQUAL: (_compared(lambda number, limit: number <= limit), False, False),
    FilterOperator.BETWEEN: (_between, False, False),
    FilterOperator.NOT_BETWEEN: (_between, True, False),
    FilterOperator.ANY_OF: (_any_of, False, False),
    FilterOperator.NONE_OF: (_any_of, True, False),
    FilterOperator.EXACTLY: (_exactly, False, False),
    FilterOperator.NOT_EXACTLY: (_exactly, True, False),
    FilterOperator.CONTAINS_ALL: (_all_of, False, False),
    FilterOperator.NOT_CONTAINS_ALL: (_all_of, True, False),
    FilterOperator.EVER_ANY_OF: (_any_of, False, True),
    FilterOperator.NEVER_ANY_OF: (_any_of, True, True),
    FilterOperator.EVER_EXACTLY: (_exactly, False, True),
    FilterOperator.NEVER_EXACTLY: (_exactly, True, True),
    FilterOperator.EVER_CONTAINED_ALL: (_all_of, False, True),
    FilterOperator.NEVER_CONTAINED_ALL: (_all_of, True, True),
    FilterOperator.BEFORE: (_ordered(-1), False, False),
    FilterOperator.AFTER: (_ordered(1), False, False),
    FilterOperator.LESS_THAN_DAYS_AGO: (_distant(-1, near=True), False, False),
    FilterOperator.MORE_THAN_DAYS_AGO: (_distant(-1, near=False), False, False),
    FilterOperator.LESS_THAN_DAYS_AHEAD: (_distant(1, near=True), False, False),
    FilterOperator.MORE_THAN_DAYS_AHEAD: (_distant(1, near=False), False, False),
    FilterOperator.IN_THIS: (_within(0), False, False),
    FilterOperator.IN_THIS_SO_FAR: (_within(0, so_far=True), False, False),
    FilterOperator.IN_NEXT: (_within(1), False, False),
    FilterOperator.IN_LAST: (_within(-1), False, False),
}
