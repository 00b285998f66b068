"""The words for exports: how far one is, and what kind of file it makes.

Owns the codes and their words. How a file is written is the business of the services.
"""
from __future__ import annotations

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
