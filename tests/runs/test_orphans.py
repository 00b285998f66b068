"""A record whose partner was deleted: it stays until a person says what is to become of it, and then just that happens."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, OperationKind, PairState, Reason, RecordState
from syncapp.services import pairs, partners
from tests.runs.billing import Desk
from tests.runs.company import Company


@pytest.fixture
def linked(company: Company) -> tuple[str, str]:
    """A contact and its customer, in sync."""
    contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
    company.run()
    (customer,) = company.customers()
    return contact, customer


@pytest.fixture
def orphan(company: Company, linked: tuple[str, str]) -> tuple[str, str]:
    """Its customer was made inactive in QuickBooks."""
    company.quickbooks.delete("Customer", linked[1])
    company.run()
    assert company.pair(left=linked[0]).state == PairState.ORPHANED
    return linked


class TestArchive:
    def test_archives_the_contact_whose_customer_is_gone(self, company: Company, orphan: tuple[str, str]) -> None:
        partners.archive(pair=company.pair(left=orphan[0]))

        company.run()
        company.run()

        pair = company.pair(left=orphan[0])
        assert company.contacts() == {}
        assert (pair.state, pair.left and pair.left.state) == (PairState.TOMBSTONE, RecordState.ARCHIVED)
        assert models.Operation.objects.filter(pair=pair, kind=OperationKind.ARCHIVE).count() == 1

    def test_makes_the_customer_inactive_whose_contact_is_gone(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.delete("contacts", linked[0])
        company.clock.pass_seconds(3700)
        company.run()

        partners.archive(pair=company.pair(right=linked[1]))
        company.run()

        assert company.customers() == {}

    def test_leaves_a_record_that_was_changed_before_the_run(self, company: Company, orphan: tuple[str, str]) -> None:
        partners.archive(pair=company.pair(left=orphan[0]))
        company.hubspot.change("contacts", orphan[0], firstname="Annie")

        company.run()

        pair = company.pair(left=orphan[0])
        assert list(company.contacts()) == [orphan[0]]
        assert (pair.state, pair.reason) == (PairState.ORPHANED, Reason.EDITED_AND_DELETED)

    def test_is_a_persons_word_over_an_earlier_edit(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.delete("Customer", linked[1])
        company.hubspot.change("contacts", linked[0], firstname="Annie")
        company.run()
        assert company.pair(left=linked[0]).reason == Reason.EDITED_AND_DELETED

        partners.archive(pair=company.pair(left=linked[0]))
        company.run()

        assert company.contacts() == {}

    def test_is_refused_where_the_sync_does_not_write(self, company: Company, orphan: tuple[str, str]) -> None:
        company.set(direction=Direction.TO_RIGHT)

        with pytest.raises(partners.NotPossible, match="does not write to HubSpot"):
            partners.archive(pair=company.pair(left=orphan[0]))

    def test_is_refused_where_nothing_was_deleted(self, company: Company, linked: tuple[str, str]) -> None:
        with pytest.raises(partners.NotPossible, match="No deletion waits"):
            partners.archive(pair=company.pair(left=linked[0]))

    def test_is_refused_for_invoices(self, desk: Desk) -> None:
        desk.open()
        desk.run_with(invoice := desk.bill())
        desk.company.quickbooks.delete("Invoice", invoice)
        desk.run()

        with pytest.raises(partners.NotPossible, match="never archived from here"):
            partners.archive(pair=desk.pair(invoice))


class TestExclude:
    def test_keeps_what_is_left_as_it_is(self, company: Company, orphan: tuple[str, str]) -> None:
        pairs.exclude(pair=company.pair(left=orphan[0]), excluded=True, now=company.clock.now())

        company.run()
        company.run()

        pair = company.pair(left=orphan[0])
        assert (pair.state, pair.reason) == (PairState.FROZEN, Reason.BY_HAND)
        assert list(company.contacts()) == [orphan[0]]

    def test_asks_again_when_it_is_included(self, company: Company, orphan: tuple[str, str]) -> None:
        pairs.exclude(pair=company.pair(left=orphan[0]), excluded=True, now=company.clock.now())
        company.run()

        pairs.exclude(pair=company.pair(left=orphan[0]), excluded=False, now=company.clock.now())
        company.run()

        assert company.pair(left=orphan[0]).state == PairState.ORPHANED
