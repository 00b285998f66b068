"""Trying filters: what is counted, what is shown, the bounds, and what cannot be tried."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp import models
from syncapp.engine.vocabulary import FilterOperator, RecordState, Side
from syncapp.services import filter_trials
from tests.services import made

pytestmark = pytest.mark.django_db


@pytest.fixture
def sides() -> made.TwoSides:
    return made.TwoSides()


def customers(sides: made.TwoSides, number: int, **facts: Any) -> list[models.Record]:
    """Customers that owe 1, 2, 3 ..."""
    given = {"connection": sides.right, "kind": "customer", "observed_at": made.NOW, **facts}
    return models.Record.objects.bulk_create(
        models.Record(external_id=str(at), label=f"Customer {at}", values={"Balance": str(at)}, **given) for at in range(1, number + 1)
    )


def tried(sides: made.TwoSides, *rules: tuple[str, FilterOperator, list[str]], most: int = filter_trials.MOST) -> filter_trials.Outcome:
    group = models.FilterGroup(config=sides.config, side=Side.RIGHT, name="Owes money")
    conditions = [
        models.FilterRule(group=group, field=sides.right_fields[name], operator=operator, values=values) for name, operator, values in rules
    ]
    return filter_trials.tried(config=sides.config, groups=[(group, conditions)], now=made.NOW, most=most)


class TestTrying:
    def test_counts_and_shows_examples_with_the_reason(self, sides: made.TwoSides) -> None:
        customers(sides, 25)

        _, right = tried(sides, ("Balance", FilterOperator.GREATER, ["13"])).sides

        assert (right.title, right.let_in, right.left_out, right.unread, right.capped) == ("QuickBooks customers", 12, 13, 0, False)
        assert [one.record.label for one in right.examples_in][:2] == ["Customer 25", "Customer 24"]
        assert len(right.examples_in) == len(right.examples_out) == filter_trials.SHOWN
        assert right.examples_out[0].reasons == ["Owes money: Balance is greater than 13 — it is 13"]

    def test_saves_nothing(self, sides: made.TwoSides) -> None:
        customers(sides, 1)

        tried(sides, ("Balance", FilterOperator.GREATER, ["13"]))

        assert not models.FilterGroup.objects.exists()
        assert sides.config.revision == models.SyncConfig.objects.get().revision

    def test_takes_the_saved_filters_where_none_are_given(self, sides: made.TwoSides) -> None:
        customers(sides, 3)
        group = models.FilterGroup.objects.create(config=sides.config, side=Side.RIGHT)
        models.FilterRule.objects.create(group=group, field=sides.right_fields["Balance"], operator=FilterOperator.LESS, values=["2"])

        _, right = filter_trials.tried(config=sides.config, groups=None, now=made.NOW).sides

        assert (right.let_in, right.left_out) == (1, 2)

    def test_without_groups_lets_everything_in_that_lives(self, sides: made.TwoSides) -> None:
        customers(sides, 2)
        models.Record.objects.filter(external_id="2").update(state=RecordState.GONE)

        _, right = filter_trials.tried(config=sides.config, groups=[], now=made.NOW).sides

        assert (right.let_in, right.left_out) == (1, 0)

    def test_says_how_many_were_looked_at_where_there_are_more(self, sides: made.TwoSides) -> None:
        customers(sides, 7)

        _, right = tried(sides, ("Balance", FilterOperator.GREATER, ["0"]), most=5).sides

        assert (right.let_in, right.looked_at, right.total, right.capped) == (5, 5, 7, True)
        assert right.examples_in[0].record.external_id == "7"

    def test_costs_the_same_queries_for_many_as_for_few(self, sides: made.TwoSides, django_assert_max_num_queries: Any) -> None:
        customers(sides, 300)

        with django_assert_max_num_queries(25):
            tried(sides, ("Balance", FilterOperator.GREATER, ["100"]))

    def test_leaves_a_record_aside_whose_field_was_not_read(self, sides: made.TwoSides) -> None:
        customers(sides, 2)
        models.Record.objects.filter(external_id="1").update(values={})

        _, right = tried(sides, ("Balance", FilterOperator.GREATER, ["0"])).sides

        assert (right.let_in, right.left_out, right.unread, right.judged) == (1, 0, 1, True)


class TestRefusing:
    def test_says_what_saving_would_say(self, sides: made.TwoSides) -> None:
        outcome = tried(sides, ("Balance", FilterOperator.GREATER, ["a lot"]))

        assert [(one.rule, one.words) for one in outcome.problems] == [
            ((0, 0), 'The filter on "Balance" needs number values, "a lot" is none.')
        ]
        assert outcome.sides == ()

    def test_is_about_filters_only(self, sides: made.TwoSides) -> None:
        """No field is mapped yet, which saving would refuse."""
        customers(sides, 1)

        assert tried(sides, ("Balance", FilterOperator.GREATER, ["0"])).problems == ()
