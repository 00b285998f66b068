"""The form of every closed set: a code that is stored, and the label that a person reads.

Owns that form only.
"""
from __future__ import annotations

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A code with a label. Stored by code, shown by label."""

    label: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Code and label of every member, as Django's fields want them."""
        return [(member.value, member.label) for member in cls]
