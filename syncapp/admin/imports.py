"""Importing a file into a sync: the page on which it is chosen, its template, the preview, and the button that carries it out."""
from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.text import slugify
from unfold.admin import ModelAdmin

from syncapp import models
from syncapp.admin import doors, import_forms
from syncapp.engine.vocabulary import ImportKind, ImportOutcome
from syncapp.engine.wording import say
from syncapp.services import import_files, imports

SYNC, MAPPING = "admin:syncapp_syncconfig_change", "admin:syncapp_fieldmapping_change"
IMPORT = "syncapp.import_syncconfig"
CHANGE = "syncapp.change_syncconfig"
PERMISSIONS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.LINKS: (IMPORT,), ImportKind.EXCLUSIONS: (IMPORT,), ImportKind.MAPPINGS: (IMPORT, CHANGE),
    ImportKind.VALUES: (IMPORT, CHANGE), ImportKind.SETTINGS: (IMPORT, CHANGE),
}
COLORS = {ImportOutcome.WRONG: "danger", ImportOutcome.CHANGE: "success", ImportOutcome.SAME: "quiet"}
SHOWN = 100


def urls(admin: ModelAdmin) -> list[URLPattern]:
    """Their addresses below a sync."""
    pages = (("import", choose), ("import_template", template), ("import_preview", preview))
    routes = {
        "import": ("<int:pk>/import/<str:kind>/", "<int:pk>/import/<str:kind>/<int:mapping>/"),
        "import_template": ("<int:pk>/import/<str:kind>/template/", "<int:pk>/import/<str:kind>/<int:mapping>/template/"),
        "import_preview": ("<int:pk>/imported/<int:draft>/",),
    }
    return [
        path(route, admin.admin_site.admin_view(for_viewers(admin, page)), name=f"syncapp_syncconfig_{name}")
        for name, page in pages for route in routes[name]
    ]


def for_viewers(admin: ModelAdmin, page: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Who may not see the sync does not come here; what else is needed depends on the kind."""

    def opened(request: HttpRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        if not admin.has_view_or_change_permission(request):
            raise PermissionDenied
        config = get_object_or_404(admin.get_queryset(request), pk=pk)
        return page(request, admin=admin, config=config, **kwargs)

    return update_wrapper(opened, page)


def offered(request: HttpRequest, config: models.SyncConfig) -> list[tuple[str, str]]:
    """The imports that a person may do into a sync, with their addresses."""
    kinds = (ImportKind.LINKS, ImportKind.EXCLUSIONS, ImportKind.MAPPINGS)
    return [
        (kind.label, _address(imports.Place(kind=kind, config=config))) for kind in kinds if request.user.has_perms(PERMISSIONS[kind])
    ]


def offered_values(request: HttpRequest, mapping: models.FieldMapping) -> str:
    """The address of the import into the value map of a mapping, "" for those who may not."""
    place = imports.Place(kind=ImportKind.VALUES, config=mapping.config, mapping=mapping)
    return _address(place) if request.user.has_perms(PERMISSIONS[place.kind]) else ""


def choose(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig, kind: str, mapping: int | None = None) -> HttpResponse:
    """The page that explains an import and takes its file."""
    place = _place(request, config, kind, mapping)
    form = import_forms.FileForm(*((request.POST, request.FILES) if request.method == "POST" else ()), kind=place.kind)
    if form.is_valid():
        draft = _kept(request, place, form)
        if draft is not None:
            return redirect("admin:syncapp_syncconfig_import_preview", config.pk, draft.pk)
    return TemplateResponse(request, "syncapp/import.html", {
        **_frame(request, admin, place), "form": form, "about": import_forms.ABOUT[place.kind], "columns": imports.columns(kind=place.kind),
        "template_url": f"{_address(place)}template/", "round_trip": place.kind in (ImportKind.MAPPINGS, ImportKind.VALUES),
    })


def _kept(request: HttpRequest, place: imports.Place, form: import_forms.FileForm) -> models.ImportDraft | None:
    file = form.cleaned_data["file"]
    try:
        if file.size > import_files.MOST_BYTES:
            raise import_files.FileRefused(say("The file is larger than 5 MB. Divide it into several."))
        return imports.keep(
            owner=doors.person(request), place=place, name=file.name, content=file.read(), now=timezone.now(),
            replaces=form.cleaned_data.get("mode") == "replace",
        )
    except import_files.FileRefused as refused:
        form.add_error("file", list(refused.sentences))
    return None


def template(
    request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig, kind: str, mapping: int | None = None
) -> HttpResponseBase:
    """A file to fill in: the headings, and what stands there at present."""
    place = _place(request, config, kind, mapping)
    if not imports.columns(kind=place.kind):
        raise Http404
    name = slugify(f"{config} {place.kind.label} {place.mapping or ''}") or "import"
    file = BytesIO(imports.template(place=place))
    return FileResponse(file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8")


def preview(request: HttpRequest, *, admin: ModelAdmin, config: models.SyncConfig, draft: int) -> HttpResponse:
    """What would come of every line."""
    try:
        found = imports.mine(owner=doors.person(request), config=config, pk=draft, now=timezone.now())
    except imports.ImportRefused as refused:
        messages.error(request, str(refused))
        return redirect(SYNC, config.pk)
    place = _place(request, config, found.kind, found.mapping_id)
    plan = imports.plan(draft=found)
    show = request.GET.get("show", ImportOutcome.WRONG.value if plan.number(ImportOutcome.WRONG) else "")
    lines = [one for one in plan.verdicts if show in ("", one.outcome.value)]
    return TemplateResponse(request, "syncapp/import_preview.html", {
        **_frame(request, admin, place), "draft": found, "plan": plan, "show": show, "total": len(plan.verdicts),
        "counts": [(one, plan.number(one), COLORS[one]) for one in ImportOutcome], "changes": plan.number(ImportOutcome.CHANGE),
        "sheet": Paginator([(one, COLORS[one.outcome]) for one in lines], SHOWN).get_page(request.GET.get("p")),
        "again_url": _address(place), "in_records": place.kind in (ImportKind.LINKS, ImportKind.EXCLUSIONS),
        "whole": place.kind is ImportKind.SETTINGS,
    })


def carry_out(request: HttpRequest, config: models.SyncConfig) -> doors.Said:
    """Do what the preview showed, all of it or nothing."""
    now, chosen = timezone.now(), request.POST.get("draft", "")
    try:
        draft = imports.mine(owner=doors.person(request), config=config, pk=int(chosen) if chosen.isdecimal() else 0, now=now)
    except imports.ImportRefused as refused:
        return doors.Said(words=str(refused), level=messages.ERROR)
    place = _place(request, config, draft.kind, draft.mapping_id)
    try:
        words = imports.carry_out(draft=draft, seen=request.POST.get("seen", ""), actor=doors.person(request), now=now)
    except imports.ImportRefused as refused:
        again = reverse("admin:syncapp_syncconfig_import_preview", args=[config.pk, draft.pk])
        return doors.Said(words=str(refused), level=messages.ERROR, to=again)
    return doors.Said(words=f"{words} {say('Nothing was written at a vendor; the next run goes by it.')}", to=_home(place))


DOORS = (doors.Door(name="carry_out", permission=IMPORT, act=carry_out),)


def _place(request: HttpRequest, config: models.SyncConfig, kind: str, mapping: int | None) -> imports.Place:
    """What a file is for, once it is known that this person may bring one."""
    if kind.upper() not in set(ImportKind):
        raise Http404
    wanted = ImportKind(kind.upper())
    if not request.user.has_perms(PERMISSIONS[wanted]):
        raise PermissionDenied
    if (wanted is ImportKind.VALUES) != (mapping is not None):
        raise Http404
    fields = ("config__left", "config__right", "left_field", "right_field")
    found = get_object_or_404(models.FieldMapping.objects.select_related(*fields), pk=mapping, config=config) if mapping else None
    return imports.Place(kind=wanted, config=config, mapping=found)


def _address(place: imports.Place) -> str:
    """The page of an import."""
    mapping = [] if place.mapping is None else [place.mapping.pk]
    return reverse("admin:syncapp_syncconfig_import", args=[place.config.pk, place.kind.value.lower(), *mapping])


def _home(place: imports.Place) -> str:
    """The page that an import changes."""
    if place.mapping is not None:
        return reverse(MAPPING, args=[place.mapping.pk])
    return reverse(SYNC, args=[place.config.pk]) + ("#mappings" if place.kind is ImportKind.MAPPINGS else "#runs")


def _frame(request: HttpRequest, admin: ModelAdmin, place: imports.Place) -> dict[str, Any]:
    """What both pages show around their own."""
    label = place.kind.label
    title = say("Import: {what}", what=f"{label[0].lower()}{label[1:]}")
    return {
        **admin.admin_site.each_context(request), "opts": admin.opts, "title": title, "original": place.config, "subject": place.config,
        "mapping": place.mapping, "home_url": _home(place),
    }
