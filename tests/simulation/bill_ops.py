"""What people do with invoices in a scenario, made from chance.

Owns the choice; who does it is a clerk (`bills.py`).
"""

from __future__ import annotations

import random
from typing import Any

from tests.simulation import people


def ops(chances: random.Random) -> list[list[Any]]:
    """What people do with invoices, which are named by the order in which they were begun."""
    made: list[list[Any]] = []
    begun = 0

    def money() -> str:
        return f"{chances.randint(1, 900)}.{chances.choice((0, 10, 33, 99)):02d}"

    def begin() -> None:
        nonlocal begun
        begun += 1
        if chances.random() < 0.6:
            made.append(["draft", money(), chances.randint(1, 3), chances.random() < 0.7])
        else:
            made.append(["bill", money(), chances.randint(1, 3)])

    for _ in range(chances.randint(1, 3)):
        begin()
    made.append(["run"])
    for _ in range(chances.choice((1, 2, 3))):
        for _ in range(chances.randint(1, 4)):
            which, chance = chances.randrange(begun), chances.random()
            if chance < 0.2:
                begin()
            elif chance < 0.35:
                made.append(["final", which])
            elif chance < 0.6:
                made.append(["price", chances.choice((people.LEFT, people.RIGHT)), which, money()])
            elif chance < 0.85:
                made.append(["pay", which, chances.choice((1, 1, 2))])
            else:
                made.append(["void", which])
        if chances.random() < 0.25:
            made.append(["wait", chances.choice((90, 4_000, 90_000))])
        made.append(["preview", chances.random() < 0.7] if chances.random() < 0.15 else ["run"])
    return made
