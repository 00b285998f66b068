"""Have PostgreSQL count anew what a run has filled, since it goes about a table by what it last counted there.

Owns when that is, and what is counted: the columns that are searched by, since all others together take ten times as long. PostgreSQL
counts by itself once a minute at most, and in a minute a first run has filled an empty table with ten thousands of rows, each few of
which it then looked for by walking through all. Does nothing on SQLite, where a count would be kept and be wrong for good.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.db.models import Model

from syncapp import models

FEW = 1000
"""Where less was done, no plan is so wrong that it matters."""
_RECORDS = (models.Record, models.RecordPair, models.RecordLink)
_WRITES = (models.RecordPair, models.Operation)
_FILLED: Mapping[tuple[str, ...], tuple[type[Model], ...]] = {
    ("new_left", "new_right"): _RECORDS,
    ("planned",): _WRITES,
    ("created_left", "created_right", "updated_left", "updated_right", "archived_left", "archived_right"): _WRITES,
}
"""By counts of a run, what it fills or moves."""
_SEARCHED: Mapping[type[Model], tuple[str, ...]] = {
    models.Record: ("connection", "kind", "external_id", "key1", "key2", "key3", "state"),
    models.RecordPair: ("config", "left", "right", "state", "dirty", "rules_revision", "excluded_by_hand", "alone", "retry_at"),
    models.RecordLink: ("connection", "from_kind", "from_id", "to_kind", "to_id"),
    models.Operation: ("config", "run", "pair", "side", "kind", "level", "status", "batch", "retry_at"),
}


class Growth:
    """How much a run had done when its tables were last counted. They are counted each time that it has doubled."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, ...], int] = {}

    def look(self, counts: Mapping[str, int]) -> None:
        """Count what has grown that much, by the counts of the run. Waits for nobody who is about to do the same."""
        if connection.vendor != "postgresql":
            return
        due: dict[type[Model], None] = {}
        for names, filled in _FILLED.items():
            number = sum(counts.get(name, 0) for name in names)
            if number >= max(FEW, 2 * self._counted.get(names, 0)):
                self._counted[names] = number
                due.update(dict.fromkeys(filled))
        if due:
            _count(due)


def _count(tables: Iterable[type[Model]]) -> None:
    """https://www.postgresql.org/docs/current/sql-analyze.html."""
    quote = connection.ops.quote_name
    named = []
    for table in tables:
        fields: list[Any] = [table._meta.get_field(name) for name in _SEARCHED[table]]
        named.append(f"{quote(table._meta.db_table)} ({', '.join(quote(field.column) for field in fields)})")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {', '.join(named)}")
