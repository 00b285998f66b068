"""Creates on their way: a stranger that appears meanwhile may be the very record that one of them made.

Owns which records nothing is done with until the answer is known: they are neither matched nor given a partner.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.services import context, mirror

CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Barrier:
    """What holds a record of one side back: a key of an open create, or its youth while a create without a key is open."""

    keys: frozenset[str]
    since: datetime | None

    def holds(self, row: models.Record | mirror.Glance | None) -> bool:
        """Whether a record may be one that is being created."""
        if row is None:
            return False
        young = self.since is not None and row.remote_created_at is not None and row.remote_created_at >= self.since
        return young or bool(self.keys & {row.key1, row.key2})


def of(*, lane: context.Lane, side: context.SideContext) -> Barrier:
    """The barrier on a side."""
    creates = models.Operation.objects.filter(
        Q(status=vocabulary.OperationStatus.SENDING) | Q(attempts__gt=0),
        config=lane.config,
        status__in=[vocabulary.OperationStatus.SENDING, vocabulary.OperationStatus.READY],
        side=side.side,
        kind=vocabulary.OperationKind.CREATE,
    ).select_related("pair__left", "pair__right")
    keys: set[str] = set()
    since: datetime | None = None
    keyless = lane.rules.match_mode is vocabulary.MatchMode.NONE
    for operation in creates:
        origin = operation.pair.right if side.side is vocabulary.Side.LEFT else operation.pair.left
        own = {origin.key1, origin.key2} - {""} if origin is not None else set()
        keys |= own
        sending = operation.status == vocabulary.OperationStatus.SENDING
        if sending and (keyless or not own):
            since = min(since or earliest(operation), earliest(operation))
    return Barrier(keys=frozenset(keys), since=since)


def earliest(operation: models.Operation) -> datetime:
    """From when on, by the vendor's clock, a record may be what a create that was sent made; by ours where theirs was not noted."""
    return sent_at(operation) - CLOCK_TOLERANCE


def sent_at(operation: models.Operation) -> datetime:
    """When a create was first sent without an answer, else when it was sent last; by the vendor's clock where it was noted."""
    sent = operation.unanswered_at or operation.sent_there_at or operation.sent_at
    assert sent is not None  # noqa: S101 - it was sent
    return sent
