"""Write lines of cells into a file of each format, one line after the other.

Owns how a cell looks in each: numbers, days and moments stay what they are, and no text becomes a formula. Holds no more than a line in
memory. The library's own writers hold everything, turn numbers into text and let formulas pass, hence these.
"""
from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol
from xml.sax.saxutils import XMLGenerator, escape
from xml.sax.xmlreader import AttributesImpl

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.compat import safe_string
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from syncapp.engine import cells
from syncapp.engine.vocabulary import ExportFormat
from syncapp.selectors import sheets

LONGEST_CELL = 32_767
SHEET = "xl/worksheets/sheet1.xml"
FIRST_YEAR = 1900
"""Spreadsheets know no day before."""
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = {
    "xmlns:office": f"{OFFICE}office:1.0", "xmlns:table": f"{OFFICE}table:1.0", "xmlns:text": f"{OFFICE}text:1.0",
    "xmlns:manifest": f"{OFFICE}manifest:1.0",
}

NOTHING: AttributesImpl[str] = AttributesImpl({})


class Writer(Protocol):
    """A file that takes lines."""

    def write(self, line: Sequence[cells.Cell]) -> None:
        """Add a line."""


@contextmanager
def opened(*, format: ExportFormat, path: Path, title: str, headings: Sequence[str]) -> Iterator[Writer]:
    """Open a new file with its headings; it is complete once the context is left without an error. The title names its sheet."""
    with path.open("xb") as file:
        path.chmod(0o600)
        with _OPENERS[format](file, title, headings) as writer:
            yield writer


class _Csv:
    def __init__(self, text: IO[str]) -> None:
        self._lines = csv.writer(text)

    def write(self, line: Sequence[cells.Cell]) -> None:
        self._lines.writerow([_plain(cell) for cell in line])


@contextmanager
def _csv(file: IO[bytes], title: str, headings: Sequence[str]) -> Iterator[Writer]:
    with io.TextIOWrapper(file, encoding="utf-8", errors="replace", newline="") as text:
        text.write("\ufeff")  # without this mark Excel reads ü as Ã¼
        writer = _Csv(text)
        writer.write(list(headings))
        yield writer


def _plain(cell: cells.Cell) -> str:
    """A cell as text. What a person or a vendor wrote is guarded, our own numbers and days need not be."""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(cell, str):
        return cells.guarded(cell)
    return "" if cell is None else sheets.text(cell)


class _Json:
    def __init__(self, file: IO[bytes], headings: Sequence[str]) -> None:
        self._file = file
        self._names = [json.dumps(heading, ensure_ascii=False) for heading in headings]
        self._between = "\n"

    def write(self, line: Sequence[cells.Cell]) -> None:
        told = ", ".join(f"{name}: {_value(cell)}" for name, cell in zip(self._names, line, strict=True))
        self._file.write(f"{self._between}{{{told}}}".encode("utf-8", "replace"))
        self._between = ",\n"


@contextmanager
def _json(file: IO[bytes], title: str, headings: Sequence[str]) -> Iterator[Writer]:
    file.write(b"[")
    yield _Json(file, headings)
    file.write(b"\n]\n")


def _value(cell: cells.Cell) -> str:
    """A cell as JSON. A number keeps every digit."""
    if isinstance(cell, Decimal):
        return sheets.text(cell)
    if isinstance(cell, datetime):
        return json.dumps(cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    return json.dumps(cell.isoformat() if isinstance(cell, date) else cell, ensure_ascii=False)


class _Xlsx:
    """The lines of a sheet, written as the library writes them, which takes five times as long for it."""

    def __init__(self, part: IO[bytes], sheet: Any) -> None:
        self._part, self._sheet = part, sheet
        self._number = 0
        self._styles: dict[type, str] = {}

    def write(self, line: Sequence[cells.Cell]) -> None:
        self._number += 1
        told = (self._cell(f"{get_column_letter(at)}{self._number}", cell) for at, cell in enumerate(line, 1) if cell is not None)
        self._part.write(f'<row r="{self._number}">{"".join(told)}</row>'.encode())

    def _cell(self, place: str, cell: cells.Cell) -> str:
        value = _in_sheet(cell)
        if isinstance(value, str):
            style = self._style(str) if cells.is_risky(str(cell)) else ""
            stripped = value.strip()
            space = ' xml:space="preserve"' if stripped and stripped != value else ""
            return f'<c r="{place}"{style} t="inlineStr"' + (f"><is><t{space}>{escape(value)}</t></is></c>" if value else " />")
        if isinstance(value, date):
            value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            return f'<c r="{place}"{self._style(type(value))} t="n"><v>{safe_string(to_excel(value))}</v></c>'
        return f'<c r="{place}" t="{"b" if isinstance(value, bool) else "n"}"><v>{safe_string(value)}</v></c>'

    def _style(self, kind: type) -> str:
        """How the book calls the look of days, of moments, and of texts that shall stay texts when a person edits them."""
        if kind not in self._styles:
            like = WriteOnlyCell(self._sheet, "" if kind is str else kind(FIRST_YEAR, 1, 1))
            like.quotePrefix = kind is str
            self._styles[kind] = f' s="{like.style_id}"'
        return self._styles[kind]


@contextmanager
def _xlsx(file: IO[bytes], title: str, headings: Sequence[str]) -> Iterator[Writer]:
    book, before = _book(title), zipfile.ZipFile(_saved(_book(title)))
    at = before.namelist().index(SHEET)
    begins, sign, ends = before.read(SHEET).partition(b"</sheetData>")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in before.namelist()[:at]:
            archive.writestr(name, before.read(name))
        with archive.open(SHEET, "w", force_zip64=True) as part:
            part.write(begins)
            writer = _Xlsx(part, book.worksheets[0])
            writer.write(list(headings))
            yield writer
            part.write(sign + ends)
        after = zipfile.ZipFile(_saved(book))
        for name in after.namelist()[at + 1:]:
            archive.writestr(name, after.read(name))


def _book(title: str) -> Any:
    """A book without lines. What it says of styles is known once all lines are written, the rest before."""
    book = Workbook(write_only=True)
    book.create_sheet(title).freeze_panes = "A2"
    return book


def _saved(book: Any) -> IO[bytes]:
    file = io.BytesIO()
    book.save(file)
    return file


def _in_sheet(cell: cells.Cell) -> cells.Cell:
    """A cell as spreadsheets can hold it: in UTC, no day too early, no text too long."""
    if isinstance(cell, datetime):
        cell = cell.astimezone(UTC).replace(microsecond=0)
    if isinstance(cell, date) and cell.year < FIRST_YEAR:
        return sheets.text(cell)
    if isinstance(cell, str):
        text = cells.writable(cell)
        return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
    return cell


class _Ods:
    def __init__(self, xml: XMLGenerator) -> None:
        self._xml = xml

    def write(self, line: Sequence[cells.Cell]) -> None:
        self._xml.startElement("table:table-row", NOTHING)
        for cell in line:
            self._cell(_in_sheet(cell))
        self._xml.endElement("table:table-row")

    def _cell(self, cell: cells.Cell) -> None:
        self._xml.startElement("table:table-cell", AttributesImpl(_ods_facts(cell)))
        for part in [] if cell is None else sheets.text(cell).split("\n"):
            self._xml.startElement("text:p", NOTHING)
            self._xml.characters(part)
            self._xml.endElement("text:p")
        self._xml.endElement("table:table-cell")


def _ods_facts(cell: cells.Cell) -> dict[str, str]:
    """Type and value of a cell. A text is a text, whatever it begins with: a formula would be an attribute of its own."""
    if cell is None:
        return {}
    kind = "office:value-type"
    if isinstance(cell, bool):
        return {kind: "boolean", "office:boolean-value": str(cell).lower()}
    if isinstance(cell, Decimal):
        return {kind: "float", "office:value": sheets.text(cell)}
    if isinstance(cell, datetime):
        return {kind: "date", "office:date-value": cell.replace(tzinfo=None).isoformat()}
    if isinstance(cell, date):
        return {kind: "date", "office:date-value": cell.isoformat()}
    return {kind: "string", "office:string-value": cell}


@contextmanager
def _ods(file: IO[bytes], title: str, headings: Sequence[str]) -> Iterator[Writer]:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ExportFormat.ODS.content_type, zipfile.ZIP_STORED)
        with archive.open("META-INF/manifest.xml", "w") as part:
            _manifest(_xml(part))
        with archive.open("content.xml", "w", force_zip64=True) as part:
            xml = _xml(part)
            around = ("office:document-content", "office:body", "office:spreadsheet", "table:table")
            facts: list[dict[str, str]] = [{**NAMESPACES, "office:version": "1.3"}, {}, {}, {"table:name": title}]
            for name, fact in zip(around, facts, strict=True):
                xml.startElement(name, AttributesImpl(fact))
            xml.startElement("table:table-column", AttributesImpl({"table:number-columns-repeated": str(max(len(headings), 1))}))
            xml.endElement("table:table-column")
            writer = _Ods(xml)
            writer.write(list(headings))
            yield writer
            for name in reversed(around):
                xml.endElement(name)


def _xml(part: IO[bytes]) -> XMLGenerator:
    xml = XMLGenerator(part, "utf-8", short_empty_elements=True)
    xml.startDocument()
    return xml


def _manifest(xml: XMLGenerator) -> None:
    facts = {"xmlns:manifest": NAMESPACES["xmlns:manifest"], "manifest:version": "1.3"}
    xml.startElement("manifest:manifest", AttributesImpl(facts))
    for path, kind in (("/", ExportFormat.ODS.content_type), ("content.xml", "text/xml")):
        xml.startElement("manifest:file-entry", AttributesImpl({"manifest:full-path": path, "manifest:media-type": kind}))
        xml.endElement("manifest:file-entry")
    xml.endElement("manifest:manifest")


_OPENERS = {ExportFormat.CSV: _csv, ExportFormat.XLSX: _xlsx, ExportFormat.ODS: _ods, ExportFormat.JSON: _json}
