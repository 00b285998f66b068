"""Two questions a load balancer asks: is the process alive, and can it do its work. Answers carry no version, name or count."""

from __future__ import annotations

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

CACHE_TABLE = settings.CACHES["default"]["LOCATION"]


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer that the process is there."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether the database is there and has every table this version needs, the cache's among them.

    The queue is no matter here: pages can be shown without it, and a web server that is taken away brings no queue back.
    """
    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        has_cache = CACHE_TABLE in connection.introspection.table_names()
    except DatabaseError:
        return JsonResponse({"status": "database unreachable"}, status=503)
    if is_behind:
        return JsonResponse({"status": "migrations pending"}, status=503)
    if not has_cache:
        return JsonResponse({"status": "cache table missing"}, status=503)
    return JsonResponse({"status": "ok"})
