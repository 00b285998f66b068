"""Invoices: what is recommended for a sync of them.

Owns the tables. An amount is written twice, into HubSpot's own property and into ours (`qbo_…`), for some accounts do not let
HubSpot's be written: ours always tells what QuickBooks says.
"""
from __future__ import annotations

from syncapp.engine import rules, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Side
from syncapp.services import recommended

_TWINS = (
    ("hs_number", "qbo_doc_number", "DocNumber"), ("hs_invoice_date", "qbo_txn_date", "TxnDate"),
    ("hs_due_date", "qbo_due_date", "DueDate"), ("hs_currency", "qbo_currency", "CurrencyRef.value"),
    ("hs_amount_billed", "qbo_total", "TotalAmt"), ("hs_amount_paid", "qbo_amount_paid", "AmountPaid"),
    ("hs_balance_due", "qbo_balance", "Balance"),
)
"""HubSpot's property, our own one that always holds the same, and the QuickBooks field."""
TWINS = {left: own for left, own, _ in _TWINS} | {"hs_invoice_status": "qbo_status"}
"""Which of our own properties carries what one of HubSpot's cannot."""

_OWN = (
    ("qbo_id", "Id"), ("qbo_status", "PaymentState"), ("qbo_discount", "Discount"), ("qbo_tax", "Tax"), ("qbo_deposit", "Deposit"),
    ("qbo_link", "Link"),
)
_OTHERS = (
    ("hs_comments", "CustomerMemo.value"), ("hs_external_createdate", "CreateTime"), ("hs_invoice_status", "InvoiceStatus"),
    ("line_items", "Line"), ("contacts", "CustomerRef"), ("companies", "CustomerRef"),
)


def _into_hubspot(left: str, right: str) -> recommended.RecommendedMapping:
    return recommended.RecommendedMapping(left=left, right=right, direction=Direction.TO_LEFT)


INVOICES = recommended.ObjectDefaults(
    left_kind="invoices",
    right_kind="invoice",
    direction=Direction.TO_LEFT,
    directions=(Direction.TO_LEFT,),
    level=1,
    needs_sync=(vocabulary.ObjectPair.CONTACT_CUSTOMER,),
    reads=(("contacts", "companies"),),
    match_keys=(
        rules.MatchKey(left="qbo_id", right="Id", type=FieldType.TEXT),
        rules.MatchKey(left="hs_number", right="DocNumber", type=FieldType.TEXT),
    ),
    name_field="",
    needs_one_of=(),
    nested=False,
    aging=recommended.Aging(due="DueDate", state="PaymentState", still=("open", "partial")),
    mappings=(
        *(_into_hubspot(left, right) for left, _, right in _TWINS),
        *(_into_hubspot(own, right) for _, own, right in _TWINS),
        *(_into_hubspot(left, right) for left, right in (*_OWN, *_OTHERS)),
    ),
    born_with=(
        rules.Given(
            side=Side.LEFT, field="hs_invoice_billable", label="billing", value="false", words="QuickBooks bills, HubSpot only tracks"
        ),
    ),
    right_filters=(
        recommended.RecommendedGroup(
            name="Created since the sync was set up",
            rules=(recommended.RecommendedRule(fields=("CreateTime",), operator=FilterOperator.AFTER, since_setup=True),),
        ),
    ),
)
"""QuickBooks bills, HubSpot shows: the invoice there is only tracked, with no document, no e-mail and no sum of HubSpot's own."""
