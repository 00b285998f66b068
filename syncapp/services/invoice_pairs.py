"""Invoices: what is recommended for a sync of them.

Owns the tables. An amount is written twice, into HubSpot's own property and into ours (`qbo_…`), for some accounts do not let
HubSpot's be written: ours always tells what QuickBooks says.
"""
from __future__ import annotations

from syncapp.engine import rules, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator, Reason, Side
from syncapp.engine.wording import later
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
_BOTH = frozenset({"hs_invoice_date", "hs_due_date", "hs_currency", "hs_comments", "hs_number", "line_items", "contacts"})
"""What QuickBooks gets where the sync writes there; the direction of the sync decides whether it does."""
_NUMBERED = ("custom transaction numbers", "yes")
"""Only a company that numbers its forms itself takes HubSpot's number; all others go on with their own."""

_BILLABLE, _STATUS = "hs_invoice_billable", "hs_invoice_status"


def _mapping(left: str, right: str) -> recommended.RecommendedMapping:
    return recommended.RecommendedMapping(
        left=left, right=right, direction=Direction.BOTH if left in _BOTH else Direction.TO_LEFT,
        only_if=_NUMBERED if left == "hs_number" else None,
    )


def _since_setup(*fields: str) -> tuple[recommended.RecommendedRule, ...]:
    return (recommended.RecommendedRule(fields=fields, operator=FilterOperator.AFTER, since_setup=True),)


_OWNERSHIP = rules.Ownership(
    field=_BILLABLE,
    of_right=False,
    own=(
        "hs_number", "hs_currency", "hs_amount_billed", "hs_amount_paid", "hs_balance_due", _STATUS, "hs_external_createdate",
        "line_items", "companies",
    ),
    guards=(("Line", rules.Guard.LINES), ("AmountPaid", rules.Guard.NOT_LESS)),
    gates=(
        rules.Gate(field=_BILLABLE, value=False, reason=Reason.NOT_BILLED, words=later("HubSpot only tracks it: another system bills.")),
        rules.Gate(field=_STATUS, value="draft", reason=Reason.NOT_FINAL),
        rules.Gate(field=_STATUS, value="voided", reason=Reason.NOT_BILLED, words=later("It was made void in HubSpot.")),
    ),
    lines="line_items",
    total="hs_amount_billed",
    right_total="TotalAmt",
    anchor="CustomerRef",
)
"""An invoice by which HubSpot bills is HubSpot's: what it bills for stays as it is there. All others stand for one of QuickBooks."""

INVOICES = recommended.ObjectDefaults(
    left_kind="invoices",
    right_kind="invoice",
    direction=Direction.TO_LEFT,
    directions=(Direction.TO_LEFT, Direction.BOTH),
    level=1,
    needs_sync=(vocabulary.ObjectPair.CONTACT_CUSTOMER,),
    reads=(("contacts", "companies"),),
    match_keys=(
        rules.MatchKey(left="qbo_id", right="Id", type=FieldType.TEXT),
        rules.MatchKey(left="hs_number", right="DocNumber", type=FieldType.TEXT),
    ),
    own_keys=(rules.MatchKey(left="qbo_id", right="Id", type=FieldType.TEXT),),
    ownership=_OWNERSHIP,
    name_field="",
    needs_one_of=(),
    nested=False,
    aging=recommended.Aging(due="DueDate", state="PaymentState", still=("open", "partial")),
    mappings=(
        *(_mapping(left, right) for left, _, right in _TWINS),
        *(_mapping(own, right) for _, own, right in _TWINS),
        *(_mapping(left, right) for left, right in (*_OWN, *_OTHERS)),
    ),
    born_with=(
        rules.Given(
            side=Side.LEFT, field=_BILLABLE, label="billing", value="false", words=later("QuickBooks bills, HubSpot only tracks")
        ),
        rules.Given(
            side=Side.RIGHT, field="PrivateNote", label="private note", value="HubSpot invoice {id}.",
            words=later("a mark by which it is found again"), sought_by="CustomerRef",
        ),
    ),
    left_filters=(
        recommended.RecommendedGroup(
            name=later("Created since the sync was set up"), rules=_since_setup("hs_createdate", "createdate"), if_flows=True
        ),
    ),
    right_filters=(recommended.RecommendedGroup(name=later("Created since the sync was set up"), rules=_since_setup("CreateTime")),),
)
"""QuickBooks bills, HubSpot shows: the invoice there is only tracked, with no document, no e-mail and no sum of HubSpot's own.
Where the sync goes both ways, an invoice that HubSpot bills by is made in QuickBooks once it is final."""
