"""Which fields a picker on a sync's page offers."""
from __future__ import annotations

from django.db.models import QuerySet

from syncapp import models
from syncapp.engine import schema
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import say

FOR_MATCHING = "matching"
LONGEST_ID = 19


def offered(
    *, fields: QuerySet[models.VendorField], connection_id: str, kind: str, use: str = "", beside: str = ""
) -> QuerySet[models.VendorField]:
    """Keep the fields of one account and kind that can be used at all; for matching, the record's own only.

    `beside` is the id of a field of the other account: then only what can be kept equal with it, in either direction, is kept.
    """
    if not connection_id.isdecimal():
        return fields.none()
    found = fields.filter(connection=int(connection_id), kind=kind, archived=False, reason="")
    if use == FOR_MATCHING:
        found = found.filter(associated_kind="")
    other = models.VendorField.objects.filter(pk=int(beside)).first() if beside.isdecimal() and len(beside) < LONGEST_ID else None
    if other is not None:
        found = found.filter(type__in=_fitting(FieldType(other.type)))
    return found.order_by("associated_kind", "label", "name")


def _fitting(type: FieldType) -> list[FieldType]:
    """The types that a field of this type can give values to, or take them from; with a value map where it needs one."""
    return [
        one for one in FieldType
        if schema.carries(origin=type, into=one, by_value=True) or schema.carries(origin=one, into=type, by_value=True)
    ]


def label(field: models.VendorField) -> str:
    """Call a field as pickers do: its label, its own name, what it holds, and whether it must be filled or cannot be written."""
    told = [field.name, FieldType(field.type).label.lower()]
    told += [say("in {currency}", currency=field.currency)] if field.currency else []
    told += [say("required")] if field.required else []
    told += [] if field.writable else [say("read-only")]
    return f"{field.label} ({', '.join(told)})"
