"""What waits to be read again."""
from __future__ import annotations

from django.db.models import Q

from syncapp import models
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say


def waiting(*, pair: models.RecordPair) -> list[str]:
    """Name the records of a pair that the next run reads again by id."""
    ends = [(side, record) for side, record in ((Side.LEFT, pair.left), (Side.RIGHT, pair.right)) if record is not None]
    wished = Q(pk__in=[])
    for _, record in ends:
        wished |= Q(connection=record.connection_id, kind=record.kind, external_id=record.external_id)
    hinted = set(models.Hint.objects.filter(wished).values_list("connection", "kind", "external_id"))
    return [
        say("The {system} record is read again by the next run.", system=side.label)
        for side, record in ends if (record.connection_id, record.kind, record.external_id) in hinted
    ]
