"""Which entries of a run are shown: the filters and the search above them, as they stand in the address of the run's page.

Owns what each of them means. The page and the export both narrow through here, so an export holds what the page showed.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from django.db.models import Q, QuerySet
from django.http import QueryDict

from syncapp import models
from syncapp.engine.vocabulary import OperationKind, OperationStatus, Side
from syncapp.engine.wording import say
from syncapp.selectors import runs, searching

RUN, SIDE, KIND, STATUS, SEARCH, ERRORS = "run", "side", "kind", "status", "q", "error"
FILTERS = (SIDE, KIND, STATUS, SEARCH, ERRORS)
ONLY_ERRORS = "yes"
FOUND_BY = ("pair__left__label", "pair__left__external_id", "pair__right__label", "pair__right__external_id", "external_id")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the entries are narrowed to. What is not asked for is "" or False; a value that cannot be is not asked for."""

    side: str = ""
    kind: str = ""
    status: str = ""
    search: str = ""
    errors: bool = False

    @property
    def nothing(self) -> bool:
        """Whether all entries are shown."""
        return not any(getattr(self, one.name) for one in fields(self))


def asked(query: Mapping[str, str]) -> Asked:
    """Read what an address asks for."""
    def known(name: str, words: type[Side] | type[OperationKind] | type[OperationStatus]) -> str:
        return query.get(name, "") if query.get(name) in set(words) else ""

    return Asked(
        side=known(SIDE, Side), kind=known(KIND, OperationKind), status=known(STATUS, OperationStatus),
        search=query.get(SEARCH, "").replace("\0", "").strip(), errors=query.get(ERRORS, "") == ONLY_ERRORS,
    )


def kept(*, run: models.SyncRun, query: QueryDict) -> str:
    """Keep which run it is, and the part of its page's address that narrows the entries."""
    wanted = QueryDict(mutable=True)
    wanted[RUN] = str(run.pk)
    for name in FILTERS:
        if value := query.get(name, ""):
            wanted[name] = value
    return wanted.urlencode()


def read(text: str) -> tuple[models.SyncRun | None, Asked]:
    """Read what was kept: the run, None where it is gone, and what its entries are narrowed to."""
    query = QueryDict(text).dict()
    number = str(query.get(RUN, ""))
    found = models.SyncRun.objects.select_related("config").filter(pk=int(number) if number.isdecimal() and len(number) <= 18 else 0)
    return found.first(), asked({name: str(value) for name, value in query.items()})


def narrowed(*, entries: QuerySet[models.Operation], run: models.SyncRun, asked: Asked) -> QuerySet[models.Operation]:
    """Keep those entries of a run that the filters and the search let through, in the order of its page."""
    found = entries
    for name in (SIDE, KIND, STATUS):
        if wanted := getattr(asked, name):
            found = found.filter(**{name: wanted})
    if asked.errors:
        found = found.filter(Q(status=OperationStatus.FAILED) | ~Q(error_words=""))
    if asked.search:
        named = runs.labels(rules=run.rules)
        for word in asked.search.split():
            found = found.filter(_has(word, named))
    return found.select_related("pair__left", "pair__right").order_by("pk")


def described(*, run: models.SyncRun | None, asked: Asked) -> Iterator[str]:
    """Say in words which run it is, and what its entries are narrowed to."""
    yield say("Run: #{number} of {sync}", number=run.pk, sync=run.config) if run is not None else say("Run: deleted")
    if asked.side:
        yield say("Written in: {system}", system=Side(asked.side).label)
    if asked.kind:
        yield say("What: {kind}", kind=OperationKind(asked.kind).label)
    if asked.status:
        yield say("Status: {status}", status=OperationStatus(asked.status).label)
    if asked.errors:
        yield say("Only errors")
    if asked.search:
        yield say("Search: {words}", words=asked.search)


def _has(word: str, named: runs.Labels) -> Q:
    """Entries with a word in a record's name or id, or in the name of a field that they change."""
    wished = Q(changes__has_key=word) | searching.anywhere(word=word, paths=FOUND_BY)
    for side, labels in named.items():
        names = [name for name, label in labels.items() if word.lower() in f"{name} {label}".lower()]
        if names:
            wished |= Q(side=side, changes__has_any_keys=names)
    return wished
