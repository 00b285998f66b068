"""The pairs of objects that can be kept in step, each with what is recommended for it.

Owns the tables. What depends on the account is looked up by `defaults` when a sync is set up.
"""
from __future__ import annotations

from collections.abc import Mapping

from syncapp.engine import rules, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator
from syncapp.engine.wording import later
from syncapp.services import deal_pairs, invoice_pairs, payment_pairs, recommended


def _both(pairs: Mapping[str, str]) -> tuple[recommended.RecommendedMapping, ...]:
    return tuple(recommended.RecommendedMapping(left=left, right=right) for left, right in pairs.items())


_NEW_INVOICE = recommended.RecommendedGroup(
    name=later("Has a new HubSpot invoice"),
    rules=(
        recommended.RecommendedRule(fields=("invoices.hs_invoice_status",), operator=FilterOperator.NONE_OF, choices=("draft",)),
        recommended.RecommendedRule(
            fields=("invoices.hs_createdate", "invoices.createdate"), operator=FilterOperator.AFTER, since_setup=True
        ),
        recommended.RecommendedRule(fields=("invoices.hs_invoice_source",), operator=FilterOperator.ANY_OF, choices=("hubspot",)),
    ),
)
_NEW_CONTACT = recommended.RecommendedGroup(
    name=later("Created since the sync was set up"),
    rules=(recommended.RecommendedRule(fields=("createdate",), operator=FilterOperator.AFTER, since_setup=True),),
)
"""For accounts without invoices: letting every contact in would fill the books with people who buy nothing."""

OBJECTS: Mapping[vocabulary.ObjectPair, recommended.ObjectDefaults] = {
    vocabulary.ObjectPair.CONTACT_CUSTOMER: recommended.ObjectDefaults(
        left_kind="contacts",
        right_kind="customer",
        direction=Direction.BOTH,
        match_keys=(rules.MatchKey(left="email", right="PrimaryEmailAddr.Address", type=FieldType.EMAIL),),
        name_field="DisplayName",
        needs_one_of=("DisplayName", "GivenName", "FamilyName"),
        mappings=(
            *_both({"email": "PrimaryEmailAddr.Address", "firstname": "GivenName", "lastname": "FamilyName"}),
            recommended.RecommendedMapping(left="companies.name", right="DisplayName", direction=Direction.TO_RIGHT),
            recommended.RecommendedMapping(left="full_name", right="DisplayName", direction=Direction.TO_RIGHT, fallback=True),
            *_both(
                {
                    "company": "CompanyName", "phone": "PrimaryPhone.FreeFormNumber", "mobilephone": "Mobile.FreeFormNumber",
                    "fax": "Fax.FreeFormNumber", "website": "WebAddr.URI", "address": "BillAddr.Line1", "city": "BillAddr.City",
                    "state": "BillAddr.CountrySubDivisionCode", "zip": "BillAddr.PostalCode", "country": "BillAddr.Country",
                }
            ),
        ),
        left_filters=(_NEW_INVOICE, _NEW_CONTACT),
    ),
    vocabulary.ObjectPair.PRODUCT_ITEM: recommended.ObjectDefaults(
        left_kind="products",
        right_kind="item",
        direction=Direction.TO_LEFT,
        match_keys=(
            rules.MatchKey(left="hs_sku", right="Sku", type=FieldType.TEXT), rules.MatchKey(left="name", right="Name", type=FieldType.TEXT),
        ),
        name_field="Name",
        full_name_field="FullyQualifiedName",
        nested=False,
        needs_one_of=("Name",),
        mappings=_both(
            {
                "name": "Name", "hs_sku": "Sku", "description": "Description", "price": "UnitPrice",
                "hs_cost_of_goods_sold": "PurchaseCost",
            }
        ),
        new_values=(
            recommended.NewValue(setting="new_product_type", field="Type", label=later("type"), account=False),
            recommended.NewValue(setting="income_account", field="IncomeAccountRef", label=later("income account")),
            recommended.NewValue(
                setting="expense_account", field="ExpenseAccountRef", label=later("expense account"), needed_for="PurchaseCost"
            ),
        ),
    ),
    vocabulary.ObjectPair.INVOICE: invoice_pairs.INVOICES,
    vocabulary.ObjectPair.PAYMENT: payment_pairs.PAYMENTS,
    vocabulary.ObjectPair.DEAL: deal_pairs.FIGURES,
}

LABEL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("firstname", "lastname", "email"), "companies": ("name",), "invoices": ("hs_number",), "customer": ("DisplayName",),
    "products": ("name",), "item": ("Name", "FullyQualifiedName"), "invoice": ("DocNumber",), "deals": ("dealname",),
    "notes": ("hs_note_body",), "payments": ("Reference",),
}
"""What a record is called by on pages."""
