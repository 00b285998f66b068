"""Make a failing scenario as small as it goes: first what goes wrong, then what people do.

Owns delta debugging over lists, and the file in which the result is kept. A part that is left out is harmless by itself, so the
search needs to know nothing of scenarios.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulation.scenarios import Scenario

REGRESSIONS = Path(__file__).resolve().parent.parent / "regressions"
MOST_PLAYS = 250
SIMPLER: dict[str, Any] = {
    "lag": 0.0, "page": 100, "rotation": "lenient", "requestid": True, "token_seconds": 0, "metered": False,
    "twice": False, "hooks": "",
}
"""The settings under which the fewest things are special."""
Fails = Callable[[Scenario], bool]


def shrink(scenario: Scenario, fails: Fails, *, most: int = MOST_PLAYS) -> Scenario:
    """Return the smallest scenario found that still fails."""
    budget = [most]

    def asked(candidate: Scenario) -> bool:
        if budget[0] <= 0:
            return False
        budget[0] -= 1
        return fails(candidate)

    smaller = scenario
    for _ in range(2):
        before = json.dumps(smaller)
        for part in ("tape", "ops"):
            smaller = {**smaller, part: _shorter(smaller, part, asked)}
        for name, simple in SIMPLER.items():
            candidate = {**smaller, name: simple}
            if candidate != smaller and asked(candidate):
                smaller = candidate
        if json.dumps(smaller) == before:
            break
    return smaller


def _shorter(scenario: Scenario, part: str, fails: Fails) -> list[Any]:
    """Leave out ever smaller pieces of a list while it still fails (ddmin)."""
    kept = list(scenario[part])
    pieces = 1
    while kept:
        size = max(1, len(kept) // pieces)
        for start in range(0, len(kept), size):
            without = kept[:start] + kept[start + size :]
            if fails({**scenario, part: without}):
                kept = without
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return kept


def keep(scenario: Scenario, *, name: str, why: list[str], folder: Path = REGRESSIONS) -> Path:
    """Write a scenario to its file, with what it broke when it was found."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"why": why, "scenario": scenario}, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return path


def kept(folder: Path = REGRESSIONS) -> list[Path]:
    """Every scenario that once failed."""
    return sorted(folder.glob("*.json"))


def read(path: Path) -> Scenario:
    """The scenario of a file."""
    found: Scenario = json.loads(path.read_text(encoding="utf-8"))["scenario"]
    return found
