"""Who looks after pairs, what is snoozed, and notes: the buttons of one pair, of a whole cause, and of a selection."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from syncapp import models
from syncapp.admin import doors, pair_doors
from syncapp.engine.vocabulary import Standing
from syncapp.engine.wording import count, later, say
from syncapp.selectors import care as reading
from syncapp.selectors import causes, pair_lists, standings, work_lists
from syncapp.services import care, pairs

LIST = "admin:syncapp_recordpair_changelist"
SPANS = {"day": care.DAY, "week": care.WEEK}
Pairs = Iterable[models.RecordPair]


def retry(request: HttpRequest, chosen: Pairs) -> str:
    """Have pairs looked at again."""
    number = pairs.retry_all(pairs=chosen)
    return count("1 pair looked at again in the next run.", "{number:,} pairs looked at again in the next run.", number=number)


def snooze(request: HttpRequest, chosen: Pairs) -> str:
    """Put failing pairs aside: for a day, a week, or until a day; a day that is filled in counts."""
    now, span, day = timezone.now(), SPANS.get(request.POST.get("until", "")), request.POST.get("day", "")
    until = now + span if span is not None and not day else care.on(day=_day(day))
    number = care.snooze(pairs=chosen, until=until, actor=doors.person(request), now=now)
    return count(
        "1 pair snoozed until {at} UTC, or until the cause changes.",
        "{number:,} pairs snoozed until {at} UTC, or until the cause changes.", number=number, at=f"{until:%Y-%m-%d %H:%M}",
    )


def wake(request: HttpRequest, chosen: Pairs) -> str:
    """End a snooze."""
    number = care.wake(pairs=chosen, actor=doors.person(request), now=timezone.now())
    return count("1 pair back on the work list.", "{number:,} pairs back on the work list.", number=number)


def assign(request: HttpRequest, chosen: Pairs) -> str:
    """Have a person look after pairs, or nobody."""
    wished = request.POST.get("assignee", "")
    found = User.objects.filter(pk=int(wished)).first() if wished.isascii() and wished.isdecimal() and len(wished) <= 18 else None
    if found is None and wished != pair_lists.NOBODY:
        raise care.CareRefused(say("Choose the person who looks after it, or nobody."))
    number = care.assign(pairs=chosen, assignee=found, actor=doors.person(request), now=timezone.now())
    if found is None:
        return count("1 pair assigned to nobody.", "{number:,} pairs assigned to nobody.", number=number)
    return count("1 pair assigned to {who}.", "{number:,} pairs assigned to {who}.", number=number, who=found)


def note(request: HttpRequest, chosen: Pairs) -> str:
    """Write a note on pairs."""
    text = request.POST.get("note", "")
    number = care.note(pairs=chosen, text=text, author=doors.person(request), now=timezone.now())
    if not text.strip():
        return count("The note is taken away from 1 pair.", "The note is taken away from {number:,} pairs.", number=number)
    return count("The note is written on 1 pair.", "The note is written on {number:,} pairs.", number=number)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise care.CareRefused(say("Choose the day until which it is snoozed.")) from error


Verb = Callable[[HttpRequest, Pairs], str]
VERBS: dict[str, Verb] = {"snooze": snooze, "wake": wake, "assign": assign, "note": note}


def _door(name: str, verb: Verb) -> doors.Door:
    def act(request: HttpRequest, pair: models.RecordPair) -> doors.Said:
        return doors.Said(words=verb(request, [pair]))

    act.__doc__ = verb.__doc__
    return doors.Door(name=name, permission=pair_doors.DECIDE, act=act)


def _title(name: str, number: int) -> str:
    """What the page is called that asks for more."""
    titles = {
        "snooze": count("Snooze 1 pair", "Snooze {number:,} pairs", number=number),
        "assign": count("Assign 1 pair", "Assign {number:,} pairs", number=number),
        "note": count("Write a note on 1 pair", "Write a note on {number:,} pairs", number=number),
    }
    return titles[name]


DOORS = tuple(_door(name, verb) for name, verb in VERBS.items())


def urls(site: admin.AdminSite) -> list[URLPattern]:
    """The buttons of a whole cause."""
    return [
        path(f"groups/{name}/", site.admin_view(_of_group(verb)), name=f"syncapp_recordpair_{name}_group")
        for name, verb in {"retry": retry, **VERBS}.items()
    ]


def _of_group(verb: Verb) -> Callable[[HttpRequest], HttpResponse]:
    def pressed(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(pair_doors.DECIDE):
            raise PermissionDenied
        query = pair_lists.kept(QueryDict(request.POST.get("query", ""))) or f"{pair_lists.WORK}={work_lists.WorkList.FAILING.value}"
        try:
            messages.success(request, verb(request, _group(request, query)))
        except doors.REFUSALS as refused:
            messages.error(request, str(refused))
        return redirect(f"{reverse(LIST)}?{query}")

    return pressed


def _group(request: HttpRequest, query: str) -> QuerySet[models.RecordPair]:
    """The pairs of a cause, as far as the list that the button stands on shows them."""
    shown = pair_lists.read(query, me=request.user.pk)
    failing = standings.narrowed(models.RecordPair.objects.all(), Standing.FAILING)
    listed = pair_lists.narrowed(pairs=failing, asked=shown, now=timezone.now())
    cause = {name: request.POST.get(name, "").replace("\0", "") for name in ("reason", "code", "field")}
    return causes.narrowed(pairs=listed, **cause).only("state", "reason", "detail")


class CareActions:
    """What is done with a selection. Each but waking asks for more on a page of its own."""

    message_user: Any
    admin_site: Any
    opts: Any

    @action(description=later("Retry the selected pairs"), permissions=["decide"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Look at them again in the next run."""
        self._told(request, retry, queryset)

    @action(description=later("Snooze the selected pairs"), permissions=["decide"])
    def snooze_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> HttpResponse | None:
        """Put them aside."""
        return self._asked(request, "snooze", queryset)

    @action(description=later("End the snooze of the selected pairs"), permissions=["decide"])
    def wake_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Have them on the work list again."""
        self._told(request, wake, queryset)

    @action(description=later("Assign the selected pairs"), permissions=["decide"])
    def assign_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> HttpResponse | None:
        """Have a person look after them."""
        return self._asked(request, "assign", queryset)

    @action(description=later("Write a note on the selected pairs"), permissions=["decide"])
    def note_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> HttpResponse | None:
        """Note something on them."""
        return self._asked(request, "note", queryset)

    def _asked(self, request: HttpRequest, name: str, queryset: QuerySet[models.RecordPair]) -> HttpResponse | None:
        if "told" in request.POST:
            self._told(request, VERBS[name], queryset)
            return None
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _title(name, queryset.count()), "verb": name,
            "action_name": f"{name}_selected", "selected": request.POST.getlist("_selected_action"),
            "select_across": request.POST.get("select_across", "0"), "people": reading.people(), "list_query": request.GET.urlencode(),
        }
        return TemplateResponse(request, "syncapp/pair_care.html", context)

    def _told(self, request: HttpRequest, verb: Verb, queryset: QuerySet[models.RecordPair]) -> None:
        try:
            self.message_user(request, verb(request, queryset))
        except doors.REFUSALS as refused:
            self.message_user(request, str(refused), "error")
