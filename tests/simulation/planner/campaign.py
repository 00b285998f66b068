"""Many random cases of the planner in a row: pairs, lives, matches, conversions and brakes, from one seed.

Owns the mix of the cases, the count and what was broken. A case is named by its number: seed and number play it again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.simulation.planner import conversions, lives, matches, pairs

QUICK = 12_000
POOL = 400
"""How many different syncs are drawn; a case takes one of them."""
MIX = (("pairs", 5), ("lives", 1), ("matches", 2), ("conversions", 1), ("brakes", 1))
SHOWN = 5


@dataclass
class Result:
    """What came of a campaign."""

    cases: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)
    first_at: int | None = None
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Cases in a second of one processor."""
        return self.cases.total() / self.seconds if self.seconds else 0.0

    def figures(self) -> dict[str, object]:
        """The result as plain values."""
        return {
            "layer": "L1", "cases": self.cases.total(), "by_sort": dict(self.cases), "violations": self.broken.total(),
            "broken": dict(self.broken), "first_at": self.first_at, "first": self.first, "cases_per_cpu_second": round(self.rate),
        }

    def told(self) -> str:
        """The result in words."""
        lines = [f"{self.cases.total()} cases, {self.rate:.0f} a second of one processor, {self.broken.total()} broken promises."]
        return "\n".join([*lines, *(f"  {words}" for words in self.first)])


def play(*, cases: int, seed: int, until_caught: bool = False) -> Result:
    """Play so many cases, or until the first one that breaks a promise."""
    result, began = Result(), time.process_time()
    drawer = Drawer(seed)
    for number in range(cases):
        sort, wrong = drawer.case(number)
        result.cases[sort] += 1
        if not wrong:
            continue
        result.broken.update(words.partition(":")[0] for words in wrong)
        if result.first_at is None:
            result.first_at = number
        if len(result.first) < SHOWN:
            result.first += [f"case {number} of seed {seed} ({sort}): {words}" for words in wrong]
        if until_caught:
            break
    result.seconds = time.process_time() - began
    return result


class Drawer:
    """Draws the cases of a seed; each is the same whichever were drawn before it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._sorts = [name for name, weight in MIX for _ in range(weight)]
        pool = Random(seed)
        self._syncs = [(pairs.some_rules(pool), lives.some_rules(pool)) for _ in range(POOL)]

    def case(self, number: int) -> tuple[str, list[str]]:
        """Play the case of that number, and tell of which sort it was and what is wrong."""
        sort = self._sorts[number % len(self._sorts)]
        chance = Random(self._seed * 1_000_003 + number)
        return sort, self.played(sort, chance)

    def played(self, sort: str, chance: Random) -> list[str]:
        """Play a case of that sort. A fault of the program breaks a promise, too."""
        paired, living = self._syncs[int(chance.random() * POOL) % POOL]
        play: dict[str, Callable[[], list[str]]] = {
            "pairs": lambda: pairs.case(chance, paired), "lives": lambda: lives.case(chance, living),
            "matches": lambda: matches.case(chance), "conversions": lambda: conversions.case(chance),
            "brakes": lambda: lives.brakes(chance),
        }
        try:
            return play[sort]()
        except Exception as fault:  # noqa: BLE001 - a bug may break anything
            return [f"fault: {type(fault).__name__}: {fault}"]
