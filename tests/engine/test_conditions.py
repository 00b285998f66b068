"""Every operator of a filter rule, asked of one value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from syncapp.engine import conditions, records, schema
from syncapp.engine.vocabulary import FieldType, FilterOperator
from tests.engine.examples import condition, field

THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
O = FilterOperator  # noqa: E741 - the tables below are read by operator
T = FieldType

# type, operator, the rule's values, values that hold, values that do not
TABLE: list[tuple[FieldType, FilterOperator, Sequence[str], Sequence[records.Value], Sequence[records.Value]]] = [
    (T.TEXT, O.EQUALS, ["acme", "lee"], ["ACME ", "Lee"], ["acme inc"]),
    (T.TEXT, O.NOT_EQUALS, ["acme", "lee"], ["acme inc"], ["Acme"]),
    (T.TEXT, O.CONTAINS, ["cm", "zz"], ["ACME"], ["Lee"]),
    (T.TEXT, O.NOT_CONTAINS, ["cm", "zz"], ["Lee"], ["ACME"]),
    (T.TEXT, O.CONTAINS_EXACTLY, ["main street"], ["12 Main  Street, Bath"], ["12 Main Streets", "street main"]),
    (T.TEXT, O.NOT_CONTAINS_EXACTLY, ["main street"], ["Domain street"], ["1 main street"]),
    (T.TEXT, O.STARTS_WITH, ["ac", "le"], ["Acme", "Lee"], ["Macy"]),
    (T.TEXT, O.ENDS_WITH, ["inc"], ["Acme Inc"], ["Inca"]),
    (T.EMAIL, O.ENDS_WITH, ["@lee.example"], ["Ann@LEE.example"], ["ann@example.lee"]),
    (T.PHONE, O.EQUALS, ["+1 415 555 0100"], ["001 (415) 555-0100"], ["+1 415 555 0101", "none"]),
    (T.NUMBER, O.EQUALS, ["12.50"], ["12.5"], ["12.51"]),
    (T.NUMBER, O.NOT_EQUALS, ["12.5"], ["12"], ["12.500"]),
    (T.NUMBER, O.GREATER, ["9"], ["10"], ["9", "-10"]),
    (T.NUMBER, O.GREATER_OR_EQUAL, ["9"], ["9", "10"], ["8.99"]),
    (T.NUMBER, O.LESS, ["9"], ["-10"], ["9", "10"]),
    (T.NUMBER, O.LESS_OR_EQUAL, ["9"], ["9"], ["9.01"]),
    (T.NUMBER, O.BETWEEN, ["1", "10"], ["1", "10", "2"], ["0.99", "11"]),
    (T.NUMBER, O.NOT_BETWEEN, ["1", "10"], ["0.99", "11"], ["1", "10", "2"]),
    (T.BOOLEAN, O.EQUALS, ["true"], [True], [False]),
    (T.BOOLEAN, O.NOT_EQUALS, ["true"], [False], [True]),
    (T.CHOICE, O.ANY_OF, ["draft", "open"], ["open"], ["paid"]),
    (T.CHOICE, O.NONE_OF, ["draft", "open"], ["paid"], ["open"]),
    (T.CHOICES, O.ANY_OF, ["a", "b"], [("b", "c")], [("c",)]),
    (T.CHOICES, O.NONE_OF, ["a", "b"], [("c",)], [("b", "c")]),
    (T.CHOICES, O.EXACTLY, ["a", "b"], [("a", "b")], [("a",), ("a", "b", "c")]),
    (T.CHOICES, O.NOT_EXACTLY, ["a", "b"], [("a",)], [("a", "b")]),
    (T.CHOICES, O.CONTAINS_ALL, ["a", "b"], [("a", "b", "c")], [("a", "c")]),
    (T.CHOICES, O.NOT_CONTAINS_ALL, ["a", "b"], [("a", "c")], [("a", "b", "c")]),
    (T.DATE, O.BEFORE, ["2026-11-26"], ["2026-11-25"], ["2026-11-26", "2026-11-27"]),
    (T.DATE, O.AFTER, ["2026-11-26"], ["2026-11-27"], ["2026-11-26"]),
    (T.DATETIME, O.BEFORE, ["2026-11-26T00:00:00.000Z"], ["2026-11-25T23:59:59.999Z"], ["2026-11-26T00:00:00.000Z"]),
    (T.DATETIME, O.AFTER, ["2026-11-26T00:00:00.000Z"], ["2026-11-26T00:00:00.001Z"], ["2026-11-26T00:00:00.000Z"]),
    (T.DATETIME, O.AFTER, ["2026-11-26"], ["2026-11-27T00:00:00.000Z"], ["2026-11-26T23:59:59.999Z"]),
    (T.DATE, O.BETWEEN, ["2026-11-20", "2026-11-26"], ["2026-11-20", "2026-11-26"], ["2026-11-19", "2026-11-27"]),
    (T.DATE, O.NOT_BETWEEN, ["2026-11-20", "2026-11-26"], ["2026-11-27"], ["2026-11-20"]),
    (T.DATETIME, O.BETWEEN, ["2026-11-20", "2026-11-26"], ["2026-11-26T23:00:00.000Z"], ["2026-11-27T00:00:00.000Z"]),
    (T.DATE, O.LESS_THAN_DAYS_AGO, ["3"], ["2026-11-26", "2026-11-24"], ["2026-11-23", "2026-11-27"]),
    (T.DATE, O.MORE_THAN_DAYS_AGO, ["3"], ["2026-11-22"], ["2026-11-23", "2026-11-26", "2026-12-24"]),
    (T.DATE, O.LESS_THAN_DAYS_AHEAD, ["3"], ["2026-11-26", "2026-11-28"], ["2026-11-29", "2026-11-25"]),
    (T.DATE, O.MORE_THAN_DAYS_AHEAD, ["3"], ["2026-11-30"], ["2026-11-29", "2026-11-22"]),
    (T.DATE, O.IN_THIS, ["day"], ["2026-11-26"], ["2026-11-25", "2026-11-27"]),
    (T.DATE, O.IN_THIS, ["week"], ["2026-11-23", "2026-11-29"], ["2026-11-22", "2026-11-30"]),
    (T.DATE, O.IN_THIS, ["month"], ["2026-11-01", "2026-11-30"], ["2026-10-31", "2026-12-01", "2025-11-26"]),
    (T.DATE, O.IN_THIS, ["quarter"], ["2026-10-01", "2026-12-31"], ["2026-09-30", "2027-01-01"]),
    (T.DATE, O.IN_THIS, ["year"], ["2026-01-01", "2026-12-31"], ["2025-12-31", "2027-01-01"]),
    (T.DATE, O.IN_THIS_SO_FAR, ["month"], ["2026-11-01", "2026-11-26"], ["2026-11-27", "2026-10-31"]),
    (T.DATETIME, O.IN_THIS_SO_FAR, ["day"], ["2026-11-26T09:30:00.000Z"], ["2026-11-26T09:30:00.001Z"]),
    (T.DATE, O.IN_NEXT, ["day"], ["2026-11-27"], ["2026-11-26", "2026-11-28"]),
    (T.DATE, O.IN_NEXT, ["week"], ["2026-11-30", "2026-12-06"], ["2026-11-29", "2026-12-07"]),
    (T.DATE, O.IN_NEXT, ["month"], ["2026-12-01", "2026-12-31"], ["2026-11-30", "2027-01-01"]),
    (T.DATE, O.IN_NEXT, ["quarter"], ["2027-01-01", "2027-03-31"], ["2026-12-31", "2027-04-01"]),
    (T.DATE, O.IN_NEXT, ["year"], ["2027-06-01"], ["2026-12-31", "2028-01-01"]),
    (T.DATE, O.IN_LAST, ["day"], ["2026-11-25"], ["2026-11-26", "2026-11-24"]),
    (T.DATE, O.IN_LAST, ["week"], ["2026-11-16", "2026-11-22"], ["2026-11-23", "2026-11-15"]),
    (T.DATE, O.IN_LAST, ["month"], ["2026-10-01", "2026-10-31"], ["2026-11-01", "2026-09-30"]),
    (T.DATE, O.IN_LAST, ["quarter"], ["2026-07-01", "2026-09-30"], ["2026-10-01", "2026-06-30"]),
    (T.DATE, O.IN_LAST, ["year"], ["2025-12-31"], ["2026-01-01", "2024-12-31"]),
]

# type, operator, the rule's values, past values with which it holds now, past values with which it does not; the value now is the last
HISTORY: list[tuple[FieldType, FilterOperator, Sequence[str], Sequence[records.Value], Sequence[records.Value]]] = [
    (T.TEXT, O.EVER_EQUALED, ["lead"], ["Lead", "customer"], ["client", "customer"]),
    (T.TEXT, O.EVER_EQUALED, ["lead"], ["customer", "lead"], ["customer"]),
    (T.TEXT, O.NEVER_EQUALED, ["lead"], ["client", "customer"], ["lead", "customer"]),
    (T.TEXT, O.EVER_CONTAINED, ["ea"], ["lead", "x"], ["client", "x"]),
    (T.TEXT, O.NEVER_CONTAINED, ["ea"], ["client", "x"], ["lead", "x"]),
    (T.NUMBER, O.EVER_EQUALED, ["5"], ["5.0", "6"], ["4", "6"]),
    (T.BOOLEAN, O.NEVER_EQUALED, ["true"], [False], [True, False]),
    (T.CHOICE, O.EVER_ANY_OF, ["a", "b"], ["b", "c"], ["d", "c"]),
    (T.CHOICE, O.NEVER_ANY_OF, ["a", "b"], ["d", "c"], ["b", "c"]),
    (T.CHOICES, O.EVER_EXACTLY, ["a", "b"], [("a", "b"), ("c",)], [("a",), ("b",)]),
    (T.CHOICES, O.NEVER_EXACTLY, ["a", "b"], [("a",), ("b",)], [("a", "b"), ("c",)]),
    (T.CHOICES, O.EVER_CONTAINED_ALL, ["a", "b"], [("a", "b", "d"), ("c",)], [("a",), ("b",)]),
    (T.CHOICES, O.NEVER_CONTAINED_ALL, ["a", "b"], [("a",), ("b",)], [("a", "b", "d"), ("c",)]),
]


def holds(
    spec: schema.FieldSpec,
    operator: FilterOperator,
    wanted: Sequence[str],
    value: records.Value,
    *,
    past: Sequence[records.Value] = (),
    other: records.Value = None,
    time_zone: str = "UTC",
    include_unset: bool = False,
) -> bool:
    rule = condition(spec, operator, *wanted, include_unset=include_unset)
    present = conditions.Present(now=THURSDAY, time_zone=time_zone)
    return conditions.holds(rule=rule, value=value, past=past, other=other, present=present)


class TestOperators:
    @pytest.mark.parametrize(("type", "operator", "wanted", "good", "bad"), TABLE)
    def test_ask_of_the_value_now(
        self,
        type: FieldType,
        operator: FilterOperator,
        wanted: Sequence[str],
        good: Sequence[records.Value],
        bad: Sequence[records.Value],
    ) -> None:
        assert [value for value in good if not holds(field("a", type), operator, wanted, value)] == []
        assert [value for value in bad if holds(field("a", type), operator, wanted, value)] == []

    @pytest.mark.parametrize(("type", "operator", "wanted", "good", "bad"), HISTORY)
    def test_ask_of_every_value_there_ever_was(
        self,
        type: FieldType,
        operator: FilterOperator,
        wanted: Sequence[str],
        good: Sequence[records.Value],
        bad: Sequence[records.Value],
    ) -> None:
        assert holds(field("a", type), operator, wanted, good[-1], past=good[:-1])
        assert not holds(field("a", type), operator, wanted, bad[-1], past=bad[:-1])

    def test_are_all_in_the_tables(self) -> None:
        asked = {case[1] for case in (*TABLE, *HISTORY)}

        assert asked | {O.IS_KNOWN, O.IS_UNKNOWN, O.BEFORE_FIELD, O.AFTER_FIELD} == set(FilterOperator)

    def test_known_is_anything_that_was_filled_in(self) -> None:
        assert holds(field("a", T.BOOLEAN), O.IS_KNOWN, (), False)
        assert not holds(field("a"), O.IS_KNOWN, (), " ")
        assert holds(field("a"), O.IS_UNKNOWN, (), None)
        assert not holds(field("a"), O.IS_UNKNOWN, (), "x")

    def test_one_date_is_compared_with_another_of_the_record(self) -> None:
        sent = field("sent", T.DATE)

        assert holds(sent, O.BEFORE_FIELD, ["due"], "2026-11-25", other="2026-11-26T00:00:00.000Z")
        assert not holds(sent, O.BEFORE_FIELD, ["due"], "2026-11-26", other="2026-11-26T00:00:00.000Z")
        assert holds(sent, O.AFTER_FIELD, ["due"], "2026-11-27", other="2026-11-26")
        assert not holds(sent, O.AFTER_FIELD, ["due"], "2026-11-27", other=None)
        assert holds(sent, O.AFTER_FIELD, ["due"], "2026-11-27", other=None, include_unset=True)


class TestUnsetValues:
    @pytest.mark.parametrize(("type", "operator", "wanted", "good", "bad"), [*TABLE, *HISTORY])
    def test_pass_only_where_the_rule_includes_them(
        self,
        type: FieldType,
        operator: FilterOperator,
        wanted: Sequence[str],
        good: Sequence[records.Value],
        bad: Sequence[records.Value],
    ) -> None:
        assert not holds(field("a", type), operator, wanted, None)
        assert holds(field("a", type), operator, wanted, None, include_unset=True)

    def test_that_were_set_once_are_judged_by_that(self) -> None:
        assert holds(field("a"), O.EVER_EQUALED, ["lead"], None, past=["lead"])
        assert not holds(field("a"), O.NEVER_EQUALED, ["lead"], None, past=["lead"], include_unset=True)

    @pytest.mark.parametrize(
        ("type", "operator", "wanted"), [(T.NUMBER, O.LESS, ["5"]), (T.DATE, O.BEFORE, ["2026-11-26"]), (T.DATE, O.IN_THIS, ["day"])]
    )
    def test_include_what_cannot_be_read_as_the_type(self, type: FieldType, operator: FilterOperator, wanted: Sequence[str]) -> None:
        assert not holds(field("a", type), operator, wanted, "soon")
        assert holds(field("a", type), operator, wanted, "soon", include_unset=True)


class TestTimeZone:
    def test_decides_which_day_it_is(self) -> None:
        """09:30 in London is 22:30 in Auckland, and still the day before in Honolulu."""
        in_london = holds(field("a", T.DATE), O.IN_THIS, ["day"], "2026-11-26")
        in_honolulu = holds(field("a", T.DATE), O.IN_THIS, ["day"], "2026-11-25", time_zone="Pacific/Honolulu")

        assert (in_london, in_honolulu) == (True, True)
        assert not holds(field("a", T.DATE), O.IN_THIS, ["day"], "2026-11-26", time_zone="Pacific/Honolulu")

    def test_decides_on_which_day_a_moment_falls(self) -> None:
        late = "2026-11-27T03:00:00.000Z"

        assert holds(field("a", T.DATETIME), O.AFTER, ["2026-11-26"], late)
        assert not holds(field("a", T.DATETIME), O.AFTER, ["2026-11-26"], late, time_zone="America/New_York")
        assert holds(field("a", T.DATETIME), O.LESS_THAN_DAYS_AHEAD, ["1"], late, time_zone="America/New_York")
