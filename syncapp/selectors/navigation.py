"""What stands in the sidebar, with how much waits behind each entry.

Owns the order of the pages. Shows a person only what that person may open.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.http import HttpRequest
from django.urls import reverse

from syncapp.engine.vocabulary import ConflictStatus, Standing
from syncapp.selectors import notices, standings

Entry = dict[str, Any]
EXPORT = "syncapp.export_recordpair"
LISTS = (
    (Standing.NEEDS_YOU, "front_hand", "warning"), (Standing.FAILING, "error", "danger"), (Standing.WAITING, "hourglass_empty", "info"),
    (Standing.EXCLUDED, "filter_alt_off", "info"),
)


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """List the groups of the sidebar with their entries."""
    groups = (
        ("", [_page(request, "Overview", "dashboard", "admin:index", "")]),
        ("Syncs", list(_syncs(request))),
        ("Work lists", list(_work(request))),
        ("Set-up", list(_setup(request))),
        ("People", list(_people(request))),
    )
    return [{"title": title, "items": entries, "separator": bool(title)} for title, entries in groups if entries]


def _syncs(request: HttpRequest) -> Iterator[Entry]:
    yield _page(request, "Syncs", "sync_alt", "admin:syncapp_syncconfig_changelist", "syncapp.view_syncconfig")
    yield _page(request, "Runs", "history", "admin:syncapp_syncrun_changelist", "syncapp.view_syncrun")
    yield _page(request, "Record pairs", "link", "admin:syncapp_recordpair_changelist", "syncapp.view_recordpair", besides="standing")
    if exports_permitted(request.user):
        yield _page(request, "Exports", "download", "admin:syncapp_exportfile_changelist", EXPORT)
        yield _page(request, "Scheduled exports", "event_repeat", "admin:syncapp_exportschedule_changelist", EXPORT)


def _work(request: HttpRequest) -> Iterator[Entry]:
    if may(request.user, "syncapp.view_recordpair"):
        numbers = standings.totals()
        for standing, icon, color in LISTS:
            yield _page(
                request, standing.label, icon, "admin:syncapp_recordpair_changelist", "syncapp.view_recordpair",
                query=f"standing={standing.value}", badge=numbers[standing], color=color,
            )
    if may(request.user, "syncapp.view_conflict"):
        yield _page(
            request, "Conflicts", "compare_arrows", "admin:syncapp_conflict_changelist", "syncapp.view_conflict",
            query=f"status__exact={ConflictStatus.OPEN.value}", badge=standings.open_conflicts(), color="warning",
        )


def _setup(request: HttpRequest) -> Iterator[Entry]:
    yield _page(request, "Connections", "cable", "admin:syncapp_connection_changelist", "syncapp.view_connection")
    if notices.has_any(user=request.user):
        yield _page(
            request, "Notices", "notifications", "admin:syncapp_notice_changelist", "", badge=notices.number_open(user=request.user),
            color="danger",
        )


def _people(request: HttpRequest) -> Iterator[Entry]:
    yield _page(request, "Users", "person", "admin:auth_user_changelist", "auth.view_user")
    yield _page(request, "Roles", "groups", "admin:auth_group_changelist", "auth.view_group")


def _page(
    request: HttpRequest, title: str, icon: str, url_name: str, permission: str, *, query: str = "", badge: int = 0, color: str = "info",
    besides: str = "",
) -> Entry:
    path = reverse(url_name)
    here = request.path == path if path == reverse("admin:index") else request.path.startswith(path)
    wanted = dict(part.split("=") for part in query.split("&") if part)
    active = here and all(request.GET.get(name) == value for name, value in wanted.items()) and not (besides and besides in request.GET)
    return {
        "title": title, "icon": icon, "link": f"{path}?{query}" if query else path, "active": active,
        "has_permission": may(request.user, permission), "badge": str(badge) if badge else "", "badge_variant": color,
    }


def account(user: AbstractBaseUser | AnonymousUser) -> list[dict[str, str]]:
    """List the links of a person's own menu."""
    links = [{"title": "My settings", "link": reverse("admin:syncapp_personalsettings_changelist")}]
    if isinstance(user, AbstractBaseUser) and user.has_usable_password():
        links.append({"title": "Change password", "link": reverse("admin:password_change")})
    return links


def exports_permitted(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person may see the list of exports."""
    return may(user, "syncapp.view_recordpair") and may(user, EXPORT)


def may(user: AbstractBaseUser | AnonymousUser, permission: str) -> bool:
    """Tell whether a person may open a page; "" is open to everybody who is signed in."""
    return not permission or (isinstance(user, PermissionsMixin) and user.has_perm(permission))
