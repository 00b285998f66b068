"""What every import has in common: its columns, its lines as they were read, and what would come of them.

Owns these values, and how words that people write in cells are understood. Reads and changes nothing.
"""
from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser

from syncapp.engine.vocabulary import ImportOutcome
from syncapp.engine.wording import say
from syncapp.engine.words import Word

_YES = frozenset({"yes", "y", "true", "1", "on", "x"})
_NO = frozenset({"no", "n", "false", "0", "off"})
_W = TypeVar("_W", bound=Word)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column that a file may have: its heading, and what stands in it. Without a `needed` one a file is refused."""

    name: str
    about: str
    needed: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line: its number as a spreadsheet shows it, its cells by heading, and what is wrong with the cells themselves."""

    number: int
    cells: Mapping[str, str]
    trouble: str = ""

    def cell(self, name: str) -> str:
        """What stands in a column, "" where it is empty or not there."""
        return self.cells.get(name, "")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What would come of a line, in words."""

    number: int
    outcome: ImportOutcome
    words: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would come of a file. `refusals` concern it as a whole, `notes` are what else a person should know before, `told` afterwards.

    `carry_out` does it, inside the caller's transaction; it must not be called while anything is wrong.
    """

    verdicts: Sequence[Verdict]
    carry_out: Callable[[AbstractBaseUser | None, datetime], None]
    refusals: Sequence[str] = ()
    notes: Sequence[str] = ()
    told: Sequence[str] = ()

    @property
    def wrong(self) -> bool:
        """Whether anything is wrong, so that nothing is done."""
        return bool(self.refusals) or self.number(ImportOutcome.WRONG) > 0

    @property
    def digest(self) -> str:
        """A short name of all that would come of it: the same as long as nothing changed."""
        told = [[one.number, one.outcome.value, one.words] for one in self.verdicts]
        return hashlib.sha256(json.dumps([told, list(self.refusals), list(self.notes)]).encode()).hexdigest()

    def number(self, outcome: ImportOutcome) -> int:
        """Count the lines with that outcome."""
        return sum(one.outcome is outcome for one in self.verdicts)


class Misread(Exception):
    """What stands in a cell is none of the words that it can hold; the text says which."""


def yes_or_no(*, line: Line, column: str) -> bool | None:
    """Read a cell that says yes or no; None where it is empty. Raises Misread."""
    text = line.cell(column).casefold()
    if not text:
        return None
    if text in _YES | _NO:
        return text in _YES
    words = say("“{text}” in the column “{column}” is neither yes nor no. Write one of the two.", text=line.cell(column), column=column)
    raise Misread(words)


def word(*, line: Line, column: str, words: type[_W]) -> _W | None:
    """Read a cell that holds one of our words, as pages show it, in English or by its code; None where it is empty. Raises Misread."""
    text = line.cell(column)
    if not text:
        return None
    wanted = text.casefold().replace("->", "→")
    for one in words:
        if wanted in (one.value.casefold(), one.label.casefold(), one.english.casefold()):
            return one
    offered = ", ".join(say("“{text}”", text=one.label) for one in words)
    raise Misread(say("“{text}” in the column “{column}” is not known. Write one of {offered}.", text=text, column=column, offered=offered))


def said_before(*, what: str, number: int) -> str:
    """Say where a thing that may stand in a file once stood already."""
    return say("{what} stands on line {number} already. Leave one of the two lines out.", what=what, number=number)
