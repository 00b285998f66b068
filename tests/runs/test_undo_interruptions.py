"""An undo that is cut off anywhere, and answers that never come: in the end all is put back, once."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import RunState, System
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal
from tests.runs.meddling import Once, meanwhile
from tests.runs.undone import NEW, OLD, Ann, approved, left_alone, planned, still


def seen(company: Company) -> tuple[object, ...]:
    """What both vendors hold and how the pairs stand, ids and times left out."""
    left = sorted((str(c.get("email")), str(c.get("phone")), str(c.get("mobilephone"))) for c in company.contacts().values())
    right = sorted(
        (str(c.get("DisplayName")), str(c.get("PrimaryPhone")), str(c.get("Mobile")), str(c.get("FamilyName")))
        for c in company.customers().values()
    )
    return left, right, sorted(models.RecordPair.objects.values_list("state", "excluded_by_hand"))


@pytest.mark.usefixtures("unmetered")
class TestADeadProcess:
    def test_leaves_the_undo_to_end_in_the_same_state(self, company: Company) -> None:
        run = self._scene(company)
        counted = Points(after_changes=True)
        shown = planned(company, run)
        with mortal(counted):
            approved(company, shown)
        company.settle()
        expected, places = seen(company), counted.passed

        differences = []
        for at in range(1, places + 1):
            self._begin_again(company)
            shown = planned(company, self._scene(company))
            with mortal(Points(at=at, after_changes=True)), pytest.raises(Died):
                approved(company, shown)
            company.settle()
            if seen(company) != expected:
                differences.append((at, seen(company)))

        assert places > 10
        assert differences == []

    def test_while_it_is_planned_leaves_the_same_plan(self, company: Company) -> None:
        run = self._scene(company)
        counted = Points()
        with mortal(counted):
            expected = self._plan(planned(company, run))

        differences = []
        for at in range(1, counted.passed + 1):
            with mortal(Points(at=at)), pytest.raises(Died):
                planned(company, run)
            company.clock.pass_seconds(400)
            again = company.finish(models.SyncRun.objects.latest("pk"))
            if self._plan(again) != expected:
                differences.append(at)

        assert counted.passed > 3
        assert differences == []

    def _plan(self, run: models.SyncRun) -> tuple[object, ...]:
        return sorted(run.operations.values_list("side", "kind", "external_id")), len(left_alone(run))

    def _scene(self, company: Company) -> models.SyncRun:
        """One pair that a run wrote to on both sides, one that it made, and one of which a field was changed since."""
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone=NEW)
        company.customer(DisplayName="Ann Archer", GivenName="Ann", email="ann@example.com", Mobile={"FreeFormNumber": OLD})
        company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
        company.contact(firstname="Cid", lastname="Clay", email="cid@example.com", phone=NEW)
        cid = company.customer(DisplayName="Cid Clay", GivenName="Cid", email="cid@example.com")
        run = company.run()
        company.quickbooks.change("Customer", cid, FamilyName="Clayton")
        return run

    def _begin_again(self, company: Company) -> None:
        for model in (
            models.LeftAlone, models.Conflict, models.Operation, models.RecordPair, models.RecordLink, models.Record, models.SyncRun,
            models.SyncCursor, models.Hint, models.Lease,
        ):
            model.objects.all().delete()
        for vendor in (company.hubspot, company.quickbooks):
            vendor.control("reset", {"seed": "empty"})


@pytest.mark.usefixtures("unmetered")
class TestAnAnswerThatNeverComes:
    @pytest.mark.parametrize("fault", ["drop_after_commit", "drop_before"])
    def test_is_read_back_and_the_field_stays_put_back(self, company: Company, fault: str) -> None:
        ann = Ann(company, phone="")
        shown = planned(company, ann.run)
        company.quickbooks.breaks(fault, "/batch")

        run = approved(company, shown)
        assert (run.state, run.words) == (RunState.PARTIAL, "1 without an answer yet.")
        company.settle()
        if fault == "drop_before":
            assert ann.phones == (NEW, NEW)
            run.refresh_from_db()
            approved(company, run)

        assert ann.phones == (NEW, None)
        assert still(company)


@pytest.mark.usefixtures("unmetered")
class TestAnEditAtTheLastMoment:
    def test_in_quickbooks_is_left_alone(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        edit = Once(lambda: company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"}))

        with meanwhile(System.QUICKBOOKS, "write", before=edit):
            done = approved(company, shown)

        assert (edit.done, ann.phones) == (True, (NEW, "+15125550199"))
        assert left_alone(done) == [("Phone", NEW, "+15125550199", "It was changed in QuickBooks since.")]

    def test_of_another_field_in_quickbooks_lets_it_be_put_back(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        edit = Once(lambda: company.quickbooks.change("Customer", ann.customer, FamilyName="Bergmann"))

        with meanwhile(System.QUICKBOOKS, "write", before=edit):
            done = approved(company, shown)

        assert (done.state, ann.phones) == (RunState.SUCCEEDED, (NEW, OLD))
        assert company.customers()[ann.customer]["FamilyName"] == "Bergmann"

    def test_in_hubspot_is_left_alone(self, company: Company) -> None:
        ann = Ann(company)
        company.quickbooks.change("Customer", ann.customer, FamilyName="Bergmann")
        shown = planned(company, company.run())
        edit = Once(lambda: company.hubspot.change("contacts", ann.contact, lastname="Berg"))

        with meanwhile(System.HUBSPOT, "read", after=edit):
            done = approved(company, shown)

        assert company.contacts()[ann.contact]["lastname"] == "Berg"
        assert [one[2:] for one in left_alone(done)] == [("Berg", "It was changed in HubSpot since.")]

    def test_keeps_a_record_that_the_run_made(self, company: Company) -> None:
        company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
        shown = planned(company, company.run())
        (contact,) = company.contacts()
        edit = Once(lambda: company.hubspot.change("contacts", contact, jobtitle="Buyer"))

        with meanwhile(System.HUBSPOT, "read", after=edit):
            done = approved(company, shown)

        assert set(company.contacts()) == {contact}
        assert [one[0] for one in left_alone(done)] == ["The whole record"]
