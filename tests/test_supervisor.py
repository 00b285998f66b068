"""Several programs run as one: kept running, ended in order, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from syncapp.heartbeat import Verdict, Watchdog
from syncapp.supervisor import Child, Supervisor, wait_for_port

STAY = "import time\nwhile True: time.sleep(0.05)"
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n{STAY}"


def tells(file: Path, value: str) -> str:
    """Return code that writes a value into a file, which is never seen half written."""
    draft = file.with_suffix(".new")
    return f"pathlib.Path({str(draft)!r}).write_text(str({value})); pathlib.Path({str(draft)!r}).replace({str(file)!r})"


def child(tmp_path: Path, name: str, code: str, **options: object) -> Child:
    """Return a Python program that first writes its process id into a file of its name."""
    start = f"import os, pathlib\n{tells(tmp_path / name, 'os.getpid()')}\n"
    return Child(name=name, argv=[sys.executable, "-c", start + code], **options)  # type: ignore[arg-type]


def until(condition: Callable[[], object]) -> None:
    """Return once the condition holds; the bound only keeps a broken test from hanging."""
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.02)


def process_id(tmp_path: Path, name: str, *, after: int = 0) -> int:
    """Return the process id the program wrote, once it is another than the one before."""
    file = tmp_path / name
    until(lambda: file.exists() and int(file.read_text()) != after)
    return int(file.read_text())


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def during(action: Callable[[], None]) -> None:
    """Run the action beside the supervisor's loop, then tell the loop to stop."""

    def act() -> None:
        try:
            action()
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=act, daemon=True).start()


class TestRun:
    def test_starts_everything_and_ends_it_on_a_signal(self, tmp_path: Path) -> None:
        pids: list[int] = []
        with Supervisor([child(tmp_path, "web", STAY), child(tmp_path, "queue", STAY)]) as supervisor:
            during(lambda: pids.extend(process_id(tmp_path, name) for name in ("web", "queue")))
            code = supervisor.run()

        assert code == 0
        assert len(pids) == 2
        assert not any(is_alive(pid) for pid in pids)

    def test_starts_a_child_again_that_ended(self, tmp_path: Path) -> None:
        pids: list[int] = []

        def kill_it() -> None:
            pids.append(process_id(tmp_path, "web"))
            os.kill(pids[0], signal.SIGKILL)
            pids.append(process_id(tmp_path, "web", after=pids[0]))

        with Supervisor([child(tmp_path, "web", STAY)]) as supervisor:
            during(kill_it)
            supervisor.run()

        assert len(set(pids)) == 2
        assert not is_alive(pids[1])

    def test_gives_up_on_a_child_that_keeps_ending(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with Supervisor([child(tmp_path, "web", "raise SystemExit(3)"), child(tmp_path, "queue", STAY)]) as supervisor:
            code = supervisor.run()

        assert code == 1
        assert "web ended 5 times within a minute, last with code 3" in caplog.text
        assert not is_alive(process_id(tmp_path, "queue"))

    def test_holds_a_child_back_while_it_may_not_start(self, tmp_path: Path) -> None:
        asked: list[bool] = []

        def not_yet() -> bool:
            asked.append(True)
            return False

        with Supervisor([child(tmp_path, "queue", "", may_start=not_yet)]) as supervisor:
            during(lambda: until(lambda: len(asked) > 1))
            code = supervisor.run()

        assert code == 0

    def test_starts_a_child_again_that_the_watchdog_complains_of(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        class Dog(Watchdog):
            verdicts = iter([Verdict.WELL, Verdict.DEAF])

            def reset(self, *, now: float) -> None:
                pass

            def look(self, *, now: float) -> Verdict:
                return next(self.verdicts, Verdict.WELL) if (tmp_path / "queue").exists() else Verdict.WELL

        dog = Dog(directory=tmp_path, bell=None)  # type: ignore[arg-type]
        pids: list[int] = []
        with Supervisor([child(tmp_path, "queue", STUBBORN, watchdog=dog)]) as supervisor:
            during(lambda: pids.extend([first := process_id(tmp_path, "queue"), process_id(tmp_path, "queue", after=first)]))
            supervisor._grace = 0.1
            supervisor.run()

        assert len(pids) == 2
        assert not any(is_alive(pid) for pid in pids)
        assert "the queue no longer starts jobs" in caplog.text


class TestStop:
    def test_asks_only_the_parents(self, tmp_path: Path) -> None:
        code = f"""
        import signal, subprocess, sys
        inner = subprocess.Popen([sys.executable, "-c", {STAY!r}])
        def end(*_):
            pathlib.Path({str(tmp_path / "inner-was-alive")!r}).write_text(str(inner.poll() is None))
            inner.terminate(); inner.wait(); sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        {tells(tmp_path / "inner", "inner.pid")}
        signal.pause()
        """
        with Supervisor([child(tmp_path, "web", textwrap.dedent(code))]) as supervisor:
            supervisor.start("web")
            inner = process_id(tmp_path, "inner")

        assert (tmp_path / "inner-was-alive").read_text() == "True"
        assert not is_alive(inner)

    def test_tells_the_workers_that_are_busy(self, tmp_path: Path) -> None:
        class Dog(Watchdog):
            told = False

            def reset(self, *, now: float) -> None:
                pass

            def ask_to_stop(self) -> None:
                self.told = True

        dog = Dog(directory=tmp_path, bell=None)  # type: ignore[arg-type]
        with Supervisor([child(tmp_path, "queue", STAY, watchdog=dog)]) as supervisor:
            supervisor.start("queue")
            process_id(tmp_path, "queue")

        assert dog.told

    def test_kills_the_whole_group_after_the_grace(self, tmp_path: Path) -> None:
        code = f"import subprocess, sys\ninner = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
        code += f"{tells(tmp_path / 'inner', 'inner.pid')}\n{STUBBORN}"
        with Supervisor([child(tmp_path, "queue", code)], grace=0.2) as supervisor:
            supervisor.start("queue")
            inner = process_id(tmp_path, "inner")

        until(lambda: not is_alive(inner))
        assert not is_alive(process_id(tmp_path, "queue"))

    def test_kills_orphans_of_a_parent_that_is_already_gone(self, tmp_path: Path) -> None:
        code = f"import subprocess, sys\ninner = subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
        code += tells(tmp_path / "inner", "inner.pid")
        with Supervisor([child(tmp_path, "queue", code)]) as supervisor:
            supervisor.start("queue")
            inner = process_id(tmp_path, "inner")

        until(lambda: not is_alive(inner))

    def test_happens_when_the_program_fails_before_the_loop(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError), Supervisor([child(tmp_path, "web", STAY)]) as supervisor:
            supervisor.start("web")
            pid = process_id(tmp_path, "web")
            raise ZeroDivisionError

        assert not is_alive(pid)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_happens_on_a_signal_before_the_loop(self, tmp_path: Path, number: int) -> None:
        with pytest.raises(SystemExit), Supervisor([child(tmp_path, "web", STAY)]) as supervisor:
            supervisor.start("web")
            pid = process_id(tmp_path, "web")
            os.kill(os.getpid(), number)

        assert not is_alive(pid)

    def test_restores_the_signals(self) -> None:
        before = signal.getsignal(signal.SIGTERM)

        with Supervisor([]):
            within = signal.getsignal(signal.SIGTERM)

        assert within != before
        assert signal.getsignal(signal.SIGTERM) == before


class TestWaitForPort:
    def test_returns_once_something_listens(self) -> None:
        code = "import socket, time\ns = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n"
        code += "print(s.getsockname()[1], flush=True); time.sleep(60)"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as server:
            port = int(server.stdout.readline()) if server.stdout else 0

            assert wait_for_port(host="127.0.0.1", port=port, seconds=10)
            server.kill()

        assert not wait_for_port(host="127.0.0.1", port=port, seconds=0.2)
