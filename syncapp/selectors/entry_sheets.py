"""What stands in a file of a run's entries: one line for each field that an entry changes.

Reads what was fetched with the entries, and makes no query.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.wording import say
from syncapp.selectors import runs, words


def headings() -> list[str]:
    """The headings of a file."""
    return [
        say("Planned by run"), say("When (UTC)"), say("Pair"), say("HubSpot record"), say("QuickBooks record"), say("Written in"),
        say("What"), say("Status"), say("Field"), say("Before"), say("After"), say("Why"), say("Error"), say("Vendor's request id"),
    ]


def lines(*, operations: Iterable[models.Operation], named: runs.Labels) -> Iterator[list[cells.Cell]]:
    """Write the entries field by field; one that changes no field has one line."""
    for operation in operations:
        entry = runs.entry(operation=operation, named=named)
        own = _own(entry)
        end: list[cells.Cell] = [operation.error_words or None, operation.request_id or None]
        for change in entry.changes:
            yield [*own, change.label, _value(change.before), _value(change.after), change.why or None, *end]
        if not entry.changes:
            yield [*own, None, None, None, None, *end]


def _own(entry: runs.Entry) -> list[cells.Cell]:
    operation, pair = entry.operation, entry.operation.pair
    return [
        Decimal(operation.run_id), operation.finished_at or operation.sent_at or operation.created_at, Decimal(pair.pk),
        str(pair.left) if pair.left else None, str(pair.right) if pair.right else None, entry.side, entry.kind, entry.status,
    ]


def _value(text: str) -> str | None:
    return None if text == words.NOTHING else text
