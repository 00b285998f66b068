"""Values take the steps of their mapping on the way, and come to rest on the other side."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, RunState, Side, TransformKind
from tests.runs.company import Company


def step(company: Company, right: str, kind: TransformKind, setting: str = "", side: Side = Side.RIGHT) -> models.FieldMapping:
    """Give the mapping of a QuickBooks field a step, as its page would."""
    mapping = models.FieldMapping.objects.get(config=company.config, right_field__name=right, fallback=False)
    models.Transform.objects.create(mapping=mapping, side=side, kind=kind, setting=setting, position=mapping.transforms.count())
    company.set()
    return mapping


def rests(company: Company) -> bool:
    """Whether a run after a run writes nothing."""
    before = company.hubspot.written(), company.quickbooks.written()
    run = company.run()
    return run.state == RunState.SUCCEEDED and (company.hubspot.written(), company.quickbooks.written()) == before


class TestPhone:
    @pytest.fixture
    def linked(self, company: Company) -> tuple[str, str]:
        """A contact whose phone number reached QuickBooks in its international form."""
        step(company, "PrimaryPhone.FreeFormNumber", TransformKind.PHONE_E164, "US")
        contact = company.contact(firstname="Ann", email="ann@example.com", phone="(512) 555-0100")
        company.run()
        (customer,) = company.customers()
        return contact, customer

    def test_reaches_quickbooks_in_its_international_form(self, company: Company, linked: tuple[str, str]) -> None:
        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550100"}
        assert company.contacts()[linked[0]]["phone"] == "(512) 555-0100"

    def test_a_second_run_writes_nothing(self, company: Company, linked: tuple[str, str]) -> None:
        assert rests(company)
        assert rests(company)

    def test_an_edit_takes_the_steps_too_and_rests(self, company: Company, linked: tuple[str, str]) -> None:
        company.hubspot.change("contacts", linked[0], phone="512.555.0177")

        company.run()

        assert company.customers()[linked[1]]["PrimaryPhone"] == {"FreeFormNumber": "+15125550177"}
        assert rests(company)

    def test_an_edit_on_the_other_side_comes_back_as_it_was_typed_and_rests(self, company: Company, linked: tuple[str, str]) -> None:
        company.quickbooks.change("Customer", linked[1], PrimaryPhone={"FreeFormNumber": "(512) 555-0188"})

        company.run()

        assert company.contacts()[linked[0]]["phone"] == "(512) 555-0188"
        assert rests(company)


class TestTemplate:
    def test_follows_fields_that_nothing_else_reads(self, company: Company) -> None:
        models.FieldMapping.objects.filter(config=company.config, right_field__name="CompanyName").update(direction=Direction.TO_RIGHT)
        step(company, "CompanyName", TransformKind.TEMPLATE, "{jobtitle} of {companies.name}")
        firm = company.hubspot.create("companies", name="Archer Ltd")
        contact = company.contact(firstname="Ann", email="ann@example.com", jobtitle="Head")
        company.hubspot.change("contacts", contact, associatedcompanyid=firm)
        company.run()
        (before,) = [customer["CompanyName"] for customer in company.customers().values()]

        company.hubspot.change("contacts", contact, jobtitle="Owner")
        company.run()

        (after,) = [customer["CompanyName"] for customer in company.customers().values()]
        assert (before, after) == ("Head of Archer Ltd", "Owner of Archer Ltd")
        assert rests(company)


class TestTruncate:
    def test_tells_in_the_journal_that_a_value_was_shortened(self, company: Company) -> None:
        step(company, "GivenName", TransformKind.TRUNCATE)
        company.contact(firstname="A" * 120, email="ann@example.com")

        company.run()

        (customer,) = company.customers().values()
        operation = models.Operation.objects.get(kind="CREATE")
        assert customer["GivenName"] == "A" * 100
        assert operation.whys["GivenName"] == "New in QuickBooks. It was shortened from 120 to 100 characters."
        assert rests(company)


class TestDefaultAndCountry:
    def test_fill_in_and_translate_there_and_back(self, company: Company) -> None:
        step(company, "BillAddr.Country", TransformKind.COUNTRY_ISO, "code")
        step(company, "BillAddr.Country", TransformKind.DEFAULT, "US")
        step(company, "BillAddr.Country", TransformKind.COUNTRY_ISO, "name", Side.LEFT)
        company.contact(firstname="Ann", email="ann@example.com", country="Deutschland")
        company.contact(firstname="Bea", email="bea@example.com")
        company.customer(DisplayName="Cid", GivenName="Cid", email="cid@example.com", BillAddr={"Country": "FR"})

        company.run()

        found = {customer["GivenName"]: customer["BillAddr"]["Country"] for customer in company.customers().values()}
        assert found == {"Ann": "DEU", "Bea": "USA", "Cid": "FRA"}  # QuickBooks keeps the codes of three letters
        assert {contact["firstname"]: contact.get("country") for contact in company.contacts().values()} == {
            "Ann": "Deutschland", "Bea": None, "Cid": "France",
        }
        assert rests(company)
