"""A run is taken back: shown first, then written; what was changed since is left alone, and what comes after finds all settled."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import (
    ConflictRule,
    ConflictStatus,
    OperationKind,
    OperationStatus,
    PairState,
    Reason,
    RunKind,
    RunState,
    Side,
)
from syncapp.selectors import undos
from syncapp.services import conflicts, pairs, runs, undo
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal

OLD, NEW = "+15125550100", "+15125550177"


def planned(company: Company, run: models.SyncRun) -> models.SyncRun:
    """The undo of a run, planned and shown."""
    return company.finish(undo.start(run=run, actor=company.alice, now=company.clock.now(), enqueue=False))


def approved(company: Company, shown: models.SyncRun) -> models.SyncRun:
    """The undo, written."""
    return company.finish(runs.approve(preview=shown, actor=company.alice, now=company.clock.now(), enqueue=False))


def undone(company: Company, run: models.SyncRun) -> models.SyncRun:
    """The undo of a run, planned, approved and written."""
    return approved(company, planned(company, run))


def left_alone(run: models.SyncRun) -> list[tuple[str, str, str, str]]:
    """What an undo left alone, as its page shows it."""
    found = [undos.shown(left=one) for one in undos.left_alone(run=run)]
    return [(one.label, one.wrote, one.now, one.why) for one in found]


class Ann:
    """A contact and a customer in step, and a run that carried a new phone number over."""

    def __init__(self, company: Company, *, phone: str = OLD) -> None:
        self.company = company
        given = {"phone": phone} if phone else {}
        self.contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", **given)
        company.run()
        (self.customer,) = company.customers()
        company.hubspot.change("contacts", self.contact, phone=NEW)
        self.run = company.run()

    @property
    def pair(self) -> models.RecordPair:
        return self.company.pair(left=self.contact)

    @property
    def phones(self) -> tuple[object, object]:
        """In HubSpot and in QuickBooks."""
        customer = self.company.customers()[self.customer]
        return self.company.contacts()[self.contact].get("phone"), customer.get("PrimaryPhone", {}).get("FreeFormNumber")


def still(company: Company, kind: RunKind = RunKind.DELTA) -> bool:
    """Whether another run writes nothing, on either side."""
    before = company.hubspot.written(), company.quickbooks.written()
    made = company.run(kind)
    assert made.state == RunState.SUCCEEDED, made.words
    return (company.hubspot.written(), company.quickbooks.written()) == before and made.operations.count() == 0


@pytest.mark.usefixtures("unmetered")
class TestAnUpdate:
    def test_is_shown_first_and_nothing_is_written(self, company: Company) -> None:
        ann = Ann(company)

        shown = planned(company, ann.run)

        (entry,) = shown.operations.all()
        assert (shown.kind, shown.state, shown.undoes) == (RunKind.UNDO, RunState.SUCCEEDED, ann.run)
        assert (entry.status, entry.changes) == (OperationStatus.PROPOSED, {"PrimaryPhone.FreeFormNumber": [NEW, OLD]})
        assert shown.words == "1 write planned, none carried out."
        assert ann.phones == (NEW, NEW)

    def test_is_put_back_once_it_is_approved(self, company: Company) -> None:
        ann = Ann(company)

        run = undone(company, ann.run)

        assert (run.state, run.words) == (RunState.SUCCEEDED, "1 write carried out.")
        assert (run.approved_by, run.operations.get().status) == (company.alice, OperationStatus.DONE)
        assert ann.phones == (NEW, OLD)
        assert ann.pair.state == PairState.LINKED

    def test_is_not_written_once_more_by_later_runs(self, company: Company) -> None:
        ann = Ann(company)
        undone(company, ann.run)

        assert still(company)
        assert still(company)
        assert ann.phones == (NEW, OLD)

    def test_stays_put_back_under_new_settings(self, company: Company) -> None:
        ann = Ann(company)
        undone(company, ann.run)

        company.set(brake_updates=77)

        assert still(company)
        assert ann.phones == (NEW, OLD)
        assert not models.RecordPair.objects.exclude(rules_revision=company.config.revision).exists()

    @pytest.mark.parametrize("clears", [False, True])
    def test_of_an_empty_field_empties_it_again_and_it_stays_empty(self, company: Company, clears: bool) -> None:
        company.config.mappings.filter(left_field__name="phone").update(clears=clears)
        company.set()
        ann = Ann(company, phone="")

        undone(company, ann.run)

        assert ann.phones == (NEW, None)
        assert still(company)
        company.set(brake_updates=77)
        assert still(company)
        assert ann.phones == (NEW, None)

    def test_lets_a_later_edit_flow(self, company: Company) -> None:
        ann = Ann(company)
        undone(company, ann.run)
        company.run()

        company.hubspot.change("contacts", ann.contact, phone="+15125550188")
        company.run()

        assert ann.phones == ("+15125550188", "+15125550188")
        assert not models.Conflict.objects.exists()

    def test_lets_a_later_edit_of_what_was_put_back_flow(self, company: Company) -> None:
        ann = Ann(company)
        undone(company, ann.run)
        company.run()

        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})
        company.run()

        assert ann.phones == ("+15125550199", "+15125550199")

    def test_in_hubspot_is_put_back_too(self, company: Company) -> None:
        ann = Ann(company)
        company.quickbooks.change("Customer", ann.customer, FamilyName="Bergmann")
        run = company.run()

        undone(company, run)

        assert company.contacts()[ann.contact]["lastname"] == "Archer"
        assert company.customers()[ann.customer]["FamilyName"] == "Bergmann"
        assert still(company)

    def test_of_both_sides_of_a_pair_is_shown_whole_and_put_back_whole(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone=NEW)
        customer = company.customer(DisplayName="Ann Archer", GivenName="Ann", email="ann@example.com", Mobile={"FreeFormNumber": OLD})
        run = company.run()

        shown = planned(company, run)
        sides = sorted(shown.operations.values_list("side", "status"))
        done = approved(company, shown)

        assert sides == [(Side.LEFT, OperationStatus.PROPOSED), (Side.RIGHT, OperationStatus.PROPOSED)]
        assert set(done.operations.values_list("status", flat=True)) == {OperationStatus.DONE}
        assert company.contacts()[contact].get("mobilephone") in (None, "")
        assert "PrimaryPhone" not in company.customers()[customer]
        assert still(company)


@pytest.mark.usefixtures("unmetered")
class TestWhatWasChangedSince:
    def test_is_left_alone_and_listed(self, company: Company) -> None:
        ann = Ann(company)
        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})

        shown = planned(company, ann.run)

        assert shown.operations.count() == 0
        assert left_alone(shown) == [("Phone", NEW, "+15125550199", "It was changed in QuickBooks since.")]
        assert shown.words == "0 writes planned, none carried out, 1 left alone."

    def test_on_the_other_side_leaves_it_alone(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone="+15125550188")

        shown = planned(company, ann.run)

        assert left_alone(shown) == [
            ("Phone", NEW, NEW, "It was changed in HubSpot since, so a run is to write the newer value."),
        ]

    def test_by_a_later_run_leaves_it_alone(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone="+15125550188")
        company.run()
        company.hubspot.change("contacts", ann.contact, phone=NEW)
        later = company.run()

        shown = planned(company, ann.run)

        assert left_alone(shown) == [("Phone", NEW, NEW, f"Run #{later.pk} wrote it again.")]

    def test_does_not_keep_the_other_fields_from_being_put_back(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone="+15125550188", lastname="Bergmann")
        run = company.run()
        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})

        done = undone(company, run)

        assert [one[0] for one in left_alone(done)] == ["Phone"]
        assert company.customers()[ann.customer]["FamilyName"] == "Archer"
        assert company.contacts()[ann.contact]["lastname"] == "Bergmann"

    def test_between_the_preview_and_its_turn_is_left_alone_too(self, company: Company) -> None:
        ann = Ann(company)
        shown = planned(company, ann.run)
        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})

        done = approved(company, shown)

        assert done.operations.get().status == OperationStatus.SUPERSEDED
        assert left_alone(done) == [("Phone", NEW, "+15125550199", "It was changed in QuickBooks since.")]
        assert ann.phones == (NEW, "+15125550199")
        company.run()
        assert ann.phones == ("+15125550199", "+15125550199")

    def test_on_a_record_that_is_gone_leaves_it_alone(self, company: Company) -> None:
        ann = Ann(company)
        company.hubspot.delete("contacts", ann.contact)

        shown = planned(company, ann.run)

        assert [one[3] for one in left_alone(shown)] == ["The record was deleted or made inactive on one side."]

    def test_by_excluding_the_pair_leaves_it_alone(self, company: Company) -> None:
        ann = Ann(company)
        pairs.exclude(pair=ann.pair, excluded=True, now=company.clock.now())

        shown = planned(company, ann.run)

        assert [one[3] for one in left_alone(shown)] == ["A person excluded it."]

    def test_in_the_mappings_leaves_it_alone(self, company: Company) -> None:
        ann = Ann(company)
        company.config.mappings.filter(left_field__name="phone").update(active=False)
        company.set()

        shown = planned(company, ann.run)

        assert [one[3] for one in left_alone(shown)] == ["The sync does not write this field any more."]


@pytest.mark.usefixtures("unmetered")
class TestACreate:
    def test_in_quickbooks_is_made_inactive_and_the_pair_excluded(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        run = company.run()

        done = undone(company, run)

        assert (done.state, company.customers()) == (RunState.SUCCEEDED, {})
        assert done.operations.get().kind == OperationKind.ARCHIVE
        pair = company.pair(left=contact)
        assert (pair.excluded_by_hand, pair.state, pair.reason) == (True, PairState.FROZEN, Reason.BY_HAND)
        assert still(company)
        assert still(company, RunKind.FULL)

    def test_in_hubspot_is_archived_and_not_made_anew(self, company: Company) -> None:
        company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
        run = company.run()

        undone(company, run)

        assert company.contacts() == {}
        assert len(company.customers()) == 1
        assert still(company)

    def test_is_left_alone_where_the_record_was_edited_since(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        run = company.run()
        (customer,) = company.customers()
        company.quickbooks.change("Customer", customer, Notes="Pays late.")

        shown = planned(company, run)

        assert shown.operations.count() == 0
        assert left_alone(shown) == [
            ("The whole record", "Create", "Live", "It was changed in QuickBooks since. Archive it there by hand if it should go."),
        ]

    def test_is_left_alone_where_it_was_edited_after_the_preview(self, company: Company) -> None:
        company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
        shown = planned(company, company.run())
        (contact,) = company.contacts()
        company.hubspot.change("contacts", contact, jobtitle="Buyer")

        done = approved(company, shown)

        assert set(company.contacts()) == {contact}
        assert [one[0] for one in left_alone(done)] == ["The whole record"]

    def test_that_an_invoice_hangs_on_is_refused_in_the_vendors_words(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        run = company.run()
        (customer,) = company.customers()
        item = company.service("Consulting")
        shown = planned(company, run)
        company.invoice(customer, {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": item}}})

        done = approved(company, shown)

        (entry,) = done.operations.all()
        assert (done.state, entry.status, "balance" in entry.error_words) == (RunState.PARTIAL, OperationStatus.FAILED, True)
        assert len(company.customers()) == 1
        assert company.pair(right=customer).state == PairState.LINKED

    def test_of_an_invoice_is_left_to_a_person(self, company: Company) -> None:
        customer = company.customer(DisplayName="Ann Archer", email="ann@example.com")
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        item = company.service("Consulting")
        company.bill()
        company.invoice(customer, {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": item}}})
        run = company.run()

        shown = planned(company, run)

        assert len(company.invoices()) == 1
        assert shown.operations.count() == 0
        assert "Records of this kind are never archived from here. Delete it, or make it void, in HubSpot." in [
            one[3] for one in left_alone(shown)
        ]


@pytest.mark.usefixtures("unmetered")
class TestAnArchive:
    def test_is_left_to_a_person(self, company: Company) -> None:
        company.set(delete_policy="ARCHIVE")
        ann = Ann(company)
        company.hubspot.delete("contacts", ann.contact)
        company.clock.pass_seconds(4000)
        run = company.run()

        shown = planned(company, run)

        assert company.customers() == {}
        assert left_alone(shown) == [(
            "The whole record", "Archive", "Archived or inactive",
            "Records are not brought back from here. Restore it in QuickBooks, then press Retry on the pair.",
        )]


@pytest.mark.usefixtures("unmetered")
class TestAConflict:
    def test_that_the_run_decided_stays_history(self, company: Company) -> None:
        company.set(conflict_winner=ConflictRule.LEFT)
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone="+15125550188")
        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})
        run = company.run()
        (before,) = models.Conflict.objects.values()

        undone(company, run)

        assert ann.phones == ("+15125550188", "+15125550199")
        assert models.Conflict.objects.values().get() == before
        assert still(company)

    def test_that_a_person_decided_is_not_carried_out_again(self, company: Company) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        ann = Ann(company)
        company.hubspot.change("contacts", ann.contact, phone="+15125550188")
        company.quickbooks.change("Customer", ann.customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})
        company.run()
        conflict = models.Conflict.objects.get()
        conflicts.take(conflict=conflict, side=Side.LEFT, actor=company.alice, now=company.clock.now())
        run = company.run()

        undone(company, run)

        assert ann.phones == ("+15125550188", "+15125550199")
        assert models.Conflict.objects.get().status == ConflictStatus.BY_PERSON
        assert still(company)


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


def products(company: Company) -> str:
    """A product whose price a run carried over."""
    company.sell(direction=None)
    item = company.service("Consulting", UnitPrice=100)
    company.run()
    company.quickbooks.change("Item", item, UnitPrice=120)
    return item


@pytest.mark.usefixtures("unmetered")
class TestProducts:
    def test_get_their_earlier_price_back(self, company: Company) -> None:
        products(company)
        run = company.run()
        (product,) = company.products()
        assert company.products()[product]["price"] in ("120", 120)

        undone(company, run)

        assert company.products()[product]["price"] in ("100", 100)
        assert still(company)
