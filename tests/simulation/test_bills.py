"""Promises about invoices are kept by what was really done, and broken by the smallest lie about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.simulation import bills, evidence, people, play, scenarios
from tests.simulation.stage import Stage

PLAIN = {
    "seed": 1, "settings": {}, "lag": 0.0, "page": 100, "rotation": "lenient", "requestid": True, "token_seconds": 0, "metered": False,
    "twice": False, "hooks": "normal", "tape": [], "about": "bills",
    "ops": [
        ["draft", "792.10", 3, True], ["bill", "45.33", 2], ["preview", False], ["run"], ["pay", 0, 2],
        ["price", people.RIGHT, 1, "12.50"], ["run"],
    ],
}
Lie = Callable[[pytest.MonkeyPatch], None]


def dearer(monkeypatch: pytest.MonkeyPatch) -> None:
    held = bills.held

    def other(company: Any, system: str) -> dict[str, dict[str, Any]]:
        found = held(company, system)
        return {key: {**body, "TotalAmt": 1} for key, body in found.items()} if system == people.RIGHT else found

    monkeypatch.setattr(bills, "held", other)


def happened(monkeypatch: pytest.MonkeyPatch, *more: tuple[str, dict[str, Any]]) -> None:
    entries = bills.entries
    monkeypatch.setattr(bills, "entries", lambda company: [*entries(company), *more])


def twin(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"type": "Invoice", "id": "99", "verb": "create", "by": "api", "changes": {}}
    happened(monkeypatch, *[(people.RIGHT, made)] * 2)


def changed_when_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    paid = {"type": "Invoice", "id": "99", "verb": "create", "by": "person", "changes": {"TotalAmt": [None, 5], "Balance": [None, 0]}}
    changed = {"type": "Invoice", "id": "99", "verb": "update", "by": "api", "changes": {"TotalAmt": [5, 4]}}
    happened(monkeypatch, (people.RIGHT, paid), (people.RIGHT, changed))


def not_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = bills.entries

    def more(company: Any) -> list[tuple[str, dict[str, Any]]]:
        found = entries(company)
        key = next(entry["id"] for _, entry in found if entry["type"] == "Invoice")
        typed = {"type": "Invoice", "id": key, "verb": "update", "by": "person", "changes": {"TotalAmt": [1, 999]}}
        return [*found, (people.RIGHT, typed)]

    monkeypatch.setattr(bills, "entries", more)


def left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    gather = evidence.Seen.gather

    def told(self: evidence.Seen, **more: Any) -> evidence.Found:
        found = gather(self, **more)
        found.operations[0].status = "SENDING"
        return found

    monkeypatch.setattr(evidence.Seen, "gather", told)


LIES: dict[str, tuple[str, Lie]] = {
    "another amount": ("P6", dearer), "an invoice more": ("P5", twin), "a paid one was changed": ("P13", changed_when_paid),
    "another amount than a person typed last": ("P8", not_the_last_word), "an entry on its way": ("P17", left_open),
}


class TestPromises:
    def test_are_kept_by_what_was_done(self, place: Stage) -> None:
        outcome = play.play(place, PLAIN)

        assert outcome.violations == []
        assert [pair.state for pair in outcome.found.pairs] == ["LINKED", "LINKED"]

    @pytest.mark.parametrize("name", LIES)
    def test_are_broken_by_a_lie(self, place: Stage, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        promise, lie = LIES[name]
        lie(monkeypatch)

        told = play.play(place, PLAIN).violations

        assert promise in {words.split(":")[0] for words in told}


class TestScenario:
    def test_is_about_invoices_once_in_a_while(self) -> None:
        about = [scenarios.generate(seed) for seed in range(200)]

        assert 20 < sum(one.get("about") == "bills" for one in about) < 50
