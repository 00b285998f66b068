"""Every condition that a type of field may be asked, with a value that meets it and one that does not.

The table is the product's list of conditions; it is written out here so that one which is missing in the program is missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from syncapp.engine import filter_checks, filters, records, rules, schema
from syncapp.engine.vocabulary import FieldType, FilterOperator
from tests.engine.examples import condition, contact, field, group

THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
O = FilterOperator  # noqa: E741 - the tables below are read by operator
T = FieldType

Case = tuple[Sequence[str], records.Value, records.Value]
"""What the rule asks for, a value that meets it, a value that does not."""

KNOWN: Mapping[FilterOperator, Case] = {O.IS_KNOWN: ((), "set", None), O.IS_UNKNOWN: ((), None, "set")}
TEXT: Mapping[FilterOperator, Case] = {
    O.EQUALS: (["ann@lee.example", "bo"], "Ann@LEE.example", "ann@lee.exampl"),
    O.NOT_EQUALS: (["ann@lee.example", "bo"], "cy", "Bo"),
    O.CONTAINS: (["@lee", "zz"], "ann@LEE.example", "ann@roe.example"),
    O.NOT_CONTAINS: (["@lee", "zz"], "ann@roe.example", "ann@LEE.example"),
    O.CONTAINS_EXACTLY: (["lee"], "ann@lee.example", "ann@leeds.example"),
    O.NOT_CONTAINS_EXACTLY: (["lee"], "ann@leeds.example", "ann@lee.example"),
    O.STARTS_WITH: (["ann", "bo"], "Bob", "Rob"),
    O.ENDS_WITH: ([".example"], "ann@lee.EXAMPLE", "ann@lee.examples"),
    O.EVER_EQUALED: (["ann"], "Ann", "Anna"),
    O.NEVER_EQUALED: (["ann"], "Anna", "Ann"),
    O.EVER_CONTAINED: (["ann"], "Anna", "Bo"),
    O.NEVER_CONTAINED: (["ann"], "Bo", "Anna"),
}
NUMBER: Mapping[FilterOperator, Case] = {
    O.EQUALS: (["5"], "5.0", "5.1"),
    O.NOT_EQUALS: (["5"], "5.1", "5.0"),
    O.GREATER: (["5"], "10", "5"),
    O.GREATER_OR_EQUAL: (["5"], "5", "4.9"),
    O.LESS: (["5"], "4.9", "10"),
    O.LESS_OR_EQUAL: (["5"], "5", "5.1"),
    O.BETWEEN: (["5", "10"], "10", "10.1"),
    O.NOT_BETWEEN: (["5", "10"], "4.9", "5"),
    O.EVER_EQUALED: (["5"], "5.0", "6"),
    O.NEVER_EQUALED: (["5"], "6", "5.0"),
}
BOOLEAN: Mapping[FilterOperator, Case] = {
    O.EQUALS: (["false"], False, True),
    O.NOT_EQUALS: (["false"], True, False),
    O.EVER_EQUALED: (["true"], True, False),
    O.NEVER_EQUALED: (["true"], False, True),
}
CHOICE: Mapping[FilterOperator, Case] = {
    O.ANY_OF: (["a", "b"], "b", "c"),
    O.NONE_OF: (["a", "b"], "c", "b"),
    O.EXACTLY: (["a"], "a", "b"),
    O.NOT_EXACTLY: (["a"], "b", "a"),
    O.CONTAINS_ALL: (["a"], "a", "b"),
    O.NOT_CONTAINS_ALL: (["a"], "b", "a"),
    O.EVER_ANY_OF: (["a", "b"], "b", "c"),
    O.NEVER_ANY_OF: (["a", "b"], "c", "b"),
    O.EVER_EXACTLY: (["a"], "a", "b"),
    O.NEVER_EXACTLY: (["a"], "b", "a"),
    O.EVER_CONTAINED_ALL: (["a"], "a", "b"),
    O.NEVER_CONTAINED_ALL: (["a"], "b", "a"),
}
CHOICES: Mapping[FilterOperator, Case] = {
    O.ANY_OF: (["a", "b"], ("b", "c"), ("c",)),
    O.NONE_OF: (["a", "b"], ("c",), ("b", "c")),
    O.EXACTLY: (["b", "a"], ("a", "b"), ("a", "b", "c")),
    O.NOT_EXACTLY: (["b", "a"], ("a", "b", "c"), ("a", "b")),
    O.CONTAINS_ALL: (["a", "b"], ("a", "b", "c"), ("a", "c")),
    O.NOT_CONTAINS_ALL: (["a", "b"], ("a", "c"), ("a", "b", "c")),
    O.EVER_ANY_OF: (["a", "b"], ("b", "c"), ("c",)),
    O.NEVER_ANY_OF: (["a", "b"], ("c",), ("b", "c")),
    O.EVER_EXACTLY: (["a", "b"], ("a", "b"), ("a", "b", "c")),
    O.NEVER_EXACTLY: (["a", "b"], ("a", "b", "c"), ("a", "b")),
    O.EVER_CONTAINED_ALL: (["a", "b"], ("a", "b", "c"), ("a", "c")),
    O.NEVER_CONTAINED_ALL: (["a", "b"], ("a", "c"), ("a", "b", "c")),
}
DATE: Mapping[FilterOperator, Case] = {
    O.BEFORE: (["2026-11-26"], "2026-11-25", "2026-11-26"),
    O.AFTER: (["2026-11-26"], "2026-11-27", "2026-11-26"),
    O.BETWEEN: (["2026-11-20", "2026-11-26"], "2026-11-26", "2026-11-27"),
    O.NOT_BETWEEN: (["2026-11-20", "2026-11-26"], "2026-11-27", "2026-11-26"),
    O.LESS_THAN_DAYS_AGO: (["3"], "2026-11-24", "2026-11-22"),
    O.MORE_THAN_DAYS_AGO: (["3"], "2026-11-22", "2026-11-24"),
    O.LESS_THAN_DAYS_AHEAD: (["3"], "2026-11-28", "2026-11-30"),
    O.MORE_THAN_DAYS_AHEAD: (["3"], "2026-11-30", "2026-11-28"),
    O.IN_THIS: (["month"], "2026-11-30", "2026-12-01"),
    O.IN_THIS_SO_FAR: (["month"], "2026-11-26", "2026-11-30"),
    O.IN_NEXT: (["month"], "2026-12-01", "2026-11-30"),
    O.IN_LAST: (["month"], "2026-10-31", "2026-11-01"),
    O.BEFORE_FIELD: (["other"], "2026-11-25", "2026-11-27"),
    O.AFTER_FIELD: (["other"], "2026-11-27", "2026-11-25"),
}
TABLE: Mapping[FieldType, Mapping[FilterOperator, Case]] = {
    **{textual: {**TEXT, **KNOWN} for textual in (T.TEXT, T.EMAIL, T.PHONE, T.URL)},
    T.NUMBER: {**NUMBER, **KNOWN},
    T.BOOLEAN: {**BOOLEAN, O.IS_KNOWN: ((), False, None), O.IS_UNKNOWN: ((), None, False)},
    T.CHOICE: {**CHOICE, **KNOWN},
    T.CHOICES: {**CHOICES, O.IS_KNOWN: ((), ("a",), ()), O.IS_UNKNOWN: ((), (), ("a",))},
    T.DATE: {**DATE, **KNOWN},
    T.DATETIME: {**DATE, **KNOWN},
    T.REFERENCE: KNOWN,
    T.LINES: {O.IS_KNOWN: ((), ("{}",), None), O.IS_UNKNOWN: ((), None, ("{}",))},
}
UNITS = ("day", "week", "month", "quarter", "year")
CASES = [(type, operator) for type, asked in TABLE.items() for operator in asked]
PERIODS = (O.IN_THIS, O.IN_THIS_SO_FAR, O.IN_NEXT, O.IN_LAST)


def lets_in(rule: rules.FilterRule, **facts: Any) -> bool:
    return filters.evaluate(groups=[group(rule)], subject=contact(other="2026-11-26", **facts), now=THURSDAY).passes


def asked(type: FieldType, operator: FilterOperator, *, include_unset: bool = False) -> rules.FilterRule:
    return condition(field("a", type), operator, *TABLE[type][operator][0], include_unset=include_unset)


class TestTheTable:
    def test_lists_every_type_and_what_may_be_asked_of_it(self) -> None:
        offered = {type: set(schema.operators_for(type)) for type in FieldType}

        assert offered == {type: set(asked) for type, asked in TABLE.items()}

    @pytest.mark.parametrize(("type", "operator"), CASES)
    def test_can_be_saved(self, type: FieldType, operator: FilterOperator) -> None:
        other = field("other", T.DATE)

        assert filter_checks.problems(asked(type, operator), fields={"a": field("a", type), "other": other}) == ()

    @pytest.mark.parametrize(("type", "operator"), CASES)
    def test_tells_the_fitting_from_the_others(self, type: FieldType, operator: FilterOperator) -> None:
        _, good, bad = TABLE[type][operator]

        assert lets_in(asked(type, operator), a=good)
        assert not lets_in(asked(type, operator), a=bad)

    @pytest.mark.parametrize(("type", "operator"), CASES)
    def test_holds_for_an_associated_record_too(self, type: FieldType, operator: FilterOperator) -> None:
        wanted, good, bad = TABLE[type][operator]
        through = field("invoices.a", type, associated_kind="invoices")
        values = [f"invoices.{one}" for one in wanted] if operator in (O.BEFORE_FIELD, O.AFTER_FIELD) else wanted
        rule = condition(through, operator, *values)

        assert lets_in(rule, related={"invoices": ({"a": good, "other": "2026-11-26"},)})
        assert not lets_in(rule, related={"invoices": ({"a": bad, "other": "2026-11-26"},)})

    @pytest.mark.parametrize(("type", "operator"), [case for case in CASES if case[1] not in KNOWN])
    def test_leaves_out_what_has_no_value_unless_it_is_to_be_included(self, type: FieldType, operator: FilterOperator) -> None:
        assert not lets_in(asked(type, operator))
        assert lets_in(asked(type, operator, include_unset=True))

    @pytest.mark.parametrize("unit", UNITS)
    @pytest.mark.parametrize("operator", PERIODS)
    def test_knows_every_period(self, operator: FilterOperator, unit: str) -> None:
        rule = condition(field("a", T.DATE), operator, unit)
        days = {O.IN_THIS: "2026-11-26", O.IN_THIS_SO_FAR: "2026-11-26", O.IN_NEXT: following(unit), O.IN_LAST: before(unit)}

        assert filter_checks.problems(rule) == ()
        assert lets_in(rule, a=days[operator])
        assert not lets_in(rule, a="2019-01-01")


class TestThePast:
    EVER = [case for case in CASES if case[1] in schema.ABOUT_THE_PAST]

    @pytest.mark.parametrize(("type", "operator"), EVER)
    def test_is_asked_beside_the_present(self, type: FieldType, operator: FilterOperator) -> None:
        _, good, bad = TABLE[type][operator]
        never = operator.value.startswith("NEVER")
        decisive, other = (bad, good) if never else (good, bad)

        assert lets_in(asked(type, operator), a=other, past={"a": (decisive,)}) != never
        assert lets_in(asked(type, operator), a=None, past={"a": (decisive,)}) != never

    @pytest.mark.parametrize(("type", "operator"), EVER)
    def test_of_an_associated_record_is_its_own(self, type: FieldType, operator: FilterOperator) -> None:
        wanted, good, bad = TABLE[type][operator]
        never = operator.value.startswith("NEVER")
        decisive, other = (bad, good) if never else (good, bad)
        rule = condition(field("invoices.a", type, associated_kind="invoices"), operator, *wanted)
        of_invoice, of_contact = {"invoices": ({"a": (decisive,)},)}, {"a": (decisive,), "invoices.a": (decisive,)}

        assert lets_in(rule, related={"invoices": ({"a": other},)}, related_past=of_invoice) != never
        assert lets_in(rule, related={"invoices": ({"a": other},)}, past=of_contact) == never

    @pytest.mark.parametrize(("type", "operator"), EVER)
    def test_cannot_be_asked_where_it_is_not_told(self, type: FieldType, operator: FilterOperator) -> None:
        rule = condition(field("a", type, label="Balance", keeps_history=False), operator, *TABLE[type][operator][0])

        (problem,) = filter_checks.problems(rule, vendor="QuickBooks")

        assert problem.startswith(f'The filter on "Balance" cannot ask "{operator.label}": QuickBooks does not tell what this field held')
        assert "Ask for the value it has now, with " in problem


def following(unit: str) -> str:
    """A day in the period after that of the Thursday."""
    return {"day": "2026-11-27", "week": "2026-12-01", "month": "2026-12-31", "quarter": "2027-02-01", "year": "2027-12-31"}[unit]


def before(unit: str) -> str:
    """A day in the period before that of the Thursday."""
    return {"day": "2026-11-25", "week": "2026-11-18", "month": "2026-10-01", "quarter": "2026-08-01", "year": "2025-02-01"}[unit]
