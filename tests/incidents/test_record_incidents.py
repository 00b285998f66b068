"""What other syncs did to people's records, one test each. `docs/promises.md` names them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest

from syncapp import models
from syncapp.connectors import base
from syncapp.engine.vocabulary import CreateTo, OperationStatus, PairState, RecordState, RunState, System
from syncapp.services import connections, observe
from tests.runs.company import Company
from tests.runs.crashing import Died
from tests.runs.meddling import Once

EIGHT_DAYS = 8 * 24 * 3600


class TestACreateThatIsResumed:
    """Finding 10: the network was down, a person made the same customer meanwhile, and the retry made a second one."""

    def test_finds_what_a_person_made_meanwhile(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
        company.quickbooks.breaks("drop_before", "/batch")
        company.run()
        assert models.Operation.objects.get().status == OperationStatus.SENDING

        theirs = company.customer(DisplayName="Ann Archer", GivenName="Anna", email="ann@example.com")
        company.settle()

        assert list(company.customers()) == [theirs]
        shown = {value for conflict in models.Conflict.objects.all() for value in (conflict.left, conflict.right)}
        (contact,) = company.contacts().values()
        assert {"Ann", "Anna"} <= {contact["firstname"], company.customers()[theirs]["GivenName"], *shown}

    def test_that_never_left_is_matched_first(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("rate_limited", "/batch", retry_after=300)
        first = company.run()

        theirs = company.customer(DisplayName="Another Name", email="ann@example.com")
        company.settle()

        assert first.state == RunState.PARTIAL
        assert list(company.customers()) == [theirs]


class TestEditsWhileWeRead:
    """A cursor that is the newest record seen, or the end of the run, misses what is edited while it is read."""

    def test_are_seen_in_the_next_run(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.hubspot.change("contacts", contact, phone="+15125550100")
        edit = Once(lambda: company.hubspot.change("contacts", contact, city="Austin"))
        take = observe.take

        def meddled(**arguments: Any) -> Any:
            if arguments["found"] and arguments["wanted"].kind == "contacts":
                edit()
            return take(**arguments)

        monkeypatch.setattr(observe, "take", meddled)
        company.run()
        company.run()

        (customer,) = company.customers().values()
        assert edit.done
        assert customer["BillAddr"]["City"] == "Austin"


    def test_of_a_page_that_was_never_saved_are_read_again(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.hubspot.change("contacts", contact, phone="+15125550100")
        take = observe.take

        def dies(**arguments: Any) -> Any:
            if arguments["found"] and arguments["wanted"].kind == "contacts":
                monkeypatch.setattr(observe, "take", take)
                raise Died
            return take(**arguments)

        monkeypatch.setattr(observe, "take", dies)
        with pytest.raises(Died):
            company.run()
        models.SyncRun.objects.exclude(state=RunState.SUCCEEDED).update(state=RunState.ABANDONED)
        company.clock.pass_seconds(400)
        company.run()

        (customer,) = company.customers().values()
        assert customer["PrimaryPhone"] == {"FreeFormNumber": "+15125550100"}


class TestAChangeThatTheIndexShowsLate:
    """HubSpot's search shows a change some time after it was made: a window that begins where the last one ended misses it."""

    def test_is_seen_by_the_window_after(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.hubspot.control("switch", {"index_delay": 3600.0})
        company.hubspot.change("contacts", contact, phone="+15125550100")
        company.clock.pass_seconds(20)
        company.run()
        (late,) = company.customers().values()

        company.hubspot.control("switch", {"index_delay": 0.0})
        company.clock.pass_seconds(60)
        company.run()

        assert "PrimaryPhone" not in late
        (customer,) = company.customers().values()
        assert customer["PrimaryPhone"] == {"FreeFormNumber": "+15125550100"}


@contextmanager
def cut_listings(most: int) -> Iterator[list[int]]:
    """Within this, HubSpot's listings end after a few records, as if there were no more. Gives how many each showed."""
    connector = connections.connector
    shown: list[int] = []

    class Cut:
        def __init__(self, real: base.Connector) -> None:
            self._real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

        def listing(self, **arguments: Any) -> base.Page:
            page = self._real.listing(**arguments)
            shown.append(len(page.records[:most]))
            return base.Page(records=page.records[:most], next_token=None)

    def made(**arguments: Any) -> Any:
        real = connector(**arguments)
        return Cut(real) if arguments["connection"].system == System.HUBSPOT else real

    with mock.patch.object(connections, "connector", made):
        yield shown


class TestAListingThatIsCutShort:
    """A list that ends too early, or is empty, was taken for so many deletions."""

    def test_deletes_nobody(self, company: Company) -> None:
        for name in ("Ann", "Bea", "Cid"):
            company.contact(firstname=name, lastname="Archer", email=f"{name.lower()}@example.com")
        company.run()
        before = company.quickbooks.written()
        company.clock.pass_seconds(EIGHT_DAYS)

        with cut_listings(2) as shown:
            company.run()

        assert shown
        assert set(models.RecordPair.objects.values_list("state", flat=True)) == {PairState.LINKED}
        assert set(models.Record.objects.values_list("state", flat=True)) == {RecordState.LIVE}
        assert (len(company.customers()), company.quickbooks.written()) == (3, before)

    def test_that_shows_nobody_stops_the_run(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.clock.pass_seconds(EIGHT_DAYS)

        with cut_listings(0):
            run = company.run()

        assert (run.state, len(company.customers())) == (RunState.BRAKED, 1)
        assert models.RecordPair.objects.get().state == PairState.LINKED


class TestManyChangesUnderALimit:
    """More changes than one window of calls allows: refused in the middle, nothing remembered, and the same again for ever."""

    def test_are_read_from_where_it_was_stopped(self, company: Company) -> None:
        company.set(create_to=CreateTo.NONE)
        for number in range(110):
            company.contact(firstname=f"P{number}", email=f"p{number}@example.com")
        company.hubspot.breaks("rate_limited", "contacts.*after=", retry_after=300)

        first = company.run()
        company.clock.pass_seconds(400)
        second = company.run()

        assert (first.state, first.counts["read_left"]) == (RunState.PARTIAL, 100)
        assert (second.state, second.counts["read_left"]) == (RunState.SUCCEEDED, 10)
