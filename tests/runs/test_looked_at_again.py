"""A pair that waits is looked at again when the thing it waits for changes, even if neither of its records does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from syncapp import models
from syncapp.engine.vocabulary import OperationStatus, PairState, RunKind, RunState, Side
from syncapp.services import pairs, runs
from tests.runs.company import Company


def let_in(company: Company, side: Side, name: str, operator: str, values: list[str]) -> None:
    """One condition for the records of a side; the other side's are let in by none."""
    for one in Side:
        connection = company.config.left if one is Side.LEFT else company.config.right
        group = models.FilterGroup.objects.create(config=company.config, side=one, name="Some")
        wanted = name if one is side else "email" if one is Side.LEFT else "PrimaryEmailAddr.Address"
        field = models.VendorField.objects.get(connection=connection, kind__in=["contacts", "customer"], name=wanted)
        models.FilterRule.objects.create(
            group=group, field=field, operator=operator if one is side else "EQUALS", values=values if one is side else ["nobody"]
        )
    company.set()


class TestWhenADayGoesBy:
    def test_a_filter_that_counts_days_lets_others_in(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")
        let_in(company, Side.LEFT, "createdate", "MORE_THAN_DAYS_AGO", ["1"])
        company.run()
        before = company.pair(left=contact).state

        company.clock.pass_seconds(3 * 86_400)
        company.run()

        assert before == PairState.FROZEN
        assert company.pair(left=contact).state == PairState.LINKED


class TestWhenTheIndexLags:
    def test_an_edit_that_no_search_showed_in_its_time_is_seen_an_hour_later(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        company.hubspot.control("switch", {"index_delay": 2_400.0})
        company.hubspot.change("contacts", contact, phone="+15125550142")

        for minutes in (30, 45):
            company.run()
            company.let_pass(timedelta(minutes=minutes))
        unseen = company.pair(left=contact).left.values["phone"]
        company.run()

        assert company.pair(left=contact).left.values["phone"] != unseen


class TestWhenAnotherRecordGoes:
    def test_a_contact_whose_invoice_was_deleted_leaves_the_filter(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        invoice = company.hubspot.create("invoices", hs_currency="USD", hs_invoice_status="draft", hs_invoice_billable="false")
        company.hubspot.associate("invoices", invoice, "contacts", contact)
        let_in(company, Side.LEFT, "invoices.hs_invoice_status", "IS_KNOWN", [])
        company.run()
        before = company.pair(left=contact).state

        company.hubspot.delete("invoices", invoice)
        company.clock.pass_seconds(3700)
        company.run()

        assert before == PairState.LINKED
        assert company.pair(left=contact).state == PairState.FROZEN

    def test_a_twin_that_a_person_excluded_is_no_rival_any_more(self, company: Company) -> None:
        company.customer(DisplayName="Ann", email="ann@example.com")
        company.set(match_mode="OWN_FIELD", **self.by_name(company))
        first = company.contact(firstname="Ann", email="ann@example.com", jobtitle="Ann")
        second = company.contact(firstname="Ann", email="anna@example.com", jobtitle="Ann")
        company.run()
        before = company.pair(left=first).state

        pairs.exclude(pair=company.pair(left=second), excluded=True, now=company.clock.now())
        company.run()

        assert before == PairState.AMBIGUOUS
        assert company.pair(left=first).state == PairState.LINKED

    def by_name(self, company: Company) -> dict[str, object]:
        """Matching by a field that may be the same on two contacts."""
        return {
            "match_left": models.VendorField.objects.get(connection=company.config.left, kind="contacts", name="firstname"),
            "match_right": models.VendorField.objects.get(connection=company.config.right, kind="customer", name="DisplayName"),
        }

    def test_the_last_of_two_candidates_is_linked_without_any_other_change(self, company: Company) -> None:
        company.customer(DisplayName="Ann One", email="ann@example.com")
        other = company.customer(DisplayName="Ann Two", email="ann@example.com")
        contact = company.contact(firstname="Ann", email="ann@example.com")
        company.run()

        pairs.exclude(pair=company.pair(right=other), excluded=True, now=company.clock.now())
        company.run()

        assert company.pair(left=contact).state == PairState.LINKED


class TestBrakes:
    def test_a_run_counts_what_its_earlier_rounds_did(self, company: Company) -> None:
        company.set(brake_creates=2)
        run = company.start()
        for number in range(2):
            company.contact(firstname=f"P{number}", email=f"p{number}@example.com")
        company.finish(run)
        models.SyncRun.objects.filter(pk=run.pk).update(state=RunState.RUNNING, phase="READ", finished_at=None)
        company.contact(firstname="P3", email="p3@example.com")

        run = company.finish(run)

        assert run.state == RunState.BRAKED
        assert len(company.customers()) == 2

    def test_a_side_that_shrank_holds_the_next_run_too(self, company: Company) -> None:
        for number in range(12):
            company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        company.run()
        for contact in list(company.contacts())[:10]:
            company.hubspot.delete("contacts", contact)
        models.Record.objects.filter(kind="contacts").update(state="LIVE")
        models.SyncCursor.objects.filter(stream="listing", kind="contacts").update(completed_at=None)
        company.customer(DisplayName="New", email="new@example.com")

        first, second = company.run(), company.run()

        assert (first.state, second.state) == (RunState.BRAKED, RunState.BRAKED)
        assert len(company.contacts()) == 2

    def test_are_told_of_until_a_run_comes_through(self, company: Company) -> None:
        company.set(brake_creates=1)
        for number in range(3):
            company.contact(firstname=f"P{number}", email=f"p{number}@example.com")

        braked = company.run()
        told = models.Notice.objects.get(urgent=True)
        assert (braked.state, told.closed_at) == (RunState.BRAKED, None)
        company.set(brake_creates=50)
        through = company.run()

        told.refresh_from_db()
        assert through.state == RunState.SUCCEEDED
        assert told.closed_at is not None

    def test_of_an_old_run_cannot_be_released_any_more(self, company: Company) -> None:
        company.set(brake_creates=1)
        for number in range(3):
            company.contact(firstname=f"P{number}", email=f"p{number}@example.com")
        braked = company.run()
        company.finish(runs.release(braked=braked, actor=company.alice, now=company.clock.now(), enqueue=False))

        with pytest.raises(runs.CannotStart, match="later run"):
            runs.release(braked=braked, actor=company.alice, now=company.clock.now(), enqueue=False)


class TestApproval:
    def test_of_a_preview_that_another_one_overtook_carries_out_nothing(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        first = company.run(RunKind.PREVIEW)
        company.run(RunKind.PREVIEW)

        with pytest.raises(runs.CannotStart, match="another preview"):
            runs.approve(preview=first, actor=company.alice, now=timezone.now(), enqueue=False)

        assert models.Operation.objects.filter(status=OperationStatus.READY).count() == 0


class TestWhenOurOwnWriteChangesWhatIsMadeOfIt:
    def test_a_new_first_name_reaches_the_display_name_in_the_same_run(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        customer = company.pair(left=contact).right
        assert customer is not None
        company.quickbooks.change("Customer", customer.external_id, GivenName="Annie")

        company.run()
        before = company.quickbooks.written()
        company.run()

        assert company.customers()[customer.external_id]["DisplayName"] == "Annie Archer"
        assert str(company.pair(left=contact).left) == "Annie Archer"
        assert company.quickbooks.written() == before
