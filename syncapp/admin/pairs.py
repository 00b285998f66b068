"""Record pairs: the work lists, and the page on which two records stand beside each other with everything that was done to them."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from unfold.decorators import action, display

from syncapp import models
from syncapp.admin import base, pair_doors
from syncapp.engine.vocabulary import Direction, PairState, Standing
from syncapp.selectors import comparisons, links, payments, reasons, standings, timelines, words
from syncapp.services import forbidden, pairs

BADGES = {
    Standing.IN_SYNC.label: "success", Standing.EXCLUDED.label: "default", Standing.FAILING.label: "danger",
    Standing.NEEDS_YOU.label: "warning", Standing.WAITING.label: "info",
}


class StandingFilter(admin.SimpleListFilter):
    """The five words operators see."""

    title = "standing"
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every word."""
        return Standing.choices()

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> QuerySet[models.RecordPair]:
        """The pairs that stand there."""
        return standings.narrowed(queryset, self.value() or "") if self.value() in set(Standing) else queryset


class CauseFilter(admin.SimpleListFilter):
    """The vendor's code behind a failure; chosen from the groups above the list."""

    title = "error code"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Only the one that was chosen: the groups above the list offer the others."""
        return [(request.GET["code"], request.GET["code"])] if request.GET.get("code") else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> QuerySet[models.RecordPair]:
        """The pairs with that code."""
        return queryset.filter(detail__code=self.value()) if self.value() else queryset


@admin.register(models.RecordPair)
class PairAdmin(base.ReadOnlyAdmin):
    """Every record of every sync, with or without a partner."""

    list_display = ["standing", "left_name", "right_name", "why", "sync", "in_sync"]
    list_display_links = ["left_name", "right_name"]
    list_filter = [StandingFilter, "config", "state", "reason", CauseFilter]
    list_select_related = ["config", "left", "right"]
    search_fields = ["left__label", "left__external_id", "right__label", "right__external_id"]
    search_help_text = "Name or id on either side"
    list_before_template = "syncapp/pair_groups.html"
    page_template = "syncapp/pair.html"
    actions = ("retry_selected", "exclude_selected", "include_selected")
    ordering = ("-pk",)
    show_full_result_count = False
    doors = pair_doors.DOORS

    def get_urls(self) -> list[URLPattern]:
        """The button that retries a whole group."""
        retry = self.admin_site.admin_view(pair_doors.retry_group)
        return [path("retry-group/", retry, name="syncapp_recordpair_retry_group"), *super().get_urls()]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide about pairs; Django asks this for the actions."""
        return request.user.has_perm(pair_doors.DECIDE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its word's name; failing pairs grouped by their cause above it."""
        context: dict[str, Any] = {**(extra_context or {})}
        word = request.GET.get("standing", "")
        if word in set(Standing):
            context |= {"title": Standing(word).label, "meaning": standings.MEANINGS[Standing(word)]}
        if word == Standing.FAILING and self.has_view_permission(request):
            failing = standings.narrowed(models.RecordPair.objects.all(), word)
            context |= {"groups": reasons.groups(pairs=failing), "may_decide": self.has_decide_permission(request)}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.RecordPair]:
        """With what every page shows of a pair."""
        found: QuerySet[models.RecordPair] = super().get_queryset(request)
        return found.select_related("config", "config__left", "config__right", "left", "right")

    def page_context(self, request: HttpRequest, subject: models.RecordPair) -> dict[str, Any]:
        """Both records, why they are where they are, what is to be decided, and what was done."""
        mappings = list(subject.config.mappings.select_related("left_field", "right_field").prefetch_related("transforms"))
        still_open, decided = timelines.conflicts(pair=subject)
        may_take = forbidden.may_take(pair=subject)
        return {
            "ends": [(end, pair_doors.vendor_url(end)) for end in comparisons.ends(pair=subject)],
            "lines": comparisons.lines(pair=subject, mappings=mappings), "standing": subject.standing,
            "color": standings.COLORS[subject.standing], "state": PairState(subject.state).label,
            "why": reasons.explain(pair=subject), "still_open": [] if may_take else still_open, "decided": decided,
            "timeline": timelines.of(pair=subject, mappings=mappings), "direction": Direction(subject.config.direction).label,
            "may_decide": request.user.has_perm(pair_doors.DECIDE), "may_run": request.user.has_perm(pair_doors.RUN),
            "full": subject.left_id is not None and subject.right_id is not None, "synced": words.moment(subject.synced_at),
            "hints": links.waiting(pair=subject), "unclear": subject.state == PairState.AMBIGUOUS,
            "merged": subject.state == PairState.MERGE_HOLD, "may_take": may_take,
            "may_restore": forbidden.may_restore(pair=subject),
            "payments": payments.of(pair=subject),
        }

    @action(description="Retry the selected pairs", permissions=["decide"])
    def retry_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Look at them again in the next run."""
        for pair in queryset:
            pairs.retry(pair=pair)
        self.message_user(request, f"{len(queryset)} pairs are looked at again in the next run.")

    @action(description="Exclude the selected pairs", permissions=["decide"])
    def exclude_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Leave them out."""
        for pair in queryset:
            pairs.exclude(pair=pair, excluded=True, now=timezone.now())
        self.message_user(request, f"{len(queryset)} pairs are excluded from the next run on.")

    @action(description="Include the selected pairs again", permissions=["decide"])
    def include_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Take them in again."""
        for pair in queryset:
            pairs.exclude(pair=pair, excluded=False, now=timezone.now())
        self.message_user(request, f"{len(queryset)} pairs are taken in again by the next run.")

    @display(description="standing", ordering="state", label=BADGES)
    def standing(self, pair: models.RecordPair) -> str:
        """The word."""
        return pair.standing.label

    @display(description="HubSpot record", ordering="left__label")
    def left_name(self, pair: models.RecordPair) -> str:
        """The left record's name."""
        return str(pair.left) if pair.left else "none yet"

    @display(description="QuickBooks record", ordering="right__label")
    def right_name(self, pair: models.RecordPair) -> str:
        """The right record's name."""
        return str(pair.right) if pair.right else "none yet"

    @display(description="why", ordering="reason")
    def why(self, pair: models.RecordPair) -> str:
        """The reason in one line."""
        return reasons.short(pair=pair)

    @display(description="sync", ordering="config__name")
    def sync(self, pair: models.RecordPair) -> str:
        """Of which sync."""
        return str(pair.config)

    @display(description="last in sync", ordering="synced_at")
    def in_sync(self, pair: models.RecordPair) -> str:
        """When both sides last agreed."""
        return words.moment(pair.synced_at)
