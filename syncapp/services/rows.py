"""Save some fields of many rows that are there.

Owns one statement, carried out for each row. Nothing is read, and a row that is gone stays gone. Call it inside a transaction.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model


def save(rows: Sequence[Model], *, fields: Sequence[str]) -> None:
    """Write these fields of each row. Far less is prepared than for an insert that falls back to an update."""
    if not rows:
        return
    meta = rows[0]._meta
    key: Any = meta.pk
    kept: list[Any] = [meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(field.column)} = %s" for field in kept)
    statement = " ".join(("UPDATE", quote(meta.db_table), "SET", places, "WHERE", quote(key.column), "= %s"))
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_values(row, [*kept, key]) for row in rows])


def _values(row: Model, fields: Sequence[Any]) -> list[Any]:
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
