"""US Pacific time as QuickBooks writes it, whatever the machine's time zone database holds.

Owns how an instant becomes text and back. Reads no clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache

_STANDARD = timezone(timedelta(hours=-8))
_SUMMER = timezone(timedelta(hours=-7))
_DATE_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}")


@lru_cache(maxsize=256)
def _summer(year: int) -> tuple[datetime, datetime]:
    """The instants at which US daylight saving time begins and ends in a year (the rule since 2007)."""
    march, november = date(year, 3, 1), date(year, 11, 1)
    begins = march + timedelta(days=(6 - march.weekday()) % 7 + 7)
    ends = november + timedelta(days=(6 - november.weekday()) % 7)
    return (
        datetime(begins.year, begins.month, begins.day, 10, tzinfo=UTC),
        datetime(ends.year, ends.month, ends.day, 9, tzinfo=UTC),
    )


def pacific(at: datetime) -> datetime:
    """The same instant with the Pacific offset of that day."""
    at = at.astimezone(UTC)
    begins, ends = _summer(at.year)
    return at.astimezone(_SUMMER if begins <= at < ends else _STANDARD)


@lru_cache(maxsize=65536)
def stamp(epoch: int) -> str:
    """Whole seconds with offset, as in MetaData: `2020-09-29T05:58:16-07:00`."""
    return pacific(datetime.fromtimestamp(epoch, UTC)).isoformat()


def precise(at: datetime) -> str:
    """Milliseconds with offset, as in the `time` of an answer."""
    return pacific(at).isoformat(timespec="milliseconds")


def today(at: datetime) -> date:
    """The company's date at an instant."""
    return pacific(at).date()


def parse_instant(text: str) -> datetime | None:
    """An instant from ISO text; without an offset it is Pacific local time. None for anything else."""
    text = text.strip().replace(" ", "+") if "T" in text else text.strip()
    try:
        found = datetime.fromisoformat(f"{text}T00:00:00" if _DATE_ONLY.fullmatch(text) else text)
    except ValueError:
        return None
    if found.tzinfo is not None:
        return found.astimezone(UTC)
    standard = found.replace(tzinfo=_STANDARD)
    return standard if pacific(standard).utcoffset() == timedelta(hours=-8) else found.replace(tzinfo=_SUMMER)


def parse_date(text: str) -> date | None:
    """A date from `YYYY-MM-DD`, also when a time of day follows it."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
