"""What people do with things that are sold, made from chance.

Owns the choice; who does it is a seller (`wares.py`).
"""

from __future__ import annotations

import random
from typing import Any

from tests.simulation import people

THINGS = 6
WORDS = ("name", "sku", "description", "price", "cost")
NAMES = ("Kx0qAudit", "Kx1qBoard", "Kx2qClock", "Kx3qDesk", "Kx4qEasel", "Kx5qFolder")
SKUS = tuple(f"Kx{number}q-S" for number in range(THINGS))
MAPPINGS = ("clears", "LEFT", "RIGHT", "TO_LEFT", "TO_RIGHT", "off", "BOTH")


def value(word: str, number: int, *, odd: int | None = None) -> str:
    """A value that nobody wrote before."""
    if word in ("price", "cost"):
        return f"{number}.{number * 7 % 100:02d}"
    return people.ODD[odd % len(people.ODD)].format(n=number) if odd is not None else f"Kx{number}q{word}"


def ops(chances: random.Random) -> list[list[Any]]:
    """What people do: they make things, rename and price them, give one the number of another, put them away and bring them back."""
    made = _Maker(chances)
    for _ in range(chances.randint(2, 4)):
        made.begin()
    made.ops.append(["run"])
    for _ in range(chances.choice((1, 1, 2, 3))):
        for _ in range(chances.randint(2, 6)):
            made.anything()
        if chances.random() < 0.25:
            made.ops.append(["wait", chances.choice((1, 90, 600, 4_000, 90_000))])
        made.ops.append(["preview", chances.random() < 0.7] if chances.random() < 0.15 else ["run"])
    return made.ops


class _Maker:
    def __init__(self, chances: random.Random) -> None:
        self.chances = chances
        self.ops: list[list[Any]] = []
        self.number = 10
        self.known: list[int] = []

    def begin(self) -> None:
        """Something on one side, or the same on both, not quite alike."""
        thing, both = self.chances.randrange(THINGS), self.chances.random()
        for side in (people.LEFT, people.RIGHT) if both < 0.4 else (self._side(),):
            self._create(side, thing)

    def anything(self) -> None:
        """One thing that a person does."""
        chance, side, thing = self.chances.random(), self._side(), self._thing()
        word = self.chances.choice(WORDS[2:])
        if chance < 0.45:
            self._edits(side, thing, word)
        elif chance < 0.53:
            self.ops.append(["edit", side, thing, word, ""])
        elif chance < 0.66:
            self._create(side, self.chances.randrange(THINGS))
        elif chance < 0.72:
            self._edits(side, thing, "name")
        elif chance < 0.78:
            self.ops.append(["edit", side, thing, "sku", self.chances.choice((self._value("sku"), SKUS[self._thing()], ""))])
        elif chance < 0.82:
            self.ops.append(["other", side, thing, self._value("description")])
        elif chance < 0.89:
            self.ops.append(["delete", side, thing])
        elif chance < 0.94:
            self.ops.append(["restore", side, thing])
        elif chance < 0.97:
            self.ops.append(["mapping", word, self.chances.choice(MAPPINGS)])
        else:
            self.ops.append(["decide", self.chances.choice(("LEFT", "RIGHT"))])

    def _edits(self, side: str, thing: int, word: str) -> None:
        self.ops.append(["edit", side, thing, word, self._value(word)])
        if self.chances.random() < 0.35:  # the other side, too, the same field
            self.ops.append(["edit", people.RIGHT if side == people.LEFT else people.LEFT, thing, word, self._value(word)])

    def _create(self, side: str, thing: int) -> None:
        values = {word: self._value(word) for word in WORDS[2:] if self.chances.random() < 0.5}
        chance = self.chances.random()
        if chance < 0.12:
            values["sku"] = ""
        elif chance < 0.22:
            values["sku"] = SKUS[self.chances.randrange(THINGS)]  # perhaps a twin of another
        if self.chances.random() < 0.2:
            values["name"] = self._value("name")
        self.ops.append(["create", side, thing, values])
        self.known.append(thing)

    def _value(self, word: str) -> str:
        self.number += 1
        odd = self.chances.randrange(len(people.ODD)) if self.chances.random() < 0.1 else None
        return value(word, self.number, odd=odd)

    def _side(self) -> str:
        return self.chances.choice((people.LEFT, people.RIGHT))

    def _thing(self) -> int:
        """Mostly something that is there already."""
        if self.known and self.chances.random() < 0.85:
            return self.chances.choice(self.known)
        return self.chances.randrange(THINGS)
