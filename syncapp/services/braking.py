"""See the whole plan before anything of it is sent.

Owns the step from planned to ready. The limits' arithmetic is the engine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, QuerySet

from syncapp import models
from syncapp.engine import guards, vocabulary
from syncapp.engine.wording import figure, say
from syncapp.services import confirming, context


def check(*, lane: context.Lane) -> list[str]:
    """Make planned operations ready, unless a brake is pulled. Returns the brakes' sentences; a preview makes nothing ready.

    What earlier rounds of the run made ready counts too: the limits are those of a run.
    """
    planned = models.Operation.objects.filter(config=lane.config, status=vocabulary.OperationStatus.PLANNED)
    let_through = models.Operation.objects.filter(run=lane.run).exclude(
        status__in=[vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.SUPERSEDED]
    )
    before, seen = _listed(lane)
    with lane.transaction():
        due = _counts(planned)
        earlier = _counts(let_through)
        counts = {which: number + earlier[which] for which, number in due.items()}
        number = sum(counts.values())
        sentences = [brake.sentence for brake in _pulled(lane, counts, before, seen)] or _still_held(lane, number)
        if lane.run.kind == vocabulary.RunKind.PREVIEW:
            planned.exclude(run=lane.run).update(run=lane.run)
        elif not sentences or confirming.enough(run=lane.run, number=number):
            planned.update(status=vocabulary.OperationStatus.READY, run=lane.run)
            return []
    return sentences


def of_undo(*, lane: context.Lane) -> list[str]:
    """Return the sentences of the brakes that the undo of a run would pull. A person's approval stands in their place."""
    shown = models.Operation.objects.filter(run=lane.run, status=vocabulary.OperationStatus.PROPOSED)
    return [brake.sentence for brake in _pulled(lane, _counts(shown), {}, {})]


def _still_held(lane: context.Lane, number: int) -> list[str]:
    """Say that so many writes wait for two people although no limit holds them any more: one person may have raised it since."""
    if number < confirming.SECOND_PERSON:
        return []
    braked = models.SyncRun.objects.filter(config=lane.config, state=vocabulary.RunState.BRAKED).exclude(pk=lane.run.pk)
    last = _last_through(lane)
    if not (braked.filter(created_at__gt=last) if last is not None else braked).exists():
        return []
    return [say(
        "A brake stopped this sync, and {number} writes wait. From {least} on two administrators let them go on, whatever the limits are"
        " since.", number=figure(number), least=figure(confirming.SECOND_PERSON),
    )]


def _pulled(
    lane: context.Lane,
    counts: Mapping[tuple[vocabulary.Side, vocabulary.OperationKind], int],
    before: Mapping[vocabulary.Side, int],
    seen: Mapping[vocabulary.Side, int],
) -> tuple[guards.Brake, ...]:
    pairs = models.RecordPair.objects.filter(config=lane.config).count()
    return guards.brakes(limits=lane.rules.brakes, counts=counts, pairs=pairs, before=before, seen=seen)


def _counts(operations: QuerySet[models.Operation]) -> Counter[tuple[vocabulary.Side, vocabulary.OperationKind]]:
    grouped = operations.values("side", "kind").order_by().annotate(number=Count("pk"))
    return Counter({(vocabulary.Side(row["side"]), vocabulary.OperationKind(row["kind"])): row["number"] for row in grouped})


def _listed(lane: context.Lane) -> tuple[dict[vocabulary.Side, int], dict[vocabulary.Side, int]]:
    """Live records known before, and seen by, each side's latest complete listing, as long as no run came through since.

    A run that was stopped, and a preview, leave a listing that shows too little as alarming as it was.
    """
    last = _last_through(lane)
    before, seen = {}, {}
    for side in (lane.left, lane.right):
        listing = models.SyncCursor.objects.filter(
            connection=side.connection, kind=side.main.kind, stream="listing", completed_at__isnull=False
        ).first()
        if listing is not None and listing.completed_at is not None and (last is None or listing.completed_at > last):
            before[side.side], seen[side.side] = listing.known, listing.seen
    return before, seen


def _last_through(lane: context.Lane) -> datetime | None:
    """When the latest run began that no brake and no fault stopped."""
    through = models.SyncRun.objects.filter(
        config=lane.config, state__in=[vocabulary.RunState.SUCCEEDED, vocabulary.RunState.PARTIAL]
    ).exclude(kind__in=[vocabulary.RunKind.PREVIEW, vocabulary.RunKind.UNDO])
    return through.order_by("-started_at").values_list("started_at", flat=True).first()
