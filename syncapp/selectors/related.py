"""Pairs by what their records are associated with at the vendor: a contact by its company, an invoice by its deal.

Owns that an association counts whichever of its ends it was read from. Reads the mirror only.
"""
from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from syncapp import models
from syncapp.selectors import discretion


def narrowed(*, pairs: QuerySet[models.RecordPair], words: str) -> QuerySet[models.RecordPair]:
    """Keep the pairs of which either record is associated with one that has these words in its name, or them as its id."""
    wished = Q()
    for end in ("left", "right"):
        for own, other in (("from", "to"), ("to", "from")):
            links = models.RecordLink.objects.filter(
                connection=OuterRef(f"{end}__connection"),
                **{f"{own}_kind": OuterRef(f"{end}__kind"), f"{own}_id": OuterRef(f"{end}__external_id")},
            )
            named = models.Record.objects.filter(
                discretion.named(path="label", word=words) | Q(external_id=words),
                connection=OuterRef("connection"), kind=OuterRef(f"{other}_kind"), external_id=OuterRef(f"{other}_id"),
            )
            wished |= Q(Exists(links.filter(Exists(named))))
    return pairs.filter(wished)
