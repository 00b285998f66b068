"""See the whole plan before anything of it is sent.

Owns the step from planned to ready. The limits' arithmetic is the engine's.
"""

from __future__ import annotations

from django.db.models import Count

from syncapp import models
from syncapp.engine import guards, vocabulary
from syncapp.services import context


def check(*, lane: context.Lane) -> list[str]:
    """Make planned operations ready, unless a brake is pulled. Returns the brakes' sentences; a preview makes nothing ready."""
    planned = models.Operation.objects.filter(config=lane.config, status=vocabulary.OperationStatus.PLANNED)
    before, seen = _listed(lane)
    with lane.transaction():
        counts = {
            (vocabulary.Side(row["side"]), vocabulary.OperationKind(row["kind"])): row["number"]
            for row in planned.values("side", "kind").order_by().annotate(number=Count("pk"))
        }
        pulled = guards.brakes(
            limits=lane.rules.brakes,
            counts=counts,
            pairs=models.RecordPair.objects.filter(config=lane.config).count(),
            before=before, seen=seen,
        )
        preview = lane.run.kind == vocabulary.RunKind.PREVIEW
        if preview:
            planned.exclude(run=lane.run).update(run=lane.run)
        elif not pulled or lane.run.brakes_released_by_id is not None:
            planned.update(status=vocabulary.OperationStatus.READY, run=lane.run)
            return []
    return [brake.sentence for brake in pulled]


def _listed(lane: context.Lane) -> tuple[dict[vocabulary.Side, int], dict[vocabulary.Side, int]]:
    """Live records known before, and records seen by, each side's complete listing of this run; a side without one is left out."""
    before, seen = {}, {}
    for side in (lane.left, lane.right):
        listing = models.SyncCursor.objects.filter(
            connection=side.connection, kind=side.main.kind, stream="listing", completed_at__gte=lane.run.started_at or lane.run.created_at
        ).first()
        if listing is not None:
            before[side.side], seen[side.side] = listing.known, listing.seen
    return before, seen
