"""The properties that HubSpot gives every account, as one account has them.

Owns what about them depends on the account: its currencies, and which of them it may write. Holds no definition of its own.
"""
from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace

from integrations.sandbox.hubspot import catalog_commerce, catalog_crm, catalog_payments
from integrations.sandbox.hubspot.definitions import Option, Property

CURRENCY_PROPERTIES = frozenset({"hs_currency", "hs_currency_code", "hs_line_item_currency_code", "deal_currency_code"})
PRICE_PREFIX = "hs_price_"
_CATALOG: Mapping[str, tuple[Property, ...]] = {
    "contacts": catalog_crm.CONTACTS,
    "companies": catalog_crm.COMPANIES,
    "deals": catalog_crm.DEALS,
    "notes": catalog_crm.NOTES,
    "products": catalog_commerce.PRODUCTS,
    "line_items": catalog_commerce.LINE_ITEMS,
    "invoices": catalog_commerce.INVOICES,
    "discounts": catalog_commerce.DISCOUNTS,
    "fees": catalog_commerce.FEES,
    "taxes": catalog_commerce.TAXES,
    "commerce_payments": catalog_payments.COMMERCE_PAYMENTS,
}


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the built-in properties depend on. The names are written `invoices.hs_number`."""

    currencies: tuple[str, ...]
    read_only: frozenset[str] = frozenset()
    writable: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=32)
def built_in(account: Account) -> Mapping[str, Mapping[str, Property]]:
    """The built-in properties of an account by object type and name."""
    return {
        kind: {one.name: _adapted(kind, one, account) for one in (*listed, *(_prices(account) if kind == "products" else ()))}
        for kind, listed in _CATALOG.items()
    }


def _adapted(kind: str, definition: Property, account: Account) -> Property:
    if definition.name in CURRENCY_PROPERTIES:
        options = tuple(Option(value=one, label=one, display_order=order) for order, one in enumerate(account.currencies))
        definition = replace(definition, options=options)
    full = f"{kind}.{definition.name}"
    if full in account.read_only:
        return replace(definition, read_only=True)
    if full in account.writable:
        return replace(definition, read_only=False, unsure=False)
    return definition


def _prices(account: Account) -> tuple[Property, ...]:
    """A price for each currency, where an account has several."""
    if len(account.currencies) < 2:
        return ()
    return tuple(
        Property(
            name=price_name(one), label=f"Unit price ({one})", type="number", field_type="number",
            group="productinformation", built_in=True,
        )
        for one in account.currencies
    )


def price_name(currency: str) -> str:
    """The property of a product that holds its price in a currency."""
    return f"{PRICE_PREFIX}{currency.lower()}"
