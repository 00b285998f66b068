"""Pairs by words that a person types: anywhere in them in a list of moderate size, at their beginnings in a large one.

Owns what a search looks at. In a large list only what an index answers is asked of the database.
"""
from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from syncapp import models
from syncapp.engine import normalize
from syncapp.engine.wording import say
from syncapp.selectors import discretion, searching

LARGE = 50_000
"""So many pairs are looked through from end to end in about a fifth of a second."""
NAMES, IDS = ("left__label", "right__label"), ("left__external_id", "right__external_id")
KEYS = ("left__key1", "left__key2", "right__key1", "right__key2")
_LAST = "\U0010ffff"


def is_large() -> bool:
    """Tell whether there are, or have been, too many pairs to look through all of them."""
    last: int | None = models.RecordPair.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (last or 0) > LARGE


def explained() -> str:
    """Say what a search in a large list looks at."""
    return say(
        "With more than {number} records a search finds names that begin with the words, names whose last word begins with one, e-mail"
        " addresses (or other keys) that begin with one, and whole ids.", number=f"{LARGE:,}",
    )


def narrowed(*, pairs: QuerySet[models.RecordPair], words: str) -> QuerySet[models.RecordPair]:
    """Keep the pairs of which either record has every word in its name, its id or what it is matched by."""
    if words.split() and is_large():
        return _by_beginnings(pairs, words)
    return pairs.filter(searching.every_word(words=words, names=NAMES, ids=IDS, keys=KEYS))


def _by_beginnings(pairs: QuerySet[models.RecordPair], words: str) -> QuerySet[models.RecordPair]:
    folded, scopes = normalize.folded(words), set(models.SyncCursor.objects.values_list("connection", "kind"))
    each = Q()
    for word in folded.split():
        each &= Q(pk__in=_having(word, scopes))
    return pairs.filter(each | Q(pk__in=_having(folded, scopes)) if " " in folded else each)


def _having(text: str, scopes: set[tuple[int, str]]) -> QuerySet[models.RecordPair, Any]:
    """The keys of the pairs of which either record is found by a text. Two halves, since no index answers an "or" across records.

    `scopes` are the accounts and kinds that are read, by which the indexes of ids and keys begin. Each alternative is one that an index
    answers whole: below a common account and kind SQLite would walk through all that the account has of the kind.
    """
    masked = discretion.applies()
    found = _begins("name_start", text) | _begins("name_end", text)
    if masked:
        found &= ~Q(label__contains="@")
    for scope in (Q(connection=connection_id, kind=kind) for connection_id, kind in scopes):
        found |= scope & Q(external_id=text)
        if not masked:
            found |= (scope & _begins("key1", text)) | (scope & _begins("key2", text))
    records = models.Record.objects.filter(found).values("pk")
    left, right = (models.RecordPair.objects.filter(**{f"{side}__in": records}).values("pk") for side in ("left", "right"))
    return left.union(right)


def _begins(name: str, text: str) -> Q:
    """A text that begins like this; SQLite's indexes answer a range, PostgreSQL's the beginning itself."""
    if connection.vendor == "sqlite":
        return Q(**{f"{name}__gte": text, f"{name}__lt": text + _LAST})
    return Q(**{f"{name}__startswith": text})
