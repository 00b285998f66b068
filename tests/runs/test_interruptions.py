"""A run that is cut off anywhere, and answers that never come: in the end everything is there, once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection, transaction

from syncapp import models
from syncapp.engine.vocabulary import OperationKind, OperationStatus, PairState, RunState
from tests.runs.company import Company
from tests.runs.crashing import Died, Points, mortal
from tests.runs.meddling import Once, meanwhile

Scene = Callable[[Company], None]


def first_sync(company: Company) -> None:
    """Two on either side, one of them the same person."""
    company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
    company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
    company.customer(DisplayName="Ann Archer", GivenName="Ann", FamilyName="Archer", email="ann@example.com")
    company.customer(DisplayName="Cid Clay", GivenName="Cid", FamilyName="Clay", email="cid@example.com")


def edits_on_both_sides(company: Company) -> None:
    """Two linked people, one edited on the left and one on the right."""
    ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
    company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
    company.run()
    bea = next(key for key, row in company.customers().items() if row["GivenName"] == "Bea")
    company.hubspot.change("contacts", ann, phone="+15125550177")
    company.quickbooks.change("Customer", bea, FamilyName="Bergmann")


def state(company: Company) -> tuple[object, ...]:
    """What both vendors hold, ids and times left out."""
    left = sorted(
        (str(c.get("email")), str(c.get("firstname")), str(c.get("lastname")), str(c.get("phone"))) for c in company.contacts().values()
    )
    right = sorted(
        (
            str(c.get("PrimaryEmailAddr", {}).get("Address")), str(c.get("GivenName")), str(c.get("FamilyName")),
            str(c.get("PrimaryPhone", {}).get("FreeFormNumber")), c["DisplayName"],
        )
        for c in company.customers().values()
    )
    pairs = sorted(models.RecordPair.objects.values_list("state", flat=True))
    return left, right, pairs


class TestADeadProcess:
    @pytest.mark.parametrize("scene", [first_sync, edits_on_both_sides])
    def test_leaves_the_next_run_to_end_in_the_same_state(self, company: Company, scene: Scene, request: pytest.FixtureRequest) -> None:
        scene(company)
        counted = self._places()
        with mortal(counted):
            company.run()
        company.settle()
        expected, places = state(company), counted.passed

        differences = []
        for at in range(1, places + 1, self._step()):
            self._begin_again(company)
            scene(company)
            with mortal(self._places(at=at)), pytest.raises(Died):
                company.run()
            company.settle()
            if state(company) != expected:
                differences.append((at, state(company)))

        assert places > 10
        assert differences == []

    def _places(self, *, at: int | None = None) -> Points:
        """Those that leave something new behind."""
        return Points(at=at, after_changes=True)

    def _step(self) -> int:
        """Each of them on PostgreSQL. On SQLite a few: there the simulation dies at every call and every commit of these two scenes."""
        return 6 if connection.vendor == "sqlite" else 1

    def _begin_again(self, company: Company) -> None:
        """Empty both accounts and forget all that was synced; the connections stay."""
        with transaction.atomic():
            for model in (
                models.Conflict, models.Operation, models.RecordPair, models.RecordLink, models.Record, models.SyncRun, models.SyncCursor,
                models.Hint, models.Lease,
            ):
                model.objects.all().delete()
        for vendor in (company.hubspot, company.quickbooks):
            vendor.control("reset", {"seed": "empty"})


class TestAnAnswerThatNeverComes:
    def test_to_a_create_makes_no_partner_of_a_namesake_with_another_address(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_before", "/batch")
        company.run()
        company.customer(DisplayName="Ann Archer", GivenName="Anna", FamilyName="Archer", email="anna@example.com")

        company.settle()

        assert company.pair(left=contact).right is None
        assert [row["GivenName"] for row in company.customers().values()] == ["Anna"]

    def test_to_a_create_in_quickbooks_makes_no_second_customer(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_after_commit", "/batch")

        company.run()
        unknown = models.Operation.objects.get()
        company.settle()

        assert unknown.status == OperationStatus.SENDING
        assert company.emails() == (["ann@example.com"], ["ann@example.com"])
        assert models.RecordPair.objects.get().state == PairState.LINKED

    def test_to_a_create_is_found_by_the_vendors_clock_though_ours_is_a_day_ahead(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.clock.pass_seconds(86_400)
        company.quickbooks.breaks("drop_after_commit", "/batch")

        company.run()
        (made,) = company.customers()
        company.settle()

        assert "found and adopted" in models.Operation.objects.earliest("pk").note
        assert list(company.customers()) == [made]

    def test_to_a_create_makes_no_second_customer_though_a_person_gave_the_first_another_address(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_after_commit", "/batch")

        company.run()
        (made,) = company.customers()
        company.quickbooks.change("Customer", made, PrimaryEmailAddr={"Address": "archer@example.com"})
        company.settle()

        right = company.pair(left=contact).right
        assert (right and right.external_id, list(company.customers())) == (made, [made])

    def test_says_no_more_than_is_known_of_a_create_that_a_person_took_away(self, company: Company) -> None:
        company.customer(DisplayName="Ann", GivenName="Ann", email="ann@example.com")
        company.hubspot.breaks("drop_after_commit", "batch/upsert")
        company.run()
        (made,) = company.contacts()

        company.hubspot.delete("contacts", made)
        company.hubspot.breaks("drop_before", "batch/upsert")
        company.settle()

        assert "no record of it is there now" in models.Operation.objects.earliest("pk").note

    def test_to_a_create_in_hubspot_makes_no_second_contact(self, company: Company) -> None:
        company.customer(DisplayName="Ann", GivenName="Ann", email="ann@example.com")
        company.hubspot.breaks("drop_after_commit", "batch/upsert")

        company.run()
        company.settle()

        assert company.emails() == (["ann@example.com"], ["ann@example.com"])
        assert models.RecordPair.objects.get().state == PairState.LINKED

    def test_is_not_judged_before_the_quarantine_is_over(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("drop_before", "/batch")
        company.run()

        company.clock.pass_seconds(60)
        company.run()

        assert models.Operation.objects.get().status == OperationStatus.SENDING
        assert company.customers() == {}

    def test_to_an_update_is_read_back(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.hubspot.change("contacts", contact, phone="+15125550177")
        company.quickbooks.breaks("drop_after_commit", "/batch")

        company.run()
        company.settle()

        done = models.Operation.objects.order_by("pk").last()
        assert done is not None
        assert (done.status, "read back" in done.note) == (OperationStatus.DONE, True)
        assert company.quickbooks.written() == 2

    def test_and_a_persons_later_edit_is_kept_and_listed(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
        company.run()
        (customer,) = company.customers()
        company.hubspot.change("contacts", contact, phone="+15125550177")
        company.quickbooks.breaks("drop_after_commit", "/batch")
        company.run()

        company.quickbooks.change("Customer", customer, PrimaryPhone={"FreeFormNumber": "+15125550199"})
        company.settle()

        assert company.customers()[customer]["PrimaryPhone"] == {"FreeFormNumber": "+15125550199"}
        assert company.contacts()[contact]["phone"] == "+15125550199"
        assert models.Conflict.objects.filter(left="+15125550177", right="+15125550199").exists()
        assert "shows another value" in models.Operation.objects.get(note__contains="The answer was lost").note


    def test_and_what_it_replaced_is_listed_even_of_a_record_that_was_deleted_since(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
        company.run()
        (customer,) = company.customers()
        company.quickbooks.change("Customer", customer, PrimaryPhone={"FreeFormNumber": "+15125550177"})
        company.hubspot.breaks("drop_after_commit", "batch/update")
        edit = Once(lambda: company.hubspot.change("contacts", contact, phone="+15125550188"))
        with meanwhile("HUBSPOT", "write", before=edit):
            company.run()

        company.hubspot.delete("contacts", contact)
        company.settle()

        assert models.Conflict.objects.filter(left="+15125550188", right="+15125550177").exists()


    def test_about_a_record_that_is_gone_since_is_said_to_be_unknown(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        (customer,) = company.customers()
        company.hubspot.change("contacts", contact, phone="+15125550177")
        company.quickbooks.breaks("drop_after_commit", "/batch")
        company.run()

        other = company.customer(DisplayName="Zoe Zander", email="zoe@example.com")
        company.quickbooks.merge("Customer", other, customer)
        company.settle()

        update = models.Operation.objects.get(external_id=customer, kind=OperationKind.UPDATE)
        assert update.status == OperationStatus.SUPERSEDED
        assert "not known whether it arrived" in update.note


class TestOneBadRecord:
    def test_does_not_hold_up_the_others(self, company: Company) -> None:
        company.quickbooks.create("Vendor", DisplayName="Bad Luck")
        for name in ("Ann Archer", "Bad Luck", "Cid Clay"):
            first, last = name.split()
            company.contact(firstname=first, lastname=last, email=f"{first}@example.com".lower())

        run = company.run()

        assert run.state == RunState.PARTIAL
        assert sorted(c["DisplayName"] for c in company.customers().values()) == ["Ann Archer", "Cid Clay"]

    def test_with_a_value_that_is_too_long_says_which_field(self, company: Company) -> None:
        contact = company.contact(firstname="A" * 120, lastname="Archer", email="ann@example.com")

        company.run()

        pair = company.pair(left=contact)
        assert pair.state == PairState.FAILED
        assert "GivenName" in str(pair.detail) or "First" in str(pair.detail)
        assert company.quickbooks.written() == 0


class TestABusyVendor:
    def test_throttles_are_waited_out(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("rate_limited", "/batch", times=2, retry_after=1)

        company.settle()

        assert len(company.customers()) == 1

    def test_that_is_down_for_a_moment_is_asked_again(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.hubspot.breaks("status", "/crm/objects", times=2, status=503)

        run = company.run()

        assert run.state == RunState.SUCCEEDED
        assert len(company.customers()) == 1

    def test_that_answers_with_a_page_is_not_believed(self, company: Company) -> None:
        company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.quickbooks.breaks("html", "/batch")

        company.run()
        company.settle()

        assert len(company.customers()) == 1

    def test_half_a_batch_is_half_done_and_the_rest_follows(self, company: Company) -> None:
        for number in range(6):
            company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        company.quickbooks.breaks("partial", "/batch")

        company.run()
        company.settle()

        assert len(company.customers()) == 6
