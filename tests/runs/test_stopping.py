"""A run whose process is asked to stop, runs out of time, or loses the database: the next slice goes on, and soon."""

from __future__ import annotations

import dataclasses
import gc
import io
import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import InterfaceError, OperationalError
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from syncapp import models, tasks
from syncapp.engine.vocabulary import OperationStatus, RunState, System
from syncapp.services import context, lane, leases, ports, runs
from tests.runs.company import Company
from tests.runs.meddling import Once, meanwhile

BATCH = 30
"""As many writes as QuickBooks takes at once."""
MINUTE = timedelta(minutes=1)


def crowd(company: Company, number: int) -> None:
    for count in range(number):
        company.contact(firstname=f"P{count}", lastname="Archer", email=f"p{count}@example.com")


def free(company: Company) -> bool:
    """Whether nobody holds either account."""
    held = models.Lease.objects.filter(name__in=context.lease_names(company.config), expires_at__gt=company.clock.now())
    return not held.exists()


def rung() -> list[int]:
    """The runs that the queue was asked to work on."""
    return [entry.kwargs()["run_id"] for entry in OrmQ.objects.order_by("pk")]


def raises(error: BaseException) -> Callable[[], None]:
    def act() -> None:
        raise error

    return act


@contextmanager
def without_database(error: Exception, *, at: int) -> Iterator[None]:
    """The database goes away at a chosen transaction of a run, and is back for the next."""
    transaction = context.Lane.transaction
    passed: list[int] = []

    @contextmanager
    def failing(one: context.Lane) -> Iterator[None]:
        passed.append(at)
        with transaction(one):
            yield
            if len(passed) == at:
                raise error

    with mock.patch.object(context.Lane, "transaction", failing):
        yield


class TestGarbage:
    def test_is_collected_everywhere_again_once_a_slice_is_over_however_it_ends(self, company: Company) -> None:
        run = company.start()
        left_out: list[int] = []

        def stumbles() -> None:
            left_out.append(gc.get_freeze_count())
            raise OperationalError

        with meanwhile(System.HUBSPOT, "listing", before=stumbles), pytest.raises(OperationalError):
            lane.work(run_id=run.pk, ports=company.clock.ports)

        assert left_out[0] > 0
        assert gc.get_freeze_count() == 0


class TestAskedToStop:
    @pytest.fixture
    def asked(self) -> list[bool]:
        return []

    def outside(self, company: Company, asked: list[bool]) -> ports.Ports:
        return dataclasses.replace(company.clock.ports, stopping=lambda: bool(asked))

    def test_ends_its_slice_after_the_batch_that_is_on_its_way(self, company: Company, asked: list[bool]) -> None:
        crowd(company, BATCH + 1)
        run = company.start()

        with meanwhile(System.QUICKBOOKS, "write", before=Once(lambda: asked.append(True))):
            outcome = lane.work(run_id=run.pk, ports=self.outside(company, asked))

        assert (outcome.again, outcome.state) == (True, RunState.RUNNING)
        assert len(company.customers()) == BATCH
        assert not models.Operation.objects.filter(status=OperationStatus.SENDING).exists()
        assert free(company)
        assert company.finish(run).state == RunState.SUCCEEDED
        assert len(company.customers()) == BATCH + 1

    def test_begins_nothing_more(self, company: Company, asked: list[bool]) -> None:
        crowd(company, 1)
        run = company.start()
        asked.append(True)

        outcome = lane.work(run_id=run.pk, ports=self.outside(company, asked))

        assert (outcome.again, outcome.state) == (True, RunState.QUEUED)
        assert not models.Record.objects.exists()

    def test_rings_for_the_rest(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        crowd(company, 1)
        run = company.start()
        monkeypatch.setattr(ports._Stop, "asked", False)

        with meanwhile(System.HUBSPOT, "listing", before=ports.ask_to_stop):
            tasks.work(run_id=run.pk)

        assert rung() == [run.pk]


class TestOutOfTime:
    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_is_like_a_death(self, company: Company, moment: str) -> None:
        crowd(company, 2)
        run = company.start()
        too_long = Once(raises(TimeoutException("Task exceeded maximum timeout value (300 seconds)")))

        with meanwhile(System.QUICKBOOKS, "write", **{moment: too_long}), pytest.raises(TimeoutException):
            lane.work(run_id=run.pk, ports=company.clock.ports)

        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        assert free(company)
        company.settle()
        assert len(company.customers()) == 2


class TestALostDatabase:
    @pytest.mark.parametrize(
        ("error", "at"),
        [(OperationalError("server closed"), 1), (InterfaceError("connection already closed"), 4), (OperationalError("server closed"), 7)],
    )
    def test_leaves_the_run_to_go_on(self, company: Company, error: Exception, at: int) -> None:
        crowd(company, 2)
        run = company.start()

        with without_database(error, at=at), pytest.raises(type(error)):
            lane.work(run_id=run.pk, ports=company.clock.ports)

        run.refresh_from_db()
        assert run.state == RunState.RUNNING
        runs.sweep(now=company.clock.now() + MINUTE)
        assert rung() == [run.pk]
        company.settle()
        assert len(company.customers()) == 2


    def test_lets_the_accounts_go_as_soon_as_it_is_back(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        tries: list[str] = []
        release = leases.release

        def away(*, held: leases.Held) -> None:
            tries.append(held.name)
            if len(tries) < 4:
                raise OperationalError("the database system is starting up")
            release(held=held)

        monkeypatch.setattr(leases, "release", away)
        before = company.clock.now()

        company.run()

        assert free(company)
        assert len(tries) > 4
        assert company.clock.now() - before >= timedelta(seconds=sum(lane.NAPS[:3]))


class TestTheSweep:
    def under_way(self, company: Company, owner: str) -> models.SyncRun:
        """A run that somebody works on, silent for a minute."""
        run = company.start()
        now = company.clock.now()
        models.SyncRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, beat_at=now)
        for name in context.lease_names(company.config):
            leases.take(name=name, owner=owner, ttl_seconds=context.LEASE_SECONDS, now=now)
        return run

    def test_rings_at_once_for_the_run_of_a_dead_process(self, company: Company) -> None:
        run = self.under_way(company, f"{socket.gethostname()}:999999999:abc")

        runs.sweep(now=company.clock.now() + MINUTE)

        assert rung() == [run.pk]
        assert free(company)

    @pytest.mark.parametrize(
        "owner", [f"{socket.gethostname()}:{os.getpid()}:abc", "elsewhere:999999999:abc", "odd"], ids=["this one", "elsewhere", "odd"]
    )
    def test_waits_for_a_process_that_may_be_alive(self, company: Company, owner: str) -> None:
        run = self.under_way(company, owner)

        runs.sweep(now=company.clock.now() + MINUTE)

        assert rung() == []
        assert not free(company)
        runs.sweep(now=company.clock.now() + runs.SILENT)
        assert rung() == [run.pk]

    def test_lets_a_worker_that_only_looked_dead_write_nothing_more(self, company: Company) -> None:
        crowd(company, 1)
        run = company.start()
        taken_away = Once(lambda: models.Lease.objects.update(owner="another", fence=1000))

        with meanwhile(System.QUICKBOOKS, "listing", after=taken_away):
            lane.work(run_id=run.pk, ports=company.clock.ports)

        assert company.customers() == {}
        assert not models.Operation.objects.exists()


class TestTheJournal:
    def test_tells_under_which_fence_a_write_was_sent(self, company: Company) -> None:
        crowd(company, 1)

        company.run()

        name = context.lease_names(company.config)[0]
        assert models.Operation.objects.get().fence == models.Lease.objects.get(name=name).fence > 0


class TestWhatFailsBeside:
    def test_a_full_disk_under_the_log_stops_no_run(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full(io.StringIO):
            def write(self, text: str) -> int:
                raise OSError(28, "No space left on device")

        monkeypatch.setattr(logging, "raiseExceptions", False)
        handler = logging.StreamHandler(Full())
        logging.getLogger().addHandler(handler)
        crowd(company, 1)
        company.hubspot.breaks("status", "/crm/objects", times=1, status=503)

        try:
            logging.getLogger("syncapp").warning("It is logged.")
            run = company.run()
        finally:
            logging.getLogger().removeHandler(handler)

        assert run.state == RunState.SUCCEEDED
        assert len(company.customers()) == 1

    def test_a_mail_server_that_is_down_stops_no_run(self, company: Company, settings: Any) -> None:
        settings.EMAIL_BACKEND = "no.such.Backend"
        company.set(brake_creates=1)
        crowd(company, 40)

        braked = company.run()

        assert braked.state == RunState.BRAKED
        assert models.Notice.objects.filter(urgent=True).exists()
