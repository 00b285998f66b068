"""Values and fields as a person reads them in a sentence, an invoice's lines too.

Owns that wording only.
"""
from __future__ import annotations

from syncapp.engine import lines, records, values
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say


def shown(value: records.Value) -> str:
    """Write a value as it stands in a sentence."""
    return lines.shown(value) if lines.are_lines(value) else values.shown(value)


def field(side: Side, label: str) -> str:
    """Name a field of one side as it stands in a sentence."""
    return say('{system} field "{field}"', system=side.label, field=label)
