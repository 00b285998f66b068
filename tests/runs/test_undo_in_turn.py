"""Which runs can be undone, when, and how often; and what waits for a person's approval."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import OperationStatus, RunKind, RunState
from syncapp.services import runs
from tests.runs.books import Books
from tests.runs.company import Company
from tests.runs.undone import NEW, OLD, Ann, approved, planned, still, undone


@pytest.mark.usefixtures("unmetered")
class TestWhatCanBeUndone:
    def test_is_a_run_that_carried_out_an_approved_preview(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        preview = company.run(RunKind.PREVIEW)
        run = company.finish(runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False))

        undone(company, run)

        assert company.customers() == {}

    def test_is_a_run_that_was_cancelled_half_way(self, company: Company) -> None:
        ann = Ann(company)
        models.SyncRun.objects.filter(pk=ann.run.pk).update(state=RunState.CANCELLED)
        models.RecordPair.objects.update(dirty=True)

        undone(company, ann.run)

        assert ann.phones == (NEW, OLD)

    def test_is_an_undo(self, company: Company) -> None:
        ann = Ann(company)
        back = undone(company, ann.run)

        undone(company, back)

        assert ann.phones == (NEW, NEW)
        assert still(company)

    def test_is_not_a_preview(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        with pytest.raises(runs.CannotStart, match="A preview writes nothing"):
            planned(company, company.run(RunKind.PREVIEW))

    def test_is_not_a_run_that_wrote_nothing(self, company: Company) -> None:
        with pytest.raises(runs.CannotStart, match="wrote nothing"):
            planned(company, company.run())

    def test_is_not_a_run_that_wrote_figures_on_deals(self, books: Books) -> None:
        books.bill(100, deal=books.roof, DocNumber="R-1")
        run = books.run()

        with pytest.raises(runs.CannotStart, match="is made up of QuickBooks' invoices and payments"):
            planned(books.company, run)

    def test_is_not_a_run_with_entries_that_are_open(self, company: Company) -> None:
        ann = Ann(company)
        models.Operation.objects.filter(run=ann.run).update(status=OperationStatus.SENDING)
        other = company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
        company.run()
        models.Operation.objects.filter(pair=company.pair(left=other)).update(run=ann.run)

        with pytest.raises(runs.CannotStart, match="1 of its entries are not settled yet"):
            planned(company, ann.run)

    def test_is_not_a_run_while_another_is_under_way(self, company: Company) -> None:
        ann = Ann(company)
        company.start()

        with pytest.raises(runs.CannotStart, match="under way already"):
            planned(company, ann.run)

    def test_is_undone_whole_only_once(self, company: Company) -> None:
        ann = Ann(company)
        back = undone(company, ann.run)

        with pytest.raises(runs.CannotStart, match=f"Run #{back.pk} undid all that this run wrote"):
            planned(company, ann.run)

    def test_takes_the_place_of_an_undo_that_nobody_carried_out(self, company: Company) -> None:
        ann = Ann(company)
        first = planned(company, ann.run)
        second = planned(company, ann.run)

        assert first.operations.get().status == OperationStatus.SUPERSEDED
        with pytest.raises(runs.CannotStart, match="Nothing of this undo is left"):
            approved(company, first)
        approved(company, second)
        assert ann.phones == (NEW, OLD)


@pytest.mark.usefixtures("unmetered")
class TestWaitingForApproval:
    def test_keeps_other_runs_from_writing_it(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)

        assert still(company)

        assert shown.operations.get().status == OperationStatus.PROPOSED
        approved(company, shown)
        assert ann.phones == (NEW, OLD)

    def test_does_not_keep_later_edits_from_flowing(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)

        company.hubspot.change("contacts", ann.contact, lastname="Bergmann")
        company.run()

        assert company.customers()[ann.customer]["FamilyName"] == "Bergmann"
        approved(company, shown)
        assert ann.phones == (NEW, OLD)
        assert company.customers()[ann.customer]["FamilyName"] == "Bergmann"

    def test_is_over_once_the_settings_change(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        company.set(brake_updates=77)

        with pytest.raises(runs.CannotStart, match="settings of the sync were changed"):
            approved(company, models.SyncRun.objects.select_related("config").get(pk=shown.pk))

    def test_writes_nothing_else_when_it_is_over(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")

        approved(company, shown)

        assert len(company.customers()) == 1

    def test_tells_of_a_brake_that_it_would_pull(self, company: Company) -> None:
        company.set(brake_updates=1)
        for name in ("ann", "bea", "cid"):
            company.contact(firstname=name, lastname="Archer", email=f"{name}@example.com")
        company.run()
        for contact in company.contacts():
            company.hubspot.change("contacts", contact, phone=NEW)
        run = company.run(release_brakes=True)

        shown = planned(company, run)

        assert shown.state == RunState.SUCCEEDED
        assert "would change 3 records in QuickBooks" in shown.brakes[0]
        approved(company, shown)
        assert not any("PrimaryPhone" in customer for customer in company.customers().values())

    def test_goes_on_where_a_cancelled_one_stopped(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        runs.approve(preview=shown, actor=company.alice, now=company.clock.now(), enqueue=False)
        runs.cancel(run=shown, now=company.clock.now())
        assert ann.phones == (NEW, NEW)

        shown.refresh_from_db()
        approved(company, shown)

        assert ann.phones == (NEW, OLD)

    def test_that_was_given_and_taken_back_keeps_other_runs_from_writing_it(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        runs.approve(preview=shown, actor=company.alice, now=company.clock.now(), enqueue=False)
        runs.cancel(run=shown, now=company.clock.now())
        models.Operation.objects.filter(run=shown).update(status=OperationStatus.READY)

        assert still(company)
        assert ann.phones == (NEW, NEW)
        shown.refresh_from_db()
        approved(company, shown)
        assert ann.phones == (NEW, OLD)
