"""Run several long-lived programs as one, such as the web server and the queue.

Owns their start, their restart when they end or when the queue's watchdog complains, and their orderly end: on Ctrl-C or SIGTERM
only the parents are asked to stop and the workers that are busy (a queue all of whose processes get the signal hangs), after a
grace period their whole group is killed. Each child leads a process group of its own, so nothing it started is left behind. Must
not know what the children do.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Self

from django.db import DatabaseError, close_old_connections, connection

from syncapp.heartbeat import Verdict, Watchdog

logger = logging.getLogger(__name__)

GRACE_SECONDS = 20.0
TICK_SECONDS = 0.25
MOST_ENDS = 5
ENDS_WITHIN_SECONDS = 60.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A program to keep running.

    With `watchdog` set it is restarted when the watchdog finds it deaf or mute; with `may_start` set it is restarted only while
    that says yes.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    watchdog: Watchdog | None = None
    may_start: Callable[[], bool] | None = None


class _Running:
    """One child's process, and when it ended before."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._process: subprocess.Popen[bytes] | None = None
        self._ended_at: list[float] = []

    @property
    def is_started(self) -> bool:
        return self._process is not None

    def start(self, *, now: float) -> None:
        if self.child.watchdog is not None:
            with contextlib.suppress(DatabaseError):  # the watchdog says so itself at its next look
                self.child.watchdog.reset(now=now)
        environment = {**os.environ, **self.child.env}
        self._process = subprocess.Popen(list(self.child.argv), env=environment, start_new_session=True)

    def has_ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def exit_code(self) -> int | None:
        return None if self._process is None else self._process.returncode

    def ends_too_often(self, *, now: float) -> bool:
        """Count an end, and say whether there were too many lately to try again."""
        self._ended_at = [*(at for at in self._ended_at if now - at < ENDS_WITHIN_SECONDS), now]
        return len(self._ended_at) >= MOST_ENDS

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the parent, and have busy workers told that take it for a wish."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            if self.child.watchdog is not None:
                self.child.watchdog.ask_to_stop()

    def wait(self, *, until: float) -> None:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=max(0.0, until - time.monotonic()))

    def kill(self) -> None:
        """Kill what is left of the group, the parent included."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Supervisor:
    """Keeps children running until it is told to stop. Use as a context: leaving it stops everything that was started."""

    def __init__(self, children: Sequence[Child], *, grace: float = GRACE_SECONDS) -> None:
        self._running = {child.name: _Running(child) for child in children}
        self._grace = grace
        self._is_looping = False
        self._stop_signal: int | None = None
        self._previous_handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._previous_handlers[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        try:
            self.stop()
        finally:
            for number, handler in self._previous_handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]

    def start(self, name: str) -> None:
        """Start one child now, ahead of the others."""
        self._running[name].start(now=time.monotonic())

    def run(self, *, on_start: Callable[[], None] | None = None) -> int:
        """Start the children that are not running, keep them running, and return an exit code once told to stop.

        `on_start` is called once, when all have been started; 0 comes back after a signal, 1 when a child keeps ending.
        """
        self._is_looping = True
        for running in self._running.values():
            if not running.is_started:
                running.start(now=time.monotonic())
        if on_start is not None:
            on_start()
        while self._stop_signal is None:
            for running in self._running.values():
                if not self._keep(running):
                    return 1
            time.sleep(TICK_SECONDS)
        return 0

    def stop(self) -> None:
        """End everything that was started: the parents are asked, and whatever is left after the grace period is killed."""
        started = [running for running in self._running.values() if running.is_started]
        try:
            for running in started:
                running.ask_to_stop()
            until = time.monotonic() + self._grace
            for running in started:
                running.wait(until=until)
        finally:
            for running in started:
                running.kill()

    def _keep(self, running: _Running) -> bool:
        """Restart the child if it ended or hangs; say whether going on makes sense."""
        now = time.monotonic()
        name = running.child.name
        if running.has_ended():
            if running.child.may_start is not None and not running.child.may_start():
                logger.warning("%s ended and waits for the database.", name)
                time.sleep(1)
                return True
            if running.ends_too_often(now=now):
                words = "%s ended %s times within a minute, last with code %s; its own words are above. Stopping."
                logger.error(words, name, MOST_ENDS, running.exit_code())
                return False
            logger.warning("%s ended with code %s and is started again.", name, running.exit_code())
            self._restart(running)
        elif running.child.watchdog is not None:
            verdict = self._ask(running.child.watchdog, now=now)
            if verdict is not Verdict.WELL:
                logger.warning("%s is started again: %s.", name, verdict.value)
                self._restart(running)
        return True

    def _ask(self, watchdog: Watchdog, *, now: float) -> Verdict:
        """Return the watchdog's verdict; while the database is away it cannot judge, and the child gets the benefit of the doubt."""
        try:
            return watchdog.look(now=now)
        except DatabaseError as error:
            logger.warning("The queue cannot be watched, the database does not answer (%s).", type(error).__name__)
            time.sleep(1)
            return Verdict.WELL

    def _restart(self, running: _Running) -> None:
        running.kill()
        time.sleep(TICK_SECONDS)
        running.start(now=time.monotonic())

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Remember the signal; a second one does not wait for anybody, and one before the loop ends the program the usual way."""
        if self._stop_signal is not None:
            raise SystemExit(128 + number)
        self._stop_signal = number
        if not self._is_looping:
            raise SystemExit(128 + number)


def database_answers() -> bool:
    """Return whether the database can be reached now."""
    try:
        close_old_connections()
        connection.ensure_connection()
    except DatabaseError:
        return False
    return True


def wait_for_port(*, host: str, port: int, seconds: float) -> bool:
    """Return whether something listens there, having waited for it up to so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
            return True
        time.sleep(0.1)
    return False
