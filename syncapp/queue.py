"""Ring the worker's bell. The queue carries ids only; what is to be done is in our own rows.

Owns the only calls into django-q2. Enqueue inside the transaction that creates the need: both commit together.
"""

from __future__ import annotations

from django_q.models import Schedule
from django_q.tasks import async_task

DISPATCHER = "syncapp.tasks.dispatch"
SCHEDULES = {
    "Start what is due": DISPATCHER,
    "Look after exports": "syncapp.tasks.sweep_exports",
    "Mail notices": "syncapp.tasks.mail_notices",
    "Look after imports": "syncapp.tasks.sweep_imports",
    "Look after webhooks": "syncapp.tasks.sweep_webhooks",
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


def ensure_schedule() -> None:
    """Have the queue look every minute for what is due: one schedule each for syncs, exports, mail, imports and webhooks."""
    for name, door in SCHEDULES.items():
        Schedule.objects.update_or_create(
            name=name,
            defaults={"func": door, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1, "args": "", "kwargs": ""},
        )
