"""Read the cells of an uploaded XLSX workbook as text.

Owns the guard that looks a workbook through before it is opened, so that a small hostile file costs neither memory nor minutes, and the
refusal of cells in which a spreadsheet holds something else than it shows. Knows nothing of columns.
"""
from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from syncapp.engine import cells
from syncapp.engine.wording import later, say

MOST_BYTES = 30 * 1024 * 1024
MOST_PARTS = 300
MOST_ELEMENTS = 400_000
MOST_OTHER_ELEMENTS = 50_000
"""In parts that hold no lines, such as styles."""
MOST_CELLS_OF_A_LINE = 200
MOST_DEPTH = 50
LONGEST_MARK = 10_000
LONG_MARK = re.compile(rb"<[^<>]{%d,}" % LONGEST_MARK)
BEFORE_MARKUP = b" \t\r\n\0\xef\xbb\xbf\xfe\xff"
BEGINNINGS = (b"<", b"\xef\xbb\xbf<")
"""Of a part in UTF-8, the only encoding that spreadsheets write."""
LAST_LINE = 1_048_576
"""Spreadsheets have no more."""
EXACT = 10**15
"""Spreadsheets keep fifteen digits of a number; what is longer ends in zeros that nobody typed."""
PLAIN_FORMATS = ("General", "0", "@")
BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, InvalidFileException, LookupError, OSError, ParseError, RuntimeError,
    TypeError, ValueError, expat.ExpatError, struct.error, zipfile.BadZipFile, zlib.error,
)
DAMAGED = later(
    "The workbook is damaged or is none that can be read. Open it in your spreadsheet and save it anew as XLSX or as CSV UTF-8."
)
TOO_LARGE = later("The workbook holds far more than lines to import. Copy the lines into an empty one, or save them as CSV UTF-8.")
AS_TEXT = later("Format the column as Text, then enter it again.")

Cell = tuple[str, str]
"""The text of a cell, and what is wrong with it."""


class WorkbookRefused(Exception):
    """The workbook cannot be read; the text says why and what to do."""


def lines(content: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Give the lines of the only visible sheet with their numbers, empty ones too. Raises WorkbookRefused."""
    try:
        _look_through(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(sheets) != 1:
            words = say("The workbook has {number} sheets. Leave the one with the lines, and remove the others.", number=len(sheets))
            raise WorkbookRefused(words)
        sheets[0].reset_dimensions()  # what a file says of its own size need not be so
        for number, found in enumerate(sheets[0].iter_rows(), start=1):
            if number > LAST_LINE:
                raise WorkbookRefused(DAMAGED)
            yield number, [_read(cell) for cell in found]
    except BROKEN as error:
        raise WorkbookRefused(DAMAGED) from error


def _look_through(content: bytes) -> None:
    """Refuse what is no plain workbook, or what would grow out of all proportion when opened."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = [part.filename for part in parts]
        if "[Content_Types].xml" not in names:
            raise WorkbookRefused(say("The file is an archive, but no XLSX workbook. Save it as XLSX or as CSV UTF-8."))
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
            raise WorkbookRefused(TOO_LARGE)
        if len(set(names)) < len(names) or any(
            part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts
        ):
            raise WorkbookRefused(DAMAGED)
        if any(name.endswith("vbaProject.bin") for name in names) or b"macroEnabled" in archive.read("[Content_Types].xml"):
            raise WorkbookRefused(say("The workbook holds macros. Save it as XLSX without macros, or as CSV UTF-8."))
        _count(archive, parts)


def _count(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    elements = others = 0
    for part in parts:
        counter, content = _Counter(), archive.read(part)
        # What is read as a sheet may have any name; pictures and the like are not looked into.
        if part.filename.endswith((".xml", ".rels")) or content.lstrip(BEFORE_MARKUP).startswith(b"<"):
            counter.read(content)
        elements += counter.elements
        if "/worksheets/" not in part.filename and not part.filename.endswith("sharedStrings.xml"):
            others += counter.elements
        if elements > MOST_ELEMENTS or others > MOST_OTHER_ELEMENTS:
            raise WorkbookRefused(TOO_LARGE)


class _Counter:
    """Walks through a part without keeping any of it, and stops at what no spreadsheet writes."""

    def __init__(self) -> None:
        self.elements = 0
        self._depth = 0
        self._cells = 0

    def read(self, part: bytes) -> None:
        """Read a part in one go: in pieces, as openpyxl reads it, a mark of megabytes is gone through again for each piece."""
        if not part.startswith(BEGINNINGS) or LONG_MARK.search(part):
            raise WorkbookRefused(DAMAGED)
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._aside
        parser.Parse(part, True)

    def _doctype(self, *_declared: Any) -> None:
        """Entities are declared there, and entities are how a few bytes become gigabytes or another file."""
        raise WorkbookRefused(DAMAGED)

    def _aside(self, *texts: str) -> None:
        if sum(map(len, texts)) > LONGEST_MARK:
            raise WorkbookRefused(DAMAGED)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        self._depth += 1
        tag = name.rpartition(":")[2]
        self._cells = 0 if tag == "row" else self._cells + (tag == "c")
        self._aside(*attributes.values())
        if self.elements > MOST_ELEMENTS or self._depth > MOST_DEPTH or self._cells > MOST_CELLS_OF_A_LINE:
            raise WorkbookRefused(TOO_LARGE)

    def _end(self, _name: str) -> None:
        self._depth -= 1


def _read(cell: Any) -> Cell:
    """A cell as the text that a person sees in it, or why that is not certain."""
    value = cell.value
    if value is None:
        return "", ""
    if cell.data_type == "f":
        words = say("Cell {cell} holds a formula. Copy the column and paste it as values, then save the file again.", cell=cell.coordinate)
        return "", words
    if cell.data_type == "e":
        return str(value), say("Cell {cell} holds the error {value}. Mend it in the file.", cell=cell.coordinate, value=value)
    if isinstance(value, bool):
        return str(value).lower(), ""
    if isinstance(value, int | float):
        return _number(cell, value)
    if isinstance(value, date | datetime | time | timedelta):
        return str(value), say("The spreadsheet made a date of cell {cell}. {remedy}", cell=cell.coordinate, remedy=AS_TEXT)
    text = str(value)
    return (text if cell.style_array.quotePrefix else cells.unguarded(text)), ""


def _number(cell: Any, value: float) -> Cell:
    if cell.number_format not in PLAIN_FORMATS:
        return str(value), say(
            "Cell {cell} holds the number {number} in a format of its own ({format}), and shows something else. {remedy}",
            cell=cell.coordinate, number=value, format=cell.number_format, remedy=AS_TEXT,
        )
    if abs(value) >= EXACT or value != int(value):
        return str(value), say(
            "Cell {cell} holds the number {number}, of which the spreadsheet may have lost digits. {remedy}",
            cell=cell.coordinate, number=value, remedy=AS_TEXT,
        )
    return str(int(value)), ""
