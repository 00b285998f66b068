"""Two syncs of one account, each keeping in step what the other only looks at: a contact's invoices, an invoice's contact."""

from __future__ import annotations

import dataclasses

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, FilterOperator, ObjectPair, PairState, Side
from syncapp.services import configs, defaults, object_pairs, recommended
from tests.runs.company import Company
from tests.runs.test_what_filters_look_at import invoice_of, let_in, one_way


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another pair of objects: invoices that are looked at from both sides."""
    number = recommended.RecommendedMapping(left="hs_title", right="DocNumber", direction=Direction.TO_LEFT)
    entry = dataclasses.replace(
        defaults.of(ObjectPair.PRODUCT_ITEM), left_kind="invoices", right_kind="invoice", match_keys=(), name_field="", full_name_field="",
        needs_one_of=(), new_values=(), mappings=(number,),
    )
    monkeypatch.setitem(object_pairs.OBJECTS, ObjectPair.PRODUCT_ITEM, entry)


@pytest.fixture
def both(company: Company, documents: None) -> tuple[models.SyncConfig, models.SyncConfig]:
    """A sync of contacts that have an open invoice, and one of invoices whose contact is a lead."""
    one_way(company, Direction.TO_RIGHT)
    let_in(company, Side.LEFT, "invoices.hs_title", FilterOperator.EQUALS, "Wanted")
    people = company.config
    papers = configs.create(
        name="Papers", left=people.left, right=people.right, object_pair=ObjectPair.PRODUCT_ITEM, direction=Direction.TO_LEFT,
        actor=company.alice, now=company.clock.now(),
    )
    field = models.VendorField.objects.get(connection=people.left, kind="invoices", name="contacts.lifecyclestage")
    group = models.FilterGroup.objects.create(config=papers, side=Side.LEFT, name="Of leads")
    models.FilterRule.objects.create(group=group, field=field, operator=FilterOperator.ANY_OF, values=["lead"])
    return people, papers


def run(company: Company, config: models.SyncConfig) -> None:
    company.config = config
    company.clock.pass_seconds(400)
    company.run()


class TestAChange:
    def test_that_one_sync_reads_is_looked_at_by_the_other(
        self, company: Company, both: tuple[models.SyncConfig, models.SyncConfig]
    ) -> None:
        people, papers = both
        contact = company.contact(firstname="Ann", email="ann@example.com", lifecyclestage="customer")
        invoice = invoice_of(company, contact, hs_title="Unwanted")
        for config in both:
            run(company, config)
        of_papers = models.RecordPair.objects.filter(config=papers, left__external_id=invoice)
        rests = of_papers.get().dirty

        company.hubspot.change("contacts", contact, lifecyclestage="lead")
        run(company, people)
        told = of_papers.get().dirty
        company.hubspot.change("invoices", invoice, hs_title="Wanted")
        run(company, papers)
        company.config = people

        assert (rests, told) == (False, True)
        assert company.pair(left=contact).dirty
        run(company, people)
        assert company.pair(left=contact).state == PairState.LINKED

    def test_new_invoice_read_for_its_contact_gets_a_pair_of_its_own(
        self, company: Company, both: tuple[models.SyncConfig, models.SyncConfig]
    ) -> None:
        people, papers = both
        contact = company.contact(firstname="Ann", email="ann@example.com", lifecyclestage="customer")
        for config in both:
            run(company, config)

        invoice = invoice_of(company, contact)
        run(company, people)

        assert models.RecordPair.objects.filter(config=papers, left__external_id=invoice).exists()


class TestReading:
    def test_is_not_begun_anew_by_the_other_sync(self, company: Company, both: tuple[models.SyncConfig, models.SyncConfig]) -> None:
        invoice_of(company, company.contact(firstname="Ann", email="ann@example.com"))
        for config in (*both, *both):
            run(company, config)
        listed = dict(models.SyncCursor.objects.filter(stream="listing").values_list("kind", "completed_at"))

        for config in (*both, *both):
            run(company, config)

        assert set(listed) >= {"contacts", "invoices", "customer", "invoice"}
        assert dict(models.SyncCursor.objects.filter(stream="listing").values_list("kind", "completed_at")) == listed

    def test_goes_no_further_than_what_is_looked_at(self, company: Company, both: tuple[models.SyncConfig, models.SyncConfig]) -> None:
        for config in both:
            run(company, config)

        read = set(models.SyncCursor.objects.values_list("kind", flat=True))

        assert read == {"contacts", "companies", "invoices", "customer", "invoice"}
