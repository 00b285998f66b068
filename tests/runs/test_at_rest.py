"""Pairs that hold what they held are not judged again; whatever else there is to say of a pair has it judged."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason, RecordState
from syncapp.services import looking
from tests.runs.company import Company

LATER = "2027-01-05T09:30:00Z"


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pairs that were loaded to be judged."""
    seen: list[int] = []
    at = looking.at

    def spied(ids: Collection[int]) -> list[looking.Glance]:
        seen.extend(ids)
        return at(ids)

    monkeypatch.setattr(looking, "at", spied)
    return seen


@pytest.fixture
def pair(company: Company) -> models.RecordPair:
    company.set()
    contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
    company.settle()
    company.let_pass(timedelta(minutes=20))  # so that nothing is read once more, since windows overlap
    company.settle()
    return company.pair(left=contact)


def _planned_anew(company: Company, pair: models.RecordPair, changes: dict[str, Any]) -> None:
    models.RecordPair.objects.filter(pk=pair.pk).update(dirty=True, **changes)
    company.run()


class TestAPair:
    def test_in_sync_that_holds_what_it_held_is_not_judged(self, company: Company, pair: models.RecordPair, judged: list[int]) -> None:
        _planned_anew(company, pair, {})

        assert judged == []
        assert not models.RecordPair.objects.get(pk=pair.pk).dirty

    @pytest.mark.parametrize(
        "changes",
        [
            {"state": PairState.HALF}, {"reason": Reason.REFUSED}, {"detail": {"fields": ["email"]}}, {"was_linked": False},
            {"excluded_by_hand": True}, {"failures": 1}, {"retry_at": LATER}, {"failing_since": LATER}, {"base_left": {}},
            {"base_right": {}},
        ],
        ids=lambda changes: next(iter(changes)),
    )
    def test_of_which_there_is_something_to_say_is_judged(
        self, company: Company, pair: models.RecordPair, judged: list[int], changes: dict[str, Any]
    ) -> None:
        _planned_anew(company, pair, changes)

        assert pair.pk in judged

    @pytest.mark.parametrize("end", ["left", "right"])
    @pytest.mark.parametrize("changes", [{"state": RecordState.ARCHIVED}, {"values": {}}], ids=["state", "values"])
    def test_with_another_record_is_judged(
        self, company: Company, pair: models.RecordPair, judged: list[int], end: str, changes: dict[str, Any]
    ) -> None:
        models.Record.objects.filter(pk=getattr(pair, f"{end}_id")).update(**changes)

        _planned_anew(company, pair, {})

        assert pair.pk in judged
