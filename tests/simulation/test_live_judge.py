"""The judge of the live fire, on made-up facts: silent where all is well, and each broken promise found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.simulation.live_judge import LEFT, RIGHT, Audited, Edit, Entry, Evidence, Pair, Person, breaches, percentile

ANN = {"email": "ann@oak.example", "first": "OakAnn", "last": "OakArcher", "phone": "+15125550100"}
ANN_RIGHT = {**ANN, "phone": "(1) 512-555-0100", "email": "Ann@oak.example"}


def whole(**changes: Any) -> Evidence:
    """Ann, made by hand in HubSpot and created in QuickBooks by us; somebody typed her last name."""
    facts: dict[str, Any] = {
        "people": [Person(sync=0, side=LEFT, id="1", values=ANN), Person(sync=0, side=RIGHT, id="7", values=ANN_RIGHT)],
        "pairs": [Pair(id=5, sync=0, left="1", right="7", state="LINKED")],
        "entries": [entry()],
        "edits": [Edit(number=1, sync=0, side=LEFT, id="1"), Edit(number=2, sync=0, side=LEFT, id="1", field="last", value="OakArcher")],
        "marks": {0: "Oak", 1: "Elm"}, "effects": {"create": 1}, "writes_of_late_runs": [0, 0], "refused_refreshes": 0, "unconnected": [],
        "audited": (), "unsound": (),
        "said": "run 1 began", "canaries": ("hush-hush",),
    }
    facts |= changes
    done = [one.id for one in facts["entries"] if one.status == "DONE"]
    facts["audited"] = facts["audited"] or [Audited(number=number, entry=id, person="alice") for number, id in enumerate(done, 1)]
    return Evidence(**facts)


def entry(**changes: Any) -> Entry:
    facts: dict[str, Any] = {
        "pair": 5, "sync": 0, "side": RIGHT, "kind": "CREATE", "status": "DONE", "external_id": "7", "attempts": 1, "fence": 1,
        "sent_at": 10.0,
    }
    return Entry(**{**facts, **changes})


def person(side: str, id: str, **values: str) -> Person:
    return Person(sync=0, side=side, id=id, values={**ANN, **values})


def promises(found: Evidence) -> set[str]:
    return {breach.partition(":")[0] for breach in breaches(found)}


UPDATE = entry(kind="UPDATE", external_id="7", sent_at=20.0, fence=3)
BROKEN: dict[str, tuple[Evidence, str]] = {
    "a quiet run that writes": (whole(writes_of_late_runs=[0, 2]), "P1"),
    "two values that differ": (whole(people=[person(LEFT, "1"), person(RIGHT, "7", first="OakAnna")]), "P2"),
    "a record that was never seen": (
        whole(
            people=[*whole().people, person(LEFT, "2", email="bea@oak.example")],
            edits=[*whole().edits, Edit(number=3, sync=0, side=LEFT, id="2")],
        ),
        "P2",
    ),
    "a pair that stays half": (whole(pairs=[replace(whole().pairs[0], state="CREATING")]), "P2"),
    "a partner that is not there": (whole(pairs=[replace(whole().pairs[0], right="8")]), "P2"),
    "a second create of a pair": (
        whole(entries=[entry(), entry(external_id="8")], people=[*whole().people, person(RIGHT, "8")], effects={"create": 2}), "P5",
    ),
    "a record out of nowhere": (whole(people=[*whole().people, person(RIGHT, "8")]), "P5"),
    "two people with one e-mail": (whole(people=[*whole().people, person(LEFT, "2")]), "P7"),
    "a value that is gone": (
        whole(edits=[*whole().edits, Edit(number=3, sync=0, side=RIGHT, id="7", field="last", value="OakBerg")]), "P8",
    ),
    "a record that was archived": (whole(effects={"create": 1, "archive": 1}), "P11"),
    "a record that is gone": (whole(people=[whole().people[0], replace(whole().people[1], live=False)]), "P11"),
    "a value of another company": (whole(people=[person(LEFT, "1", last="ElmArcher"), person(RIGHT, "7", last="ElmArcher")]), "P12"),
    "an effect without an intent": (whole(effects={"create": 1, "update": 1}), "P15"),
    "a write that is still on its way": (
        whole(entries=[entry(), replace(UPDATE, status="SENDING")], effects={"create": 1, "update": 1}), "P15",
    ),
    "two workers at a time": (
        whole(entries=[entry(fence=1), UPDATE, replace(UPDATE, fence=2, sent_at=30.0)], effects={"create": 1, "update": 2}), "P19",
    ),
    "a refused refresh": (whole(refused_refreshes=1), "P21"),
    "an account that is lost": (whole(unconnected=["Portal"]), "P21"),
    "an entry without an effect": (whole(entries=[entry(), UPDATE]), "P28"),
    "a write without an audit": (whole(audited=[Audited(number=1, entry=99, person="alice")]), "P28"),
    "an audit that was cut off": (whole(unsound=["The last entry is gone."]), "P29"),
    "an audit that names nobody": (whole(audited=[Audited(number=1, entry=0, person="")]), "P30"),
    "a secret in the log": (whole(said="token hush-hush"), "P31"),
}


class TestTheJudge:
    def test_finds_nothing_where_all_is_well(self) -> None:
        assert breaches(whole()) == []

    @pytest.mark.parametrize("name", BROKEN)
    def test_finds(self, name: str) -> None:
        found, promise = BROKEN[name]

        assert promise in promises(found)

    def test_lets_a_value_rest_that_stands_in_a_conflict(self) -> None:
        edits = [*whole().edits, Edit(number=3, sync=0, side=RIGHT, id="7", field="last", value="OakBerg")]
        listed = [replace(whole().pairs[0], conflicts=[("OakArcher", "OakBerg", False)])]

        assert breaches(whole(edits=edits, pairs=listed)) == []

    @pytest.mark.parametrize(("conflicts", "found"), [([("a", "b", False)], set()), ([], {"P28"})])
    def test_lets_a_write_without_an_effect_rest_where_a_later_value_is_listed(
        self, conflicts: list[tuple[str, str, bool]], found: set[str]
    ) -> None:
        pairs = [replace(whole().pairs[0], conflicts=conflicts)]

        assert promises(whole(entries=[entry(), replace(UPDATE, read_back=True)], pairs=pairs)) == found

    def test_asks_for_the_last_value_only(self) -> None:
        earlier = Edit(number=1, sync=0, side=RIGHT, id="7", field="last", value="OakBerg")

        assert breaches(whole(edits=[earlier, *whole().edits])) == []

    def test_takes_an_open_conflict_for_an_answer(self) -> None:
        people = [person(LEFT, "1"), person(RIGHT, "7", last="OakBerg")]
        pairs = [replace(whole().pairs[0], conflicts=[("OakArcher", "OakBerg", True)])]

        assert breaches(whole(people=people, pairs=pairs)) == []


def test_percentile_is_a_value_that_was_seen() -> None:
    assert [percentile([3, 1, 2], share) for share in (0.0, 0.5, 0.95)] == [1, 2, 3]
    assert percentile([], 0.5) == 0
