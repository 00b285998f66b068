"""Random stories: what people do in two companies, drawn from a seed.

Owns the companies' settings and the people's habits. What must hold afterwards is judged elsewhere.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from syncapp.engine import plans, records, rules
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import (
    ConflictRule,
    CreateTo,
    DeletePolicy,
    Direction,
    FieldType,
    FilterOperator,
    LeaveFilterPolicy,
    RecordState,
    Side,
    TransformKind,
)
from tests.engine.examples import EMAIL, EMAIL_KEY, condition, field, group, mapping, sync
from tests.engine.stores import Stored
from tests.engine.world import World

STEPS = (
    (), (), (Transform(side=Side.RIGHT, kind=TransformKind.UPPER),),
    (Transform(side=Side.LEFT, kind=TransformKind.TRIM), Transform(side=Side.RIGHT, kind=TransformKind.TITLE)),
)
"""Steps that change no more of a value than what the judgment takes for the same."""
KEPT = group(condition(field("kept", FieldType.BOOLEAN), FilterOperator.EQUALS, "true"))
WINNERS = (ConflictRule.LEFT, ConflictRule.RIGHT, ConflictRule.NEWEST, ConflictRule.ASK)
FIELDS = {
    Side.LEFT: ("city", "note", "zip", "debt", "company", "secret"),
    Side.RIGHT: ("CITY", "NOTE", "ZIP", "DEBT", "NAME", "secret"),
}
LONGEST_ZIP = 6


def company(
    *, clears: bool = False, city: Direction = Direction.BOTH, note: ConflictRule = ConflictRule.CONFIG, filtered: bool = False,
    steps: tuple[Transform, ...] = (), **more: Any,
) -> rules.SyncRules:
    """A sync with a field of every sort: two-way, rewritten, too short, one-way each way, made of others; one is not mapped."""
    return sync(
        EMAIL,
        mapping("city", direction=city, transforms=steps),
        mapping("note", clears=clears, conflict=note),
        mapping("zip", right=field("ZIP", max_length=LONGEST_ZIP)),
        mapping("debt", direction=Direction.TO_LEFT),
        mapping("name", left=field("company"), direction=Direction.TO_RIGHT, fallbacks=(field("city"),)),
        match_keys=(EMAIL_KEY,),
        left_filters=(KEPT,) if filtered else (),
        right_filters=(KEPT,) if filtered else (),
        **more,
    )


def any_company(chance: random.Random) -> rules.SyncRules:
    """Any settings a person could choose; two ways and creating on both sides more often than not."""
    often = chance.random() < 0.6
    return company(
        clears=chance.random() < 0.4,
        city=Direction.BOTH if often else chance.choice(list(Direction)),
        note=chance.choice(WINNERS),
        steps=chance.choice(STEPS),
        filtered=chance.random() < 0.3,
        direction=Direction.BOTH if often else chance.choice(list(Direction)),
        create_to=CreateTo.BOTH if often else chance.choice(list(CreateTo)),
        conflict_winner=chance.choice(WINNERS),
        delete_policy=chance.choice(list(DeletePolicy)),
        leave_policy=chance.choice(list(LeaveFilterPolicy)),
    )


class Story:
    """A world and the people in it, who do something new at every step."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.world = World(any_company(chance))
        self.told = 0
        self.secrets: dict[tuple[Side, str], records.Value] = {}
        for who in ("ann", "ben", "cleo", "dora"):
            for side in chance.choice(((Side.LEFT,), (Side.RIGHT,), tuple(Side), tuple(Side), (Side.LEFT, Side.RIGHT, Side.RIGHT))):
                self.arrive(side, who)

    def step(self) -> None:
        """One person does one thing."""
        habits = (self.edit, self.empty, self.change_key, self.move, self.end, self.exclude, self.answer, self.newcomer)
        self.chance.choices(habits, weights=(60, 10, 4, 6, 6, 3, 8, 3))[0]()

    def typed(self) -> str:
        """Something nobody typed before: at times with outer blanks, too long for a short field, or not to be kept by everyone."""
        self.told += 1
        shape = self.chance.choices(("v{}", " v{} ", "v{} is long", "v{}!"), weights=(60, 20, 10, 10))[0]
        return shape.format(self.told)

    def arrive(self, side: Side, who: str) -> None:
        """Somebody makes a record."""
        values: dict[str, records.Value] = {name: self.typed() for name in FIELDS[side] if self.chance.random() < 0.5}
        made = self.world.create(side, {**values, "email" if side is Side.LEFT else "EMAIL": f"{who.title()}@lee.example", "kept": True})
        self.secrets[side, made.external_id] = made.values.get("secret")

    def newcomer(self) -> None:
        """Somebody new, or somebody known once more."""
        self.arrive(self.chance.choice(list(Side)), self.chance.choice(("ann", "ben", "eve", "fay", "gus")))

    def somebody(self) -> Stored:
        """Any record."""
        return self.chance.choice([stored for side in Side for stored in self.world.sides[side].values()])

    def edit(self) -> None:
        """A field gets a new value; at times the same field of the partner too."""
        stored = self.somebody()
        at = self.chance.randrange(len(FIELDS[stored.side]))
        pair = self.world.pair_of(stored)
        partner = pair.ids(stored.side.other) if pair and self.chance.random() < 0.3 else None
        for one in [stored] + ([self.world.sides[stored.side.other][partner]] if partner else []):
            self.world.edit(one, FIELDS[one.side][at], self.typed())
            self.secrets[one.side, one.external_id] = one.values.get("secret")

    def empty(self) -> None:
        """A field is emptied."""
        stored = self.somebody()
        self.world.edit(stored, self.chance.choice(FIELDS[stored.side][:-1]), None)

    def change_key(self) -> None:
        """An e-mail address changes, perhaps to somebody else's, perhaps to nothing."""
        stored = self.somebody()
        who = self.chance.choice(("ann", "ben", "new", None))
        self.world.edit(stored, "email" if stored.side is Side.LEFT else "EMAIL", who and f"{who}@lee.example")

    def move(self) -> None:
        """A record leaves or enters the filter."""
        self.world.edit(self.somebody(), "kept", self.chance.random() < 0.6)

    def end(self) -> None:
        """A record is archived, deleted for good, or restored."""
        stored = self.somebody()
        states = (RecordState.LIVE, RecordState.ARCHIVED, RecordState.GONE)
        if stored.state is not RecordState.GONE:
            self.world.end(stored, self.chance.choices(states, weights=(5, 4, 1))[0])

    def exclude(self) -> None:
        """A person excludes a pair by hand, or takes that back."""
        if self.world.pairs:
            pair = self.chance.choice(self.world.pairs)
            pair.facts = replace(pair.facts, excluded_by_hand=not pair.facts.excluded_by_hand)

    def answer(self) -> None:
        """A person answers a question."""
        asked = [(pair, found) for pair in self.world.pairs if pair.last for found in pair.last.conflicts if found.winner is None]
        if asked:
            pair, found = self.chance.choice(asked)
            two_way = self.world.rules.direction is Direction.BOTH and self.world.mapped(found.key).direction is Direction.BOTH
            value = self.chance.choice((found.left, found.right, self.typed() if two_way else found.left))
            pair.facts = replace(pair.facts, decisions=(plans.Decision(key=found.key, value=value, seen=(found.left, found.right)),))
