"""The lines of HubSpot invoices: line items, discounts, fees and taxes, read as lines and made to be the lines that are wanted.

Owns what a line is in HubSpot and which changes lead to the wanted lines. Starts from what is there, so that doing it again, or
after a crash half way, ends the same. Decides nothing about which lines are wanted.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal

from integrations import errors as client_errors
from integrations.hubspot import answers, links
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import hubspot_fields, hubspot_writing, refusals
from syncapp.engine import errors, lines, records, values, vocabulary
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.wording import say

INVOICES = "invoices"
PERCENT, FIXED = "PERCENT", "FIXED"
_UNIT_DISCOUNTS = ("discount", "hs_discount_percentage")
_CURRENCY = "hs_line_item_currency_code"
_NUMBERS = frozenset({"quantity", "price", "hs_value"})
_LAST = Decimal("Infinity")
_REFUSED = frozenset({"READ_ONLY_VALUE", "PROPERTY_DOESNT_EXIST", "INVALID_OPTION"})


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Part:
    """One kind of what an invoice is made of. `to_invoice` is the number of the association type from it to its invoice."""

    object_type: str
    properties: tuple[str, ...]
    order: str
    to_invoice: int


def _adjustment(object_type: str, to_invoice: int) -> _Part:
    return _Part(object_type=object_type, properties=("hs_label", "hs_type", "hs_value"), order="hs_sort_order", to_invoice=to_invoice)


_PARTS: Mapping[LineKind, _Part] = {
    LineKind.PRODUCT: _Part(
        object_type="line_items",
        properties=("hs_product_id", "name", "description", "quantity", "price", "amount", *_UNIT_DISCOUNTS, _CURRENCY),
        order="hs_position_on_quote",
        to_invoice=410,
    ),
    LineKind.DISCOUNT: _adjustment("discounts", 412),
    LineKind.FEE: _adjustment("fees", 414),
    LineKind.TAX: _adjustment("taxes", 416),
}
_SPARED = frozenset({_CURRENCY, *(part.order for part in _PARTS.values())})
"""A line is a line without these too, where an account does not take them."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Child:
    """One line as HubSpot keeps it; `place` is its position, None where it has none."""

    id: str
    place: Decimal | None
    properties: Mapping[str, str | None] = dataclasses.field(repr=False)

    @property
    def rank(self) -> tuple[Decimal, Decimal]:
        """Where it stands among its like."""
        return _LAST if self.place is None else self.place, Decimal(self.id)


Children = Mapping[LineKind, tuple[Child, ...]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wish:
    """Which lines an invoice is to have. `key` is that of the write, `currency` the invoice's, "" where it is not known."""

    key: str
    invoice_id: str
    lines: tuple[Line, ...]
    currency: str = ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Step:
    key: str
    entry: hubspot_client.Input


@dataclasses.dataclass(kw_only=True)
class _Steps:
    """What is to be done to one kind of children, for all wishes at once."""

    updates: list[_Step] = dataclasses.field(default_factory=list)
    creates: list[_Step] = dataclasses.field(default_factory=list)
    archives: list[_Step] = dataclasses.field(default_factory=list)


def read(*, client: hubspot_client.Client, ids: Sequence[str]) -> Mapping[str, Children]:
    """Return what each invoice is made of, in its order; a few calls for any number of invoices. Raises SyncError."""
    found: dict[str, dict[LineKind, tuple[Child, ...]]] = {one: {} for one in ids}
    for kind, part in _PARTS.items():
        linked = _linked(client, part, ids)
        children = _read_children(client, part, [child for those in linked.values() for child in those])
        for one, those in linked.items():
            there = [children[child] for child in those if child in children]
            found.setdefault(one, {})[kind] = tuple(sorted(there, key=lambda child: child.rank))
    return found


def value(children: Children) -> records.Value:
    """Return an invoice's lines as a field's value."""
    return lines.compose(_line(kind, child) for kind in _PARTS for child in children.get(kind, ()))


def refused(wanted: Sequence[Line]) -> errors.Rejected | None:
    """Say which of the lines HubSpot cannot hold."""
    negative = next((one for one in wanted if (values.as_decimal(one.price) or Decimal(0)) < 0), None)
    if negative is None:
        return None
    name = negative.name or negative.description or say("without a name")
    return errors.Rejected(
        say('HubSpot takes no line with a price below zero ("{line}"). Make it a discount, or change it in QuickBooks.', line=name[:60]),
        system=vocabulary.System.HUBSPOT.label, operation="line items", field=hubspot_fields.LINES,
    )


def converge(*, client: hubspot_client.Client, wishes: Sequence[Wish]) -> Mapping[str, errors.SyncError]:
    """Give every invoice the lines that are wanted, and return the first error of each wish that failed, by its key.

    Raises SyncError where it cannot be seen what is there; nothing was changed then.
    """
    failed: dict[str, errors.SyncError] = {}
    there = read(client=client, ids=[wish.invoice_id for wish in wishes])
    for kind, part in _PARTS.items():
        steps = _Steps()
        for wish in wishes:
            _plan(steps, kind, wish, there[wish.invoice_id].get(kind, ()))
        calls = (
            (steps.updates, lambda entries, part=part: client.batch_update(object_type=part.object_type, inputs=entries)),
            (steps.creates, lambda entries, part=part: client.batch_create(object_type=part.object_type, inputs=entries)),
            (steps.archives, lambda entries, part=part: _archive(client, part, entries)),
        )
        for those, call in calls:
            _carry_out([one for one in those if one.key not in failed], call, failed)
    return failed


def _carry_out(steps: Sequence[_Step], call: hubspot_writing.Send, failed: dict[str, errors.SyncError]) -> None:
    done, _ = hubspot_writing.tolerant(inputs=[one.entry for one in steps], call=call, spared=_spared)
    for one in steps:
        error = done[one.entry.trace_id].error
        if error is not None:
            failed.setdefault(one.key, _of_line(error))


def _archive(client: hubspot_client.Client, part: _Part, entries: Sequence[hubspot_client.Input]) -> None:
    client.batch_archive(object_type=part.object_type, ids=[one.id for one in entries])


def _spared(entry: hubspot_client.Input, error: errors.SyncError) -> str:
    fitting = isinstance(error, errors.Rejected) and error.code in _REFUSED and error.field in _SPARED
    return error.field if fitting else ""


def _of_line(error: errors.SyncError) -> errors.SyncError:
    """A refusal of a line is one of the invoice's lines; a line or product that is gone is not the invoice itself."""
    if isinstance(error, errors.Gone | errors.AlreadyExists):
        words = say("A line of the invoice was changed in HubSpot at the same moment. It will be tried again.")
        return errors.Transient(words, system=error.system, operation=error.operation, code=error.code, request_id=error.request_id)
    if isinstance(error, errors.Rejected):
        error.field = hubspot_fields.LINES
    return error


def _linked(client: hubspot_client.Client, part: _Part, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    return refusals.asked(lambda: client.associated_ids(from_type=INVOICES, to_type=part.object_type, ids=ids))


def _read_children(client: hubspot_client.Client, part: _Part, ids: Sequence[str]) -> Mapping[str, Child]:
    if not ids:
        return {}
    names = (*part.properties, part.order)
    found = refusals.asked(lambda: client.batch_read(object_type=part.object_type, ids=ids, properties=names))
    for complaint in found.errors:
        if not isinstance(complaint.error, client_errors.Gone):
            raise refusals.translated(complaint.error)
    return {one.id: _child(part, one) for one in found.results}


def _child(part: _Part, one: answers.RemoteObject) -> Child:
    return Child(id=one.id, place=values.as_decimal(one.properties.get(part.order)), properties=one.properties)


def _line(kind: LineKind, child: Child) -> Line:
    def text(name: str) -> str:
        return child.properties.get(name) or ""

    def number(name: str) -> str:
        found = values.as_decimal(text(name))
        return "" if found is None else values.number_text(found)

    if kind is LineKind.PRODUCT:
        return Line(
            record=text("hs_product_id"), name=text("name"), description=text("description"),
            quantity=number("quantity"), price=number("price"), amount=number("amount"),
        )
    percent = text("hs_type") == PERCENT
    figure = number("hs_value")
    return Line(kind=kind, name=text("hs_label"), amount="" if percent else figure, percent=figure if percent else "")


def _plan(steps: _Steps, kind: LineKind, wish: Wish, there: Sequence[Child]) -> None:
    """Note what makes the children of one invoice the wanted ones: those that are right stay, others are changed in their place."""
    part = _PARTS[kind]
    wanted = [_properties(line) for line in wish.lines if line.kind is kind]
    told = [line for line in wish.lines if line.kind is kind]
    chosen, spare = _paired(wanted, there)
    numbered = _in_order(chosen)
    for at, (child, properties, line) in enumerate(zip(chosen, wanted, told, strict=True)):
        trace = f"{wish.key}-{part.object_type}-{at}"
        currency = {_CURRENCY: wish.currency} if wish.currency and kind is LineKind.PRODUCT else {}
        if child is None:
            new = {name: text for name, text in properties.items() if text or name == "description"}
            inline = (links.Inline(to_id=wish.invoice_id, type_id=part.to_invoice),)
            entry = hubspot_client.Input(trace_id=trace, properties={**new, part.order: str(at), **currency}, associated=inline)
            steps.creates.append(_Step(key=wish.key, entry=entry))
            continue
        changes = _changes(child, properties, line)
        if not numbered and child.place != at:
            changes[part.order] = str(at)
        if currency and child.properties.get(_CURRENCY) not in (None, "", wish.currency):
            changes |= currency
        if changes:
            steps.updates.append(_Step(key=wish.key, entry=hubspot_client.Input(trace_id=trace, properties=changes, id=child.id)))
    steps.archives += [
        _Step(key=wish.key, entry=hubspot_client.Input(trace_id=f"{wish.key}-{child.id}", properties={}, id=child.id)) for child in spare
    ]


def _paired(wanted: Sequence[Mapping[str, str]], there: Sequence[Child]) -> tuple[list[Child | None], list[Child]]:
    """For each wanted line the child that is to be it, if there is one, and the children that are too many."""
    free = list(there)
    chosen: list[Child | None] = []
    for properties in wanted:
        same = next((child for child in free if not _differing(child, properties)), None)
        if same is not None:
            free.remove(same)
        chosen.append(same)
    for at, child in enumerate(chosen):
        if child is None and free:
            chosen[at] = free.pop(0)
    return chosen, free


def _in_order(chosen: Sequence[Child | None]) -> bool:
    """Whether the children stand in the wanted order already, when each new one gets its own place and the latest id."""
    ranks = [(Decimal(at), _LAST) if child is None else child.rank for at, child in enumerate(chosen)]
    return all(before < after for before, after in itertools.pairwise(ranks))


def _changes(child: Child, properties: Mapping[str, str], line: Line) -> dict[str, str]:
    """What makes a child the wanted line. A discount for each unit, which is part of no line, goes where the figures change."""
    changes = _differing(child, properties)
    discounts = {name: "" for name in _UNIT_DISCOUNTS if child.properties.get(name)}
    amount = values.as_decimal(line.amount)
    other = amount is not None and amount != values.as_decimal(child.properties.get("amount"))
    return {**changes, **discounts} if other or changes.keys() & _NUMBERS else changes


def _differing(child: Child, properties: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in properties.items() if not _same(name, child.properties.get(name) or "", text)}


def _same(name: str, held: str, wanted: str) -> bool:
    if name in _NUMBERS:
        return values.as_decimal(held) == values.as_decimal(wanted)
    return held.strip() == wanted.strip()


def _properties(line: Line) -> dict[str, str]:
    """A line as HubSpot keeps it. A product's line without a name of its own bears the product's."""
    if line.kind is not LineKind.PRODUCT:
        return {"hs_label": line.name, "hs_type": PERCENT if line.percent else FIXED, "hs_value": line.percent or line.amount or "0"}
    quantity, price = _figures(line)
    named = {"name": line.name} if line.name else {}
    return {**named, "description": line.description, "quantity": quantity, "price": price, "hs_product_id": line.record}


def _figures(line: Line) -> tuple[str, str]:
    """Quantity and price; what has an amount only is one piece at that price, or as many as come out even."""
    if line.price or not line.amount:
        return line.quantity or "1", line.price or "0"
    quantity, amount = values.as_decimal(line.quantity or "1"), lines.worth(line)
    price = lines.cents(amount / quantity) if quantity else Decimal(0)
    if not quantity or price * quantity != amount:
        return "1", values.number_text(amount)
    return values.number_text(quantity), values.number_text(price)
