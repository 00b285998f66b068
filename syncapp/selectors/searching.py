"""How words that a person types are looked for. Owns that every word must be found, each of them anywhere."""
from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q


def anywhere(*, word: str, paths: Iterable[str]) -> Q:
    """Let through what has a word in any of these fields."""
    wished = Q()
    for path in paths:
        wished |= Q(**{f"{path}__icontains": word})
    return wished


def every_word(*, words: str, paths: Iterable[str]) -> Q:
    """Let through what has every word in any of these fields; everything where there are no words."""
    wished = Q()
    for word in words.split():
        wished &= anywhere(word=word, paths=paths)
    return wished
