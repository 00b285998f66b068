"""Record pairs: the work lists, and the page on which two records stand beside each other with everything that was done to them."""
from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from unfold.decorators import action

from syncapp import models
from syncapp.admin import base, care, pair_columns, pair_doors, pair_lists, pair_views, unknown
from syncapp.engine.vocabulary import Direction, PairState
from syncapp.engine.wording import count, later
from syncapp.selectors import care as reading
from syncapp.selectors import columns, comparisons, discretion, links, partnering, payments, reasons, sheets, standings, timelines, words
from syncapp.services import forbidden, pairs


@admin.register(models.RecordPair)
class PairAdmin(pair_columns.PairColumns, care.CareActions, base.ReadOnlyAdmin):
    """Every record of every sync, with or without a partner."""

    list_display = list(columns.DEFAULT)
    change_list_template = "syncapp/pair_list.html"
    list_before_template = "syncapp/pair_filters.html"
    page_template = "syncapp/pair.html"
    actions = (
        "retry_selected", "snooze_selected", "wake_selected", "assign_selected", "note_selected", "exclude_selected", "include_selected",
    )
    ordering = ("-pk",)
    show_full_result_count = False
    doors = (*pair_doors.DOORS, *care.DOORS)

    def get_urls(self) -> list[URLPattern]:
        """The buttons of a whole cause; columns, views and the export; the writes without an answer."""
        site = self.admin_site
        return [*care.urls(site), *pair_views.urls(site), *unknown.urls(site), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[pair_lists.PairList]:
        """The list with our own filters and columns."""
        return pair_lists.PairList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """The columns that this person chose."""
        return pair_lists.listed(request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """No filter but our own: others could ask for what no column shows."""
        return False

    def get_list_display_links(self, request: HttpRequest, list_display: Any) -> list[Any]:
        """The names lead to the pair, or the first column where neither is shown."""
        return [name for name in ("left_name", "right_name") if name in list_display] or [list_display[0]]

    def get_sortable_by(self, request: HttpRequest) -> tuple[str, ...]:
        """Columns that stand in the table of pairs or beside it."""
        return pair_columns.SORTED

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may decide about pairs; Django asks this for the actions."""
        return request.user.has_perm(pair_doors.DECIDE)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list under its word's name; failing pairs grouped by their cause above it."""
        context = pair_lists.context(request) if self.has_view_permission(request) else {}
        answer: HttpResponse = super().changelist_view(request, {**(extra_context or {}), **context})
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.RecordPair]:
        """With what every page shows of a pair; the list knows the syncs already."""
        found: QuerySet[models.RecordPair] = super().get_queryset(request)
        return sheets.with_records(found)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> models.RecordPair | None:
        """One pair, with what waits to be read again."""
        known = object_id.isascii() and object_id.isdecimal() and len(object_id) <= 18
        found = links.with_hints(pairs=sheets.with_sync(self.get_queryset(request)))
        return found.filter(pk=int(object_id)).first() if known else None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What was done by hand, in words that tell the values that were typed."""
        if not request.user.has_perm(discretion.SEE):
            raise PermissionDenied
        answer: HttpResponse = super().history_view(request, object_id, extra_context)
        return answer

    def page_context(self, request: HttpRequest, subject: models.RecordPair) -> dict[str, Any]:
        """Both records, why they are where they are, what is to be decided, and what was done."""
        mappings = list(subject.config.mappings.select_related("left_field", "right_field").prefetch_related("transforms"))
        still_open, decided = timelines.conflicts(pair=subject)
        ways = forbidden.ways(pair=subject, still_open=[one.conflict for one in still_open], mappings=mappings)
        return {
            "ends": [(end, pair_doors.vendor_url(end)) for end in comparisons.ends(pair=subject)],
            "lines": comparisons.lines(pair=subject, mappings=mappings, contested={one.conflict.key for one in still_open}),
            "standing": subject.standing, "color": standings.COLORS[subject.standing], "state": PairState(subject.state).label,
            "why": reasons.explain(pair=subject, mappings=mappings), "still_open": [] if ways.take else still_open, "decided": decided,
            "timeline": timelines.of(pair=subject, mappings=mappings), "direction": Direction(subject.config.direction).label,
            "may_decide": request.user.has_perm(pair_doors.DECIDE), "may_run": request.user.has_perm(pair_doors.RUN),
            "full": subject.left_id is not None and subject.right_id is not None, "synced": words.moment(subject.synced_at),
            "hints": links.waiting(pair=subject), "unclear": subject.state == PairState.AMBIGUOUS,
            "merged": subject.state == PairState.MERGE_HOLD, "orphaned": subject.state == PairState.ORPHANED,
            "may_take": ways.take, "may_restore": ways.restore,
            "payments": payments.of(pair=subject), "partner": partnering.search(pair=subject, asked=request.GET, mappings=mappings),
            "winner": partnering.winner(config=subject.config),
            "care": reading.of(pair=subject), "failing": subject.state == PairState.FAILED,
            "snoozed": reading.holds(pair=subject, now=timezone.now()),
            "name_url": pair_doors.name_url(request, subject, mappings),
            "people": reading.people() if request.user.has_perm(pair_doors.DECIDE) else [],
        }

    @action(description=later("Exclude the selected pairs"), permissions=["decide"])
    def exclude_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Leave them out."""
        for pair in queryset:
            pairs.exclude(pair=pair, excluded=True, now=timezone.now())
        said = count(
            "{number} pair is excluded from the next run on.", "{number} pairs are excluded from the next run on.", number=len(queryset)
        )
        self.message_user(request, said)

    @action(description=later("Include the selected pairs again"), permissions=["decide"])
    def include_selected(self, request: HttpRequest, queryset: QuerySet[models.RecordPair]) -> None:
        """Take them in again."""
        for pair in queryset:
            pairs.exclude(pair=pair, excluded=False, now=timezone.now())
        said = count(
            "{number} pair is taken in again by the next run.", "{number} pairs are taken in again by the next run.", number=len(queryset)
        )
        self.message_user(request, said)
