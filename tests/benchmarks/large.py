"""What runs inside a measured process on an installation with many pairs: make them, change a mapping, open pages, export.

Owns how pairs are multiplied: linked ones of a real sync are copied under other ids and keys, with the entries of what was written for
them, so that they are as much in sync as their model, and no vendor knows them. Absence is never taken for a deletion, so no run minds.
"""

from __future__ import annotations

import math
import re
import statistics
import time
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks import figures, memory

MOST_SHOWN = 600
_OF_THE_LIST = re.compile(r'^SELECT (COUNT\(\*\)|"syncapp_recordpair"."id") AS "\w+" FROM "syncapp_recordpair"')
COPIES_AT_ONCE = 100
_AT_REST = "state = 'LINKED' AND NOT dirty"
COLUMNS = (
    "standing", "left_name", "right_name", "changed", "why", "in_sync", "left_number", "right_number", "left:email", "left:firstname",
    "left:lastname", "right:DisplayName",
)
"""The columns of the export that is measured."""


def fill(*, config: int, pairs: int) -> dict[str, Any]:
    """Copy the linked pairs of a sync until there are so many pairs, by statements that the database carries out by itself."""
    from django.core.management.color import no_style
    from django.db import connection, transaction
    from django.db.models import Max

    from syncapp import models

    linked = models.RecordPair.objects.filter(config=config, state="LINKED", dirty=False)
    have, own = models.RecordPair.objects.filter(config=config).count(), linked.count()
    steps = {one: one.objects.aggregate(most=Max("pk"))["most"] or 0 for one in (models.Record, models.RecordPair, models.Operation)}
    with connection.cursor() as cursor:
        for first in range(1, math.ceil((pairs - have) / own) + 1, COPIES_AT_ONCE):
            numbers = (first, min(first + COPIES_AT_ONCE, math.ceil((pairs - have) / own) + 1))
            with transaction.atomic():
                cursor.execute(_copied(models.Record, steps, ""), numbers)
                cursor.execute(_copied(models.RecordPair, steps, f"AND {_AT_REST}"), numbers)
                entries = f"AND pair_id IN (SELECT id FROM {models.RecordPair._meta.db_table} WHERE {_AT_REST})"
                cursor.execute(_copied(models.Operation, steps, entries), numbers)
        for statement in connection.ops.sequence_reset_sql(no_style(), list(steps)):
            cursor.execute(statement)
    if connection.vendor == "postgresql":
        # As its autovacuum leaves tables some minutes after so many rows came; nothing has SQLite count.
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
    return {"pairs": models.RecordPair.objects.filter(config=config).count(), "entries": models.Operation.objects.count()}


def _copied(model: Any, steps: Mapping[Any, int], which: str) -> str:
    """The statement that copies the rows of a table, once for each number from the first to the second."""
    from django.db import connection

    from syncapp import models

    step = steps[model]
    record_step, pair_step = steps[models.Record], steps[models.RecordPair]
    postgresql = connection.vendor == "postgresql"
    key = "gen_random_uuid()" if postgresql else "lower(hex(randomblob(16)))"
    altered = {
        "id": f"id + number * {step}", "external_id": "external_id || 'x' || number", "key": key,
        "idempotency_key": "replace(gen_random_uuid()::text, '-', '')" if postgresql else key, "pair_id": f"pair_id + number * {pair_step}",
        **{name: f"CASE WHEN {name} = '' THEN '' ELSE {name} || 'x' || number END" for name in ("key1", "key2", "key3")},
        **{name: f"{name} + number * {record_step}" for name in ("left_id", "right_id")},
    }
    columns = [field.column for field in model._meta.concrete_fields]
    quoted = [connection.ops.quote_name(column) for column in columns]
    chosen = [altered.get(column, name) for column, name in zip(columns, quoted, strict=True)]
    return (
        f"WITH RECURSIVE numbers(number) AS (SELECT %s UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < %s)"
        f" INSERT INTO {model._meta.db_table} ({', '.join(quoted)})"
        f" SELECT {', '.join(chosen)} FROM {model._meta.db_table} CROSS JOIN numbers WHERE id <= {step} {which}"
    )


def edit_mapping(*, config: int) -> dict[str, Any]:
    """Change one mapping's conflict rule and save the rules, as the page of mappings does: every pair is due to be planned."""
    from django.contrib.auth.models import User
    from django.utils import timezone

    from syncapp import models
    from syncapp.services import configs

    wanted = models.SyncConfig.objects.select_related("left", "right").get(pk=config)
    mapping = wanted.mappings.filter(active=True).order_by("pk").first()
    mapping.conflict_rule = "LEFT" if mapping.conflict_rule != "LEFT" else "RIGHT"
    mapping.save()
    configs.save_rules(config=wanted, actor=User.objects.get(), now=timezone.now())
    models.SyncRun.objects.filter(state="QUEUED").delete()
    return {"mappings": wanted.mappings.filter(active=True).count()}


def pages(*, config: int, paths: dict[str, str], tries: int) -> dict[str, Any]:
    """Open pages of the admin so many times in a process that loaded the program by a web server's door, and tell for each the times in
    seconds and the queries of the last.
    """
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    import_module(settings.WSGI_APPLICATION.rpartition(".")[0])
    client = Client()
    client.force_login(User.objects.get())
    found: dict[str, Any] = {}
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, path in paths.items():
            times = []
            for _ in range(tries):
                with CaptureQueriesContext(connection) as queries:
                    began = time.perf_counter()
                    answer = client.get(path.format(config=config))
                    times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{name} was answered with {answer.status_code}")
            found[name] = {
                "p95": figures.p95(times), "median": statistics.median(times), "queries": len(queries),
                "plans": _plans(query["sql"] for query in queries.captured_queries),
            }
    return found


def _plans(statements: Iterable[str]) -> list[str]:
    """How the database goes about the queries that count the list and choose its page."""
    from django.db import connection

    words = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    lines: list[str] = []
    for statement in statements:
        if statement.startswith("SELECT") and _OF_THE_LIST.search(statement):
            lines.append(statement if len(statement) < MOST_SHOWN else f"{statement[:MOST_SHOWN]} ...")
            with connection.cursor() as cursor:
                cursor.execute(f"{words} {statement}".replace("%", "%%"), ())
                lines += [f"    {row[-1]}" for row in cursor.fetchall()]
    return lines


def export(*, config: int, format: str, folder: str) -> dict[str, Any]:
    """Write all pairs in twelve columns into a file, and tell its time, processor time, memory and size."""
    from django.contrib.auth.models import User

    from syncapp import models
    from syncapp.engine.vocabulary import ExportFormat
    from syncapp.services import exports, views

    wanted = models.SyncConfig.objects.get(pk=config)
    view = views.save(user=User.objects.get(), name=f"All as {format}", shared=False, config=wanted, keys=list(COLUMNS), query="")
    path = Path(folder) / f"all.{format.lower()}"
    idle, wall, processor = memory.now(), time.perf_counter(), time.process_time()
    written = exports.save_to(path=path, view=view, format=ExportFormat(format), replace=True)
    found = {"wall": time.perf_counter() - wall, "processor": time.process_time() - processor, "idle_mib": idle, "peak_mib": memory.most()}
    return found | {"written": written, "bytes": path.stat().st_size}
