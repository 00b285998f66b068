"""Each promise is kept by what was really seen, and broken by the smallest lie about it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.simulation import people, play, promises, scenarios
from tests.simulation.crashes import REFERENCES
from tests.simulation.door import Call
from tests.simulation.evidence import Effect, Found
from tests.simulation.stage import Stage

Lie = Callable[[Found], Found]
LEFT, RIGHT = people.LEFT, people.RIGHT


@pytest.fixture(scope="module")
def seen(place: Stage) -> Found:
    """Two people who were made in QuickBooks by us; one was edited on either side since."""
    outcome = play.play(place, {**REFERENCES["edits on both sides"], "metered": True})
    assert outcome.violations == []
    return outcome.found


def ours(found: Found, **more: Any) -> Effect:
    """A change of ours in QuickBooks, altered."""
    return next(one for one in found.ours if one.system == RIGHT and one.verb == "update")._replace(**more)


def with_effects(found: Found, *more: Effect) -> Found:
    """The same, after something more happened."""
    last = len(found.effects)
    return replace(found, effects=[*found.effects, *(one._replace(order=last + at) for at, one in enumerate(more))])


def call(**more: Any) -> Call:
    plain: dict[str, Any] = {
        "number": 0, "system": LEFT, "method": "GET", "path": "/crm", "query": "", "body": b"", "at": 0.0, "worker": 0,
        "sync": 1, "slice": 1,
    }
    return Call(**{**plain, **more})


def noted(found: Found, **more: Any) -> Found:
    seen = copy.copy(found.seen)
    for name, value in more.items():
        setattr(seen, name, value)
    return replace(found, seen=seen)


def with_pair(found: Found, **more: Any) -> Found:
    changed = copy.copy(found.pairs[0])
    for name, value in more.items():
        setattr(changed, name, value)
    return replace(found, pairs=[changed, *found.pairs[1:]])


def different(found: Found) -> Found:
    key, body = next(iter(found.live[LEFT].items()))
    return replace(found, live={**found.live, LEFT: {**found.live[LEFT], key: {**body, "city": "Elsewhere"}}})


def outdated(found: Found) -> Found:
    rows = [copy.copy(row) for row in found.records]
    for row in rows:
        row.values = {**row.values, "firstname": "Somebody"} if row.kind == "contacts" else row.values
    return replace(found, records=rows)


def made_twice(found: Found) -> Found:
    return replace(found, operations=[*found.operations, next(one for one in found.operations if one.kind == "CREATE")])


def twin_before(found: Found) -> Found:
    made = next(one for one in found.ours if one.verb == "create")
    twin = made._replace(ours=False, key="999", at="2026-03-01T00:00:00+00:00")
    return replace(found, effects=[one._replace(order=at) for at, one in enumerate([twin, *found.effects])])


def lost(found: Found) -> Found:
    typed = ours(found, ours=False, fields={"street": ("", "Kx5qtyped")})
    return with_effects(found, typed, ours(found, fields={"street": ("Kx5qtyped", "Kx6qother")}))


def nameless(found: Found) -> Found:
    changed = copy.copy(found.audited[0])
    changed.person = ""
    return replace(found, audited=[changed])


def limited(found: Found) -> Found:
    return replace(found, calls=[call(status=429, retry_after=30.0), call(at=5.0)])


LIES: dict[str, tuple[str, Lie]] = {
    "a run at rest wrote": ("P1", lambda found: noted(found, after_rest=found.seen.after_rest + 1)),
    "a run at rest changed our rows": ("P1", lambda found: noted(found, rested=False)),
    "two values differ": ("P2", different),
    "it wrote without a reason": ("P3", lambda found: with_effects(found, *[ours(found)] * 60)),
    "a partner was made twice": ("P5", made_twice),
    "one with the address was there": ("P7", twin_before),
    "what was typed was replaced": ("P8", lost),
    "a value was emptied": ("P9", lambda found: with_effects(found, ours(found, fields={"city": ("Kx1qcity", "")}))),
    "another field was written": ("P10", lambda found: with_effects(found, ours(found, changes={"Notes": ["a", "b"]}))),
    "a record was made inactive": ("P11", lambda found: with_effects(found, ours(found, changes={"Active": [True, False]}))),
    "it reached the namesake": ("P12", lambda found: with_effects(found, ours(found, account="9130347990099"))),
    "a pair fails for no reason": ("P16", lambda found: with_pair(found, state="FAILED")),
    "a run failed at rest": ("P16", lambda found: noted(found, last_state="FAILED")),
    "a record has no pair": ("P17", lambda found: replace(found, pairs=[])),
    "a pair waits for nothing": ("P17", lambda found: with_pair(found, state="HALF")),
    "the mirror is old": ("P18", outdated),
    "a record is missing in the mirror": ("P18", lambda found: replace(found, records=[])),
    "a refresh was refused": ("P21", lambda found: replace(found, calls=[call(path="/oauth/2026-09/token", status=400)])),
    "an access was given up": ("P22", lambda found: noted(found, reconnected=["hubspot"])),
    "it did not wait": ("P23", limited),
    "it tried for ever": ("P24", lambda found: replace(found, calls=[call(status=503)] * 9)),
    "a change has no entry": ("P28", lambda found: replace(found, audited=[])),
    "an entry is there twice": ("P28", lambda found: replace(found, audited=[*found.audited, found.audited[0]])),
    "an entry was changed": ("P29", lambda found: replace(found, unsound=("Entry 7 was changed.",))),
    "an entry names nobody": ("P30", nameless),
    "an entry has no change": ("P28", lambda found: replace(found, effects=[])),
    "a token was logged": ("P31", lambda found: replace(found, lines=[f"GET /?token={found.secrets[0]}"])),
    "an address was logged": ("P32", lambda found: replace(found, lines=[f"syncapp DEBUG {people.EMAILS[1]}"])),
}


class TestEachPromise:
    @pytest.mark.parametrize("name", LIES)
    def test_is_broken_by_a_lie_about_it(self, seen: Found, name: str) -> None:
        promise, lie = LIES[name]

        told = {words.split(":")[0] for words in promises.broken(lie(seen))}

        assert promise in told

    def test_that_is_held_against_what_was_seen_has_a_lie(self) -> None:
        held = {(one.__doc__ or "").split(":")[0] for one in promises.PROMISES}

        assert held - {promise for promise, _ in LIES.values()} == set()


class TestScenario:
    def test_is_the_same_for_the_same_seed(self) -> None:
        assert scenarios.generate(7) == scenarios.generate(7)
        assert scenarios.generate(7) != scenarios.generate(8)

    def test_can_meet_with_every_kind_of_fault(self) -> None:
        met = {entry["fault"] for seed in range(400) for entry in scenarios.generate(seed)["tape"]}

        assert set(scenarios.KINDS) - met == set()
