"""Believable products, deals, invoices and their payments in bulk.

Owns what such a generated record holds. Keeps nothing itself: it is given the ways to make and to associate.
"""
from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from integrations.sandbox import people
from integrations.sandbox.hubspot import account_definitions, catalog_crm, invoicing, kinds, moments, money
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Record

Values = dict[str, object]

LONGEST_INVOICE = 4
PAYMENT_DAYS = 30
OLDEST_INVOICE_DAYS = 120
PRODUCTS_KEPT = 500
RECURRING_TURN = 6
FOREIGN_SHARE = 0.2
ADJUSTED_SHARE = 0.15
RATES = {"EUR": Decimal("0.92"), "GBP": Decimal("0.79"), "CAD": Decimal("1.36"), "AUD": Decimal("1.52"), "PLN": Decimal("3.95")}
STATUSES = ((invoicing.DRAFT, 15), (invoicing.OPEN, 35), ("partial", 12), (invoicing.PAID, 30), (invoicing.VOIDED, 8))
METHODS = ("check", "wire_transfer", "ach", "cash", "card")


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One invoice as it is to be made: its values, its lines, a discount or tax, and the share of it that is paid."""

    values: Values
    lines: Sequence[Values]
    adjustment: tuple[kinds.Kind, Values] | None
    paid_share: Decimal
    method: str
    reference: str
    paid_after_days: int
    with_deal: bool


def products(portal: Portal, made: Iterator[people.Product]) -> Iterator[Values]:
    """Products with their prices in every currency of the account; every sixth one is billed monthly."""
    home, *others = portal.currencies()
    for number, one in enumerate(made, 1):
        values: Values = {
            "name": one.name,
            "hs_sku": one.sku,
            "description": one.description,
            "price": one.price,
            "hs_cost_of_goods_sold": one.cost,
            "hs_product_type": "service" if number % 3 else "non_inventory",
        }
        if number % RECURRING_TURN == 0:
            values |= {"recurringbillingfrequency": "monthly", "hs_recurring_billing_period": "P12M"}
        if others:
            values[account_definitions.price_name(home)] = one.price
            values |= {account_definitions.price_name(code): _converted(one.price, code) for code in others}
        yield values


def _converted(price: Decimal, currency: str) -> Decimal:
    return money.cents(price * RATES.get(currency, Decimal(1)))


def deal(portal: Portal, contact: Record | None, *, number: int, chances: random.Random) -> Values:
    """The n-th deal, named after the contact's company."""
    name = contact.values.get("company") or contact.values.get("lastname", "") if contact is not None else ""
    closing = moments.from_ms(portal.now()) + timedelta(days=chances.randrange(-60, 90))
    return {
        "dealname": f"{name.strip() or 'Walk-in'}: project {number + 1}",
        "pipeline": catalog_crm.DEAL_PIPELINE[0],
        "dealstage": chances.choice(catalog_crm.DEAL_STAGES)[0],
        "amount": str(Decimal(chances.randrange(5, 400)) * 50),
        "closedate": moments.text(moments.to_ms(closing)),
        "deal_currency_code": portal.currency(),
    }


def sold(portal: Portal) -> list[Record]:
    """The products that invoices are made of."""
    records, _ = portal.shelf(kinds.PRODUCTS).page(after=0, limit=PRODUCTS_KEPT, archived=False)
    return [one for one in records if one.values.get("name") and one.values.get("price")]


class Invoices:
    """The invoices of one generation, each drawn after the other."""

    def __init__(self, portal: Portal, *, random_seed: int, fallback: Sequence[people.Product]) -> None:
        self._portal = portal
        self._chances = random.Random(f"{random_seed}/invoices")  # noqa: S311 - made-up data
        self._sold = sold(portal)
        self._fallback = fallback

    @property
    def chances(self) -> random.Random:
        """What decides; the order of asking is part of the outcome."""
        return self._chances

    def draw(self) -> Drawn:
        """What the next invoice holds."""
        chances, portal = self._chances, self._portal
        home, *others = portal.currencies()
        currency = chances.choice(others) if others and chances.random() < FOREIGN_SHARE else home
        kind_of_status = chances.choices([name for name, _ in STATUSES], weights=[weight for _, weight in STATUSES])[0]
        on = moments.from_ms(portal.now()) - timedelta(days=chances.randrange(OLDEST_INVOICE_DAYS))
        settled = {"partial": Decimal(chances.choice((25, 40, 50))) / 100, invoicing.PAID: Decimal(1)}
        status = kind_of_status if kind_of_status in (invoicing.DRAFT, invoicing.VOIDED) else invoicing.OPEN
        return Drawn(
            values={
                "hs_currency": currency,
                "hs_invoice_status": status,
                "hs_invoice_date": moments.date_text(moments.to_ms(on)),
                "hs_due_date": moments.date_text(moments.to_ms(on + timedelta(days=PAYMENT_DAYS))),
            },
            lines=[self._line(currency) for _ in range(chances.randint(1, LONGEST_INVOICE))],
            adjustment=self._adjustment(),
            paid_share=settled.get(kind_of_status, money.NOTHING),
            method=chances.choice(METHODS),
            reference=str(chances.randrange(1000, 9999)),
            paid_after_days=chances.randrange(1, PAYMENT_DAYS),
            with_deal=chances.random() < 1 / 3,
        )

    def _line(self, currency: str) -> Values:
        quantity = str(self._chances.randint(1, 20))
        code = {"hs_line_item_currency_code": currency}
        if self._sold:
            product = self._chances.choice(self._sold)
            return {"hs_product_id": product.key, "quantity": quantity, **code}
        made_up = self._chances.choice(self._fallback)
        price = _converted(made_up.price, currency) if currency != self._portal.currency() else made_up.price
        return {"name": made_up.name, "hs_sku": made_up.sku, "price": price, "quantity": quantity, **code}

    def _adjustment(self) -> tuple[kinds.Kind, Values] | None:
        if self._chances.random() >= ADJUSTED_SHARE:
            return None
        choices: tuple[tuple[kinds.Kind, Values], ...] = (
            (kinds.DISCOUNTS, {"hs_label": "Loyal customer", "hs_type": "PERCENT", "hs_value": "10"}),
            (kinds.FEES, {"hs_label": "Travel", "hs_type": "FIXED", "hs_value": "45"}),
            (kinds.TAXES, {"hs_label": "Sales tax", "hs_type": "PERCENT", "hs_value": "8.25"}),
        )
        return self._chances.choice(choices)

    def payment(self, drawn: Drawn, invoice: Record) -> Values:
        """The payment of a drawn invoice's share, on a day between its date and today."""
        first = moments.parse(invoice.values["hs_invoice_date"]) or 0
        on = min(first + drawn.paid_after_days * moments.DAY_MS, self._portal.now())
        return {
            "hs_initial_amount": money.cents(money.read(invoice.values, "hs_amount_billed") * drawn.paid_share),
            "hs_initiated_date": moments.text(on),
            "hs_currency_code": invoice.values["hs_currency"],
            "hs_customer_email": invoice.values.get("hs_invoice_latest_contact_email", ""),
            "hs_latest_status": "succeeded",
            "hs_payment_method_type": drawn.method,
            "hs_processor_type": "none",
            "hs_reference_number": drawn.reference,
            "hs_payment_source_app": "INVOICE",
            "hs_payment_source_id": invoice.key,
        }
