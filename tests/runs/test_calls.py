"""How many calls a run makes on each side: what its page tells is what the vendors saw."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from syncapp import models
from syncapp.engine.vocabulary import RunKind, RunState
from syncapp.services import lane
from tests.runs.company import Company, Vendor


class Log:
    """The calls that a vendor sees from now on."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        vendor.control("log", method="DELETE")

    def __len__(self) -> int:
        return len(self.entries())

    def entries(self) -> list[dict[str, Any]]:
        """What the vendor noted of each call."""
        found: list[dict[str, Any]] = self.vendor.control("log", method="GET")
        return found


def seen(company: Company) -> tuple[Log, Log]:
    return Log(company.hubspot), Log(company.quickbooks)


def counted(run: models.SyncRun) -> tuple[int, int]:
    return run.counts["calls_left"], run.counts["calls_right"]


class TestCalls:
    def test_are_counted_on_each_side(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.customer(DisplayName="Bea Baker", email="bea@example.com")
        left, right = seen(company)

        run = company.run()

        assert run.state == RunState.SUCCEEDED
        assert counted(run) == (len(left), len(right))
        assert min(counted(run)) > 1

    def test_with_nothing_changed_are_two_at_most_about_one_kind_of_record(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.let_pass(timedelta(hours=3))
        company.run()
        company.let_pass(timedelta(hours=1, seconds=100))
        left, right = seen(company)

        company.run()

        about = [entry["path"] for entry in left.entries() if "/contacts" in entry["path"]]
        assert len(about) <= 2, about
        assert [entry["path"].rsplit("/", 1)[-1] for entry in right.entries() if "/oauth2/" not in entry["path"]][-1:] == ["cdc"]

    def test_of_a_preview_are_counted_too(self, company: Company) -> None:
        left, right = seen(company)

        assert counted(company.run(RunKind.PREVIEW)) == (len(left), len(right))

    def test_add_up_over_the_slices(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(3):
            company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        left, right = seen(company)
        run = company.start()

        with monkeypatch.context() as short:
            short.setattr(lane, "SLICE", lane.SLICE * 0)
            assert lane.work(run_id=run.pk, ports=company.clock.ports).again
        run = company.finish(run)

        assert run.attempts == 2
        assert counted(run) == (len(left), len(right))

    def test_are_counted_up_to_the_one_that_stops_the_run(self, company: Company) -> None:
        company.quickbooks.breaks("status", "/query", status=403, times=20)
        left, right = seen(company)

        run = company.run()

        assert run.state == RunState.FAILED
        assert counted(run) == (len(left), len(right))


class TestPreview:
    def test_is_named_by_the_run_that_carries_it_out(self, company: Company) -> None:
        from syncapp.services import runs

        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        preview = company.run(RunKind.PREVIEW)

        made = runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False)

        assert company.finish(made).preview == preview
        assert list(preview.carried_out_by.all()) == [made]
        assert company.run().preview is None
