"""What the queue has before it and how it is, ready to show: read only, with ids and no values.

Owns the words for jobs. A job's arguments are shown as far as they are whole numbers.
"""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django_q.models import Failure, OrmQ, Schedule
from django_q.status import Stat

from syncapp.selectors import words

SHOWN = 100
_NAMES = {
    "work": "Work on a run", "dispatch": "Start what is due", "write_export": "Write an export", "send_export": "Send an export",
    "sweep_exports": "Look after exports", "mail_notices": "Look for notices to be mailed", "send_notice_mail": "Send a mail about notices",
    "sweep_imports": "Look after imports", "beat": "Show the supervisor that the queue works",
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """One job that waits, or that a worker has taken."""

    name: str
    about: str
    since: str
    taken: bool


@dataclass(frozen=True, kw_only=True)
class Bell:
    """One schedule of the queue."""

    name: str
    last: str
    next: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """One queue that shows a sign of life."""

    host: str
    workers: int
    since: str
    restarts: int


@dataclass(frozen=True, kw_only=True)
class Failed:
    """One job that ended with an error of this program."""

    name: str
    about: str
    at: str
    kind: str
    places: str


def waiting(*, now: datetime) -> list[Job]:
    """List the oldest jobs of the queue."""
    retry = timedelta(seconds=settings.Q_CLUSTER["retry"])
    return [_job(found, now, retry) for found in OrmQ.objects.order_by("pk")[:SHOWN]]


def number_waiting() -> int:
    """Count the jobs of the queue."""
    return int(OrmQ.objects.count())


def schedules() -> list[Bell]:
    """List the schedules with their last and next time. One that is not ours is switched off."""
    return [
        Bell(
            name=one.name or words.NOTHING, on=one.repeats != 0, next=words.moment(one.next_run) if one.repeats != 0 else words.NOTHING,
            last=words.moment(one.next_run - timedelta(minutes=one.minutes or 0)) if one.task and one.next_run else words.NOTHING,
        )
        for one in Schedule.objects.order_by("pk")
    ]


def clusters(*, now: datetime) -> list[Cluster]:
    """List the queues that showed a sign of life within the last seconds."""
    return [
        Cluster(host=str(one.host), workers=len(one.workers), since=words.ago(one.tob, now=now), restarts=int(one.reincarnations))
        for one in Stat.get_all()
    ]


def failures(*, now: datetime) -> list[Failed]:
    """List the latest jobs that failed, with the kind of the error and its places in the code, and none of its words."""
    return [_failed(one, now) for one in Failure.objects.order_by("-stopped")[:SHOWN]]


def _job(found: OrmQ, now: datetime, retry: timedelta) -> Job:
    """A job that was taken is locked until it would be handed out again."""
    task: dict[str, Any] = found.task
    taken = found.lock is not None and found.lock > now
    begun = task.get("started") or (found.lock - retry if taken else found.lock)
    return Job(name=_name(task.get("func")), about=_about(task.get("kwargs")), since=words.ago(begun, now=now), taken=taken)


def _failed(one: Failure, now: datetime) -> Failed:
    told = str(one.result)
    kind, _, places = ("An error", "", "") if "Traceback" in told or "\n" in told else told.partition(" > ")
    return Failed(name=_name(one.func), about=_about(one.kwargs), at=words.ago(one.stopped, now=now), kind=kind[:100], places=places)


def _name(function: object) -> str:
    last = str(function).rpartition(".")[2] if isinstance(function, str) else ""
    return _NAMES.get(last) or last.replace("_", " ").capitalize() or "A job that cannot be read"


def _about(given: object) -> str:
    """The ids a job was given: `run 12`."""
    ids = given.items() if isinstance(given, dict) else ()
    return ", ".join(f"{str(name).removesuffix('_id')} {value}" for name, value in ids if type(value) is int)
