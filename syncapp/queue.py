"""Ring the worker's bell. The queue carries ids only; what is to be done is in our own rows.

Owns the only calls into django-q2. Enqueue inside the transaction that creates the need: both commit together.
"""

from __future__ import annotations

from django_q.models import Schedule
from django_q.tasks import async_task

DISPATCHER = "syncapp.tasks.dispatch"


def enqueue_run(*, run_id: int) -> None:
    """Ask a worker to work on a run. Twice is harmless."""
    async_task("syncapp.tasks.work", run_id=run_id, ack_failure=True, save=False)


def ensure_schedule() -> None:
    """Have the queue call the dispatcher every minute: one schedule for all syncs, which looks up itself what is due."""
    Schedule.objects.update_or_create(
        name="Start what is due",
        defaults={"func": DISPATCHER, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1, "args": "", "kwargs": ""},
    )
