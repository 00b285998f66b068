"""Let a process die at every place of some reference scenarios, and compare what comes of it with what comes without (P14).

Owns the scenarios and the places. A place is a call, before it leaves or after its answer came, or a commit, before or after it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.simulation import people, play
from tests.simulation.conductor import Conductor
from tests.simulation.scenarios import Scenario
from tests.simulation.stage import Stage

Place = tuple[str, int, str]
PLACES = (("call", "kill_before"), ("call", "kill_after"), ("commit", "commit_kill_before"), ("commit", "commit_kill_after"))
L, R = people.LEFT, people.RIGHT
SIX = [["create", L, person, {"phone": people.value("phone", 20 + person)}] for person in range(5)]
MATCHED = [["create", R, person, {"city": people.value("city", 30 + person)}] for person in (2, 3, 4)]


def _stranger(number: int, **more: str) -> list[Any]:
    named = {"first": f"Kx{number}q", "last": "Gray", "email": f"kx{number}q@canary.example", **more}
    return ["create", L, 0, named]


def _scenario(*ops: list[Any], **more: Any) -> Scenario:
    plain: Scenario = {
        "seed": 0, "settings": {"conflict_winner": "LEFT"}, "lag": 0.0, "page": 100, "rotation": "lenient", "requestid": True,
        "token_seconds": 0, "metered": False, "tape": [],
    }
    return {**plain, **more, "ops": list(ops)}


LINKED = (["create", L, 0, {}], ["create", L, 1, {}], ["run"])
REFERENCES: dict[str, Scenario] = {
    "first sync": _scenario(*SIX, *MATCHED, ["create", R, 5, {}], _stranger(51), ["run"]),
    "edits on both sides": _scenario(
        *LINKED, ["edit", L, 0, "phone", "+15125550177"], ["edit", R, 1, "last", "Kx61qlast"], ["run"]
    ),
    "conflict that a rule decides": _scenario(
        *LINKED, ["edit", L, 0, "city", "Kx71qcity"], ["edit", R, 0, "city", "Kx72qcity"], ["run"], settings={"conflict_winner": "RIGHT"}
    ),
    "conflict that a person decides": _scenario(
        *LINKED, ["edit", L, 0, "city", "Kx71qcity"], ["edit", R, 0, "city", "Kx72qcity"], ["run"], ["decide", "RIGHT"], ["run"],
        settings={"conflict_winner": "ASK"},
    ),
    "fields that were emptied": _scenario(
        ["create", L, 0, {"phone": "+15125550181", "city": "Kx81qcity"}], ["run"], ["edit", R, 0, "phone", ""], ["edit", L, 0, "city", ""],
        ["run"],
    ),
    "a batch with a bad one": _scenario(
        *(_stranger(number) for number in range(110, 141)), _stranger(141, first="Kx141q" + "y" * 120), ["run"]
    ),
    "three pages": _scenario(*SIX, *MATCHED, ["run"], ["edit", L, 4, "zip", "Kx91q"], ["edit", R, 2, "zip", "Kx92q"], ["run"], page=2),
    "tokens that end": _scenario(
        *LINKED, ["wait", 7_300], ["edit", L, 0, "phone", "+15125550193"], ["edit", R, 1, "zip", "Kx93q"], ["run"], rotation="lenient"
    ),
    "a merge": _scenario(*LINKED, ["merge", L, 0, 1], ["run"]),
    "a deletion": _scenario(*LINKED, ["delete", R, 0], ["edit", L, 0, "city", "Kx94qcity"], ["delete", L, 1], ["wait", 4_000], ["run"]),
    "another direction": _scenario(
        *LINKED, ["mapping", "city", "TO_RIGHT"], ["edit", R, 0, "city", "Kx95qcity"], ["edit", L, 1, "city", "Kx96qcity"], ["run"]
    ),
    "the same one on both sides": _scenario(
        ["create", L, 0, {}], ["create", L, 0, {"email": "", "first": "Kx97q"}], ["create", R, 0, {"zip": "Kx98q"}],
        ["create", R, 0, {"first": "Kx99q"}], ["run"], ["edit", L, 0, "email", "kx98q@canary.example"], ["run"],
    ),
}


@dataclass(kw_only=True)
class Walk:
    """What came of dying at the places of a scenario."""

    name: str
    places: int = 0
    differing: dict[str, list[str]] = field(default_factory=dict)


def places(stage: Stage, scenario: Scenario) -> tuple[list[Place], list[str]]:
    """Every place at which the scenario's process may die, and what comes of it when it does not."""
    whole = play.play(stage, scenario)
    if whole.violations:
        raise AssertionError(f"It breaks a promise without any crash: {whole.violations}")
    reached = {"call": whole.reached["call"], "commit": whole.reached["commit"]}
    return [(place, number, kind) for place, kind in PLACES for number in range(reached[place])], whole.state


def walk(stage: Stage, name: str, *, chosen: Callable[[Sequence[Place]], Sequence[Place]] = lambda all_: all_) -> Walk:
    """Die at the chosen places of a reference scenario: in one play, of which a copy goes on and dies at each of them."""
    scenario = REFERENCES[name]
    every, expected = places(stage, scenario)
    walker = Walker(scenario, chosen(every))
    with walker:
        outcome = play.play(stage, scenario, conductor=walker)
        walker.tell({"violations": outcome.violations, "state": outcome.state, "crashes": outcome.crashes})
    found = Walk(name=name, places=len(walker.told))
    for (_, number, kind), told in walker.told.items():
        wrong = [*told["violations"], *_difference(expected, told["state"])]
        if told["crashes"] != 1:
            wrong.append(f"it died {told['crashes']} times")
        if wrong:
            found.differing[f"{kind} {number}"] = wrong
    return found


class Walker(Conductor):
    """A conductor that at each chosen place lets a copy of the whole process die and tell what came of it; itself it goes on unharmed.

    The copy has everything as it is at that place, so nothing before it is played again.
    """

    def __init__(self, scenario: Scenario, chosen: Sequence[Place]) -> None:
        super().__init__(scenario)
        self.told: dict[Place, dict[str, Any]] = {}
        self._chosen: dict[tuple[str, int], list[str]] = {}
        for place, number, kind in chosen:
            self._chosen.setdefault((place, number), []).append(kind)
        self._mouth: int | None = None

    def __enter__(self) -> Walker:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """A copy ends here, whatever happened to it."""
        if self._mouth is None:
            return
        if error is not None:
            self.tell({"violations": [f"fault: {type(error).__name__}: {error}"], "state": [], "crashes": self.crashes})
        os._exit(0)

    def tell(self, result: dict[str, Any]) -> None:
        """What came of it, told to the process of which this is a copy; the first one has nobody to tell."""
        if self._mouth is not None:
            with os.fdopen(self._mouth, "w", encoding="utf-8", closefd=False) as mouth:
                json.dump(result, mouth)

    def _due(self, place: str, number: int) -> list[dict[str, Any]]:
        for kind in self._chosen.pop((place, number), ()) if self._mouth is None else ():
            ear, mouth = os.pipe()
            copy = os.fork()
            if copy == 0:
                os.close(ear)
                self._mouth = mouth
                self.tape[(place, number)] = [{"at": place, "n": number, "fault": kind}]
                break
            os.close(mouth)
            with os.fdopen(ear, encoding="utf-8") as heard:
                self.told[(place, number, kind)] = json.load(heard)
            os.waitpid(copy, 0)
        return super()._due(place, number)


def sample(every: Sequence[Place], *, of: int, turn: int) -> list[Place]:
    """One in so many, another share each turn."""
    return [place for at, place in enumerate(every) if (at + turn) % of == 0]


def _difference(expected: list[str], found: list[str]) -> Iterator[str]:
    missing, more = [one for one in expected if one not in found], [one for one in found if one not in expected]
    if missing or more or len(expected) != len(found):
        yield f"P14: {json.dumps(missing)[:300]} became {json.dumps(more)[:300]}"
