"""What can be seen of a QuickBooks invoice through its customer.

Owns the list. An invoice holds more; what is listed here is what a person asks of it in a filter.
"""
from __future__ import annotations

from syncapp.engine.vocabulary import FieldType

FIELDS = (
    ("DocNumber", "Number", FieldType.TEXT),
    ("TxnDate", "Date", FieldType.DATE),
    ("DueDate", "Due date", FieldType.DATE),
    ("TotalAmt", "Total", FieldType.NUMBER),
    ("Balance", "Open balance", FieldType.NUMBER),
)
"""Name, label and type; all of them are kept by QuickBooks itself as far as this app goes."""
