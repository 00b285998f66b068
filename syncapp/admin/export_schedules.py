"""Scheduled exports: which view is exported by itself, how often, and what came of it. A person sees one's own, an administrator all."""
from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import audited, base, doors, export_doors
from syncapp.engine.wording import later, say
from syncapp.selectors import export_schedules as reading
from syncapp.selectors import views, words
from syncapp.services import export_schedules

ASKED = ("view", "format", "rhythm", "weekday", "day", "hour", "active")
TOLD = ("owner", "next", "result")
NO_VIEW = later("There is no view yet. Make one first: press Edit columns above the record pairs, and there Save as a new view.")


@admin.register(models.ExportSchedule)
class ScheduleAdmin(audited.Audited, base.PageAdmin):
    """By name."""

    list_display = ["name", "timing", "format", "standing", "next", "result", "owner"]
    list_display_links = ["name"]
    list_select_related = ["owner", "last_export"]
    nothing = later("Save columns and filters of the record pairs as a view, then press + above: its file is made by itself.")
    readonly_fields = TOLD
    conditional_fields = {"weekday": "rhythm == 'WEEKLY'", "day": "rhythm == 'MONTHLY'"}

    def has_view_permission(self, request: HttpRequest, obj: models.ExportSchedule | None = None) -> bool:
        """Who may export; a scheduled one is its owner's and the administrators'."""
        return request.user.is_authenticated and export_schedules.may_change(user=doors.person(request), schedule=obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the list."""
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As for the list."""
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: models.ExportSchedule | None = None) -> bool:
        """Who may see it."""
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: models.ExportSchedule | None = None) -> bool:
        """Who may see it."""
        return self.has_view_permission(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ExportSchedule]:
        """One's own, for an administrator everybody's."""
        found: QuerySet[models.ExportSchedule] = super().get_queryset(request)
        return found if doors.person(request).is_superuser else found.filter(owner=request.user.pk)

    def get_fields(self, request: HttpRequest, obj: models.ExportSchedule | None = None) -> Any:
        """A new one has no owner, no next time and no result yet."""
        return (*ASKED, *TOLD) if obj is not None else ASKED

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The views that the owner may open."""
        if db_field.name == "view":
            kwargs["queryset"] = views.offered(user=self._owner(request))
            kwargs["help_text"] = NO_VIEW if not kwargs["queryset"] else db_field.help_text
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _owner(self, request: HttpRequest) -> Any:
        match = request.resolver_match
        schedule = self.get_object(request, match.kwargs["object_id"]) if match is not None and "object_id" in match.kwargs else None
        return schedule.owner if schedule is not None else request.user

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Its form; what the service does not take is said above it."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except export_schedules.ScheduleRefused as refused:
            messages.error(request, str(refused))
            return redirect(request.get_full_path())
        return answer

    def save_model(self, request: HttpRequest, obj: models.ExportSchedule, form: Any, change: bool) -> None:
        """Keep it; no file is made before its time."""
        export_schedules.save(schedule=obj, actor=doors.person(request), now=timezone.now())

    @display(description=later("made"), ordering="rhythm")
    def timing(self, schedule: models.ExportSchedule) -> str:
        """When it is made."""
        return reading.timing(schedule)

    @display(description="", label={True: "success", False: "default"})
    def standing(self, schedule: models.ExportSchedule) -> tuple[bool, str]:
        """Whether it is made by itself."""
        return schedule.active, say("On") if schedule.active else say("Off")

    @display(description=later("next"), ordering="due_at")
    def next(self, schedule: models.ExportSchedule) -> str:
        """When it is made next."""
        return words.moment(schedule.due_at)

    @display(description=later("last result"))
    def result(self, schedule: models.ExportSchedule) -> str:
        """What came of it last, which leads to the file where there is one."""
        told = reading.result(schedule)
        if schedule.last_words or schedule.last_export is None:
            return told
        linked: str = render_to_string("syncapp/parts/link.html", {"url": export_doors.page(schedule.last_export), "words": told})
        return linked
