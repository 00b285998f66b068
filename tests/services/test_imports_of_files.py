"""Reading uploaded files: what people's spreadsheets make, what they made wrong, and what is meant to harm."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from syncapp.engine import cells
from syncapp.engine.vocabulary import ImportKind
from syncapp.services import import_files, imports
from syncapp.services.import_lines import Column, Line
from tests.services.uploads import SHEET, TYPES, csv_file, saved, sheet, tampered, workbook

HEAD = ("hubspot id", "quickbooks id")
COLUMNS = (*(Column(name=name, about="", needed=True) for name in HEAD), Column(name="note", about=""))

OF_LINES = [kind for kind in ImportKind if kind is not ImportKind.SETTINGS]
"""A file of settings has no columns."""


def read(content: bytes, name: str = "links.csv") -> tuple[Line, ...]:
    return import_files.read(name=name, content=content, columns=COLUMNS)


def read_book(content: bytes) -> tuple[Line, ...]:
    return read(content, "links.xlsx")


def refusal(content: bytes, name: str = "links.csv") -> str:
    with pytest.raises(import_files.FileRefused) as refused:
        read(content, name)
    return str(refused.value)


def trouble_of(*line: Any, **formats: str) -> str:
    (found,) = read_book(workbook(HEAD, line, **formats))
    return found.trouble


class TestCsv:
    @pytest.mark.parametrize("delimiter", [",", ";", "\t"])
    @pytest.mark.parametrize("bom", [True, False])
    def test_is_read_however_spreadsheets_write_it(self, delimiter: str, bom: bool) -> None:
        found = read(csv_file(HEAD, ("101", "9"), ("102", "Zoë, the; second"), delimiter=delimiter, bom=bom))

        assert [(line.number, dict(line.cells), line.trouble) for line in found] == [
            (2, {"hubspot id": "101", "quickbooks id": "9"}, ""), (3, {"hubspot id": "102", "quickbooks id": "Zoë, the; second"}, ""),
        ]

    def test_keeps_zeros_in_front(self) -> None:
        assert read(csv_file(HEAD, ("00123", "7")))[0].cells["hubspot id"] == "00123"

    def test_counts_lines_as_the_spreadsheet_does_and_leaves_out_empty_ones(self) -> None:
        found = read(b"hubspot id,quickbooks id\r\n\r\n1,\"two\r\nlines\"\r\n,\r\n3,4\r\n")

        assert [line.number for line in found] == [3, 5]

    def test_takes_headings_in_any_order_and_letters(self) -> None:
        assert read(csv_file((" QuickBooks  ID", "HUBSPOT id "), ("9", "101")))[0].cells == {"quickbooks id": "9", "hubspot id": "101"}

    @pytest.mark.parametrize("text", ["=1+1", "+1 212 555 0100", "-1", "@SUM(A1)", "'=1", "|x", "＝1"])
    def test_takes_off_the_apostrophe_that_exports_put_before_formulas(self, text: str) -> None:
        assert read(csv_file(HEAD, (cells.guarded(text), "9")))[0].cells["hubspot id"] == text

    def test_leaves_other_apostrophes_alone(self) -> None:
        assert read(csv_file(HEAD, ("'t Hof", "9")))[0].cells["hubspot id"] == "'t Hof"

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "The file is empty."),
            (b"\r\n  \r\n", "The file is empty."),
            ("hubspot id,quickbooks id\n1,2\n3,Zo\xeb\n".encode("latin-1"), "Line 3 holds characters that are not in UTF-8. Save it as"),
            ("hubspot id,quickbooks id\n1,2\n".encode("utf-16"), "The file is no text in UTF-8."),
            (b"hubspot id,quickbooks id\n1,\0\n", "The file is no text in UTF-8."),
            (b'hubspot id,quickbooks id\n1,"2\n', "cannot be read: a quotation mark is not closed"),
            (b"hubspot id,quickbooks id\n1," + b"x" * 200_000, "the cell is far too long"),
            (b"hubspot id,quickbooks id\n", "The file has headings, but no line below them."),
            (b"hubspot id,note\n1,2\n", "The file lacks a column: “quickbooks id”. The columns are: “hubspot id”, “quickbooks id”,"),
            (b"hubspot id,quickbooks id,name\n1,2,3\n", "The file has columns that are not known here: “name”."),
            (b"hubspot id,,quickbooks id\n1,2,3\n", "not known here: one without a heading."),
            (b"hubspot id,quickbooks id,HubSpot id\n1,2,3\n", "The file has a column twice: “hubspot id”. Remove one of the two."),
            (b"x," * 1_000_000, "The file has more than 50 columns."),
            (b"hubspot id,quickbooks id\n" + b"1," * 1_000_000, "The file has more than 50 columns."),
            (b"hubspot id,quickbooks id\n" + b"1,2\n" * 20_001, "The file has more than 20,000 lines."),
            (b"x" * (5 * 1024 * 1024 + 1), "The file is larger than 5 MB."),
        ],
    )
    def test_says_what_is_wrong_with_a_file(self, content: bytes, words: str) -> None:
        assert words in refusal(content)

    @pytest.mark.parametrize("kind", OF_LINES)
    def test_with_columns_that_no_import_has_is_refused_whatever_they_are_called(self, kind: ImportKind) -> None:
        more = ["id", "is_superuser", "state", "refresh_token", "realm_id", "created_by", "owner", "user__is_superuser"]
        headings = [*(column.name for column in imports.columns(kind=kind)), *more]

        with pytest.raises(import_files.FileRefused, match="columns that are not known here: “id”, “is_superuser”, “state”"):
            import_files.read(name="x.csv", content=csv_file(headings, ["1"] * len(headings)), columns=imports.columns(kind=kind))

    @pytest.mark.parametrize("kind", OF_LINES)
    def test_has_columns_that_are_listed_one_by_one_and_name_no_secret(self, kind: ImportKind) -> None:
        names = [column.name for column in imports.columns(kind=kind)]

        assert len(names) == len(set(names)) > 0
        assert not [name for name in names if re.search("token|secret|password|signature|hash|__", name)]

    def test_reads_as_many_lines_as_are_promised(self) -> None:
        assert len(read(b"hubspot id,quickbooks id\n" + b"1,2\n" * 20_000)) == 20_000

    def test_names_a_cell_that_stands_beside_the_columns(self) -> None:
        (line,) = read(csv_file(HEAD, ("1", "2", "stray")))

        assert line.trouble == "“stray” stands in a column without a heading. Remove it, or mend the line."

    def test_names_a_cell_that_is_too_long_and_keeps_its_beginning(self) -> None:
        (line,) = read(csv_file(HEAD, ("1" * 301, "2")))

        assert line.trouble == "A cell holds more than 300 characters. Shorten it."
        assert len(line.cells["hubspot id"]) == 300


class TestWorkbook:
    def test_is_read_as_text(self) -> None:
        found = read_book(workbook((*HEAD, "note"), ("101", 9, True), (12345678901, "00123", None), (None, None, None), (3.0, "4", "x")))

        assert [(line.number, tuple(line.cells.values()), line.trouble) for line in found] == [
            (2, ("101", "9", "true"), ""), (3, ("12345678901", "00123", ""), ""), (5, ("3", "4", "x"), ""),
        ]

    @pytest.mark.parametrize(
        ("value", "format", "words"),
        [
            ("=1+1", "General", "Cell A2 holds a formula. Copy the column and paste it as values"),
            (1234567890123456, "0", "Cell A2 holds the number 1234567890123456, of which the spreadsheet may have lost digits. Format"),
            (1.5, "General", "Cell A2 holds the number 1.5, of which the spreadsheet may have lost digits."),
            (1.23e25, "General", "may have lost digits"),
            (123, "00000", "Cell A2 holds the number 123 in a format of its own (00000), and shows something else. Format"),
            (0.5, "0%", "in a format of its own (0%)"),
            (date(2026, 1, 2), "General", "The spreadsheet made a date of cell A2. Format the column as Text"),
        ],
    )
    def test_names_cells_that_hold_something_else_than_they_show(self, value: object, format: str, words: str) -> None:
        assert words in trouble_of(value, "9", A2="yyyy-mm-dd" if isinstance(value, date) else format)

    def test_names_a_cell_with_an_error(self) -> None:
        book = Workbook()
        book.active.append(HEAD)  # type: ignore[union-attr]
        book.active.append(("#N/A", "9"))  # type: ignore[union-attr]

        assert read_book(saved(book))[0].trouble == "Cell A2 holds the error #N/A. Mend it in the file."

    def test_takes_off_the_apostrophe_of_a_csv_export_that_was_saved_as_a_workbook(self) -> None:
        assert read_book(workbook(HEAD, ("'=1+1", "9")))[0].cells["hubspot id"] == "=1+1"

    def test_takes_a_text_that_our_own_workbook_marks_as_it_stands(self) -> None:
        book = Workbook()
        page = book.active
        assert page is not None
        page.append(HEAD)
        page.append(("'=1+1", "9"))
        page["A2"].alignment = Alignment(horizontal="left")
        page["A2"].quotePrefix = True

        assert read_book(saved(book))[0].cells["hubspot id"] == "'=1+1"

    def test_with_several_sheets_is_refused_unless_the_others_are_hidden(self) -> None:
        book = Workbook()
        book.active.append(HEAD)  # type: ignore[union-attr]
        book.active.append(("1", "2"))  # type: ignore[union-attr]
        other = book.create_sheet("Other")

        assert "The workbook has 2 sheets." in refusal(saved(book), "links.xlsx")
        other.sheet_state = "hidden"
        assert len(read_book(saved(book))) == 1

    def test_of_the_wrong_kind_or_name_is_refused(self) -> None:
        good = workbook(HEAD, ("1", "2"))

        assert "Files with macros (.xlsm) are not read." in refusal(good, "links.xlsm")
        assert "its name says something else than it is" in refusal(good, "links.csv")
        assert "its name says something else than it is" in refusal(csv_file(HEAD, ("1", "2")), "links.xlsx")
        assert "neither CSV nor XLSX" in refusal(csv_file(HEAD, ("1", "2")), "links.html")
        assert "neither CSV nor XLSX" in refusal(csv_file(HEAD, ("1", "2")), "links")
        assert "locked by a password, or is of an old kind (.xls)" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "links.xlsx")


class TestAttack:
    """Files that are made to cost memory, time or secrets."""

    good = workbook(HEAD, ("1", "2"))

    def attacked(self, **parts: bytes) -> str:
        names = {"sheet": SHEET, "types": TYPES, "macros": "xl/vbaProject.bin", "other": "xl/styles.xml", "strings": "xl/sharedStrings.xml"}
        return refusal(tampered(self.good, {names[name]: part for name, part in parts.items()}), "links.xlsx")

    def test_a_bomb_is_refused_before_it_is_unpacked(self) -> None:
        tracemalloc.start()
        words = self.attacked(sheet=sheet("<row>" + " " * 60_000_000 + "</row>"))
        made = tracemalloc.get_traced_memory()[0]
        bomb = tampered(self.good, {SHEET: sheet("<row>" + " " * 60_000_000 + "</row>")})
        tracemalloc.reset_peak()
        refusal(bomb, "links.xlsx")
        peak = tracemalloc.get_traced_memory()[1] - made
        tracemalloc.stop()

        assert "holds far more than lines to import" in words
        assert len(bomb) < 100_000
        assert peak < 5_000_000

    def test_an_archive_that_lies_about_its_size_is_damaged(self) -> None:
        large = sheet("<row>" + " " * 100_000 + "</row>")
        lying = tampered(self.good, {SHEET: large}).replace(len(large).to_bytes(4, "little"), (10).to_bytes(4, "little"))

        assert "The workbook is damaged" in refusal(lying, "links.xlsx")

    def test_a_line_with_a_million_cells_is_refused(self) -> None:
        assert "holds far more than lines to import" in self.attacked(sheet=sheet("<row>" + "<c/>" * 1_000_000 + "</row>"))

    def test_millions_of_elements_are_refused_wherever_they_stand(self) -> None:
        assert "holds far more" in self.attacked(sheet=sheet("<row/>" * 500_000))
        assert "holds far more" in self.attacked(strings=b"<sst>" + b"<si/>" * 500_000 + b"</sst>")
        assert "holds far more" in self.attacked(other=b"<styleSheet>" + b"<xf/>" * 60_000 + b"</styleSheet>")
        assert "holds far more" in self.attacked(other=b"<a>" * 60 + b"</a>" * 60)

    @pytest.mark.parametrize(
        "mark",
        [
            "<row " + " ".join(f'a{at}="x"' for at in range(2_000_000)) + "/>", "<row a='" + "x" * 20_000_000 + "'/>",
            "<row a='" + "x>" * 10_000_000 + "'/>", "<row" + " " * 20_000_000 + "/>", "<!--" + "x>" * 10_000_000 + "-->",
            "<?x " + "x>" * 10_000_000 + "?>",
        ],
        ids=["attributes", "value", "value with marks", "blanks", "comment", "instruction"],
    )
    def test_a_mark_of_megabytes_is_refused(self, mark: str) -> None:
        assert "The workbook is damaged" in self.attacked(sheet=sheet(mark))

    def test_a_sheet_under_the_name_of_a_picture_is_looked_through_all_the_same(self) -> None:
        relations = "xl/_rels/workbook.xml.rels"
        with zipfile.ZipFile(io.BytesIO(self.good)) as archive:
            parts = {relations: archive.read(relations), TYPES: archive.read(TYPES)}
        renamed = {name: part.replace(b"worksheets/sheet1.xml", b"media/image1.png") for name, part in parts.items()}
        as_picture = {**renamed, SHEET: None, "xl/media/image1.png": sheet("<row>" + "<c/>" * 300 + "</row>")}

        assert "holds far more than lines" in refusal(tampered(self.good, as_picture), "links.xlsx")

    def test_a_picture_is_left_alone(self) -> None:
        assert len(read_book(tampered(self.good, {"xl/media/image1.png": b"\x89PNG\r\n\x1a\n<"}))) == 1

    def test_a_line_with_an_impossible_number_is_refused(self) -> None:
        headings = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in HEAD)
        far_below = '<row r="999999999999"><c r="A999999999999"><v>1</v></c></row>'

        assert "The workbook is damaged" in self.attacked(sheet=sheet(f'<row r="1">{headings}</row>{far_below}'))

    def test_a_cell_far_to_the_right_is_refused(self) -> None:
        assert "more than 50 columns" in self.attacked(sheet=sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>'))

    @pytest.mark.parametrize("declared", ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>', '<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
    def test_entities_are_refused(self, declared: str) -> None:
        assert "The workbook is damaged" in self.attacked(sheet=sheet("<row/>", before=declared))
        assert "The workbook is damaged" in self.attacked(sheet=sheet("<row/>", before=declared).decode().encode("utf-16"))

    def test_macros_are_refused_under_any_name(self) -> None:
        assert "The workbook holds macros." in self.attacked(macros=b"x")
        assert "The workbook holds macros." in self.attacked(types=b"<Types><Override ContentType='sheet.macroEnabled.main+xml'/></Types>")

    def test_other_archives_are_no_workbooks(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("inner.zip", self.good)

        assert "The file is an archive, but no XLSX workbook." in refusal(file.getvalue(), "links.xlsx")

    @pytest.mark.parametrize("part", [b"", b"<worksheet>", b"not xml", b"\xff\xfe\x00"])
    def test_broken_parts_are_refused(self, part: bytes) -> None:
        assert "The workbook is damaged" in self.attacked(sheet=part)

    @pytest.mark.parametrize("cut", [4, 100, -200])
    def test_half_a_file_is_refused(self, cut: int) -> None:
        assert "The workbook is damaged" in refusal(self.good[:cut], "links.xlsx")

    def test_a_password_is_refused(self) -> None:
        locked = bytearray(self.good)
        for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = locked.find(mark)
            locked[at + flags] |= 1

        assert "The workbook is damaged" in refusal(bytes(locked), "links.xlsx")
