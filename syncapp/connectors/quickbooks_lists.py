"""The fields of QuickBooks' customers and items, the two lists of names.

Owns their tables, and what of them depends on the company. Asks nobody.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from integrations.quickbooks.entities import Entity
from syncapp.connectors.quickbooks_values import DELETED, Field, Place, address, kept, made, phone, reference, stamps, text
from syncapp.engine import records, schema
from syncapp.engine.vocabulary import FieldType

_NO_PRODUCTS = frozenset({"Category", "Group", "Bundle"})
"""Items that only arrange others. They are never written, matched or shown."""

_CATEGORY = "ParentRef.name"
_ACCOUNT_TYPES: Mapping[str, frozenset[str]] = {
    "IncomeAccountRef": frozenset({"Income", "Other Income"}),
    "ExpenseAccountRef": frozenset({"Cost of Goods Sold", "Expense", "Other Expense"}),
}
"""Which accounts a new item that holds no stock may name."""


def here(*, spec: schema.FieldSpec, currency: str, accounts: Iterable[Entity]) -> schema.FieldSpec:
    """Describe a field of an item as one company has it."""
    if spec.name in _MONEY:
        return replace(spec, currency=currency)
    fitting = _ACCOUNT_TYPES.get(spec.name)
    if fitting is None:
        return spec
    offered = [one for one in accounts if one.active and one.fields.get("AccountType") in fitting]
    named = ((one.id, f"{one.fields.get('FullyQualifiedName') or one.fields.get('Name')} ({one.fields['AccountType']})") for one in offered)
    return replace(spec, choices=tuple(sorted(named, key=lambda choice: choice[1].casefold())))


def only_arranges(entity: Entity) -> bool:
    """Tell whether an item is none that is sold: a category, or a bundle of other items."""
    return entity.fields.get("Type") in _NO_PRODUCTS


def _category(entity: Entity, place: Place) -> records.Value:
    """The categories above an item, the highest first: names hold no colon, so they end where the item's own begins."""
    above, _, _ = str(entity.fields.get("FullyQualifiedName") or "").rpartition(":")
    return ":".join(DELETED.sub("", part) for part in above.split(":")) or None


_DELIVERY = (("Print", "Print later"), ("Email", "Send later"), ("None", "None"))
_EMAIL = ("PrimaryEmailAddr", "Address")
_WEB = ("WebAddr", "URI")
CUSTOMER = (
    Field(
        spec=schema.FieldSpec(name="DisplayName", label="Display name", type=FieldType.TEXT, unique=True, max_length=500),
        path=("DisplayName",),
        query_name="DisplayName",
    ),
    text("Title", "Title", 16),
    text("GivenName", "First name", 100, asked=True),
    text("MiddleName", "Middle name", 100, asked=True),
    text("FamilyName", "Last name", 100, asked=True),
    text("Suffix", "Suffix", 16),
    text("CompanyName", "Company name", 100, asked=True),
    text("PrintOnCheckName", "Name to print on checks", 110, asked=True),
    Field(
        spec=schema.FieldSpec(name=".".join(_EMAIL), label="E-mail", type=FieldType.EMAIL, max_length=100),
        path=_EMAIL,
        query_name=_EMAIL[0],
    ),
    phone("PrimaryPhone", "Phone"),
    phone("AlternatePhone", "Other phone"),
    phone("Mobile", "Mobile"),
    phone("Fax", "Fax"),
    Field(spec=schema.FieldSpec(name=".".join(_WEB), label="Website", type=FieldType.URL, max_length=1000), path=_WEB),
    *address("BillAddr", "Billing address"),
    *address("ShipAddr", "Shipping address"),
    text("Notes", "Notes", 2000),
    text("ResaleNum", "Resale number", 16),
    Field(spec=schema.FieldSpec(name="Taxable", label="Taxable", type=FieldType.BOOLEAN), path=("Taxable",)),
    Field(
        spec=schema.FieldSpec(name="PreferredDeliveryMethod", label="Preferred delivery", type=FieldType.CHOICE, choices=_DELIVERY),
        path=("PreferredDeliveryMethod",),
    ),
    kept("FullyQualifiedName", "Full name with parents", FieldType.TEXT, asked=True),
    kept("Active", "Active", FieldType.BOOLEAN),
    Field(
        spec=schema.FieldSpec(name="Job", label="Is a sub-customer or job", type=FieldType.BOOLEAN, writable=False),
        path=("Job",),
        at_birth=True,
    ),
    kept("IsProject", "Is a project", FieldType.BOOLEAN),
    kept("Level", "Level below the top", FieldType.NUMBER),
    kept("Balance", "Open balance", FieldType.NUMBER),
    kept("BalanceWithJobs", "Open balance with sub-customers", FieldType.NUMBER),
    kept("CurrencyRef", "Currency", FieldType.TEXT, "CurrencyRef", "value"),
    *stamps(),
    reference("ParentRef", "Parent customer", at_birth=True),
    reference("SalesTermRef", "Terms"),
    reference("PaymentMethodRef", "Payment method"),
    reference("CustomerTypeRef", "Customer type"),
    reference("DefaultTaxCodeRef", "Tax code"),
)
_MONEY = frozenset({"UnitPrice", "PurchaseCost"})
_ITEM_TYPES = (("Service", "Service"), ("NonInventory", "Non-inventory"), ("Inventory", "Inventory"))
ITEM = (
    Field(
        spec=schema.FieldSpec(name="Name", label="Name", type=FieldType.TEXT, required=True, unique=True, max_length=100),
        path=("Name",),
        query_name="Name",
    ),
    text("Sku", "SKU", 100, asked=True),
    text("Description", "Description on sales forms", 4000),
    text("PurchaseDesc", "Description on purchase forms", 1000),
    Field(spec=schema.FieldSpec(name="UnitPrice", label="Sales price", type=FieldType.NUMBER), path=("UnitPrice",)),
    Field(spec=schema.FieldSpec(name="PurchaseCost", label="Cost", type=FieldType.NUMBER), path=("PurchaseCost",)),
    Field(spec=schema.FieldSpec(name="Taxable", label="Taxable", type=FieldType.BOOLEAN), path=("Taxable",)),
    Field(
        spec=schema.FieldSpec(name="Type", label="Type", type=FieldType.CHOICE, choices=_ITEM_TYPES, writable=False),
        path=("Type",),
        at_birth=True,
    ),
    kept("Active", "Active", FieldType.BOOLEAN),
    kept("FullyQualifiedName", "Name with categories", FieldType.TEXT, asked=True),
    made(_CATEGORY, "Category", FieldType.TEXT, _category),
    kept("Level", "Level below the top", FieldType.NUMBER),
    kept("TrackQtyOnHand", "Stock is tracked", FieldType.BOOLEAN),
    kept("QtyOnHand", "Quantity on hand", FieldType.NUMBER),
    kept("ReorderPoint", "Reorder point", FieldType.NUMBER),
    kept("InvStartDate", "Stock tracked since", FieldType.DATE),
    kept("IncomeAccountRef.name", "Income account", FieldType.TEXT, "IncomeAccountRef", "name"),
    kept("ExpenseAccountRef.name", "Expense account", FieldType.TEXT, "ExpenseAccountRef", "name"),
    *stamps(),
    reference("IncomeAccountRef", "Income account of new items", at_birth=True),
    reference("ExpenseAccountRef", "Expense account of new items", at_birth=True),
)
