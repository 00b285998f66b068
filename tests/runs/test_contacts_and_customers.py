"""A contact and a customer are kept in step: found, created, changed, left alone."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, ConflictStatus, PairState, Reason, RunKind, RunState, Side
from syncapp.services import conflicts, pairs
from tests.runs.company import Company


@pytest.mark.metered
class TestFirstRun:
    def test_links_by_email_and_creates_what_is_missing_on_either_side(self, company: Company) -> None:
        both = company.contact(firstname="Ann", email="ann@example.com")
        customer = company.customer(DisplayName="Ann Archer", email="ANN@example.com")
        company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
        company.customer(DisplayName="Cid Clay", GivenName="Cid", FamilyName="Clay", email="cid@example.com")

        run = company.run()

        assert run.state == RunState.SUCCEEDED, run.words
        pair = company.pair(left=both)
        assert pair.right is not None
        assert pair.right.external_id == customer
        assert company.emails() == (
            ["ann@example.com", "bea@example.com", "cid@example.com"], ["ANN@example.com", "bea@example.com", "cid@example.com"]
        )

    def test_a_second_run_writes_nothing_anywhere(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com", phone=" +1 (512) 555-0100 ", website="EXAMPLE.com")
        company.customer(DisplayName="Bob", GivenName="Bob", email="bob@example.com")
        company.run()
        left, right = company.hubspot.written(), company.quickbooks.written()

        second, third = company.run(), company.run()

        assert (company.hubspot.written(), company.quickbooks.written()) == (left, right)
        assert second.operations.count() == third.operations.count() == 0

    def test_names_with_signs_of_all_kinds_arrive_unharmed(self, company: Company) -> None:
        names = ["O'Brien", "Müller & Söhne", "Łukasz \\ 50 %", "Zoë 🎈", "Smith, \"Jr\"#1+2"]
        for number, name in enumerate(names):
            company.contact(firstname=name, email=f"p{number}@example.com")

        company.run()
        company.run()

        assert sorted(str(c["GivenName"]) for c in company.customers().values()) == sorted(names)

    def test_the_customer_is_called_by_the_company_and_without_one_by_first_and_last_name(self, company: Company) -> None:
        firm = company.hubspot.create("companies", name="Archer Ltd")
        ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.contact(firstname="Bea", lastname="Berg", email="bea@example.com")
        company.hubspot.change("contacts", ann, associatedcompanyid=firm)

        company.run()

        assert sorted(c["DisplayName"] for c in company.customers().values()) == ["Archer Ltd", "Bea Berg"]
        found = models.Record.objects.filter(kind__in=["contacts", "customer"]).values_list("label", "name_start", "name_end")
        assert set(found) == {
            ("Ann Archer", "ann archer", "archer"), ("Bea Berg", "bea berg", "berg"), ("Archer Ltd", "archer ltd", "ltd"),
        }

    def test_a_contact_that_joins_a_company_later_has_its_customer_called_by_it(self, company: Company) -> None:
        ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        firm = company.hubspot.create("companies", name="Archer Ltd")
        company.hubspot.change("contacts", ann, associatedcompanyid=firm)

        company.settle()

        assert [c["DisplayName"] for c in company.customers().values()] == ["Archer Ltd"]

    def test_contacts_without_email_are_excluded_and_say_why(self, company: Company) -> None:
        nobody = company.contact(firstname="Nobody")

        company.run()

        pair = company.pair(left=nobody)
        assert (pair.state, pair.reason) == (PairState.FROZEN, Reason.NO_KEY)
        assert company.customers() == {}


    def test_a_customer_keeps_its_name_when_a_contact_is_made_of_it(self, company: Company) -> None:
        company.customer(DisplayName="Crescent Dental", GivenName="Imani", FamilyName="Cole", email="imani@example.com")
        company.run()
        (contact,) = company.contacts()

        company.hubspot.change("contacts", contact, lastname="Coleman")
        company.run()

        (customer,) = company.customers().values()
        assert (customer["DisplayName"], customer["FamilyName"]) == ("Crescent Dental", "Coleman")


class TestEdits:
    @pytest.fixture
    def linked(self, company: Company) -> tuple[str, str]:
        """Ann on both sides, in sync."""
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
        company.run()
        (customer,) = company.customers()
        return contact, customer

    def test_flow_from_hubspot_to_quickbooks(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550199")

        company.run()

        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550199"}

    def test_flow_from_quickbooks_to_hubspot(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", linked[1], GivenName="Anna")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == "Anna"

    def test_of_different_fields_on_both_sides_both_flow(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550177")
        company.quickbooks.change("Customer", linked[1], GivenName="Anna")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == "Anna"
        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550177"}

    def test_do_not_come_back_as_changes(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="+15125550177")
        company.run()
        before = company.writes()

        company.clock.pass_seconds(60)
        company.run()

        assert company.writes() == before

    def test_a_field_outside_the_mapping_is_never_written(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", linked[1], Notes="Pays late", GivenName="Anna")
        company.run()
        company.hubspot.change("contacts", linked[0], phone="+15125550177")

        company.run()

        assert company.customers()[linked[1]]["Notes"] == "Pays late"

    def test_the_rest_of_an_address_stays_when_one_line_of_it_is_written(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", linked[1], BillAddr={"Line1": "1 High St", "Line2": "Floor 3", "City": "Leeds"})
        company.run()

        company.hubspot.change("contacts", linked[0], city="York")
        company.run()

        address = company.customers()[linked[1]]["BillAddr"]
        assert (address["Line1"], address["Line2"], address["City"]) == ("1 High St", "Floor 3", "York")

    def test_a_link_survives_another_email(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], email="archer@example.com")

        company.run()

        assert company.emails() == (["archer@example.com"], ["archer@example.com"])
        assert company.pair(left=linked[0]).right is not None

    def test_a_blank_never_overwrites_a_value(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="")

        company.run()

        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550100"}

    def test_a_mapping_that_may_clear_clears(self, company: Company, linked: tuple[str, str]) -> None:
        models.FieldMapping.objects.filter(left_field__name="phone").update(clears=True)
        company.set()
        company.run()

        company.hubspot.change("contacts", linked[0], phone="")
        company.run()

        assert not company.customers()[linked[1]].get("PrimaryPhone", {}).get("FreeFormNumber")


    def test_an_answer_that_shows_the_changed_values_only_empties_nothing(self, company: Company, linked: tuple[str, str]) -> None:
        """HubSpot answers an update with what changed; where mappings may clear, all the rest would look emptied."""
        models.FieldMapping.objects.exclude(right_field__name="DisplayName").update(clears=True)
        company.set()
        company.hubspot.change("contacts", linked[0], phone="+15125550100")
        company.run()

        company.quickbooks.change("Customer", linked[1], GivenName="Annie")
        company.run()

        customer = company.customers()[linked[1]]
        assert (customer["GivenName"], customer["PrimaryPhone"]) == ("Annie", {"FreeFormNumber": "+15125550100"})
        assert company.contacts()[linked[0]]["phone"] == "+15125550100"


class TestConflicts:
    @pytest.fixture
    def linked(self, company: Company) -> tuple[str, str]:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        (customer,) = company.customers()
        return contact, customer

    def both_change(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], firstname="Anne")
        company.quickbooks.change("Customer", linked[1], GivenName="Anna")

    @pytest.mark.parametrize(("winner", "name"), [(ConflictRule.LEFT, "Anne"), (ConflictRule.RIGHT, "Anna")])
    def test_the_winner_of_the_sync_takes_the_field(
        self, company: Company, linked: tuple[str, str], winner: ConflictRule, name: str
    ) -> None:
        company.set(conflict_winner=winner)
        self.both_change(company, linked)

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == name

    def test_both_values_are_kept_with_who_won_and_why(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.LEFT)
        self.both_change(company, linked)

        company.run()

        kept = models.Conflict.objects.get(pair=company.pair(left=linked[0]))
        assert (kept.left, kept.right, kept.winner, kept.status) == ("Anne", "Anna", Side.LEFT, ConflictStatus.BY_RULE)
        assert kept.why

    def test_ask_holds_the_field_while_the_others_go_on(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        self.both_change(company, linked)
        company.hubspot.change("contacts", linked[0], phone="+15125550123")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == "Anne"
        assert company.customers()[linked[1]]["GivenName"] == "Anna"
        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550123"}
        assert company.pair(left=linked[0]).state == PairState.CONFLICT

    def test_a_persons_choice_reaches_both_sides(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        self.both_change(company, linked)
        company.run()

        conflict = models.Conflict.objects.get(status=ConflictStatus.OPEN)
        conflicts.type_value(conflict=conflict, text="Annie", actor=company.alice, now=company.clock.now())
        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Annie"
        assert company.pair(left=linked[0]).state == PairState.LINKED
        with pytest.raises(conflicts.AlreadyDecided):
            conflicts.take(conflict=conflict, side=Side.LEFT, actor=company.alice, now=company.clock.now())

    def test_an_empty_winner_changes_nothing(self, company: Company) -> None:
        contact = company.contact(email="cid@example.com", firstname="Cid", phone="+15125550100")
        company.customer(DisplayName="Cid", email="cid@example.com", GivenName="Cid")
        company.set(conflict_winner=ConflictRule.RIGHT)

        company.run()

        assert company.contacts()[contact]["phone"] == "+15125550100"


class TestDeletesAndMerges:
    @pytest.fixture
    def linked(self, company: Company) -> tuple[str, str]:
        contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        company.run()
        (customer,) = company.customers()
        return contact, customer

    def test_an_archived_contact_leaves_its_customer_alone(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.delete("contacts", linked[0])

        company.clock.pass_seconds(3700)
        company.run()
        company.run()

        assert company.pair(right=linked[1]).state == PairState.ORPHANED
        assert list(company.customers()) == [linked[1]]
        assert company.contacts() == {}

    def test_an_inactive_customer_leaves_its_contact_alone(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.delete("Customer", linked[1])

        company.run()
        company.run()

        assert company.pair(left=linked[0]).state == PairState.ORPHANED
        assert list(company.contacts()) == [linked[0]]

    def test_a_customer_made_active_again_is_in_sync_again(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.delete("Customer", linked[1])
        company.run()

        company.quickbooks.change("Customer", linked[1], Active=True)
        company.run()

        assert company.pair(left=linked[0]).state == PairState.LINKED

    def test_the_pair_follows_a_merged_contact(self, company: Company, linked: tuple[str, str]) -> None:
        other = company.contact(firstname="Annie", email="annie@example.com")
        pairs.exclude(pair=self.half(company, other), excluded=True, now=company.clock.now())
        company.run()

        company.hubspot.merge("contacts", other, linked[0])
        company.run()
        company.run()

        pair = company.pair(right=linked[1])
        assert pair.left is not None
        assert pair.left.external_id in company.contacts()
        assert len(company.customers()) == 1

    def half(self, company: Company, contact: str) -> models.RecordPair:
        company.run(RunKind.PREVIEW)
        return company.pair(left=contact)
