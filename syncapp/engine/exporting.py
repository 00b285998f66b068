"""The words for exports: how far one is, what it holds, what kind of file it makes, and how often it is made anew.

Owns the codes and their words, and the moments of a rhythm. How a file is written is the business of the services.
"""
from __future__ import annotations

import calendar
from datetime import datetime, timedelta

from syncapp.engine.wording import count
from syncapp.engine.words import Word


class ExportState(Word):
    """How far an export is."""

    QUEUED = "QUEUED", "Waiting for its turn"
    WRITING = "WRITING", "Being written"
    READY = "READY", "Ready"
    FAILED = "FAILED", "Failed"
    EXPIRED = "EXPIRED", "Removed"

    @property
    def active(self) -> bool:
        """Whether it will still change by itself."""
        return self in (ExportState.QUEUED, ExportState.WRITING)


class ExportContent(Word):
    """What an export holds."""

    RECORDS = "RECORDS", "Records"
    ENTRIES = "ENTRIES", "Entries of a run"
    CONFLICTS = "CONFLICTS", "Conflicts"
    AUDIT = "AUDIT", "Audit"

    def counted(self, number: int) -> str:
        """Say how many of them there are."""
        if self is ExportContent.ENTRIES:
            return count("{number:,} entry", "{number:,} entries", number=number)
        if self is ExportContent.CONFLICTS:
            return count("{number:,} conflict", "{number:,} conflicts", number=number)
        if self is ExportContent.AUDIT:
            return count("{number:,} audit entry", "{number:,} audit entries", number=number)
        return count("{number:,} record", "{number:,} records", number=number)


class ExportRhythm(Word):
    """How often a scheduled export is made."""

    DAILY = "DAILY", "Every day"
    WEEKLY = "WEEKLY", "Every week"
    MONTHLY = "MONTHLY", "Every month"


class Weekday(Word):
    """A day of the week."""

    MONDAY = "MONDAY", "Monday"
    TUESDAY = "TUESDAY", "Tuesday"
    WEDNESDAY = "WEDNESDAY", "Wednesday"
    THURSDAY = "THURSDAY", "Thursday"
    FRIDAY = "FRIDAY", "Friday"
    SATURDAY = "SATURDAY", "Saturday"
    SUNDAY = "SUNDAY", "Sunday"


def next_moment(*, rhythm: ExportRhythm, weekday: Weekday, day: int, hour: int, after: datetime) -> datetime:
    """Tell the first moment of a rhythm after another moment. A month without that day has it on its last day."""
    moment = after.replace(hour=hour, minute=0, second=0, microsecond=0)
    while moment <= after or not _falls_on(moment, rhythm, weekday, day):
        moment += timedelta(days=1)
    return moment


def _falls_on(moment: datetime, rhythm: ExportRhythm, weekday: Weekday, day: int) -> bool:
    if rhythm is ExportRhythm.WEEKLY:
        return moment.weekday() == list(Weekday).index(weekday)
    last = calendar.monthrange(moment.year, moment.month)[1]
    return rhythm is ExportRhythm.DAILY or moment.day == min(day, last)


class ExportFormat(Word):
    """What kind of file."""

    CSV = "CSV", "CSV (text, for any program)"
    XLSX = "XLSX", "XLSX (Excel)"
    ODS = "ODS", "ODS (LibreOffice)"
    JSON = "JSON", "JSON (for programs)"

    @property
    def extension(self) -> str:
        """How the file's name ends."""
        return self.value.lower()

    @property
    def content_type(self) -> str:
        """What browsers and mail programs are told that it is."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    ExportFormat.CSV: "text/csv",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.ODS: "application/vnd.oasis.opendocument.spreadsheet",
    ExportFormat.JSON: "application/json",
}
