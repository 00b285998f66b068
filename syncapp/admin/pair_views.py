"""Edit columns, keep views, ask for an export: the pages and buttons around the list of records."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from syncapp import models
from syncapp.admin import doors, export_doors, pair_lists
from syncapp.engine.vocabulary import ExportContent
from syncapp.engine.wording import say
from syncapp.selectors import columns as column_names
from syncapp.selectors import pair_lists as reading
from syncapp.selectors import views as known
from syncapp.services import columns, views

VIEW_RECORDS = "syncapp.view_recordpair"
PLACE = "place:"
KEPT = tuple(name for name in (*reading.FILTERS, reading.SEARCH) if name != reading.CONFIG)
LIST = "admin:syncapp_recordpair_changelist"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A column on the page where columns are chosen. `place` is "" for one that is not shown."""

    column: column_names.Column
    place: int | str


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """Their addresses."""
    return [
        path("columns/", site.admin_view(_for_viewers(edit)), name="syncapp_recordpair_columns"),
        path("columns/use/", site.admin_view(_pressed(use)), name="syncapp_recordpair_columns_use"),
        path("columns/save/", site.admin_view(_pressed(save)), name="syncapp_recordpair_view_save"),
        path("views/<int:pk>/delete/", site.admin_view(_pressed(delete)), name="syncapp_recordpair_view_delete"),
        path("export/", site.admin_view(_pressed(export)), name="syncapp_recordpair_export"),
    ]


def _for_viewers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def opened(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm(VIEW_RECORDS):
            raise PermissionDenied
        return view(request, **kwargs)

    return opened


def _pressed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A button: pressed, not opened."""
    opened = _for_viewers(view)

    def pressed(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return opened(request, **kwargs) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    return pressed


def edit(request: HttpRequest) -> HttpResponse:
    """The page on which columns are chosen and put in order."""
    now = pair_lists.shown(request)
    places = {column.key: place for place, column in enumerate(now.chosen, start=1)}
    offered = [column for column in columns.offered(config=now.config) if column.key not in places]
    groups: dict[str, list[Offer]] = {}
    for column in offered:
        groups.setdefault(column.group, []).append(Offer(column=column, place=""))
    user = doors.person(request)
    context = {
        **admin.site.each_context(request), "opts": models.RecordPair._meta, "title": say("Edit columns"),
        "shown": now, "groups": groups,
        "chosen": [Offer(column=column, place=places[column.key]) for column in now.chosen], "list_query": request.GET.urlencode(),
        "mine": now.view is not None and views.may_change(user=user, view=now.view),
        "syncs": now.syncs, "described": list(reading.described(pair_lists.asked(request))),
        "formats": export_doors.formats(request, ExportContent.RECORDS),
        "kept": [(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
    }
    return TemplateResponse(request, "syncapp/pair_columns.html", context)


def use(request: HttpRequest) -> HttpResponse:
    """Show these columns from now on."""
    query, now = _asked(request)
    views.remember(user=doors.person(request), config=now.config, keys=_order(request.POST))
    messages.success(request, say("The columns are changed."))
    return redirect(_list(query, now.config))


def save(request: HttpRequest) -> HttpResponse:
    """Keep columns and filters as a view: a new one, or the one that is open."""
    query, now = _asked(request)
    try:
        made = views.save(
            user=doors.person(request), name=request.POST.get("name", ""), shared=bool(request.POST.get("shared")), config=now.config,
            keys=_order(request.POST), query=reading.kept(query), view=now.view if request.POST.get("change") else None,
        )
    except views.ViewRefused as refused:
        messages.error(request, str(refused))
        return redirect(f"{reverse('admin:syncapp_recordpair_columns')}?{query.urlencode()}")
    messages.success(request, say("The view “{name}” is saved.", name=made.name))
    return redirect(_list(query, now.config, view=made))


def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a view."""
    user = doors.person(request)
    view = get_object_or_404(known.offered(user=user), pk=pk)
    try:
        views.delete(user=user, view=view)
        messages.success(request, say("The view “{name}” is deleted. No record was touched.", name=view.name))
    except views.ViewRefused as refused:
        messages.error(request, str(refused))
    return redirect(LIST)


def export(request: HttpRequest) -> HttpResponse:
    """Make a file of what the list shows."""
    query, now = _asked(request)
    return export_doors.answered(
        request, content=ExportContent.RECORDS, query=reading.kept(query), config=now.config, name=now.name,
        columns=[column.key for column in now.chosen], back=_list(query, None, view=now.view),
    )


def _asked(request: HttpRequest) -> tuple[QueryDict, pair_lists.Shown]:
    """The address of the list that a button stands on, and what it shows."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    return query, pair_lists.shown(request, query)


def _order(posted: QueryDict) -> Sequence[str]:
    """The columns with a number, in the order of their numbers."""
    numbered = [(str(posted[name]), name.removeprefix(PLACE)) for name in posted if name.startswith(PLACE)]
    placed = [(int(place), key) for place, key in numbered if place.isdecimal() and len(place) < 6 and int(place)]
    return [key for _, key in sorted(placed, key=lambda one: one[0])]


def _list(query: QueryDict, config: models.SyncConfig | None, *, view: models.SavedView | None = None) -> str:
    """The address of the list with the same filters, of the sync whose fields were chosen."""
    wanted = QueryDict(reading.kept(query), mutable=True)
    if config is not None:
        wanted[reading.CONFIG] = str(config.pk)
    if view is not None:
        wanted[pair_lists.VIEW] = str(view.pk)
    return f"{reverse(LIST)}?{wanted.urlencode()}"
