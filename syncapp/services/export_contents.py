"""What a file is filled with: records, the entries of a run, or conflicts.

Owns which permissions each needs, and where its headings and lines come from. Writes nothing: `services.exports` does, for all of them.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.vocabulary import ExportContent
from syncapp.engine.wording import later
from syncapp.selectors import audit_lists, conflict_lists, discretion, entry_lists, entry_sheets, pair_lists, runs, sheets
from syncapp.selectors import columns as column_names
from syncapp.services import addresses, columns

EVERY = ("syncapp.view_recordpair", "syncapp.export_recordpair")
PERMISSIONS: dict[ExportContent, tuple[str, ...]] = {
    ExportContent.RECORDS: EVERY, ExportContent.ENTRIES: (*EVERY, "syncapp.view_syncrun"),
    ExportContent.CONFLICTS: (*EVERY, "syncapp.view_conflict"),
    ExportContent.AUDIT: (*EVERY, "syncapp.view_auditentry", discretion.SEE),
}
NO_RUN = later("The run was deleted together with its sync.")
LEFT_OUT = later("Left out, since no mapping of the sync has them: {columns}")
EVERY_COLUMN = "syncapp.change_syncconfig"
"""Who may choose what is mapped may have every column that a list can show."""
LINES_OF_AN_ENTRY = 4
"""About as many fields as an entry changes."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """What goes into one file. `found` is read in chunks by its numbers, the newest first or last; `missing` says what is gone of it."""

    headings: list[str]
    described: tuple[str, ...]
    found: QuerySet[Any]
    lines: Callable[[Sequence[Any]], Iterable[list[cells.Cell]]]
    newest_first: bool = True
    lines_each: int = 1
    missing: str = ""

    def chunks(self, size: int) -> Iterator[list[Any]]:
        """Read what was found, in the list's own order, without holding more than a chunk or keeping a query open."""
        beyond = "pk__lt" if self.newest_first else "pk__gt"
        ordered = self.found.order_by("-pk" if self.newest_first else "pk")
        chunk = list(ordered[:size])
        while chunk:
            yield chunk
            chunk = list(ordered.filter(**{beyond: chunk[-1].pk})[:size])


def of(
    *, content: ExportContent, query: str, keys: Sequence[str] = (), config: models.SyncConfig | None = None, me: User, now: datetime
) -> Content:
    """Find what an export holds by what was kept of the address of its list. `me` is whom "assigned to me" means, and whose file it is."""
    if content is ExportContent.ENTRIES:
        return _entries(query)
    if content is ExportContent.CONFLICTS:
        return _conflicts(query)
    if content is ExportContent.AUDIT:
        return _audit(query)
    chosen = columns.chosen(keys=keys, config=config)
    kept, left_out = (chosen, []) if me.has_perm(EVERY_COLUMN) else columns.mapped(chosen=chosen, config=config)
    return _records(pair_lists.read(query, me=me.pk), kept or columns.chosen(keys=(), config=None), left_out, now)


def _records(
    asked: pair_lists.Asked, chosen: Sequence[column_names.Column], left_out: Sequence[column_names.Column], now: datetime
) -> Content:
    address = addresses.Addresses()
    missing = [str(LEFT_OUT).format(columns=", ".join(str(column.label) for column in left_out))] if left_out else []
    return Content(
        headings=column_names.headings(chosen), described=(*pair_lists.described(asked), *missing),
        found=sheets.for_files(pair_lists.narrowed(pairs=models.RecordPair.objects.all(), asked=asked, now=now), chosen=chosen),
        lines=lambda pairs: sheets.lines(pairs=pairs, chosen=chosen, address=address.of),
    )


def _entries(query: str) -> Content:
    run, asked = entry_lists.read(query)
    named = runs.labels(rules=run.rules if run is not None else {})
    return Content(
        headings=entry_sheets.headings(), described=tuple(entry_lists.described(run=run, asked=asked)),
        found=entry_lists.narrowed(entries=runs.entries(run=run), run=run, asked=asked) if run else models.Operation.objects.none(),
        lines=lambda operations: entry_sheets.lines(operations=operations, named=named), newest_first=False,
        lines_each=LINES_OF_AN_ENTRY, missing="" if run is not None else NO_RUN,
    )


def _conflicts(query: str) -> Content:
    asked = conflict_lists.read(query)
    return Content(
        headings=conflict_lists.headings(), described=tuple(conflict_lists.described(asked)), found=conflict_lists.narrowed(asked=asked),
        lines=lambda conflicts: conflict_lists.lines(conflicts=conflicts),
    )


def _audit(query: str) -> Content:
    asked = audit_lists.read(query)
    return Content(
        headings=audit_lists.headings(), described=tuple(audit_lists.described(asked)), found=audit_lists.narrowed(asked=asked),
        lines=lambda entries: audit_lists.lines(entries=entries), lines_each=LINES_OF_AN_ENTRY,
    )
