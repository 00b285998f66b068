"""The columns that a list of records can have: what we know of a pair, and the fields of both its records.

Owns a column's name as it is stored, and its heading. What stands in a column is the business of `selectors.sheets`.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncapp import models
from syncapp.engine.vocabulary import FieldType, Side

PAIR = "The pair"


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
    Column(key="standing", label="Standing"),
    Column(key="left_name", label="HubSpot record"),
    Column(key="left_page", label="In HubSpot", type=FieldType.URL),
    Column(key="right_name", label="QuickBooks record"),
    Column(key="right_page", label="In QuickBooks", type=FieldType.URL),
    Column(key="changed", label="Last change", type=FieldType.DATETIME),
    Column(key="why", label="Why"),
    Column(key="sync", label="Sync"),
    Column(key="in_sync", label="Last in sync", type=FieldType.DATETIME),
    Column(key="life", label="State"),
    Column(key="left_number", label="HubSpot id"),
    Column(key="right_number", label="QuickBooks id"),
    Column(key="left_changed", label="Changed in HubSpot", type=FieldType.DATETIME),
    Column(key="right_changed", label="Changed in QuickBooks", type=FieldType.DATETIME),
    Column(key="found", label="First seen", type=FieldType.DATETIME),
    Column(key="since", label="Failing since", type=FieldType.DATETIME),
    Column(key="assigned", label="Assigned to"),
    Column(key="note", label="Note"),
    Column(key="snoozed", label="Snoozed until", type=FieldType.DATETIME),
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
    labels = [f"{column.label} (UTC)" if column.type is FieldType.DATETIME else column.label for column in columns]
    return [
        f"{label} [{column.field.name}]" if labels.count(label) > 1 and column.field is not None else label
        for label, column in zip(labels, columns, strict=True)
    ]
