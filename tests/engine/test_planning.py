"""A pair is planned: where it stands, why, and at most one write."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp.engine import planning, plans, records, rules
from syncapp.engine.vocabulary import (
    ConflictRule,
    CreateTo,
    DeletePolicy,
    Direction,
    FieldType,
    FilterOperator,
    LeaveFilterPolicy,
    MatchMode,
    OperationKind,
    PairState,
    Reason,
    RecordState,
    Side,
)
from tests.engine.examples import CITY, EMAIL, EMAIL_KEY, NOW, agreed, condition, contact, customer, facts, field, group, mapping, sync

IN_BATH = (group(condition(field("city", label="City"), FilterOperator.EQUALS, "Bath")),)
ACTIVE = (group(condition(field("KIND", label="Kind"), FilterOperator.EQUALS, "active")),)
GONE = [RecordState.ARCHIVED, RecordState.GONE]


def plan(
    sync_rules: rules.SyncRules,
    left: records.Subject | None,
    right: records.Subject | None,
    known: plans.PairFacts | None = None,
) -> plans.PairPlan:
    return planning.plan_pair(rules=sync_rules, left=left, right=right, facts=known or facts(state=PairState.HALF), now=NOW)


def stands(result: plans.PairPlan) -> tuple[PairState, Reason]:
    return result.state, result.reason


def bath(**more: Any) -> records.Subject:
    return contact(city="Bath", **more)


class TestLinkedPairs:
    def test_without_changes_are_in_sync_and_cost_nothing(self) -> None:
        known = agreed("city", "Bath", "Bath")

        result = plan(sync(CITY), bath(), customer(CITY="Bath"), known)

        assert (stands(result), result.action, result.again) == ((PairState.LINKED, Reason.NONE), None, False)
        assert result.base_left is known.base_left

    def test_get_one_write_with_the_revision_it_was_planned_on(self) -> None:
        right = customer(CITY="Oslo", number=7, external_id="88")

        result = plan(sync(CITY), bath(), right, agreed("city", "Rome", "Oslo"))

        action = result.action
        assert action is not None
        assert (action.side, action.kind, action.ref, action.expected) == (
            Side.RIGHT,
            OperationKind.UPDATE,
            right.record.ref,
            right.record.revision,
        )
        assert [(change.field, change.before, change.after) for change in action.changes] == [("CITY", "Oslo", "Bath")]
        assert action.origin_values == {"city": "Bath"}

    def test_get_the_other_sides_write_after_the_first(self) -> None:
        rules_of_two = sync(CITY, mapping("name"))
        known = facts({"city": "Rome", "name": "Ann"}, {"city": "Rome", "name": "Ann"})

        result = plan(rules_of_two, bath(name="Ann"), customer(CITY="Rome", NAME="Ben"), known)

        assert result.action is not None
        assert (result.action.side, [change.key for change in result.action.changes], result.again) == (Side.LEFT, ["name"], True)

    def test_report_a_conflict_with_the_write_that_it_decides(self) -> None:
        """The write to the right waits for the next look, and so does its conflict: it is listed once."""
        won_by_left = mapping("name", conflict=ConflictRule.LEFT)
        known = facts({"city": "Rome", "name": "Ann"}, {"city": "Rome", "name": "Ann"})

        result = plan(sync(CITY, won_by_left), bath(name="Cleo"), customer(CITY="Oslo", NAME="Ben"), known)

        assert [found.key for found in result.conflicts] == ["city"]
        assert result.again

    def test_with_a_question_are_in_sync_but_for_it(self) -> None:
        asked = sync(mapping("city", left=field("city", label="City"), conflict=ConflictRule.ASK))

        result = plan(asked, bath(), customer(CITY="Oslo"), agreed("city", "Rome", "Rome"))

        assert (stands(result), result.action) == ((PairState.CONFLICT, Reason.CONFLICT), None)
        assert result.detail == {"fields": ["City"]}
        assert [found.winner for found in result.conflicts] == [None]

    def test_fail_by_the_field_with_the_remedy_and_nothing_is_written(self) -> None:
        short = mapping("city", right=field("CITY", label="City", max_length=3))
        known = facts({"city": "Rom", "name": "Ann"}, {"city": "Rom", "name": "Ann"})

        result = plan(sync(short, mapping("name")), bath(name="Ben"), customer(CITY="Rom", NAME="Ann"), known)

        assert (stands(result), result.action) == ((PairState.FAILED, Reason.TOO_LONG), None)
        assert result.detail == {
            "fields": [
                {
                    "side": "RIGHT",
                    "field": "CITY",
                    "label": "City",
                    "value": "Bath",
                    "reason": "TOO_LONG",
                    "sentence": 'QuickBooks field "City" holds 3 characters at most: '
                    "shorten the value in HubSpot, or have the mapping shorten it.",
                }
            ]
        }

    @pytest.mark.parametrize(
        ("right", "value", "clears", "sentence"),
        [
            (field("CITY", required=True), None, True, 'QuickBooks field "CITY" must not be empty: fill the value in, in HubSpot.'),
            (
                field("CITY", FieldType.CHOICE, choices=(("Bath", "Bath"),)),
                "Oslo",
                False,
                'QuickBooks field "CITY" does not take "Oslo": change the value in HubSpot, or add it to the value map.',
            ),
        ],
    )
    def test_fail_with_a_remedy_for_each_reason(self, right: Any, value: records.Value, clears: bool, sentence: str) -> None:
        result = plan(
            sync(mapping("city", right=right, clears=clears)), contact(city=value), customer(CITY="Bath"), agreed("city", "Bath", "Bath")
        )

        assert result.detail["fields"][0]["sentence"] == sentence  # type: ignore[index]

    def test_keep_what_was_agreed_and_asked_though_another_field_fails(self) -> None:
        short = mapping("city", right=field("CITY", max_length=3))
        known = facts({"city": "Rom", "name": "A", "zip": "1"}, {"city": "Rom", "name": "A", "zip": "1"})
        three = sync(short, mapping("name"), mapping("zip", conflict=ConflictRule.ASK))

        result = plan(three, bath(name="B", zip="2"), customer(CITY="Rom", NAME="B", ZIP="3"), known)

        assert (result.base_left["name"], [found.key for found in result.conflicts]) == ("B", ["zip"])


class TestHalfPairs:
    def test_get_a_partner_with_every_value_that_may_flow(self) -> None:
        result = plan(
            sync(EMAIL, CITY, mapping("debt", direction=Direction.TO_LEFT), mapping("name", direction=Direction.TO_RIGHT), mapping("zip")),
            bath(email="Ann@lee.example", debt="5", name="Acme"),
            None,
        )

        action = result.action
        assert (result.state, result.base_left) == (PairState.CREATING, {})
        assert action is not None
        assert (action.side, action.kind, action.ref, action.expected) == (Side.RIGHT, OperationKind.CREATE, None, None)
        assert {change.field: change.after for change in action.changes} == {"EMAIL": "Ann@lee.example", "CITY": "Bath", "NAME": "Acme"}
        assert action.origin_values == {"email": "Ann@lee.example", "city": "Bath", "name": "Acme", "zip": None}

    def test_get_it_on_the_left_too(self) -> None:
        result = plan(sync(CITY), None, customer(CITY="Bath"))

        assert result.action is not None
        assert (result.action.side, result.action.changes[0].field) == (Side.LEFT, "city")

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"create_to": CreateTo.LEFT}, Reason.CREATE_OFF),
            ({"create_to": CreateTo.NONE}, Reason.CREATE_OFF),
            ({"direction": Direction.TO_LEFT}, Reason.CREATE_OFF),
            ({"left_filters": (group(condition(field("city"), FilterOperator.EQUALS, "Rome")),)}, Reason.FILTERED),
            ({"match_keys": (EMAIL_KEY,)}, Reason.NO_KEY),
        ],
    )
    def test_are_excluded_with_the_reason(self, more: dict[str, Any], reason: Reason) -> None:
        result = plan(sync(CITY, **more), bath(), None)

        assert (stands(result), result.action) == ((PairState.FROZEN, reason), None)

    @pytest.mark.parametrize("more", [{"key_required": False}, {"match_mode": MatchMode.NONE}])
    def test_need_no_key_where_none_is_asked_for(self, more: dict[str, Any]) -> None:
        assert plan(sync(CITY, match_keys=(EMAIL_KEY,), **more), bath(), None).state is PairState.CREATING

    def test_are_excluded_by_the_filter_of_their_own_side_only(self) -> None:
        two = sync(CITY, left_filters=IN_BATH, right_filters=ACTIVE)

        assert plan(two, bath(), None).state is PairState.CREATING
        assert plan(two, None, customer(CITY="Bath", KIND="closed")).reason is Reason.FILTERED
        assert plan(two, None, customer(CITY="Rome", KIND="active")).state is PairState.CREATING

    def test_excluded_by_a_filter_name_the_condition(self) -> None:
        result = plan(sync(CITY, left_filters=IN_BATH), contact(city="Rome"), None)

        (failed,) = result.detail["filters"]["LEFT"]  # type: ignore[index]
        assert failed["sentence"] == "Group 1: City is equal to Bath — it is Rome"

    def test_of_an_archived_record_are_inactive(self) -> None:
        assert stands(plan(sync(CITY), bath(state=RecordState.ARCHIVED), None)) == (PairState.FROZEN, Reason.INACTIVE)

    @pytest.mark.parametrize("state", [RecordState.GONE, RecordState.MERGED])
    def test_of_a_record_that_is_gone_are_over(self, state: RecordState) -> None:
        assert plan(sync(CITY), bath(state=state), None, facts(state=PairState.CREATING)).state is PairState.TOMBSTONE

    def test_excluded_by_hand_stay_so(self) -> None:
        assert stands(plan(sync(CITY), bath(), None, facts(excluded_by_hand=True))) == (PairState.FROZEN, Reason.BY_HAND)

    def test_whose_values_are_refused_fail_with_the_field(self) -> None:
        result = plan(sync(CITY, mapping("name", right=field("NAME", label="Name", required=True))), bath(), None)

        assert (stands(result), result.action) == ((PairState.FAILED, Reason.MISSING_REQUIRED), None)
        assert result.detail["fields"][0]["label"] == "Name"  # type: ignore[index]

    def test_without_any_value_fail(self) -> None:
        assert stands(plan(sync(CITY), contact(), None)) == (PairState.FAILED, Reason.MISSING_REQUIRED)

    def test_without_any_record_are_an_error_of_ours(self) -> None:
        with pytest.raises(ValueError, match="at least"):
            plan(sync(CITY), None, None)


class TestScope:
    two_filters = sync(CITY, left_filters=IN_BATH, right_filters=ACTIVE)

    def test_either_sides_filter_lets_a_pair_in(self) -> None:
        known = agreed("city", "Rome", "Rome")

        by_left = plan(self.two_filters, bath(), customer(CITY="Rome", KIND="closed"), known)
        by_right = plan(self.two_filters, contact(city="Oslo"), customer(CITY="Rome", KIND="active"), known)

        assert by_left.action is not None
        assert by_right.action is not None

    def test_a_filter_counts_only_where_its_direction_flows(self) -> None:
        to_left = sync(CITY, direction=Direction.TO_LEFT, left_filters=IN_BATH, right_filters=ACTIVE)

        assert plan(to_left, bath(), customer(CITY="Bath", KIND="closed"), agreed("city", "Bath", "Bath")).reason is Reason.FILTERED

    def test_a_pair_that_leaves_it_is_excluded_and_keeps_its_baseline(self) -> None:
        known = agreed("city", "Bath", "Bath")

        result = plan(self.two_filters, contact(city="Rome"), customer(CITY="Bath", KIND="closed"), known)

        assert (stands(result), result.action) == ((PairState.FROZEN, Reason.FILTERED), None)
        assert result.base_left == known.base_left
        assert sorted(result.detail["filters"]) == ["LEFT", "RIGHT"]  # type: ignore[call-overload]

    def test_a_pair_that_comes_back_thaws_with_its_old_baseline(self) -> None:
        """What changed while it was excluded is a change like any other."""
        known = agreed("city", "Bath", "Bath", state=PairState.FROZEN)

        result = plan(self.two_filters, bath(), customer(CITY="Oslo", KIND="active"), known)

        assert result.action is not None
        assert (result.action.side, result.action.changes[0].after) == (Side.LEFT, "Oslo")

    def test_a_pair_once_in_sync_goes_on_where_the_policy_keeps_it(self) -> None:
        keeping = sync(CITY, left_filters=IN_BATH, right_filters=ACTIVE, leave_policy=LeaveFilterPolicy.KEEP)
        out = contact(city="Rome"), customer(CITY="Bath", KIND="closed")

        assert plan(keeping, *out, agreed("city", "Bath", "Bath")).action is not None
        assert plan(keeping, *out, facts(was_linked=True)).state is PairState.LINKED
        assert plan(keeping, *out).state is PairState.FROZEN

    def test_a_link_survives_a_change_of_its_key(self) -> None:
        keyed = sync(EMAIL, match_keys=(EMAIL_KEY,))
        known = agreed("email", "ann@lee.example", "ann@lee.example")

        changed = plan(keyed, contact(email="new@lee.example"), customer(EMAIL="ann@lee.example"), known)
        emptied = plan(keyed, contact(), customer(EMAIL="ann@lee.example"), known)

        assert changed.state is emptied.state is PairState.LINKED
        assert changed.action is not None
        assert changed.action.side is Side.RIGHT
        assert emptied.action is not None
        assert emptied.action.side is Side.LEFT

    def test_excluded_by_hand_writes_nothing_whatever_changed(self) -> None:
        result = plan(sync(CITY), bath(), customer(CITY="Oslo"), agreed("city", "Oslo", "Oslo", excluded_by_hand=True))

        assert (stands(result), result.action) == ((PairState.FROZEN, Reason.BY_HAND), None)


class TestDeletes:
    archiving = sync(CITY, delete_policy=DeletePolicy.ARCHIVE)
    known = agreed("city", "Bath", "Bath")

    @pytest.mark.parametrize("state", GONE)
    def test_change_nothing_and_ask_a_person(self, state: RecordState) -> None:
        result = plan(sync(CITY), bath(), customer(CITY="Bath", state=state, external_id="88"), self.known)

        assert (stands(result), result.action) == ((PairState.ORPHANED, Reason.PARTNER_DELETED), None)
        assert result.detail == {"side": "RIGHT", "record": "88", "label": "Ann Lee", "state": state.value}

    @pytest.mark.parametrize("state", GONE)
    def test_archive_the_partner_where_the_policy_says_so(self, state: RecordState) -> None:
        right = customer(CITY="Bath", number=3)

        result = plan(self.archiving, bath(state=state), right, self.known)

        assert result.action == plans.Action(
            side=Side.RIGHT,
            kind=OperationKind.ARCHIVE,
            ref=right.record.ref,
            expected=right.record.revision,
            changes=(),
            origin_values={},
        )
        assert (stands(result), result.again) == ((PairState.LINKED, Reason.PARTNER_DELETED), True)

    @pytest.mark.parametrize("policy", list(DeletePolicy))
    def test_are_held_where_the_partner_was_edited(self, policy: DeletePolicy) -> None:
        result = plan(sync(CITY, delete_policy=policy), bath(state=RecordState.GONE), customer(CITY="Oslo"), self.known)

        assert (stands(result), result.action) == ((PairState.ORPHANED, Reason.EDITED_AND_DELETED), None)
        assert result.detail["edited"] == ["CITY"]

    @pytest.mark.parametrize(
        ("more", "known"),
        [
            ({"direction": Direction.TO_LEFT}, agreed("city", "Bath", "Bath")),
            ({}, facts()),
            ({}, agreed("city", "Bath", "Bath", state=PairState.TOMBSTONE)),
        ],
        ids=["against the direction", "never in sync", "restored by a person"],
    )
    def test_archive_nothing_without_a_right_to(self, more: dict[str, Any], known: plans.PairFacts) -> None:
        rules_here = sync(CITY, delete_policy=DeletePolicy.ARCHIVE, **more)

        assert plan(rules_here, bath(state=RecordState.ARCHIVED), customer(CITY="Bath"), known).action is None

    def test_are_held_where_the_partner_has_a_value_that_never_came_across(self) -> None:
        two = sync(CITY, mapping("name"), delete_policy=DeletePolicy.ARCHIVE)

        result = plan(two, bath(state=RecordState.GONE), customer(CITY="Bath", NAME="Acme"), self.known)

        assert (stands(result), result.action) == ((PairState.ORPHANED, Reason.EDITED_AND_DELETED), None)

    def test_out_of_scope_or_excluded_by_hand_archive_nothing(self) -> None:
        filtered = sync(CITY, delete_policy=DeletePolicy.ARCHIVE, left_filters=IN_BATH, right_filters=ACTIVE)
        by_hand = agreed("city", "Bath", "Bath", excluded_by_hand=True)

        assert plan(filtered, contact(city="Rome", state=RecordState.GONE), customer(CITY="Bath"), self.known).state is PairState.FROZEN
        assert plan(self.archiving, bath(state=RecordState.GONE), customer(CITY="Bath"), by_hand).state is PairState.FROZEN

    def test_on_both_sides_end_the_pair(self) -> None:
        both = bath(state=RecordState.ARCHIVED), customer(CITY="Oslo", state=RecordState.GONE)

        for state in (PairState.LINKED, PairState.ORPHANED, PairState.FROZEN):
            assert plan(self.archiving, *both, facts(state=state)).state is PairState.TOMBSTONE

    def test_by_a_merge_hold_both_and_archive_nothing(self) -> None:
        result = plan(self.archiving, bath(state=RecordState.MERGED), customer(CITY="Bath"), self.known)

        assert (stands(result), result.action) == ((PairState.MERGE_HOLD, Reason.MERGED), None)


class TestHeldPairs:
    @pytest.mark.parametrize("state", [PairState.AMBIGUOUS, PairState.MERGE_HOLD])
    def test_wait_for_a_person_with_their_reason(self, state: PairState) -> None:
        known = agreed("city", "Rome", "Rome", state=state, reason=Reason.SEVERAL_CANDIDATES, detail={"candidates": ["1", "2"]})

        result = plan(sync(CITY), bath(), customer(CITY="Oslo"), known)

        assert (stands(result), result.action) == ((state, Reason.SEVERAL_CANDIDATES), None)
        assert (result.detail, result.base_left) == ({"candidates": ["1", "2"]}, {"city": "Rome"})

    def test_orphans_wait_while_one_side_is_gone(self) -> None:
        known = agreed("city", "Bath", "Bath", state=PairState.ORPHANED, reason=Reason.EDITED_AND_DELETED)
        gone = customer(CITY="Bath", state=RecordState.ARCHIVED)

        assert stands(plan(sync(CITY), bath(), gone, known)) == (PairState.ORPHANED, Reason.EDITED_AND_DELETED)
        assert plan(sync(CITY), bath(), customer(CITY="Bath"), known).state is PairState.LINKED

    def test_a_tombstone_keeps_a_dead_record_from_coming_back_and_lets_a_live_one(self) -> None:
        known = facts(state=PairState.TOMBSTONE)

        assert plan(sync(CITY), bath(state=RecordState.GONE), None, known).state is PairState.TOMBSTONE
        assert plan(sync(CITY), bath(state=RecordState.GONE), customer(state=RecordState.ARCHIVED), known).state is PairState.TOMBSTONE
        assert plan(sync(CITY), bath(), customer(CITY="Bath"), known).state is PairState.LINKED
        assert plan(sync(CITY), bath(), customer(CITY="Bath", state=RecordState.ARCHIVED), known).state is PairState.ORPHANED

    def test_that_a_person_need_not_decide_any_more_are_over(self) -> None:
        assert plan(sync(CITY), bath(state=RecordState.GONE), None, facts(state=PairState.AMBIGUOUS)).state is PairState.TOMBSTONE


class TestHasKey:
    def test_is_any_of_the_match_keys(self) -> None:
        keyed = sync(CITY, match_keys=(EMAIL_KEY, rules.MatchKey(left="phone", right="PHONE", type=FieldType.PHONE)))

        assert planning.has_key(rules=keyed, side=Side.LEFT, subject=contact(phone="555"))
        assert planning.has_key(rules=keyed, side=Side.RIGHT, subject=customer(EMAIL="ann@lee.example"))
        assert not planning.has_key(rules=keyed, side=Side.LEFT, subject=contact(email=" ", phone="none"))
