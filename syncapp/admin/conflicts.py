"""The queue of fields that both sides changed: both values, who won and why, and who decides."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action, display

from syncapp import models
from syncapp.admin import base, doors, export_doors, pair_doors
from syncapp.engine.vocabulary import ConflictStatus, ExportContent, Side
from syncapp.engine.wording import count, later, say
from syncapp.selectors import conflict_lists, discretion, words, work_lists
from syncapp.services import conflicts


@admin.register(models.Conflict)
class ConflictAdmin(base.ReadOnlyAdmin):
    """One line a field. A click leads to its pair, where it is decided."""

    list_display = ["field_label", "pair_name", "left_value", "right_value", "standing", "why", "since"]
    list_filter = ["status", "pair__config", "field_label"]
    list_select_related = ["pair", "pair__left", "pair__right"]
    search_fields = conflict_lists.FOUND_BY
    list_before_template = "syncapp/conflict_export.html"
    actions = ("take_left", "take_right")
    show_full_result_count = False

    def get_urls(self) -> list[URLPattern]:
        """The button that exports the list."""
        return [path("export/", self.admin_site.admin_view(self.export_view), name="syncapp_conflict_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, under what a person does there and the button that exports it."""
        context: dict[str, Any] = {
            "title": say("Conflicts"), "meaning": work_lists.CONFLICTS, "waits": True,
            "formats": export_doors.formats(request, ExportContent.CONFLICTS), "export_url": reverse("admin:syncapp_conflict_export"),
            "list_query": conflict_lists.kept(request.GET), **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Make a file of the conflicts that the list shows."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        query = conflict_lists.kept(QueryDict(request.POST.get("query", "")))
        back = f"{reverse('admin:syncapp_conflict_changelist')}?{query}"
        return export_doors.answered(request, content=ExportContent.CONFLICTS, query=query, name=say("Conflicts"), back=back)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[models.Conflict], search_term: str
    ) -> tuple[QuerySet[models.Conflict], bool]:
        """As an export of the list searches."""
        return conflict_lists.searched(conflicts=queryset, words=search_term.replace("\0", "")), False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide; Django asks this for the actions."""
        return request.user.has_perm(pair_doors.DECIDE)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The pair's page has both values, their history and the buttons."""
        conflict = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if conflict is None:
            return redirect("admin:syncapp_conflict_changelist")
        return redirect("admin:syncapp_recordpair_change", conflict.pair_id)

    @action(description=later("Take HubSpot's values"), permissions=["decide"])
    def take_left(self, request: HttpRequest, queryset: QuerySet[models.Conflict]) -> None:
        """Let HubSpot win."""
        self._take(request, queryset, Side.LEFT)

    @action(description=later("Take QuickBooks' values"), permissions=["decide"])
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
        said = count(
            "{side} wins {number} conflict. The next run carries it out.", "{side} wins {number} conflicts. The next run carries it out.",
            number=len(waiting), side=side.label,
        )
        self.message_user(request, said)

    @display(description=later("pair"))
    def pair_name(self, conflict: models.Conflict) -> str:
        """Both names."""
        return str(conflict.pair)

    @display(description=later("HubSpot value"))
    def left_value(self, conflict: models.Conflict) -> str:
        """HubSpot's value."""
        return discretion.shown(words.shown(conflict.left), hidden=discretion.hides_key(conflict.key))

    @display(description=later("QuickBooks value"))
    def right_value(self, conflict: models.Conflict) -> str:
        """QuickBooks' value."""
        return discretion.shown(words.shown(conflict.right), hidden=discretion.hides_key(conflict.key))

    @display(
        description=later("status"), ordering="status",
        label={
            ConflictStatus.OPEN.value: "warning", ConflictStatus.BY_RULE.value: "info", ConflictStatus.BY_PERSON.value: "success",
            ConflictStatus.OUTDATED.value: "info",
        },
    )
    def standing(self, conflict: models.Conflict) -> tuple[str, str]:
        """How far it is."""
        return conflict.status, ConflictStatus(conflict.status).label

    @display(description=later("found"), ordering="created_at")
    def since(self, conflict: models.Conflict) -> str:
        """When it was found."""
        return words.moment(conflict.created_at)
