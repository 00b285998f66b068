"""The lines of an invoice as one value: products, discounts, fees and taxes, each as text that can be compared and stored.

Owns the form of a line and what makes two lists of lines the same. Adds up what the lines come to.
"""
from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from syncapp.engine import records, values
from syncapp.engine.wording import later, say

CENT = Decimal("0.01")


class LineKind(enum.StrEnum):
    """What a line does to the sum. A product's code is blank, so that most lines are short."""

    PRODUCT = ""
    DISCOUNT = "discount"
    FEE = "fee"
    TAX = "tax"


_CALLED = {LineKind.DISCOUNT: later("discount"), LineKind.FEE: later("fee"), LineKind.TAX: later("tax")}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line. Numbers are canonical texts, "" where the vendor has none.

    `record` is the id of what it names on its own side: the product or item it sells, or the invoice that a payment is laid on.
    A product has `quantity` and `price`, and `amount` where the vendor tells one; a discount, fee or tax has `amount`, or `percent`
    of what stands before it. Amounts of discounts are positive.
    """

    kind: LineKind = LineKind.PRODUCT
    record: str = ""
    name: str = ""
    description: str = ""
    quantity: str = ""
    price: str = ""
    amount: str = ""
    percent: str = ""
    service_date: str = ""


def compose(lines: Iterable[Line]) -> records.Value:
    """Turn lines into a value, in their order; no lines are nothing."""
    return tuple(_text(line) for line in lines) or None


def parse(value: records.Value) -> tuple[Line, ...]:
    """Turn a value back into lines. Raises ValueError for what `compose` did not make."""
    if value is None:
        return ()
    if not isinstance(value, tuple):
        raise ValueError(say("These are no lines of an invoice."))
    return tuple(_line(text) for text in value)


def ordered(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Products first, then discounts, fees and taxes, each in their own order: how HubSpot adds an invoice up."""
    return tuple(sorted(lines, key=lambda line: list(LineKind).index(line.kind)))


def worth(line: Line) -> Decimal:
    """What a product's line comes to, in cents: its amount, else quantity by price rounded half up."""
    told = values.as_decimal(line.amount)
    if told is not None:
        return told
    return cents((values.as_decimal(line.quantity or "1") or Decimal(0)) * (values.as_decimal(line.price) or Decimal(0)))


def total(lines: Iterable[Line]) -> Decimal:
    """What an invoice comes to: its products, less discounts, with fees, then with taxes, each in cents."""
    parts = tuple(lines)
    subtotal = sum((worth(line) for line in parts if line.kind is LineKind.PRODUCT), Decimal(0))
    discounted = subtotal - min(_share(parts, LineKind.DISCOUNT, subtotal), max(subtotal, Decimal(0)))
    with_fees = discounted + _share(parts, LineKind.FEE, discounted)
    return with_fees + _share(parts, LineKind.TAX, with_fees)


def cents(amount: Decimal) -> Decimal:
    """Round half up to cents."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def shown(value: records.Value) -> str:
    """The lines as a person reads them: "2 × Review at 100, 1 × Travel at 45, discount 10"."""
    return ", ".join(map(_words, parse(value))) or say("no lines")


def are_lines(value: object) -> bool:
    """Tell whether a stored value is a list of lines."""
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(one, str) and one.startswith('{"') for one in value)


def _share(lines: Iterable[Line], kind: LineKind, of: Decimal) -> Decimal:
    """What the lines of one kind come to, fixed or in percent of what stands before them."""
    found = Decimal(0)
    for line in lines:
        if line.kind is kind:
            percent = values.as_decimal(line.percent) if not line.amount else None
            found += cents(of * percent / 100) if percent is not None else cents(worth(line))
    return found


def _words(line: Line) -> str:
    if line.kind is LineKind.PRODUCT:
        name = line.name or line.description or say("product {number}", number=line.record)
        return say("{quantity} × {name} at {price}", quantity=line.quantity or "1", name=name, price=line.price or line.amount or "0")
    return f"{line.name or _CALLED[line.kind]} {line.amount or line.percent + ' %'}"


def _text(line: Line) -> str:
    told = {name: str(value) for name, value in dataclasses.asdict(line).items() if value != ""}
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _line(text: str) -> Line:
    try:
        told = json.loads(text)
        return Line(**{**told, "kind": LineKind(told.get("kind", ""))})
    except (ValueError, TypeError) as error:
        raise ValueError(say("This is no line of an invoice.")) from error
