"""Raw values become canonical ones, or are refused in words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncapp.engine import records, values
from syncapp.engine.vocabulary import FieldType

CANONICAL: list[tuple[FieldType, object, records.Value]] = [
    (FieldType.TEXT, "", None),
    (FieldType.TEXT, " \t", None),
    (FieldType.TEXT, None, None),
    (FieldType.TEXT, "Ann  Lee ", "Ann  Lee "),
    (FieldType.TEXT, 7, "7"),
    (FieldType.TEXT, True, "true"),
    (FieldType.EMAIL, "Ann@Lee.example", "Ann@Lee.example"),
    (FieldType.NUMBER, "12.50", "12.5"),
    (FieldType.NUMBER, 12.5, "12.5"),
    (FieldType.NUMBER, 100, "100"),
    (FieldType.NUMBER, "1E+3", "1000"),
    (FieldType.NUMBER, "1e-7", "0.0000001"),
    (FieldType.NUMBER, "-0", "0"),
    (FieldType.NUMBER, "-0.00", "0"),
    (FieldType.NUMBER, Decimal("0.10"), "0.1"),
    (FieldType.NUMBER, "", None),
    (FieldType.BOOLEAN, True, True),
    (FieldType.BOOLEAN, "False", False),
    (FieldType.BOOLEAN, "yes", True),
    (FieldType.BOOLEAN, "no", False),
    (FieldType.BOOLEAN, "", None),
    (FieldType.DATE, "2026-11-26", "2026-11-26"),
    (FieldType.DATE, "2026-11-26T23:30:00-08:00", "2026-11-26"),
    (FieldType.DATE, 1795651200000, "2026-11-26"),
    (FieldType.DATE, "1795651200000", "2026-11-26"),
    (FieldType.DATE, date(2026, 11, 26), "2026-11-26"),
    (FieldType.DATETIME, "2026-11-26T09:30:00Z", "2026-11-26T09:30:00.000Z"),
    (FieldType.DATETIME, "2026-11-26T09:30:00.123456Z", "2026-11-26T09:30:00.123Z"),
    (FieldType.DATETIME, "2026-11-26T01:30:00-08:00", "2026-11-26T09:30:00.000Z"),
    (FieldType.DATETIME, "2026-11-26T09:30:00", "2026-11-26T09:30:00.000Z"),
    (FieldType.DATETIME, "2026-11-26", "2026-11-26T00:00:00.000Z"),
    (FieldType.DATETIME, 1795685400000, "2026-11-26T09:30:00.000Z"),
    (FieldType.DATETIME, datetime(2026, 11, 26, 9, 30, tzinfo=UTC), "2026-11-26T09:30:00.000Z"),
    (FieldType.CHOICES, "b;a;;a", ("a", "b")),
    (FieldType.CHOICES, ["b", "a"], ("a", "b")),
    (FieldType.CHOICES, [], None),
    (FieldType.CHOICE, "lead", "lead"),
]

REFUSED: list[tuple[FieldType, object, str]] = [
    (FieldType.NUMBER, "NaN", "not a number"),
    (FieldType.NUMBER, "Infinity", "not a number"),
    (FieldType.NUMBER, "1e400", "not a number"),
    (FieldType.NUMBER, "twelve", "not a number"),
    (FieldType.NUMBER, True, "not a number"),
    (FieldType.BOOLEAN, "maybe", "not yes or no"),
    (FieldType.DATE, "26 November", "not a date"),
    (FieldType.DATETIME, "99999999999999999999", "not a date and time"),
    (FieldType.DATETIME, True, "not a date and time"),
    (FieldType.TEXT, ["a"], "A list is not one value"),
    (FieldType.CHOICES, 5, "not a list of choices"),
]


class TestCanonical:
    @pytest.mark.parametrize(("type", "raw", "expected"), CANONICAL)
    def test_reads_what_vendors_write(self, type: FieldType, raw: object, expected: records.Value) -> None:
        assert values.canonical(type=type, raw=raw) == expected

    @pytest.mark.parametrize(("type", "raw", "words"), REFUSED)
    def test_refuses_in_words(self, type: FieldType, raw: object, words: str) -> None:
        with pytest.raises(ValueError, match=words):
            values.canonical(type=type, raw=raw)

    @pytest.mark.parametrize(("type", "raw", "expected"), [case for case in CANONICAL if case[2] is not None])
    def test_reads_a_canonical_value_as_itself(self, type: FieldType, raw: object, expected: records.Value) -> None:
        assert values.canonical(type=type, raw=expected) == expected

    @given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
    def test_keeps_the_number(self, number: Decimal) -> None:
        text = values.canonical(type=FieldType.NUMBER, raw=str(number)) if abs(number) > Decimal("1e-30") or not number else "0"

        assert values.as_decimal(text) == (number if text != "0" else 0)
        assert "E" not in str(text)

    @given(st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=st.timezones()))  # noqa: DTZ001
    def test_keeps_the_moment_to_the_millisecond(self, moment: datetime) -> None:
        text = values.canonical(type=FieldType.DATETIME, raw=moment.isoformat())

        seen = values.as_datetime(text)
        assert seen is not None
        assert abs((seen - moment).total_seconds()) < 0.001


class TestAnyText:
    @pytest.mark.parametrize("type", [one for one in FieldType if values.takes_any_text(one)])
    @given(text=st.text())
    def test_is_read_without_a_refusal_where_a_type_takes_it(self, type: FieldType, text: str) -> None:
        values.canonical(type=type, raw=text)

    @pytest.mark.parametrize("type", [one for one in FieldType if not values.takes_any_text(one)])
    def test_is_refused_by_the_others(self, type: FieldType) -> None:
        with pytest.raises(ValueError):
            values.canonical(type=type, raw="neither here nor there")


class TestJson:
    @pytest.mark.parametrize("value", [None, "Ann", True, ("a", "b")])
    def test_gives_the_value_back(self, value: records.Value) -> None:
        assert values.from_json(values.to_json(value)) == value

    def test_refuses_what_is_no_value(self) -> None:
        with pytest.raises(ValueError, match="not a stored value"):
            values.from_json({"a": 1})


class TestFingerprint:
    def test_does_not_depend_on_the_order_of_keys(self) -> None:
        assert values.fingerprint({"a": "1", "b": ("x", "y")}) == values.fingerprint({"b": ("x", "y"), "a": "1"})

    @pytest.mark.parametrize("other", [{"a": "2"}, {"a": None}, {}, {"b": "1"}, {"a": True}])
    def test_differs_for_other_values(self, other: dict[str, records.Value]) -> None:
        assert values.fingerprint({"a": "1"}) != values.fingerprint(other)


class TestDays:
    def test_a_plain_date_begins_at_midnight_of_the_time_zone(self) -> None:
        assert values.as_datetime("2026-11-26", time_zone="America/New_York") == datetime(2026, 11, 26, 5, tzinfo=UTC)

    def test_a_moment_falls_on_the_day_of_the_time_zone(self) -> None:
        assert values.as_date("2026-11-26T03:00:00.000Z", time_zone="America/New_York") == date(2026, 11, 25)
        assert values.as_date("2026-11-26T03:00:00.000Z") == date(2026, 11, 26)

    def test_of_a_moment_at_the_beginning_of_time_there_is_none_where_the_year_before_goes_on(self) -> None:
        assert values.as_date("0001-01-01T00:00:00.000Z", time_zone="America/New_York") is None

    @pytest.mark.parametrize("value", [None, True, "soon", "2026-13-40", "0001-01-01T00:00:00+05:00"])
    def test_what_is_no_date_has_no_day(self, value: records.Value) -> None:
        assert values.as_date(value) is None
        assert values.as_datetime(value) is None

    def test_an_unknown_time_zone_is_refused_with_a_remedy(self) -> None:
        with pytest.raises(ValueError, match="Choose one such as"):
            values.zone("Mars/Base")


class TestBlank:
    @pytest.mark.parametrize("value", [None, "", "  ", ()])
    def test_is_what_nobody_filled_in(self, value: records.Value) -> None:
        assert values.blank(value)

    @pytest.mark.parametrize("value", [False, "0", ("a",)])
    def test_is_not_a_no_or_a_zero(self, value: records.Value) -> None:
        assert not values.blank(value)


class TestShown:
    @pytest.mark.parametrize(("value", "words"), [(None, "nothing"), (True, "yes"), (False, "no"), (("a", "b"), "a, b"), ("Ann", "Ann")])
    def test_reads_like_a_sentence(self, value: records.Value, words: str) -> None:
        assert values.shown(value) == words
