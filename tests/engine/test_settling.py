"""The baseline follows what an answer or a read shows, never what was merely hoped."""

from __future__ import annotations

import pytest

from syncapp.engine import lines, plans, settling
from syncapp.engine.settling import Outcome, Recovered, Settled
from syncapp.engine.vocabulary import FieldType, OperationKind, Side
from tests.engine.examples import CITY, EMAIL, field, mapping, sync

RULES = sync(CITY, EMAIL, mapping("name"))
INVOICES = sync(
    CITY,
    mapping(
        "who", field("who", FieldType.REFERENCE, refers_to="contacts"), field("WHO", FieldType.REFERENCE, refers_to="customer")
    ),
    mapping("lines", field("lines", FieldType.LINES, refers_to="products"), field("LINES", FieldType.LINES, refers_to="item")),
)
ONE = lines.compose([lines.Line(record="4", price="5")])
TWO = lines.compose([lines.Line(record="4", price="6"), lines.Line(record="5", price="7")])


def settle(sent: plans.Baseline, answer: plans.Baseline, *, side: Side = Side.RIGHT, flagged: frozenset[str] = frozenset()) -> Settled:
    made_of = {key: f"made of {key}" for key in sent}
    return settling.settle(
        rules=RULES,
        side=side,
        sent=sent,
        answer=answer,
        origin_values=made_of,
        base_left={"old": "l"},
        base_right={"old": "r"},
        flagged=flagged,
    )


def recover(
    before: plans.Baseline,
    sent: plans.Baseline,
    seen: plans.Baseline,
    *,
    kind: OperationKind = OperationKind.UPDATE,
    side: Side = Side.RIGHT,
) -> Recovered:
    return settling.settle_unknown(
        rules=RULES,
        side=side,
        kind=kind,
        before=before,
        sent=sent,
        seen=seen,
        origin_values={key: f"made of {key}" for key in sent},
        base_left={"city": "l"},
        base_right={"city": "r"},
    )


class TestWhatANewRecordWasNotGiven:
    def settle(self, shown: plans.Baseline, *, origins: plans.Baseline, side: Side = Side.RIGHT) -> Settled:
        return settling.settle(
            rules=RULES, side=side, sent={"city": "Bath"}, answer={"city": "Bath", **shown}, origin_values={"city": "Bath", **origins},
            base_left={}, base_right={},
        )

    @pytest.mark.parametrize("side", Side)
    @pytest.mark.parametrize("shown", [{"name": None}, {}], ids=["shown", "not shown"])
    def test_is_agreed_where_it_has_no_value_either(self, side: Side, shown: plans.Baseline) -> None:
        settled = self.settle(shown, origins={"name": None}, side=side)

        assert settled.base_left == settled.base_right == {"city": "Bath", "name": None}

    @pytest.mark.parametrize(
        ("shown", "origins"),
        [({"name": "Lee"}, {"name": None}), ({"name": None}, {"name": "Lee"}), ({"gone": None}, {"gone": None})],
        ids=["filled there", "filled here", "no longer mapped"],
    )
    def test_is_for_the_next_plan_otherwise(self, shown: plans.Baseline, origins: plans.Baseline) -> None:
        settled = self.settle(shown, origins=origins)

        assert settled.base_left == settled.base_right == {"city": "Bath"}


class TestSettle:
    def test_keeps_the_answer_and_what_it_was_made_of(self) -> None:
        settled = settle({"city": "Bath"}, {"city": "Bath"})

        assert settled.base_left == {"old": "l", "city": "made of city"}
        assert settled.base_right == {"old": "r", "city": "Bath"}
        assert settled.flagged == frozenset()

    def test_keeps_the_halves_on_their_sides(self) -> None:
        settled = settle({"city": "Bath"}, {"city": "Bath"}, side=Side.LEFT)

        assert (settled.base_left["city"], settled.base_right["city"]) == ("Bath", "made of city")

    def test_accepts_a_form_that_is_equal_without_a_flag(self) -> None:
        settled = settle({"email": "Ann@Lee.example "}, {"email": "ann@lee.example"})

        assert (settled.base_right["email"], settled.flagged) == ("ann@lee.example", frozenset())

    def test_accepts_and_flags_a_value_that_the_side_rewrote(self) -> None:
        settled = settle({"city": "bath", "name": "Ann"}, {"city": "BATH", "name": None})

        assert (settled.base_right["city"], settled.base_right["name"]) == ("BATH", None)
        assert settled.flagged == {"city", "name"}

    def test_lifts_a_flag_once_the_value_is_kept(self) -> None:
        settled = settle({"city": "Bath"}, {"city": "Bath"}, flagged=frozenset({"city", "name"}))

        assert settled.flagged == {"name"}

    def test_takes_what_was_sent_where_the_answer_is_silent(self) -> None:
        assert settle({"city": "Bath"}, {}).base_right["city"] == "Bath"

    def test_compares_a_field_that_is_no_longer_mapped_exactly(self) -> None:
        assert settle({"gone": "Bath"}, {"gone": "Bath "}).flagged == {"gone"}


class TestSettleUnknown:
    def test_a_value_that_was_sent_has_landed(self) -> None:
        found = recover({"email": "x@lee.example"}, {"email": "Ann@lee.example"}, {"email": "ann@lee.example"})

        assert (found.outcome, found.landed) == (Outcome.LANDED, ("email",))
        assert (found.base_left["email"], found.base_right["email"]) == ("made of email", "ann@lee.example")

    def test_the_operations_own_before_has_not_landed(self) -> None:
        found = recover({"city": "Oslo"}, {"city": "Bath"}, {"city": "Oslo"})

        assert (found.outcome, found.missed) == (Outcome.NOT_LANDED, ("city",))
        assert (found.base_left, found.base_right) == ({"city": "l"}, {"city": "r"})

    def test_the_baseline_is_not_the_before(self) -> None:
        """After a conflict they differ: what was agreed last is then an edit made since, not a write that never came."""
        found = recover({"city": "Oslo"}, {"city": "Bath"}, {"city": "r"})

        assert found.outcome is Outcome.THIRD_VALUE

    def test_a_third_value_counts_as_a_later_edit_and_is_listed(self) -> None:
        found = recover({"city": "Oslo"}, {"city": "Bath"}, {"city": "Rome"})

        assert (found.outcome, found.landed, found.missed) == (Outcome.THIRD_VALUE, (), ())
        assert [(third.key, third.before, third.sent, third.seen) for third in found.third] == [("city", "Oslo", "Bath", "Rome")]
        assert (found.base_left["city"], found.base_right["city"]) == ("made of city", "Bath")

    def test_one_part_that_landed_proves_the_whole(self) -> None:
        found = recover({"city": "Oslo", "name": "Ann"}, {"city": "Bath", "name": "Ben"}, {"city": "Bath", "name": "Ann"})

        assert (found.landed, found.missed, [third.key for third in found.third]) == (("city",), (), ["name"])
        assert found.base_right["name"] == "Ben"

    def test_a_part_that_was_so_before_proves_nothing(self) -> None:
        found = recover({"city": "Bath", "name": "Ann"}, {"city": "Bath ", "name": "Ben"}, {"city": "Bath", "name": "Ann"})

        assert (found.landed, found.missed) == (("city",), ("name",))

    def test_one_part_that_stands_as_before_tells_that_a_third_value_is_an_edit_and_nothing_landed(self) -> None:
        found = recover({"city": "Oslo", "name": "Ann"}, {"city": "Bath", "name": "Ben"}, {"city": "Rome", "name": "Ann"})

        assert (found.outcome, found.missed, found.third) == (Outcome.NOT_LANDED, ("city", "name"), ())
        assert (found.base_left, found.base_right) == ({"city": "l"}, {"city": "r"})

    @pytest.mark.parametrize("seen", ["Rome", None])
    def test_a_create_that_was_found_has_no_before(self, seen: str | None) -> None:
        found = recover({"city": None}, {"city": "Bath"}, {"city": seen}, kind=OperationKind.CREATE)

        assert (found.outcome, found.missed) == (Outcome.THIRD_VALUE, ())
        assert found.base_right["city"] == "Bath"

    def test_keeps_the_halves_on_their_sides(self) -> None:
        found = recover({"city": "Oslo"}, {"city": "Bath"}, {"city": "Bath"}, side=Side.LEFT)

        assert (found.base_left["city"], found.base_right["city"]) == ("Bath", "made of city")

class TestLinesWithoutAnAnswer:
    """Lines are written one by one, and what names other records by calls of their own, before the plain values."""

    def recover(self, before: plans.Baseline, sent: plans.Baseline, seen: plans.Baseline) -> Recovered:
        return settling.settle_unknown(
            rules=INVOICES, side=Side.LEFT, kind=OperationKind.UPDATE, before=before, sent=sent, seen=seen,
            origin_values={key: f"made of {key}" for key in sent}, base_left={}, base_right={},
        )

    def test_that_arrived_are_the_baseline_as_they_are_seen(self) -> None:
        seen = lines.compose([lines.Line(record="4", price="5.0", amount="5")])

        found = self.recover({"lines": None}, {"lines": ONE}, {"lines": seen})

        assert (found.outcome, found.landed, found.third) == (Outcome.LANDED, ("lines",), ())
        assert (found.base_left["lines"], found.base_right["lines"]) == (seen, "made of lines")

    def test_that_did_not_arrive_are_planned_again(self) -> None:
        found = self.recover({"lines": TWO}, {"lines": ONE}, {"lines": TWO})

        assert (found.outcome, found.missed) == (Outcome.NOT_LANDED, ("lines",))

    def test_that_are_half_done_are_ours_to_go_on_with_and_no_edit(self) -> None:
        half = lines.compose([lines.Line(record="9", price="1")])

        found = self.recover({"lines": TWO}, {"lines": ONE}, {"lines": half})

        assert (found.outcome, found.missed, found.third) == (Outcome.NOT_LANDED, ("lines",), ())
        assert (found.base_left["lines"], found.base_right["lines"]) == (half, None)

    def test_do_not_speak_for_the_plain_values_nor_these_for_a_tie(self) -> None:
        sent = {"who": "c2", "lines": ONE, "city": "Bath"}
        before = {"who": "c1", "lines": TWO, "city": "York"}

        found = self.recover(before, sent, {"who": "c2", "lines": TWO, "city": "York"})

        assert (found.outcome, found.landed) == (Outcome.LANDED, ("who",))
        assert set(found.missed) == {"lines", "city"}
        assert found.base_left["who"] == "c2"
        assert "city" not in found.base_left

    def test_beside_a_value_that_a_person_typed_since_list_that_value(self) -> None:
        sent = {"city": "Bath", "lines": ONE}

        found = self.recover({"city": "York", "lines": TWO}, sent, {"city": "Leeds", "lines": ONE})

        assert (found.outcome, [third.key for third in found.third]) == (Outcome.THIRD_VALUE, ["city"])
        assert found.base_left == {"city": "Bath", "lines": ONE}


class TestAnAnswerWithLines:
    def test_that_say_the_same_in_other_figures_is_no_rewriting(self) -> None:
        seen = lines.compose([lines.Line(record="4", quantity="1", price="5.00", amount="5")])

        settled = settling.settle(
            rules=INVOICES, side=Side.LEFT, sent={"lines": ONE}, answer={"lines": seen}, origin_values={"lines": TWO},
            base_left={}, base_right={},
        )

        assert (settled.base_left["lines"], settled.base_right["lines"], settled.flagged) == (seen, TWO, frozenset())

    def test_that_are_others_is_flagged_and_accepted(self) -> None:
        settled = settling.settle(
            rules=INVOICES, side=Side.LEFT, sent={"lines": ONE}, answer={"lines": TWO}, origin_values={"lines": ONE},
            base_left={}, base_right={},
        )

        assert (settled.base_left["lines"], settled.flagged) == (TWO, frozenset({"lines"}))
