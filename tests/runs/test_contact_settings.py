"""What the settings of a contact sync decide: who is in scope, names, matching, and the preview."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from syncapp import models
from syncapp.engine.vocabulary import CreateTo, Direction, LeaveFilterPolicy, OperationStatus, PairState, Reason, RunKind, RunState, Side
from syncapp.services import configs, confirming, runs
from tests.runs.company import Company


class TestScope:
    def test_one_way_never_writes_the_other_side(self, company: Company) -> None:
        company.set(direction=Direction.TO_LEFT, create_to=CreateTo.LEFT)
        company.contact(firstname="Ann", email="ann@example.com", phone="+15125550100")
        company.customer(DisplayName="Ann", email="ann@example.com")
        company.contact(firstname="Bea", email="bea@example.com")

        company.run()

        assert company.quickbooks.written() == 0

    def test_a_pair_that_leaves_the_filter_is_excluded_and_comes_back(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com", city="Leeds")
        self.only_from(company, "Leeds")
        company.run()
        (customer,) = company.customers()

        company.hubspot.change("contacts", contact, city="York", firstname="Anne")
        company.run()
        outside = company.pair(left=contact)
        company.hubspot.change("contacts", contact, city="Leeds")
        company.run()

        assert (outside.state, outside.reason) == (PairState.FROZEN, Reason.FILTERED)
        assert company.customers()[customer]["GivenName"] == "Anne"
        assert company.pair(left=contact).state == PairState.LINKED

    def test_or_is_kept_in_sync_where_the_sync_says_so(self, company: Company) -> None:
        company.set(leave_policy=LeaveFilterPolicy.KEEP)
        contact = company.contact(firstname="Ann", email="ann@example.com", city="Leeds")
        self.only_from(company, "Leeds")
        company.run()

        company.hubspot.change("contacts", contact, city="York")
        company.run()

        assert next(iter(company.customers().values()))["BillAddr"]["City"] == "York"

    def test_what_no_filter_lets_in_is_never_written_and_says_why(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com", city="York")
        self.only_from(company, "Leeds")

        company.run()

        assert company.quickbooks.written() == 0
        assert "Leeds" in str(company.pair(left=contact).detail)

    def only_from(self, company: Company, city: str) -> None:
        """Let in contacts of one city, and customers of none."""
        for side, name in ((Side.LEFT, "city"), (Side.RIGHT, "BillAddr.City")):
            connection = company.config.left if side is Side.LEFT else company.config.right
            field = models.VendorField.objects.get(connection=connection, kind__in=("contacts", "customer"), name=name)
            group = models.FilterGroup.objects.create(config=company.config, side=side, name="Town")
            models.FilterRule.objects.create(
                group=group, field=field, operator="EQUALS", values=[city if side is Side.LEFT else "nowhere"]
            )
        company.set()

    def test_the_recommended_filter_follows_the_invoices_of_a_contact(self, company: Company) -> None:
        models.SyncConfig.objects.all().delete()
        company.config = configs.create(
            name="Recommended", left=company.config.left, right=company.config.right, object_pair=company.config.object_pair,
            actor=company.alice, now=company.clock.now(),
        )
        contact = company.contact(firstname="Ann", email="ann@example.com")
        company.run()
        before = company.pair(left=contact)

        invoice = company.hubspot.create("invoices", hs_currency="USD", hs_invoice_status="open", hs_invoice_billable="false")
        company.hubspot.associate("invoices", invoice, "contacts", contact)
        company.run()

        assert (before.state, before.reason) == (PairState.FROZEN, Reason.FILTERED)
        assert len(company.customers()) == 1


class TestNames:
    def two_of_one_company(self, company: Company) -> tuple[str, str]:
        firm = company.hubspot.create("companies", name="Archer Ltd")
        people = [company.contact(firstname=name, lastname="Archer", email=f"{name}@example.com".lower()) for name in ("Ann", "Bob")]
        for person in people:
            company.hubspot.change("contacts", person, associatedcompanyid=firm)
        return people[0], people[1]

    def test_the_second_contact_of_a_company_fails_and_the_first_is_untouched(self, company: Company) -> None:
        first, second = self.two_of_one_company(company)

        company.run()

        assert company.pair(left=first).state == PairState.LINKED
        assert (company.pair(left=second).state, company.pair(left=second).reason) == (PairState.FAILED, Reason.NAME_TAKEN)
        assert len(company.customers()) == 1

    def test_without_the_company_name_mapping_both_are_created(self, company: Company) -> None:
        self.two_of_one_company(company)
        models.FieldMapping.objects.filter(left_field__name="companies.name").update(active=False)
        company.set()

        company.run()

        assert sorted(c["DisplayName"] for c in company.customers().values()) == ["Ann Archer", "Bob Archer"]

    def test_a_suffix_is_added_where_the_sync_says_so(self, company: Company) -> None:
        self.two_of_one_company(company)
        company.set(name_policy="SUFFIX")

        company.run()
        company.run()

        assert sorted(c["DisplayName"] for c in company.customers().values()) == ["Archer Ltd", "Archer Ltd (2)"]

    def test_a_sub_customer_is_made_where_the_sync_says_so(self, company: Company) -> None:
        self.two_of_one_company(company)
        company.set(name_policy="SUB_CUSTOMER")

        company.run()
        company.clock.pass_seconds(400)
        company.run()

        assert sorted(c["FullyQualifiedName"] for c in company.customers().values()) == ["Archer Ltd", "Archer Ltd:Bob Archer"]

    def test_a_preview_says_what_will_become_of_a_taken_name(self, company: Company) -> None:
        company.customer(DisplayName="Ann Archer", GivenName="Other", email="other@example.com")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.set(name_policy="LINK")

        preview = company.run(RunKind.PREVIEW)

        entry = preview.operations.get(pair=company.pair(left=contact))
        assert "is taken: link to" in entry.whys["DisplayName"]

    def test_a_vendor_of_that_name_stands_in_the_way_too(self, company: Company) -> None:
        company.quickbooks.create("Vendor", DisplayName="Ann Archer")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")

        company.run()

        assert (company.pair(left=contact).state, company.pair(left=contact).reason) == (PairState.FAILED, Reason.NAME_TAKEN)

    def test_a_failing_pair_is_tried_again_when_the_record_changes(self, company: Company) -> None:
        company.quickbooks.create("Vendor", DisplayName="Ann Archer")
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()

        company.hubspot.change("contacts", contact, firstname="Anne")
        company.run()

        assert company.pair(left=contact).state == PairState.LINKED


class TestMatching:
    def test_the_same_email_on_two_customers_is_left_to_a_person(self, company: Company) -> None:
        company.customer(DisplayName="Ann One", email="ann@example.com", GivenName="One")
        company.customer(DisplayName="Ann Two", email="ann@example.com", GivenName="Two")
        contact = company.contact(firstname="Ann", email="ann@example.com")

        company.run()

        assert company.pair(left=contact).state == PairState.AMBIGUOUS
        assert company.hubspot.written() == company.quickbooks.written() == 0

    def test_is_decided_anew_when_one_of_them_goes_away(self, company: Company) -> None:
        company.customer(DisplayName="Ann One", email="ann@example.com")
        second = company.customer(DisplayName="Ann Two", email="ann@example.com")
        contact = company.contact(firstname="Ann", email="ann@example.com")
        company.run()

        company.quickbooks.change("Customer", second, PrimaryEmailAddr={"Address": "two@example.com"})
        company.run()

        assert company.pair(left=contact).state == PairState.LINKED


class TestSettings:
    def test_saving_the_settings_again_makes_no_new_links(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        company.run()
        before = company.writes()

        company.set(interval_minutes=5)
        company.run()

        assert (models.RecordPair.objects.count(), company.writes()) == (1, before)

    def test_a_new_mapping_is_filled_in_for_old_pairs(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com", mobilephone="+15125550166")
        models.FieldMapping.objects.filter(left_field__name="mobilephone").update(active=False)
        company.set()
        company.run()
        before = next(iter(company.customers().values())).get("Mobile")

        models.FieldMapping.objects.filter(left_field__name="mobilephone").update(active=True)
        company.set()
        company.run()

        assert before is None
        assert next(iter(company.customers().values()))["Mobile"] == {"FreeFormNumber": "+15125550166"}
        assert company.pair(left=contact).state == PairState.LINKED

    def test_two_runs_of_one_sync_are_never_active_together(self, company: Company) -> None:
        company.start()

        with pytest.raises(runs.CannotStart, match="under way"):
            company.start()


class TestPreview:
    def test_writes_nothing_and_shows_before_after_and_why(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")

        preview = company.run(RunKind.PREVIEW)

        (entry,) = preview.operations.all()
        assert company.hubspot.written() == company.quickbooks.written() == 0
        assert entry.status == OperationStatus.PLANNED
        assert entry.changes["GivenName"] == [None, "Ann"]
        assert entry.whys["GivenName"]

    def test_an_approved_one_is_carried_out(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        preview = company.run(RunKind.PREVIEW)

        approved = runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False)
        company.finish(approved)

        assert len(company.customers()) == 1

    def test_an_entry_whose_record_changed_since_is_skipped_with_a_reason(self, company: Company) -> None:
        contact = company.contact(firstname="Ann", email="ann@example.com")
        preview = company.run(RunKind.PREVIEW)

        company.hubspot.change("contacts", contact, firstname="Anne")
        company.finish(runs.approve(preview=preview, actor=company.alice, now=company.clock.now(), enqueue=False))

        (shown,) = preview.operations.all()
        assert shown.status == OperationStatus.SUPERSEDED
        assert shown.note
        assert next(iter(company.customers().values()))["GivenName"] == "Anne"

    def test_a_limit_that_is_raised_afterwards_does_not_stand_for_the_second_person(
        self, company: Company, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(confirming, "SECOND_PERSON", 3)
        company.set(brake_creates=1)
        for number in range(3):
            company.contact(firstname=f"P{number}", lastname="Archer", email=f"p{number}@example.com")
        first = company.run()
        assert (first.state, confirming.needs_two(run=first)) == (RunState.BRAKED, True)

        company.set(brake_creates=100)
        again = company.run()

        assert (again.state, company.writes()) == (RunState.BRAKED, 0)
        assert again.brakes == [
            "A brake stopped this sync, and 3 writes wait. From 3 on two administrators let them go on, whatever the limits are since."
        ]
        for actor in (company.alice, User.objects.create_superuser("bea")):
            made = runs.release(braked=again, actor=actor, now=company.clock.now(), enqueue=False)
        assert company.finish(made).state == RunState.SUCCEEDED
        assert len(company.customers()) == 3
        assert company.run().state == RunState.SUCCEEDED

    def test_a_run_that_would_do_too_much_stops_until_a_person_releases_it(self, company: Company) -> None:
        company.set(brake_creates=3)
        for number in range(5):
            company.contact(firstname=f"P{number}", email=f"p{number}@example.com")

        braked = company.run()
        written = company.quickbooks.written()
        company.finish(runs.release(braked=braked, actor=company.alice, now=company.clock.now(), enqueue=False))

        assert (braked.state, written) == (RunState.BRAKED, 0)
        assert models.Notice.objects.filter(urgent=True, closed_at__isnull=False).count() == 1
        assert len(company.customers()) == 5
