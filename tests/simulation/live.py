"""The live fire: two queues of two workers each, killed for real, over a database that goes away, while people edit on both sides.

    python -m tests.simulation.live --minutes 10 --database postgresql --seed 1 --json

Owns the course of it: set up, fire, calm, judgement. It ends with 1 where a promise was broken. Nothing of it is virtual but the waits
in the last phase, where retries that lie minutes ahead are brought forward by our own clock.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulation import live_judge, live_stage

DATABASES: dict[str, Callable[[Path], Any]] = {"postgresql": live_stage.Postgres, "sqlite": live_stage.Sqlite}
CALM_SECONDS = 300.0
EVERY: dict[str, tuple[float, float]] = {
    "edit": (0.3, 1.2), "kill": (2, 10), "hit": (5, 40), "fault": (4, 10), "press": (5, 15), "deploy": (50, 90), "watch": (0.3, 0.3),
    "bell": (10, 10),
}
"""How many seconds lie between two events of a kind, at least and at most."""


@dataclasses.dataclass
class Figures:
    """What happened, counted."""

    counts: Counter[str] = dataclasses.field(default_factory=Counter)
    recovered: list[float] = dataclasses.field(default_factory=list)
    stops: list[float] = dataclasses.field(default_factory=list)
    calm: float = 0.0
    breaches: list[str] = dataclasses.field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The figures as the last line gives them."""
        return {
            **dict(sorted(self.counts.items())),
            "recovery_p50": round(live_judge.percentile(self.recovered, 0.5), 1),
            "recovery_p95": round(live_judge.percentile(self.recovered, 0.95), 1),
            "recoveries": len(self.recovered),
            "slowest_stop": round(max(self.stops, default=0.0), 1),
            "calm_after": round(self.calm, 1),
            "violations": self.breaches,
        }


class Fire:
    """Everything that goes wrong, and the people who work meanwhile."""

    def __init__(self, *, desk: Any, database: live_stage.Database, clusters: list[live_stage.Cluster], seed: int) -> None:
        self._desk = desk
        self._database = database
        self._clusters = clusters
        self._chance = random.Random(seed)
        self._holders: dict[str, tuple[int, str, float]] = {}
        self._waiting: dict[str, tuple[int, float]] = {}
        self.figures = Figures()

    def burn(self, *, seconds: float) -> None:
        """Let everything happen for so long."""
        end = time.monotonic() + seconds
        due = {name: time.monotonic() + self._chance.uniform(*span) for name, span in EVERY.items()}
        while (now := time.monotonic()) < end:
            for name in [name for name, at in due.items() if at <= now]:
                getattr(self, f"_{name}")()
                due[name] = time.monotonic() + self._chance.uniform(*EVERY[name])
            for cluster in self._clusters:
                cluster.keep()
            time.sleep(0.05)

    def cool(self) -> None:
        """No more harm: wait until nothing is under way any more, or for as long as that is worth it."""
        self._desk.calm_vendors()
        began = time.monotonic()
        while time.monotonic() - began < CALM_SECONDS:
            self._watch()
            if self._desk.at_rest() is True:
                break
            for cluster in self._clusters:
                cluster.keep()
            time.sleep(0.5)
        self.figures.calm = time.monotonic() - began
        self.figures.counts["unfinished_runs"] = self._desk.under_way() or 0

    def _edit(self) -> None:
        self.figures.counts[self._desk.edit(self._chance)] += 1

    def _fault(self) -> None:
        self.figures.counts[f"fault_{self._desk.plant(self._chance)}"] += 1

    def _press(self) -> None:
        self.figures.counts["runs_pressed"] += bool(self._desk.press(self._chance))

    def _bell(self) -> None:
        self._desk.ring()

    def _hit(self) -> None:
        self.figures.counts[f"database_{self._database.hit(self._chance)}"] += 1

    def _deploy(self) -> None:
        self.figures.stops.append(self._chance.choice(self._clusters).deploy())
        self.figures.counts["deploys"] += 1

    def _kill(self) -> None:
        cluster = self._chance.choice(self._clusters)
        before = time.monotonic()
        whole, aimed = self._chance.random() < 0.1, self._chance.random() < 0.5
        at_work = [int(owner.split(":")[1]) for _, owner, _ in self._holders.values() if owner] if aimed else []
        dead = cluster.kill_all() if whole else live_stage.kill_any_of(self._clusters, at_work) if at_work else []
        dead = dead or live_stage.kill_one(cluster, self._chance)
        self.figures.counts["kills"] += len(dead)
        for name, (fence, owner, _) in self._holders.items():
            if any(f":{pid}:" in owner for pid in dead):
                self.figures.counts["kills_of_a_run"] += 1
                self._waiting.setdefault(name, (fence, before))

    def _watch(self) -> None:
        """See who holds which lane, how long one stays without a worker after a death, and who took one over."""
        now = time.time()
        for name, fence, owner, expires in self._desk.lanes() or ():
            before = self._holders.get(name)
            if before is not None and fence > before[0] and before[1] and before[2] <= now:
                self.figures.counts["leases_run_out"] += 1
            self._holders[name] = (fence, owner, expires)
            if name in self._waiting and fence > self._waiting[name][0]:
                self.figures.recovered.append(time.monotonic() - self._waiting.pop(name)[1])
                self.figures.counts["leases_taken_over"] += 1


def play(*, database: str, minutes: float, seed: int, settings: str = "settings.local") -> Figures:
    """Set up, burn, cool and judge, on one database."""
    with tempfile.TemporaryDirectory(prefix="syncapp-live-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        sandbox = live_stage.Sandbox(folder)
        with contextlib.ExitStack() as stack:
            stack.callback(sandbox.stop)
            store = DATABASES[database](folder)
            stack.callback(store.stop)
            keys = {"SECRET_KEY": secrets.token_urlsafe(50), "key": base64.b64encode(secrets.token_bytes(32)).decode()}
            set_up(folder=folder, url=store.url, sandbox=sandbox, keys=keys, settings=settings)
            from tests.simulation import live_desk

            desk = live_desk.Desk(sandbox=sandbox)
            clusters = [live_stage.Cluster(name=f"cluster{number}", folder=folder) for number in (1, 2)]
            for cluster in clusters:
                stack.callback(cluster.stop)
                cluster.start()
            fire = Fire(desk=desk, database=store, clusters=clusters, seed=seed)
            fire.burn(seconds=minutes * 60)
            fire.cool()
            fire.figures.stops += [_stopped(cluster) for cluster in clusters]
            said = "".join(cluster.said() for cluster in clusters)
            found = desk.settle(said=said, canaries=tuple(keys.values()))
    fire.figures.breaches = live_judge.breaches(found)
    fire.figures.counts["effects"] = sum(found.effects.values())
    fire.figures.counts["entries"] = len(found.entries)
    fire.figures.counts["edits"] = len(found.edits)
    return fire.figures


def _stopped(cluster: live_stage.Cluster) -> float:
    before = time.monotonic()
    cluster.stop()
    return time.monotonic() - before


def set_up(*, folder: Path, url: str, sandbox: live_stage.Sandbox, keys: dict[str, str], settings: str) -> None:
    """Make this process and those it starts an installation of its own."""
    from syncapp.management import visitor

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": settings, "SYNCAPP_ENV_FILE": "", "SECRET_KEY": keys["SECRET_KEY"], "DATABASE_URL": url,
        "CREDENTIAL_KEYS": f"live:{keys['key']}", "PUBLIC_URL": "http://127.0.0.1:8000", "VAR_DIR": str(folder / "var"),
        "LOG_LEVEL": "INFO",
        "LOCAL_SANDBOX_HUBSPOT_URL": sandbox.hubspot, "LOCAL_SANDBOX_QUICKBOOKS_URL": sandbox.quickbooks, "EMAIL_URL": "dummymail://",
    }
    for system, base_url in (("HUBSPOT", sandbox.hubspot), ("QUICKBOOKS", sandbox.quickbooks)):
        made = visitor.control(base_url=base_url, path="tokens", body={"scopes": None, "limits": None})
        os.environ[f"{system}_CLIENT_ID"] = made["client_id"]
        os.environ[f"{system}_CLIENT_SECRET"] = keys[f"{system}_CLIENT_SECRET"] = made["client_secret"]
    import django

    django.setup()


def table(figures: Figures) -> str:
    """The figures for people."""
    found = figures.as_json()
    lines = [f"{name:24} {value}" for name, value in found.items() if name != "violations"]
    return "\n".join([*lines, f"{'violations':24} {len(figures.breaches)}", *(f"  {breach}" for breach in figures.breaches)])


def main(arguments: list[str] | None = None) -> int:
    """Burn as the command line says."""
    parser = argparse.ArgumentParser(description="Kill queues and databases while people edit on both sides, then judge the promises.")
    parser.add_argument("--minutes", type=float, default=1.0, help="How long it burns; calm and judgement come on top (default: 1).")
    parser.add_argument("--database", choices=DATABASES, default="sqlite", help="Where the application keeps its tables (default: sqlite).")
    parser.add_argument("--seed", type=int, default=1, help="The order of events (default: 1); their moments are real and never the same.")
    parser.add_argument("--worst", action="store_true", help="Set the queue up so that it hands jobs out again and again.")
    parser.add_argument("--json", action="store_true", help="Print the figures as one line of JSON, last.")
    chosen = parser.parse_args(arguments)
    settings = "tests.simulation.worst" if chosen.worst else "settings.local"
    figures = play(database=chosen.database, minutes=chosen.minutes, seed=chosen.seed, settings=settings)
    sys.stdout.write(f"{table(figures)}\n")
    if chosen.json:
        facts = {"database": chosen.database, "minutes": chosen.minutes, "seed": chosen.seed, "worst": chosen.worst}
        sys.stdout.write(f"{json.dumps(facts | figures.as_json())}\n")
    return 1 if figures.breaches else 0


if __name__ == "__main__":
    sys.exit(main())
