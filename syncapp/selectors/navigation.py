"""What stands in the sidebar, with how much waits behind each entry.

Owns the order of the pages. Shows a person only what that person may open.
"""
from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.http import HttpRequest
from django.urls import reverse

from syncapp.engine.vocabulary import ConflictStatus, Standing
from syncapp.engine.wording import say
from syncapp.selectors import notices, work_lists

Entry = dict[str, Any]
EXPORT = "syncapp.export_recordpair"
HELD = "held=yes"
PAIRS = "admin:syncapp_recordpair_changelist"
WORK = (
    (work_lists.WorkList.FAILING, "error", "danger"), (work_lists.WorkList.MATCHES, "join_inner", "warning"),
    (work_lists.WorkList.DELETES, "delete_sweep", "warning"), (work_lists.WorkList.MINE, "assignment_ind", "info"),
)
STANDINGS = (
    (Standing.NEEDS_YOU, "front_hand", "warning"), (Standing.WAITING, "hourglass_empty", "info"),
    (Standing.EXCLUDED, "filter_alt_off", "info"),
)


def sidebar(request: HttpRequest, *, now: datetime) -> list[dict[str, Any]]:
    """List the groups of the sidebar with their entries."""
    groups = (
        ("", [_page(request, say("Overview"), "dashboard", "admin:index", "")]),
        (say("Syncs"), list(_syncs(request))),
        (say("Work lists"), list(_work(request, now))),
        (say("Records"), list(_records(request, now))),
        (say("Set-up"), list(_setup(request, now))),
        (say("People"), list(_people(request))),
    )
    return [{"title": title, "items": entries, "separator": bool(title)} for title, entries in groups if entries]


def numbers(request: HttpRequest, *, now: datetime, whole: bool = False) -> work_lists.Numbers:
    """Count what waits, for this person; `whole` counts what is in sync, too. The numbers are asked once a request."""
    known: work_lists.Numbers | None = getattr(request, "work_numbers", None)
    if known is None or (whole and not request.all_counted):  # type: ignore[attr-defined]
        known = work_lists.numbers(user=request.user, now=now, whole=whole)
        request.work_numbers, request.all_counted = known, whole  # type: ignore[attr-defined]
    return known


def sees_notices(request: HttpRequest, *, now: datetime) -> bool:
    """Tell whether this person may open the list of notices: by permission, or because some are addressed to that person."""
    user = request.user
    return user.is_authenticated and (notices.may_see_all(user=user) or bool(numbers(request, now=now).addressed))


def pairs(*, work: work_lists.WorkList) -> str:
    """The address of a work list."""
    return f"{reverse(PAIRS)}?work={work.value}"


def conflicts() -> str:
    """The address of the open conflicts."""
    return f"{reverse('admin:syncapp_conflict_changelist')}?status__exact={ConflictStatus.OPEN.value}"


def runs(query: str) -> str:
    """The address of a list of runs."""
    return f"{reverse('admin:syncapp_syncrun_changelist')}?{query}"


def unknown() -> str:
    """The address of the writes without an answer."""
    return reverse("admin:syncapp_recordpair_unknown")


def _syncs(request: HttpRequest) -> Iterator[Entry]:
    yield _page(request, say("Syncs"), "sync_alt", "admin:syncapp_syncconfig_changelist", "syncapp.view_syncconfig")
    yield _page(request, say("Runs"), "history", "admin:syncapp_syncrun_changelist", "syncapp.view_syncrun", besides=("held",))
    yield _page(request, say("Record pairs"), "link", PAIRS, "syncapp.view_recordpair", besides=("standing", "work", "/unknown/"))
    if exports_permitted(request.user):
        yield _page(request, say("Exports"), "download", "admin:syncapp_exportfile_changelist", EXPORT)
        yield _page(request, say("Scheduled exports"), "event_repeat", "admin:syncapp_exportschedule_changelist", EXPORT)


def _work(request: HttpRequest, now: datetime) -> Iterator[Entry]:
    of_pairs = [_pairs(request, now, *work) for work in WORK] if may(request.user, "syncapp.view_recordpair") else []
    yield from of_pairs[:1]
    if may(request.user, "syncapp.view_conflict"):
        yield _page(
            request, say("Conflicts"), "compare_arrows", "admin:syncapp_conflict_changelist", "syncapp.view_conflict",
            query=f"status__exact={ConflictStatus.OPEN.value}", badge=numbers(request, now=now).open_conflicts, color="warning",
        )
    yield from of_pairs[1:]
    if may(request.user, "syncapp.view_syncrun"):
        yield _page(
            request, say("Brakes to release"), "back_hand", "admin:syncapp_syncrun_changelist", "syncapp.view_syncrun", query=HELD,
            badge=len(numbers(request, now=now).held), color="warning",
        )
    if of_pairs:
        yield _page(
            request, say("Unknown outcomes"), "question_mark", "admin:syncapp_recordpair_unknown", "syncapp.view_recordpair",
            badge=numbers(request, now=now).unknown, color="info",
        )


def _pairs(request: HttpRequest, now: datetime, work: work_lists.WorkList, icon: str, color: str) -> Entry:
    return _page(
        request, work.label, icon, PAIRS, "syncapp.view_recordpair", query=f"work={work.value}", badge=numbers(request, now=now).of(work),
        color=color,
    )


def _records(request: HttpRequest, now: datetime) -> Iterator[Entry]:
    if may(request.user, "syncapp.view_recordpair"):
        for standing, icon, color in STANDINGS:
            yield _page(
                request, standing.label, icon, PAIRS, "syncapp.view_recordpair", query=f"standing={standing.value}",
                badge=numbers(request, now=now).standing(standing), color=color,
            )


def _setup(request: HttpRequest, now: datetime) -> Iterator[Entry]:
    connections = "admin:syncapp_connection_changelist"
    yield _page(request, say("Connections"), "cable", connections, "syncapp.view_connection", besides=("/jobs/",))
    if sees_notices(request, now=now):
        yield _page(
            request, say("Notices"), "notifications", "admin:syncapp_notice_changelist", "", badge=numbers(request, now=now).notices,
            color="danger",
        )
    yield _page(request, say("Audit"), "policy", "admin:syncapp_auditentry_changelist", "syncapp.view_auditentry")
    yield _page(request, say("Jobs"), "checklist", "admin:syncapp_connection_jobs", "syncapp.change_connection")


def _people(request: HttpRequest) -> Iterator[Entry]:
    yield _page(request, say("Users"), "person", "admin:auth_user_changelist", "auth.view_user")
    yield _page(request, say("Roles"), "groups", "admin:auth_group_changelist", "auth.view_group")


def _page(
    request: HttpRequest, title: str, icon: str, url_name: str, permission: str, *, query: str = "", badge: int = 0, color: str = "info",
    besides: Sequence[str] = (),
) -> Entry:
    path = reverse(url_name)
    here = request.path == path if path == reverse("admin:index") else request.path.startswith(path)
    wanted = dict(part.split("=") for part in query.split("&") if part)
    active = here and all(request.GET.get(name) == value for name, value in wanted.items()) and not any(
        one in request.GET or one in request.path for one in besides
    )
    return {
        "title": title, "icon": icon, "link": f"{path}?{query}" if query else path, "active": active,
        "has_permission": may(request.user, permission), "badge": str(badge) if badge else "", "badge_variant": color,
    }


def account(user: AbstractBaseUser | AnonymousUser) -> list[dict[str, str]]:
    """List the links of a person's own menu."""
    links = [{"title": say("My settings"), "link": reverse("admin:syncapp_personalsettings_changelist")}]
    if isinstance(user, AbstractBaseUser) and user.has_usable_password():
        links.append({"title": say("Change password"), "link": reverse("admin:password_change")})
    return links


def exports_permitted(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Tell whether a person may see the list of exports."""
    return may(user, "syncapp.view_recordpair") and may(user, EXPORT)


def may(user: AbstractBaseUser | AnonymousUser, permission: str) -> bool:
    """Tell whether a person may open a page; "" is open to everybody who is signed in."""
    return not permission or (isinstance(user, PermissionsMixin) and user.has_perm(permission))
