"""What runs inside a measured process: set an installation up, sync once, or make calls from three processes.

Owns the use of our own program. Run as `python -m tests.benchmarks.installation` in the environment that `databases` makes, it loads the
application and waits for what `processes` asks it; each measurement has a process of its own.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.benchmarks import clients, knocking, large, memory, processes, vendors, walking

PROCESSES = 3
START_SECONDS = 60
NO_LIMIT = {name: 10_000_000 for name in ("search", "burst", "batch", "second", "minute", "month")}


def prepare(
    *, minted: Mapping[str, Mapping[str, Any]], limits: Mapping[str, Mapping[str, float]], ahead_seconds: float = 0,
    name: str = "Everybody",
) -> dict[str, Any]:
    """Make the tables, connect both accounts, and set up a sync of everything between them."""
    from django.contrib.auth.models import User
    from django.core.management import call_command

    from syncapp import models
    from syncapp.engine import vocabulary
    from syncapp.services import configs

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    now = datetime.now(UTC) + timedelta(seconds=ahead_seconds)
    person = User.objects.filter(username="benchmark").first() or User.objects.create_superuser("benchmark", "benchmark@example.com")
    left = _connected(vocabulary.System.HUBSPOT, minted[vendors.HUBSPOT], limits=limits[vendors.HUBSPOT], now=now)
    right = _connected(vocabulary.System.QUICKBOOKS, minted[vendors.QUICKBOOKS], limits=limits[vendors.QUICKBOOKS], now=now)
    config = configs.create(
        name=name, left=left, right=right, object_pair=vocabulary.ObjectPair.CONTACT_CUSTOMER, actor=person, now=now
    )
    config.filter_groups.all().delete()
    models.SyncConfig.objects.filter(pk=config.pk).update(name_policy=vocabulary.NamePolicy.SUFFIX)
    config.refresh_from_db()
    configs.save_rules(config=config, actor=person, now=now)
    models.SyncRun.objects.all().delete()
    return {"config": config.pk, vendors.HUBSPOT: left.pk, vendors.QUICKBOOKS: right.pk}


def _connected(system: Any, app: Mapping[str, Any], *, limits: Mapping[str, float], now: datetime) -> Any:
    from integrations.oauth import TokenSet
    from syncapp import models
    from syncapp.engine import vocabulary
    from syncapp.services import credentials, fields

    connection = models.Connection.objects.create(
        system=system,
        environment=vocabulary.Environment.LOCAL_SANDBOX,
        external_id=str(app.get("portal_id") or app["realm_id"]),
        name=system.label,
        status=vocabulary.ConnectionStatus.CONNECTED,
        limits=dict(limits),
    )
    tokens = TokenSet(access_token=app["access_token"], refresh_token=app["refresh_token"], expires_in=app["expires_in"])
    credentials.store(connection=connection, tokens=tokens, client_id=app["client_id"], now=now)
    fields.refresh(connection=connection, now=now)
    return connection


def activate(*, config: int) -> dict[str, Any]:
    """Let events ask for runs of a sync, which is not due by itself for a day."""
    from django.utils import timezone

    from syncapp import models

    tomorrow = timezone.now() + timedelta(days=1)
    models.SyncConfig.objects.filter(pk=config).update(active=True, interval_minutes=1440, next_due_at=tomorrow)
    return {}


def establish(
    *, minted: Mapping[str, Mapping[str, Any]], limits: Mapping[str, Mapping[str, float]], ahead_seconds: float = 0,
    apart_seconds: float = 0, pairs: int = 0,
) -> dict[str, Any]:
    """Set a sync up and run it twice, since the second run reads once more what the first one wrote; then copy its pairs up to a number.

    Before each run both clocks, ours and the sandbox's, go on by `apart_seconds`.
    """
    made = prepare(minted=minted, limits=limits, ahead_seconds=ahead_seconds)
    for number in (1, 2):
        vendors.known().advance(apart_seconds)
        run = sync(config=made["config"], ahead_seconds=ahead_seconds + number * apart_seconds)
        if run["state"] != "SUCCEEDED":
            raise RuntimeError(f"The run ended as {run['state']}: {run['words']}")
    if pairs:
        large.fill(config=made["config"], pairs=pairs)
    return made


def sync(*, config: int, ahead_seconds: float) -> dict[str, Any]:
    """Run the sync once and tell its time, processor time, memory and result. Our clock is ahead by some seconds."""
    from django.contrib.auth.models import User
    from django.db.models import Count

    from syncapp import models
    from syncapp.engine import vocabulary
    from syncapp.services import lane, ports, runs

    ahead = timedelta(seconds=ahead_seconds)
    outside = dataclasses.replace(ports.REAL, now=lambda: datetime.now(UTC) + ahead)
    wanted = models.SyncConfig.objects.select_related("left", "right").get(pk=config)
    run = runs.start(
        config=wanted,
        kind=vocabulary.RunKind.DELTA,
        trigger=vocabulary.RunTrigger.HAND,
        now=outside.now(),
        actor=User.objects.get(),
        release_brakes=True,
        confirmed_by=User.objects.get(),
        enqueue=False,
    )
    began = time.time()
    idle, wall, processor = memory.now(), time.perf_counter(), time.process_time()
    done = lane.to_the_end(run_id=run.pk, ports=outside)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    states = models.RecordPair.objects.values_list("state").order_by().annotate(number=Count("pk"))
    found = {"wall": wall, "processor": processor, "idle_mib": idle, "peak_mib": memory.most(), "pairs": dict(states)}
    return found | {"state": done.state, "words": done.words, "began": began, "ended": began + wall}


def crowd(*, connection: int, seconds: float) -> dict[str, Any]:
    """Let three processes call one account, each as fast as the limits allow, for some seconds."""
    from django.db import connections

    apart = multiprocessing.get_context("fork")
    start = apart.Barrier(PROCESSES)
    connections.close_all()
    workers = [apart.Process(target=_call_often, args=(connection, seconds, start)) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    codes = [worker.exitcode for worker in workers]
    if any(codes):
        raise RuntimeError(f"The processes ended with {codes}.")
    return {}


def _call_often(connection: int, seconds: float, start: Barrier) -> None:
    from syncapp import models
    from syncapp.services import connections

    connector = connections.connector(connection=models.Connection.objects.get(pk=connection))
    start.wait(timeout=START_SECONDS)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connector.account()


WORKS: dict[str, Callable[..., dict[str, Any]]] = {
    "prepare": prepare, "establish": establish, "activate": activate, "sync": sync, "crowd": crowd, "edit_mapping": large.edit_mapping,
    "pages": large.pages, "walk": walking.walk, "export": large.export, "read": clients.read, "read_by_library": clients.read_by_library,
    "read_by_requests": clients.read_by_requests, "knock": knocking.knock,
}


def main() -> None:
    """Load the application, and do what is asked for."""
    import django

    django.setup()
    processes.serve(WORKS, environment=os.environ)


if __name__ == "__main__":
    main()
