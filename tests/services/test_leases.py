from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction

from syncapp import models
from syncapp.services import leases
from tests.services.made import NOW


def take(owner: str = "one", *, seconds: int = 60, later: int = 0) -> leases.Held | None:
    return leases.take(name="lane:1:2", owner=owner, ttl_seconds=seconds, now=NOW + timedelta(seconds=later))


@pytest.mark.django_db
class TestTake:
    def test_gives_a_free_name_to_the_first_who_asks(self) -> None:
        held = take("one")

        assert held == leases.Held(name="lane:1:2", fence=1, owner="one")

    def test_refuses_while_somebody_holds_it(self) -> None:
        take("one")

        assert take("two", later=59) is None

    def test_gives_it_on_once_it_has_run_out(self) -> None:
        take("one")

        assert take("two", later=60) == leases.Held(name="lane:1:2", fence=2, owner="two")

    def test_gives_it_on_once_it_was_released(self) -> None:
        first = take("one")
        assert first is not None

        leases.release(held=first)

        assert take("two", later=1) == leases.Held(name="lane:1:2", fence=2, owner="two")

    def test_keeps_names_apart(self) -> None:
        take("one")

        assert leases.take(name="lane:1:3", owner="two", ttl_seconds=60, now=NOW) is not None


@pytest.mark.django_db
class TestHold:
    def test_renews_the_lease(self) -> None:
        held = take("one")
        assert held is not None

        leases.hold(held=[held], now=NOW + timedelta(seconds=50), ttl_seconds=60)

        assert take("two", later=109) is None
        assert take("two", later=110) is not None

    def test_renews_one_that_ran_out_but_that_nobody_took(self) -> None:
        held = take("one")
        assert held is not None

        leases.hold(held=[held], now=NOW + timedelta(seconds=500), ttl_seconds=60)

        assert take("two", later=501) is None

    def test_stops_whoever_was_overtaken(self) -> None:
        held = take("one")
        assert held is not None
        take("two", later=60)

        with pytest.raises(leases.LeaseLost, match="lane:1:2 was taken over"):
            leases.hold(held=[held], now=NOW + timedelta(seconds=61), ttl_seconds=60)

    def test_stops_whoever_was_overtaken_in_one_of_two(self) -> None:
        held = take("one")
        other = leases.take(name="lane:1:3", owner="one", ttl_seconds=600, now=NOW)
        assert held is not None and other is not None
        take("two", later=60)

        with pytest.raises(leases.LeaseLost, match="lane:1:2 and lane:1:3"):
            leases.hold(held=[held, other], now=NOW + timedelta(seconds=61), ttl_seconds=60)

    def test_stops_whoever_has_released_it(self) -> None:
        held = take("one")
        assert held is not None
        leases.release(held=held)

        with pytest.raises(leases.LeaseLost):
            leases.hold(held=[held], now=NOW, ttl_seconds=60)

    def test_leaves_nothing_written_of_a_transaction_it_opens(self) -> None:
        held = take("one")
        assert held is not None
        take("two", later=60)

        with pytest.raises(leases.LeaseLost), transaction.atomic():
            models.Notice.objects.create(subject="before", words="x")
            leases.hold(held=[held], now=NOW, ttl_seconds=60)

        assert not models.Notice.objects.exists()


@pytest.mark.django_db
class TestRelease:
    def test_does_not_take_it_from_the_next_holder(self) -> None:
        first = take("one")
        assert first is not None
        take("two", later=60)

        leases.release(held=first)

        assert take("three", later=61) is None


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_one_of_many_gets_it_and_every_fence_is_given_once(self) -> None:
        fences: list[int] = []
        start = threading.Barrier(4)

        def work(owner: str) -> None:
            try:
                start.wait(timeout=10)
                for _ in range(25):
                    held = leases.take(name="shared", owner=owner, ttl_seconds=60, now=NOW)
                    if held is not None:
                        fences.append(held.fence)
                        leases.release(held=held)
            finally:
                database.close()

        workers = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=60)

        assert fences
        assert sorted(fences) == list(range(1, len(fences) + 1))
