"""Read an uploaded file into lines by heading: CSV or XLSX.

Owns the limits of a file, its encoding and its headings. What the lines mean is the business of each import.
"""
from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from syncapp.engine import cells
from syncapp.engine.wording import later, say
from syncapp.services import import_workbooks
from syncapp.services.import_lines import Column, Line

MOST_BYTES = 5 * 1024 * 1024
MOST_LINES = 20_000
MOST_COLUMNS = 50
MOST_CHARACTERS = 8_000_000
LONGEST_CELL = 300
DELIMITERS = (",", ";", "\t")
TEXT_ENDINGS = ("csv", "tsv", "txt")
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
OTHER_ENCODINGS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SAVE_AS = later("Save it as CSV UTF-8 or as XLSX, and choose that file.")
COLUMNS_BEYOND = later("The file has more than {most:,} columns. Divide it, or leave out what is not needed.")
LINES_BEYOND = later("The file has more than {most:,} lines. Divide it, or leave out what is not needed.")
CHARACTERS_BEYOND = later("The file has more than {most:,} characters. Divide it, or leave out what is not needed.")


class FileRefused(Exception):
    """The file cannot be read; the `sentences` say why and what to do."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def read(*, name: str, content: bytes, columns: Sequence[Column]) -> tuple[Line, ...]:
    """Read the lines below the headings, without empty ones. Raises FileRefused."""
    if len(content) > MOST_BYTES:
        raise FileRefused(say("The file is larger than {number} MB. Divide it into several.", number=MOST_BYTES // 1024 // 1024))
    if not content.strip():
        raise FileRefused(say("The file is empty."))
    try:
        filled = ((number, line) for number, line in _lines(name, content) if any(text or trouble for text, trouble in line))
        return tuple(_by_heading(filled, columns))
    except import_workbooks.WorkbookRefused as refused:
        raise FileRefused(str(refused)) from refused


def _lines(name: str, content: bytes) -> Iterator[tuple[int, list[import_workbooks.Cell]]]:
    """The lines of a file of either kind; its name and its content have to say the same."""
    ending = name.rpartition(".")[2].lower()
    if ending == "xlsm":
        raise FileRefused(say("Files with macros (.xlsm) are not read. {remedy}", remedy=SAVE_AS))
    if content.startswith(OLE):
        raise FileRefused(say("The file is locked by a password, or is of an old kind (.xls). {remedy}", remedy=SAVE_AS))
    if ending == "xlsx" and content.startswith(ZIP):
        return import_workbooks.lines(content)
    if ending not in TEXT_ENDINGS or content.startswith(ZIP):
        raise FileRefused(say("The file is neither CSV nor XLSX, or its name says something else than it is. {remedy}", remedy=SAVE_AS))
    return ((number, [(cells.unguarded(text), "") for text in line]) for number, line in enumerate(_csv(content), start=1))


def _csv(content: bytes) -> Iterator[list[str]]:
    text = _decoded(content)
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise FileRefused(say(
            "Line {number} of the file cannot be read: a quotation mark is not closed or stands in the middle of a cell, or the cell is far"
            " too long. Mend it, or save the file anew.", number=reader.line_num,
        )) from error


def _decoded(content: bytes) -> str:
    if content.startswith(OTHER_ENCODINGS) or b"\0" in content:
        raise FileRefused(say("The file is no text in UTF-8. {remedy}", remedy=SAVE_AS))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = content.count(b"\n", 0, error.start) + 1
        raise FileRefused(say("Line {number} holds characters that are not in UTF-8. {remedy}", number=at, remedy=SAVE_AS)) from error


def _by_heading(filled: Iterator[tuple[int, list[import_workbooks.Cell]]], columns: Sequence[Column]) -> Iterator[Line]:
    _, first = next(filled, (0, []))
    headings = _headings(first, columns)
    count = characters = 0
    for number, line in filled:
        count += 1
        _within(COLUMNS_BEYOND, len(line), MOST_COLUMNS)
        _within(LINES_BEYOND, count, MOST_LINES)
        made = _line(number, line, headings)
        characters += sum(map(len, made.cells.values()))
        _within(CHARACTERS_BEYOND, characters, MOST_CHARACTERS)
        yield made
    if not count:
        raise FileRefused(say("The file has headings, but no line below them."))


def _within(beyond: Any, number: int, most: int) -> None:
    if number > most:
        raise FileRefused(beyond.format(most=most))


def _headings(first: Sequence[import_workbooks.Cell], columns: Sequence[Column]) -> list[str]:
    """The headings in the order of the file. Raises FileRefused for one that is missing, unknown or there twice."""
    _within(COLUMNS_BEYOND, len(first), MOST_COLUMNS)
    found = [" ".join(text.split()).lower() for text, _ in first]
    while found and not found[-1]:
        found.pop()
    known = {column.name for column in columns}
    if unknown := [heading[:60] for heading in found if heading not in known]:
        words = say("The file has columns that are not known here: {names}. {remedy}", names=_listed(unknown), remedy=_expected(columns))
        raise FileRefused(words)
    if twice := [heading for heading, number in Counter(found).items() if number > 1]:
        raise FileRefused(say("The file has a column twice: {names}. Remove one of the two.", names=_listed(twice)))
    if missing := [column.name for column in columns if column.needed and column.name not in found]:
        raise FileRefused(say("The file lacks a column: {names}. {remedy}", names=_listed(missing), remedy=_expected(columns)))
    return found


def _expected(columns: Sequence[Column]) -> str:
    names = _listed(column.name for column in columns)
    return say("The columns are: {names}. The first line of the file has to name them.", names=names)


def _line(number: int, line: Sequence[import_workbooks.Cell], headings: Sequence[str]) -> Line:
    found = dict.fromkeys(headings, "")
    troubles = []
    for at, (text, trouble) in enumerate(line):
        said = text.strip()
        if at < len(headings):
            found[headings[at]] = said[:LONGEST_CELL]
        elif said:
            troubles.append(say("“{text}” stands in a column without a heading. Remove it, or mend the line.", text=said[:60]))
        if trouble:
            troubles.append(trouble)
        elif "\ufffd" in said:
            troubles.append(say("A cell holds a character that is damaged. Type it anew."))
        elif len(said) > LONGEST_CELL:
            troubles.append(say("A cell holds more than {most} characters. Shorten it.", most=LONGEST_CELL))
    return Line(number=number, cells=found, trouble=" ".join(troubles))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(say("“{text}”", text=name) if name else say("one without a heading") for name in names)
