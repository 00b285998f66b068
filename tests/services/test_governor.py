from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.conf import settings as current
from django.db import DatabaseError
from pytest_django.fixtures import Settings

from integrations import http
from syncapp import models
from syncapp.engine import errors
from syncapp.services import governor
from tests.services import made
from tests.services.made import NOW, Clock

READ = ("minute", "second", "concurrent", "month")


def call(*buckets: str, seconds: float = 60.0) -> http.Call:
    return http.Call(system="HubSpot", operation="read", method="GET", path="/x", buckets=buckets, seconds=seconds)


def answer(**headers: object) -> http.Answer:
    named = {f"X-HubSpot-RateLimit-{name.replace('_', '-')}": str(value) for name, value in headers.items()}
    return http.Answer(status=200, headers=named, data={}, received_at=NOW, server_time=NOW)


def most_within(moments: Sequence[float], span: float) -> int:
    """The most moments in any span of that length, both its ends included."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > span:
            first += 1
        most = max(most, last - first + 1)
    return most


class Worker:
    """A process of ours that always has work: each call takes a while and reaches the vendor with a delay."""

    def __init__(self, connection: models.Connection, clock: Clock) -> None:
        self.clock = clock
        self.governor = governor.Governor(connection=connection, outside=clock.ports)
        self.ready_at = clock.at.timestamp()

    def calls(self, *buckets: str, lasts: float) -> float:
        """Make a call as soon as this worker and the limits allow; the moment it was let through."""
        self.clock.at = max(self.clock.at, datetime.fromtimestamp(self.ready_at, tz=NOW.tzinfo))
        one = call(*buckets)
        self.governor.acquire(one)
        went = self.clock.at.timestamp()
        self.governor.report(one, answer())
        self.ready_at = went + lasts
        return went


def busy(connection: models.Connection, *buckets: str, workers: int, calls: int, seed: int) -> list[float]:
    """The moments of the calls of several workers that are never idle, whoever is ready first going first."""
    clock, chance = Clock(), random.Random(seed)
    crowd = [Worker(connection, clock) for _ in range(workers)]
    moments = []
    for _ in range(calls):
        next_one = min(crowd, key=lambda worker: worker.ready_at)
        moments.append(next_one.calls(*buckets, lasts=chance.uniform(0.001, 0.05)))
    return sorted(moments)


@pytest.mark.django_db
class TestPace:
    @pytest.mark.parametrize(
        ("buckets", "budget", "span", "calls"),
        [(("burst",), 99, 10.0, 500), (("search",), 4, 1.0, 60), (("second",), 8, 1.0, 100), (("batch",), 36, 60.0, 100)],
    )
    def test_never_passes_the_budget_and_uses_nearly_all_of_it(
        self, buckets: tuple[str, ...], budget: int, span: float, calls: int
    ) -> None:
        connection = made.hubspot() if buckets[0] in ("burst", "search") else made.quickbooks()

        moments = busy(connection, *buckets, workers=3, calls=calls, seed=calls)

        rate = (len(moments) - 1) / (moments[-1] - moments[0])
        assert most_within(moments, span) <= budget
        assert rate >= 0.95 * budget / span

    def test_holds_back_an_idle_account_that_suddenly_has_much_to_do(self) -> None:
        connection, clock = made.hubspot(), Clock()
        worker = Worker(connection, clock)
        moments = []
        chance = random.Random(7)

        for _ in range(20):
            clock.at += timedelta(seconds=chance.uniform(0, 12))
            moments += [worker.calls("burst", lasts=0) for _ in range(chance.randrange(60))]

        assert most_within(moments, 10.0) <= 99

    def test_leaves_room_for_calls_that_reach_the_vendor_late(self) -> None:
        moments = busy(made.hubspot(), "burst", workers=3, calls=400, seed=1)
        chance = random.Random(2)

        arrived = sorted(moment + chance.uniform(0, 0.15) for moment in moments)

        assert most_within(arrived, 10.0) <= 99

    def test_takes_the_share_of_the_settings(self, settings: Settings) -> None:
        settings.SYNC_BUDGET_SHARE = 0.5

        moments = busy(made.hubspot(), "burst", workers=2, calls=200, seed=3)

        assert most_within(moments, 10.0) <= 55

    def test_keeps_every_limit_of_a_call(self) -> None:
        moments = busy(made.quickbooks(), *READ, workers=3, calls=480, seed=4)

        assert most_within(moments, 1.0) <= 9
        assert most_within(moments, 60.0) <= 450
        assert (len(moments) - 1) / (moments[-1] - moments[0]) >= 0.95 * 450 / 60

    def test_keeps_accounts_apart(self) -> None:
        clock = Clock()
        first, second = Worker(made.hubspot("1"), clock), Worker(made.hubspot("2"), clock)
        for _ in range(3):
            first.calls("burst", lasts=0)

        before = clock.at
        second.calls("burst", lasts=0)

        assert clock.at == before


@pytest.mark.django_db
class TestAcquire:
    def test_takes_nothing_from_one_limit_while_another_refuses(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        worker = Worker(connection, clock)
        worker.calls(*READ, lasts=0)
        models.Bucket.objects.filter(name=f"{connection.pk}:minute").update(blocked_until=NOW.timestamp() + 3600)
        before = models.Bucket.objects.get(name=f"{connection.pk}:second").tat
        clock.at += timedelta(seconds=10)

        with pytest.raises(errors.RateLimited):
            worker.governor.acquire(call(*READ))

        assert models.Bucket.objects.get(name=f"{connection.pk}:second").tat == before
        assert not models.Lease.objects.filter(expires_at__gt=clock.at).exists()

    def test_raises_rather_than_wait_for_long(self) -> None:
        connection, clock = made.hubspot(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        one.blocked(call("burst"), 61, "DAILY")

        with pytest.raises(errors.RateLimited, match="no further call for the next 61 seconds") as raised:
            one.acquire(call("burst"))

        assert raised.value.wait == 61
        assert clock.at == NOW

    def test_makes_no_call_where_the_buckets_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        one = governor.Governor(connection=made.hubspot(), outside=Clock().ports)

        def broken(*_: object, **__: object) -> None:
            raise DatabaseError("disk full")

        monkeypatch.setattr(models.Bucket.objects, "filter", broken)

        with pytest.raises(DatabaseError):
            one.acquire(call("burst"))

    def test_makes_a_bucket_again_that_was_cleared_away(self) -> None:
        connection = made.hubspot()
        one = governor.Governor(connection=connection, outside=Clock().ports)
        one.acquire(call("burst"))
        models.Bucket.objects.all().delete()

        one.acquire(call("burst"))

        assert models.Bucket.objects.filter(name=f"{connection.pk}:burst").exists()


@pytest.mark.django_db
class TestConcurrent:
    def test_lets_nine_calls_be_under_way_at_once(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        crowd = [governor.Governor(connection=connection, outside=clock.ports) for _ in range(10)]
        for one in crowd[:9]:
            one.acquire(call("concurrent"))

        with pytest.raises(errors.RateLimited):
            crowd[9].acquire(call("concurrent", seconds=600))

    def test_lets_the_next_one_in_when_one_is_answered(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        crowd = [governor.Governor(connection=connection, outside=clock.ports) for _ in range(10)]
        for one in crowd[:9]:
            one.acquire(call("concurrent"))

        crowd[0].report(call("concurrent"), answer())
        crowd[9].acquire(call("concurrent"))

        assert clock.at == NOW

    def test_takes_a_place_back_from_a_process_that_died(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        for _ in range(9):
            governor.Governor(connection=connection, outside=clock.ports).acquire(call("concurrent", seconds=30))
        clock.at += timedelta(seconds=46)

        governor.Governor(connection=connection, outside=clock.ports).acquire(call("concurrent"))

        assert clock.at == NOW + timedelta(seconds=46)

    def test_gives_back_the_place_of_a_call_without_an_answer(self) -> None:
        one = governor.Governor(connection=made.quickbooks(), outside=Clock().ports)

        for _ in range(20):
            one.acquire(call("concurrent"))

        assert models.Lease.objects.filter(expires_at__gt=NOW).count() == 1


@pytest.mark.django_db
class TestBlocked:
    def test_makes_every_process_wait_as_long_as_the_vendor_said(self) -> None:
        connection, clock = made.hubspot(), Clock()
        first, second = (governor.Governor(connection=connection, outside=clock.ports) for _ in range(2))

        first.blocked(call("burst"), 7, "TEN_SECONDLY_ROLLING")
        second.acquire(call("burst"))

        assert clock.at >= NOW + timedelta(seconds=7)

    def test_stops_searches_only_where_only_the_search_limit_is_used_up(self) -> None:
        connection, clock = made.hubspot(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)

        one.blocked(call("search", "daily"), 5, "SECONDLY")
        one.acquire(call("burst", "daily"))

        assert clock.at == NOW

    def test_never_shortens_a_wait(self) -> None:
        connection, clock = made.hubspot(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)

        one.blocked(call("burst"), 30, "TEN_SECONDLY_ROLLING")
        one.blocked(call("burst"), 1, "TEN_SECONDLY_ROLLING")
        one.acquire(call("burst"))

        assert clock.at >= NOW + timedelta(seconds=30)


@pytest.mark.django_db
class TestReport:
    def test_takes_over_the_limit_that_the_headers_tell(self) -> None:
        connection, clock = made.hubspot(), Clock()
        governor.Governor(connection=connection, outside=clock.ports).report(
            call("burst", "daily"), answer(Max=190, Interval_Milliseconds=10_000, Remaining=150)
        )

        connection.refresh_from_db()
        moments = busy(connection, "burst", workers=2, calls=400, seed=5)

        assert connection.limits == {"burst": 190, "burst_seconds": 10.0}
        assert 100 < most_within(moments, 10.0) <= 171

    def test_tells_other_processes_through_the_bucket(self) -> None:
        connection, clock = made.hubspot(), Clock()
        other = governor.Governor(connection=connection, outside=clock.ports)
        other.acquire(call("burst"))

        governor.Governor(connection=connection, outside=clock.ports).report(
            call("burst"), answer(Max=10, Interval_Milliseconds=10_000, Remaining=9)
        )
        moments = []
        for _ in range(20):
            other.acquire(call("burst"))
            moments.append(clock.at.timestamp())

        assert most_within(moments, 10.0) <= 10

    def test_notes_how_far_the_clock_here_is_ahead(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        told = replace(answer(), server_time=NOW - timedelta(seconds=90))

        governor.Governor(connection=connection, outside=clock.ports).report(call("minute"), told)

        connection.refresh_from_db()
        assert connection.clock_lead == 90

    def test_makes_room_where_somebody_else_uses_the_same_limit(self) -> None:
        connection, clock = made.hubspot(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)

        one.report(call("burst"), answer(Max=110, Interval_Milliseconds=10_000, Remaining=2))
        one.acquire(call("burst"))

        assert clock.at >= NOW + timedelta(seconds=1)

    def test_stops_for_the_day_at_the_budget_of_the_daily_limit(self) -> None:
        connection, clock = made.hubspot(time_zone="America/New_York"), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        one.report(call("burst", "daily"), answer(Daily=1000, Daily_Remaining=101))
        one.acquire(call("burst", "daily"))

        with pytest.raises(errors.RateLimited) as raised:
            one.acquire(call("burst", "daily"))

        midnight_in_new_york = 19.5 * 3600
        assert raised.value.wait == pytest.approx(midnight_in_new_york)

    def test_starts_anew_on_the_next_day(self) -> None:
        connection, clock = made.hubspot(time_zone="America/New_York"), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        one.report(call("burst", "daily"), answer(Daily=1000, Daily_Remaining=0))

        clock.at += timedelta(hours=20)
        one.acquire(call("burst", "daily"))

        assert models.Bucket.objects.get(name=f"{connection.pk}:daily").used == 1

    def test_notes_that_the_account_answers(self) -> None:
        connection = made.quickbooks()

        governor.Governor(connection=connection, outside=Clock().ports).report(call("minute"), answer())

        connection.refresh_from_db()
        assert connection.last_call_at == NOW


@pytest.mark.django_db
class TestMonth:
    def test_stops_at_the_budget_and_starts_anew_next_month(self) -> None:
        connection, clock = made.quickbooks(limits={"month": 10}), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        for _ in range(9):
            one.acquire(call("month"))

        with pytest.raises(errors.RateLimited):
            one.acquire(call("month"))
        clock.at = clock.at.replace(month=12, day=1)
        one.acquire(call("month"))

        assert models.Bucket.objects.get(name=f"{connection.pk}:month").used == 1


@pytest.mark.django_db
class TestTurns:
    def test_are_at_once_before_anything_was_called(self) -> None:
        assert governor.turns(connection=made.quickbooks(), now=NOW) == (0.0, 0.0)

    def test_tell_how_long_a_batch_waits_and_a_single_call_does_not(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        for _ in range(3):
            one.acquire(call("batch"))

        before = clock.at
        batch, single = governor.turns(connection=connection, now=before)
        one.acquire(call("batch"))

        assert single == 0.0
        assert (clock.at - before).total_seconds() == pytest.approx(batch, abs=0.01)
        assert batch > 1.0

    def test_are_alike_while_no_single_call_is_let_through(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        one.acquire(call("batch", *READ))
        one.blocked(call(*READ), 60, "minute")

        assert governor.turns(connection=connection, now=NOW) == (60.0, 60.0)

    def test_take_nothing(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        governor.Governor(connection=connection, outside=clock.ports).acquire(call("batch", *READ))
        before = list(models.Bucket.objects.order_by("name").values())

        governor.turns(connection=connection, now=NOW)

        assert list(models.Bucket.objects.order_by("name").values()) == before

    def test_of_hubspot_are_alike_since_it_counts_no_batches(self) -> None:
        connection, clock = made.hubspot(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        for _ in range(15):
            one.acquire(call("burst", "search"))

        batch, single = governor.turns(connection=connection, now=clock.at)

        assert batch == single > 0.0


@pytest.mark.django_db
class TestBudgets:
    def test_tells_what_is_left_and_what_rests(self) -> None:
        connection, clock = made.quickbooks(), Clock()
        one = governor.Governor(connection=connection, outside=clock.ports)
        one.acquire(call(*READ))
        one.blocked(call("minute"), 60, "minute")

        shown = {(one.label, one.period): one for one in governor.budgets(connections=[connection], now=NOW)[0]}

        assert shown["Reads", 31 * governor.DAY].left == int(500_000 * current.SYNC_BUDGET_SHARE) - 1
        assert shown["Calls", 60.0].allowed == 450
        assert shown["Calls", 60.0].resting_until == NOW + timedelta(seconds=60)
