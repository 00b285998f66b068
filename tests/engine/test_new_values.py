"""What the sync's settings give to every new record, and amounts that are never converted."""

from __future__ import annotations

from syncapp.engine import names, planning, plans, rules, schema
from syncapp.engine.vocabulary import Direction, FieldType, OperationKind, PairState, Reason, Side
from tests.engine.examples import CITY, NOW, contact, facts, field, mapping, sync

COST = mapping("cost", field("cost", FieldType.NUMBER), field("COST", FieldType.NUMBER))


def income(value: str) -> rules.Given:
    return rules.Given(side=Side.RIGHT, field="Income", label="income account", value=value)


def expense(value: str) -> rules.Given:
    return rules.Given(side=Side.RIGHT, field="Expense", label="expense account", value=value, needed_for="COST")


def planned(*given: rules.Given, **values: str) -> plans.PairPlan:
    return planning.plan_pair(rules=sync(CITY, COST, given=given), left=contact(**values), right=None, facts=facts(), now=NOW)


class TestANewRecord:
    def test_is_given_what_the_settings_say(self) -> None:
        plan = planned(income("1"), expense("6"), city="Gdynia")

        assert plan.action is not None and plan.action.kind is OperationKind.CREATE
        assert [(change.field, change.after, change.key) for change in plan.action.changes] == [
            ("CITY", "Gdynia", "city"), ("Income", "1", ""), ("Expense", "6", ""),
        ]

    def test_says_what_it_was_given_in_words(self) -> None:
        given = rules.Given(side=Side.RIGHT, field="Income", label="income account", value="1", words="Sales (Income)")

        plan = planned(given, city="Gdynia")

        assert plan.action is not None
        assert plan.action.changes[-1].why == "The settings of the sync say so: Sales (Income)."

    def test_is_not_made_without_what_it_needs(self) -> None:
        plan = planned(income(""), city="Gdynia")

        assert (plan.state, plan.reason, plan.action) == (PairState.FAILED, Reason.ACCOUNT_MISSING, None)
        assert plan.detail["sentence"] == "Choose the income account for new QuickBooks records in the settings of the sync."

    def test_needs_what_a_value_of_its_own_asks_for_only_with_that_value(self) -> None:
        without, with_cost = planned(expense(""), city="Gdynia"), planned(expense(""), city="Gdynia", cost="3")

        assert without.action is not None
        assert (with_cost.action, with_cost.reason) == (None, Reason.ACCOUNT_MISSING)

    def test_of_the_other_side_is_given_nothing(self) -> None:
        given = rules.Given(side=Side.LEFT, field="Income", label="income account")

        plan = planned(given, city="Gdynia")

        assert plan.action is not None
        assert [change.field for change in plan.action.changes] == ["CITY"]


class TestMoney:
    def test_of_two_currencies_is_not_mapped(self) -> None:
        euros, dollars = field("price", FieldType.NUMBER, currency="EUR"), field("PRICE", FieldType.NUMBER, currency="USD")

        (problem,) = schema.mapping_problems(left=euros, right=dollars, direction=Direction.TO_LEFT)

        assert "is in USD" in problem and "in EUR" in problem and "not converted" in problem

    def test_of_one_currency_is(self) -> None:
        ends = field("price", FieldType.NUMBER, currency="EUR"), field("PRICE", FieldType.NUMBER, currency="EUR")

        assert schema.mapping_problems(left=ends[0], right=ends[1], direction=Direction.BOTH) == ()


class TestASuffix:
    def test_keeps_within_the_length_of_the_field(self) -> None:
        name = names.free_name(name="N" * 100, pattern=" ({n})", taken=["N" * 100], longest=100)

        assert (len(name), name[-4:]) == (100, " (2)")
