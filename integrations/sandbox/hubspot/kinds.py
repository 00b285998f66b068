"""The object types of the CRM that this sandbox plays, and a few that it only knows by name.

Owns their names, ids, scopes and standing rules. Holds no property definition and no record.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One object type. Each tuple of scopes means: any one of these is enough."""

    name: str
    singular: str
    label: str
    type_id: str
    read_scopes: tuple[str, ...]
    write_scopes: tuple[str, ...]
    define_scopes: tuple[str, ...]
    defaults: tuple[str, ...]
    created: tuple[str, ...] = ("createdate",)
    modified: str = "hs_lastmodifieddate"
    queried: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    mergeable: bool = False

    @property
    def read_definition_scopes(self) -> tuple[str, ...]:
        """Scopes that let properties and pipelines be read."""
        return tuple(dict.fromkeys((*self.read_scopes, *self.write_scopes, *self.define_scopes, *_schema_read(self.define_scopes))))


def _schema_read(scopes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(scope.replace(".write", ".read") for scope in scopes if scope.startswith("crm.schemas."))


class _Scopes(TypedDict):
    read_scopes: tuple[str, ...]
    write_scopes: tuple[str, ...]
    define_scopes: tuple[str, ...]


def _standard(name: str) -> _Scopes:
    return {
        "read_scopes": (f"crm.objects.{name}.read",),
        "write_scopes": (f"crm.objects.{name}.write",),
        "define_scopes": (f"crm.schemas.{name}.write",),
    }


CONTACTS = Kind(
    name="contacts", singular="contact", label="Contact", type_id="0-1", **_standard("contacts"),
    defaults=("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
    modified="lastmodifieddate", any_of=("email", "firstname", "lastname"), mergeable=True,
    queried=("firstname", "lastname", "email", "phone", "hs_additional_emails", "fax", "mobilephone", "company"),
)
COMPANIES = Kind(
    name="companies", singular="company", label="Company", type_id="0-2", **_standard("companies"),
    defaults=("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    any_of=("name", "domain"), mergeable=True, queried=("website", "phone", "name", "domain"),
)
DEALS = Kind(
    name="deals", singular="deal", label="Deal", type_id="0-3", **_standard("deals"),
    defaults=("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate", "hs_object_id", "pipeline"),
    mergeable=True, queried=("dealname", "pipeline", "dealstage", "description", "dealtype"),
)
PRODUCTS = Kind(
    name="products", singular="product", label="Product", type_id="0-7",
    read_scopes=("crm.objects.products.read", "e-commerce"), write_scopes=("crm.objects.products.write", "e-commerce"),
    define_scopes=("e-commerce",),
    defaults=("createdate", "description", "hs_lastmodifieddate", "hs_object_id", "name", "price"),
    required=("name",), queried=("name", "description", "price", "hs_sku"),
)
LINE_ITEMS = Kind(
    name="line_items", singular="line_item", label="Line item", type_id="0-8",
    read_scopes=("crm.objects.line_items.read", "e-commerce"), write_scopes=("crm.objects.line_items.write", "e-commerce"),
    define_scopes=("e-commerce",),
    defaults=("amount", "createdate", "hs_lastmodifieddate", "hs_object_id", "price", "quantity"),
)
NOTES = Kind(
    name="notes", singular="note", label="Note", type_id="0-46",
    read_scopes=("crm.objects.contacts.read", "crm.objects.notes.read"), write_scopes=("crm.objects.contacts.write",),
    define_scopes=("crm.schemas.contacts.write",),
    defaults=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), created=("hs_createdate",),
    required=("hs_timestamp",), queried=("hs_note_body",),
)
INVOICES = Kind(
    name="invoices", singular="invoice", label="Invoice", type_id="0-53", **_standard("invoices"),
    defaults=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), created=("hs_createdate", "createdate"),
    required=("hs_currency",),
)
COMMERCE_PAYMENTS = Kind(
    name="commerce_payments", singular="commerce_payment", label="Payment", type_id="0-101", **_standard("commercepayments"),
    defaults=("hs_createdate", "hs_lastmodifieddate", "hs_object_id"), created=("hs_createdate", "createdate"),
    required=("hs_initial_amount", "hs_initiated_date"),
)
_SOLD_SCOPES: _Scopes = {
    "read_scopes": ("crm.objects.line_items.read", "e-commerce"),
    "write_scopes": ("crm.objects.line_items.write", "e-commerce"),
    "define_scopes": ("e-commerce",),
}
_CREATED_TWICE = ("hs_createdate", "createdate")
_FEW = ("hs_createdate", "hs_lastmodifieddate", "hs_object_id")
DISCOUNTS = Kind(
    name="discounts", singular="discount", label="Discount", type_id="0-84", **_SOLD_SCOPES, defaults=_FEW, created=_CREATED_TWICE
)
FEES = Kind(name="fees", singular="fee", label="Fee", type_id="0-85", **_SOLD_SCOPES, defaults=_FEW, created=_CREATED_TWICE)
TAXES = Kind(name="taxes", singular="tax", label="Tax", type_id="0-86", **_SOLD_SCOPES, defaults=_FEW, created=_CREATED_TWICE)
ADJUSTMENTS = (DISCOUNTS, FEES, TAXES)

KINDS = (CONTACTS, COMPANIES, DEALS, PRODUCTS, LINE_ITEMS, NOTES, INVOICES, DISCOUNTS, FEES, TAXES, COMMERCE_PAYMENTS)
BY_NAME = {kind.name: kind for kind in KINDS}
_ALIASES = {alias: kind for kind in KINDS for alias in (kind.name, kind.singular, kind.type_id)}


def _beside(name: str, singular: str, label: str, type_id: str) -> Kind:
    return Kind(name=name, singular=singular, label=label, type_id=type_id, **_standard(name), defaults=_FEW)


BESIDE = (
    _beside("tickets", "ticket", "Ticket", "0-5"),
    _beside("quotes", "quote", "Quote", "0-14"),
    _beside("subscriptions", "subscription", "Subscription", "0-69"),
    _beside("orders", "order", "Order", "0-123"),
)
_BESIDE_ALIASES = {alias: kind for kind in BESIDE for alias in (kind.name, kind.singular, kind.type_id)}

OTHER_SCOPES = (
    "oauth",
    "crm.objects.owners.read",
    "crm.objects.products.read",
    "crm.objects.products.write",
    "crm.objects.line_items.read",
    "crm.objects.line_items.write",
    "crm.schemas.line_items.read",
    "e-commerce",
    "tax_rates.read",
    "files",
    "timeline",
)
_KIND_SCOPES = (
    scope for kind in (*KINDS, *BESIDE) for scope in (*kind.read_scopes, *kind.write_scopes, *kind.read_definition_scopes)
)
ALL_SCOPES = tuple(sorted({*OTHER_SCOPES, *_KIND_SCOPES}))



def find(name: str) -> Kind | None:
    """The object type of that name in a path: plural, singular, any case, or object type id."""
    return _ALIASES.get(name.lower())


def find_beside(name: str) -> Kind | None:
    """Like `find`, and also the types of which the sandbox knows the associations but keeps no records."""
    return find(name) or _BESIDE_ALIASES.get(name.lower())
