"""Several machines that share PostgreSQL and nothing else but the place of exports: one web server and two workers, killed in turn.

    python -m tests.simulation.hosts --json

Each is a process group with its own directories, and with a name of its own where this machine lets one be given (`unshare`), so that
none can see whether another's process still lives. Owns the course of it: set up, kill each during a sync, calm, judgement. It ends with
1 where a promise was broken or a limit was not kept.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import functools
import json
import os
import random
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests

from tests.simulation import live, live_judge, live_stage

WEB, WORKERS = "web-1", ("worker-1", "worker-2")
WAIT_SECONDS = 300.0
"""Longer than the leases of a machine that vanished last."""
LIMITS = {
    "HubSpot, 10 seconds": (live_judge.LEFT, 10.0, 2 * 110), "QuickBooks, a minute": (live_judge.RIGHT, 60.0, 500),
    "QuickBooks, a second": (live_judge.RIGHT, 1.0, 10),
}
"""What the vendors publish, and of which the sandbox's ledger must show no more."""


class Host:
    """One machine: the command that its service manager would call, with directories of its own."""

    def __init__(self, *, name: str, folder: Path, arguments: list[str]) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        self._arguments = arguments
        self._environment = {**os.environ, "VAR_DIR": str(folder / name)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Switch it on."""
        command = [sys.executable, "manage.py", "serve", *self._arguments]
        if has_names():
            command = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', self.name, *command]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=live_stage.ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> int:
        """Cut its power, and tell how many processes that ended."""
        if self._process is None:
            return 0
        tree: list[psutil.Process] = []
        with contextlib.suppress(psutil.Error):
            tree = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for one in tree:
            with contextlib.suppress(psutil.Error):
                one.kill()
        self._process.wait()
        self._process = None
        return len(tree)

    def pids(self) -> set[int]:
        """The processes it runs."""
        with contextlib.suppress(psutil.Error):
            if self._process is not None:
                return {one.pid for one in psutil.Process(self._process.pid).children(recursive=True)}
        return set()

    def stop(self) -> None:
        """Ask it to end, and wait for it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=live_stage.STOP_SECONDS)

    def said(self) -> str:
        """What it logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")


def has_names() -> bool:
    """Whether a process group may have a machine's name of its own here."""
    program = shutil.which("unshare")
    return program is not None and subprocess.run([program, "--uts", "true"], capture_output=True, check=False).returncode == 0


class Trial:
    """The machines, the people who work meanwhile, and what came of it."""

    def __init__(self, *, desk: Any, sandbox: live_stage.Sandbox, hosts: list[Host], port: int, seed: int) -> None:
        self._desk, self._urls, self._port = desk, {live_judge.LEFT: sandbox.hubspot, live_judge.RIGHT: sandbox.quickbooks}, port
        self._hosts = {host.name: host for host in hosts}
        self._chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.recovered: list[float] = []
        self.wrong: list[str] = []

    def play(self) -> None:
        """Kill each machine while a sync is under way, and see that the others go on."""
        self._expect(self._until(self._web_answers), "the web server came up")
        for name in (*WORKERS, WEB):
            self._work()
            self._expect(self._until(functools.partial(self._holds, name)), f"a sync was under way when {name} was killed")
            began = time.monotonic()
            self.counts["killed_processes"] += self._hosts[name].kill()
            self.counts["killed_machines"] += 1
            self._work()
            self._expect(self._until(self._rest), f"the others went on without {name}")
            self.recovered.append(round(time.monotonic() - began, 1))
            self._hosts[name].start()
        self._expect(self._until(self._web_answers), "the web server came up again")
        self._export()

    def _work(self) -> None:
        """People edit on both sides, somebody presses Run now, and the vendors take their time."""
        for _ in range(15):
            self._desk.edit(self._chance)
        self._desk.calm_vendors()
        for url in self._urls.values():
            slow = {"match": {"path_regex": "."}, "times": 12, "fault": "slow", "seconds": 0.5}
            requests.post(f"{url}/_sandbox/faults", json=slow, timeout=30).raise_for_status()
        for _ in range(4):
            self._desk.press(self._chance)
        self._desk.ring()

    def _holds(self, name: str) -> bool:
        """Whether the machine works on a sync; for the web server, whether anybody does."""
        owners = [owner for _, _, owner, expires in self._desk.lanes() or () if owner and expires > time.time()]
        if name == WEB:
            return bool(owners)
        pids = self._hosts[name].pids()
        if any(owner.startswith(f"{name}:") or int(owner.split(":")[1]) in pids for owner in owners):
            return True
        if not owners:
            self._work()
        return False

    def _rest(self) -> bool:
        return self._desk.at_rest() is True

    def _web_answers(self) -> bool:
        with contextlib.suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self._port}/health/ready", timeout=5).status_code == 200
        return False

    def _export(self) -> None:
        """A file that a worker writes can be downloaded from any machine, since all see the place."""
        from syncapp import models
        from syncapp.engine.vocabulary import ExportFormat
        from syncapp.services import exports

        person = models.SyncConfig.objects.model._meta.apps.get_model("auth", "User").objects.get(username="live")
        asked = exports.ask(owner=person, format=ExportFormat.CSV, query="", name="All records", columns=["left"], at_once=False)

        def written() -> bool:
            asked.refresh_from_db()
            return exports.path_of(asked) is not None

        self._expect(self._until(written), "a file that a worker wrote is seen by every machine")

    def _until(self, holds: Callable[[], bool]) -> bool:
        end = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.05)
        return False

    def _expect(self, holds: bool, words: str) -> None:
        self.counts["expectations"] += 1
        sys.stdout.write(f"{'fine' if holds else 'FAILED':7} {words}\n")
        sys.stdout.flush()
        if not holds:
            self.wrong.append(words)

    def judge(self, *, keys: tuple[str, ...]) -> dict[str, Any]:
        """Stop everything, run until all is quiet, and judge promises and limits."""
        log = {side: requests.get(f"{url}/_sandbox/log", timeout=60).json() for side, url in self._urls.items()}
        self._desk.calm_vendors()
        for host in self._hosts.values():
            host.stop()
        found = self._desk.settle(said="".join(host.said() for host in self._hosts.values()), canaries=keys)
        self.wrong += live_judge.breaches(found)
        most = {words: _most(log[side], seconds) for words, (side, seconds, _) in LIMITS.items()}
        refused = sum(entry["status"] == 429 for entries in log.values() for entry in entries)
        over = [f"{words}: {most[words]} calls, not {allowed}" for words, (_, _, allowed) in LIMITS.items() if most[words] > allowed]
        self.wrong += [*over, *([f"the vendors answered {refused} times that a limit was used up"] if refused else [])]
        return {
            "machines": len(self._hosts), "names_of_their_own": has_names(), **dict(sorted(self.counts.items())),
            "seconds_until_the_others_were_done": self.recovered, "calls": sum(map(len, log.values())),
            "most_calls": most, "refused_429": refused,
            "effects": sum(found.effects.values()), "edits": len(found.edits), "wrong": self.wrong,
        }


def _most(entries: list[dict[str, Any]], seconds: float) -> int:
    """The most calls of one company within so many seconds, or of both HubSpot accounts, which no path tells from one another."""
    moments: dict[str, list[float]] = {}
    for entry in entries:
        account = entry["path"].partition("/company/")[2].partition("/")[0]
        moments.setdefault(account, []).append(datetime.fromisoformat(entry["at"]).timestamp())
    return max((_within(sorted(one), seconds) for one in moments.values()), default=0)


def _within(ordered: list[float], seconds: float) -> int:
    first = most = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def play(*, seed: int) -> dict[str, Any]:
    """Set up, kill, calm and judge."""
    with tempfile.TemporaryDirectory(prefix="syncapp-hosts-", ignore_cleanup_errors=True) as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        database = live_stage.Postgres(folder)
        stack.callback(database.stop)
        sandbox = live_stage.Sandbox(folder)
        stack.callback(sandbox.stop)
        keys = {"SECRET_KEY": secrets.token_urlsafe(50), "key": base64.b64encode(secrets.token_bytes(32)).decode()}
        os.environ["EXPORT_DIR"] = str(folder / "exports")
        live.set_up(folder=folder, url=database.url, sandbox=sandbox, keys=keys, settings="settings.local")
        from tests.simulation import live_desk

        desk = live_desk.Desk(sandbox=sandbox)
        port = live_stage.free_port()
        hosts = [Host(name=WEB, folder=folder, arguments=["--only", "web", "--port", str(port)])]
        hosts += [Host(name=worker, folder=folder, arguments=["--only", "queue"]) for worker in WORKERS]
        for host in hosts:
            stack.callback(host.kill)
            host.start()
        trial = Trial(desk=desk, sandbox=sandbox, hosts=hosts, port=port, seed=seed)
        trial.play()
        return trial.judge(keys=tuple(keys.values()))


def main(arguments: list[str] | None = None) -> int:
    """Play as the command line says."""
    parser = argparse.ArgumentParser(description="Kill a web server and two workers on machines of their own in turn, then judge.")
    parser.add_argument("--seed", type=int, default=1, help="The order of edits (default: 1); moments are real and never the same.")
    parser.add_argument("--json", action="store_true", help="Print the figures as one line of JSON, last.")
    chosen = parser.parse_args(arguments)
    figures = play(seed=chosen.seed)
    sys.stdout.write("".join(f"{name:36} {value}\n" for name, value in figures.items()))
    if chosen.json:
        sys.stdout.write(f"{json.dumps(figures)}\n")
    return 1 if figures["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
