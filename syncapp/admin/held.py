"""The list of runs as a work list: those that a brake still holds."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from syncapp import models
from syncapp.engine.wording import later, say
from syncapp.selectors import runs, work_lists


class HeldFilter(admin.SimpleListFilter):
    """Runs that a brake holds until a person releases it, the newest of each sync."""

    title = later("waits for a person")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one choice."""
        return [("yes", say("A brake to release"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.SyncRun]) -> QuerySet[models.SyncRun]:
        """Those runs alone."""
        return queryset.filter(pk__in=runs.held().order_by().values("pk")) if self.value() == "yes" else queryset


def titled(request: HttpRequest) -> dict[str, Any]:
    """What the list is called while it holds only those, and what a person does there."""
    if request.GET.get(HeldFilter.parameter_name) != "yes":
        return {}
    return {"title": say("Brakes to release"), "meaning": work_lists.BRAKES, "waits": True}
