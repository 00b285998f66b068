"""Runs: what each one did or would do, how far the one under way is, and the buttons that approve, release and cancel."""
from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, doors, held
from syncapp.engine.vocabulary import OperationKind, OperationStatus, RunState, RunTrigger, Side
from syncapp.selectors import runs as reading
from syncapp.selectors import words
from syncapp.services import runs

RUN = "syncapp.run_syncconfig"
PER_PAGE = 50
FILTERS: dict[str, set[str]] = {"side": {*Side}, "kind": {*OperationKind}, "status": {*OperationStatus}}


def page(run: models.SyncRun) -> str:
    """Name the page of a run."""
    return reverse("admin:syncapp_syncrun_change", args=[run.pk])


def approve(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Have a preview carried out."""
    made = runs.approve(preview=run, actor=doors.person(request), now=timezone.now())
    return doors.Said(words="Approved. What the preview showed is being carried out; what changed since is planned anew.", to=page(made))


def release(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Let a braked run go on."""
    made = runs.release(braked=run, actor=doors.person(request), now=timezone.now())
    return doors.Said(words="The brake is released for this once, and the sync goes on.", to=page(made))


def cancel(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Stop a run before its next batch."""
    if runs.cancel(run=run, now=timezone.now()):
        return doors.Said(words="Cancelled. What was on its way is settled by the next run.")
    return doors.Said(words="The run was over already.", level=messages.WARNING)


@admin.register(models.SyncRun)
class RunAdmin(base.ReadOnlyAdmin):
    """Newest first."""

    list_display = ["number", "config", "kind", "cause", "standing", "happened", "wrote", "started", "took"]
    list_display_links = ["number"]
    list_filter = ["config", "kind", "state", "trigger", held.HeldFilter]
    list_before_template = "syncapp/list_meaning.html"
    list_select_related = ["config"]
    page_template = "syncapp/run.html"
    doors = (
        doors.Door(name="approve", permission=RUN, act=approve),
        doors.Door(name="release", permission=RUN, act=release),
        doors.Door(name="cancel", permission=RUN, act=cancel),
    )

    def get_urls(self) -> list[URLPattern]:
        """The address the page asks how far the run is."""
        return [
            path("<int:pk>/progress/", self.admin_site.admin_view(self.progress_view), name="syncapp_syncrun_progress"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.SyncRun]:
        """With what every page shows of a run."""
        found: QuerySet[models.SyncRun] = super().get_queryset(request)
        return found.select_related("config", "config__left", "config__right", "actor", "brakes_released_by")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under the name of a work list while it is one."""
        answer: HttpResponse = super().changelist_view(request, {**held.titled(request), **(extra_context or {})})
        return answer

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far a run is, as JSON."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = get_object_or_404(models.SyncRun, pk=pk)
        return JsonResponse(reading.progress(run=run, now=timezone.now()).as_json())

    def page_context(self, request: HttpRequest, subject: models.SyncRun) -> dict[str, Any]:
        """Progress, the summary of the entries, and a page of them."""
        chosen = {name: request.GET[name] for name, known in FILTERS.items() if request.GET.get(name) in known}
        found = reading.entries(run=subject).filter(**chosen).select_related("pair__left", "pair__right").order_by("pk")
        sheet = Paginator(found, PER_PAGE).get_page(request.GET.get("p"))
        named = reading.labels(rules=subject.rules)
        query = request.GET.copy()
        query.pop("p", None)
        return {
            "progress": reading.progress(run=subject, now=timezone.now()), "tallied": reading.tallied(run=subject),
            "approvable": reading.approvable(run=subject), "braked": subject.state == RunState.BRAKED, "chosen": chosen, "sheet": sheet,
            "entries": [reading.entry(operation=operation, named=named) for operation in sheet], "query": query.urlencode(),
            "may_run": request.user.has_perm(RUN),
        }

    @display(description="run", ordering="pk")
    def number(self, run: models.SyncRun) -> str:
        """Its number."""
        return f"#{run.pk}"

    @display(description="started by", ordering="trigger")
    def cause(self, run: models.SyncRun) -> str:
        """What started it."""
        return RunTrigger(run.trigger).label

    @display(
        description="state", ordering="state",
        label={state.label: {"quiet": "default"}.get(reading.COLORS[state], reading.COLORS[state]) for state in RunState},
    )
    def standing(self, run: models.SyncRun) -> str:
        """How it stands."""
        return RunState(run.state).label

    @display(description="what happened")
    def happened(self, run: models.SyncRun) -> str:
        """In words."""
        return run.words or (run.brakes[0] if run.brakes else "")

    @display(description="written")
    def wrote(self, run: models.SyncRun) -> str:
        """How many records it wrote."""
        return str(words.writes(run.counts))

    @display(description="started", ordering="created_at")
    def started(self, run: models.SyncRun) -> str:
        """When it began."""
        return words.moment(run.started_at or run.created_at)

    @display(description="took")
    def took(self, run: models.SyncRun) -> str:
        """How long it took."""
        return reading.took(run=run, now=timezone.now())
