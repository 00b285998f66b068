"""Runs that events ask for: one soon, and one more where events come while it is under way.

Owns `asked_at` of a sync. A run that has not begun reads what was hinted at meanwhile, so nothing more is asked of it.
"""
from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.services import configs

SPACING = timedelta(seconds=15)
"""Between the beginnings of two runs of a sync where events ask for them."""
_READS = (vocabulary.RunKind.FULL, vocabulary.RunKind.DELTA)


def ask(*, config_ids: Iterable[int], now: datetime) -> None:
    """Ask for a run of each active sync. Call it inside the transaction that leaves the hints."""
    to_begin = models.SyncRun.objects.filter(state=vocabulary.RunState.QUEUED, kind__in=_READS, attempts=0).values("config")
    wished = models.SyncConfig.objects.filter(pk__in=list(config_ids), active=True, asked_at=None)
    wished.exclude(pk__in=to_begin).update(asked_at=now)


def too_soon(*, now: datetime) -> list[datetime]:
    """Tell when those can begin that were asked for just now, and so soon after the last run that they have to wait."""
    last = models.SyncRun.objects.filter(started_at__gt=now - SPACING, trigger=vocabulary.RunTrigger.EVENT)
    fresh = last.filter(config__in=configs.usable().filter(asked_at=now)).values("config").annotate(last=Max("started_at"))
    return [one["last"] + SPACING for one in fresh]


def due(*, now: datetime) -> list[int]:
    """List the syncs for which a run can begin now, the longest waiting first."""
    busy = models.SyncRun.objects.filter(state__in=configs.ACTIVE_RUNS).values("config")
    recent = models.SyncRun.objects.filter(started_at__gt=now - SPACING, trigger=vocabulary.RunTrigger.EVENT).values("config")
    waiting = configs.usable().filter(asked_at__isnull=False).exclude(pk__in=busy).exclude(pk__in=recent)
    return list(waiting.order_by("asked_at", "pk").values_list("pk", flat=True))
