"""A value typed on the page of a pair reaches both records through the next run, or nothing happens and it says so."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, ConflictStatus, Direction, OperationStatus, PairState, Side
from syncapp.services import editing
from tests.runs.company import Company


def _key(company: Company, left_name: str) -> str:
    return company.config.mappings.get(left_field__name=left_name, fallback=False).key


def _edit(company: Company, contact: str, field: str, text: str) -> models.Conflict:
    return editing.edit(
        pair=company.pair(left=contact), key=_key(company, field), text=text, actor=company.alice, now=company.clock.now()
    )


@pytest.fixture
def linked(company: Company) -> tuple[str, str]:
    """A contact and its customer, in sync."""
    contact = company.contact(firstname="Ann", lastname="Archer", email="ann@example.com", phone="+15125550100")
    company.run()
    pair = company.pair(left=contact)
    assert pair.right is not None
    return contact, pair.right.external_id


class TestEdit:
    def test_reaches_both_records_by_journalled_writes(self, company: Company, linked: tuple[str, str]) -> None:
        _edit(company, linked[0], "firstname", "Annie")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Annie"
        pair = company.pair(left=linked[0])
        assert pair.state == PairState.LINKED
        written = models.Operation.objects.filter(pair=pair, status=OperationStatus.DONE, kind="UPDATE").order_by("pk")
        assert [(one.side, one.changes[name]) for one in written for name in one.changes] == [
            (Side.LEFT, ["Ann", "Annie"]), (Side.RIGHT, ["Ann", "Annie"]), (Side.RIGHT, ["Ann Archer", "Annie Archer"]),
        ]
        decided = models.Conflict.objects.get(pair=pair)
        assert (decided.status, decided.applied, decided.decided_by) == (ConflictStatus.BY_PERSON, True, company.alice)

    def test_is_settled_afterwards(self, company: Company, linked: tuple[str, str]) -> None:
        _edit(company, linked[0], "firstname", "Annie")
        company.run()
        before = company.hubspot.written() + company.quickbooks.written()

        company.run()

        assert company.hubspot.written() + company.quickbooks.written() == before

    def test_writes_nothing_before_a_run(self, company: Company, linked: tuple[str, str]) -> None:
        before = company.hubspot.written() + company.quickbooks.written()

        _edit(company, linked[0], "firstname", "Annie")

        assert company.hubspot.written() + company.quickbooks.written() == before
        assert company.contacts()[linked[0]]["firstname"] == "Ann"

    def test_the_latest_of_two_counts(self, company: Company, linked: tuple[str, str]) -> None:
        _edit(company, linked[0], "firstname", "Annie")
        _edit(company, linked[0], "firstname", "Anna")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Anna"

    def test_gives_way_to_a_change_made_meanwhile_and_says_so(self, company: Company, linked: tuple[str, str]) -> None:
        _edit(company, linked[0], "firstname", "Annie")
        company.hubspot.change("contacts", linked[0], firstname="Antonia")

        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Antonia"
        told = models.Conflict.objects.get(pair=company.pair(left=linked[0]), chosen="Annie")
        assert told.status == ConflictStatus.OUTDATED
        assert "changed again" in told.why

    def test_mends_a_value_that_the_other_side_refuses(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], firstname="x" * 120)
        company.run()
        assert company.pair(left=linked[0]).state == PairState.FAILED

        _edit(company, linked[0], "firstname", "Xena")
        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Xena"
        assert company.pair(left=linked[0]).state == PairState.LINKED

    def test_waits_while_the_pair_fails_for_another_field(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], lastname="y" * 120)
        company.run()
        _edit(company, linked[0], "firstname", "Annie")
        company.run()
        assert company.customers()[linked[1]]["GivenName"] == "Ann"

        company.hubspot.change("contacts", linked[0], lastname="Archer")
        company.run()

        assert company.contacts()[linked[0]]["firstname"] == company.customers()[linked[1]]["GivenName"] == "Annie"


class TestRefusals:
    @pytest.mark.parametrize(
        ("field", "text", "words"),
        [
            ("firstname", "  ", "Type a value"),
            ("firstname", "z" * 101, "QuickBooks would refuse this value for “First name”. .* It takes 100 characters"),
            ("email", "not an address", "would refuse this value"),
            ("firstname", "Ann", "Nothing would change"),
        ],
    )
    def test_are_said_before_anything_is_kept(
        self, company: Company, linked: tuple[str, str], field: str, text: str, words: str
    ) -> None:
        with pytest.raises(editing.EditRefused, match=words):
            _edit(company, linked[0], field, text)

        assert not models.Conflict.objects.exists()

    def test_a_side_that_the_sync_does_not_write(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(direction=Direction.TO_RIGHT)

        with pytest.raises(editing.EditRefused, match=r"does not write “First Name” in HubSpot. Change the value in HubSpot itself"):
            _edit(company, linked[0], "firstname", "Annie")

    def test_a_field_in_conflict(self, company: Company, linked: tuple[str, str]) -> None:
        company.set(conflict_winner=ConflictRule.ASK)
        company.hubspot.change("contacts", linked[0], firstname="Anne")
        company.quickbooks.change("Customer", linked[1], GivenName="Anna")
        company.run()

        with pytest.raises(editing.EditRefused, match="Decide that first"):
            _edit(company, linked[0], "firstname", "Annie")

    def test_an_excluded_pair(self, company: Company, linked: tuple[str, str]) -> None:
        models.RecordPair.objects.update(excluded_by_hand=True)

        with pytest.raises(editing.EditRefused, match="Include or link them first"):
            _edit(company, linked[0], "firstname", "Annie")

    def test_a_record_without_a_partner(self, company: Company) -> None:
        company.set(create_to="NONE")
        contact = company.contact(firstname="Bea", email="bea@example.com")
        company.run()

        with pytest.raises(editing.EditRefused, match="only one record"):
            _edit(company, contact, "firstname", "Beate")
