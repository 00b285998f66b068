"""Pairs that need no judgment since they hold what they held: only where the planner would say just that."""

from __future__ import annotations

from itertools import product

import pytest

from syncapp.engine import planning, plans, records, resting, rules, transforms
from syncapp.engine.vocabulary import FilterOperator, PairState, Side, TransformKind
from tests.engine import examples

NAME = examples.mapping("name")
WITH_NICK = examples.mapping("name", fallbacks=(examples.field("nick"), examples.field("companies.name")))
FILLED = examples.mapping("name", transforms=(transforms.Transform(side=Side.RIGHT, kind=TransformKind.DEFAULT, setting="Nobody"),))
TRIMMED = examples.mapping("name", transforms=(transforms.Transform(side=Side.RIGHT, kind=TransformKind.TRIM),))
COMPOSED = examples.mapping("name", transforms=(transforms.Transform(side=Side.RIGHT, kind=TransformKind.TEMPLATE, setting="{nick}"),))
VALUES: tuple[records.Value, ...] = (None, " ", "Ann", "Bob", ("Ann", "Bob"))
KNOWN: tuple[plans.Baseline, ...] = ({}, *({"name": value} for value in VALUES))


def _rests(mapping: rules.Mapping, left: records.Subject, right: records.Subject, known: plans.PairFacts) -> bool:
    watched = resting.watched(rules=examples.sync(mapping))
    assert watched is not None
    far = {f"{kind}.{name}": value for kind, found in left.related.items() for name, value in found[0].items()}
    return resting.holds(
        watched=watched, left={**left.record.values, **far}, right=right.record.values, base_left=known.base_left,
        base_right=known.base_right,
    )


def _stays(mapping: rules.Mapping, left: records.Subject, right: records.Subject, known: plans.PairFacts) -> bool:
    """Whether the planner leaves the pair as it is."""
    plan = planning.plan_pair(rules=examples.sync(mapping), left=left, right=right, facts=known, now=examples.NOW)
    return plan == plans.PairPlan(state=PairState.LINKED, base_left=known.base_left, base_right=known.base_right)


class TestAPairThatRests:
    @pytest.mark.parametrize("mapping", [NAME, WITH_NICK, FILLED, TRIMMED], ids=["plain", "fallbacks", "filled", "trimmed"])
    def test_is_one_that_the_planner_leaves_as_it_is_whatever_it_holds(self, mapping: rules.Mapping) -> None:
        cases = [
            (examples.contact(name=own, nick=nick, related={"companies": ({"name": company},)}), examples.customer(NAME=right),
             examples.facts(base_left, base_right))
            for own, nick, company, right, base_left, base_right in product(VALUES[:4], VALUES[:3], VALUES[:3], VALUES, KNOWN, KNOWN)
        ]

        taken = [case for case in cases if _rests(mapping, *case)]

        assert taken
        assert all(_stays(mapping, *case) for case in taken)

    def test_has_every_value_that_was_agreed(self) -> None:
        assert _rests(NAME, examples.contact(name="Ann"), examples.customer(NAME="Anna"), examples.agreed("name", "Ann", "Anna"))

    def test_has_no_value_that_was_never_agreed(self) -> None:
        assert not _rests(NAME, examples.contact(), examples.customer(), examples.facts())

    def test_takes_another_field_for_an_empty_one(self) -> None:
        known = examples.agreed("name", "Ann Ltd", "Ann Ltd")

        assert _rests(WITH_NICK, examples.contact(related={"companies": ({"name": "Ann Ltd"},)}), examples.customer(NAME="Ann Ltd"), known)


class TestValuesTellNothingByThemselves:
    @pytest.mark.parametrize(
        "sync",
        [
            examples.sync(COMPOSED),
            examples.sync(NAME, left_filters=(examples.group(examples.condition(examples.field("city"), FilterOperator.IS_KNOWN)),)),
            examples.sync(NAME, right_filters=(examples.group(examples.condition(examples.field("CITY"), FilterOperator.IS_KNOWN)),)),
            examples.sync(NAME, ownership=rules.Ownership(field="source", of_right="QUICKBOOKS")),
        ],
        ids=["template", "left filter", "right filter", "owner"],
    )
    def test_where_something_else_counts_too(self, sync: rules.SyncRules) -> None:
        assert resting.watched(rules=sync) is None
