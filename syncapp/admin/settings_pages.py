"""The settings of a sync as a file: downloading it, comparing with one, the history, and setting up a new sync from one.

Owns these pages; none of them changes a sync that is there. Taking a file over is an import, see `imports`.
"""
from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import slugify
from unfold.admin import ModelAdmin

from syncapp import models
from syncapp.admin import doors, imports, settings_forms
from syncapp.engine.vocabulary import ImportKind
from syncapp.engine.wording import say
from syncapp.selectors import refusals, versions
from syncapp.selectors import syncs as reading
from syncapp.services import configs, drafts, import_files, import_settings, settings_files
from syncapp.services import imports as import_services

ADD = "syncapp.add_syncconfig"
HISTORY = "admin:syncapp_syncconfig_versions"


def urls(admin: ModelAdmin) -> list[URLPattern]:
    """Their addresses below the list of syncs."""
    pages = (
        ("settings_file", "file/", download), ("compare", "compare/", compare), ("versions", "", history),
        ("version", "<int:number>/", version), ("differences", "differences/", differences), ("take_back", "<int:number>/back/", take_back),
    )
    site = admin.admin_site
    return [
        path("from-file/", site.admin_view(lambda request: from_file(request, admin=admin)), name="syncapp_syncconfig_from_file"),
        *(
            path(f"<int:pk>/settings/{route}", site.admin_view(imports.for_viewers(admin, page)), name=f"syncapp_syncconfig_{name}")
            for name, route, page in pages
        ),
    ]


def download(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig) -> HttpResponse:
    """The settings as they are now."""
    return _file(config, settings_files.text(config=config), "")


def version(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig, number: int) -> HttpResponse:
    """The settings as they were."""
    found = get_object_or_404(config.versions, number=number)
    return _file(config, found.content, f"-{number}")


def compare(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig) -> HttpResponse:
    """What a file has that the sync has not, and the other way round. Keeps and changes nothing."""
    form = settings_forms.CompareForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    changes = None
    if form.is_valid():
        try:
            wished = settings_files.read(content=settings_forms.content(form))
            changes = import_settings.compared(config=config, wished=wished)
        except import_files.FileRefused as refused:
            form.add_error("file", list(refused.sentences))
    context = {"form": form, "changes": changes, "may_change": request.user.has_perm(imports.CHANGE)}
    return TemplateResponse(
        request, "syncapp/settings_compare.html", _frame(request, admin, config, say("Compare with a file")) | context
    )


def history(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig) -> HttpResponse:
    """Every version, with what changed."""
    sheet = versions.page(config=config, wanted=request.GET.get("p"))
    found = versions.lines(config=config, versions=list(sheet.object_list), labels=settings_files.labels(draft=drafts.Draft(config=config)))
    newest = sheet.paginator.count
    context = {
        "sheet": sheet, "lines": found, "newest": newest, "may_change": request.user.has_perm(imports.CHANGE),
        "form": settings_forms.VersionsForm(initial={"from": max(newest - 1, 1), "to": newest}) if newest > 1 else None,
    }
    title = say("History of the settings")
    return TemplateResponse(request, "syncapp/settings_history.html", _frame(request, admin, config, title) | context)


def differences(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig) -> HttpResponse:
    """What differs between two versions."""
    form = settings_forms.VersionsForm(request.GET)
    if not form.is_valid():
        messages.error(request, say("Choose two versions by their numbers."))
        return redirect(HISTORY, config.pk)
    before, after = (get_object_or_404(config.versions, number=form.cleaned_data[name]) for name in ("from", "to"))
    try:
        states = [settings_files.read(content=one.content) for one in (before, after)]
    except import_files.FileRefused as refused:
        messages.error(request, str(refused))
        return redirect(HISTORY, config.pk)
    changes = import_settings.changed(config=config, before=states[0], after=states[1])
    title = say("From version {before} to version {after}", before=before.number, after=after.number)
    context = {"changes": changes, "before": before, "after": after}
    return TemplateResponse(request, "syncapp/settings_differences.html", _frame(request, admin, config, title) | context)


def take_back(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig, number: int) -> HttpResponse:
    """Lead to the preview of an earlier version, as if it had been uploaded."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not request.user.has_perm(imports.CHANGE):
        raise PermissionDenied
    found = get_object_or_404(config.versions, number=number)
    place = import_services.Place(kind=ImportKind.SETTINGS, config=config)
    name, content = say("version {number}", number=number), found.content.encode()
    try:
        draft = import_services.keep(owner=doors.person(request), place=place, name=name, content=content, now=timezone.now())
    except import_files.FileRefused as refused:
        messages.error(request, str(refused))
        return redirect(HISTORY, config.pk)
    return redirect("admin:syncapp_syncconfig_import_preview", config.pk, draft.pk)


def from_file(request: HttpRequest, *, admin: ModelAdmin) -> HttpResponse:
    """Set up a new sync from a file. Not in a transaction: it may read an account's fields."""
    if not request.user.has_perm(ADD):
        raise PermissionDenied
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = settings_forms.NewFromFileForm(data, files, initial=reading.only_choices())
    if form.is_valid():
        made = _made(request, form)
        if made is not None:
            admin.log_addition(request, made, say("Set up from a file."))
            messages.success(request, say(
                "{sync} is set up as the file says, and off. Look it over, then press Preview now: it writes nothing.", sync=made
            ))
            return redirect("admin:syncapp_syncconfig_change", made.pk)
    return TemplateResponse(request, "syncapp/sync_from_file.html", {
        **admin.admin_site.each_context(request), "opts": admin.opts, "title": say("Set up a sync from a file"), "form": form,
    })


def _made(request: HttpRequest, form: settings_forms.NewFromFileForm) -> models.SyncConfig | None:
    given = form.cleaned_data
    try:
        return import_settings.create(
            wished=settings_files.read(content=settings_forms.content(form)), left=given["left"], right=given["right"], name=given["name"],
            actor=doors.person(request), now=timezone.now(),
        )
    except import_files.FileRefused as refused:
        form.add_error("file", list(refused.sentences))
    except configs.ConfigRefused as refused:
        form.add_error(None, [problem.words for problem in refused.problems])
    except refusals.VendorTrouble as trouble:
        form.add_error(None, str(trouble))
    return None


def _file(config: models.SyncConfig, text: str, more: str) -> HttpResponse:
    name = slugify(config.name) or "sync"
    headers = {"Content-Disposition": f'attachment; filename="{name}-settings{more}.json"'}
    return HttpResponse(text.encode(), content_type="application/json; charset=utf-8", headers=headers)


def _frame(request: HttpRequest, admin: ModelAdmin, config: models.SyncConfig, title: str) -> dict[str, Any]:
    return {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title, "original": config, "subject": config}
