"""Ids as texts and as numbers.

Owns what counts as an id.
"""
from __future__ import annotations

MOST_DIGITS = 18


def whole(text: str) -> int | None:
    """The number that a text of digits stands for; None for any other text, and for one too long to be an id."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
