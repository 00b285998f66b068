"""The list of records as its address asks for it: filters above the table, the chosen columns, saved views, and the export.

Owns the way from an address to that list. What the filters mean is the business of `selectors.pair_lists`.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from unfold.views import ChangeList

from syncapp import models
from syncapp.admin import doors, export_doors, pair_columns, pair_doors
from syncapp.engine.vocabulary import ExportContent, PairState, Reason, Standing
from syncapp.engine.wording import later, say
from syncapp.selectors import care, causes, decisions, pair_lists, searches, sheets, standings, views, work_lists
from syncapp.selectors import columns as column_names
from syncapp.services import addresses, columns

VIEW = "view"
ANY = [("", later("Any"))]
DECIDED = (work_lists.WorkList.MATCHES, work_lists.WorkList.DELETES)
WHOSE = [(pair_lists.ME, later("Me")), (pair_lists.NOBODY, later("Nobody"))]
REASONS = [choice for one, choice in zip(Reason, Reason.choices(), strict=True) if one.english]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a list shows: which of the syncs' fields, in which columns, by which saved view."""

    syncs: list[models.SyncConfig]
    config: models.SyncConfig | None
    view: models.SavedView | None
    chosen: list[column_names.Column]

    @property
    def name(self) -> str:
        """What an export of it is called."""
        return self.view.name if self.view is not None else self.config.name if self.config is not None else say("All records")


class PairFilters(forms.Form):
    """The filters above the list. Their names stand in its address."""

    q = forms.CharField(label=later("Search"), required=False, help_text=later("Name, id or e-mail address (or other key) on either side."))
    config__id__exact = forms.ChoiceField(label=later("Sync"), required=False, help_text=later("Only the records of one sync."))
    work = forms.ChoiceField(
        label=later("Work list"), required=False, choices=ANY + work_lists.WorkList.choices(), help_text=later("What waits for a person.")
    )
    standing = forms.ChoiceField(
        label=later("Standing"), required=False, choices=ANY + Standing.choices(), help_text=later("The word that operators see.")
    )
    state__exact = forms.ChoiceField(
        label=later("State"), required=False, choices=ANY + PairState.choices(), help_text=later("Where a pair is in its life.")
    )
    reason__exact = forms.ChoiceField(
        label=later("Cause"), required=False, choices=ANY + REASONS, help_text=later("Why it is where it is.")
    )
    code = forms.CharField(label=later("Error code"), required=False, help_text=later("The vendor's code behind a failure."))
    related = forms.CharField(
        label=later("Associated with"), required=False,
        help_text=later("Name or id of a company, contact, deal or invoice that either record is associated with."),
    )
    assignee = forms.ChoiceField(label=later("Assigned to"), required=False, choices=[], help_text=later("Who looks after it."))
    snoozed = forms.ChoiceField(
        label=later("Snoozed"), required=False, choices=[*ANY, (pair_lists.YES, later("Yes")), (pair_lists.NO, later("No"))],
        help_text=later("Whether its failure is put aside for now."),
    )
    changed_from = forms.DateField(
        label=later("Last change from"), required=False, help_text=later("The first day of the last change, in UTC.")
    )
    changed_to = forms.DateField(label=later("to"), required=False, help_text=later("The last day of the last change, in UTC."))
    synced_from = forms.DateField(
        label=later("Last in sync from"), required=False, help_text=later("The first day both sides last agreed, in UTC.")
    )
    synced_to = forms.DateField(label=later("to"), required=False, help_text=later("The last day both sides last agreed, in UTC."))

    def __init__(self, query: QueryDict, syncs: list[tuple[int, str]], people: list[tuple[int, str]]) -> None:
        super().__init__(initial={name: query.get(name, "") for name in (*pair_lists.FILTERS, pair_lists.SEARCH)}, auto_id="filter_%s")
        for name, choices in ((pair_lists.CONFIG, syncs), (pair_lists.ASSIGNEE, [*WHOSE, *people])):
            self.fields[name].choices = [*ANY, *choices]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.widget.attrs |= {"class": "s-input", "title": field.help_text}
            if isinstance(field, forms.DateField):
                field.widget.input_type = "date"


class PairList(ChangeList):
    """Narrows by our own filters, and fills the columns of a page by a constant number of queries."""

    result_list: Any

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """What is left for Django: nothing it would know."""
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in (*pair_lists.FILTERS, VIEW)}

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[models.RecordPair]:
        """The pairs of the list."""
        found: QuerySet[models.RecordPair] = super().get_queryset(request, exclude_parameters)
        return pair_lists.narrowed(pairs=found, asked=asked(request), now=timezone.now())

    def get_results(self, request: HttpRequest) -> None:
        """A page of them with their cells."""
        super().get_results(request)
        pairs: list[Any] = self._fetched()
        self.result_list = pairs
        chosen = shown(request).chosen
        sheets.give_syncs(pairs=pairs, syncs=shown(request).syncs)
        lines = sheets.lines(pairs=pairs, chosen=chosen, address=addresses.Addresses().of)
        for pair, line in zip(pairs, lines, strict=True):
            pair.cells = dict(zip([column.key for column in chosen], line, strict=True))
        if asked(request).work in DECIDED:
            for pair, decision in zip(pairs, decisions.of(pairs=pairs), strict=True):
                pair.decision, pair.here = decision, request.get_full_path()
                pair.may_decide = request.user.has_perm(pair_doors.DECIDE)

    def _fetched(self) -> list[Any]:
        """The pairs of the page by their keys: joined at once, all pairs of the pages before would be read with their records, too."""
        keys = list(self.result_list.values_list("pk", flat=True))
        found = self.root_queryset.in_bulk(keys)
        return [found[key] for key in keys if key in found]


def asked(request: HttpRequest) -> pair_lists.Asked:
    """Tell what the list at the address of a request is narrowed to."""
    return pair_lists.asked(request.GET, me=request.user.pk)


def shown(request: HttpRequest, query: QueryDict | None = None) -> Shown:
    """Tell what the list at an address shows to this person. An address is asked once a request."""
    if query is None:
        known: Shown | None = getattr(request, "shown_list", None)
        if known is None:
            known = _shown(request, request.GET)
            request.shown_list = known  # type: ignore[attr-defined]
        return known
    return _shown(request, query)


def _shown(request: HttpRequest, query: QueryDict) -> Shown:
    user = doors.person(request)
    view = views.opened(user=user, pk=query.get(VIEW, ""))
    wished = pair_lists.asked(query)
    syncs = views.syncs()
    only = syncs[0].pk if len(syncs) == 1 else None
    at = wished.config if wished.config is not None else view.config_id if view is not None else only
    config = next((one for one in syncs if one.pk == at), None)
    if view is not None and view.config_id not in (None, config.pk if config is not None else None):
        view = None
    usual = column_names.DECIDED if wished.work in DECIDED else column_names.FAILING if wished.work else column_names.DEFAULT
    keys = view.columns if view is not None else columns.remembered(user=user, config=config, usual=usual)
    return Shown(syncs=syncs, config=config, view=view, chosen=columns.chosen(keys=keys, config=config))


def context(request: HttpRequest) -> dict[str, Any]:
    """What stands above the table."""
    now, wished = shown(request), asked(request)
    user = doors.person(request)
    kept = pair_lists.kept(request.GET)
    syncs, people = [(one.pk, one.name) for one in now.syncs], care.people()
    return {
        **_titled(wished), **_grouped(request, wished), "people": people,
        "filters": PairFilters(request.GET, syncs, people), "kept": kept, "shown": now, "narrowed": not wished.nothing,
        "search_hint": searches.explained() if wished.search and searches.is_large() else "",
        "views": list(views.offered(user=user)), "list_query": request.GET.urlencode(),
        "formats": export_doors.formats(request, ExportContent.RECORDS),
    }


def _titled(wished: pair_lists.Asked) -> dict[str, Any]:
    """What the list is called, and what a person does there."""
    if wished.work:
        work = work_lists.WorkList(wished.work)
        return {"title": work.label, "meaning": work_lists.MEANINGS[work], "waits": True}
    if wished.standing:
        standing = Standing(wished.standing)
        return {"title": standing.label, "meaning": standings.MEANINGS[standing]}
    return {}


def _grouped(request: HttpRequest, wished: pair_lists.Asked) -> dict[str, Any]:
    """Failing pairs by their cause, as far as the list shows them."""
    if wished.standing != Standing.FAILING and wished.work != work_lists.WorkList.FAILING:
        return {}
    now = timezone.now()
    failing = standings.narrowed(models.RecordPair.objects.all(), Standing.FAILING)
    found = causes.groups(pairs=pair_lists.narrowed(pairs=failing, asked=wished, now=now), now=now)
    return {"groups": found, "may_decide": request.user.has_perm(pair_doors.DECIDE)}


def listed(request: HttpRequest) -> list[Any]:
    """The columns of the table; on a work list of decisions with the buttons that decide, after why."""
    found = pair_columns.listed(shown(request).chosen)
    place = found.index("why") + 1 if "why" in found else len(found)
    return [*found[:place], "decision", *found[place:]] if asked(request).work in DECIDED else found
