"""Add many rows, and save some fields of many that are there.

Owns two statements, each carried out for each row, and PostgreSQL's own way for many new ones: of the many thousands that a run writes,
Django's ways prepare every value several times over. Nothing is read, and a row that is gone stays gone. Call it inside a transaction.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model

_AS_IT_IS: Mapping[str, type] = {
    "CharField": str, "TextField": str, "BooleanField": bool, "ForeignKey": int, "BigIntegerField": int, "PositiveIntegerField": int,
}
"""What a field of a kind keeps as it is given: nothing is to be prepared."""


def save(rows: Sequence[Model], *, fields: Sequence[str]) -> None:
    """Write these fields of each row. Far less is prepared than for an insert that falls back to an update."""
    if rows:
        meta = rows[0]._meta
        key: Any = meta.pk
        kept: list[Any] = [*map(meta.get_field, fields), key]
        known = attrgetter(*(field.attname for field in kept))
        put(rows[0].__class__, fields=fields, rows=map(known, rows))


def put(
    model: type[Model], *, fields: Sequence[str], rows: Iterable[Sequence[Any]], same: Mapping[str, Any] = MappingProxyType({})
) -> None:
    """Write these fields, of each row its values and its key, and beside them some that are the same for all."""
    meta = model._meta
    key: Any = meta.pk
    kept: list[Any] = [meta.get_field(name) for name in (*same, *fields)]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(field.column)} = %s" for field in kept)
    statement = " ".join(("UPDATE", quote(meta.db_table), "SET", places, "WHERE", quote(key.column), "= %s"))
    beside = tuple(same.values())
    if values := _prepared([(*beside, *row) for row in rows], [*kept, key]):
        with connection.cursor() as cursor:
            cursor.executemany(statement, values)


def add(rows: Sequence[Model], *, unless_there: bool = False) -> None:
    """Insert the rows, whose keys the database gives; they are not told. `unless_there` leaves out what a constraint refuses."""
    if not rows:
        return
    meta = rows[0]._meta
    fields: list[Any] = [field for field in meta.concrete_fields if field is not meta.auto_field]
    quote = connection.ops.quote_name
    into = "".join((quote(meta.db_table), " (", ", ".join(quote(field.column) for field in fields), ")"))
    for field in fields:
        if getattr(field, "auto_now_add", False):
            for row in rows:
                field.pre_save(row, add=True)
    values = _values(rows, fields)
    if connection.vendor == "postgresql" and not unless_there:
        _copy(into=into, values=values)
    else:
        ending = " ON CONFLICT DO NOTHING" if unless_there else ""
        places = ", ".join(["%s"] * len(fields))
        with connection.cursor() as cursor:
            cursor.executemany("".join(("INSERT INTO ", into, " VALUES (", places, ")", ending)), values)
    for row in rows:
        row._state.adding = False


def _copy(*, into: str, values: Iterable[Sequence[Any]]) -> None:
    """Insert rows in a third of the time of as many statements: https://www.postgresql.org/docs/current/sql-copy.html.

    Django hands the statement on to the driver, but not the driver's errors to its own names for them.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as rows:
        for row in values:
            rows.write_row(row)


def _values(rows: Iterable[Model], fields: Sequence[Any]) -> list[list[Any]]:
    """What the database keeps of each row."""
    return _prepared(map(attrgetter(*(field.attname for field in fields)), rows), fields)


def _prepared(rows: Iterable[Sequence[Any]], fields: Sequence[Any]) -> list[list[Any]]:
    """What the database keeps of each row's values of these fields."""
    here = connections[DEFAULT_DB_ALIAS]  # what `connection` looks up each time that it is asked for something
    ways = [(_AS_IT_IS.get(field.get_internal_type()), partial(field.get_db_prep_save, connection=here)) for field in fields]
    return [
        [value if value is None or value.__class__ is plain else way(value) for value, (plain, way) in zip(row, ways, strict=True)]
        for row in rows
    ]
