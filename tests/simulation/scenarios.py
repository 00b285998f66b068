"""Scenarios: what people do, what goes wrong, and under which settings; plain JSON, made from a seed.

Owns the choice. Everything is written down, so that a scenario stays the same when this file changes.
"""

from __future__ import annotations

import random
from typing import Any

from tests.simulation import bill_ops, people, ware_ops

Scenario = dict[str, Any]
STATUSES = (500, 502, 503, 504)
SANDBOX_FAULTS = (
    "status", "drop_before", "drop_after_commit", "malformed", "html", "truncate", "token_expired", "rate_limited", "partial", "slow",
)
"""What the sandbox plays."""
OTHER_FAULTS = (
    "kill_before", "kill_after", "edit_before", "edit_after", "second_worker", "clock_jump", "commit_kill_before", "commit_kill_after",
    "commit_error",
)
"""What the simulation plays itself."""
KINDS = (*SANDBOX_FAULTS, *OTHER_FAULTS)
HOOKS = ("normal", "duplicate", "reorder", "drop", "delay", "forged")
"""What may happen to the vendors' webhooks on their way."""
WORLD_FAULTS = (
    "index_lag", "requestid_off", "strict_rotation", "short_tokens", "job_twice", "key_missing", *(f"hooks_{mode}" for mode in HOOKS),
)
"""What is so in a whole scenario."""
EVERY_KIND = (*KINDS, *WORLD_FAULTS)
INTENSITIES = (0.0, 0.02, 0.05, 0.10, 0.25)
FAULT_FREE = 0.2
PLACES = {"call": 120, "write": 25, "refresh": 6, "commit": 250}
"""What is counted, and how far the tape goes: past its end nothing goes wrong."""
LAGS = (0.0, 0.0, 2.0, 20.0, 60.0)
PAGES = (2, 3, 100)
JUMPS = (-600, 600, 86_400, -86_400)
WINNERS = ("LEFT", "RIGHT", "NEWEST", "ASK")
BURST = (2, 9)
RARE = {"kill_before": 0.5, "kill_after": 0.5, "commit_kill_before": 0.10, "commit_kill_after": 0.10, "commit_error": 0.10,
        "clock_jump": 0.4, "second_worker": 0.6}
"""How much rarer than others these are: each of them costs a whole part of a run."""
MEDDLING, MEDDLED = ("edit_before", "edit_after"), 0.3
"""What people do around a write, and how often, where they do such a thing at all."""
POINTLESS = {("refresh", "edit_before"), ("refresh", "edit_after"), ("refresh", "partial"), ("refresh", "clock_jump")}


def generate(seed: int) -> Scenario:
    """Make the scenario of a seed."""
    return _without_a_key(seed, _about_things(seed, _about_invoices(seed, _generated(seed))))


def _about_invoices(seed: int, scenario: Scenario) -> Scenario:
    """One of six is about invoices instead of people, under the same settings and with the same tape. Drawn apart as well."""
    chances = random.Random(f"about {seed}")
    if chances.random() < 1 / 6:
        return {**scenario, "about": "bills", "metered": False, "settings": {}, "ops": bill_ops.ops(chances)}
    return scenario


def _about_things(seed: int, scenario: Scenario) -> Scenario:
    """One of eight of the others is about things that are sold. Drawn apart as well."""
    chances = random.Random(f"things {seed}")
    if "about" not in scenario and chances.random() < 1 / 8:
        return {**scenario, "about": "wares", "ops": ware_ops.ops(chances)}
    return scenario


def _without_a_key(seed: int, scenario: Scenario) -> Scenario:
    """In one of twenty, a run in which the key to the tokens is not there. Drawn apart as well."""
    chances = random.Random(f"key {seed}")
    if chances.random() < 0.05:
        scenario["ops"].insert(chances.randint(1, len(scenario["ops"])), ["key_missing"])
    return scenario


def _generated(seed: int) -> Scenario:
    chances = random.Random(seed)
    faulty = chances.random() >= FAULT_FREE
    kinds = [kind for kind in KINDS if chances.random() < 0.5] if faulty else []
    intensity = chances.choice(INTENSITIES[1:]) if faulty else 0.0
    return {
        "seed": seed,
        "settings": {"conflict_winner": chances.choice(WINNERS)},
        "lag": chances.choice(LAGS) if faulty else 0.0,
        "page": chances.choice(PAGES),
        "rotation": "strict" if faulty and chances.random() < 0.3 else "lenient",
        "requestid": not (faulty and chances.random() < 0.15),
        "token_seconds": 240 if faulty and chances.random() < 0.3 else 0,
        "metered": chances.random() < 0.15,
        "twice": faulty and chances.random() < 0.2,
        "hooks": _hooks(seed),
        "ops": _ops(chances),
        "tape": _tape(chances, kinds, intensity) if kinds else [],
    }


def _hooks(seed: int) -> str:
    """Every second world has webhooks. Drawn apart, so that everything else of a seed stays as it was without them."""
    chances = random.Random(f"hooks {seed}")
    return chances.choice(HOOKS) if chances.random() < 0.5 else ""


def _ops(chances: random.Random) -> list[list[Any]]:
    made = _Maker(chances)
    for _ in range(chances.randint(2, 4)):
        made.people()
    made.ops.append(["run"])
    for _ in range(chances.choice((1, 1, 2, 3))):
        for _ in range(chances.randint(2, 6)):
            made.anything()
        if chances.random() < 0.25:
            made.ops.append(["wait", chances.choice((1, 90, 600, 4_000, 90_000, 40 * 86_400))])
        made.ops.append(["preview", chances.random() < 0.7] if chances.random() < 0.15 else ["run"])
    if chances.random() < 0.1:
        made.ops.append(["others"])
    return made.ops


class _Maker:
    def __init__(self, chances: random.Random) -> None:
        self.chances = chances
        self.ops: list[list[Any]] = []
        self.number = 10
        self.known: list[int] = []

    def _value(self, field: str) -> str:
        self.number += 1
        odd = self.chances.randrange(len(people.ODD)) if self.chances.random() < 0.12 else None
        return people.value(field, self.number, odd=odd)

    def _side(self) -> str:
        return self.chances.choice((people.LEFT, people.RIGHT))

    def _person(self) -> int:
        """Mostly somebody who is there already."""
        if self.known and self.chances.random() < 0.85:
            return self.chances.choice(self.known)
        return self.chances.randrange(people.PEOPLE)

    def people(self) -> None:
        """Somebody on one side, or the same one on both, not quite alike."""
        person, both = self.chances.randrange(people.PEOPLE), self.chances.random()
        sides = [people.LEFT, people.RIGHT] if both < 0.4 else [self._side()]
        for side in sides:
            self._create(side, person)

    def _create(self, side: str, person: int) -> None:
        values = {}
        for field in ("company", "phone", "mobile", "street", "city", "zip"):
            if self.chances.random() < 0.35:
                values[field] = self._value(field)
        if self.chances.random() < 0.12:
            values["first"] = self._value("first")
        if self.chances.random() < 0.06:
            values["email"] = ""
        self.ops.append(["create", side, person, values])
        self.known.append(person)

    def anything(self) -> None:
        """One thing that a person does."""
        chance = self.chances.random()
        side, person = self._side(), self._person()
        field = self.chances.choice(tuple(people.FIELDS)[1:])
        if chance < 0.45:
            self.ops.append(["edit", side, person, field, self._value(field)])
            if self.chances.random() < 0.35:  # the other side, too, the same field
                other = people.RIGHT if side == people.LEFT else people.LEFT
                self.ops.append(["edit", other, person, field, self._value(field)])
        elif chance < 0.55:
            self.ops.append(["edit", side, person, field, ""])
        elif chance < 0.70:
            self._create(side, person)
        elif chance < 0.75:
            self.ops.append(["other", side, person, self._value("company")])
        elif chance < 0.80:
            self.ops.append(["delete", side, person])
        elif chance < 0.83:
            self.ops.append(["restore", person])
        elif chance < 0.87:
            self.ops.append(["merge", side, person, self._person()])
        elif chance < 0.90:
            self.ops.append(["edit", side, person, "email", self.chances.choice((self._value("email"), people.EMAILS[self._person()]))])
        elif chance < 0.93:
            self.ops.append(["mapping", field, self.chances.choice(("clears", "LEFT", "RIGHT", "TO_LEFT", "TO_RIGHT", "off", "BOTH"))])
        elif chance < 0.95:
            self.ops.append(["filter", self.chances.choice(("Kx", "nobody"))])
        else:
            self.ops.append(["decide", self.chances.choice(("LEFT", "RIGHT"))])


def _tape(chances: random.Random, kinds: list[str], intensity: float) -> list[dict[str, Any]]:
    """What goes wrong at which call or commit. Calls that write are aimed at once more: most of what can be lost is lost there."""
    tape: list[dict[str, Any]] = []
    for place, length in PLACES.items():
        fitting = [kind for kind in kinds if kind.startswith("commit_") == (place == "commit") and (place, kind) not in POINTLESS]
        often = intensity if place in ("call", "commit") else min(0.5, 2 * intensity)
        number = 0
        while fitting and number < length:
            kind = chances.choice(fitting)
            if chances.random() < often * RARE.get(kind, 1.0):
                bursts = kind in SANDBOX_FAULTS and chances.random() < 0.3
                for _ in range(chances.randint(*BURST) if bursts else 1):
                    tape.append({"at": place, "n": number, **_details(chances, kind)})
                    number += 1
            number += 1
    meddling = [kind for kind in kinds if kind in MEDDLING]
    for number in range(PLACES["write"]):
        if meddling and chances.random() < MEDDLED:
            tape.append({"at": "write", "n": number, **_details(chances, chances.choice(meddling))})
    return tape


def _details(chances: random.Random, kind: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"fault": kind}
    if kind == "status":
        entry["status"] = chances.choice(STATUSES)
    elif kind == "slow":
        entry["seconds"] = chances.choice((1, 20, 59, 61, 130))
    elif kind == "rate_limited":
        if chances.random() < 0.7:
            entry["retry_after"] = chances.choice((0, 1, 10, 40, 300))
    elif kind in ("edit_before", "edit_after"):
        aimed = chances.random() < 0.7
        entry |= {
            "aim": "written" if aimed else "anybody", "side": chances.choice((people.LEFT, people.RIGHT)),
            "person": chances.randrange(people.PEOPLE), "field": chances.choice(tuple(people.FIELDS)[1:]),
            "number": 1000 + chances.randrange(9_000), "blank": chances.random() < 0.1,
            "what": chances.choice(("edit",) * 8 + ("create", "delete", "cancel")),
        }
    elif kind == "second_worker":
        entry["after"] = chances.choice((0, 200))
    elif kind == "clock_jump":
        entry["seconds"] = chances.choice(JUMPS)
    return entry
