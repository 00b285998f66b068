"""What waits to be read again."""
from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from syncapp import models
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say


def with_hints(*, pairs: QuerySet[models.RecordPair]) -> QuerySet[models.RecordPair]:
    """Note on each pair which of its records the next run reads again by id."""
    waits = {
        f"{end}_waits": Exists(
            models.Hint.objects.filter(
                connection=OuterRef(f"{end}__connection"), kind=OuterRef(f"{end}__kind"), external_id=OuterRef(f"{end}__external_id")
            )
        )
        for end in ("left", "right")
    }
    return pairs.annotate(**waits)


def waiting(*, pair: models.RecordPair) -> list[str]:
    """Name the records of a pair that came `with_hints` which the next run reads again by id."""
    return [
        say("The {system} record is read again by the next run.", system=side.label)
        for side in Side if getattr(pair, f"{side.value.lower()}_waits", False)
    ]
