"""Values as a person reads them in a sentence, an invoice's lines too.

Owns that wording only.
"""
from __future__ import annotations

from syncapp.engine import lines, records, values


def shown(value: records.Value) -> str:
    """Write a value as it stands in a sentence."""
    return lines.shown(value) if lines.are_lines(value) else values.shown(value)
