"""Exports: how far each is, its file, and the button that removes it. A person sees one's own, an administrator all."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, doors, export_doors
from syncapp.engine.vocabulary import ExportContent, ExportFormat, ExportState
from syncapp.engine.wording import figure, later, say
from syncapp.selectors import exports as reading
from syncapp.selectors import words
from syncapp.services import exports


def remove(request: HttpRequest, export: models.ExportFile) -> doors.Said:
    """Remove a file ahead of its time."""
    removed = exports.remove(export=export, now=timezone.now())
    return doors.Said(words=say("The file is removed.") if removed else say("There was no file any more."))


@admin.register(models.ExportFile)
class ExportAdmin(base.ReadOnlyAdmin):
    """Newest first."""

    list_display = ["name", "what", "kind", "number", "standing", "asked", "until", "owner"]
    list_display_links = ["name"]
    list_select_related = ["owner"]
    page_template = "syncapp/export.html"
    nothing = later("Press Export above a list of records, on a run or above the conflicts to make one.")
    doors = (doors.Door(name="remove", permission=export_doors.EXPORT, act=remove),)

    def get_urls(self) -> list[URLPattern]:
        """The file itself, and the address that tells how far it is."""
        open_for = self.admin_site.admin_view
        return [
            path("<int:pk>/download/", open_for(self.download_view), name="syncapp_exportfile_download"),
            path("<int:pk>/progress/", open_for(self.progress_view), name="syncapp_exportfile_progress"),
            *super().get_urls(),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may export."""
        return exports.may_export(doors.person(request)) if request.user.is_authenticated else False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the list."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.ExportFile]:
        """One's own, for an administrator everybody's."""
        found: QuerySet[models.ExportFile] = super().get_queryset(request).select_related("owner", "config")
        return found if doors.person(request).is_superuser else found.filter(owner=request.user.pk)

    def download_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The file, for its owner and administrators alone, asked anew each time."""
        export = self._mine(request, pk)
        file = exports.path_of(export)
        if file is None or not exports.may_have(user=doors.person(request), export=export):
            raise Http404(say("The file was removed."))
        return FileResponse(
            file.open("rb"), as_attachment=True, filename=exports.file_name(export),
            content_type=ExportFormat(export.format).content_type,
        )

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """How far an export is, as JSON."""
        return JsonResponse(reading.progress(export=self._mine(request, pk), now=timezone.now()).as_json())

    def _mine(self, request: HttpRequest, pk: int) -> models.ExportFile:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return get_object_or_404(self.get_queryset(request), pk=pk)

    def page_context(self, request: HttpRequest, subject: models.ExportFile) -> dict[str, Any]:
        """Progress, what was asked for, and the file."""
        held = exports.content_of(subject, now=timezone.now())
        may_have = exports.may_have(user=doors.person(request), export=subject)
        return {
            "title": say("Export of {name}", name=subject.name), "progress": reading.progress(export=subject, now=timezone.now()),
            "what": ExportContent(subject.content).label, "format": ExportFormat(subject.format).label,
            "file": exports.path_of(subject) if may_have else None, "file_name": exports.file_name(subject), "described": held.described,
            "headings": held.headings, "until": words.moment(subject.expires_at), "ready": subject.state == ExportState.READY,
        }

    @display(description=later("holds"), ordering="content")
    def what(self, export: models.ExportFile) -> str:
        """What it holds."""
        return ExportContent(export.content).label

    @display(description=later("format"), ordering="format")
    def kind(self, export: models.ExportFile) -> str:
        """What kind of file."""
        return export.format

    @display(description=later("how many"), ordering="total")
    def number(self, export: models.ExportFile) -> str:
        """How many."""
        return figure(export.total)

    @display(
        description=later("state"), ordering="state",
        label={state.value: {"quiet": "default"}.get(color, color) for state, color in reading.COLORS.items()},
    )
    def standing(self, export: models.ExportFile) -> tuple[str, str]:
        """How far it is."""
        return export.state, ExportState(export.state).label

    @display(description=later("asked for"), ordering="created_at")
    def asked(self, export: models.ExportFile) -> str:
        """When it was asked for."""
        return words.moment(export.created_at)

    @display(description=later("kept until"), ordering="expires_at")
    def until(self, export: models.ExportFile) -> str:
        """When its file is removed."""
        return words.moment(export.expires_at)
