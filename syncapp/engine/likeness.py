"""How alike two records are, field by field, for a person who is to say whether they are the same.

Owns the score. Decides nothing: no record is linked by it.
"""
from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from syncapp.engine import normalize, records
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.words import Word

CLOSE = 0.8
"""From here on two texts count as written differently, not as different."""


class Alike(Word):
    """How two values stand to each other."""

    SAME = "SAME", "the same"
    CLOSE = "CLOSE", "similar"
    DIFFERENT = "DIFFERENT", "different"


_WORTH = {Alike.SAME: 2, Alike.CLOSE: 1, Alike.DIFFERENT: 0}


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One field that both records have a value in."""

    label: str
    left: records.Value
    right: records.Value
    alike: Alike


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """All fields that both records have a value in."""

    fields: tuple[Compared, ...]

    @property
    def percent(self) -> int:
        """From 0 to 100; a similar value counts half, and where there is nothing to compare nothing is alike."""
        return round(100 * sum(_WORTH[one.alike] for one in self.fields) / (2 * len(self.fields))) if self.fields else 0

    def labels(self, alike: Alike) -> list[str]:
        """Name the fields that stand so."""
        return [one.label for one in self.fields if one.alike is alike]


def compared(*, pairs: Iterable[tuple[str, FieldType, records.Value, records.Value]]) -> Likeness:
    """Compare values, each with its field's label and type; a field that is blank on either side tells nothing."""
    made = []
    for label, type, left, right in pairs:
        ours, theirs = normalize.key(type=type, value=left), normalize.key(type=type, value=right)
        if ours is not None and theirs is not None:
            made.append(Compared(label=label, left=left, right=right, alike=_alike(type, ours, theirs)))
    return Likeness(fields=tuple(made))


def _alike(type: FieldType, ours: str, theirs: str) -> Alike:
    if ours == theirs:
        return Alike.SAME
    if type in (FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME):
        return Alike.DIFFERENT
    words = set(ours.split()), set(theirs.split())
    within = words[0] <= words[1] or words[1] <= words[0]
    return Alike.CLOSE if within or difflib.SequenceMatcher(None, ours, theirs).ratio() >= CLOSE else Alike.DIFFERENT
