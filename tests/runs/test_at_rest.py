"""Pairs that hold what they held are not judged again; whatever else there is to say of a pair has it judged."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from syncapp import models
from syncapp.engine.vocabulary import PairState, Reason, RecordState
from syncapp.services import looking, planning
from tests.runs.company import Company

EARLIER, LATER = "2026-01-05T09:30:00Z", "2027-01-05T09:30:00Z"


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

    def test_whose_partner_was_just_made_is_not_judged(self, company: Company, judged: list[int]) -> None:
        company.set()
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()

        pair = company.pair(left=contact)
        assert (pair.state, pair.dirty, judged) == (PairState.LINKED, False, [pair.pk])
        assert None in pair.base_left.values()

    @pytest.mark.parametrize("end", ["left", "right"])
    @pytest.mark.parametrize("changes", [{"state": RecordState.ARCHIVED}, {"values": {}}], ids=["state", "values"])
    def test_with_another_record_is_judged(
        self, company: Company, pair: models.RecordPair, judged: list[int], end: str, changes: dict[str, Any]
    ) -> None:
        models.Record.objects.filter(pk=getattr(pair, f"{end}_id")).update(**changes)

        _planned_anew(company, pair, {})

        assert pair.pk in judged


class TestMany:
    @pytest.fixture
    def sizes(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """How many pairs were planned in one transaction each, two at first, and four after two of which none had to be judged."""
        seen: list[int] = []
        waiting = looking.waiting

        def spied(**given: Any) -> list[int]:
            found = waiting(**given)
            seen.append(len(found))
            return found

        monkeypatch.setattr(looking, "waiting", spied)
        for name, value in {"CHUNK": 2, "AT_REST": 4, "FEW": 0}.items():
            monkeypatch.setattr(planning, name, value)
        return seen

    def _seven(self, company: Company) -> list[models.RecordPair]:
        for number in range(7):
            company.contact(firstname="Ann", lastname=f"Archer {number}", email=f"ann{number}@example.com")
        company.settle()
        company.let_pass(timedelta(minutes=20))
        company.settle()
        return list(models.RecordPair.objects.order_by("pk"))

    def test_at_rest_are_planned_more_at_once(self, company: Company, sizes: list[int]) -> None:
        company.set()
        pairs = self._seven(company)
        models.RecordPair.objects.update(dirty=True)
        sizes.clear()

        company.run()

        assert len(pairs) == 7
        assert sizes == [2, 4, 1, 0]

    def test_that_have_to_be_judged_are_planned_few_at_once(self, company: Company, sizes: list[int]) -> None:
        company.set()
        self._seven(company)
        models.RecordPair.objects.update(dirty=True, failures=1)
        sizes.clear()

        company.run()

        assert sizes == [2, 2, 2, 1, 0]

    def test_are_written_once_after_the_rules_changed(self, company: Company) -> None:
        company.set()
        self._seven(company)
        before = company.clock.now()
        models.RecordPair.objects.update(rules_revision=0)

        with CaptureQueriesContext(connection) as captured:
            company.run()

        written = [sql for query in captured if (sql := query["sql"]).startswith('UPDATE "syncapp_recordpair"')]
        assert len([sql for sql in written if '"rules_revision" = ' in sql]) == 1
        assert all(pair.rules_revision and pair.synced_at and pair.synced_at >= before for pair in models.RecordPair.objects.all())

    def test_stay_to_be_planned_when_somebody_changes_one_meanwhile(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        company.set()
        changed, *others = self._seven(company)
        models.RecordPair.objects.update(dirty=True)
        in_sync = looking.in_sync

        def meddled(**given: Any) -> list[int]:
            found = in_sync(**given)
            models.RecordPair.objects.filter(pk=changed.pk).update(dirty=True)
            return found

        monkeypatch.setattr(looking, "in_sync", meddled)
        company.run()

        dirty = dict(models.RecordPair.objects.values_list("pk", "dirty"))
        assert dirty == {changed.pk: True, **{pair.pk: False for pair in others}}

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("due", [{"dirty": True}, {"retry_at": EARLIER}, {"rules_revision": 0}], ids=lambda due: next(iter(due)))
    def test_are_changed_by_nobody_while_they_are_judged(
        self, company: Company, monkeypatch: pytest.MonkeyPatch, due: dict[str, Any]
    ) -> None:
        company.set()
        pair, *_ = self._seven(company)
        models.RecordPair.objects.update(failures=1, **due)
        at, chunk = looking.at, planning._chunk
        somebody = threading.Thread(target=self._part, args=[pair.pk])
        kept: list[models.RecordPair] = []

        def meddled(ids: Collection[int]) -> list[looking.Glance]:
            found = at(ids)
            if not kept:
                somebody.start()
                somebody.join(timeout=0.5)
            return found

        def spied(**given: Any) -> int:
            judged_now = chunk(**given)
            somebody.join()
            kept.append(models.RecordPair.objects.get(pk=pair.pk))
            return judged_now

        monkeypatch.setattr(looking, "at", meddled)
        monkeypatch.setattr(planning, "_chunk", spied)
        company.run()

        assert (kept[0].dirty, kept[0].base_left, kept[0].failures) == (True, {}, 0)

    def _part(self, pk: int) -> None:
        """What another process does, and what has to wait for its turn."""
        models.RecordPair.objects.filter(pk=pk).update(dirty=True, base_left={})
        connection.close()
