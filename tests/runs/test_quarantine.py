"""One bad record among many: the others are done in the same run, and it is set aside with its reason when it failed too often."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors
from syncapp.engine.vocabulary import OperationStatus, PairState, Reason, RunState, System
from syncapp.services import connections, pairs, planning, results
from tests.runs.company import Company

MANY = 12
TWO_HOURS = 7200


class _Failing:
    """A connector that cannot write the records that hold a certain word, and writes all others."""

    def __init__(self, connector: base.Connector, word: str, error: errors.SyncError, tried: list[str]) -> None:
        self._connector = connector
        self._word = word
        self._error = error
        self._tried = tried

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    def write(self, *, writes: Sequence[base.Write], singly: bool = False) -> tuple[base.Written, ...]:
        bad = {one.key for one in writes if self._word in str(one.values)}
        self._tried.extend(bad)
        good = [one for one in writes if one.key not in bad]
        done = {one.key: one for one in self._connector.write(writes=good)} if good else {}
        return tuple(done.get(one.key) or base.Written(key=one.key, error=self._error) for one in writes)


@contextmanager
def failing(system: System, word: str, error: errors.SyncError) -> Iterator[list[str]]:
    """Within this, writes to a vendor that hold a word fail. Gives the tries that were made of them."""
    connector = connections.connector
    tried: list[str] = []

    def made(**arguments: Any) -> Any:
        real = connector(**arguments)
        return _Failing(real, word, error, tried) if arguments["connection"].system == system else real

    with mock.patch.object(connections, "connector", made):
        yield tried


@pytest.fixture
def many(company: Company) -> str:
    """Many contacts, and one among them that nobody can write; its id."""
    for number in range(MANY):
        company.contact(firstname=f"Good{number}", lastname="Archer", email=f"good{number}@example.com")
    return company.contact(firstname="Bad", lastname="Luck", email="bad@example.com")


LOCKED = errors.Transient("QuickBooks could not lock the record. It will be tried again.", system="QuickBooks Online", code="610")


class TestOneBadRecord:
    def test_delays_no_other_and_is_set_aside_after_eight_tries(self, company: Company, many: str) -> None:
        with failing(System.QUICKBOOKS, "Luck", LOCKED) as tried:
            first = company.run()
            done, waiting = len(company.customers()), company.pair(left=many)
            for _ in range(results.MOST_ATTEMPTS + 2):
                company.clock.pass_seconds(TWO_HOURS)
                company.run()

        assert (first.state, done, waiting.reason) == (RunState.PARTIAL, MANY, Reason.RETRYING)
        assert len(tried) == results.MOST_ATTEMPTS
        pair = company.pair(left=many)
        assert (pair.state, pair.reason, pair.failing_since is not None) == (PairState.FAILED, Reason.GIVEN_UP, True)
        assert pair.detail["words"] == str(LOCKED)

    def test_that_was_set_aside_is_tried_again_when_a_person_says_so(self, company: Company, many: str) -> None:
        with failing(System.QUICKBOOKS, "Luck", LOCKED):
            company.run()
            waiting = models.Operation.objects.filter(status=OperationStatus.READY)
            waiting.update(attempts=results.MOST_ATTEMPTS - 1, retry_at=None)
            company.run()
        assert (company.pair(left=many).reason, len(company.customers())) == (Reason.GIVEN_UP, MANY)

        pairs.retry(pair=company.pair(left=many))
        company.run()

        assert company.pair(left=many).state == PairState.LINKED

    def test_waits_longer_after_each_try(self, company: Company) -> None:
        company.contact(firstname="Bad", lastname="Luck", email="bad@example.com")
        waits = []

        with failing(System.QUICKBOOKS, "Luck", LOCKED):
            for _ in range(6):
                company.run()
                (operation,) = models.Operation.objects.filter(status=OperationStatus.READY)
                assert operation.retry_at is not None
                waits.append(round((operation.retry_at - company.clock.now()).total_seconds() / 60))
                company.clock.pass_seconds(TWO_HOURS)

        assert waits == [1, 2, 5, 15, 60, 60]

    def test_that_is_refused_is_not_sent_again_unchanged(self, company: Company, many: str) -> None:
        refused = errors.Rejected("QuickBooks refused the data.", system="QuickBooks Online", code="2010", field="GivenName")

        with failing(System.QUICKBOOKS, "Luck", refused) as tried:
            for _ in range(4):
                company.run()
                company.clock.pass_seconds(TWO_HOURS)

        pair = company.pair(left=many)
        assert (len(tried), len(company.customers())) == (1, MANY)
        assert (pair.state, pair.reason, pair.detail["field"]) == (PairState.FAILED, Reason.REFUSED, "GivenName")

    def test_that_the_program_chokes_on_delays_no_other(self, company: Company, many: str, monkeypatch: pytest.MonkeyPatch) -> None:
        plan = planning.engine.plan_pair

        def choking(**arguments: Any) -> Any:
            if arguments["left"] is not None and arguments["left"].value("lastname") == "Luck":
                raise RuntimeError
            return plan(**arguments)

        monkeypatch.setattr(planning.engine, "plan_pair", choking)

        company.run()

        assert (company.pair(left=many).reason, len(company.customers())) == (Reason.FAULT, MANY)
