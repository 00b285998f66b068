"""Play many scenarios, one after the other, and count.

Owns the figures of a campaign and the table they are told in. A kind of fault that never fired is a failure: then nothing was tried.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulation import crashes, lean, memory, play, scenarios, shrinking, stage

ENOUGH = 200
"""From so many scenarios on every kind of fault must have fired."""


@dataclass(kw_only=True)
class Figures:
    """What a campaign found."""

    scenarios: int = 0
    api_calls: int = 0
    effects: int = 0
    crashes: int = 0
    commits: int = 0
    fired: Counter[str] = field(default_factory=Counter)
    violations: Counter[str] = field(default_factory=Counter)
    failing: dict[int, list[str]] = field(default_factory=dict)
    twice: int = 0
    mismatches: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    crash_places: int = 0
    crash_differences: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    planted: int = 0
    planted_caught: int = 0

    @property
    def rate(self) -> float:
        """Scenarios for each second of one processor."""
        return self.scenarios / self.cpu_seconds if self.cpu_seconds else 0.0

    @property
    def never(self) -> list[str]:
        """Kinds of fault that never fired, once there were scenarios enough."""
        return [kind for kind in scenarios.EVERY_KIND if not self.fired[kind]] if self.scenarios >= ENOUGH else []

    @property
    def good(self) -> bool:
        """Whether nothing was broken, and everything was tried."""
        return not (self.failing or self.mismatches or self.never or self.crash_differences)

    def as_json(self) -> dict[str, Any]:
        """The last line that the command prints."""
        return {
            "scenarios": self.scenarios, "api_calls": self.api_calls, "crashes": self.crashes,
            "faults_by_kind": {kind: self.fired[kind] for kind in scenarios.EVERY_KIND}, "violations": sum(self.violations.values()),
            "planted": self.planted, "planted_caught": self.planted_caught, "scenarios_per_cpu_second": round(self.rate, 2),
            "effects": self.effects, "commits": self.commits, "violations_by_promise": dict(sorted(self.violations.items())),
            "crash_places": self.crash_places, "crash_differences": len(self.crash_differences),
            "played_twice": self.twice, "determinism_mismatches": len(self.mismatches), "files": self.files,
        }

    def table(self) -> Iterator[str]:
        """The figures as people read them."""
        yield f"{'scenarios':<26}{self.scenarios:>10}"
        yield f"{'API calls':<26}{self.api_calls:>10}"
        yield f"{'changes at the vendors':<26}{self.effects:>10}"
        yield f"{'commits':<26}{self.commits:>10}"
        yield f"{'crashes':<26}{self.crashes:>10}"
        for kind in scenarios.EVERY_KIND:
            yield f"{'  fault ' + kind:<26}{self.fired[kind]:>10}{'   NEVER FIRED' if kind in self.never else ''}"
        for promise, number in sorted(self.violations.items()):
            yield f"{'  broken ' + promise:<26}{number:>10}"
        yield f"{'promises broken':<26}{sum(self.violations.values()):>10}"
        yield f"{'played twice':<26}{self.twice:>10}"
        yield f"{'  with another trace':<26}{len(self.mismatches):>10}"
        if self.crash_places:
            yield f"{'places to die at':<26}{self.crash_places:>10}"
            yield f"{'  with another end':<26}{len(self.crash_differences):>10}"
        yield f"{'scenarios a CPU second':<26}{self.rate:>10.2f}"


@contextmanager
def theater() -> Iterator[stage.Stage]:
    """A stage at which nothing is paid for that has nothing to do with the play."""
    with memory.in_memory() as database:
        found = stage.Stage(database)
        with lean.lean():
            yield found


def run(
    place: stage.Stage, seeds: Iterable[int], *, twice_every: int = 10, keep: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Play the scenarios of some seeds. Of every few, one is played twice; what fails is made small and kept, if there is a place."""
    figures = Figures()
    for seed in seeds:
        began = time.process_time()
        scenario = scenarios.generate(seed)
        outcome = play.play(place, scenario)
        figures.cpu_seconds += time.process_time() - began
        figures.scenarios += 1
        figures.api_calls += outcome.calls
        figures.effects += outcome.effects
        figures.crashes += outcome.crashes
        figures.commits += outcome.commits
        figures.fired += outcome.fired
        if twice_every and seed % twice_every == 0:
            figures.twice += 1
            if play.play(place, scenario).trace != outcome.trace:
                figures.mismatches.append(seed)
                tell(f"seed {seed}: another trace the second time")
        if outcome.violations:
            figures.failing[seed] = outcome.violations
            figures.violations.update({words.split(":")[0] for words in outcome.violations})
            tell(f"seed {seed}: {'; '.join(outcome.violations[:4])}")
            if keep is not None:
                figures.files.append(str(_kept(place, scenario, outcome.violations, keep)))
    return figures


def walk_all(place: stage.Stage, figures: Figures, *, of: int = 1, turn: int = 0, tell: Callable[[str], None] = lambda _: None) -> None:
    """Die at one in so many places of every reference scenario."""
    for name in crashes.REFERENCES:
        found = crashes.walk(place, name, chosen=lambda every: crashes.sample(every, of=of, turn=turn))
        figures.crash_places += found.places
        figures.crash_differences += [f"{name}, {where}: {'; '.join(wrong)}" for where, wrong in found.differing.items()]
        tell(f"{name}: died at {found.places} places, {len(found.differing)} with another end")
        for where, wrong in found.differing.items():
            tell(f"  {where}: {'; '.join(wrong)[:400]}")


def _kept(place: stage.Stage, scenario: scenarios.Scenario, broken: list[str], folder: Path) -> Path:
    """Make a scenario small while it breaks one of the same promises, and write it down."""
    promises = {words.split(":")[0] for words in broken}

    def fails(candidate: scenarios.Scenario) -> bool:
        return bool(promises & {words.split(":")[0] for words in play.play(place, candidate).violations})

    smaller = shrinking.shrink(scenario, fails)
    why = play.play(place, smaller).violations
    return shrinking.keep(smaller, name=f"{min(promises).lower()}-seed-{scenario['seed']}", why=why, folder=folder)
