from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.sandbox.quickbooks import times


class TestPacific:
    @pytest.mark.parametrize("year", [2007, 2020, 2024, 2026, 2031])
    def test_agrees_with_the_time_zone_database_hour_by_hour(self, year: int) -> None:
        database = ZoneInfo("America/Los_Angeles")
        hours = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(366 * 24)]

        assert [times.pacific(hour).utcoffset() for hour in hours] == [hour.astimezone(database).utcoffset() for hour in hours]


class TestText:
    def test_has_whole_seconds_and_the_offset_of_the_day(self) -> None:
        summer, winter = datetime(2020, 9, 29, 12, 58, 16, tzinfo=UTC), datetime(2018, 1, 5, 20, 15, 34, tzinfo=UTC)

        assert times.stamp(int(summer.timestamp())) == "2020-09-29T05:58:16-07:00"
        assert times.stamp(int(winter.timestamp())) == "2018-01-05T12:15:34-08:00"

    def test_of_an_answer_has_milliseconds(self) -> None:
        assert times.precise(datetime(2020, 9, 29, 12, 58, 16, 187000, tzinfo=UTC)) == "2020-09-29T05:58:16.187-07:00"


class TestParsing:
    @pytest.mark.parametrize(
        "text", ["2026-07-01T00:00:00-07:00", "2026-07-01T07:00:00Z", "2026-07-01T00:00:00", "2026-07-01", "2026-07-01T09:00:00 02:00"]
    )
    def test_takes_any_offset_and_pacific_time_without_one(self, text: str) -> None:
        assert times.parse_instant(text) == datetime(2026, 7, 1, 7, tzinfo=UTC)

    def test_in_winter_without_offset_is_eight_hours_behind(self) -> None:
        assert times.parse_instant("2026-12-01T00:00:00") == datetime(2026, 12, 1, 8, tzinfo=UTC)

    def test_says_none_for_what_is_no_time(self) -> None:
        assert times.parse_instant("yesterday") is None
        assert times.parse_date("31.12.2026") is None
