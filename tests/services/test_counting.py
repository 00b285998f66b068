"""PostgreSQL is told to count what has doubled, and knows of it then; SQLite is told nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp import models
from syncapp.services import counting
from tests.services import made

pytestmark = pytest.mark.django_db


def told(growth: counting.Growth, **counts: int) -> list[str]:
    """The tables that are counted at these counts."""
    with CaptureQueriesContext(connection) as queries:
        growth.look(counts)
    statements = [query["sql"] for query in queries.captured_queries]
    assert all(statement.startswith("ANALYZE (SKIP_LOCKED)") for statement in statements)
    return [name for statement in statements for name in ("link", "operation", "pair", "record") if f'{name}" (' in statement]


@pytest.mark.postgresql
class TestWhatHasGrown:
    def test_is_counted_each_time_that_it_doubled(self) -> None:
        growth = counting.Growth()

        assert told(growth, new_left=600, new_right=399) == []
        assert told(growth, new_left=600, new_right=400) == ["link", "pair", "record"]
        assert told(growth, new_left=1999) == []
        assert told(growth, new_left=2000) == ["link", "pair", "record"]

    def test_is_counted_apart_from_the_rest(self) -> None:
        growth = counting.Growth()
        told(growth, new_left=50_000)

        assert told(growth, new_left=50_000, planned=1000) == ["operation", "pair"]
        assert told(growth, new_left=50_000, planned=1000, created_left=500, updated_right=400, archived_left=100) == ["operation", "pair"]
        assert told(growth, new_left=50_000, planned=1000, created_left=500, updated_right=400, archived_left=100) == []

    def test_is_what_postgresql_knows_of_then(self) -> None:
        account = made.hubspot()
        facts: dict[str, Any] = {"connection": account, "kind": "contacts", "observed_at": made.NOW}
        models.Record.objects.bulk_create(models.Record(external_id=str(number), **facts) for number in range(50))

        counting.Growth().look({"new_left": counting.FEW})

        with connection.cursor() as cursor:
            cursor.execute("SELECT attname FROM pg_stats WHERE tablename = 'syncapp_record' AND NOT inherited")
            known = {name for (name,) in cursor.fetchall()}
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'syncapp_record'")
            assert cursor.fetchone() == (50,)
        assert {"external_id", "key1", "connection_id"} <= known
        assert not {"values", "past"} & known


@pytest.mark.sqlite3
class TestSqlite:
    def test_is_told_nothing(self) -> None:
        assert told(counting.Growth(), new_left=1_000_000, planned=1_000_000) == []
