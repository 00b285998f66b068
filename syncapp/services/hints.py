"""Ids that must be read again: left by webhooks, doubtful observations and people.

Owns the hint rows. A hint goes only when nothing mentioned it again meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F

from syncapp import models

BATCH = 100


def leave(*, connection_id: int, kind: str, external_ids: Iterable[str], reason: str) -> None:
    """Ask for records to be read by id in the next slice. Mentioning one again only counts it up."""
    for external_id in dict.fromkeys(external_ids):
        one = {"connection_id": connection_id, "kind": kind, "external_id": external_id}
        while True:
            _, made = models.Hint.objects.get_or_create(**one, defaults={"reason": reason[:40]})
            # One that a run followed and dropped in between is made anew.
            if made or models.Hint.objects.filter(**one).update(seq=F("seq") + 1):
                break


def pending(*, connection_id: int, kind: str) -> list[models.Hint]:
    """The oldest hints of a kind, at most a batch."""
    return list(models.Hint.objects.filter(connection_id=connection_id, kind=kind).order_by("pk")[:BATCH])


def done(*, hints: Sequence[models.Hint]) -> None:
    """Drop hints that were followed, except those mentioned again since they were read."""
    for hint in hints:
        models.Hint.objects.filter(pk=hint.pk, seq=hint.seq).delete()
