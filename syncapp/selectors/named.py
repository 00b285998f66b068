"""Values by what people call them: other records by their names, choices by their labels, money with its currency.

Owns that translation for pages. Reads the mirror only.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import FieldType
from syncapp.selectors import discretion, words

Called = Mapping[tuple[str, str], str]
"""What records are called, by kind and id."""


def records(*, pair: models.RecordPair, fields: Sequence[models.VendorField]) -> Called:
    """Look up what the records are called that a pair's fields name, by one query."""
    return many(records=[record for record in (pair.left, pair.right) if record is not None], fields=fields)


def many(*, records: Sequence[models.Record], fields: Sequence[models.VendorField]) -> Called:
    """Look up what the records are called that the fields of many others name, by one query where there are such fields."""
    ids: dict[tuple[int, str], set[str]] = defaultdict(set)
    for field in fields:
        if field.type == FieldType.REFERENCE:
            for record in records:
                if field.connection_id == record.connection_id:
                    ids[record.connection_id, field.refers_to] |= set(_ids(record.values.get(field.name)))
    wished = Q(pk__in=[])
    for (connection_id, kind), found in ids.items():
        wished |= Q(connection_id=connection_id, kind=kind, external_id__in=found)
    if not ids:
        return {}
    known = models.Record.objects.filter(wished).exclude(label="")
    return {(kind, external_id): label for kind, external_id, label in known.values_list("kind", "external_id", "label")}


def shown(*, field: models.VendorField, value: object, called: Called) -> str:
    """Write a field's value as a person reads it, or the mask where this person may not."""
    if discretion.hides(field) and value not in (None, "", []):
        return masking.MASK
    if field.type == FieldType.REFERENCE:
        names = (f"{called[field.refers_to, one]} ({one})" if (field.refers_to, one) in called else one for one in _ids(value))
        return masking.text(", ".join(names)) or words.NOTHING
    if field.type == FieldType.CHOICE:
        return words.shown(dict((str(code), label) for code, label in field.choices).get(str(value), value))
    if field.type == FieldType.CHOICES and isinstance(value, list):
        labels = dict((str(code), label) for code, label in field.choices)
        return ", ".join(str(labels.get(str(one), one)) for one in value) or words.NOTHING
    told = words.shown(value)
    return f"{told} {field.currency}" if field.currency and value not in (None, "") else told


def _ids(value: object) -> Iterable[str]:
    if isinstance(value, list):
        return map(str, value)
    return [str(value)] if value else []
