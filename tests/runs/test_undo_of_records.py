"""What becomes of whole records when a run is taken back: made ones go where nobody needs them, archived ones stay."""

from __future__ import annotations

import pytest

from syncapp.engine.vocabulary import OperationKind, OperationStatus, PairState, Reason, RunKind, RunState
from tests.runs.company import Company
from tests.runs.undone import Ann, approved, left_alone, planned, still, undone


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
