"""Figures on deals: what is recommended for a sync that shows on a HubSpot deal what QuickBooks knows of its invoices.

Owns the tables. No vendor has the records of the right side: they are made here, by `billing`, one for each deal that has an invoice.
"""

from __future__ import annotations

from syncapp.engine import rules, schema, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType
from syncapp.services import recommended

KIND = "billing"
DEALS = "deals"
INVOICES = "invoices"
INVOICE = "invoice"
DEAL = "Deal"
_STATES = (("open", "Open"), ("partial", "Partly paid"), ("paid", "Paid"), ("overdue", "Overdue"), ("voided", "Voided"))


def _made(name: str, label: str, type_: FieldType, *, choices: tuple[tuple[str, str], ...] = ()) -> schema.FieldSpec:
    return schema.FieldSpec(name=name, label=label, type=type_, writable=False, choices=choices)


FIELDS = (
    _made(DEAL, "HubSpot deal", FieldType.TEXT),
    _made("InvoiceNumber", "Last updated invoice: number", FieldType.TEXT),
    _made("InvoiceStatus", "Last updated invoice: status", FieldType.CHOICE, choices=_STATES),
    _made("InvoiceTotal", "Last updated invoice: total", FieldType.NUMBER),
    _made("InvoiceBalance", "Last updated invoice: open balance", FieldType.NUMBER),
    _made("InvoiceDate", "Last updated invoice: date", FieldType.DATE),
    _made("InvoiceDueDate", "Last updated invoice: due date", FieldType.DATE),
    _made("InvoiceCurrency", "Last updated invoice: currency", FieldType.TEXT),
    _made("InvoiceLink", "Last updated invoice: page in QuickBooks", FieldType.URL),
    _made("InvoiceUpdatedAt", "Last updated invoice: updated at", FieldType.DATETIME),
    _made("Billed", "All invoices: billed", FieldType.NUMBER),
    _made("Paid", "All invoices: paid", FieldType.NUMBER),
    _made("Open", "All invoices: open", FieldType.NUMBER),
    _made("OldestOverdue", "All invoices: oldest overdue date", FieldType.DATE),
    _made("InvoiceCount", "All invoices: how many", FieldType.NUMBER),
    _made("Note", "All invoices: what the sums leave out", FieldType.TEXT),
)
"""What is known of the invoices of one deal."""

READS = ("Balance", "CurrencyRef.value", "DocNumber", "DueDate", "InvoiceStatus", "LastUpdatedTime", "Link", "TotalAmt", "TxnDate")
"""The fields of a QuickBooks invoice that this is made of."""

_INTO = (
    ("qbo_invoice_number", "InvoiceNumber"), ("qbo_invoice_status", "InvoiceStatus"), ("qbo_invoice_total", "InvoiceTotal"),
    ("qbo_invoice_balance", "InvoiceBalance"), ("qbo_invoice_date", "InvoiceDate"), ("qbo_invoice_due_date", "InvoiceDueDate"),
    ("qbo_invoice_currency", "InvoiceCurrency"), ("qbo_invoice_link", "InvoiceLink"), ("qbo_invoice_updated_at", "InvoiceUpdatedAt"),
    ("qbo_billed", "Billed"), ("qbo_paid", "Paid"), ("qbo_open", "Open"), ("qbo_oldest_overdue", "OldestOverdue"),
    ("qbo_invoice_count", "InvoiceCount"), ("qbo_rollup_note", "Note"),
)

FIGURES = recommended.ObjectDefaults(
    left_kind=DEALS,
    right_kind=KIND,
    direction=Direction.TO_LEFT,
    directions=(Direction.TO_LEFT,),
    level=2,
    needs_sync=(vocabulary.ObjectPair.INVOICE,),
    match_keys=(rules.MatchKey(left="hs_object_id", right=DEAL, type=FieldType.TEXT),),
    name_field="",
    needs_one_of=(),
    nested=False,
    mappings=tuple(
        recommended.RecommendedMapping(left=left, right=right, direction=Direction.TO_LEFT, clears=True) for left, right in _INTO
    ),
    made_here=FIELDS,
    made_of=((INVOICE, READS),),
)
"""Only properties of our own are written, of deals that are there: none is created, none archived."""
