"""Small companies in which many have the same keys: who becomes whose partner, one after the other.

Owns these cases. The conditions are told without the engine: who may be linked, for whom a partner may be made.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from syncapp.engine import matching
from syncapp.engine.vocabulary import MatchMode, Side

KEYS = ("ann", "ben", None)
NAMES = ("lee", "roe", None)


@dataclass
class Person:
    """A record by its keys, the strongest first."""

    side: Side
    id: str
    keys: tuple[str | None, str | None]
    live: bool = True
    eligible: bool = True
    creating: bool = False
    partner: Person | None = None


def case(chance: Random) -> list[str]:
    """Draw a company, let everybody without a partner look for one in turn, and look at who got whom."""
    people = [
        Person(
            side=side, id=str(9 + number), keys=(chance.choice(KEYS), chance.choice(NAMES)), live=chance.random() < 0.85,
            eligible=chance.random() < 0.85, creating=chance.random() < 0.1,
        )
        for side in Side
        for number in range(chance.randint(0, 3))
    ]
    _pair_some(chance, people)
    wrong: list[str] = []
    for one in people:
        if one.partner is None and one.live and not one.creating:
            decision = matching.decide(
                mode=MatchMode.DEFAULT, external_id=one.id, keys=[_hits(people, one, at) for at in range(2)], key_required=True
            )
            wrong += judged(people, one, decision)
            if isinstance(decision, matching.Link):
                _link(people, one, decision.external_id)
    return wrong


def judged(people: list[Person], one: Person, decision: matching.Decision) -> list[str]:
    """What is wrong with a decision."""
    others = [other for other in people if other.side is not one.side]
    mine = [other for other in people if other.side is one.side and other is not one]
    sharing = [other for other in others if any(key and key == other.keys[at] for at, key in enumerate(one.keys))]
    wrong = []
    if isinstance(decision, matching.Link):
        found = next(other for other in others if other.id == decision.external_id)
        at = next((at for at, key in enumerate(one.keys) if key and any(_counts(other, one, at) for other in others)), None)
        if at is None or found.keys[at] != one.keys[at]:
            wrong.append("P7: linked to somebody without its strongest key")
        if found.partner is not None or not found.live:
            wrong.append("P5, R8: linked to somebody who has a partner, or is no more")
        rivals = [other for other in mine if at is not None and other.keys[at] == one.keys[at] and not other.partner and other.live]
        if rivals:
            wrong.append("P7: linked though somebody else of its side has the same key")
        if at is not None and sum(other.keys[at] == one.keys[at] and other.live and not other.partner for other in others) > 1:
            wrong.append("P7: one of several was chosen without a person")
        if at is not None and any(other.creating and other.keys[at] == one.keys[at] for other in mine):
            wrong.append("R8: linked to what may be the partner that is being made for somebody else")
    if isinstance(decision, matching.Create):
        namesakes = [other for other in sharing if other.partner is not None and _differs(other, one, 1) and other.keys[0] != one.keys[0]]
        if [other for other in sharing if other not in namesakes]:
            wrong.append("P7: a partner is made though the other side has the key")
        first = next((at for at, key in enumerate(one.keys) if key), None)
        twins = [other for other in mine if first is not None and other.keys[first] == one.keys[first]]
        if any(other.partner or other.creating for other in twins):
            wrong.append("P5: a second partner is made for one key")
        if any(other.live and other.eligible and (len(other.id), other.id) < (len(one.id), one.id) for other in twins):
            wrong.append("P5: a partner is made for the second of two with one key")
        if first is None:
            wrong.append("P5: a partner is made for a record without a key")
    return wrong + _missed(one, decision, sharing, mine)


def _missed(one: Person, decision: matching.Decision, sharing: list[Person], mine: list[Person]) -> list[str]:
    """Two that have both keys in common, and nobody else with either: they are linked."""
    alone = not any(key and key in (other.keys[0], other.keys[1]) for other in mine for key in one.keys)
    if len(sharing) == 1 and alone and all(one.keys) and sharing[0].keys == one.keys and sharing[0].live and not sharing[0].partner:
        return [] if decision == matching.Link(external_id=sharing[0].id) else [f"P2: not linked to its only partner: {decision}"]
    return []


def _differs(other: Person, one: Person, at: int) -> bool:
    """Whether both have a value in a stronger key, and not the same."""
    return any(one.keys[before] and other.keys[before] and one.keys[before] != other.keys[before] for before in range(at))


def _counts(other: Person, one: Person, at: int) -> bool:
    """Whether somebody is found by a key: not a namesake who has a partner."""
    return other.keys[at] == one.keys[at] and not (other.partner is not None and _differs(other, one, at))


def _hits(people: list[Person], one: Person, at: int) -> matching.KeyHits:
    value = one.keys[at]
    if value is None:
        return matching.KeyHits(value=None)
    return matching.KeyHits(
        value=value,
        candidates=tuple(
            matching.Candidate(external_id=other.id, paired=other.partner is not None, live=other.live, differs=_differs(other, one, at))
            for other in people
            if other.side is not one.side and other.keys[at] == value
        ),
        twins=tuple(
            matching.Twin(
                external_id=other.id, paired=other.partner is not None, creating=other.creating, live=other.live, eligible=other.eligible
            )
            for other in people
            if other.side is one.side and other is not one and other.keys[at] == value
        ),
    )


def _pair_some(chance: Random, people: list[Person]) -> None:
    free = {side: [one for one in people if one.side is side and not one.creating] for side in Side}
    for left, right in zip(free[Side.LEFT], free[Side.RIGHT], strict=False):
        if chance.random() < 0.3:
            left.partner, right.partner = right, left


def _link(people: list[Person], one: Person, external_id: str) -> None:
    other = next(person for person in people if person.side is not one.side and person.id == external_id)
    one.partner, other.partner = other, one
