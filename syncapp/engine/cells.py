"""What stands in one cell of a list or file: a value of the type its field has, and text that no spreadsheet takes for a formula.

Owns the guard against formulas. A number stays a number because its field holds numbers, never because a text looks like one.
"""
from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal

from syncapp.engine import records, values
from syncapp.engine.vocabulary import FieldType

Cell = str | Decimal | bool | datetime | date | None
GUARD = "'"
STARTERS = frozenset("=+-@\t\r\n\0|＝＋－＠")
"""With one of these a text becomes a formula, or hides one, in some spreadsheet."""
_SKIPPED = re.compile("[ \"'`\u00a0\u00ad\u1680\u2000-\u200f\u2018-\u201f\u2028-\u202f\u205f\u2060\u3000\ufeff]*")
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def typed(*, type: FieldType, value: records.Value) -> Cell:
    """Read a stored value as what its field holds; what does not fit stays the text it is."""
    if value is None or value in ((), ""):
        return None
    if isinstance(value, tuple):
        return "; ".join(value)
    found: Cell = None
    if type is FieldType.NUMBER:
        found = values.as_decimal(value)
    elif type is FieldType.DATE:
        found = values.as_date(value)
    elif type is FieldType.DATETIME:
        found = values.as_datetime(value)
    return value if found is None else found


def is_risky(text: str) -> bool:
    """Tell whether a spreadsheet could take a text for a formula, blanks and quotes before it notwithstanding."""
    if text[:1].isalnum():
        return False
    begun = _SKIPPED.match(text)
    start = begun.end() if begun else 0
    return text[start : start + 1] in STARTERS if start < len(text) else False


def guarded(text: str) -> str:
    """Put a guard before a text that could be taken for a formula."""
    return GUARD + text if is_risky(text) else text


def unguarded(text: str) -> str:
    """Give back the text that was guarded."""
    return text[1:] if text.startswith(GUARD) and is_risky(text[1:]) else text


def writable(text: str) -> str:
    """Mark the characters that a spreadsheet's file cannot hold."""
    return _UNWRITABLE.sub("\ufffd", text)
