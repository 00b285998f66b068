"""When a scheduled export is made next, and how many of something an export holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncapp.engine import exporting
from syncapp.engine.vocabulary import ExportContent, ExportRhythm, Weekday

THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def following(after: datetime = THURSDAY, **facts: object) -> str:
    given = {"rhythm": ExportRhythm.DAILY, "weekday": Weekday.MONDAY, "day": 1, "hour": 6, **facts}
    return exporting.next_moment(after=after, **given).strftime("%Y-%m-%d %H:%M:%S")  # type: ignore[arg-type]


class TestNextMoment:
    @pytest.mark.parametrize(
        ("facts", "moment"),
        [
            ({"hour": 10}, "2026-11-26 10:00:00"),
            ({"hour": 9}, "2026-11-27 09:00:00"),
            ({"rhythm": ExportRhythm.WEEKLY}, "2026-11-30 06:00:00"),
            ({"rhythm": ExportRhythm.WEEKLY, "weekday": Weekday.THURSDAY}, "2026-12-03 06:00:00"),
            ({"rhythm": ExportRhythm.WEEKLY, "weekday": Weekday.THURSDAY, "hour": 23}, "2026-11-26 23:00:00"),
            ({"rhythm": ExportRhythm.MONTHLY}, "2026-12-01 06:00:00"),
            ({"rhythm": ExportRhythm.MONTHLY, "day": 31}, "2026-11-30 06:00:00"),
            ({"rhythm": ExportRhythm.MONTHLY, "day": 29, "after": datetime(2027, 2, 1, tzinfo=UTC)}, "2027-02-28 06:00:00"),
            ({"rhythm": ExportRhythm.MONTHLY, "day": 29, "after": datetime(2028, 2, 1, tzinfo=UTC)}, "2028-02-29 06:00:00"),
        ],
    )
    def test_is_the_first_one_after_now(self, facts: dict[str, object], moment: str) -> None:
        assert following(**facts) == moment  # type: ignore[arg-type]

    def test_never_is_the_moment_itself(self) -> None:
        assert following(datetime(2026, 11, 26, 6, tzinfo=UTC)) == "2026-11-27 06:00:00"


class TestContent:
    @pytest.mark.parametrize(
        ("content", "number", "words"),
        [
            (ExportContent.RECORDS, 1, "1 record"), (ExportContent.RECORDS, 0, "0 records"), (ExportContent.ENTRIES, 1, "1 entry"),
            (ExportContent.ENTRIES, 12_000, "12,000 entries"), (ExportContent.CONFLICTS, 2, "2 conflicts"),
        ],
    )
    def test_is_counted_in_its_own_word(self, content: ExportContent, number: int, words: str) -> None:
        assert content.counted(number) == words
