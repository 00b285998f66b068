"""Creates that leave for QuickBooks one by one, while the next batch has to wait for its turn."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from syncapp import models
from syncapp.connectors.quickbooks import QuickBooksConnector
from syncapp.engine.vocabulary import OperationStatus, PairState, RunState, System
from syncapp.services import lane, push, runs
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal
from tests.runs.meddling import Once, meanwhile

BATCH = 2
"""A batch is small here, so that few people are more than one."""


@pytest.fixture
def waiting(company: Company, monkeypatch: pytest.MonkeyPatch) -> Company:
    """A company to which the next batch may go in forty seconds, single calls at once."""
    company.quickbooks.control("log", method="DELETE")
    monkeypatch.setattr(QuickBooksConnector, "capabilities", dataclasses.replace(QuickBooksConnector.capabilities, batch_size=BATCH))
    models.Bucket.objects.create(
        name=f"{company.config.right_id}:batch", allowed=36, period=60.0, tat=company.clock.now().timestamp() + 41.3
    )
    return company


def crowd(company: Company, number: int) -> None:
    for count in range(number):
        company.contact(firstname=f"P{count}", lastname="Archer", email=f"p{count}@example.com")


def calls(company: Company) -> list[str]:
    """The writes that reached QuickBooks, in their order."""
    ends = [one["path"].rpartition("/")[2] for one in company.quickbooks.control("log", method="GET")]
    return [end for end in ends if end in ("customer", "batch")]


def in_hubspot(company: Company) -> list[str]:
    return [f"p{count}@example.com" for count in range(len(company.contacts()))]


class TestWhileABatchHasToWait:
    def test_all_that_the_batch_does_not_hold_leave_one_by_one(self, waiting: Company) -> None:
        crowd(waiting, 5)

        run = waiting.run()

        assert calls(waiting) == ["customer", "customer", "customer", "batch"]
        assert run.state == RunState.SUCCEEDED
        assert waiting.emails()[1] == in_hubspot(waiting)

    def test_no_more_are_sent_than_belong_between_two_batches(self, waiting: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(push, "HANDFUL", 1)
        crowd(waiting, 4)

        waiting.run()

        assert calls(waiting)[:2] == ["customer", "batch"]

    def test_what_one_batch_holds_waits_for_it(self, waiting: Company) -> None:
        crowd(waiting, BATCH)

        waiting.run()

        assert calls(waiting) == ["batch"]

    def test_nothing_leaves_alone_where_single_calls_would_have_to_wait_as_long(self, waiting: Company) -> None:
        until = waiting.clock.now().timestamp() + 60
        models.Bucket.objects.create(name=f"{waiting.config.right_id}:minute", allowed=450, period=60.0, blocked_until=until)
        crowd(waiting, 3)

        waiting.run()

        assert calls(waiting) == ["batch", "batch"]

    def test_one_that_was_slow_is_the_last_before_the_batch(self, waiting: Company) -> None:
        crowd(waiting, 5)

        with meanwhile(System.QUICKBOOKS, "write", after=Once(lambda: waiting.clock.pass_seconds(30))):
            waiting.run()

        assert calls(waiting)[:2] == ["customer", "batch"]


class TestEachByItself:
    def test_one_that_is_refused_touches_no_other(self, waiting: Company) -> None:
        waiting.quickbooks.create("Vendor", DisplayName="P0 Archer")
        crowd(waiting, 4)

        run = waiting.run()

        assert calls(waiting) == ["customer", "customer", "batch"]
        assert run.state == RunState.PARTIAL
        assert sorted(pair.state for pair in models.RecordPair.objects.all()) == [PairState.FAILED, *[PairState.LINKED] * 3]
        assert waiting.emails()[1] == in_hubspot(waiting)[1:]

    @pytest.mark.parametrize("fault", ["drop_before", "drop_after_commit"])
    def test_one_without_an_answer_is_read_back_and_there_once(self, waiting: Company, fault: str) -> None:
        crowd(waiting, 4)
        waiting.quickbooks.breaks(fault, "/customer")

        waiting.run()
        (unknown,) = models.Operation.objects.filter(status=OperationStatus.SENDING)
        waiting.settle()

        assert "The answer was lost" in models.Operation.objects.get(pk=unknown.pk).note
        assert waiting.emails()[1] == in_hubspot(waiting)

    def test_only_the_one_that_was_on_its_way_is_in_doubt_when_the_process_dies(self, waiting: Company) -> None:
        crowd(waiting, 4)

        with pytest.raises(Died), meanwhile(System.QUICKBOOKS, "write", after=raises(Died())):
            waiting.run()

        states = models.Operation.objects.order_by("pk").values_list("status", flat=True)
        assert list(states) == [OperationStatus.SENDING, *[OperationStatus.READY] * 3]
        waiting.settle()
        assert waiting.emails()[1] == in_hubspot(waiting)

    @pytest.mark.parametrize("at", [13, 14, 15], ids=["intent", "call", "result"])
    def test_a_death_after_a_step_leaves_everybody_there_once(self, waiting: Company, at: int) -> None:
        crowd(waiting, 4)

        with mortal(Points(at=at, after_changes=True)), pytest.raises(Died):
            waiting.run()
        waiting.settle()

        assert waiting.emails()[1] == in_hubspot(waiting)


class TestBetweenTwo:
    def test_a_run_that_is_cancelled_sends_no_other(self, waiting: Company) -> None:
        crowd(waiting, 4)
        run = waiting.start()

        with meanwhile(System.QUICKBOOKS, "write", after=Once(lambda: runs.cancel(run=run, now=waiting.clock.now()))):
            waiting.finish(run)

        assert calls(waiting) == ["customer"]

    def test_a_worker_whose_lease_was_taken_sends_no_other(self, waiting: Company) -> None:
        crowd(waiting, 4)

        with meanwhile(System.QUICKBOOKS, "write", after=Once(lambda: models.Lease.objects.update(owner="another", fence=1000))):
            lane.work(run_id=waiting.start().pk, ports=waiting.clock.ports)

        assert calls(waiting) == ["customer"]


def raises(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act
