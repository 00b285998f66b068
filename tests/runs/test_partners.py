"""What waits for a person is left by that person's word: link, no partner yet, keep one of two."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import PairState, Side
from syncapp.services import partners
from tests.runs.company import Company


class TestLink:
    @pytest.fixture
    def unclear(self, company: Company) -> tuple[str, str, str]:
        """One contact and two customers with its e-mail address."""
        first = company.customer(DisplayName="Ann One", GivenName="One", email="ann@example.com")
        second = company.customer(DisplayName="Ann Two", GivenName="Two", email="ann@example.com")
        contact = company.contact(firstname="Ann", email="ann@example.com")
        company.run()
        return contact, first, second

    def test_makes_the_named_record_the_partner(self, company: Company, unclear: tuple[str, str, str]) -> None:
        contact, _, second = unclear

        partners.link(pair=company.pair(left=contact), external_id=second, now=company.clock.now())
        company.run()

        pair = company.pair(left=contact)
        assert pair.right is not None
        assert (pair.right.external_id, pair.state) == (second, PairState.LINKED)
        assert company.contacts()[contact]["firstname"] == "Two"

    def test_refuses_the_partner_of_another(self, company: Company, unclear: tuple[str, str, str]) -> None:
        contact, first, _ = unclear
        other = company.contact(firstname="Bea", email="bea@example.com")
        company.run()
        partners.link(pair=company.pair(left=contact), external_id=first, now=company.clock.now())
        taken = company.pair(left=other).right
        assert taken is not None

        with pytest.raises(partners.NotPossible, match="has a partner already"):
            partners.link(pair=company.pair(left=contact), external_id=taken.external_id, now=company.clock.now())

    def test_refuses_a_record_that_is_not_there(self, company: Company, unclear: tuple[str, str, str]) -> None:
        with pytest.raises(partners.NotPossible, match="no record 4711"):
            partners.link(pair=company.pair(left=unclear[0]), external_id="4711", now=company.clock.now())


class TestAlone:
    def test_has_a_partner_of_its_own_made(self, company: Company) -> None:
        company.customer(DisplayName="Ann One", email="ann@example.com")
        company.customer(DisplayName="Ann Two", email="ann@example.com")
        contact = company.contact(firstname="Ann", lastname="Three", email="ann@example.com")
        company.run()

        partners.alone(pair=company.pair(left=contact), now=company.clock.now())
        company.run()
        company.run()

        pair = company.pair(left=contact)
        assert pair.state == PairState.LINKED
        assert len(company.customers()) == 3


class TestKeep:
    @pytest.mark.parametrize("kept", ["winner", "loser"])
    def test_gives_the_merged_record_the_partner_that_was_chosen(self, company: Company, kept: str) -> None:
        ann = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com")
        annie = company.contact(firstname="Annie", lastname="Archer", email="annie@example.com")
        company.run()
        company.hubspot.merge("contacts", ann, annie)
        company.clock.pass_seconds(60)
        company.run()
        held = list(models.RecordPair.objects.filter(state=PairState.MERGE_HOLD).order_by("pk"))
        chosen = held[0] if kept == "winner" else held[-1]
        customer = chosen.right

        partners.keep(pair=chosen, now=company.clock.now())
        company.run()

        assert len(held) == 2
        (survivor,) = company.contacts()
        pair = company.pair(left=survivor)
        assert (pair.right, pair.state) == (customer, PairState.LINKED)
        assert len(company.customers()) == 2


class TestRelink:
    @pytest.fixture
    def wrong(self, company: Company) -> tuple[str, str, str]:
        """A contact that is linked to the wrong customer, and the right one, which has no partner yet."""
        right = company.customer(DisplayName="Ann Right", GivenName="Ann")
        wrong = company.customer(DisplayName="Ann Wrong", GivenName="Wrong", email="ann@example.com")
        contact = company.contact(firstname="Ann", email="ann@example.com")
        company.run()
        return contact, wrong, right

    def test_gives_a_record_another_partner_and_leaves_the_former_alone(self, company: Company, wrong: tuple[str, str, str]) -> None:
        contact, former, right = wrong

        partners.relink(pair=company.pair(left=contact), side=Side.RIGHT, external_id=right, now=company.clock.now())
        company.run()
        company.run()

        pair = company.pair(left=contact)
        assert pair.right is not None
        assert (pair.right.external_id, pair.state) == (right, PairState.LINKED)
        freed = models.RecordPair.objects.get(right__external_id=former)
        assert (freed.left, freed.state, freed.excluded_by_hand) == (None, PairState.FROZEN, True)
        assert company.customers()[former]["GivenName"] == "Wrong"
        assert len(company.contacts()) == 1

    def test_changes_the_hubspot_record_too(self, company: Company, wrong: tuple[str, str, str]) -> None:
        contact, customer, _ = wrong
        company.set(create_to="NONE")
        other = company.contact(firstname="Annabel", email="annabel@example.com")
        company.run()

        partners.relink(pair=company.pair(left=contact), side=Side.LEFT, external_id=other, now=company.clock.now())

        pair = models.RecordPair.objects.get(right__external_id=customer)
        assert pair.left is not None
        assert pair.left.external_id == other
        assert company.pair(left=contact).excluded_by_hand

    def test_is_all_or_nothing(self, company: Company, wrong: tuple[str, str, str]) -> None:
        contact, former, _ = wrong

        with pytest.raises(partners.NotPossible, match="no record 4711"):
            partners.relink(pair=company.pair(left=contact), side=Side.RIGHT, external_id="4711", now=company.clock.now())

        pair = company.pair(left=contact)
        assert pair.right is not None
        assert pair.right.external_id == former
        assert not pair.excluded_by_hand

    def test_needs_a_record_to_give_a_partner_to(self, company: Company, wrong: tuple[str, str, str]) -> None:
        company.set(create_to="NONE")
        alone = company.contact(firstname="Bea", email="bea@example.com")
        company.run()

        with pytest.raises(partners.NotPossible, match="no QuickBooks record here"):
            partners.relink(pair=company.pair(left=alone), side=Side.LEFT, external_id="4711", now=company.clock.now())
