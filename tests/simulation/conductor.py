"""Read the tape of a scenario: what goes wrong at which call or commit.

Owns the counting of calls and commits, and the death of the process. What a person or another worker does meanwhile is asked of the
player.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from django.db.utils import OperationalError

from tests.runs.crashing import Died
from tests.simulation import evidence
from tests.simulation.door import Call
from tests.simulation.evidence import Seen
from tests.simulation.scenarios import PLACES, SANDBOX_FAULTS, Scenario
from tests.simulation.stage import Simulated


class Meanwhile(Protocol):
    """What others do in the middle of a call."""

    seen: Seen

    def meddle(self, entry: dict[str, Any], call: Call) -> str:
        """A person does something. Tells it in a few words, nothing where it was not possible."""

    def second(self) -> None:
        """Another worker takes up the same run."""


class Conductor:
    """Reads the tape: what happens at the next call or commit."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.tape: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for entry in scenario["tape"]:
            self.tape.setdefault((entry["at"], entry["n"]), []).append(entry)
        self.company: Simulated
        self.player: Meanwhile
        self.fired: Counter[str] = Counter()
        self.events: list[str] = []
        self.reached = Counter(dict.fromkeys(PLACES, 0))
        self.on = False
        self.dead = False
        self.faulty = True
        self.crashes = 0
        self.furthest = timedelta()

    def _due(self, place: str, number: int) -> list[dict[str, Any]]:
        return self.tape.get((place, number), []) if self.faulty else []

    def die(self, kind: str) -> None:
        """The process ends here and now."""
        self.fired[kind] += 1
        self.events.append(kind)
        self.dead = True
        self.crashes += 1
        raise Died

    # --- calls -------------------------------------------------------------------------------------------------------------

    def begin(self, call: Call) -> dict[str, Any] | None:
        """Before a call leaves."""
        self._breathe()
        if not self.on:
            return None
        self.player.seen.before_call(call)
        call.due = self._due_at(call)
        planted = None
        for entry in call.due:
            kind = entry["fault"]
            if kind == "kill_before":
                call.died = True
                self.die(kind)
            elif kind == "edit_before":
                self._edit(entry, call)
            elif kind == "clock_jump":
                self._jump(entry)
            elif kind == "second_worker":
                call.unsaved = bool(entry["after"])
                self._second(entry)
            elif kind in SANDBOX_FAULTS:
                planted = {key: value for key, value in entry.items() if key not in ("at", "n")}
                call.fault = kind
                self.fired[kind] += 1
        return planted

    def _due_at(self, call: Call) -> list[dict[str, Any]]:
        """What is on the tape for a call: counted among all, and among those that write or ask for tokens."""
        places = ["call", *(["write"] if evidence.changes(call) else []), *(["refresh"] if call.refreshes else [])]
        due = [entry for place in places for entry in self._due(place, self.reached[place])]
        self.reached.update(places)
        return due

    def end(self, call: Call) -> None:
        """After its answer came."""
        if not self.on:
            return
        self.events.append(f"{call.label} {call.fault} {call.status}")
        for entry in call.due:
            if entry["fault"] == "kill_after":
                call.died = True
                self.die(entry["fault"])
            elif entry["fault"] == "edit_after":
                self._edit(entry, call)

    def _edit(self, entry: dict[str, Any], call: Call) -> None:
        """A person edits just now; mostly the very record and field that is being written."""
        with self.aside():
            done = self.player.meddle(entry, call)
        if done:
            self.fired[entry["fault"]] += 1
            self.events.append(f"{entry['fault']} {done}")

    def _jump(self, entry: dict[str, Any]) -> None:
        self.fired[entry["fault"]] += 1
        self.company.clock.skew += timedelta(seconds=entry["seconds"])
        self.furthest = max(self.furthest, self.company.clock.skew)

    def _second(self, entry: dict[str, Any]) -> None:
        """Another worker takes up the same run in the middle of this one's call, which perhaps is held up for long."""
        if self.company.door.worker:
            return
        self.fired[entry["fault"]] += 1
        self.events.append("second worker")
        self.company.clock.pass_seconds(entry["after"])
        self.company.door.worker = 1
        try:
            self.player.second()
        finally:
            self.company.door.worker = 0

    # --- commits -----------------------------------------------------------------------------------------------------------

    def before_commit(self) -> None:
        """Just before something becomes lasting."""
        self._breathe()
        if not self.on:
            return
        due = self._due("commit", self.reached["commit"])
        if self.company.door.calls and any(entry["fault"] != "commit_kill_after" for entry in due):
            self.company.door.calls[-1].unsaved = True
        for entry in due:
            if entry["fault"] == "commit_kill_before":
                self._count_commit()
                self.die(entry["fault"])
            elif entry["fault"] == "commit_error":
                self._count_commit()
                self.fired[entry["fault"]] += 1
                self.events.append("commit error")
                raise OperationalError("database is locked")

    def after_commit(self) -> None:
        """Just after."""
        if not self.on:
            return
        number = self._count_commit()
        if any(entry["fault"] == "commit_kill_after" for entry in self._due("commit", number)):
            self.die("commit_kill_after")

    def _count_commit(self) -> int:
        self.reached["commit"] += 1
        return self.reached["commit"] - 1

    def statement(self) -> None:
        """A dead process asks the database for nothing."""
        self._breathe()

    def _breathe(self) -> None:
        if self.dead:
            raise Died

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What others than the application do meanwhile."""
        on, self.on = self.on, False
        try:
            yield
        finally:
            self.on = on
