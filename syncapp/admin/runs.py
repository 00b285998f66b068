"""Runs: what each one did or would do, how far the one under way is, and the buttons that approve, release and cancel."""
from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, connections, doors, export_doors, held, run_entries
from syncapp.engine.vocabulary import RunKind, RunState, RunTrigger
from syncapp.engine.wording import later, say
from syncapp.selectors import runs as reading
from syncapp.selectors import undos, words
from syncapp.services import confirming, governor, runs, undo

RUN = "syncapp.run_syncconfig"
FIRST = later("You confirmed it. Nothing is written until a second administrator confirms it too.")


def page(run: models.SyncRun) -> str:
    """Name the page of a run."""
    return reverse("admin:syncapp_syncrun_change", args=[run.pk])


def approve(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Have a preview carried out, or an undo."""
    if run.brakes and not request.user.has_perm(confirming.CONFIRM):
        raise PermissionDenied
    made = runs.approve(preview=run, actor=doors.person(request), now=timezone.now())
    if _waits(run, made):
        return doors.Said(words=str(FIRST), level=messages.INFO, to=page(run))
    if run.kind == RunKind.UNDO:
        said = say("Approved. What was shown is being carried out; what changed since is left alone.")
    else:
        said = say("Approved. What was shown is being carried out; what changed since is planned anew.")
    return doors.Said(words=said, to=page(made))


def release(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Let a braked run go on."""
    made = runs.release(braked=run, actor=doors.person(request), now=timezone.now())
    if _waits(run, made):
        return doors.Said(words=str(FIRST), level=messages.INFO, to=page(run))
    return doors.Said(words=say("The brake is released for this once, and the sync goes on."), to=page(made))


def _waits(run: models.SyncRun, made: models.SyncRun) -> bool:
    """Whether a second person has to confirm what this one confirmed."""
    return made.pk == run.pk and not RunState(made.state).active


def take_back(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Plan the undo of a run, to be looked at."""
    made = undo.start(run=run, actor=doors.person(request), now=timezone.now())
    said = say("The undo is being planned. It shows what it would put back; nothing is written until you approve.")
    return doors.Said(words=said, to=page(made))


def cancel(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Stop a run before its next batch."""
    if runs.cancel(run=run, now=timezone.now()):
        return doors.Said(words=say("Cancelled. What was on its way is settled by the next run."))
    return doors.Said(words=say("The run was over already."), level=messages.WARNING)


def _undone(request: HttpRequest, run: models.SyncRun) -> dict[str, Any]:
    """What a run undoes, what undid it, and what was left alone."""
    sheet = undos.page(run=run, number=request.GET.get("left"))
    query = request.GET.copy()
    query.pop("left", None)
    return {
        "undone_by": undos.undone_by(run=run), "left_sheet": sheet, "left_query": query.urlencode(),
        "left_alone": [undos.shown(left=one) for one in sheet or ()],
    }


@admin.register(models.SyncRun)
class RunAdmin(base.ReadOnlyAdmin):
    """Newest first."""

    list_display = ["number", "config", "kind", "cause", "standing", "happened", "wrote", "started", "took"]
    list_display_links = ["number"]
    # No date_hierarchy: it would look at every run there ever was for each page.
    list_filter = ["config", "kind", "state", "trigger", "created_at", held.HeldFilter]
    list_before_template = "syncapp/list_meaning.html"
    list_select_related = ["config"]
    page_template = "syncapp/run.html"
    doors = (
        doors.Door(name="approve", permission=RUN, act=approve),
        doors.Door(name="release", permission=confirming.CONFIRM, act=release),
        doors.Door(name="undo", permission=RUN, act=take_back),
        doors.Door(name="cancel", permission=RUN, act=cancel),
        doors.Door(name="export", permission=export_doors.EXPORT, act=run_entries.export),
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
        people = ("actor", "brakes_released_by", "brakes_confirmed_by", "approved_by")
        return found.select_related("config", "config__left", "config__right", "preview", *people)

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
        """Progress, what the accounts allow, the preview beside the run that carried it out, and the entries."""
        now = timezone.now()
        entries = run_entries.context(request, subject)
        ends = (subject.config.left, subject.config.right)
        return {
            "progress": reading.progress(run=subject, now=now), "approvable": reading.approvable(run=subject),
            "braked": subject.state == RunState.BRAKED, "needs_two": confirming.needs_two(run=subject),
            "may_run": request.user.has_perm(RUN),
            "may_approve": request.user.has_perm(confirming.CONFIRM if subject.brakes else RUN),
            "may_confirm": request.user.has_perm(confirming.CONFIRM),
            "carried_out_by": list(subject.carried_out_by.order_by("pk")),
            "allowed": [
                (end, [connections.budget(one) for one in found])
                for end, found in zip(ends, governor.budgets(connections=ends, now=now), strict=True)
            ],
            **entries, **_undone(request, subject), "undoable": undos.undoable(run=subject, tallied=entries["tallied"]),
        }

    @display(description=later("run"), ordering="pk")
    def number(self, run: models.SyncRun) -> str:
        """Its number."""
        return f"#{run.pk}"

    @display(description=later("started by"), ordering="trigger")
    def cause(self, run: models.SyncRun) -> str:
        """What started it."""
        return RunTrigger(run.trigger).label

    @display(
        description=later("state"), ordering="state",
        label={state.value: {"quiet": "default"}.get(reading.COLORS[state], reading.COLORS[state]) for state in RunState},
    )
    def standing(self, run: models.SyncRun) -> tuple[str, str]:
        """How it stands."""
        return run.state, RunState(run.state).label

    @display(description=later("what happened"))
    def happened(self, run: models.SyncRun) -> str:
        """In words."""
        return run.words or (run.brakes[0] if run.brakes else "")

    @display(description=later("written"))
    def wrote(self, run: models.SyncRun) -> str:
        """How many records it wrote."""
        return str(words.writes(run.counts))

    @display(description=later("started"), ordering="created_at")
    def started(self, run: models.SyncRun) -> str:
        """When it began."""
        return words.moment(run.started_at or run.created_at)

    @display(description=later("took"))
    def took(self, run: models.SyncRun) -> str:
        """How long it took."""
        return reading.took(run=run, now=timezone.now())
