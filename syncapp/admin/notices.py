"""What people have been told, and the buttons that close it."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action, display

from syncapp import models
from syncapp.admin import base, doors
from syncapp.engine.wording import count, later, say
from syncapp.selectors import discretion, words
from syncapp.selectors import notices as reading
from syncapp.services import notices


def close(request: HttpRequest, notice: models.Notice) -> doors.Said:
    """Close a notice."""
    closed = notices.close(subject=notice.subject, now=timezone.now())
    said = say("The notice is closed.") if closed else say("The notice was closed already.")
    return doors.Said(words=said, to=reverse("admin:syncapp_notice_changelist"))


def dismiss(request: HttpRequest, notice: models.Notice) -> doors.Said:
    """Close a notice that is for oneself alone."""
    if notice.user_id != doors.person(request).pk:
        raise PermissionDenied
    return close(request, notice)


class OpenFilter(admin.SimpleListFilter):
    """Which notices the list shows: the open ones unless asked for others."""

    title = later("state")
    parameter_name = "shown"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """What can be asked for beside the open ones."""
        return [("closed", say("Closed")), ("all", say("Open and closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.Notice]) -> QuerySet[models.Notice]:
        """Keep what was asked for."""
        return queryset if self.value() == "all" else queryset.filter(closed_at__isnull=self.value() != "closed")

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """Call the first choice by what it shows."""
        first, *others = super().choices(changelist)
        yield {**first, "display": say("Open")}
        yield from others


@admin.register(models.Notice)
class NoticeAdmin(base.ReadOnlyAdmin):
    """Open notices, urgent ones first; the closed ones by filter."""

    list_display = ["standing", "kind", "said", "told", "closed"]
    list_display_links = ["said"]
    list_filter = [OpenFilter, "kind", "urgent"]
    search_fields = ["words", "subject"]
    date_hierarchy = "created_at"
    actions = ("close_chosen",)
    page_template = "syncapp/notice.html"
    nothing = later("Nobody has to be told of anything. Filters shows the closed ones.")
    doors = (
        doors.Door(name="close", permission="syncapp.change_notice", act=close),
        doors.Door(name="dismiss", permission="", act=dismiss),
    )

    def has_view_permission(self, request: HttpRequest, obj: models.Notice | None = None) -> bool:
        """Beside the permission it is enough that there is something for this person."""
        return reading.has_any(user=request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for the list."""
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.Notice]:
        """Open ones first, urgent ones before others."""
        found: QuerySet[models.Notice] = super().get_queryset(request)
        found = found & reading.visible(user=request.user)
        return found.order_by(F("closed_at").desc(nulls_first=True), "-urgent", "-created_at")

    def has_close_permission(self, request: HttpRequest) -> bool:
        """Django asks this for the action; of those chosen it closes only what this person may."""
        return self.has_view_permission(request)

    @action(description=later("Close the chosen ones"), permissions=["close"])
    def close_chosen(self, request: HttpRequest, queryset: QuerySet[models.Notice]) -> None:
        """Close several at once, as far as this person may."""
        closed = notices.close_all(chosen=queryset, user=doors.person(request), now=timezone.now())
        said = count("{number} notice closed.", "{number} notices closed.", number=closed)
        if not closed:
            left = say("Those that are for everybody are closed by who may change notices, and by themselves once mended.")
            said = f"{said} {left}"
        self.message_user(request, said, messages.SUCCESS if closed else messages.WARNING)

    @display(description="", label={"urgent": "danger", "open": "warning", "closed": "default"})
    def standing(self, notice: models.Notice) -> tuple[str, str]:
        """Whether it still asks for something."""
        if notice.closed_at:
            return "closed", say("Closed")
        return ("urgent", say("Urgent")) if notice.urgent else ("open", say("Open"))

    def get_search_fields(self, request: HttpRequest) -> Any:
        """Who may not see personal values does not find them by searching either."""
        return () if discretion.applies() else super().get_search_fields(request)

    @display(description=later("words"), ordering="words")
    def said(self, notice: models.Notice) -> str:
        """What it says."""
        return str(notice)

    @display(description=later("told"))
    def told(self, notice: models.Notice) -> str:
        """When it was opened."""
        return words.moment(notice.created_at)

    @display(description=later("closed"))
    def closed(self, notice: models.Notice) -> str:
        """When it was closed."""
        return words.moment(notice.closed_at)
