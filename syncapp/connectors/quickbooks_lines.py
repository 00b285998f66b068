"""The lines of a QuickBooks sales form as lines of an invoice.

Owns what each of Intuit's kinds of line means, and what is none: subtotals, and the heading of a bundle. How lines are written
stands in `quickbooks_line_writing`.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from integrations.quickbooks.entities import Entity, Fields
from syncapp.connectors import quickbooks_values
from syncapp.connectors.quickbooks_values import DELETED, number
from syncapp.engine import lines, records, values
from syncapp.engine.lines import Line, LineKind

PRODUCT, BUNDLE, TEXT, DISCOUNT = "SalesItemLineDetail", "GroupLineDetail", "DescriptionOnly", "DiscountLineDetail"
PSEUDO_ITEMS: Mapping[str, str] = {"SHIPPING_ITEM_ID": "Shipping", "GRATUITY_ITEM_ID": "Gratuity"}
"""Ids on lines that are those of no item, and what they stand for."""

NOTE = "Note"
"""The name of a line that holds text only."""

_DISCOUNT, _TAX, _UNNAMED = "Discount", "Tax", "Item"
_INLINE_SUBTOTAL = "subtotal:"


def of(entity: Entity) -> tuple[Line, ...]:
    """Read the lines of a form: what is sold, discounts, and the tax as one line."""
    found = [line for one in raw(entity) for line in read(one)]
    tax = quickbooks_values.number_at(entity, "TxnTaxDetail", "TotalTax")
    if tax > 0:
        found.append(Line(kind=LineKind.TAX, name=_TAX, amount=values.number_text(tax)))
    return lines.ordered(found)


def value(entity: Entity) -> records.Value:
    """Read the lines of a form as one value."""
    return lines.compose(of(entity))


def total(found: Iterable[Line], kind: LineKind) -> Decimal:
    """Add up the lines of one kind."""
    return sum((lines.worth(line) for line in found if line.kind is kind), Decimal(0))


def raw(entity: Entity) -> list[Fields]:
    """Intuit's own lines of a form, in their order; a bundle is one, with those that make it up inside."""
    listed = entity.fields.get("Line")
    return [line for line in listed if isinstance(line, dict)] if isinstance(listed, list) else []


def inside(line: Fields) -> list[Fields]:
    """The lines that make up a bundle."""
    listed = detail(line).get("Line")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def detail(line: Fields) -> Mapping[str, Any]:
    """What belongs to the line's own kind."""
    found = line.get(str(line.get("DetailType") or ""))
    return found if isinstance(found, dict) else {}


def read(line: Fields) -> Iterator[Line]:
    """Read one of Intuit's lines, which may be several of ours or none."""
    kind = line.get("DetailType")
    if kind == PRODUCT:
        yield _sold(line)
    elif kind == BUNDLE:
        for each in inside(line):
            yield from read(each)
    elif kind == TEXT:
        told = str(line.get("Description") or "")
        if told.strip() and not told.strip().lower().startswith(_INLINE_SUBTOTAL):
            yield Line(name=NOTE, description=told, quantity="1", price="0", amount="0")
    elif kind == DISCOUNT and number(line.get("Amount")):
        yield _taken_off(_DISCOUNT, number(line.get("Amount")))


def _sold(line: Fields) -> Line:
    told, amount = detail(line), number(line.get("Amount"))
    reference = told.get("ItemRef")
    reference = reference if isinstance(reference, dict) else {}
    item = str(reference.get("value") or "")
    name = PSEUDO_ITEMS.get(item) or _own_name(str(reference.get("name") or "")) or ("" if item else _UNNAMED)
    item = "" if item in PSEUDO_ITEMS else item
    if amount < 0:
        return Line(kind=LineKind.DISCOUNT, name=name, amount=values.number_text(-amount))
    quantity, price = _pieces(told, amount)
    return Line(
        record=item,
        name=name,
        description=_description(line),
        quantity=values.number_text(quantity),
        price=values.number_text(price),
        amount=values.number_text(amount),
        service_date=str(told.get("ServiceDate") or ""),
    )


def _pieces(told: Mapping[str, Any], amount: Decimal) -> tuple[Decimal, Decimal]:
    """Quantity and price, or one piece at the whole amount where the two do not make the amount, or are both below zero."""
    quantity, price = number(told.get("Qty")), number(told.get("UnitPrice"))
    if price < 0 or "Qty" not in told or "UnitPrice" not in told or lines.cents(quantity * price) != amount:
        return Decimal(1), amount
    return quantity, price


def _taken_off(name: str, amount: Decimal) -> Line:
    """A discount; a negative one, which lines below zero have, adds to the sum."""
    kind = LineKind.DISCOUNT if amount > 0 else LineKind.FEE
    return Line(kind=kind, name=name, amount=values.number_text(abs(amount)))


def _own_name(name: str) -> str:
    """An item's own name, without its categories."""
    return DELETED.sub("", name.rpartition(":")[2])


def _description(line: Fields) -> str:
    return str(line.get("Description") or "")
