"""The entries on the page of a run: the filters above them, a page of them, and the button that exports them.

Owns the way from the page's address to its entries. What the filters mean is the business of `selectors.entry_lists`.
"""
from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from syncapp import models
from syncapp.admin import doors, export_doors
from syncapp.engine.vocabulary import ExportContent, OperationKind, OperationStatus, Side
from syncapp.engine.wording import later, say
from syncapp.selectors import entry_lists
from syncapp.selectors import runs as reading

PER_PAGE = 50
ANY = [("", later("Any"))]


class EntryFilters(forms.Form):
    """The filters above the entries. Their names stand in the address of the page."""

    q = forms.CharField(
        label=later("Search"), required=False, help_text=later("Name or id of a record on either side, or a field that was changed.")
    )
    side = forms.ChoiceField(label=later("Written in"), required=False, choices=ANY + Side.choices(), help_text=later("At which vendor."))
    kind = forms.ChoiceField(
        label=later("What"), required=False, choices=ANY + OperationKind.choices(), help_text=later("What is done to the record.")
    )
    status = forms.ChoiceField(
        label=later("Status"), required=False, choices=ANY + OperationStatus.choices(), help_text=later("How far an entry is.")
    )
    error = forms.ChoiceField(
        label=later("Errors"), required=False, choices=[*ANY, (entry_lists.ONLY_ERRORS, later("Only errors"))],
        help_text=later("Only what failed, or what a vendor said something about."),
    )

    def __init__(self, query: QueryDict) -> None:
        super().__init__(initial={name: query.get(name, "") for name in entry_lists.FILTERS}, auto_id="filter_%s")
        for field in self.fields.values():
            field.widget.attrs |= {"class": "s-input", "title": field.help_text}


def context(request: HttpRequest, run: models.SyncRun) -> dict[str, Any]:
    """A page of the entries that the address asks for, and what stands above them."""
    asked = entry_lists.asked(request.GET)
    entries = reading.entries(run=run)
    sheet = Paginator(entry_lists.narrowed(entries=entries, run=run, asked=asked), PER_PAGE).get_page(request.GET.get("p"))
    named = reading.labels(rules=run.rules)
    query = request.GET.copy()
    query.pop("p", None)
    return {
        "sheet": sheet, "entries": [reading.entry(operation=operation, named=named) for operation in sheet],
        "tallied": reading.tallied(entries=entries), "chosen": not asked.nothing, "filters": EntryFilters(request.GET),
        "query": query.urlencode(),
        "kept": entry_lists.kept(run=run, query=request.GET), "formats": export_doors.formats(request, ExportContent.ENTRIES),
        "export_url": reverse("admin:syncapp_syncrun_export", args=[run.pk]),
    }


def export(request: HttpRequest, run: models.SyncRun) -> doors.Said:
    """Make a file of the entries that the page shows."""
    query = entry_lists.kept(run=run, query=QueryDict(request.POST.get("query", "")))
    made = export_doors.made(request, content=ExportContent.ENTRIES, query=query, name=str(run), config=run.config)
    return doors.Said(words=say("The export of these entries was asked for."), to=export_doors.page(made))
