"""Which columns a list of records is offered, and those that were chosen for it.

Owns that only fields are offered which the syncs read: the mirror holds no others. Remembers a person's choice.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.engine.vocabulary import Side
from syncapp.selectors import columns
from syncapp.services import defaults, drafts, needs

LONGEST = 60
_OWN = {column.key: column for column in columns.OWN}


def offered(*, config: models.SyncConfig | None) -> list[columns.Column]:
    """List every column that a list can have: our own, then those of HubSpot's and of QuickBooks' fields."""
    found = list(columns.OWN)
    if config is None:
        return found
    needed_by, known = needs.of_several(connection_ids=[config.left_id, config.right_id]), drafts.Draft(config=config).known
    for side, connection_id, kind in _ends(config):
        held: dict[str, frozenset[str]] = {}
        needed = needed_by[connection_id]
        for field in sorted(known[side].values(), key=lambda one: (one.associated_kind, one.label, one.name)):
            owner = field.associated_kind or kind
            if owner not in held:
                held[owner] = frozenset(needed.wanted(kind=owner).fields)
            if _inner(field) in held[owner]:
                found.append(columns.of_field(side=side, field=field))
    return found


def chosen(*, keys: Iterable[str], config: models.SyncConfig | None) -> list[columns.Column]:
    """Turn stored names into columns, in their order; what no longer exists is left out. One query where there are fields."""
    wished = [one for one in dict.fromkeys(keys) if isinstance(one, str) and "\0" not in one][:LONGEST]
    fields = _fields(wished, config) if config is not None else {}
    found = [_OWN.get(one) or fields.get(one) for one in wished]
    return [column for column in found if column is not None] or [_OWN[one] for one in columns.DEFAULT]


def mapped(*, chosen: Sequence[columns.Column], config: models.SyncConfig | None) -> tuple[list[columns.Column], list[columns.Column]]:
    """Part columns into those that who may not change a sync may take away in a file, and the fields that no mapping has."""
    if config is None or not any(column.field is not None for column in chosen):
        return list(chosen), []
    ends = models.FieldMapping.objects.filter(config=config).values_list("left_field", "right_field")
    known = {pk for pair in ends for pk in pair}
    kept = [column for column in chosen if column.field is None or column.field.pk in known]
    return kept, [column for column in chosen if column not in kept]


def remembered(*, user: AbstractBaseUser, config: models.SyncConfig | None, usual: Sequence[str] = columns.DEFAULT) -> list[str]:
    """Tell which columns a person chose last for a sync, or for the list of all; the usual ones where none were chosen."""
    found = models.SavedView.objects.filter(owner_id=user.pk, name="", config=config).values_list("columns", flat=True).first()
    return list(found or usual)


def _fields(keys: Iterable[str], config: models.SyncConfig) -> dict[str, columns.Column]:
    names = [name for side, colon, name in (one.partition(":") for one in keys) if colon]
    if not names:
        return {}
    ends = {(connection_id, kind): side for side, connection_id, kind in _ends(config)}
    found = models.VendorField.objects.filter(connection__in=[config.left_id, config.right_id], name__in=names)
    made = [columns.of_field(side=ends[at], field=field) for field in found if (at := (field.connection_id, field.kind)) in ends]
    return {column.key: column for column in made}


def _ends(config: models.SyncConfig) -> tuple[tuple[Side, int, str], tuple[Side, int, str]]:
    kinds = defaults.of(config.object_pair)
    return (Side.LEFT, config.left_id, kinds.left_kind), (Side.RIGHT, config.right_id, kinds.right_kind)


def _inner(field: models.VendorField) -> str:
    return field.name.removeprefix(f"{field.associated_kind}.") if field.associated_kind else field.name
