"""The columns that a list of records can have: what we know of a pair, and the fields of both its records.

Owns a column's name as it is stored, and its heading. What stands in a column is the business of `selectors.sheets`.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncapp import models
from syncapp.engine.vocabulary import FieldType, Side
from syncapp.engine.wording import later, say

PAIR = later("The pair")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. `side` and `field` are set where it shows a field of one of the records."""

    key: str
    label: str
    group: str = PAIR
    type: FieldType = FieldType.TEXT
    side: Side | None = None
    field: models.VendorField | None = None


OWN: tuple[Column, ...] = (
    Column(key="standing", label=later("Standing")),
    Column(key="left_name", label=later("HubSpot record")),
    Column(key="left_page", label=later("In HubSpot"), type=FieldType.URL),
    Column(key="right_name", label=later("QuickBooks record")),
    Column(key="right_page", label=later("In QuickBooks"), type=FieldType.URL),
    Column(key="changed", label=later("Last change"), type=FieldType.DATETIME),
    Column(key="why", label=later("Why")),
    Column(key="sync", label=later("Sync")),
    Column(key="in_sync", label=later("Last in sync"), type=FieldType.DATETIME),
    Column(key="life", label=later("State")),
    Column(key="left_number", label=later("HubSpot id")),
    Column(key="right_number", label=later("QuickBooks id")),
    Column(key="left_changed", label=later("Changed in HubSpot"), type=FieldType.DATETIME),
    Column(key="right_changed", label=later("Changed in QuickBooks"), type=FieldType.DATETIME),
    Column(key="found", label=later("First seen"), type=FieldType.DATETIME),
    Column(key="since", label=later("Failing since"), type=FieldType.DATETIME),
    Column(key="assigned", label=later("Assigned to")),
    Column(key="note", label=later("Note")),
    Column(key="snoozed", label=later("Snoozed until"), type=FieldType.DATETIME),
)
DEFAULT = ("standing", "left_name", "left_page", "right_name", "right_page", "changed", "why", "sync")
FAILING = ("left_name", "right_name", "why", "since", "assigned", "note", "sync")
DECIDED = ("left_name", "right_name", "why", "assigned", "note", "sync")


def key(*, side: Side, name: str) -> str:
    """Name the column of a field."""
    return f"{side.value.lower()}:{name}"


def of_field(*, side: Side, field: models.VendorField) -> Column:
    """The column of a vendor's field."""
    note = f" ({field.currency})" if field.currency else ""
    return Column(
        key=key(side=side, name=field.name), label=f"{side.label}: {field.label}{note}", group=side.label, type=FieldType(field.type),
        side=side, field=field,
    )


def headings(columns: Sequence[Column]) -> list[str]:
    """The headings of a file: each says what it holds, and no two are alike. Times are UTC there, whoever reads it."""
    labels = [
        say("{column} (UTC)", column=column.label) if column.type is FieldType.DATETIME else str(column.label) for column in columns
    ]
    return [
        f"{label} [{column.field.name}]" if labels.count(label) > 1 and column.field is not None else label
        for label, column in zip(labels, columns, strict=True)
    ]
