"""The buttons that export what a list shows, whatever it lists.

Owns the way from such a button to an export. What a list holds and who may have it is the business of the services.
"""
from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from syncapp import models
from syncapp.admin import doors
from syncapp.engine.vocabulary import ExportContent, ExportFormat
from syncapp.engine.wording import say
from syncapp.services import exports

EXPORT = "syncapp.export_recordpair"


def formats(request: HttpRequest, content: ExportContent) -> list[tuple[str, str]]:
    """The formats that a list is offered in to this person; none where that person may not export it."""
    return ExportFormat.choices() if exports.may_export(doors.person(request), content) else []


def made(
    request: HttpRequest, *, content: ExportContent, query: str, name: str, columns: Sequence[str] = (),
    config: models.SyncConfig | None = None,
) -> models.ExportFile:
    """Have a list exported in the format that was chosen. Raises ExportRefused."""
    wished = request.POST.get("format", "")
    if wished not in set(ExportFormat):
        raise exports.ExportRefused(say("Choose a file format."))
    return exports.ask(
        owner=doors.person(request), content=content, format=ExportFormat(wished), query=query, name=name, columns=columns, config=config
    )


def answered(
    request: HttpRequest, *, content: ExportContent, query: str, name: str, back: str, columns: Sequence[str] = (),
    config: models.SyncConfig | None = None,
) -> HttpResponse:
    """Lead to the export, or back to the list with the reason why there is none."""
    if not request.user.has_perm(EXPORT):
        raise PermissionDenied
    try:
        export = made(request, content=content, query=query, name=name, columns=columns, config=config)
    except exports.ExportRefused as refused:
        messages.error(request, str(refused))
        return redirect(back)
    return redirect(page(export))


def page(export: models.ExportFile) -> str:
    """The page of an export."""
    return reverse("admin:syncapp_exportfile_change", args=[export.pk])
