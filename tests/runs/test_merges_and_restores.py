"""Records that people merge, delete and restore at either vendor: the pair follows where it can, else a person is asked."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import DeletePolicy, OperationKind, PairState, Reason, RecordState, RunKind, Side
from syncapp.services import pairs, partners
from tests.runs.company import Company

HOUR = 3700
"""After so many seconds HubSpot is asked again which records are archived."""


@pytest.fixture
def linked(company: Company) -> tuple[str, str]:
    """A contact and its customer, in sync."""
    contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
    company.run()
    (customer,) = company.customers()
    return contact, customer


@pytest.fixture
def excluded(company: Company) -> str:
    """A contact that a person keeps out of the sync."""
    contact = company.contact(firstname="Annie", email="annie@example.com")
    company.run(RunKind.PREVIEW)
    pairs.exclude(pair=company.pair(left=contact), excluded=True, now=company.clock.now())
    return contact


class TestContactsThatAreMerged:
    @pytest.mark.parametrize("keeps_the_id", [False, True])
    @pytest.mark.parametrize("paired_first", [False, True])
    def test_leave_the_pair_with_the_one_that_is_left(
        self, company: Company, linked: tuple[str, str], excluded: str, keeps_the_id: bool, paired_first: bool
    ) -> None:
        company.hubspot.control("switch", {"preserve_primary_id_on_merge": keeps_the_id})

        company.hubspot.merge("contacts", *((linked[0], excluded) if paired_first else (excluded, linked[0])))
        company.settle()

        (left,) = company.contacts()
        pair = company.pair(right=linked[1])
        assert (pair.left and pair.left.external_id, pair.state) == (left, PairState.LINKED)
        assert list(company.customers()) == [linked[1]]

    def test_that_both_had_a_partner_are_left_to_a_person_and_nothing_is_written(self, company: Company, linked: tuple[str, str]) -> None:
        other = company.contact(firstname="Annie", lastname="Archer", email="annie@example.com")
        company.run()
        before = company.writes()

        company.hubspot.merge("contacts", linked[0], other)
        company.settle()

        assert models.RecordPair.objects.filter(state=PairState.MERGE_HOLD).count() == 2
        assert (company.writes(), len(company.customers())) == (before, 2)

    def test_twice_lead_to_the_last_one(self, company: Company, linked: tuple[str, str], excluded: str) -> None:
        third = company.contact(firstname="Anna", email="anna@example.com")
        company.run(RunKind.PREVIEW)
        pairs.exclude(pair=company.pair(left=third), excluded=True, now=company.clock.now())
        company.hubspot.merge("contacts", excluded, linked[0])
        (survivor,) = set(company.contacts()) - {third}

        company.hubspot.merge("contacts", third, survivor)
        company.settle()

        (left,) = company.contacts()
        pair = company.pair(right=linked[1])
        assert (pair.left and pair.left.external_id, pair.state) == (left, PairState.LINKED)


class TestCustomersThatAreMerged:
    def test_leave_the_contact_of_the_one_that_is_gone_to_a_person(self, company: Company, linked: tuple[str, str]) -> None:
        """QuickBooks does not tell which customer is left of a merge."""
        survivor = company.customer(DisplayName="Ann Archer Ltd")
        company.run()
        before = company.writes()

        company.quickbooks.merge("Customer", survivor, linked[1])
        company.settle()

        pair = company.pair(left=linked[0])
        assert (pair.state, pair.reason) == (PairState.ORPHANED, Reason.PARTNER_DELETED)
        assert (company.writes(), list(company.contacts()), list(company.customers())) == (before, [linked[0]], [survivor])

    def test_are_followed_when_the_person_names_the_one_that_is_left(self, company: Company, linked: tuple[str, str]) -> None:
        survivor = company.customer(DisplayName="Ann Archer Ltd")
        company.quickbooks.merge("Customer", survivor, linked[1])
        company.settle()

        partners.relink(pair=company.pair(left=linked[0]), side=Side.RIGHT, external_id=survivor, now=company.clock.now())
        company.settle()

        pair = company.pair(left=linked[0])
        assert (pair.state, pair.right and pair.right.external_id) == (PairState.LINKED, survivor)
        assert company.customers()[survivor]["PrimaryEmailAddr"]["Address"] == "ann@example.com"

    def test_that_both_had_a_partner_leave_the_pair_of_the_one_that_is_left(self, company: Company, linked: tuple[str, str]) -> None:
        other = company.contact(firstname="Bea", lastname="Baker", email="bea@example.com")
        company.run()
        survivor = company.pair(left=other).right
        assert survivor is not None
        before = company.writes()

        company.quickbooks.merge("Customer", survivor.external_id, linked[1])
        company.settle()

        assert company.pair(left=other).state == PairState.LINKED
        assert company.pair(left=linked[0]).state == PairState.ORPHANED
        assert (company.writes(), len(company.contacts())) == (before, 2)


class TestAContactThatIsDeleted:
    @pytest.fixture
    def orphan(self, company: Company, linked: tuple[str, str]) -> tuple[str, str]:
        company.hubspot.delete("contacts", linked[0])
        company.clock.pass_seconds(HOUR)
        company.run()
        assert company.pair(right=linked[1]).state == PairState.ORPHANED
        return linked

    def test_is_in_sync_again_once_it_is_restored(self, company: Company, orphan: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", orphan[1], GivenName="Annie")

        company.hubspot.restore("contacts", orphan[0])
        company.settle()

        assert company.pair(right=orphan[1]).state == PairState.LINKED
        assert company.contacts()[orphan[0]]["firstname"] == "Annie"
        assert len(company.customers()) == 1

    def test_is_not_made_anew_by_an_edit_of_its_customer(self, company: Company, orphan: tuple[str, str]) -> None:
        before = company.writes()

        company.quickbooks.change("Customer", orphan[1], GivenName="Annie")
        company.settle()

        assert (company.pair(right=orphan[1]).state, company.contacts(), company.writes()) == (PairState.ORPHANED, {}, before)

    def test_for_good_is_not_made_anew_either(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.call("POST", "/crm/objects/2026-09/contacts/gdpr-delete", {"objectId": linked[0]})

        company.quickbooks.change("Customer", linked[1], GivenName="Annie")
        company.settle()

        pair = company.pair(right=linked[1])
        assert (pair.state, pair.left and pair.left.state) == (PairState.ORPHANED, RecordState.GONE)
        assert (company.contacts(), list(company.customers())) == ({}, [linked[1]])

    def test_for_good_is_found_out_by_the_next_listing(self, company: Company, linked: tuple[str, str]) -> None:
        other = company.contact(firstname="Bea", lastname="Baker", email="bea@example.com")
        company.run()
        company.hubspot.call("POST", "/crm/objects/2026-09/contacts/gdpr-delete", {"objectId": linked[0]})

        company.clock.pass_seconds(8 * 24 * HOUR)
        company.run()

        assert company.pair(right=linked[1]).state == PairState.ORPHANED
        assert company.pair(left=other).state == PairState.LINKED
        assert len(company.customers()) == 2

    def test_with_its_customer_ends_the_pair_until_both_live_again(self, company: Company, orphan: tuple[str, str]) -> None:
        company.quickbooks.delete("Customer", orphan[1])
        company.settle()
        assert company.pair(right=orphan[1]).state == PairState.TOMBSTONE

        company.hubspot.restore("contacts", orphan[0])
        company.settle()
        assert (company.customers(), company.pair(left=orphan[0]).state) == ({}, PairState.ORPHANED)

        company.quickbooks.change("Customer", orphan[1], Active=True)
        company.settle()

        assert company.pair(left=orphan[0]).state == PairState.LINKED
        assert (list(company.contacts()), list(company.customers())) == ([orphan[0]], [orphan[1]])


class TestACustomerThatIsMadeInactive:
    def test_keeps_its_name_and_its_contact_the_same(self, company: Company, linked: tuple[str, str]) -> None:
        """QuickBooks writes " (deleted)" behind the name of an inactive customer: that is no edit."""
        before = company.writes()

        company.quickbooks.delete("Customer", linked[1])
        company.settle()
        row = models.Record.objects.get(kind="customer", external_id=linked[1])
        assert (row.values["DisplayName"], row.state) == ("Ann Archer", RecordState.ARCHIVED)
        company.quickbooks.change("Customer", linked[1], Active=True)
        company.settle()

        pair = company.pair(left=linked[0])
        assert (pair.state, company.writes()) == (PairState.LINKED, before)

    def test_is_archived_on_the_other_side_where_the_sync_says_so(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(delete_policy=DeletePolicy.ARCHIVE)

        company.quickbooks.delete("Customer", linked[1])
        company.settle()

        assert company.contacts() == {}
        assert models.Operation.objects.filter(kind=OperationKind.ARCHIVE).count() == 1
        assert company.pair(left=linked[0]).state == PairState.TOMBSTONE

    def test_is_not_archived_where_its_contact_was_edited_meanwhile(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(delete_policy=DeletePolicy.ARCHIVE)
        company.hubspot.change("contacts", linked[0], firstname="Annie")

        company.quickbooks.delete("Customer", linked[1])
        company.settle()

        pair = company.pair(left=linked[0])
        assert (pair.state, pair.reason) == (PairState.ORPHANED, Reason.EDITED_AND_DELETED)
        assert company.contacts()[linked[0]]["firstname"] == "Annie"

    def test_leaves_its_name_to_a_new_one(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.delete("Customer", linked[1])
        company.run()

        namesake = company.contact(firstname="Ann", lastname="Archer", email="another@example.com")
        company.settle()

        assert company.pair(left=namesake).state == PairState.LINKED
        assert [customer["DisplayName"] for customer in company.customers().values()] == ["Ann Archer"]
