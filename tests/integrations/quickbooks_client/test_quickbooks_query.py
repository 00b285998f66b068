"""Statements of QuickBooks' query language: what they say, and what the builder refuses to say."""
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from integrations.quickbooks import query
from integrations.quickbooks.entities import Kind
from integrations.quickbooks.query import QueryRefused


class TestValues:
    @pytest.mark.parametrize(
        ("value", "written"),
        [
            ("Amy's Bird Sanctuary", r"'Amy\'s Bird Sanctuary'"),
            ("back\\slash", r"'back\\slash'"),
            ("\\' OR Id > '0", r"'\\\' OR Id > \'0'"),
            ("Müller & Söhne 🐦 100% #1+1", "'Müller & Söhne 🐦 100% #1+1'"),
            (True, "true"),
            (False, "false"),
            (12, "'12'"),
            (Decimal("300.00"), "'300.00'"),
            (Decimal("1E+3"), "'1000'"),
            (date(2026, 11, 1), "'2026-11-01'"),
            (datetime(2026, 11, 1, 9, 30, 15, 999999, tzinfo=UTC), "'2026-11-01T09:30:15+00:00'"),
            (datetime(2026, 11, 1, 1, 30, tzinfo=timezone(timedelta(hours=-8))), "'2026-11-01T09:30:00+00:00'"),
        ],
    )
    def test_are_written_so_that_they_cannot_end_the_literal(self, value: query.Value, written: str) -> None:
        condition = query.equals(field="DisplayName", value=value)

        assert condition.text == f"DisplayName = {written}"

    @pytest.mark.parametrize("value", ["two\nlines", "a\ttab", "nul\x00", "del\x7f"])
    def test_with_control_characters_are_refused(self, value: str) -> None:
        with pytest.raises(QueryRefused, match="control character"):
            query.equals(field="DisplayName", value=value)

    def test_without_an_offset_are_refused_as_times(self) -> None:
        with pytest.raises(QueryRefused, match="offset"):
            query.equals(field="MetaData.CreateTime", value=datetime(2026, 11, 1))  # noqa: DTZ001 - the point of the test


class TestNames:
    @pytest.mark.parametrize("field", ["Id; DROP", "Id OR Id", "", "1Id", "Id.", "a.b.c", "Id = '1' AND Id", "Naïve", "Id\n"])
    def test_that_are_no_identifiers_are_refused(self, field: str) -> None:
        with pytest.raises(QueryRefused):
            query.equals(field=field, value="x")

    def test_of_nested_fields_pass(self) -> None:
        assert query.equals(field="PrimaryEmailAddr.Address", value="x").text == "PrimaryEmailAddr.Address = 'x'"

    def test_are_checked_in_the_order_too(self) -> None:
        with pytest.raises(QueryRefused):
            query.select(kind=Kind.CUSTOMER, order="Id DESC, Name")

    def test_of_unknown_operators_are_refused(self) -> None:
        with pytest.raises(QueryRefused):
            query.compare(field="Id", operator="!=", value="1")


class TestIds:
    def test_are_listed(self) -> None:
        assert query.ids(values=["7", "12"]).text == "Id IN ('7', '12')"

    @pytest.mark.parametrize("identity", ["", "1.5", "7'", "TAX", "-1", "٣"])
    def test_that_are_not_digits_are_refused(self, identity: str) -> None:
        with pytest.raises(QueryRefused):
            query.ids(values=["7", identity])

    def test_must_be_at_least_one(self) -> None:
        with pytest.raises(QueryRefused):
            query.ids(values=[])


class TestSelect:
    def test_always_has_an_order_and_a_page(self) -> None:
        assert query.select(kind=Kind.CUSTOMER) == "SELECT * FROM Customer ORDERBY Id STARTPOSITION 1 MAXRESULTS 1000"

    def test_joins_conditions_with_and(self) -> None:
        statement = query.select(
            kind=Kind.ITEM, where=[query.equals(field="Sku", value="A-1"), query.active_or_not()], start=1001, size=30
        )

        assert statement == "SELECT * FROM Item WHERE Sku = 'A-1' AND Active IN (true, false) ORDERBY Id STARTPOSITION 1001 MAXRESULTS 30"

    @pytest.mark.parametrize(("start", "size"), [(0, 10), (-1, 10), (1, 0), (1, 1001)])
    def test_refuses_pages_that_quickbooks_refuses(self, start: int, size: int) -> None:
        with pytest.raises(QueryRefused):
            query.select(kind=Kind.CUSTOMER, start=start, size=size)

    def test_counts(self) -> None:
        assert query.count(kind=Kind.INVOICE) == "SELECT COUNT(*) FROM Invoice"


class TestUpdatedWithin:
    def test_includes_both_ends(self) -> None:
        since = datetime(2026, 11, 1, tzinfo=UTC)

        lower, upper = query.updated_within(since=since, until=since + timedelta(minutes=10))

        assert lower.text == "MetaData.LastUpdatedTime >= '2026-11-01T00:00:00+00:00'"
        assert upper.text == "MetaData.LastUpdatedTime <= '2026-11-01T00:10:00+00:00'"

    def test_may_be_open(self) -> None:
        assert len(query.updated_within(since=datetime(2026, 11, 1, tzinfo=UTC))) == 1
