"""Files as people and attackers upload them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

TYPES = "[Content_Types].xml"
SHEET = "xl/worksheets/sheet1.xml"
MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def csv_file(*lines: Sequence[str], delimiter: str = ",", bom: bool = False) -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(lines)
    return ("\ufeff" * bom + file.getvalue()).encode()


def workbook(*lines: Sequence[Any], **formats: str) -> bytes:
    """A workbook as a spreadsheet would save it; `formats` are number formats by cell, such as A2="00000"."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in lines:
        sheet.append(list(line))
    for place, format in formats.items():
        sheet[place].number_format = format
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def tampered(content: bytes, parts: dict[str, bytes | None]) -> bytes:
    """A workbook with parts put in the place of its own, added, or (None) taken out."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            if name not in parts:
                after.writestr(name, before.read(name))
        for name, part in parts.items():
            if part is not None:
                after.writestr(name, part)
    return file.getvalue()


def sheet(rows: str, *, before: str = "") -> bytes:
    """The part of a workbook that holds the lines, written by hand."""
    return f'<?xml version="1.0"?>{before}<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>'.encode()
