"""Ring the worker's bell. The queue carries ids only; what is to be done is in our own rows.

Owns the only calls into django-q2. Enqueue inside the transaction that creates the need: both commit together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.models import Schedule, Task
from django_q.tasks import async_task

DISPATCHER = "syncapp.tasks.dispatch"
SCHEDULES = {
    "Start what is due": DISPATCHER,
    "Look after exports": "syncapp.tasks.sweep_exports",
    "Mail notices": "syncapp.tasks.mail_notices",
    "Look after imports": "syncapp.tasks.sweep_imports",
    "Look after webhooks": "syncapp.tasks.sweep_webhooks",
}
KEPT = timedelta(days=14)
_EVERY_MINUTE: dict[str, Any] = {
    "hook": None, "args": "", "kwargs": "", "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1, "cluster": None,
    "intended_date_kwarg": None,
}


def enqueue_run(*, run_id: int) -> None:
    """Ask a worker to work on a run. Twice is harmless."""
    async_task("syncapp.tasks.work", run_id=run_id, ack_failure=True, save=False)


def enqueue_export(*, export_id: int) -> None:
    """Ask a worker to write an export. Twice is harmless."""
    async_task("syncapp.tasks.write_export", export_id=export_id, ack_failure=True, save=False)


def enqueue_export_mail(*, export_id: int) -> None:
    """Ask a worker to send an export. Twice is harmless."""
    async_task("syncapp.tasks.send_export", export_id=export_id, ack_failure=True, save=False)


def enqueue_notice_mail(*, mail_id: int) -> None:
    """Ask a worker to send a mail about notices. Twice is harmless."""
    async_task("syncapp.tasks.send_notice_mail", mail_id=mail_id, ack_failure=True, save=False)


def enqueue_webhooks() -> None:
    """Ask a worker to take in the webhooks that wait. Twice is harmless."""
    async_task("syncapp.tasks.take_webhooks", ack_failure=True, save=False)


def enqueue_asked(*, at: datetime) -> None:
    """Ask a worker to start the runs that events ask for, not before a moment. Twice is harmless."""
    async_task("syncapp.tasks.start_asked", broker=_Later(at), ack_failure=True, save=False)


class _Later(ORM):  # type: ignore[misc]
    """Puts a job into the queue as if it had been taken out until a moment."""

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self._moment = moment

    def enqueue(self, task: str) -> int:
        """Put the job in."""
        key: int = self.get_connection().create(key=self.list_key, payload=task, lock=self._moment).pk
        return key


def ensure_schedule() -> list[str]:
    """Have the queue look every minute for what is due: one schedule each for syncs, exports, mail, imports and webhooks, and no other.

    Any other is switched off: one that cannot be read would stop all of them. Answers the names of those that somebody made or altered.
    """
    strange: list[str] = []
    found: set[str] = set()
    for pk, row in [(row.pop("pk"), row) for row in Schedule.objects.order_by("pk").values("pk", "name", "func", *_EVERY_MINUTE)]:
        name = row["name"] or f"number {pk}"
        wanted = {"name": name, "func": SCHEDULES.get(name), **_EVERY_MINUTE}
        if name in found and row == wanted:
            Schedule.objects.filter(pk=pk).delete()  # two clusters made it at the same moment
        elif name not in SCHEDULES or name in found:
            if row["repeats"] != 0:
                Schedule.objects.filter(pk=pk).update(repeats=0)
                strange.append(name)
        elif row != wanted:
            Schedule.objects.filter(pk=pk).update(**wanted)
            strange.append(name)
        found.add(name)
    missing = [Schedule(name=name, func=door, **_EVERY_MINUTE) for name, door in SCHEDULES.items() if name not in found]
    Schedule.objects.bulk_create(missing)
    # django-q2 counts minute by minute from the last time on, for years it would take as many minutes.
    unfit = Q(next_run=None) | Q(next_run__lt=Now() - timedelta(days=7))
    Schedule.objects.filter(unfit, name__in=SCHEDULES).update(next_run=Now())
    return strange


def forget(*, now: datetime) -> None:
    """Remove what the queue keeps of jobs that ended long ago."""
    Task.objects.filter(stopped__lt=now - KEPT).delete()
