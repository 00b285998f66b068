"""QuickBooks' fields, and their values in both directions: as Intuit's JSON has them, and canonical.

Owns the table of fields and what a field's type means for us. Asks nobody.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from integrations.quickbooks.entities import Entity, Kind
from syncapp.connectors import quickbooks_invoices
from syncapp.engine import records, schema, values
from syncapp.engine.vocabulary import FieldType

KINDS: Mapping[str, Kind] = {"customer": Kind.CUSTOMER, "item": Kind.ITEM, "invoice": Kind.INVOICE}
KIND_LABELS: Mapping[str, str] = {"customer": "Customer", "item": "Item", "invoice": "Invoice"}
ASSOCIATED_KINDS: Mapping[str, tuple[str, ...]] = {"customer": ("invoice",), "invoice": ("customer",)}
LINKS: Mapping[str, Mapping[str, str]] = {"customer": {"customer": "ParentRef"}, "invoice": {"customer": "CustomerRef"}}
"""For each kind, which field names the record of another kind that it belongs to."""

PAGES: Mapping[str, str] = {"customer": "customerdetail?nameId=", "item": "items?itemId="}
"""The page on which a person sees a record."""

_DELETED = re.compile(r" \(deleted(?:-\d+)?\)$")
_SUFFIXED = frozenset({"DisplayName", "FullyQualifiedName", "Name"})
_NO_PRODUCTS = frozenset({"Category", "Group", "Bundle"})
"""Items that only arrange others. They are never written, matched or shown."""

_CATEGORY = "ParentRef.name"
_ACCOUNT_TYPES: Mapping[str, frozenset[str]] = {
    "IncomeAccountRef": frozenset({"Income", "Other Income"}),
    "ExpenseAccountRef": frozenset({"Cost of Goods Sold", "Expense", "Other Expense"}),
}
"""Which accounts a new item that holds no stock may name."""

_REFERENCE = "It names another record, not a value."
_KEPT_BY_QUICKBOOKS = frozenset({"Lat", "Long"})


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: how it is offered, where it stands in the JSON, and the name it has in queries ("" where it cannot be asked for).

    `part` says that it is one of several in its object, which a write has to send whole. `at_birth` may be set by a create only.
    """

    spec: schema.FieldSpec
    path: tuple[str, ...]
    query_name: str = ""
    part: bool = False
    at_birth: bool = False


def of(kind: str) -> Mapping[str, Field]:
    """Look up the fields of a kind by name; none for a kind that is not synced."""
    return _FIELDS.get(kind, {})


def read(*, kind: str, entity: Entity, names: tuple[str, ...] | None = None) -> dict[str, records.Value]:
    """Read the values of the named fields, or of all; a field without a value is None.

    The ` (deleted)` that QuickBooks appends to the name of an inactive record is not part of the name.
    """
    known = of(kind)
    wanted = known if names is None else [name for name in names if name in known]
    return {name: _value(known[name], entity) for name in wanted}


def through(kind: str) -> tuple[schema.FieldSpec, ...]:
    """Describe the fields of the records that are looked at through a kind; none of them is written that way."""
    return tuple(
        replace(
            field.spec, name=f"{other}.{field.spec.name}", label=f"{KIND_LABELS[other]}: {field.spec.label}", associated_kind=other,
            writable=False, required=False, unique=False,
        )
        for other in ASSOCIATED_KINDS.get(kind, ()) for field in of(other).values()
    )


def of_this_company(kind: str) -> bool:
    """Tell whether the fields of a kind depend on the company: on its currency and its accounts."""
    return kind == "item"


def here(*, spec: schema.FieldSpec, currency: str, accounts: Iterable[Entity]) -> schema.FieldSpec:
    """Describe a field as one company has it."""
    if spec.name in _MONEY:
        return replace(spec, currency=currency)
    fitting = _ACCOUNT_TYPES.get(spec.name)
    if fitting is None:
        return spec
    offered = [one for one in accounts if one.active and one.fields.get("AccountType") in fitting]
    named = ((one.id, f"{one.fields.get('FullyQualifiedName') or one.fields.get('Name')} ({one.fields['AccountType']})") for one in offered)
    return replace(spec, choices=tuple(sorted(named, key=lambda choice: choice[1].casefold())))


def left_alone(*, kind: str, entity: Entity) -> bool:
    """Tell whether an object is none that is kept in step: a category, or a bundle of other items."""
    return kind == "item" and entity.fields.get("Type") in _NO_PRODUCTS


def wire(*, field: Field, value: records.Value) -> object:
    """Write a value as Intuit's JSON has it. Raises ValueError for one that the field cannot hold."""
    if field.spec.type is FieldType.NUMBER:
        number = values.as_decimal(value)
        if number is None:
            raise ValueError(f"{values.shown(value)[:40]!r} is not a number.")
        return number
    if field.spec.type is FieldType.BOOLEAN:
        return values.canonical(type=FieldType.BOOLEAN, raw=value)
    return values.canonical(type=FieldType.TEXT, raw=value)


def whole(*, entity: Entity, head: str) -> dict[str, object]:
    """Take an object of several parts as it is, ready to be sent back with other values in it."""
    found = entity.fields.get(head)
    return {name: part for name, part in found.items() if name not in _KEPT_BY_QUICKBOOKS} if isinstance(found, dict) else {}


def label(entity: Entity) -> str:
    """Name a record as people call it."""
    return _without_suffix(str(entity.fields.get("DisplayName") or entity.fields.get("Name") or ""), entity)


def linked(*, kind: str, entity: Entity, other: str) -> tuple[str, ...]:
    """Tell the ids of the records of another kind that a record belongs to."""
    reference = entity.fields.get(LINKS.get(kind, {}).get(other, ""))
    identity = reference.get("value") if isinstance(reference, dict) else None
    return (str(identity),) if identity else ()


def _value(field: Field, entity: Entity) -> records.Value:
    if field.spec.name == _CATEGORY:
        return _category(entity)
    raw: object = entity.fields
    for step in field.path:
        raw = raw.get(step) if isinstance(raw, dict) else None
    if field.spec.name in _SUFFIXED and isinstance(raw, str):
        raw = _without_suffix(raw, entity)
    try:
        return values.canonical(type=field.spec.type, raw=raw)
    except ValueError:
        return str(raw)


def _category(entity: Entity) -> records.Value:
    """The categories above an item, the highest first: names hold no colon, so they end where the item's own begins."""
    above, _, _ = str(entity.fields.get("FullyQualifiedName") or "").rpartition(":")
    return ":".join(_DELETED.sub("", part) for part in above.split(":")) or None


def _without_suffix(name: str, entity: Entity) -> str:
    return name if entity.active else _DELETED.sub("", name)


def _text(name: str, label: str, max_length: int, *, asked: bool = False) -> Field:
    return Field(
        spec=schema.FieldSpec(name=name, label=label, type=FieldType.TEXT, max_length=max_length),
        path=(name,),
        query_name=name if asked else "",
    )


def _phone(name: str, label: str) -> Field:
    path = (name, "FreeFormNumber")
    return Field(spec=schema.FieldSpec(name=".".join(path), label=label, type=FieldType.PHONE, max_length=30), path=path)


def _address(name: str, label: str) -> tuple[Field, ...]:
    parts = (
        ("Line1", "street", 500),
        ("Line2", "street, line 2", 500),
        ("Line3", "street, line 3", 500),
        ("Line4", "street, line 4", 500),
        ("Line5", "street, line 5", 500),
        ("City", "city", 255),
        ("CountrySubDivisionCode", "state or province", 255),
        ("PostalCode", "postal code", 30),
        ("Country", "country", 255),
    )
    return tuple(
        Field(
            spec=schema.FieldSpec(name=f"{name}.{part}", label=f"{label}: {words}", type=FieldType.TEXT, max_length=most),
            path=(name, part),
            part=True,
        )
        for part, words, most in parts
    )


def _kept(name: str, label: str, type_: FieldType, *path: str, asked: bool = False) -> Field:
    """A field that QuickBooks fills in itself."""
    return Field(
        spec=schema.FieldSpec(name=name, label=label, type=type_, writable=False),
        path=path or (name,),
        query_name=name if asked else "",
    )


def _reference(name: str, label: str, *, at_birth: bool = False) -> Field:
    spec = schema.FieldSpec(name=name, label=label, type=FieldType.REFERENCE, writable=False, reason=_REFERENCE)
    return Field(spec=spec, path=(name, "value"), at_birth=at_birth)


_DELIVERY = (("Print", "Print later"), ("Email", "Send later"), ("None", "None"))
_EMAIL = ("PrimaryEmailAddr", "Address")
_WEB = ("WebAddr", "URI")
_CUSTOMER = (
    Field(
        spec=schema.FieldSpec(name="DisplayName", label="Display name", type=FieldType.TEXT, unique=True, max_length=500),
        path=("DisplayName",),
        query_name="DisplayName",
    ),
    _text("Title", "Title", 16),
    _text("GivenName", "First name", 100, asked=True),
    _text("MiddleName", "Middle name", 100, asked=True),
    _text("FamilyName", "Last name", 100, asked=True),
    _text("Suffix", "Suffix", 16),
    _text("CompanyName", "Company name", 100, asked=True),
    _text("PrintOnCheckName", "Name to print on checks", 110, asked=True),
    Field(
        spec=schema.FieldSpec(name=".".join(_EMAIL), label="E-mail", type=FieldType.EMAIL, max_length=100),
        path=_EMAIL,
        query_name=_EMAIL[0],
    ),
    _phone("PrimaryPhone", "Phone"),
    _phone("AlternatePhone", "Other phone"),
    _phone("Mobile", "Mobile"),
    _phone("Fax", "Fax"),
    Field(spec=schema.FieldSpec(name=".".join(_WEB), label="Website", type=FieldType.URL, max_length=1000), path=_WEB),
    *_address("BillAddr", "Billing address"),
    *_address("ShipAddr", "Shipping address"),
    _text("Notes", "Notes", 2000),
    _text("ResaleNum", "Resale number", 16),
    Field(spec=schema.FieldSpec(name="Taxable", label="Taxable", type=FieldType.BOOLEAN), path=("Taxable",)),
    Field(
        spec=schema.FieldSpec(name="PreferredDeliveryMethod", label="Preferred delivery", type=FieldType.CHOICE, choices=_DELIVERY),
        path=("PreferredDeliveryMethod",),
    ),
    _kept("FullyQualifiedName", "Full name with parents", FieldType.TEXT, asked=True),
    _kept("Active", "Active", FieldType.BOOLEAN),
    Field(
        spec=schema.FieldSpec(name="Job", label="Is a sub-customer or job", type=FieldType.BOOLEAN, writable=False),
        path=("Job",),
        at_birth=True,
    ),
    _kept("IsProject", "Is a project", FieldType.BOOLEAN),
    _kept("Level", "Level below the top", FieldType.NUMBER),
    _kept("Balance", "Open balance", FieldType.NUMBER),
    _kept("BalanceWithJobs", "Open balance with sub-customers", FieldType.NUMBER),
    _kept("CurrencyRef", "Currency", FieldType.TEXT, "CurrencyRef", "value"),
    _kept("Id", "QuickBooks id", FieldType.TEXT),
    _kept("CreateTime", "Created at", FieldType.DATETIME, "MetaData", "CreateTime"),
    _kept("LastUpdatedTime", "Last updated at", FieldType.DATETIME, "MetaData", "LastUpdatedTime"),
    _reference("ParentRef", "Parent customer", at_birth=True),
    _reference("SalesTermRef", "Terms"),
    _reference("PaymentMethodRef", "Payment method"),
    _reference("CustomerTypeRef", "Customer type"),
    _reference("DefaultTaxCodeRef", "Tax code"),
)
_MONEY = frozenset({"UnitPrice", "PurchaseCost"})
_ITEM_TYPES = (("Service", "Service"), ("NonInventory", "Non-inventory"), ("Inventory", "Inventory"))
_ITEM = (
    Field(
        spec=schema.FieldSpec(name="Name", label="Name", type=FieldType.TEXT, required=True, unique=True, max_length=100),
        path=("Name",),
        query_name="Name",
    ),
    _text("Sku", "SKU", 100, asked=True),
    _text("Description", "Description on sales forms", 4000),
    _text("PurchaseDesc", "Description on purchase forms", 1000),
    Field(spec=schema.FieldSpec(name="UnitPrice", label="Sales price", type=FieldType.NUMBER), path=("UnitPrice",)),
    Field(spec=schema.FieldSpec(name="PurchaseCost", label="Cost", type=FieldType.NUMBER), path=("PurchaseCost",)),
    Field(spec=schema.FieldSpec(name="Taxable", label="Taxable", type=FieldType.BOOLEAN), path=("Taxable",)),
    Field(
        spec=schema.FieldSpec(name="Type", label="Type", type=FieldType.CHOICE, choices=_ITEM_TYPES, writable=False),
        path=("Type",),
        at_birth=True,
    ),
    _kept("Active", "Active", FieldType.BOOLEAN),
    _kept("FullyQualifiedName", "Name with categories", FieldType.TEXT, asked=True),
    _kept(_CATEGORY, "Category", FieldType.TEXT),
    _kept("Level", "Level below the top", FieldType.NUMBER),
    _kept("TrackQtyOnHand", "Stock is tracked", FieldType.BOOLEAN),
    _kept("QtyOnHand", "Quantity on hand", FieldType.NUMBER),
    _kept("ReorderPoint", "Reorder point", FieldType.NUMBER),
    _kept("InvStartDate", "Stock tracked since", FieldType.DATE),
    _kept("IncomeAccountRef.name", "Income account", FieldType.TEXT, "IncomeAccountRef", "name"),
    _kept("ExpenseAccountRef.name", "Expense account", FieldType.TEXT, "ExpenseAccountRef", "name"),
    _kept("Id", "QuickBooks id", FieldType.TEXT),
    _kept("CreateTime", "Created at", FieldType.DATETIME, "MetaData", "CreateTime"),
    _kept("LastUpdatedTime", "Last updated at", FieldType.DATETIME, "MetaData", "LastUpdatedTime"),
    _reference("IncomeAccountRef", "Income account of new items", at_birth=True),
    _reference("ExpenseAccountRef", "Expense account of new items", at_birth=True),
)
_INVOICE = tuple(_kept(name, label, type_) for name, label, type_ in quickbooks_invoices.FIELDS)
_FIELDS: Mapping[str, Mapping[str, Field]] = {
    kind: {field.spec.name: field for field in fields}
    for kind, fields in (("customer", _CUSTOMER), ("item", _ITEM), ("invoice", _INVOICE))
}
