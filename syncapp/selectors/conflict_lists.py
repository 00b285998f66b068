"""Which conflicts a list shows, as its address asks for it, and what stands in a file of them.

Owns what its filters mean outside of the page: an export holds what the list showed.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet
from django.http import QueryDict

from syncapp import models
from syncapp.engine import cells
from syncapp.engine.vocabulary import ConflictStatus, Side
from syncapp.engine.wording import say
from syncapp.selectors import searching, words

STATUS, CONFIG, FIELD, SEARCH = "status__exact", "pair__config__id__exact", "field_label", "q"
FILTERS = (STATUS, CONFIG, FIELD, SEARCH)
FIELDS, RECORDS = ("field_label",), ("pair__left__label", "pair__right__label")
FOUND_BY = (*FIELDS, *RECORDS)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a list of conflicts is narrowed to. What is not asked for is "" or None; a value that cannot be is not asked for."""

    status: str = ""
    config: int | None = None
    field: str = ""
    search: str = ""


def read(text: str) -> Asked:
    """Read what was kept of an address."""
    query: Mapping[str, str] = {name: str(value) for name, value in QueryDict(text).dict().items()}
    status, config = query.get(STATUS, ""), query.get(CONFIG, "")
    return Asked(
        status=status if status in set(ConflictStatus) else "", field=query.get(FIELD, "").replace("\0", ""),
        config=int(config) if config.isdecimal() and len(config) <= 18 else None, search=query.get(SEARCH, "").replace("\0", "").strip(),
    )


def kept(query: QueryDict) -> str:
    """Keep the part of an address that narrows a list, without its page and order."""
    wanted = QueryDict(mutable=True)
    for name in FILTERS:
        if value := query.get(name, ""):
            wanted[name] = value
    return wanted.urlencode()


def narrowed(*, asked: Asked) -> QuerySet[models.Conflict]:
    """Keep the conflicts that the filters and the search let through."""
    found = models.Conflict.objects.select_related("pair__left", "pair__right", "pair__config", "decided_by")
    if asked.status:
        found = found.filter(status=asked.status)
    if asked.config is not None:
        found = found.filter(pair__config_id=asked.config)
    if asked.field:
        found = found.filter(field_label=asked.field)
    return searched(conflicts=found, words=asked.search)


def searched(*, conflicts: QuerySet[models.Conflict], words: str) -> QuerySet[models.Conflict]:
    """Keep the conflicts of which the field or either record has every word in its name."""
    return conflicts.filter(searching.every_word(words=words, names=RECORDS, ids=FIELDS))


def described(asked: Asked) -> Iterator[str]:
    """Say in words what a list is narrowed to."""
    if asked.status:
        yield say("Status: {status}", status=ConflictStatus(asked.status).label)
    if asked.config is not None:
        name = models.SyncConfig.objects.filter(pk=asked.config).values_list("name", flat=True).first()
        yield say("Sync: {name}", name=name or say("deleted"))
    if asked.field:
        yield say("Field: {field}", field=asked.field)
    if asked.search:
        yield say("Search: {words}", words=asked.search)


def headings() -> list[str]:
    """The headings of a file."""
    return [
        say("Pair"), say("HubSpot record"), say("QuickBooks record"), say("Sync"), say("Field"), say("Last agreed"), say("HubSpot value"),
        say("QuickBooks value"), say("Status"), say("Winner"), say("Value chosen"), say("Why"), say("Decided by"), say("Found (UTC)"),
        say("Decided (UTC)"),
    ]


def lines(*, conflicts: Iterable[models.Conflict]) -> Iterator[list[cells.Cell]]:
    """Write the conflicts, a line each."""
    for conflict in conflicts:
        pair = conflict.pair
        yield [
            Decimal(pair.pk), str(pair.left) if pair.left else None, str(pair.right) if pair.right else None, pair.config.name,
            conflict.field_label, _value(conflict.base), _value(conflict.left), _value(conflict.right),
            ConflictStatus(conflict.status).label, Side(conflict.winner).label if conflict.winner else None, _value(conflict.chosen),
            conflict.why or None, str(conflict.decided_by) if conflict.decided_by else None, conflict.created_at, conflict.decided_at,
        ]


def _value(value: object) -> str | None:
    text = words.shown(value)
    return None if text == words.NOTHING else text
