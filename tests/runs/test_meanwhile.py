"""What people and other programs do in the very moment in which a write is on its way."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp import models
from syncapp.engine import errors
from syncapp.engine.vocabulary import (
    ConflictRule,
    ConflictStatus,
    CreateTo,
    DeletePolicy,
    Direction,
    OperationStatus,
    PairState,
    RunKind,
    RunState,
    Side,
    System,
)
from syncapp.services import braking, conflicts, credentials, pairs, runs
from tests.runs.company import Company
from tests.runs.meddling import Once, meanwhile


@pytest.fixture
def linked(company: Company) -> tuple[str, str]:
    """Ann, in sync."""
    contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
    company.run()
    (customer,) = company.customers()
    return contact, customer


class TestKeys:
    def test_are_changed_while_a_run_goes_on(self, company: Company, settings: Any) -> None:
        first, second = settings.CREDENTIAL_KEYS[0], ("second", b"2" * 32)
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.customer(DisplayName="Bea Baker", email="bea@example.com")

        def rotated() -> None:
            settings.CREDENTIAL_KEYS = (second, first)
            assert credentials.rotate() == 2
            settings.CREDENTIAL_KEYS = (second,)
            models.Credential.objects.update(access_expires_at=company.clock.now())

        with meanwhile(System.QUICKBOOKS, "write", before=(rotation := Once(rotated))):
            run = company.run()

        assert rotation.done
        assert (run.state, company.emails()) == (RunState.SUCCEEDED, (["ann@example.com", "bea@example.com"],) * 2)
        assert set(models.Credential.objects.values_list("key_id", flat=True)) == {"second"}
        assert company.run().state == RunState.SUCCEEDED


def between_planning_and_writing(monkeypatch: pytest.MonkeyPatch, act: Once) -> None:
    """Something happens once the plan is made and nothing is sent yet."""
    check = braking.check

    def checked(**arguments: Any) -> Any:
        act()
        return check(**arguments)

    monkeypatch.setattr(braking, "check", checked)


class TestAPerson:
    def test_who_excludes_the_pair_is_obeyed(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550177")
        exclude = Once(lambda: pairs.exclude(pair=company.pair(left=linked[0]), excluded=True, now=company.clock.now()))

        with meanwhile(System.QUICKBOOKS, "write", before=exclude):
            company.run()

        pair = company.pair(left=linked[0])
        assert (pair.excluded_by_hand, pair.state) == (True, PairState.FROZEN)

    def test_who_unlinks_the_pair_is_obeyed(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550177")
        unlink = Once(lambda: pairs.unlink(pair=company.pair(left=linked[0]), now=company.clock.now()))

        with meanwhile(System.QUICKBOOKS, "write", before=unlink):
            run = company.run()

        assert run.state == RunState.SUCCEEDED, run.words
        pair = company.pair(left=linked[0])
        assert (pair.right, pair.base_left, pair.state) == (None, {}, PairState.FROZEN)
        assert models.Operation.objects.latest("pk").status == OperationStatus.DONE

    def test_who_cancels_the_run_is_obeyed_while_both_sides_are_read(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        run = company.start()

        with meanwhile(System.QUICKBOOKS, "listing", before=Once(lambda: runs.cancel(run=run, now=company.clock.now()))):
            run = company.finish(run)

        assert (run.state, run.phase) == (RunState.CANCELLED, "DONE")
        assert models.Operation.objects.count() == 0

    def test_who_edits_another_field_right_before_the_write_loses_nothing(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": "+15125550199"})
        edit = Once(lambda: company.hubspot.change("contacts", linked[0], lastname="Archer-Berg"))

        with meanwhile(System.HUBSPOT, "write", before=edit):
            company.run()
        company.run()

        assert company.customers()[linked[1]]["FamilyName"] == "Archer-Berg"
        assert company.contacts()[linked[0]]["phone"] == "+15125550199"

    def test_who_edits_the_field_right_before_hubspot_is_written_wins_where_the_rule_says_so(
        self, company: Company, linked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        company.set(conflict_winner=ConflictRule.LEFT)
        company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": "+15125550111"})
        edit = Once(lambda: company.hubspot.change("contacts", linked[0], phone="+15125550122"))
        between_planning_and_writing(monkeypatch, edit)

        company.run()

        assert company.contacts()[linked[0]]["phone"] == "+15125550122"
        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550122"}

    def test_who_edits_right_before_quickbooks_is_written_holds_up_nothing(
        self, company: Company, linked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550111")
        edit = Once(lambda: company.quickbooks.change("Customer", linked[1], Notes="Prefers mail"))
        between_planning_and_writing(monkeypatch, edit)

        company.run()

        customer = company.customers()[linked[1]]
        assert (customer["PrimaryPhone"], customer["Notes"]) == ({"FreeFormNumber": "+15125550111"}, "Prefers mail")

    def test_who_makes_the_customer_right_before_we_do_has_it_linked(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        company.contact(firstname="Bea", lastname="Baker", email="bea@example.com")
        make = Once(lambda: company.customer(DisplayName="Baker & Daughters", email="bea@example.com"))
        between_planning_and_writing(monkeypatch, make)

        company.run()

        assert [one["DisplayName"] for one in company.customers().values()] == ["Baker & Daughters"]
        assert models.RecordPair.objects.get().state == PairState.LINKED

    def test_who_edits_after_the_answer_is_not_unseen_by_a_later_answer(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550177")

        def edited_and_seen() -> None:
            company.quickbooks.change("Customer", linked[1], FamilyName="Later")
            models.Record.objects.filter(kind="customer").update(
                revision_number=9, values={**models.Record.objects.get(kind="customer").values, "FamilyName": "Later"}
            )

        with meanwhile(System.QUICKBOOKS, "write", after=Once(edited_and_seen)):
            company.run()

        row = models.Record.objects.get(kind="customer")
        assert (row.revision_number, row.values["FamilyName"]) == (9, "Later")


class TestHistory:
    def overwrite(self, company: Company, linked: tuple[str, str]) -> None:
        """A person edits the field between the last look at the contact and the write."""
        company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": "+15125550199"})
        edit = Once(lambda: company.hubspot.change("contacts", linked[0], phone="+15125550111"))
        with meanwhile(System.HUBSPOT, "write", before=edit):
            company.run()

    def test_shows_an_edit_that_was_overwritten_unseen(self, company: Company, linked: tuple[str, str]) -> None:
        self.overwrite(company, linked)

        (shown,) = models.Conflict.objects.all()
        assert (shown.left, shown.right) == ("+15125550111", "+15125550199")

    def test_is_read_in_the_next_run_where_it_could_not_be_read_at_once(self, company: Company, linked: tuple[str, str]) -> None:
        down = Once(lambda: _raise(errors.Transient("HubSpot is down.", system="HubSpot")))
        with meanwhile(System.HUBSPOT, "history", before=down):
            self.overwrite(company, linked)
        unseen = models.Conflict.objects.count()

        company.settle()

        assert unseen == 0
        assert [(shown.left, shown.right) for shown in models.Conflict.objects.all()] == [("+15125550111", "+15125550199")]


def _raise(error: Exception) -> None:
    raise error


class TestACreateThatWaits:
    def test_is_given_up_when_its_record_leaves_the_sync(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")
        self.turned_away(company)

        company.set(create_to=CreateTo.NONE)
        company.clock.pass_seconds(400)
        run = company.run()

        assert company.customers() == {}
        assert models.Operation.objects.get().status == OperationStatus.SUPERSEDED
        assert company.pair(left=contact).state == PairState.FROZEN
        assert run.state == RunState.SUCCEEDED, run.words

    def test_is_given_up_when_its_record_is_deleted(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")
        self.turned_away(company)

        company.hubspot.delete("contacts", contact)
        company.clock.pass_seconds(3700)
        run = company.run()

        assert company.customers() == {}
        assert models.Operation.objects.get().status == OperationStatus.SUPERSEDED
        assert run.state == RunState.SUCCEEDED, run.words

    def turned_away(self, company: Company) -> None:
        """QuickBooks is down for this create."""
        company.quickbooks.breaks("status", "/batch", status=503, times=6)
        company.run()
        company.quickbooks.control("faults", method="DELETE")
        operation = models.Operation.objects.get()
        assert operation.status in (OperationStatus.SENDING, OperationStatus.READY)

    def test_is_not_made_of_a_record_that_was_deleted_since_it_was_read(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")

        with meanwhile(System.QUICKBOOKS, "find", before=Once(lambda: company.hubspot.delete("contacts", contact))):
            company.run()
        company.run()

        assert company.customers() == {}


class TestAnUncertainCreate:
    @pytest.mark.parametrize("match_mode", ["DEFAULT", "NONE"])
    def test_in_hubspot_lets_its_contact_make_no_second_customer(self, company: Company, match_mode: str) -> None:
        company.set(match_mode=match_mode)
        company.customer(DisplayName="Crescent Dental", GivenName="Imani", FamilyName="Cole", email="imani@example.com")
        company.hubspot.breaks("drop_after_commit", "batch/upsert")

        company.run()
        company.run()
        company.settle()

        assert company.emails() == (["imani@example.com"], ["imani@example.com"])

    def test_is_not_repeated_for_ever(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_before", "/batch", times=99)

        for _ in range(10):
            company.run()
            company.clock.pass_seconds(200)

        operation = models.Operation.objects.get()
        assert (operation.status, operation.attempts) == (OperationStatus.FAILED, 8)
        assert models.RecordPair.objects.get().state == PairState.FAILED


class TestATakenName:
    def test_whose_holder_cannot_be_asked_makes_nobody_a_partner(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        stranger = Once(lambda: company.customer(DisplayName="Ann Archer", email="other@example.com"))

        with (
            meanwhile(System.QUICKBOOKS, "write", before=stranger),
            meanwhile(System.QUICKBOOKS, "read", before=lambda: _raise(errors.Transient("QuickBooks is down."))),
        ):
            company.run()
        company.settle()

        pair = company.pair(left=next(iter(company.contacts())))
        assert (pair.right, pair.state) == (None, PairState.FAILED)

    @pytest.mark.parametrize("policy", ["FAIL", "HOLD"])
    def test_is_tried_again_when_it_becomes_free(self, company: Company, policy: str) -> None:
        company.set(name_policy=policy, create_to=CreateTo.RIGHT)
        holder = company.customer(DisplayName="Ann Archer", email="other@example.com")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        before = company.pair(left=contact).right

        company.quickbooks.change("Customer", holder, DisplayName="Somebody Else")
        company.run()

        assert before is None
        assert company.pair(left=contact).state == PairState.LINKED

    def test_held_for_a_person_goes_on_when_the_record_is_renamed(self, company: Company) -> None:
        company.set(name_policy="HOLD", create_to=CreateTo.RIGHT)
        company.customer(DisplayName="Ann Archer", email="other@example.com")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()

        company.hubspot.change("contacts", contact, firstname="Anna")
        company.run()

        assert company.pair(left=contact).state == PairState.LINKED

    def test_by_the_key_of_an_excluded_record_does_not_keep_the_sync_from_coming_to_rest(
        self, company: Company, linked: tuple[str, str]
    ) -> None:
        pairs.unlink(pair=company.pair(left=linked[0]), now=company.clock.now())
        pairs.exclude(pair=company.pair(right=linked[1]), excluded=False, now=company.clock.now())

        first, second = company.run(), company.run()

        assert company.pair(right=linked[1]).state == PairState.FAILED
        assert "rest" not in first.words
        assert second.state == RunState.SUCCEEDED, second.words


class TestMerges:
    def test_of_records_with_open_entries_hold_up_nothing(self, company: Company) -> None:
        company.set(direction=Direction.BOTH, create_to=CreateTo.RIGHT)
        ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        new = company.contact(firstname="Annie", lastname="Archer", email="annie@example.com")
        company.hubspot.change("contacts", ann, phone="+15125550177")
        company.quickbooks.breaks("status", "/batch", status=503, times=40)
        company.run()
        company.quickbooks.control("faults", method="DELETE")
        models.Operation.objects.filter(status=OperationStatus.SENDING).update(status=OperationStatus.READY, retry_at=None)

        company.hubspot.merge("contacts", new, ann)
        company.clock.pass_seconds(60)
        first = company.run()
        company.settle()

        assert "fault" not in first.words
        assert len(company.customers()) == 1
        assert models.Operation.objects.filter(status__in=pairs.OPEN).count() == 0

    def test_of_two_pairs_take_back_what_was_to_be_written(self, company: Company) -> None:
        ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        annie = company.contact(firstname="Annie", lastname="Archer", email="annie@example.com")
        company.run()
        company.hubspot.change("contacts", annie, phone="+15125550177")
        preview = company.run(RunKind.PREVIEW)

        company.hubspot.merge("contacts", ann, annie)
        company.clock.pass_seconds(60)
        company.run()

        assert preview.operations.get().status == OperationStatus.SUPERSEDED
        assert models.RecordPair.objects.filter(state=PairState.MERGE_HOLD).count() == 2


class TestDecisions:
    def test_the_latest_of_several_counts(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        for number in ("1", "2"):
            company.hubspot.change("contacts", linked[0], phone=f"+1512555010{number}")
            company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": f"+1512555020{number}"})
            company.run()
            conflicts.take(
                conflict=models.Conflict.objects.get(status=ConflictStatus.OPEN),
                side=Side.LEFT,
                actor=company.alice,
                now=company.clock.now(),
            )
            if number == "1":
                company.hubspot.change("contacts", linked[0], phone="+15125550109")

        company.run()

        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550102"}

    def test_an_unlinked_pair_has_no_open_conflict(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        company.hubspot.change("contacts", linked[0], phone="+15125550101")
        company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": "+15125550201"})
        company.run()

        pairs.unlink(pair=company.pair(left=linked[0]), now=company.clock.now())
        company.run()

        assert models.Conflict.objects.get().status == ConflictStatus.OUTDATED


class TestArchiving:
    def test_is_not_done_where_the_deleted_record_is_back(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(delete_policy=DeletePolicy.ARCHIVE)
        company.quickbooks.delete("Customer", linked[1])
        preview = company.run(RunKind.PREVIEW)
        back = Once(lambda: company.quickbooks.change("Customer", linked[1], Active=True))

        with meanwhile(System.HUBSPOT, "read", before=back):
            company.finish(runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False))

        assert list(company.contacts()) == [linked[0]]
