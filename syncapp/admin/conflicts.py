"""The queue of fields that both sides changed: both values, who won and why, and who decides."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.decorators import action, display

from syncapp import models
from syncapp.admin import base, doors, pair_doors
from syncapp.engine.vocabulary import ConflictStatus, Side
from syncapp.selectors import words, work_lists
from syncapp.services import conflicts


@admin.register(models.Conflict)
class ConflictAdmin(base.ReadOnlyAdmin):
    """One line a field. A click leads to its pair, where it is decided."""

    list_display = ["field_label", "pair_name", "left_value", "right_value", "standing", "why", "since"]
    list_filter = ["status", "pair__config", "field_label"]
    list_select_related = ["pair", "pair__left", "pair__right"]
    search_fields = ["field_label", "pair__left__label", "pair__right__label"]
    list_before_template = "syncapp/list_meaning.html"
    actions = ("take_left", "take_right")
    show_full_result_count = False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide; Django asks this for the actions."""
        return request.user.has_perm(pair_doors.DECIDE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list with what a person does there."""
        told = {"title": "Conflicts", "meaning": work_lists.CONFLICTS}
        answer: HttpResponse = super().changelist_view(request, {**told, **(extra_context or {})})
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The pair's page has both values, their history and the buttons."""
        conflict = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if conflict is None:
            return redirect("admin:syncapp_conflict_changelist")
        return redirect("admin:syncapp_recordpair_change", conflict.pair_id)

    @action(description="Take HubSpot's values", permissions=["decide"])
    def take_left(self, request: HttpRequest, queryset: QuerySet[models.Conflict]) -> None:
        """Let HubSpot win."""
        self._take(request, queryset, Side.LEFT)

    @action(description="Take QuickBooks' values", permissions=["decide"])
    def take_right(self, request: HttpRequest, queryset: QuerySet[models.Conflict]) -> None:
        """Let QuickBooks win."""
        self._take(request, queryset, Side.RIGHT)

    def _take(self, request: HttpRequest, queryset: QuerySet[models.Conflict], side: Side) -> None:
        waiting = list(queryset.filter(status=ConflictStatus.OPEN))
        for conflict in waiting:
            try:
                conflicts.take(conflict=conflict, side=side, actor=doors.person(request), now=timezone.now())
            except conflicts.AlreadyDecided as refused:
                self.message_user(request, str(refused), "warning")
        self.message_user(request, f"{side.label} wins {len(waiting)} conflicts. The next run carries it out.")

    @display(description="pair")
    def pair_name(self, conflict: models.Conflict) -> str:
        """Both names."""
        return str(conflict.pair)

    @display(description="HubSpot value")
    def left_value(self, conflict: models.Conflict) -> str:
        """HubSpot's value."""
        return words.shown(conflict.left)

    @display(description="QuickBooks value")
    def right_value(self, conflict: models.Conflict) -> str:
        """QuickBooks' value."""
        return words.shown(conflict.right)

    @display(
        description="status", ordering="status",
        label={
            ConflictStatus.OPEN.label: "warning", ConflictStatus.BY_RULE.label: "info", ConflictStatus.BY_PERSON.label: "success",
            ConflictStatus.OUTDATED.label: "info",
        },
    )
    def standing(self, conflict: models.Conflict) -> str:
        """How far it is."""
        return ConflictStatus(conflict.status).label

    @display(description="found", ordering="created_at")
    def since(self, conflict: models.Conflict) -> str:
        """When it was found."""
        return words.moment(conflict.created_at)
