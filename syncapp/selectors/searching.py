"""How words that a person types are looked for. Owns that every word must be found, each of them anywhere."""
from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from syncapp.selectors import discretion


def every_word(*, words: str, names: Iterable[str], ids: Iterable[str], keys: Iterable[str] = ()) -> Q:
    """Let through what has every word in any of these fields; everything where there are no words."""
    wished = Q()
    for word in words.split():
        wished &= discretion.looked_for(word=word, names=names, ids=ids, keys=keys)
    return wished
