"""Remember since when pairs have been failing, so that a summary can tell new failures from old ones.

Owns `KnownFailure`. Looks at the pairs as they are and changes none. A pair that only waits between two tries is not forgotten,
else each try would count as a new failure.
"""
from __future__ import annotations

from datetime import datetime

from syncapp import models
from syncapp.engine.vocabulary import Standing
from syncapp.selectors import standings

CHUNK = 500
OVER = (Standing.IN_SYNC, Standing.EXCLUDED, Standing.NEEDS_YOU)


def note(*, now: datetime) -> None:
    """Note the pairs that have begun to fail since this was last called, and forget those that no longer do."""
    over = [state for standing in OVER for state in standings.states(standing)]
    models.KnownFailure.objects.filter(pair__state__in=over).delete()
    failing = standings.narrowed(models.RecordPair.objects.all(), Standing.FAILING)
    new = list(failing.filter(known_failure=None).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(new), CHUNK):
        rows = [models.KnownFailure(pair_id=pk, since=now) for pk in new[start : start + CHUNK]]
        models.KnownFailure.objects.bulk_create(rows, ignore_conflicts=True)
