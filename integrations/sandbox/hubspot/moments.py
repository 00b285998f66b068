"""Times as HubSpot writes and reads them.

Owns the one canonical form `2026-11-01T10:00:00.123Z`, in which order as text is order in time.
"""
from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DIGITS = re.compile(r"-?\d{1,15}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EARLIEST_MS, _LATEST_MS = -62_135_596_800_000, 253_402_300_799_999


def to_ms(moment: datetime) -> int:
    """Milliseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: int) -> datetime:
    """The aware moment of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def text(milliseconds: int) -> str:
    """The canonical text of a moment."""
    return from_ms(milliseconds).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse(value: str) -> int | None:
    """Milliseconds of epoch digits, a date, or ISO 8601 with an offset; None for anything else."""
    value = value.strip()
    if _DIGITS.fullmatch(value):
        number = int(value)
        return number if _EARLIEST_MS <= number <= _LATEST_MS else None
    try:
        if _DATE.fullmatch(value):
            return to_ms(datetime.fromisoformat(value).replace(tzinfo=UTC))
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return to_ms(moment) if moment.tzinfo is not None else None


def date_text(milliseconds: int) -> str:
    """The date of a moment, in UTC."""
    return text(milliseconds)[:10]
