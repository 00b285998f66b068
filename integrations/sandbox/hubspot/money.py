"""Amounts as HubSpot keeps them.

Owns reading, rounding (half up, to cents) and writing. Knows no object type.
"""
from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
NOTHING = Decimal(0)


def read(values: Mapping[str, str], name: str, *, blank: str = "0") -> Decimal:
    """The number under a name; `blank` stands for a missing one."""
    return Decimal(values.get(name) or blank)


def cents(value: Decimal) -> Decimal:
    """An amount rounded half up to cents; one too long for that stays as it is."""
    try:
        return value.quantize(CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation:
        return value


def text(value: Decimal) -> str:
    """The text of an amount, without zeros that say nothing."""
    return format(value.normalize() if value else NOTHING, "f")
