"""A fallback never renames what was not named by it, and a person's own value reaches both sides."""

from __future__ import annotations

from syncapp.engine import plans
from syncapp.engine.vocabulary import ConflictRule, Direction, Side
from tests.engine.examples import CITY, contact, customer, facts, field, mapping, merged, sync, written

NAME = mapping("name", direction=Direction.TO_RIGHT, fallbacks=(field("full_name", writable=False),))


class TestAFallback:
    def test_gives_way_to_a_name_that_it_did_not_give(self) -> None:
        rules = sync(NAME)
        first = merged(rules, contact(name=None, full_name="Imani Cole"), customer(NAME="Crescent Dental"))

        later = merged(
            rules,
            contact(name=None, full_name="Imani Coleman"),
            customer(NAME="Crescent Dental"),
            facts(first.base_left, first.base_right),
        )

        assert (first.writes, later.writes) == ({}, {})

    def test_follows_where_it_gave_the_name(self) -> None:
        known = facts({"name": "Imani Cole"}, {"name": "Imani Cole"})

        result = merged(sync(NAME), contact(name=None, full_name="Imani Coleman"), customer(NAME="Imani Cole"), known)

        assert written(result, Side.RIGHT) == {"NAME": "Imani Coleman"}

    def test_does_not_keep_the_real_name_from_flowing(self) -> None:
        known = facts({"name": "Imani Cole"}, {"name": "Crescent Dental"})

        result = merged(sync(NAME), contact(name="Crescent Dental Group", full_name="Imani Cole"), customer(NAME="Crescent Dental"), known)

        assert written(result, Side.RIGHT) == {"NAME": "Crescent Dental Group"}


class TestAThirdValue:
    RULES = sync(CITY, conflict_winner=ConflictRule.ASK)
    CHOSEN = (plans.Decision(key="city", value="Paris", seen=("Rome", "Oslo")),)

    def test_reaches_one_side_and_then_the_other(self) -> None:
        first = merged(
            self.RULES, contact(city="Rome"), customer(CITY="Oslo"), facts({"city": "Bath"}, {"city": "Bath"}, decisions=self.CHOSEN)
        )
        second = merged(
            self.RULES, contact(city="Paris"), customer(CITY="Oslo"), facts({"city": "Paris"}, {"city": "Oslo"}, decisions=self.CHOSEN)
        )

        assert written(first, Side.LEFT) == {"city": "Paris"}
        assert written(second, Side.RIGHT) == {"CITY": "Paris"}

    def test_does_not_replace_an_edit_made_after_the_choice(self) -> None:
        known = facts({"city": "Paris"}, {"city": "Oslo"}, decisions=self.CHOSEN)

        result = merged(self.RULES, contact(city="Paris"), customer(CITY="York"), known)

        assert result.writes.get(Side.RIGHT) is None
