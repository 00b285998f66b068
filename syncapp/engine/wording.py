"""How a text that people read is put: in the reader's language, with values in named places.

Owns the one door to the catalogues. Knows no language itself: who runs the application says how a text is looked up, and without
that every text stays in English, as it stands in the code.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


def _as_it_stands(text: str) -> str:
    return text


def _counted_as_it_stands(one: str, several: str, number: int) -> str:
    return one if number == 1 else several


@dataclass(kw_only=True)
class _Catalogue:
    """How texts are looked up: at once, by number, and only when they are read."""

    find: Callable[[str], str] = _as_it_stands
    find_counted: Callable[[str, str, int], str] = _counted_as_it_stands
    find_later: Callable[[str], Any] = _as_it_stands


_catalogue = _Catalogue()


def read_from(*, find: Callable[[str], str], find_counted: Callable[[str, str, int], str], find_later: Callable[[str], Any]) -> None:
    """Look texts up by these functions from now on."""
    _catalogue.find, _catalogue.find_counted, _catalogue.find_later = find, find_counted, find_later


def say(text: str, /, **values: object) -> str:
    """Put a text in the reader's language. `{name}` and `{name:,}` in it stand for the values, as in `str.format`."""
    found = _catalogue.find(text)
    return found.format(**values) if values else found


def count(one: str, several: str, /, number: int, **values: object) -> str:
    """Put a text in the reader's language, in the form that fits a number. The number is the value `{number}`."""
    return _catalogue.find_counted(one, several, number).format(number=number, **values)


def later(text: str, /) -> Any:
    """Put a text that is read again and again, each time in the language of that moment."""
    return _catalogue.find_later(text)
