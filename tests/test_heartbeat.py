"""How a deaf or mute queue is told from a busy one."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from django_q import signals
from django_q.models import OrmQ

from syncapp import heartbeat
from syncapp.heartbeat import QueueBell, Verdict, Watchdog
from syncapp.services import ports


class FakeBell:
    """A queue whose worker and monitor are played by the test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rung: list[int] = []
        self.waiting = False

    def ring(self, *, number: int) -> None:
        self.rung.append(number)
        self.waiting = True

    def is_waiting(self) -> bool:
        return self.waiting

    def take_back(self) -> None:
        self.waiting = False

    def run(self) -> None:
        """Run the beat, as a worker would."""
        (self.directory / heartbeat.BEAT_FILE).write_text(str(self.rung[-1]), encoding="ascii")

    def tick_off(self) -> None:
        """Acknowledge it, as the monitor would."""
        self.waiting = False


@pytest.fixture
def bell(tmp_path: Path) -> FakeBell:
    return FakeBell(tmp_path)


@pytest.fixture
def watchdog(tmp_path: Path, bell: FakeBell) -> Watchdog:
    watchdog = Watchdog(directory=tmp_path, bell=bell, interval=5, patience=30)
    watchdog.reset(now=0)
    return watchdog


class TestWatchdog:
    def test_rings_again_after_the_interval_only(self, watchdog: Watchdog, bell: FakeBell) -> None:
        watchdog.look(now=0)
        bell.run()
        bell.tick_off()

        watchdog.look(now=4)
        early = len(bell.rung)
        watchdog.look(now=5)

        assert (early, len(bell.rung)) == (1, 2)

    def test_finds_a_queue_deaf_that_runs_nothing(self, watchdog: Watchdog) -> None:
        watchdog.look(now=0)

        assert watchdog.look(now=30) is Verdict.WELL
        assert watchdog.look(now=31) is Verdict.DEAF

    def test_waits_for_a_worker_that_is_busy(self, watchdog: Watchdog, tmp_path: Path) -> None:
        watchdog.look(now=0)
        note = tmp_path / f"busy-{os.getpid()}"
        note.touch()

        assert watchdog.look(now=100) is Verdict.WELL
        note.unlink()
        assert watchdog.look(now=129) is Verdict.WELL
        assert watchdog.look(now=131) is Verdict.DEAF

    def test_does_not_wait_for_a_worker_that_is_dead(self, watchdog: Watchdog, tmp_path: Path) -> None:
        watchdog.look(now=0)
        (tmp_path / "busy-999999999").touch()

        assert watchdog.look(now=31) is Verdict.DEAF

    def test_does_not_wait_longer_than_a_job_may_take(self, watchdog: Watchdog, tmp_path: Path) -> None:
        watchdog.look(now=0)
        note = tmp_path / f"busy-{os.getpid()}"
        note.touch()
        os.utime(note, (time.time() - 3600, time.time() - 3600))

        assert watchdog.look(now=31) is Verdict.DEAF

    def test_finds_a_queue_mute_that_runs_but_ticks_nothing_off(self, watchdog: Watchdog, bell: FakeBell) -> None:
        watchdog.look(now=0)
        bell.run()

        assert watchdog.look(now=20) is Verdict.WELL
        assert watchdog.look(now=49) is Verdict.WELL
        assert watchdog.look(now=51) is Verdict.MUTE

    def test_starts_anew_after_a_restart(self, watchdog: Watchdog, bell: FakeBell, tmp_path: Path) -> None:
        watchdog.look(now=0)
        (tmp_path / f"busy-{os.getpid()}").touch()

        watchdog.reset(now=100)

        assert not bell.waiting
        assert list(tmp_path.glob("busy-*")) == []
        assert watchdog.look(now=101) is Verdict.WELL

    def test_is_not_deceived_by_the_beat_of_an_earlier_start(self, bell: FakeBell, tmp_path: Path) -> None:
        (tmp_path / heartbeat.BEAT_FILE).write_text(str(int(time.time()) - 60), encoding="ascii")
        watchdog = Watchdog(directory=tmp_path, bell=bell, interval=5, patience=30)
        watchdog.reset(now=0)
        watchdog.look(now=0)

        assert watchdog.look(now=31) is Verdict.DEAF


class TestNotes:
    def test_say_which_worker_is_busy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(heartbeat.DIRECTORY_VARIABLE, str(tmp_path))

        heartbeat._note_busy(func=None, task=None)
        busy = heartbeat.is_any_busy(tmp_path, now=time.time())
        heartbeat._note_idle(func=None, task=None)

        assert busy
        assert not heartbeat.is_any_busy(tmp_path, now=time.time())

    def test_keep_the_number_of_the_last_beat(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(heartbeat.DIRECTORY_VARIABLE, str(tmp_path))

        heartbeat.beat(number=17, anything_else=True)

        assert heartbeat.last_beat(tmp_path) == 17


class TestStopping:
    @pytest.fixture(autouse=True)
    def unasked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ports._Stop, "asked", False)
        monkeypatch.setattr(heartbeat._Job, "under_way", False)

    def test_of_a_busy_worker_waits_for_the_end_of_its_job(self) -> None:
        heartbeat._begin(func=None, task=None)

        heartbeat._on_stop(signal.SIGTERM, None)

        assert ports.REAL.stopping()
        heartbeat._end(func=None, task=None)
        with pytest.raises(SystemExit):
            heartbeat._begin(func=None, task=None)

    def test_of_an_idle_worker_happens_at_once(self) -> None:
        with pytest.raises(SystemExit):
            heartbeat._on_stop(signal.SIGTERM, None)

    def test_is_heeded_by_every_worker_of_the_queue(self) -> None:
        before = signal.getsignal(signal.SIGTERM)

        signals.post_spawn.send(sender="django_q", proc_name="a worker")
        heeded = signal.getsignal(signal.SIGTERM)

        signal.signal(signal.SIGTERM, before)
        assert heeded is heartbeat._on_stop

    def test_is_told_to_the_workers_that_are_busy(self, watchdog: Watchdog, tmp_path: Path) -> None:
        told: list[int] = []
        before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        (tmp_path / f"busy-{os.getpid()}").touch()
        (tmp_path / "busy-999999999").touch()

        watchdog.ask_to_stop()

        signal.signal(signal.SIGTERM, before)
        assert told == [signal.SIGTERM]


@pytest.mark.django_db
class TestQueueBell:
    def test_waits_until_the_beat_is_ticked_off(self, tmp_path: Path) -> None:
        bell = QueueBell(directory=tmp_path)
        bell.ring(number=1)

        assert bell.is_waiting()
        OrmQ.objects.all().delete()
        assert not bell.is_waiting()

    def test_takes_back_its_own_beat_only(self, tmp_path: Path) -> None:
        other, bell = QueueBell(directory=tmp_path / "other"), QueueBell(directory=tmp_path)
        other.ring(number=1)
        bell.ring(number=2)

        bell.take_back()

        assert other.is_waiting()
        assert not bell.is_waiting()

    def test_takes_back_what_a_supervisor_that_died_has_left(self, tmp_path: Path) -> None:
        QueueBell(directory=tmp_path).ring(number=1)

        QueueBell(directory=tmp_path).take_back()

        assert not OrmQ.objects.exists()
