"""Promises about things that are sold are kept by what was really done, and broken by the smallest lie about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation import evidence, people, play, scenarios, wares
from tests.simulation.stage import Stage

L, R = people.LEFT, people.RIGHT
PLAIN = {
    "seed": 1, "settings": {}, "lag": 0.0, "page": 100, "rotation": "lenient", "requestid": True, "token_seconds": 0, "metered": False,
    "twice": False, "hooks": "normal", "tape": [], "about": "wares",
    "ops": [
        ["create", L, 0, {"price": "11.50", "cost": "4"}], ["create", R, 1, {"description": "Kx1q"}], ["create", L, 2, {"price": "7"}],
        ["create", R, 2, {"price": "7"}], ["create", L, 3, {}], ["create", L, 3, {"name": "Kx9qDesk"}], ["preview", False], ["run"],
        ["edit", R, 0, "price", "12.25"], ["edit", L, 1, "description", ""], ["edit", L, 2, "name", "Kx12qClock"], ["delete", L, 1],
        ["run"],
    ],
}
Lie = Callable[[evidence.Found], None]


def shown(found: evidence.Found, verb: str = "update") -> evidence.Effect:
    """A change of ours in QuickBooks or, if it was a create, the record that was made there."""
    return next(one for one in found.ours if one.verb == verb and one.system == R)


def told(found: evidence.Found, one: evidence.Effect) -> None:
    found.effects[one.order] = one


def another_price(found: evidence.Found) -> None:
    made = shown(found, "create")
    found.live[R][made.key]["UnitPrice"] = 99


def made_twice(found: evidence.Found) -> None:
    made = next(one for one in found.operations if one.kind == "CREATE")
    found.operations.append(made)


def was_there(found: evidence.Found) -> None:
    made = shown(found, "create")
    found.effects[0] = found.effects[0]._replace(
        system=R, account=made.account, key="99", at="2020-01-01T00:00:00+00:00", fields={"sku": ("", made.fields["sku"][1])}, changes={},
    )


def typed_over(found: evidence.Found) -> None:
    made, changed = shown(found, "create"), shown(found)
    told(found, made._replace(ours=False, key=changed.key, fields={"name": ("", "Kx77q")}))
    told(found, changed._replace(fields={"name": ("Kx77q", "Kx78q")}))


def emptied(found: evidence.Found) -> None:
    told(found, shown(found)._replace(fields={"description": ("Kx1q", "")}))


def booked_elsewhere(found: evidence.Found) -> None:
    told(found, shown(found)._replace(changes={"IncomeAccountRef": [{"value": "1"}, {"value": "2"}]}))


def put_away(found: evidence.Found) -> None:
    told(found, shown(found)._replace(changes={"Active": [True, False]}))


LIES: dict[str, tuple[str, Lie]] = {
    "another price": ("P2", another_price), "made twice": ("P5", made_twice), "its number was there": ("P7", was_there),
    "a name was typed over": ("P8", typed_over), "a description was emptied": ("P9", emptied),
    "an account was changed": ("P10", booked_elsewhere), "it was made inactive": ("P11", put_away),
}


class TestPromises:
    def test_are_kept_by_what_was_done(self, place: Stage) -> None:
        outcome = play.play(place, PLAIN)

        assert outcome.violations == []
        assert sorted(pair.state for pair in outcome.found.pairs) == ["AMBIGUOUS", "LINKED", "LINKED", "LINKED", "ORPHANED"]
        assert {(one.system, one.verb) for one in outcome.found.ours} == {(L, "create"), (R, "create"), (R, "update"), (L, "update")}

    @pytest.mark.parametrize("name", LIES)
    def test_are_broken_by_a_lie(self, place: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        promise, lie = LIES[name]
        gather = evidence.Seen.gather

        def lied(self: evidence.Seen, **more: Any) -> evidence.Found:
            found = gather(self, **more)
            lie(found)
            return found

        monkeypatch.setattr(evidence.Seen, "gather", lied)

        found = play.play(place, PLAIN).violations

        assert promise in {words.split(":")[0] for words in found}


class TestWords:
    def test_are_those_of_people_again_afterwards(self) -> None:
        with wares.spoken():
            inside = people.KINDS[R], people.same("price", "5.50", "5.5")

        assert (inside, people.KINDS[R], people.same("price", "5.50", "5.5")) == (("Item", True), "Customer", False)


class TestScenario:
    def test_is_about_things_once_in_a_while(self) -> None:
        about = [scenarios.generate(seed) for seed in range(200)]

        assert 10 < sum(one.get("about") == "wares" for one in about) < 40
