"""Notice when the queue has gone deaf or mute although its processes are alive.

django-q2's cluster can stop for good while it looks healthy: a worker that dies while it holds the queue's lock leaves the others
*deaf* (nothing runs any more), a monitor that dies leaves it *mute* (jobs run, but are never ticked off and run again and again).
So the supervisor rings the bell every few seconds and watches whether the job runs and whether it is ticked off.
Owns the beat job and the notes the workers leave in a directory. Must not start or stop anything; that is the supervisor's.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import signal
import socket
import time
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from django.conf import settings
from django.db.models import QuerySet
from django_q import brokers, signals, tasks
from django_q.models import OrmQ

from syncapp.services import ports

DIRECTORY_VARIABLE = "SYNCAPP_HEARTBEAT_DIR"
BEAT_FILE = "beat"
BUSY_PREFIX = "busy-"


class Verdict(Enum):
    """What the watchdog thinks of the queue."""

    WELL = "the queue works"
    DEAF = "the queue no longer starts jobs"
    MUTE = "the queue no longer ticks off finished jobs"


class Bell(Protocol):
    """A way to enqueue a beat and to look whether it still waits to be ticked off."""

    def ring(self, *, number: int) -> None:
        """Enqueue the beat with this number."""

    def is_waiting(self) -> bool:
        """Say whether the beat enqueued last has not been ticked off yet."""

    def take_back(self) -> None:
        """Remove the beat enqueued last, so that a restarted queue does not start with it."""


class QueueBell:
    """The bell of the real queue. Several queues may share a table: a beat is for the one whose notes lie in the same directory."""

    def __init__(self, *, directory: Path) -> None:
        self._broker_key = address(directory)
        self._key: int | None = None

    def ring(self, *, number: int) -> None:
        """Enqueue the beat and remember its place in the queue."""
        broker = brokers.get_broker(self._broker_key)
        task_id = tasks.async_task("syncapp.heartbeat.beat", number=number, save=False, broker=broker)
        newest_first = _entries().order_by("-pk")[:50]
        self._key = next((entry.pk for entry in newest_first if entry.task_id() == task_id), None)

    def is_waiting(self) -> bool:
        """Say whether the queue still holds the beat."""
        return self._key is not None and _entries().filter(pk=self._key).exists()

    def take_back(self) -> None:
        """Remove the beats for this queue."""
        _entries().filter(key=self._broker_key).delete()


def _entries() -> QuerySet[OrmQ]:
    """Return what the queue holds, over a connection that has not gone stale since the last look."""
    entries: QuerySet[OrmQ] = brokers.get_broker().get_connection().all()
    return entries


class Watchdog:
    """Rings the bell at intervals and judges what comes back."""

    def __init__(self, *, directory: Path, bell: Bell, interval: float = 5.0, patience: float = 30.0) -> None:
        self._directory = directory
        self._bell = bell
        self._interval = interval
        self._patience = patience
        self._number = int(time.time())
        self._rung_at: float | None = None
        self._alive_at = 0.0
        self._answered_at: float | None = None

    def reset(self, *, now: float) -> None:
        """Forget what was before, because the queue has just been started."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for note in self._directory.glob(f"{BUSY_PREFIX}*"):
            note.unlink(missing_ok=True)
        self._rung_at = None
        self._alive_at = now
        self._bell.take_back()

    def look(self, *, now: float) -> Verdict:
        """Judge the queue, and ring again when the last beat came back and the interval is over."""
        if self._rung_at is None:
            self._ring(now=now)
            return Verdict.WELL
        has_run = last_beat(self._directory) >= self._number
        if not has_run:
            if is_any_busy(self._directory, now=time.time()):
                self._alive_at = now
            return Verdict.DEAF if now - self._alive_at > self._patience else Verdict.WELL
        self._answered_at = now if self._answered_at is None else self._answered_at
        if self._bell.is_waiting():
            return Verdict.MUTE if now - self._answered_at > self._patience else Verdict.WELL
        if now - self._rung_at >= self._interval:
            self._ring(now=now)
        return Verdict.WELL

    def ask_to_stop(self) -> None:
        """Ask the workers that are busy to come to an end; the queue waits for them and does not tell them."""
        for note in self._directory.glob(f"{BUSY_PREFIX}*"):
            if _is_living(note, now=time.time()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(note.name.removeprefix(BUSY_PREFIX)), signal.SIGTERM)

    def _ring(self, *, now: float) -> None:
        self._number += 1
        self._bell.ring(number=self._number)
        self._rung_at = self._alive_at = now
        self._answered_at = None


def address(directory: str | Path) -> str:
    """Name the queue whose notes lie in the directory, so that its beats are told from those of other queues."""
    return f"beat:{hashlib.sha256(f'{socket.gethostname()}:{directory}'.encode()).hexdigest()[:32]}"


def beat(*, number: int, **_ignored: object) -> None:
    """Note that the queue ran this beat. Runs inside a worker."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if directory:
        _write(Path(directory) / BEAT_FILE, str(number))


def last_beat(directory: Path) -> int:
    """Return the number of the beat that ran last, 0 before the first."""
    try:
        return int((directory / BEAT_FILE).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def is_any_busy(directory: Path, *, now: float) -> bool:
    """Say whether a living worker works on a job, and for no longer than a job may take."""
    return any(_is_living(note, now=now) for note in directory.glob(f"{BUSY_PREFIX}*"))


def connect() -> None:
    """Let the workers of this process note when they start and finish a job."""
    signals.pre_execute.connect(_note_busy, dispatch_uid="syncapp.heartbeat.busy")
    signals.post_execute_in_worker.connect(_note_idle, dispatch_uid="syncapp.heartbeat.idle")


def heed_stop() -> None:
    """Have a worker that is asked to stop finish its job, a run's slice at its next safe place, and begin no other."""
    signals.post_spawn.connect(_heed_stop, dispatch_uid="syncapp.heartbeat.stop")
    signals.pre_execute.connect(_begin, dispatch_uid="syncapp.heartbeat.begin")
    signals.post_execute_in_worker.connect(_end, dispatch_uid="syncapp.heartbeat.end")


class _Job:
    """Whether this process works on a job."""

    under_way = False


def _heed_stop(**_ignored: Any) -> None:
    signal.signal(signal.SIGTERM, _on_stop)


def _on_stop(number: int, frame: FrameType | None) -> None:
    """Remember it, and leave at once where nothing is under way; leaving by an exception lets the queue's lock go."""
    ports.ask_to_stop()
    if not _Job.under_way:
        raise SystemExit(0)


def _begin(**_ignored: Any) -> None:
    """What is not begun is lost to this queue, and asked for again by the sweep."""
    if ports.REAL.stopping():
        raise SystemExit(0)
    _Job.under_way = True


def _end(**_ignored: Any) -> None:
    _Job.under_way = False


def _is_living(note: Path, *, now: float) -> bool:
    try:
        started_at = note.stat().st_mtime
        os.kill(int(note.name.removeprefix(BUSY_PREFIX)), 0)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return False
    return now - started_at < float(settings.Q_CLUSTER["timeout"])


def _note() -> Path:
    return Path(os.environ[DIRECTORY_VARIABLE]) / f"{BUSY_PREFIX}{os.getpid()}"


def _note_busy(**_ignored: Any) -> None:
    _write(_note(), "")


def _note_idle(**_ignored: Any) -> None:
    _note().unlink(missing_ok=True)


def _write(file: Path, content: str) -> None:
    """Write the file in one step, so that a reader never sees half of it."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.write_text(content, encoding="ascii")
    draft.replace(file)
