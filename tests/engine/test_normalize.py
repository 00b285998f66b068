"""Values are the same when both sides can hold no difference between them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.engine import normalize, records, schema
from syncapp.engine.vocabulary import FieldType
from tests.engine.examples import field

SAME: list[tuple[FieldType, records.Value, FieldType, records.Value]] = [
    (FieldType.TEXT, "Ann ", FieldType.TEXT, "Ann"),
    (FieldType.TEXT, None, FieldType.TEXT, "  "),
    (FieldType.TEXT, "Zo\u00eb", FieldType.TEXT, "Zoe\u0308"),
    (FieldType.TEXT, "one\r\ntwo", FieldType.TEXT, "one\ntwo"),
    (FieldType.EMAIL, "Ann@Lee.example", FieldType.EMAIL, "ann@lee.example "),
    (FieldType.EMAIL, "ann@lee.example", FieldType.EMAIL, "Ann@lee.example, office@lee.example"),
    (FieldType.EMAIL, "Ann@Lee.example", FieldType.TEXT, "ann@lee.example"),
    (FieldType.URL, "https://Lee.example/", FieldType.URL, "lee.example"),
    (FieldType.URL, "http://lee.example/a/", FieldType.URL, "https://lee.example/a"),
    (FieldType.PHONE, "(415) 555-0100", FieldType.PHONE, "415.555.0100"),
    (FieldType.PHONE, "+48 22 555 01 00", FieldType.PHONE, "0048225550100"),
    (FieldType.PHONE, "+44 (0)20 7946 0958", FieldType.PHONE, "+442079460958"),
    (FieldType.PHONE, "555 0100 ext. 12", FieldType.PHONE, "5550100x12"),
    (FieldType.NUMBER, "12.5", FieldType.TEXT, "12.50"),
    (FieldType.BOOLEAN, True, FieldType.TEXT, "Yes"),
    (FieldType.DATE, "2026-11-26", FieldType.DATETIME, "2026-11-26T09:30:00.000Z"),
    (FieldType.DATETIME, "2026-11-26T09:30:00.000Z", FieldType.TEXT, "2026-11-26T10:30:00+01:00"),
    (FieldType.CHOICES, ("a", "b"), FieldType.TEXT, "b;a"),
    (FieldType.CHOICE, "true", FieldType.BOOLEAN, True),
]

DIFFERENT: list[tuple[FieldType, records.Value, FieldType, records.Value]] = [
    (FieldType.TEXT, "Ann", FieldType.TEXT, "ann"),
    (FieldType.TEXT, "Ann Lee", FieldType.TEXT, "Ann  Lee"),
    (FieldType.TEXT, "Ann", FieldType.TEXT, None),
    (FieldType.EMAIL, "ann@lee.example", FieldType.EMAIL, "office@lee.example, ann@lee.example"),
    (FieldType.URL, "lee.example/A", FieldType.URL, "lee.example/a"),
    (FieldType.PHONE, "+1 415 555 0100", FieldType.PHONE, "415 555 0100"),
    (FieldType.PHONE, "022 555", FieldType.PHONE, "22 555"),
    (FieldType.PHONE, "ask Ann", FieldType.PHONE, "ask Bob"),
    (FieldType.NUMBER, "12.5", FieldType.NUMBER, "12.51"),
    (FieldType.BOOLEAN, True, FieldType.BOOLEAN, False),
    (FieldType.BOOLEAN, False, FieldType.BOOLEAN, None),
    (FieldType.DATE, "2026-11-26", FieldType.DATETIME, "2026-11-27T00:00:00.000Z"),
    (FieldType.CHOICES, ("a",), FieldType.CHOICES, ("a", "b")),
]

TYPES = st.sampled_from([type for type in FieldType if type is not FieldType.REFERENCE])
TEXTS = st.one_of(
    st.text(max_size=12), st.from_regex(r"[+0(]{0,3}[0-9 .x#-]{1,12}", fullmatch=True), st.sampled_from(["yes", "12.50", "2026-11-26"])
)
VALUES = st.one_of(st.none(), st.booleans(), TEXTS, st.lists(st.text("ab;", min_size=1, max_size=3), min_size=1).map(tuple))


def agree(left: FieldType, one: records.Value, right: FieldType, two: records.Value, **more: str) -> bool:
    return normalize.agree(left_spec=field("left", left), right_spec=field("right", right), left=one, right=two, **more)


class TestAgree:
    @pytest.mark.parametrize(("left", "one", "right", "two"), SAME)
    def test_sees_no_difference_that_cannot_be_held(
        self, left: FieldType, one: records.Value, right: FieldType, two: records.Value
    ) -> None:
        assert agree(left, one, right, two)
        assert agree(right, two, left, one)

    @pytest.mark.parametrize(("left", "one", "right", "two"), DIFFERENT)
    def test_sees_every_difference_that_can(self, left: FieldType, one: records.Value, right: FieldType, two: records.Value) -> None:
        assert not agree(left, one, right, two)
        assert not agree(right, two, left, one)

    def test_rounds_to_the_fewer_decimals(self) -> None:
        fine, coarse = field("fine", FieldType.NUMBER), field("coarse", FieldType.NUMBER, decimals=2)

        assert normalize.agree(left_spec=fine, right_spec=coarse, left="1.005", right="1.01")
        assert not normalize.agree(left_spec=fine, right_spec=coarse, left="1.004", right="1.01")

    def test_takes_the_day_from_the_time_zone(self) -> None:
        late = "2026-11-27T03:00:00.000Z"

        assert agree(FieldType.DATE, "2026-11-26", FieldType.DATETIME, late, time_zone="America/New_York")
        assert not agree(FieldType.DATE, "2026-11-26", FieldType.DATETIME, late)

    @given(TYPES, VALUES, TYPES)
    def test_projecting_twice_changes_nothing_more(self, own: FieldType, value: records.Value, other: FieldType) -> None:
        mine, theirs = field("mine", own, decimals=2), field("theirs", other)

        once = normalize.project(value=value, own=mine, other=theirs)

        assert normalize.project(value=once, own=mine, other=theirs) == once

    @given(TYPES, TYPES, VALUES, VALUES)
    def test_does_not_depend_on_the_side(self, left: FieldType, right: FieldType, one: records.Value, two: records.Value) -> None:
        assert agree(left, one, right, two) == agree(right, two, left, one)
        assert agree(left, one, left, one)


class TestKey:
    @pytest.mark.parametrize(
        ("type", "value", "expected"),
        [
            (FieldType.EMAIL, " Ann@Lee.Example ", "ann@lee.example"),
            (FieldType.EMAIL, "Ann@lee.example, office@lee.example", "ann@lee.example"),
            (FieldType.EMAIL, " , ", None),
            (FieldType.PHONE, "+48 22 555", "4822555"),
            (FieldType.PHONE, "0048 22 555", "4822555"),
            (FieldType.PHONE, "022 555", "22555"),
            (FieldType.PHONE, "none", None),
            (FieldType.TEXT, "  ACME\u00a0 Stra\u00dfe ", "acme strasse"),
            (FieldType.TEXT, "\uff21\uff23\uff2d\uff25", "acme"),
            (FieldType.TEXT, None, None),
            (FieldType.TEXT, "  ", None),
            (FieldType.URL, "https://Lee.example/", "lee.example"),
            (FieldType.NUMBER, "12.50", "12.5"),
            (FieldType.NUMBER, "many", None),
            (FieldType.BOOLEAN, True, None),
        ],
    )
    def test_finds_the_same_record(self, type: FieldType, value: records.Value, expected: str | None) -> None:
        assert normalize.key(type=type, value=value) == expected

    @given(TYPES, VALUES)
    def test_is_nothing_or_something(self, type: FieldType, value: records.Value) -> None:
        assert normalize.key(type=type, value=value) != ""


class TestCommonType:
    def test_does_not_depend_on_the_order(self) -> None:
        pairs = [(one, two) for one in FieldType for two in FieldType]

        assert [pair for pair in pairs if normalize.common_type(*pair) is not normalize.common_type(*reversed(pair))] == []


def test_the_longest_value_is_not_cut() -> None:
    short = schema.FieldSpec(name="short", label="Short", type=FieldType.TEXT, max_length=3)

    assert not normalize.agree(left_spec=field("long"), right_spec=short, left="Anna", right="Ann")
