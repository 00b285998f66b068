"""Who may act under a name, and until when.

Owns the lease's arithmetic: one guarded UPDATE takes it, one renews it. Locks no rows and waits for nobody.
"""
from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import F, Q, QuerySet

from syncapp import models

FREE_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Held:
    """A lease in hand. `fence` is larger than that of everybody who held it before."""

    name: str
    fence: int
    owner: str


class LeaseLost(Exception):
    """Somebody else has taken the lease over; whoever raises this stops without writing."""

    def __init__(self, *, name: str) -> None:
        super().__init__(f"The lease {name} was taken over by another worker. This one stops; the other goes on.")
        self.name = name


def take(*, name: str, owner: str, ttl_seconds: float, now: datetime) -> Held | None:
    """Take the lease if it is free or has run out, and answer None if somebody holds it."""
    held = _take(name=name, owner=owner, expires_at=now + timedelta(seconds=ttl_seconds), now=now)
    if held is not None or models.Lease.objects.filter(name=name).exists():
        return held
    models.Lease.objects.bulk_create([models.Lease(name=name, fence=0, owner="", expires_at=FREE_SINCE)], ignore_conflicts=True)
    return _take(name=name, owner=owner, expires_at=now + timedelta(seconds=ttl_seconds), now=now)


def hold(*, held: Sequence[Held], now: datetime, ttl_seconds: float) -> None:
    """Renew leases that are held together, as the first statement of a write transaction. Raises LeaseLost where one is not held.

    The updated rows stay locked until the transaction ends, so nobody takes a lease over in between.
    """
    mine = models.Lease.objects.filter(reduce(or_, (Q(name=one.name, fence=one.fence, owner=one.owner) for one in held)))
    if mine.update(expires_at=now + timedelta(seconds=ttl_seconds)) != len(held):
        raise LeaseLost(name=" and ".join(one.name for one in held))


def release(*, held: Held) -> None:
    """Let the lease go, or do nothing if it is lost already."""
    _mine(held).update(owner="", expires_at=FREE_SINCE)


def release_dead(*, prefix: str) -> int:
    """Let go the leases of processes of this machine that are no more, and tell how many. A process that lives keeps its own.

    Should one live that only looks dead from here, its next write transaction finds the lease lost and does nothing.
    """
    mine = models.Lease.objects.filter(name__startswith=prefix, owner__startswith=f"{socket.gethostname()}:")
    dead = [row for row in mine if not _lives(row.owner)]
    return sum(models.Lease.objects.filter(pk=row.pk, fence=row.fence).update(owner="", expires_at=FREE_SINCE) for row in dead)


def _lives(owner: str) -> bool:
    """Whether the process that an owner names is there; where it names none, it counts as living."""
    number = owner.split(":")[1]
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (PermissionError, ValueError, OverflowError):
        return True
    return True


def _take(*, name: str, owner: str, expires_at: datetime, now: datetime) -> Held | None:
    with transaction.atomic():
        free = models.Lease.objects.filter(name=name, expires_at__lte=now)
        if not free.update(fence=F("fence") + 1, owner=owner, expires_at=expires_at):
            return None
        fence = models.Lease.objects.values_list("fence", flat=True).get(name=name)
    return Held(name=name, fence=fence, owner=owner)


def _mine(held: Held) -> QuerySet[models.Lease]:
    return models.Lease.objects.filter(name=held.name, fence=held.fence, owner=held.owner)
