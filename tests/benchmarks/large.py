"""What runs inside a measured process on an installation with many pairs: make them, change a mapping, open pages, export.

Owns how pairs are multiplied: linked ones of a real sync are copied under other ids and keys, so that they are as much in sync as
their model, and no vendor knows them. Absence is never taken for a deletion, so no run minds.
"""

from __future__ import annotations

import copy
import statistics
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import memory

AT_ONCE = 2_000
TRIES = 15
COLUMNS = (
    "standing", "left_name", "right_name", "changed", "why", "in_sync", "left_number", "right_number", "left:email", "left:firstname",
    "left:lastname", "right:DisplayName",
)
"""The columns of the export that is measured."""


def fill(*, config: int, pairs: int) -> dict[str, Any]:
    """Copy the linked pairs of a sync until there are so many pairs."""
    from django.db import connection, transaction

    from syncapp import models

    wanted = models.RecordPair.objects.filter(config=config)
    models_of = list(wanted.filter(state="LINKED", dirty=False).select_related("left", "right").order_by("pk")[:AT_ONCE])
    have = wanted.count()
    while have < pairs:
        some = models_of[: pairs - have]
        with transaction.atomic():
            lefts = models.Record.objects.bulk_create(_copies([pair.left for pair in some], serial=have), batch_size=500)
            rights = models.Record.objects.bulk_create(_copies([pair.right for pair in some], serial=have), batch_size=500)
            models.RecordPair.objects.bulk_create(_pairs(some, lefts, rights), batch_size=500)
        have += len(some)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"pairs": have}


def _copies(rows: Sequence[Any], *, serial: int) -> Iterator[Any]:
    for number, row in enumerate(rows):
        made, tag = copy.copy(row), f"x{serial + number}"
        made.pk, made._state = None, copy.copy(row._state)
        made.external_id = f"{row.external_id}{tag}"
        made.key1, made.key2, made.key3 = (f"{key}{tag}" if key else "" for key in (row.key1, row.key2, row.key3))
        yield made


def _pairs(rows: Sequence[Any], lefts: Sequence[Any], rights: Sequence[Any]) -> Iterator[Any]:
    for row, left, right in zip(rows, lefts, rights, strict=True):
        made = copy.copy(row)
        made.pk, made._state, made.key = None, copy.copy(row._state), uuid.uuid4()
        made.left, made.right = left, right
        yield made


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


def pages(*, config: int, paths: dict[str, str]) -> dict[str, Any]:
    """Open pages of the admin again and again, and tell for each the times in seconds and the queries of the last."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    client = Client()
    client.force_login(User.objects.get())
    found: dict[str, Any] = {}
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, path in paths.items():
            times = []
            for _ in range(TRIES):
                with CaptureQueriesContext(connection) as queries:
                    began = time.perf_counter()
                    answer = client.get(path.format(config=config))
                    times.append(time.perf_counter() - began)
            if answer.status_code != 200:
                raise RuntimeError(f"{name} was answered with {answer.status_code}")
            found[name] = {"p95": statistics.quantiles(times, n=20)[-1], "median": statistics.median(times), "queries": len(queries)}
    return found


def export(*, config: int, format: str, folder: str) -> dict[str, Any]:
    """Write all pairs in twelve columns into a file, and tell its time, memory and size."""
    from django.contrib.auth.models import User

    from syncapp import models
    from syncapp.engine.vocabulary import ExportFormat
    from syncapp.services import exports, views

    wanted = models.SyncConfig.objects.get(pk=config)
    view = views.save(user=User.objects.get(), name=f"All as {format}", shared=False, config=wanted, keys=list(COLUMNS), query="")
    path = Path(folder) / f"all.{format.lower()}"
    idle, began = memory.now(), time.perf_counter()
    written = exports.save_to(path=path, view=view, format=ExportFormat(format), replace=True)
    wall = time.perf_counter() - began
    return {"wall": wall, "idle_mib": idle, "peak_mib": memory.most(), "written": written, "bytes": path.stat().st_size}
