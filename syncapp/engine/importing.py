"""The words for imports: what a file brings, and what would come of one of its lines.

Owns the codes and their words. How a file is read and carried out is the business of the services.
"""
from __future__ import annotations

from syncapp.engine.words import Word


class ImportKind(Word):
    """What the lines of a file are."""

    LINKS = "LINKS", "Manual links"
    EXCLUSIONS = "EXCLUSIONS", "Exclusions"
    MAPPINGS = "MAPPINGS", "Field mappings"
    VALUES = "VALUES", "Value map"
    SETTINGS = "SETTINGS", "Settings"


class ImportOutcome(Word):
    """What would come of a line."""

    WRONG = "WRONG", "Wrong"
    CHANGE = "CHANGE", "Will be done"
    SAME = "SAME", "Already so"
