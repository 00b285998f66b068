"""The form of every closed set: a code that is stored, and the label that a person reads.

Owns that form only.
"""
from __future__ import annotations

from enum import StrEnum
from typing import Any, Self

from syncapp.engine import wording


class Word(StrEnum):
    """A code with a label. Stored by code, shown by label in the reader's language."""

    english: str

    def __new__(cls, code: str, label: str = "") -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.english = label
        return member

    @property
    def label(self) -> str:
        """What a person reads."""
        return wording.say(self.english) if self.english else ""

    @classmethod
    def choices(cls) -> list[tuple[str, Any]]:
        """Code and label of every member, as Django's fields want them."""
        return [(member.value, wording.later(member.english)) for member in cls]
