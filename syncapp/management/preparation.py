"""Bring the database, and what lies beside the program, to where this version needs it.

Owns the steps and how to see that they are done. Twice is harmless; on several machines one does it while the others wait.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from syncapp import queue
from syncapp.services import export_places


def prepare(*, tell: Callable[[str], None]) -> None:
    """Bring the database up to date."""
    tell("Bringing the database up to date ...")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    queue.ensure_schedule()
    export_places.announce(now=timezone.now())


def is_done() -> bool:
    """Say whether the database has all that this version needs. One that is ahead of it will do."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        return not pending and settings.CACHES["default"]["LOCATION"] in connection.introspection.table_names()
    except DatabaseError:
        return False


def collect_static_files(*, tell: Callable[[str], None]) -> None:
    """Put the files that browsers load where the web server looks for them, where this set-up wants that."""
    if "Manifest" in settings.STORAGES["staticfiles"]["BACKEND"]:
        tell("Collecting static files ...")
        call_command("collectstatic", interactive=False, verbosity=0)
