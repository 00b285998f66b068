"""A brake is let go by an administrator, and one that holds very many writes by two of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from syncapp import models
from syncapp.engine.vocabulary import Direction, OperationKind, OperationStatus, PairState, RunKind, RunPhase, RunState, RunTrigger, Side
from syncapp.services import confirming, runs
from tests.services import made

pytestmark = pytest.mark.django_db
NOW = made.NOW


class Braked:
    """A sync with a run that a brake stopped, and so many planned writes."""

    def __init__(self, number: int, *, kind: RunKind = RunKind.DELTA) -> None:
        self.ann, self.bea, self.cal = (User.objects.create_superuser(name) for name in ("ann", "bea", "cal"))
        sides = made.TwoSides()
        self.config = sides.config
        sides.mapping("email", "PrimaryEmailAddr.Address", position=0)
        sides.mapping("companies.name", "DisplayName", Direction.TO_RIGHT, position=1)
        self.run = models.SyncRun.objects.create(
            config=self.config, kind=kind, trigger=RunTrigger.HAND, phase=RunPhase.DONE,
            state=RunState.SUCCEEDED if kind is RunKind.PREVIEW else RunState.BRAKED, brakes=["This run would create too many."],
            rules_revision=self.config.revision,
        )
        self.plan(number)

    def plan(self, number: int) -> None:
        """Have so many writes planned, each of a record of its own."""
        connection = self.config.left
        records = models.Record.objects.bulk_create(
            models.Record(connection=connection, kind="contacts", external_id=str(one), observed_at=NOW) for one in range(number)
        )
        pairs = models.RecordPair.objects.bulk_create(
            models.RecordPair(config=self.config, left=record, state=PairState.CREATING) for record in records
        )
        models.Operation.objects.bulk_create(
            models.Operation(
                run=self.run, config=self.config, pair=pair, side=Side.RIGHT, kind=OperationKind.CREATE, record_kind="customer",
                status=OperationStatus.PLANNED, idempotency_key=f"key-{pair.pk}",
            )
            for pair in pairs
        )

    def release(self, actor: User) -> models.SyncRun:
        self.run.refresh_from_db()
        return runs.release(braked=self.run, actor=actor, now=NOW, enqueue=False)

    def approve(self, actor: User) -> models.SyncRun:
        self.run.refresh_from_db()
        return runs.approve(preview=self.run, actor=actor, now=NOW, enqueue=False)


class TestFewRecords:
    def test_are_let_go_by_one_administrator(self) -> None:
        braked = Braked(confirming.SECOND_PERSON - 1)

        made_run = braked.release(braked.ann)

        assert made_run.pk != braked.run.pk
        assert made_run.brakes_released_by == braked.ann

    def test_are_let_go_by_the_one_who_started_the_run_too(self) -> None:
        braked = Braked(3)
        models.SyncRun.objects.update(actor=braked.ann)

        assert braked.release(braked.ann).state == RunState.QUEUED


class TestManyRecords:
    @pytest.fixture
    def braked(self) -> Braked:
        return Braked(confirming.SECOND_PERSON)

    def test_wait_after_the_first_confirmation(self, braked: Braked) -> None:
        answered = braked.release(braked.ann)

        assert answered.pk == braked.run.pk
        assert models.SyncRun.objects.count() == 1
        braked.run.refresh_from_db()
        assert (braked.run.brakes_confirmed_by, braked.run.brakes_confirmed_at) == (braked.ann, NOW)
        notice = models.Notice.objects.get(closed_at=None)
        assert "ann confirmed 500 writes. They wait until a second administrator confirms them too." in notice.words

    def test_are_let_go_by_the_second_person(self, braked: Braked) -> None:
        braked.release(braked.ann)

        made_run = braked.release(braked.bea)

        assert (made_run.brakes_confirmed_by, made_run.brakes_released_by) == (braked.ann, braked.bea)
        assert confirming.enough(run=made_run, number=10_000)
        assert not models.Notice.objects.filter(closed_at=None).exists()

    def test_are_not_let_go_by_one_person_twice(self, braked: Braked) -> None:
        braked.release(braked.ann)

        with pytest.raises(confirming.NotAlone, match="You confirmed this already"):
            braked.release(braked.ann)

        assert models.SyncRun.objects.count() == 1

    def test_are_not_let_go_by_the_one_who_started_the_run(self, braked: Braked) -> None:
        models.SyncRun.objects.update(actor=braked.bea)
        braked.release(braked.ann)

        with pytest.raises(confirming.NotAlone, match="You started this run"):
            braked.release(braked.bea)

        assert braked.release(braked.cal).brakes_released_by == braked.cal

    def test_are_not_let_through_when_they_become_many_only_after_one_person_confirmed(self) -> None:
        braked = Braked(3)

        made_run = braked.release(braked.ann)

        assert confirming.enough(run=made_run, number=confirming.SECOND_PERSON - 1)
        assert not confirming.enough(run=made_run, number=confirming.SECOND_PERSON)


class TestPreview:
    def test_of_many_records_that_a_brake_would_stop_needs_two_people(self) -> None:
        braked = Braked(confirming.SECOND_PERSON, kind=RunKind.PREVIEW)

        assert braked.approve(braked.ann).pk == braked.run.pk
        assert not models.Operation.objects.filter(status=OperationStatus.READY).exists()
        assert braked.approve(braked.bea).preview == braked.run
        assert models.Operation.objects.filter(status=OperationStatus.READY).count() == confirming.SECOND_PERSON

    def test_of_many_records_within_the_brakes_needs_one(self) -> None:
        braked = Braked(confirming.SECOND_PERSON, kind=RunKind.PREVIEW)
        models.SyncRun.objects.update(brakes=[])

        assert braked.approve(braked.ann).preview == braked.run


def test_a_run_without_anybodys_word_is_let_through_by_nobody() -> None:
    run: Any = models.SyncRun()

    assert not confirming.enough(run=run, number=1)
