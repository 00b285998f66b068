"""Look at what comes out of the queue before anybody runs it, and see that only our own schedules put something in.

Owns which functions a worker may run: the doors in `tasks.py` and the supervisor's beat, with ids and nothing else. Whoever can write
into the queue's tables could otherwise have any function run, and one schedule that cannot be read would stop all of them. Also owns
what is left of a failed job: the kind of its error and the places in our code, never its words. Runs no job itself.
"""

from __future__ import annotations

import inspect
import logging
import os
import pickle
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone
from django_q import signals
from django_q.brokers.orm import ORM
from django_q.signing import BadSignature, SignedPackage

from syncapp import about, heartbeat, queue, tasks
from syncapp.engine.wording import say
from syncapp.services import notices

logger = logging.getLogger(__name__)

BEAT = "syncapp.heartbeat.beat"
JOBS_PAGE = "/syncapp/connection/jobs/"
SCHEDULES_EVERY = 15.0
"""More often than django-q2 looks at its schedules, which is every 30 seconds."""
AWAY_SECONDS = 1.0
MOST_TRIES = 60
_AWAY = (OperationalError, InterfaceError)
_PLACE = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)', re.MULTILINE)
_KIND = re.compile(r"^[A-Za-z_][\w.]*", re.MULTILINE)
_UNREADABLE = (
    BadSignature, pickle.UnpicklingError, AttributeError, EOFError, ImportError, IndexError, KeyError, TypeError, ValueError,
)
"""What comes of an entry that another key signed, that was altered, or that names what a former version had."""
_FORBIDDEN = ("args", "hook", "chain", "sync")
"""What would run other functions, or carry values; none of our jobs has it."""


def doors() -> Mapping[str, frozenset[str]]:
    """Name the functions that a worker may run, each with the ids it takes."""
    found = inspect.getmembers(tasks, inspect.isfunction)
    public = {name: one for name, one in found if one.__module__ == tasks.__name__ and not name.startswith("_")}
    return {f"{tasks.__name__}.{name}": _ids(one) for name, one in public.items()} | {BEAT: _ids(heartbeat.beat)}


def _ids(door: Callable[..., Any]) -> frozenset[str]:
    kinds = inspect.signature(door).parameters.values()
    return frozenset(one.name for one in kinds if one.kind is inspect.Parameter.KEYWORD_ONLY)


def is_ours(job: Any) -> bool:
    """Tell whether a job is one of ours: a door of this program, with whole numbers under the names it takes."""
    if not isinstance(job, dict) or any(job.get(name) for name in _FORBIDDEN):
        return False
    function, given = job.get("func"), job.get("kwargs") or {}
    taken = doors().get(function) if isinstance(function, str) else None
    return taken is not None and set(given) <= taken and all(type(value) is int for value in given.values())


class Gate(ORM):  # type: ignore[misc]
    """django-q2's own broker, which hands on nothing but what is ours, and outlives a moment without the database.

    It stands in the settings of the queue. The beats of the supervisor above it come first, those of other supervisors never.
    """

    def __init__(self, list_key: str | None = None) -> None:
        self.list_key: str  # set by the broker
        super().__init__(list_key=list_key)
        self._looked_at: float | None = None
        directory = os.environ.get(heartbeat.DIRECTORY_VARIABLE)
        self._beats = heartbeat.address(directory) if directory else ""

    def dequeue(self) -> list[tuple[int, str]]:
        """Take the next jobs out of the queue, without those that nobody may run; nothing while the database is away."""
        try:
            self._look_after_schedules()
            return [(key, payload) for key, payload in self._next() if self._admits(key, payload)]
        except _AWAY as away:
            logger.warning("the queue waits for the database (%s)", type(away).__name__)
            connection.close()
            time.sleep(AWAY_SECONDS)
            return []

    def delete(self, task_id: int) -> None:
        """Tick a job off, as soon as the database is there."""
        for _ in range(MOST_TRIES):
            try:
                super().delete(task_id)
            except _AWAY:
                connection.close()
                time.sleep(AWAY_SECONDS)
            else:
                return

    def _next(self) -> Sequence[tuple[int, str]]:
        kept = self.list_key
        if self._beats and self.get_connection().filter(key=self._beats, lock__lt=timezone.now()).exists():
            self.list_key = self._beats
        try:
            return super().dequeue() or ()
        finally:
            self.list_key = kept

    def _admits(self, key: int, payload: str) -> bool:
        try:
            job = SignedPackage.loads(payload)
        except _UNREADABLE:
            self.delete(key)
            logger.warning("a job in the queue could not be read and was removed; what it was for is asked for again")
            notices.tell(
                subject="unreadable job", link=JOBS_PAGE,
                words=say(
                    "A job in the queue could not be read and was removed: SECRET_KEY was changed while it waited, or somebody altered it."
                    " Nothing is lost: what it was for is looked for and asked for again within minutes. If SECRET_KEY was not changed,"
                    " ask whoever looks after this program to find out who else can write into the database."
                ),
            )
            return False
        if is_ours(job):
            return True
        self.delete(key)
        logger.error("a job in the queue is none of this program's; it was removed and not run")
        notices.tell(
            subject="foreign job", link=JOBS_PAGE, urgent=True,
            words=say(
                "The queue held a job that is none of this program's. It was removed and not run. Somebody wrote it into the database: "
                "ask whoever looks after this program to find out who else can write there."
            ),
        )
        return False

    def _look_after_schedules(self) -> None:
        """A schedule of somebody else is switched off before it is read, ours are put right."""
        now = time.monotonic()
        if self._looked_at is not None and now - self._looked_at < SCHEDULES_EVERY:
            return
        self._looked_at = now
        queue.forget(now=timezone.now())
        for name in queue.ensure_schedule():
            logger.error("a schedule of the queue is none of this program's; it was switched off")
            notices.tell(
                subject=f"schedule {name}"[:100], link=JOBS_PAGE, urgent=True,
                words=say(
                    "The schedule “{name}” in the queue's table is not as this program makes it. It was put right or switched off, and"
                    " what it names is not run. Somebody wrote it into the database: ask whoever looks after this program to find out who"
                    " else can write there.", name=name,
                ),
            )


def connect() -> None:
    """Have every worker keep an error's words to itself, and name the job in what it logs."""
    signals.pre_execute.connect(_name, dispatch_uid="syncapp.gate.name")
    signals.post_execute_in_worker.connect(_conceal, dispatch_uid="syncapp.gate.conceal")


def _name(*, task: dict[str, Any], **_ignored: Any) -> None:
    about.begin(job=str(task.get("id", "")))


def _conceal(*, task: dict[str, Any], **_ignored: Any) -> None:
    """What a job answers is nobody's business, and an error's words may hold values: the kind and the places in the code stay."""
    about.begin()
    task["result"] = None if task["success"] else outline(str(task["result"]))


def outline(trace: str) -> str:
    """Name the kind of an error and where in our code it came about, by what Python tells of it."""
    last = trace.rpartition("Traceback (most recent call last):")[2]
    places = list(_PLACE.finditer(last))
    kind = _KIND.search(last, places[-1].end()) if places else None
    where = [f"{place['file']}:{place['line']}" for place in places]
    root = f"{settings.BASE_DIR}/"
    ours = [one.removeprefix(root) for one in where if one.startswith(root) and "-packages/" not in one]
    return " > ".join([kind.group() if kind else "An error", *(ours or where[-1:])])
