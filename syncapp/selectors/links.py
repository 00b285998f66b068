"""What waits to be read again."""
from __future__ import annotations

from syncapp import models


def waiting(*, pair: models.RecordPair) -> list[str]:
    """Name the records of a pair that the next run reads again by id."""
    found = []
    for vendor, record in (("HubSpot", pair.left), ("QuickBooks", pair.right)):
        if record is not None and models.Hint.objects.filter(
            connection=record.connection_id, kind=record.kind, external_id=record.external_id
        ).exists():
            found.append(f"The {vendor} record is read again by the next run.")
    return found
