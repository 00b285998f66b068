"""How a text that people read is put: in the reader's language, with values in named places.

Owns the one door to the catalogues, and how numbers are written. Knows no language itself: who runs the application says how a text
is looked up, and without that every text stays in English, as it stands in the code.
"""
from __future__ import annotations

import string
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


def _as_it_stands(text: str) -> str:
    return text


def _counted_as_it_stands(one: str, several: str, number: int) -> str:
    return one if number == 1 else several


def _english_signs() -> tuple[str, str]:
    return ",", "."


@dataclass(kw_only=True)
class _Catalogue:
    """How texts are looked up: at once, by number, and only when they are read; and the signs that part thousands and decimals."""

    find: Callable[[str], str] = _as_it_stands
    find_counted: Callable[[str, str, int], str] = _counted_as_it_stands
    find_later: Callable[[str], Any] = _as_it_stands
    signs: Callable[[], tuple[str, str]] = _english_signs


_catalogue = _Catalogue()


class _Figures(string.Formatter):
    """As `str.format`, with the signs of the reader's language in numbers whose thousands are parted."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return figure(value, format_spec) if "," in format_spec else super().format_field(value, format_spec)


_figures = _Figures()


def read_from(
    *, find: Callable[[str], str], find_counted: Callable[[str, str, int], str], find_later: Callable[[str], Any],
    signs: Callable[[], tuple[str, str]],
) -> None:
    """Look texts, and the signs that part thousands and decimals, up by these functions from now on."""
    _catalogue.find, _catalogue.find_counted, _catalogue.find_later, _catalogue.signs = find, find_counted, find_later, signs


def say(text: str, /, **values: object) -> str:
    """Put a text in the reader's language. `{name}` and `{name:,}` in it stand for the values, as in `str.format`."""
    found = _catalogue.find(text)
    return _filled(found, values) if values else found


def count(one: str, several: str, /, number: int, **values: object) -> str:
    """Put a text in the reader's language, in the form that fits a number. The number is the value `{number}`."""
    return _filled(_catalogue.find_counted(one, several, number), {"number": number, **values})


def later(text: str, /) -> Any:
    """Put a text that is read again and again, each time in the language of that moment."""
    return _catalogue.find_later(text)


def joined(texts: Iterable[str]) -> str:
    """Put texts into a row: one and two and three."""
    return say(" and ").join(texts)


def figure(number: int | float | Decimal, form: str = ",") -> str:
    """Write a number with its thousands parted, in the signs of the reader's language. `form` is a format such as `,.2f`."""
    return format(number, form).translate(dict(zip(map(ord, ",."), _catalogue.signs(), strict=True)))


def _filled(text: str, values: dict[str, object]) -> str:
    return _figures.vformat(text, (), values) if ":," in text else text.format(**values)
