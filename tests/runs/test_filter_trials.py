"""Filters tried before they count: on what was read, as the next run would judge it, and never by a guess."""

from __future__ import annotations

import pytest

from syncapp import models
from syncapp.engine.vocabulary import Direction, FilterOperator, PairState, RunKind, Side
from syncapp.services import filter_trials
from tests.runs.company import Company
from tests.runs.test_what_filters_look_at import invoice_of, lead_once, let_in, one_way

pytestmark = pytest.mark.usefixtures("unmetered")


def tried(company: Company, name: str, operator: FilterOperator, *values: str) -> filter_trials.SideTrial:
    """What one unsaved condition on HubSpot contacts does."""
    field = models.VendorField.objects.get(connection=company.config.left, kind="contacts", name=name)
    group = models.FilterGroup(config=company.config, side=Side.LEFT, name="Some")
    rule = models.FilterRule(group=group, field=field, operator=operator, values=list(values))
    outcome = filter_trials.tried(config=company.config, groups=[(group, [rule])], now=company.clock.now())
    assert outcome.problems == ()
    return outcome.sides[0]


def counted(side: filter_trials.SideTrial) -> tuple[int, int, int]:
    assert not side.obstacles
    return side.let_in, side.left_out, side.unread


class TestWhatWasRead:
    def test_is_judged_as_the_run_judges_it(self, company: Company) -> None:
        billed, other = (company.contact(firstname=name, email=f"{name}@example.com") for name in ("ann", "bo"))
        invoice_of(company, billed, hs_title="Sent")
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "invoices.hs_title", FilterOperator.EQUALS, "Sent")
        company.run()

        side = tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent")

        assert counted(side) == (1, 1, 0)
        assert [(one.record.external_id, one.pair_id) for one in side.examples_in] == [(billed, company.pair(left=billed).pk)]
        (out,) = side.examples_out
        assert company.pair(left=other).state == PairState.FROZEN
        assert out.record.external_id == other
        assert [words.startswith("Some: ") and words.endswith("this contact has no invoice") for words in out.reasons] == [True]

    def test_includes_what_a_field_has_ever_been(self, company: Company) -> None:
        lead_once(company)
        company.contact(firstname="Bo", email="bo@example.com", lifecyclestage="customer")
        one_way(company, Direction.TO_RIGHT)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")
        company.run()

        assert counted(tried(company, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")) == (1, 1, 0)

    def test_is_no_ground_where_nothing_flows(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        one_way(company, Direction.TO_LEFT)
        company.run()

        assert tried(company, "firstname", FilterOperator.EQUALS, "Ann").obstacles == [
            "Nothing flows from HubSpot in this sync, so these filters are not asked."
        ]


class TestWhatWasNotReadYet:
    def test_is_said_of_everything_before_the_first_run(self, company: Company) -> None:
        (obstacle,) = tried(company, "firstname", FilterOperator.EQUALS, "Ann").obstacles

        assert obstacle.startswith("No HubSpot contacts have been read yet. Save the page and press Preview now")

    def test_is_said_of_a_field_and_counted_after_a_preview(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com", lifecyclestage="lead")
        company.run()
        before = tried(company, "lifecyclestage", FilterOperator.ANY_OF, "lead")

        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.ANY_OF, "lead")
        company.run(RunKind.PREVIEW)

        assert (counted(before), before.judged) == ((0, 0, 1), False)
        assert counted(tried(company, "lifecyclestage", FilterOperator.ANY_OF, "lead")) == (1, 0, 0)

    def test_is_said_of_associations_and_counted_after_a_preview(self, company: Company) -> None:
        company.contact(firstname="Ann", email="ann@example.com")
        company.run()
        (obstacle,) = tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent").obstacles

        let_in(company, Side.LEFT, "invoices.hs_title", FilterOperator.EQUALS, "Sent")
        (still,) = tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent").obstacles
        company.run(RunKind.PREVIEW)

        assert obstacle.startswith("The invoices of these records are read at the next run or preview.")
        assert still == obstacle
        assert counted(tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent")) == (0, 1, 0)

    def test_is_said_of_associations_that_no_sync_keeps_up_any_more(self, company: Company) -> None:
        billed = company.contact(firstname="Ann", email="ann@example.com")
        invoice_of(company, billed, hs_title="Sent")
        let_in(company, Side.LEFT, "invoices.hs_title", FilterOperator.EQUALS, "Sent")
        company.run()
        kept_up = counted(tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent"))

        company.config.filter_groups.all().delete()
        company.set()

        assert kept_up == (1, 0, 0)
        assert tried(company, "invoices.hs_title", FilterOperator.EQUALS, "Sent").obstacles

    def test_is_said_of_earlier_values_and_counted_after_a_preview(self, company: Company) -> None:
        lead_once(company)
        let_in(company, Side.LEFT, "lifecyclestage", FilterOperator.ANY_OF, "customer")
        company.run()
        (obstacle,) = tried(company, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead").obstacles

        models.FilterRule.objects.update(operator=FilterOperator.EVER_ANY_OF, values=["lead"])
        company.set()
        company.run(RunKind.PREVIEW)

        assert "held before is read at the next run or preview." in obstacle
        assert counted(tried(company, "lifecyclestage", FilterOperator.EVER_ANY_OF, "lead")) == (1, 0, 0)
