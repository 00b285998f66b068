"""What a run wrote is put back only where nobody and nothing came after it."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp.engine import merge, planning, plans, records, undoing
from syncapp.engine.undoing import LeftAlone, Made, Since, Written
from syncapp.engine.vocabulary import Direction, FieldType, PairState, Reason, RecordState, Side
from tests.engine.examples import CITY, NOW, contact, customer, facts, field, mapping, sync

RULES = sync(CITY, mapping("name"))
MOVED = Written(field="CITY", key="city", before="Bonn", after="Ulm", origin="Ulm")
NOBODY = Since(later={}, ours={})


def put_back(
    *written: Written, left: str | None = "Ulm", right: str | None = "Ulm", rules: Any = RULES, since: Since = NOBODY, **more: Any
) -> undoing.PutBack:
    """What becomes of what a run wrote to a customer's city."""
    pair = merge.Pair(rules, contact(city=left), customer(CITY=right))
    known = facts({"city": "Ulm"}, {"city": "Ulm"}, **more)
    return undoing.put_back(pair=pair, facts=known, side=Side.RIGHT, written=written or (MOVED,), since=since)


def whys(found: undoing.PutBack) -> list[str]:
    return [one.why for one in found.left]


class TestAField:
    def test_gets_its_earlier_value_back(self) -> None:
        found = put_back()

        assert [(one.field, one.before, one.after) for one in found.changes] == [("CITY", "Ulm", "Bonn")]
        assert (found.origin_values, found.left) == ({"city": "Ulm"}, ())

    def test_that_was_empty_is_emptied(self) -> None:
        (change,) = put_back(Written(field="CITY", key="city", before=None, after="Ulm", origin="Ulm")).changes

        assert change.after is None

    def test_that_holds_it_already_is_not_written(self) -> None:
        found = put_back(Written(field="CITY", key="city", before="Ulm", after="ULM", origin="Ulm"))

        assert (found.changes, found.left) == ((), ())

    def test_that_was_changed_on_its_side_is_left_alone(self) -> None:
        (left,) = put_back(right="Kiel").left

        assert left == LeftAlone(field="CITY", label="CITY", wrote="Ulm", now="Kiel", why="It was changed in QuickBooks since.")

    def test_whose_value_was_changed_on_the_other_side_is_left_alone(self) -> None:
        assert whys(put_back(left="Kiel")) == ["It was changed in HubSpot since; that newer value is what counts."]

    def test_of_which_the_same_run_wrote_the_other_side_too_is_put_back(self) -> None:
        assert put_back(left="Kiel", since=Since(later={}, ours={"city": ("Rom", "Kiel")})).origin_values == {"city": "Kiel"}

    def test_that_a_later_run_wrote_is_left_alone(self) -> None:
        assert whys(put_back(since=Since(later={"CITY": 7}, ours={}))) == ["Run #7 wrote it again."]

    def test_that_the_vendor_rewrote_when_the_run_wrote_it_is_put_back(self) -> None:
        pair = merge.Pair(RULES, contact(city="Ulm"), customer(CITY="Ulm/Donau"))
        known = facts({"city": "Ulm"}, {"city": "Ulm/Donau"}, flagged=frozenset({"city"}))

        found = undoing.put_back(pair=pair, facts=known, side=Side.RIGHT, written=[MOVED], since=NOBODY)

        assert [(one.before, one.after) for one in found.changes] == [("Ulm/Donau", "Bonn")]

    def test_that_is_not_mapped_any_more_is_left_alone(self) -> None:
        assert whys(put_back(rules=sync(mapping("name")))) == ["The sync does not write this field any more."]

    def test_to_which_nothing_flows_any_more_is_left_alone(self) -> None:
        assert whys(put_back(rules=sync(CITY, direction=Direction.TO_LEFT))) == ["The sync does not write this field any more."]

    def test_that_would_not_take_the_earlier_value_is_left_alone(self) -> None:
        rules = sync(mapping("city", right=field("CITY", required=True)))

        found = put_back(Written(field="CITY", key="city", before=None, after="Ulm", origin="Ulm"), rules=rules)

        assert whys(found) == [f"QuickBooks would not take the earlier value. {Reason.MISSING_REQUIRED.label}"]

    @pytest.mark.parametrize("type", [FieldType.REFERENCE, FieldType.LINES])
    def test_that_names_records_is_left_to_a_person(self, type: FieldType) -> None:
        rules = sync(mapping("city", field("city", type), field("CITY", type)))

        assert whys(put_back(rules=rules)) == [
            "Lines and what a record belongs to are not put back from here. Change them in QuickBooks by hand."
        ]


    def test_with_a_sum_of_lines_that_stay_stays_too(self) -> None:
        rules = sync(
            mapping("city", field("city", FieldType.NUMBER), field("CITY", FieldType.NUMBER)),
            mapping("lines", field("lines", FieldType.LINES), field("LINES", FieldType.LINES)),
        )
        lines = ("one",)
        total = Written(field="CITY", key="city", before="5", after="9", origin="9")
        wrote = [total, Written(field="LINES", key="lines", before=None, after=lines, origin=lines)]
        pair = merge.Pair(rules, contact(city="9", lines=lines), customer(CITY="9", LINES=lines))

        found = undoing.put_back(pair=pair, facts=facts(), side=Side.RIGHT, written=wrote, since=NOBODY)

        assert found.changes == ()
        assert whys(found)[0] == "It goes with the lines that the run wrote, and those are not put back from here. Change both by hand."


class TestSeveralWritesToAField:
    def test_are_one_from_the_first_to_the_last(self) -> None:
        again = Written(field="CITY", key="city", before="Ulm", after="Kiel", origin="Kiel")

        (one,) = undoing.combined([MOVED, again])

        assert (one.before, one.after, one.origin) == ("Bonn", "Kiel", "Kiel")

    def test_go_back_to_what_a_person_put_there_in_between(self) -> None:
        again = Written(field="CITY", key="city", before="Rom", after="Kiel", origin="Kiel")

        (one,) = undoing.combined([MOVED, again])

        assert one.before == "Rom"


class TestAPair:
    @pytest.mark.parametrize(
        ("state", "reason", "said"),
        [
            (PairState.LINKED, Reason.NONE, ""),
            (PairState.CONFLICT, Reason.CONFLICT, ""),
            (PairState.FAILED, Reason.REFUSED, ""),
            (PairState.FAILED, Reason.FORBIDDEN_EDIT, Reason.FORBIDDEN_EDIT.label),
            (PairState.FROZEN, Reason.FILTERED, "It does not pass the filters."),
            (PairState.ORPHANED, Reason.PARTNER_DELETED, Reason.PARTNER_DELETED.label),
            (PairState.TOMBSTONE, Reason.NONE, "Over."),
        ],
    )
    def test_is_written_only_where_the_sync_may_write_it(self, state: PairState, reason: Reason, said: str) -> None:
        assert undoing.barred(left=contact(), right=customer(), plan=plans.PairPlan(state=state, reason=reason)) == said

    def test_without_a_partner_is_not_written(self) -> None:
        plan = plans.PairPlan(state=PairState.HALF)

        assert undoing.barred(left=contact(), right=None, plan=plan) == "It has no partner any more."


class TestARecordThatTheRunMade:
    def kept(self, record: records.Record | None = None, **more: Any) -> str:
        made = {"external_id": "1", "revision": 1, "archivable": True, **more}
        return undoing.why_kept(side=Side.RIGHT, record=record or customer().record, made=Made(**made))

    def test_goes_where_nobody_touched_it(self) -> None:
        assert self.kept() == ""

    def test_stays_where_it_was_edited(self) -> None:
        assert self.kept(customer(number=2).record) == "It was changed in QuickBooks since. Archive it there by hand if it should go."

    def test_stays_where_a_later_run_wrote_to_it(self) -> None:
        assert self.kept(later=9).startswith("Run #9 wrote to it since.")

    def test_stays_where_its_kind_is_never_archived(self) -> None:
        assert self.kept(archivable=False).startswith("Records of this kind are never archived from here.")

    def test_stays_where_the_pair_has_another_record_now(self) -> None:
        assert self.kept(external_id="8") == "The pair has another QuickBooks record now. Archive the one with the id 8 by hand."

    def test_stays_where_it_is_archived_already(self) -> None:
        assert self.kept(customer(state=RecordState.ARCHIVED).record) == "It is archived or inactive already."

    def test_stays_where_it_is_in_use(self) -> None:
        assert self.kept(in_use="Another sync needs it.") == "Another sync needs it."


class TestAfterwards:
    """The baseline is what both sides hold: the left its value, the right the earlier one."""

    def plan(self, left: str | None, right: str | None, base: tuple[str | None, str | None], clears: bool = False) -> plans.PairPlan:
        rules = sync(mapping("city", clears=clears), mapping("name"))
        base_left, base_right = {"city": base[0], "name": "Ann"}, {"city": base[1], "name": "Ann"}
        apart = undoing.apart(rules=rules, keys=["city", "name"], base_left=base_left, base_right=base_right)
        return planning.plan_pair(
            rules=rules, left=contact(city=left, name="Ann"), right=customer(CITY=right, NAME="Ann"),
            facts=facts(base_left, base_right, flagged=apart), now=NOW,
        )

    @pytest.mark.parametrize("clears", [False, True])
    @pytest.mark.parametrize("base", [("Ulm", "Bonn"), ("Ulm", None), (None, "Bonn")])
    def test_nothing_is_written_while_nobody_edits(self, base: tuple[str | None, str | None], clears: bool) -> None:
        found = self.plan(*base, base, clears)

        assert (found.state, found.action, found.conflicts) == (PairState.LINKED, None, ())

    @pytest.mark.parametrize(
        ("left", "right", "written"), [("Kiel", "Bonn", (Side.RIGHT, "Kiel")), ("Ulm", "Kiel", (Side.LEFT, "Kiel"))]
    )
    def test_a_later_edit_flows_and_is_no_conflict(self, left: str, right: str, written: tuple[Side, str]) -> None:
        found = self.plan(left, right, ("Ulm", "Bonn"))

        assert found.action is not None
        assert (found.action.side, found.action.changes[0].after) == written
        assert found.conflicts == ()

    def test_what_both_sides_hold_alike_is_not_apart(self) -> None:
        rules = sync(CITY, mapping("name"))

        bases = {"base_left": {"city": "Ulm", "name": "Ann"}, "base_right": {"city": "Bonn", "name": "Ann"}}

        assert undoing.apart(rules=rules, keys=["city", "name"], **bases) == {"city"}
