"""What records of a kind are called in a sentence.

Owns those words. Which kinds there are is the business of the connectors.
"""
from __future__ import annotations

from syncapp.engine.wording import later

_WORDS = {
    "contacts": (later("contact"), later("contacts")),
    "companies": (later("company"), later("companies")),
    "deals": (later("deal"), later("deals")),
    "invoices": (later("invoice"), later("invoices")),
    "products": (later("product"), later("products")),
    "line_items": (later("line item"), later("line items")),
    "notes": (later("note"), later("notes")),
    "customer": (later("customer"), later("customers")),
    "item": (later("item"), later("items")),
    "invoice": (later("invoice"), later("invoices")),
    "payments": (later("payment"), later("payments")),
    "billing": (later("billing"), later("billings")),
}


def one(kind: str) -> str:
    """One record of a kind: "contacts" is a contact."""
    return str(_WORDS[kind][0]) if kind in _WORDS else kind.replace("_", " ")


def several(kind: str) -> str:
    """Several records of a kind."""
    return str(_WORDS[kind][1]) if kind in _WORDS else kind.replace("_", " ")
