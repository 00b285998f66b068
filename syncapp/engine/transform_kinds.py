"""What a step of a mapping may do to a value on its way to the other side.

Owns the codes and their words. What they do is decided by `transforms`, which of them fit a field by `transform_checks`.
"""
from __future__ import annotations

from syncapp.engine.words import Word


class TransformKind(Word):
    """One step between the value of one side and what is written to the other."""

    TEMPLATE = "TEMPLATE", "Put together from several fields"
    PHONE_E164 = "PHONE_E164", "Phone number in its international form (+12125550100)"
    COUNTRY_ISO = "COUNTRY_ISO", "Country as its code or its English name"
    DEFAULT = "DEFAULT", "Use this value where it is empty"
    UPPER = "UPPER", "Capital letters"
    LOWER = "LOWER", "Small letters"
    TITLE = "TITLE", "Each Word With A Capital"
    TRIM = "TRIM", "Remove needless blanks"
    TRUNCATE = "TRUNCATE", "Shorten what is too long"
