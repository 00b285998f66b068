"""Payments: what is recommended for a sync of them with the notes on the timelines of deals.

Owns the table. The text of an entry and the deals it belongs on stand in no record of QuickBooks; `entries` puts them together.
"""
from __future__ import annotations

from syncapp.engine import rules, vocabulary
from syncapp.engine.vocabulary import Direction, FieldType
from syncapp.services import recommended

_MAPPINGS = (("hs_timestamp", "TxnDate"), ("hs_note_body", "Entry"), ("deals", "Deals"), ("qbo_payment_id", "Id"))

PAYMENTS = recommended.ObjectDefaults(
    left_kind="notes",
    right_kind="payments",
    direction=Direction.TO_LEFT,
    directions=(Direction.TO_LEFT,),
    level=2,
    needs_sync=(vocabulary.ObjectPair.INVOICE,),
    match_keys=(rules.MatchKey(left="qbo_payment_id", right="Id", type=FieldType.TEXT),),
    name_field="",
    needs_one_of=(),
    nested=False,
    mappings=tuple(
        recommended.RecommendedMapping(left=left, right=right, direction=Direction.TO_LEFT) for left, right in _MAPPINGS
    ),
    composition=recommended.Composition(
        composer="entries",
        fields=("Entry", "Deals"),
        made_of=(
            "Id", "Type", "TxnDate", "TotalAmt", "CurrencyRef.value", "Method", "Reference", "Applied", "Voided", "Link",
            "invoice.DocNumber", "invoice.TotalAmt", "invoice.Deposit", "invoice.Balance", "invoice.CurrencyRef.value",
        ),
    ),
)
"""No filter is recommended: a payment follows its invoices, and one whose invoices are on no deal has no place."""
