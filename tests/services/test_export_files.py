"""What is in an exported file: no formula, and every value of its own type."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from openpyxl.cell import WriteOnlyCell

from syncapp.engine import cells
from syncapp.engine.vocabulary import ExportFormat, FieldType
from syncapp.services import export_writers
from tests.services.desk import csv_lines

STARTERS = ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "＝", "＋", "－", "＠"]
BEFORE = ["", " ", "   ", "\u00a0", "\ufeff", '"', "'", "“", "\u200b"]
RISKY = [f"{before}{starter}1+1" for before in BEFORE for starter in STARTERS] + [f"{starter}{starter}1+1" for starter in STARTERS]
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def written(format: ExportFormat, path: Path, lines: Sequence[Sequence[cells.Cell]], headings: Sequence[str] = ("Value",)) -> Path:
    file = path / f"file.{format.extension}"
    with export_writers.opened(format=format, path=file, title="Records", headings=headings) as writer:
        for line in lines:
            writer.write(line)
    return file


def sheet(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows())  # type: ignore[union-attr]


def ods_cells(path: Path) -> Iterator[ElementTree.Element]:
    with zipfile.ZipFile(path) as archive:
        yield from ElementTree.fromstring(archive.read("content.xml")).iter(f"{TABLE}table-cell")


class TestFormulas:
    """No text becomes a formula, in a cell or in a heading."""

    @pytest.mark.parametrize("text", RISKY, ids=ascii)
    def test_are_guarded_in_csv_and_come_back_whole(self, tmp_path: Path, text: str) -> None:
        found = csv_lines(written(ExportFormat.CSV, tmp_path, [[text]], headings=[text]))

        assert [line[0][0] for line in found] == ["'", "'"]
        assert [cells.unguarded(line[0]) for line in found] == [text, text]

    def test_are_texts_in_xlsx(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [[text] for text in RISKY], headings=["=1+1"]))

        assert {cell.data_type for line in found for cell in line} == {"s"}
        assert {cell.quotePrefix for line in found for cell in line} == {True}
        assert [line[0].value for line in found[1:]] == [cells.writable(text).replace("\r", "\n") for text in RISKY]

    def test_leave_no_formula_in_the_xlsx_file(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(written(ExportFormat.XLSX, tmp_path, [[text] for text in RISKY])) as archive:
            assert b"<f" not in archive.read("xl/worksheets/sheet1.xml")

    def test_are_texts_in_ods(self, tmp_path: Path) -> None:
        found = list(ods_cells(written(ExportFormat.ODS, tmp_path, [[text] for text in RISKY], headings=["=1+1"])))

        assert {cell.get(f"{OFFICE}value-type") for cell in found} == {"string"}
        assert [name for cell in found for name in cell.attrib if "formula" in name] == []
        assert [cell.get(f"{OFFICE}string-value") for cell in found[1:]] == [cells.writable(text) for text in RISKY]

    @pytest.mark.parametrize("text", ["Ann", "O'Brien", "'quoted'", "a=b", "1-2", "", "   ", "Ünï"])
    def test_are_not_seen_where_there_are_none(self, text: str) -> None:
        assert cells.guarded(text) == text
        assert cells.unguarded(text) == text

    @pytest.mark.parametrize("text", ["'=1+1", "''=1+1", "'hello"])
    def test_come_back_whole_where_a_guard_was_there_before(self, text: str) -> None:
        assert cells.unguarded(cells.guarded(text)) == text


class TestValues:
    LINE: tuple[cells.Cell, ...] = (
        Decimal("-12.50"), Decimal("123456789012345678.01"), True, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None, "-5",
    )
    NAMES = ("amount", "large", "yes", "day", "moment", "nothing", "code")

    def test_keep_their_type_in_csv(self, tmp_path: Path) -> None:
        found = csv_lines(written(ExportFormat.CSV, tmp_path, [self.LINE], self.NAMES))

        assert found[1] == ["-12.5", "123456789012345678.01", "yes", "2026-01-02", "2026-01-02 03:04:05", "", "'-5"]

    def test_keep_their_type_in_xlsx(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [self.LINE], self.NAMES))[1]

        assert [cell.data_type for cell in found] == ["n", "n", "b", "d", "d", "n", "s"]
        assert [found[0].value, found[3].value.date(), found[4].value] == [-12.5, date(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5)]  # noqa: DTZ001

    def test_keep_their_type_in_ods(self, tmp_path: Path) -> None:
        found = list(ods_cells(written(ExportFormat.ODS, tmp_path, [self.LINE], self.NAMES)))[len(self.NAMES) :]

        assert [cell.get(f"{OFFICE}value-type") for cell in found] == ["float", "float", "boolean", "date", "date", None, "string"]
        assert found[0].get(f"{OFFICE}value") == "-12.5"

    def test_keep_their_type_and_every_digit_in_json(self, tmp_path: Path) -> None:
        text = written(ExportFormat.JSON, tmp_path, [self.LINE, self.LINE], self.NAMES).read_text(encoding="utf-8")

        found = json.loads(text, parse_float=Decimal)
        assert found[1] == {
            "amount": Decimal("-12.5"), "large": Decimal("123456789012345678.01"), "yes": True, "day": "2026-01-02",
            "moment": "2026-01-02T03:04:05Z", "nothing": None, "code": "-5",
        }

    def test_take_their_type_from_the_field_and_not_from_their_looks(self) -> None:
        assert cells.typed(type=FieldType.NUMBER, value="-5") == Decimal("-5")
        assert cells.typed(type=FieldType.TEXT, value="-5") == "-5"
        assert cells.typed(type=FieldType.NUMBER, value="=5") == "=5"

    def test_that_a_sheet_cannot_hold_are_marked(self, tmp_path: Path) -> None:
        found = sheet(written(ExportFormat.XLSX, tmp_path, [["a\x01b"], ["x" * 40_000], [date(1700, 1, 1)]]))

        assert found[1][0].value == "a\ufffdb"
        assert (len(found[2][0].value), found[2][0].value[-1]) == (32_767, "…")
        assert found[3][0].value == "1700-01-01"

    @pytest.mark.parametrize("format", [ExportFormat.JSON, ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.ODS])
    def test_none_at_all_make_a_file_too(self, tmp_path: Path, format: ExportFormat) -> None:
        path = written(format, tmp_path, [])

        if format is ExportFormat.JSON:
            assert json.loads(path.read_text(encoding="utf-8")) == []
        assert path.stat().st_size > 0


class TestXlsx:
    """Our own way of writing the lines is there for its speed alone."""

    TEXTS = ("", " ", " led by a blank", "two\nlines", "<b>Tom & Jerry</b>", "]]>", "#N/A", "=1+1", "-5", "Ünï 😀")

    @pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
    def test_is_to_the_letter_what_the_library_writes(self, tmp_path: Path, name: str) -> None:
        lines: list[Sequence[cells.Cell]] = [TestValues.LINE, *([text, None, False] for text in self.TEXTS)]
        ours = written(ExportFormat.XLSX, tmp_path, lines, TestValues.NAMES)

        theirs = self.by_the_library(tmp_path, [TestValues.NAMES, *lines])

        with zipfile.ZipFile(ours) as found, zipfile.ZipFile(theirs) as wanted:
            assert found.namelist() == wanted.namelist()
            assert found.read(name) == wanted.read(name)

    def by_the_library(self, place: Path, lines: Sequence[Sequence[cells.Cell]]) -> Path:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("Records")
        sheet.freeze_panes = "A2"
        for line in lines:
            sheet.append([self.cell(sheet, one) for one in line])
        book.save(place / "theirs.xlsx")
        return place / "theirs.xlsx"

    def cell(self, sheet: Any, value: cells.Cell) -> Any:
        if not isinstance(value, str):
            return value.replace(tzinfo=None) if isinstance(value, datetime) else value
        made = WriteOnlyCell(sheet, value)
        made.data_type = "s"
        made.quotePrefix = cells.is_risky(value)
        return made
