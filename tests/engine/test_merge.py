"""Each field is merged by itself: against its own side's half of the baseline, within its direction, by its conflict rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncapp.engine import plans, records
from syncapp.engine.vocabulary import ConflictRule, Direction, FieldType, Reason, Side
from tests.engine.examples import CITY, NOW, agreed, contact, customer, facts, field, mapping, merged, sync, written

ONE_WAY = mapping("city", direction=Direction.TO_RIGHT)
CLEARS = mapping("city", clears=True)
LATER = NOW + timedelta(minutes=5)


def ends(left: records.Value, right: records.Value) -> tuple[records.Subject, records.Subject]:
    return contact(city=left), customer(CITY=right)


class TestEqualValues:
    def test_are_agreed_even_if_both_moved(self) -> None:
        result = merged(sync(CITY), *ends("Rome", "Rome"), agreed("city", "Bath", "Bath"))

        assert (result.base_left, result.base_right, result.writes, result.conflicts) == ({"city": "Rome"}, {"city": "Rome"}, {}, [])

    def test_keep_each_sides_own_form_in_its_half(self) -> None:
        result = merged(sync(CITY), *ends("Rome ", "Rome"))

        assert (result.base_left, result.base_right) == ({"city": "Rome "}, {"city": "Rome"})

    def test_keep_the_other_fields_of_the_baseline(self) -> None:
        known = facts({"city": "Bath", "old": "x"}, {"city": "Bath", "old": "y"})

        result = merged(sync(CITY), *ends("Rome", "Rome"), known)

        assert (result.base_left, result.base_right) == ({"city": "Rome", "old": "x"}, {"city": "Rome", "old": "y"})


class TestNothingChanged:
    def test_makes_nothing_new(self) -> None:
        known = agreed("city", "Bath", "Bath")

        result = merged(sync(CITY), *ends("Bath", "Bath"), known)

        assert result.base_left is known.base_left
        assert (result.writes, result.conflicts, result.refused) == ({}, [], [])

    def test_leaves_values_apart_that_were_accepted_apart(self) -> None:
        """A side that rewrote what it was sent: both halves are known, so nobody changed anything."""
        assert merged(sync(CITY), *ends("Bath", "BATH"), agreed("city", "Bath", "BATH")).writes == {}


class TestOneSideChanged:
    def test_takes_the_side_that_changed(self) -> None:
        result = merged(sync(CITY), *ends("Rome", "Bath"), agreed("city", "Bath", "Bath"))

        assert written(result, Side.RIGHT) == {"CITY": "Rome"}
        assert result.writes[Side.RIGHT][0] == plans.Change(
            field="CITY", before="Bath", after="Rome", key="city", why="HubSpot changed it."
        )
        assert result.origin_values == {Side.RIGHT: {"city": "Rome"}}
        assert written(merged(sync(CITY), *ends("Bath", "Oslo"), agreed("city", "Bath", "Bath")), Side.LEFT) == {"city": "Oslo"}

    def test_keeps_the_baseline_until_the_write_is_done(self) -> None:
        result = merged(sync(CITY), *ends("Rome", "Bath"), agreed("city", "Bath", "Bath"))

        assert (result.base_left, result.base_right) == ({"city": "Bath"}, {"city": "Bath"})

    def test_compares_each_side_with_its_own_half(self) -> None:
        """QuickBooks holds another form since it was agreed: only HubSpot's edit is an edit."""
        result = merged(sync(CITY), *ends("Rome", "BATH"), agreed("city", "Bath", "BATH", flagged=frozenset({"city"})))

        assert written(result, Side.RIGHT) == {"CITY": "Rome"}
        assert result.conflicts == []

    def test_leaves_the_other_end_of_a_one_way_field_alone(self) -> None:
        known = agreed("city", "Bath", "Bath")

        result = merged(sync(ONE_WAY), *ends("Bath", "Oslo"), known)

        assert (result.writes, result.conflicts, result.base_right) == ({}, [], known.base_right)

    @pytest.mark.parametrize("direction", [Direction.TO_LEFT, Direction.TO_RIGHT])
    def test_obeys_the_direction_of_the_sync_too(self, direction: Direction) -> None:
        result = merged(sync(CITY, direction=direction), *ends("Rome", "Bath"), agreed("city", "Bath", "Bath"))

        assert bool(result.writes) is (direction is Direction.TO_RIGHT)

    @pytest.mark.parametrize("right", [field("CITY", writable=False), field("CITY", associated_kind="companies")])
    def test_never_writes_a_field_that_cannot_be_written(self, right: object) -> None:
        result = merged(sync(mapping("city", right=right)), *ends("Rome", "Bath"), agreed("city", "Bath", "Bath"))  # type: ignore[arg-type]

        assert result.writes == {}

    def test_does_not_send_what_is_there_already(self) -> None:
        """Rounded to what QuickBooks can hold, HubSpot's change is none."""
        size = mapping("size", field("size", FieldType.NUMBER), field("SIZE", FieldType.NUMBER, decimals=1), value_map=(("9", "1"),))

        result = merged(sync(size), contact(size="9"), customer(SIZE="1"), agreed("size", "8", "1"))

        assert (result.writes, result.base_left) == ({}, {"size": "9"})


class TestBothChanged:
    @pytest.mark.parametrize(("rule", "loser", "value"), [(ConflictRule.LEFT, Side.RIGHT, "Rome"), (ConflictRule.RIGHT, Side.LEFT, "Oslo")])
    def test_the_rule_says_who_wins(self, rule: ConflictRule, loser: Side, value: str) -> None:
        result = merged(sync(CITY, conflict_winner=rule), *ends("Rome", "Oslo"), agreed("city", "Bath", "Bath"))

        assert list(written(result, loser).values()) == [value]
        ((side, found),) = result.conflicts
        assert (side, found.winner) == (loser, loser.other)
        assert (found.base, found.left, found.right) == ("Bath", "Rome", "Oslo")
        assert found.why == f"Both changed it; {loser.other.label} wins."

    def test_the_fields_own_rule_comes_before_the_syncs(self) -> None:
        own = mapping("city", conflict=ConflictRule.LEFT)

        assert written(merged(sync(own), *ends("Rome", "Oslo"), agreed("city", "Bath", "Bath")), Side.RIGHT) == {"CITY": "Rome"}

    def test_the_newest_wins(self) -> None:
        rules = sync(CITY, conflict_winner=ConflictRule.NEWEST)
        known = agreed("city", "Bath", "Bath")

        newer_left = merged(rules, contact(city="Rome", updated_at=LATER), customer(CITY="Oslo"), known)
        newer_right = merged(rules, contact(city="Rome"), customer(CITY="Oslo", updated_at=LATER), known)

        assert written(newer_left, Side.RIGHT) == {"CITY": "Rome"}
        assert written(newer_right, Side.LEFT) == {"city": "Oslo"}
        assert newer_left.conflicts[0][1].left_changed_at == LATER
        assert newer_left.conflicts[0][1].why == "Both changed it; HubSpot wins, it has the newest change."

    def test_of_two_changes_of_one_moment_the_syncs_winner_is_taken(self) -> None:
        own = mapping("city", conflict=ConflictRule.NEWEST)

        result = merged(sync(own, conflict_winner=ConflictRule.LEFT), *ends("Rome", "Oslo"), agreed("city", "Bath", "Bath"))

        assert written(result, Side.RIGHT) == {"CITY": "Rome"}

    def test_a_person_is_asked_and_only_that_field_waits(self) -> None:
        asked, name = mapping("city", conflict=ConflictRule.ASK), mapping("name")

        result = merged(
            sync(asked, name),
            contact(city="Rome", name="Ann"),
            customer(CITY="Oslo", NAME="Bob"),
            facts({"city": "Bath", "name": "Bob"}, {"city": "Bath", "name": "Bob"}),
        )

        assert [found.key for found in result.asked] == ["city"]
        assert written(result, Side.RIGHT) == {"NAME": "Ann"}
        assert result.base_left["city"] == "Bath"

    def test_in_a_one_way_field_the_driving_side_wins_and_the_other_value_is_listed(self) -> None:
        result = merged(sync(ONE_WAY, conflict_winner=ConflictRule.RIGHT), *ends("Rome", "Oslo"), agreed("city", "Bath", "Bath"))

        assert written(result, Side.RIGHT) == {"CITY": "Rome"}
        assert (result.conflicts[0][1].winner, result.conflicts[0][1].right) == (Side.LEFT, "Oslo")

    def test_an_empty_winner_changes_nothing(self) -> None:
        rules = sync(CLEARS, conflict_winner=ConflictRule.LEFT)

        result = merged(rules, *ends(None, "Oslo"), agreed("city", "Bath", "Bath"))

        assert result.writes == {}
        assert (result.base_left, result.base_right) == ({"city": None}, {"city": "Oslo"})
        ((side, found),) = result.conflicts
        assert (side, found.winner, found.right) == (None, Side.LEFT, "Oslo")
        assert merged(rules, *ends(None, "Oslo"), facts(result.base_left, result.base_right)).conflicts == []


class TestNoBaseline:
    def test_a_blank_takes_the_others_value(self) -> None:
        assert written(merged(sync(CITY), *ends(None, "Oslo")), Side.LEFT) == {"city": "Oslo"}
        assert written(merged(sync(CLEARS), *ends("Rome", None)), Side.RIGHT) == {"CITY": "Rome"}

    @pytest.mark.parametrize("rule", [ConflictRule.LEFT, ConflictRule.RIGHT])
    def test_of_two_values_the_winners_is_taken_and_both_are_listed(self, rule: ConflictRule) -> None:
        result = merged(sync(CITY, conflict_winner=rule), *ends("Rome", "Oslo"))

        assert list(result.writes) == [Side.RIGHT if rule is ConflictRule.LEFT else Side.LEFT]
        ((_, found),) = result.conflicts
        assert (found.base, found.left, found.right) == (None, "Rome", "Oslo")

    def test_a_person_is_asked_again_until_the_answer(self) -> None:
        rules = sync(CITY, conflict_winner=ConflictRule.ASK)

        first = merged(rules, *ends("Rome", "Oslo"))
        second = merged(rules, *ends("Rome", "Oslo"), facts(first.base_left, first.base_right))

        assert (first.writes, len(first.asked), len(second.asked)) == ({}, 1, 1)

    def test_a_winner_that_must_not_be_written_leaves_both_and_is_listed_when_it_is_overwritten_later(self) -> None:
        rules = sync(ONE_WAY, conflict_winner=ConflictRule.RIGHT)

        result = merged(rules, *ends("Rome", "Oslo"))
        later = merged(rules, *ends("Bath", "Oslo"), facts(result.base_left, result.base_right))

        assert (result.writes, result.conflicts) == ({}, [])
        assert written(later, Side.RIGHT) == {"CITY": "Bath"}
        assert (later.conflicts[0][1].right, later.conflicts[0][1].winner) == ("Oslo", Side.LEFT)

    def test_a_value_that_does_not_flow_is_listed_when_it_is_overwritten(self) -> None:
        rules = sync(ONE_WAY)

        first = merged(rules, *ends(None, "Oslo"))
        later = merged(rules, *ends("Rome", "Oslo"), facts(first.base_left, first.base_right))

        assert first.writes == {}
        assert written(later, Side.RIGHT) == {"CITY": "Rome"}
        assert later.conflicts[0][1].right == "Oslo"

    def test_of_one_half_alone_counts_as_none(self) -> None:
        result = merged(sync(CITY), *ends("Rome", "Oslo"), facts({"city": "Rome"}, {}))

        assert written(result, Side.LEFT) == {"city": "Oslo"}


class TestBlanks:
    def test_never_overwrite_a_value_and_are_filled_again(self) -> None:
        result = merged(sync(CITY), *ends(None, "Bath"), agreed("city", "Bath", "Bath"))

        assert written(result, Side.LEFT) == {"city": "Bath"}
        assert result.writes[Side.LEFT][0].why == "It was empty in HubSpot."
        assert Side.RIGHT not in result.writes

    def test_do_not_beat_an_edit_whoever_wins_conflicts(self) -> None:
        for rule in (ConflictRule.LEFT, ConflictRule.ASK):
            result = merged(sync(CITY, conflict_winner=rule), *ends(None, "Oslo"), agreed("city", "Bath", "Bath"))

            assert (written(result, Side.LEFT), result.conflicts) == ({"city": "Oslo"}, [])

    def test_are_a_change_where_the_field_clears(self) -> None:
        assert written(merged(sync(CLEARS), *ends(None, "Bath"), agreed("city", "Bath", "Bath")), Side.RIGHT) == {"CITY": None}

    def test_are_not_filled_against_the_direction(self) -> None:
        known = agreed("city", "Bath", "Bath")

        result = merged(sync(ONE_WAY), *ends(None, "Bath"), known)

        assert (result.writes, result.base_left) == ({}, known.base_left)

    def test_of_a_side_that_rewrites_the_value_are_filled_only_with_a_new_one(self) -> None:
        known = agreed("city", "Bath", None, flagged=frozenset({"city"}))

        assert merged(sync(CITY), *ends("Bath", None), known).writes == {}
        assert written(merged(sync(CITY), *ends("Rome", None), known), Side.RIGHT) == {"CITY": "Rome"}


class TestDecisions:
    rules = sync(CITY, conflict_winner=ConflictRule.ASK)

    def decided(self, value: records.Value, left: records.Value = "Rome", right: records.Value = "Oslo", **more: object) -> object:
        known = agreed("city", "Bath", "Bath", decisions=(plans.Decision(key="city", value=value),))
        return merged(more.get("rules", self.rules), *ends(left, right), known)  # type: ignore[arg-type]

    def test_take_the_value_whichever_side_had_it(self) -> None:
        assert written(self.decided("Rome"), Side.RIGHT) == {"CITY": "Rome"}  # type: ignore[arg-type]
        assert written(self.decided("Oslo"), Side.LEFT) == {"city": "Oslo"}  # type: ignore[arg-type]
        assert written(self.decided("Oslo "), Side.LEFT) == {"city": "Oslo"}  # type: ignore[arg-type]

    def test_may_take_the_blank(self) -> None:
        assert written(self.decided(None, left=None), Side.RIGHT) == {"CITY": None}  # type: ignore[arg-type]

    def test_about_values_that_are_gone_decide_nothing(self) -> None:
        assert self.decided("Bern").asked != []  # type: ignore[attr-defined]

    def test_do_not_overwrite_a_side_that_was_edited_since(self) -> None:
        for value in ("Rome", "Bern"):
            decision = plans.Decision(key="city", value=value, seen=("Rome", "Oslo"))

            result = merged(self.rules, *ends("Rome", "Prague"), agreed("city", "Bath", "Bath", decisions=(decision,)))

            assert (result.writes, len(result.asked)) == ({}, 1)

    def test_are_not_sent_again_to_a_side_that_rewrites_them(self) -> None:
        decision = plans.Decision(key="city", value="Bath")
        known = agreed("city", "Bath", "BATH", decisions=(decision,), flagged=frozenset({"city"}))

        assert merged(self.rules, *ends("Bath", "BATH"), known).writes == {}

    def test_for_what_must_not_be_written_leave_both_as_they_are(self) -> None:
        result = self.decided("Oslo", rules=sync(mapping("city", direction=Direction.TO_RIGHT, conflict=ConflictRule.ASK)))

        assert (result.writes, result.asked, result.base_right) == ({}, [], {"city": "Oslo"})  # type: ignore[attr-defined]

    def test_are_obeyed_though_no_side_changed(self) -> None:
        known = agreed("city", "Bath", "BATH", decisions=(plans.Decision(key="city", value="BATH"),))

        assert written(merged(sync(CITY), *ends("Bath", "BATH"), known), Side.LEFT) == {"city": "BATH"}


class TestRefusals:
    def test_name_the_field_and_write_nothing_for_it(self) -> None:
        short = mapping("city", right=field("CITY", max_length=4))

        result = merged(sync(short), *ends("Ancona", "Bath"), agreed("city", "Bath", "Bath"))

        assert result.writes == {}
        ((refused),) = result.refused
        assert (refused.side, refused.spec.name, refused.value, refused.reason) == (Side.RIGHT, "CITY", "Ancona", Reason.TOO_LONG)

    def test_of_a_required_field_that_would_be_cleared(self) -> None:
        required = mapping("city", right=field("CITY", required=True), clears=True)

        result = merged(sync(required), *ends(None, "Bath"), agreed("city", "Bath", "Bath"))

        assert [one.reason for one in result.refused] == [Reason.MISSING_REQUIRED]

    def test_of_a_value_of_which_nothing_is_left(self) -> None:
        email = mapping("email", field("email", FieldType.EMAIL), field("EMAIL", FieldType.EMAIL))

        result = merged(sync(email), contact(email=" , "), customer(EMAIL="ann@lee.example"), agreed("email", "x", "ann@lee.example"))

        assert [(one.value, one.reason) for one in result.refused] == [(" , ", Reason.NOT_ALLOWED)]


class TestDisplayNames:
    def test_lose_what_no_name_may_have(self) -> None:
        name = mapping("name", right=field("DisplayName"), direction=Direction.TO_RIGHT)
        rules = sync(name, name_field="DisplayName")

        result = merged(rules, contact(name="Acme: Bath"), customer(DisplayName="Acme"), agreed("name", "Acme", "Acme"))

        assert written(result, Side.RIGHT) == {"DisplayName": "Acme Bath"}
        assert (
            merged(rules, contact(name="Acme: Bath"), customer(DisplayName="Acme Bath"), agreed("name", "Acme", "Acme Bath")).writes == {}
        )
