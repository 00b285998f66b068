"""What the lines, discounts, fees and taxes of an invoice come to.

Owns the arithmetic and its order: discounts, then fees, then taxes. Pure: amounts in, amounts out.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from integrations.sandbox.hubspot import money

PERCENT = "PERCENT"


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The amounts of one invoice, in cents."""

    subtotal: Decimal
    discount: Decimal
    billed: Decimal


def net(line: Mapping[str, str]) -> Decimal:
    """The amount of a line item: quantity by price, less its discount per unit or in percent."""
    quantity = money.read(line, "quantity", blank="1")
    gross = quantity * money.read(line, "price")
    if line.get("hs_discount_percentage"):
        return money.cents(gross - gross * money.read(line, "hs_discount_percentage") / 100)
    return money.cents(gross - quantity * money.read(line, "discount"))


def of(
    lines: Iterable[Mapping[str, str]],
    *,
    discounts: Iterable[Mapping[str, str]],
    fees: Iterable[Mapping[str, str]],
    taxes: Iterable[Mapping[str, str]],
) -> Totals:
    """Add up an invoice; a discount takes at most what there is."""
    subtotal = sum((net(line) for line in lines), money.NOTHING)
    discount = min(_parts(discounts, of=subtotal), max(subtotal, money.NOTHING))
    discounted = subtotal - discount
    with_fees = discounted + _parts(fees, of=discounted)
    return Totals(subtotal=subtotal, discount=discount, billed=with_fees + _parts(taxes, of=with_fees))


def _parts(changes: Iterable[Mapping[str, str]], *, of: Decimal) -> Decimal:
    """What several fixed or relative changes of one amount come to together."""
    return sum((_part(change, of=of) for change in changes), money.NOTHING)


def _part(change: Mapping[str, str], *, of: Decimal) -> Decimal:
    value = money.read(change, "hs_value")
    return money.cents(of * value / 100 if change.get("hs_type") == PERCENT else value)
