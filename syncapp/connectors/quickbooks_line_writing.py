"""Lines of an invoice as Intuit's lines: made anew, or in the place of those that are there.

Owns which line that is there is meant by which of ours, so that what only QuickBooks knows of it (its class, its service date, the
bundle it is part of) stays. Refuses what QuickBooks cannot hold. Sends nothing.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from integrations.quickbooks.entities import Entity, Fields
from syncapp.connectors import base, quickbooks_lines, quickbooks_values
from syncapp.connectors.quickbooks_lines import BUNDLE, DISCOUNT, NOTE, PRODUCT, PSEUDO_ITEMS, TEXT
from syncapp.engine import errors, lines, values, vocabulary
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.wording import say

FIELD = "Line"
_SYSTEM = vocabulary.System.QUICKBOOKS.english
_PSEUDO_BY_NAME = {name: identity for identity, name in PSEUDO_ITEMS.items()}
_OF_THE_OLD_AMOUNT = frozenset({"Qty", "UnitPrice", "DiscountRate", "DiscountAmt", "TaxInclusiveAmt"})
_FINEST_PRICE = Decimal("0.00001")


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the company's settings say about lines."""

    automated_tax: bool
    tax_codes: bool
    discounts: bool
    service_dates: bool


@dataclass(kw_only=True)
class _Slot:
    """One of Intuit's lines that are there, what it says, and the subtotals and blanks that follow it."""

    raw: Fields
    told: tuple[Line, ...]
    place: int
    trailing: list[Fields] = field(default_factory=list)

    def distance(self, place: int) -> int:
        """How far it is from a place."""
        return abs(place - self.place)


def compose(*, wanted: Sequence[Line], entity: Entity | None, rules: Rules) -> list[Fields]:
    """Write lines as Intuit has them, keeping those of the invoice that stay. Raises Rejected for what QuickBooks cannot hold."""
    slots = _slots(entity) if entity else []
    products = [line for line in wanted if line.kind in (LineKind.PRODUCT, LineKind.FEE)]
    made = _products(products, [slot for slot in slots if slot.told[0].kind is LineKind.PRODUCT])
    if any(not same for _, same in made) and entity and entity.fields.get("GlobalTaxCalculation") == "TaxInclusive":
        raise refused(say("The prices of this invoice include tax in QuickBooks, so its lines can be changed there only."))
    composed = [line for line, _ in made]
    less = [line for line in wanted if line.kind is LineKind.DISCOUNT]
    composed += _negative(less, [slot for slot in slots if slot.told[0].kind is LineKind.DISCOUNT])
    if not any(line["DetailType"] in (PRODUCT, BUNDLE, TEXT) for line in composed):
        raise refused(say("An invoice needs at least one line with a product or service. Add one, then try again."))
    composed += _discount(less, composed, entity, rules)
    _check_tax(wanted, composed, entity, rules)
    _check_lines(composed, entity, rules)
    return composed


def refused(words: str, *, code: str = "") -> errors.Rejected:
    """The refusal of an invoice's lines, in words for the person who can change them."""
    return errors.Rejected(words, system=_SYSTEM, operation="write", field=FIELD, code=code)


def _slots(entity: Entity) -> list[_Slot]:
    """The lines that are there and say something; discounts of the whole invoice are looked at elsewhere."""
    found: list[_Slot] = []
    place = 0
    for raw in quickbooks_lines.raw(entity):
        told = tuple(quickbooks_lines.read(raw))
        if told and raw.get("DetailType") != DISCOUNT:
            found.append(_Slot(raw=raw, told=told, place=place))
            place += len(told)
        elif raw.get("DetailType") == TEXT and found:
            found[-1].trailing.append(raw)
    return found


def _products(wanted: Sequence[Line], slots: Sequence[_Slot]) -> list[tuple[Fields, bool]]:
    """Intuit's lines for ours, each with whether it is one that was there and is the same."""
    meant = _matched(wanted, slots)
    made: list[tuple[Fields, bool]] = []
    place = 0
    while place < len(wanted):
        slot, line = meant.get(place), wanted[place]
        if slot is None:
            made.append((_new(line), False))
        elif len(slot.told) > 1 or slot.raw.get("DetailType") == BUNDLE or _same(line, slot.told[0]):
            made += [(_unnumbered(raw), True) for raw in (slot.raw, *slot.trailing)]
        else:
            made.append((_changed(slot.raw, line), False))
            made += [(_unnumbered(raw), True) for raw in slot.trailing]
        place += len(slot.told) if slot else 1
    return made


def _matched(wanted: Sequence[Line], slots: Sequence[_Slot]) -> Mapping[int, _Slot]:
    """Which line that is there is meant by ours, by the place of ours: first those that are the same, then the same item in the
    same place, then the same item anywhere. A bundle is meant only by all of its lines, unchanged and in a row."""
    meant: dict[int, _Slot] = {}
    taken: set[int] = set()
    free = list(slots)

    def take(slot: _Slot, place: int) -> None:
        meant[place] = slot
        taken.update(range(place, place + len(slot.told)))
        free.remove(slot)

    for slot in sorted(slots, key=lambda slot: slot.raw.get("DetailType") != BUNDLE):
        length = len(slot.told)
        runs = [at for at in range(len(wanted)) if taken.isdisjoint(range(at, at + length)) and _runs(wanted, at, slot)]
        if runs:
            take(slot, min(runs, key=slot.distance))
    for anywhere in (False, True):
        for place, line in enumerate(wanted):
            fits = [slot for slot in free if slot.raw.get("DetailType") != BUNDLE and _key(slot.told[0]) == _key(line)]
            found = next((slot for slot in fits if anywhere or slot.place == place), None)
            if found is not None and place not in taken:
                take(found, place)
    return meant


def _runs(wanted: Sequence[Line], place: int, slot: _Slot) -> bool:
    there = wanted[place : place + len(slot.told)]
    return len(there) == len(slot.told) and all(_same(line, told) for line, told in zip(there, slot.told, strict=True))


def _key(line: Line) -> str:
    return line.record or line.name


def _same(line: Line, told: Line) -> bool:
    """Whether a line of ours says what is there. The service date is QuickBooks' where ours has none."""
    if (line.kind, _key(line), line.description.strip()) != (told.kind, _key(told), told.description.strip()):
        return False
    if lines.worth(line) != lines.worth(told) or _quantity(line) != _quantity(told):
        return False
    return line.service_date in ("", told.service_date)


def _quantity(line: Line) -> Decimal:
    told = values.as_decimal(line.quantity)
    return Decimal(1) if told is None else told


def _new(line: Line) -> Fields:
    if line.percent and line.kind is LineKind.FEE:
        raise refused(
            say('QuickBooks has no fees in percent ("{line}"). Make it a line with a product or service.', line=_called(line))
        )
    if not line.record and line.name == NOTE and not lines.worth(line):
        return {"DetailType": TEXT, "Description": line.description, "DescriptionLineDetail": {}}
    item = line.record or _PSEUDO_BY_NAME.get(line.name, "")
    if not item and line.kind is LineKind.FEE:
        raise refused(say('QuickBooks has no fees ("{line}"). Make it a line with a product or service.', line=_called(line)))
    if not item:
        raise refused(say(
            'The line "{line}" names no product or service of QuickBooks. Choose a product that is synced, or add the invoice in'
            " QuickBooks.",
            line=_called(line),
        ))
    return _sale(line, {"ItemRef": {"value": item}})


def _changed(raw: Fields, line: Line) -> Fields:
    """A line that is there with what ours says of it; what only QuickBooks knows stays."""
    if raw.get("DetailType") == TEXT:
        return {"Id": raw.get("Id"), "DetailType": TEXT, "Description": line.description, "DescriptionLineDetail": {}}
    told = quickbooks_lines.detail(raw)
    return {"Id": raw.get("Id"), **_sale(line, {name: part for name, part in told.items() if name not in _OF_THE_OLD_AMOUNT})}


def _sale(line: Line, told: Fields) -> Fields:
    quantity, price = _pieces(line)
    detail: Fields = {**told, "Qty": quantity, "UnitPrice": price}
    if line.service_date:
        detail["ServiceDate"] = line.service_date
    made: Fields = {"DetailType": PRODUCT, "Amount": lines.cents(quantity * price), PRODUCT: detail}
    return {**made, "Description": line.description} if line.description.strip() else made


def _pieces(line: Line) -> tuple[Decimal, Decimal]:
    """Quantity and price that make the line's amount; a price after discount where it has one."""
    quantity, price, worth = _quantity(line), values.as_decimal(line.price) or Decimal(0), lines.worth(line)
    if lines.cents(quantity * price) == worth:
        return quantity, price
    if quantity:
        price = (worth / quantity).quantize(_FINEST_PRICE)
        if lines.cents(quantity * price) == worth:
            return quantity, Decimal(values.number_text(price))
    return Decimal(1), worth


def _negative(less: list[Line], slots: Sequence[_Slot]) -> list[Fields]:
    """Products below zero that are there and stay. Takes what they stand for out of the discounts."""
    found: list[Fields] = []
    for slot in slots:
        told = slot.told[0]
        same = next((line for line in less if (line.name, lines.worth(line)) == (told.name, lines.worth(told)) and not line.percent), None)
        if same is not None and len(slot.told) == 1:
            less.remove(same)
            found += [_unnumbered(raw) for raw in (slot.raw, *slot.trailing)]
    return found


def _discount(less: Sequence[Line], composed: Sequence[Fields], entity: Entity | None, rules: Rules) -> list[Fields]:
    """The one discount of the invoice: in percent where ours is just that, else the sum of all."""
    subtotal = sum((quickbooks_values.number(each.get("Amount")) for line in composed for each in _sales(line)), Decimal(0))
    percents = [values.as_decimal(line.percent) if not line.amount else None for line in less]
    amounts = [lines.cents(subtotal * percent / 100) if percent is not None else None for percent in percents]
    amount = sum((lines.worth(line) if told is None else told for line, told in zip(less, amounts, strict=True)), Decimal(0))
    if not amount:
        return []
    if not rules.discounts:
        raise refused(say(
            "Discounts are switched off in QuickBooks. Switch them on there under account and settings, sales, sales form content,"
            " or take the discount off the invoice."
        ))
    raw = next((line for line in quickbooks_lines.raw(entity) if line.get("DetailType") == DISCOUNT), {}) if entity else {}
    told = quickbooks_lines.detail(raw)
    percent = percents[0] if len(less) == 1 else None
    if percent is None and told.get("PercentBased"):
        there = quickbooks_values.number(told.get("DiscountPercent"))
        percent = there if lines.cents(subtotal * there / 100) == amount else None
    detail: Fields = {name: part for name, part in told.items() if name not in ("PercentBased", "DiscountPercent")}
    made: Fields = {"Id": raw["Id"]} if raw.get("Id") else {}
    made |= {"DetailType": DISCOUNT, "Amount": amount, DISCOUNT: {**detail, "PercentBased": percent is not None}}
    if percent is not None:
        made[DISCOUNT]["DiscountPercent"] = percent
    return [made]


def _sales(line: Fields) -> list[Fields]:
    """The lines of products in one of Intuit's lines."""
    if line.get("DetailType") == BUNDLE:
        return [each for each in quickbooks_lines.inside(line) if each.get("DetailType") == PRODUCT]
    return [line] if line.get("DetailType") == PRODUCT else []


def _check_tax(wanted: Sequence[Line], composed: Sequence[Fields], entity: Entity | None, rules: Rules) -> None:
    """Tax is QuickBooks' own: it is left to it, or stays as it is."""
    taxes = [line for line in wanted if line.kind is LineKind.TAX]
    asked = sum((values.as_decimal(line.amount) or values.as_decimal(line.percent) or Decimal(0) for line in taxes), Decimal(0))
    there = quickbooks_values.number_at(entity, "TxnTaxDetail", "TotalTax") if entity else Decimal(0)
    if asked > 0 and not rules.automated_tax and asked != there:
        raise refused(
            say(
                "The invoice has a tax, and QuickBooks computes tax itself. Make this invoice in QuickBooks, or switch on automated sales"
                " tax there."
            ),
            code=base.NEEDS_TAX,
        )
    untaxed = entity is not None and entity.fields.get("GlobalTaxCalculation") == "NotApplicable"
    sold = [quickbooks_lines.detail(each) for line in composed for each in _sales(line)]
    if rules.tax_codes and not untaxed and not all(told.get("TaxCodeRef") for told in sold):
        raise refused(
            say(
                "In this QuickBooks company every line of an invoice needs a tax code, and HubSpot's invoices have none."
                " Make this invoice in QuickBooks."
            ),
            code=base.NEEDS_TAX,
        )


def _check_lines(composed: Sequence[Fields], entity: Entity | None, rules: Rules) -> None:
    for told in (quickbooks_lines.detail(each) for line in composed for each in _sales(line)):
        item = told.get("ItemRef")
        pseudo = isinstance(item, dict) and item.get("value") in PSEUDO_ITEMS
        if rules.service_dates and not pseudo and not told.get("ServiceDate"):
            raise refused(
                say(
                    "QuickBooks recognizes revenue by service dates in this company, and a line of the invoice has none."
                    " Enter the date on each line, or make this invoice in QuickBooks."
                ),
                code=base.NEEDS_SERVICE_DATE,
            )


def _unnumbered(raw: Fields) -> Fields:
    """A line as it is, free to stand in another place."""
    return {name: part for name, part in raw.items() if name != "LineNum"}


def _called(line: Line) -> str:
    return line.name or line.description or line.record
