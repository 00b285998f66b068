"""From QuickBooks' lines to HubSpot's sum to the cent, whatever is sold, taken off and taxed; no number is ever a float."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.hubspot import client as hubspot_client
from integrations.quickbooks.entities import Entity, Kind, entity
from integrations.sandbox.hubspot import totals
from syncapp.connectors import hubspot_lines, quickbooks_lines
from syncapp.engine import lines, records, references, schema
from syncapp.engine.vocabulary import FieldType
from tests.connectors import invoicing

CENT = Decimal("0.01")
ITEMS = schema.FieldSpec(name="Line", label="Lines", type=FieldType.LINES, refers_to="item")
PRODUCTS = schema.FieldSpec(name="line_items", label="Line items", type=FieldType.LINES, refers_to="products")
PARTNERS = {("products", "4"): records.Partner(external_ids=("900",)), ("products", "5"): records.Partner(needed=False)}


class Account:
    """A HubSpot account without any line yet, that keeps what is made."""

    def __init__(self) -> None:
        self.made: dict[str, list[Mapping[str, str]]] = defaultdict(list)

    def associated_ids(self, *, ids: Sequence[str], **_: object) -> dict[str, tuple[str, ...]]:
        return {one: () for one in ids}

    def batch_create(self, *, object_type: str, inputs: Sequence[hubspot_client.Input]) -> None:
        self.made[object_type] += [one.properties for one in inputs]


@st.composite
def sales(draw: st.DrawFn) -> dict[str, Any]:
    """A line that sells something: by the piece, by the amount only, or with an amount that the pieces do not make."""
    quantity = draw(st.decimals("0.001", "400", places=3))
    price = draw(st.decimals("0", "2000", places=4))
    amount = (quantity * price).quantize(CENT, rounding=ROUND_HALF_UP)
    detail: dict[str, Any] = {"ItemRef": {"value": draw(st.sampled_from(["4", "5"])), "name": "Advice:Audit"}}
    shape = draw(st.sampled_from(["pieces", "amount", "other amount"]))
    if shape != "amount":
        detail |= {"Qty": quantity, "UnitPrice": price}
    if shape == "other amount":
        amount = max(amount - CENT, Decimal(0))
    return {"DetailType": "SalesItemLineDetail", "Amount": amount, "SalesItemLineDetail": detail}


@st.composite
def invoices(draw: st.DrawFn) -> Entity:
    """An invoice with what is sold, less what comes back, less a discount, with tax."""
    sold = draw(st.lists(sales(), min_size=1, max_size=8))
    subtotal = sum((line["Amount"] for line in sold), Decimal(0))
    told = list(sold)
    for share in draw(st.lists(st.integers(0, 30), max_size=2)):
        amount = (subtotal * share / 100).quantize(CENT, rounding=ROUND_HALF_UP)
        told.append({"DetailType": "SalesItemLineDetail", "Amount": -amount, "SalesItemLineDetail": {"ItemRef": {"value": "4"}}})
    discount = (subtotal * draw(st.integers(0, 40)) / 100).quantize(CENT, rounding=ROUND_HALF_UP)
    tax = draw(st.decimals("0", "500", places=2))
    total = sum((line["Amount"] for line in told), Decimal(0)) - discount + tax
    told += [
        {"DetailType": "SubTotalLineDetail", "Amount": subtotal},
        {"DetailType": "DiscountLineDetail", "Amount": discount, "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 1}},
    ]
    body = {"Id": "7", "Line": told, "TxnTaxDetail": {"TotalTax": tax}, "TotalAmt": total, "Balance": total}
    return entity(kind=Kind.INVOICE, data=body)


def in_hubspot(invoice: Entity) -> Account:
    """The account after the lines were carried over, all the way: read, translated, stored as text, laid."""
    value, missing = references.translated(value=quickbooks_lines.value(invoice), own=ITEMS, other=PRODUCTS, partners=PARTNERS)
    assert missing == ()
    account = Account()
    wish = hubspot_lines.Wish(key="a", invoice_id="1", lines=lines.ordered(lines.parse(value)), currency="USD")
    assert hubspot_lines.refused(wish.lines) is None
    assert hubspot_lines.converge(client=cast(hubspot_client.Client, account), wishes=[wish]) == {}
    return account


class TestTheSum:
    @settings(max_examples=200, deadline=None, derandomize=True)
    @given(invoice=invoices())
    def test_in_hubspot_is_the_total_in_quickbooks(self, invoice: Entity) -> None:
        made = in_hubspot(invoice).made

        sums = totals.of(made["line_items"], discounts=made["discounts"], fees=made["fees"], taxes=made["taxes"])

        assert sums.billed == invoice.fields["TotalAmt"]
        assert {line.get("hs_product_id", "") for line in made["line_items"]} <= {"900", ""}

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(invoice=invoices())
    def test_is_made_of_texts_that_are_decimal_numbers(self, invoice: Entity) -> None:
        made = in_hubspot(invoice).made

        numbers = [line[name] for kind in made.values() for line in kind for name in ("quantity", "price", "hs_value") if name in line]
        assert all(isinstance(number, str) and "e" not in number.lower() and Decimal(number) >= 0 for number in numbers)

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(invoice=invoices())
    def test_of_the_invoice_is_told_in_exact_texts(self, invoice: Entity) -> None:
        told = invoicing.read(invoice, place=invoicing.place())

        sums = {name: told[name] for name in ("TotalAmt", "Balance", "AmountPaid", "Tax", "Discount", "Subtotal", "Deposit")}
        assert all(isinstance(text, str) for text in sums.values())
        exact = {name: Decimal(str(text)) for name, text in sums.items()}
        assert exact["Subtotal"] - exact["Discount"] + exact["Tax"] == exact["TotalAmt"] == invoice.fields["TotalAmt"]
        assert (exact["AmountPaid"], exact["Balance"]) == (0, exact["TotalAmt"])

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(invoice=invoices())
    def test_stays_the_same_when_lines_are_stored_and_read_back(self, invoice: Entity) -> None:
        found = quickbooks_lines.of(invoice)

        assert lines.parse(lines.compose(found)) == found
        assert references.same(own=ITEMS, one=lines.compose(found), two=lines.compose(replace(line) for line in found))
