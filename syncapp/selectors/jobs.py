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

from syncapp.engine.wording import later, say
from syncapp.selectors import words

SHOWN = 100
_NAMES = {
    "work": later("Work on a run"), "dispatch": later("Start what is due"), "write_export": later("Write an export"),
    "send_export": later("Send an export"), "sweep_exports": later("Look after exports"),
    "mail_notices": later("Look for notices to be mailed"), "send_notice_mail": later("Send a mail about notices"),
    "sweep_imports": later("Look after imports"), "take_webhooks": later("Take in webhooks"),
    "sweep_webhooks": later("Look after webhooks"), "beat": later("Show the supervisor that the queue works"),
}
_SCHEDULES = {
    "dispatch": later("Start what is due"), "sweep_exports": later("Look after exports"), "mail_notices": later("Mail notices"),
    "sweep_imports": later("Look after imports"), "sweep_webhooks": later("Look after webhooks"),
}
"""What a person reads for our own schedules, by the last part of the function that each calls."""
_IDS = {
    "run_id": later("run {id}"), "export_id": later("export {id}"), "mail_id": later("mail {id}"), "number": later("number {id}"),
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
            name=_schedule(one), on=one.repeats != 0, next=words.moment(one.next_run) if one.repeats != 0 else words.NOTHING,
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


def _schedule(one: Schedule) -> str:
    """One that is switched off is somebody else's and keeps its own name."""
    ours = _SCHEDULES.get(_last(one.func)) if one.repeats != 0 else None
    return str(ours or one.name or words.NOTHING)


def _job(found: OrmQ, now: datetime, retry: timedelta) -> Job:
    """A job that was taken is locked until it would be handed out again."""
    task: dict[str, Any] = found.task
    taken = found.lock is not None and found.lock > now
    begun = task.get("started") or (found.lock - retry if taken else found.lock)
    return Job(name=_name(task.get("func")), about=_about(task.get("kwargs")), since=words.ago(begun, now=now), taken=taken)


def _failed(one: Failure, now: datetime) -> Failed:
    told = str(one.result)
    kind, _, places = (say("An error"), "", "") if "Traceback" in told or "\n" in told else told.partition(" > ")
    return Failed(name=_name(one.func), about=_about(one.kwargs), at=words.ago(one.stopped, now=now), kind=kind[:100], places=places)


def _name(function: object) -> str:
    last = _last(function)
    return str(_NAMES.get(last) or last.replace("_", " ").capitalize() or say("A job that cannot be read"))


def _last(function: object) -> str:
    return function.rpartition(".")[2] if isinstance(function, str) else ""


def _about(given: object) -> str:
    """The ids a job was given: `run 12`."""
    ids = given.items() if isinstance(given, dict) else ()
    return ", ".join(_id(str(name), value) for name, value in ids if type(value) is int)


def _id(name: str, value: int) -> str:
    return str(_IDS[name]).format(id=value) if name in _IDS else f"{name.removesuffix('_id')} {value}"
