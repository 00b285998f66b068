"""What people have been told, and the button that closes it."""
from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import display

from syncapp import models
from syncapp.admin import base, doors
from syncapp.selectors import notices as reading
from syncapp.selectors import words
from syncapp.services import notices


def close(request: HttpRequest, notice: models.Notice) -> doors.Said:
    """Close a notice."""
    closed = notices.close(subject=notice.subject, now=timezone.now())
    said = "The notice is closed." if closed else "The notice was closed already."
    return doors.Said(words=said, to=reverse("admin:syncapp_notice_changelist"))


def dismiss(request: HttpRequest, notice: models.Notice) -> doors.Said:
    """Close a notice that is for oneself alone."""
    if notice.user_id != doors.person(request).pk:
        raise PermissionDenied
    return close(request, notice)


@admin.register(models.Notice)
class NoticeAdmin(base.ReadOnlyAdmin):
    """Open notices first."""

    list_display = ["standing", "words", "told", "closed"]
    list_display_links = ["words"]
    list_filter = ["urgent", ("closed_at", admin.EmptyFieldListFilter)]
    search_fields = ["words", "subject"]
    page_template = "syncapp/notice.html"
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

    @display(description="", label={"Urgent": "danger", "Open": "warning", "Closed": "default"})
    def standing(self, notice: models.Notice) -> str:
        """Whether it still asks for something."""
        return "Closed" if notice.closed_at else "Urgent" if notice.urgent else "Open"

    @display(description="told")
    def told(self, notice: models.Notice) -> str:
        """When it was opened."""
        return words.moment(notice.created_at)

    @display(description="closed")
    def closed(self, notice: models.Notice) -> str:
        """When it was closed."""
        return words.moment(notice.closed_at)
