"""A run is taken back: shown first, then written; what was changed since is left alone, and what comes after finds all settled."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, ConflictStatus, OperationStatus, PairState, RunKind, RunState, Side
from syncapp.services import conflicts, pairs
from tests.runs.company import Company
from tests.runs.undone import NEW, OLD, Ann, approved, left_alone, planned, still, undone


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
            ("Phone", NEW, NEW, "It was changed in HubSpot since; that newer value is what counts."),
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


@pytest.mark.usefixtures("unmetered")
class TestInvoices:
    def test_get_their_earlier_dates_back_and_keep_their_lines(self, company: Company) -> None:
        customer = company.customer(DisplayName="Ann Archer", GivenName="Ann", email="ann@example.com")
        company.run()
        item = company.service("Consulting")
        company.bill()
        detail = {"ItemRef": {"value": item}, "Qty": 1, "UnitPrice": 100}
        line = {"Amount": 100, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        invoice = company.invoice(customer, line, DueDate="2026-12-01")
        company.run()
        more = {**line, "Amount": 200, "SalesItemLineDetail": {**detail, "UnitPrice": 200}}
        company.quickbooks.change("Invoice", invoice, DueDate="2026-12-24", Line=[more])
        run = company.run()

        done = undone(company, run)

        (shown,) = company.invoices().values()
        assert (done.state, str(shown["hs_due_date"])[:10]) == (RunState.SUCCEEDED, "2026-12-01")
        assert [line["price"] for line in company.held("line_items").values()] in (["200"], [200])
        whys = {one[3] for one in left_alone(done)}
        assert whys == {
            "Lines and what a record belongs to are not put back from here. Change them in HubSpot by hand.",
            "It goes with the lines that the run wrote, and those are not put back from here. Change both by hand.",
        }
        assert still(company)
