"""Records that belong to the side on which they were born: what flows, what never gets a partner, and what may not be done to them."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp.engine import lines, merge, ownership, planning, plans, records, rules, schema
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import Direction, FieldType, OperationKind, PairState, Reason, Side
from tests.engine.examples import NOW, contact, customer, facts, field, mapping, sync

OWNER = rules.Ownership(
    field="ours", of_right=False, own=("total", "lines"), guards=(("LINES", rules.Guard.LINES), ("PAID", rules.Guard.NOT_LESS)),
    gates=(
        rules.Gate(field="ours", value=False, reason=Reason.NOT_BILLED, words="Only tracked."),
        rules.Gate(field="status", value="draft", reason=Reason.NOT_FINAL),
    ),
    lines="lines", total="total", right_total="TOTAL", anchor="WHO",
)
LINES = mapping(
    "lines", schema.FieldSpec(name="lines", label="Lines", type=FieldType.LINES, refers_to="products"),
    schema.FieldSpec(name="LINES", label="Lines", type=FieldType.LINES, refers_to="item", required=True),
)
TOTAL = mapping("total", field("total", FieldType.NUMBER), field("TOTAL", FieldType.NUMBER, writable=False), direction=Direction.TO_LEFT)
PAID = mapping("paid", field("paid", FieldType.NUMBER), field("PAID", FieldType.NUMBER, writable=False), direction=Direction.TO_LEFT)
NOTE = mapping("note")
WHO = mapping(
    "who", schema.FieldSpec(name="who", label="Contact", type=FieldType.REFERENCE, refers_to="contacts"),
    schema.FieldSpec(name="WHO", label="Customer", type=FieldType.REFERENCE, refers_to="customer", required=True),
)
REVIEW = Line(record="1", name="Review", quantity="2", price="100")
TRAVEL = Line(record="2", name="Travel", quantity="1", price="45")
TAX = Line(kind=LineKind.TAX, name="Tax", amount="10")


def made(*found: Line) -> records.Value:
    return lines.compose(found)


def the_rules(*mappings: rules.Mapping, **more: Any) -> rules.SyncRules:
    return sync(*(mappings or (LINES, TOTAL, PAID, NOTE)), ownership=OWNER, **more)


def partners(*ids: str, kind: str) -> dict[tuple[str, str], records.Partner]:
    return {(kind, one): records.Partner(external_ids=(one,)) for one in ids}


def both(
    here: tuple[Line, ...], there: tuple[Line, ...], *, known: plans.PairFacts | None = None, ours: bool = True, total: str = "245",
    right_total: str = "245", paid: str = "0", **left: str,
) -> plans.PairPlan:
    """The plan for an invoice with these lines on both sides, which were agreed as they are on the left."""
    agreed = facts(
        {"lines": made(*here), "paid": "50", "note": "a"}, {"lines": made(*here), "paid": "50", "note": "a"},
    )
    one = contact(ours=ours, lines=made(*here), total=total, paid="50", note="a", **left)
    two = customer(LINES=made(*there), TOTAL=right_total, PAID=paid, NOTE="a")
    return planning.plan_pair(
        rules=the_rules(),
        left=records.Subject(record=one.record, partners=partners("1", "2", kind="item")),
        right=records.Subject(record=two.record, partners=partners("1", "2", kind="products")),
        facts=known or agreed, now=NOW,
    )


def half(**values: Any) -> plans.PairPlan:
    """The plan for an invoice that only HubSpot has."""
    given: dict[str, Any] = {"ours": True, "status": "open", "lines": made(REVIEW), "total": "200", **values}
    subject = records.Subject(record=contact(**given).record, partners=partners("1", kind="item"))
    return planning.plan_pair(rules=the_rules(LINES, TOTAL), left=subject, right=None, facts=facts(state=PairState.HALF), now=NOW)


class TestBirth:
    def test_is_told_by_one_field(self) -> None:
        found = [ownership.born(the_rules(), contact(ours=value)) for value in (True, None, False)]

        assert found == [Side.LEFT, Side.LEFT, Side.RIGHT]

    def test_does_not_matter_where_nobody_owns_anything(self) -> None:
        assert ownership.born(sync(NOTE), contact(ours=False)) is None
        assert ownership.may_write(sync(NOTE), NOTE, Side.RIGHT, contact(ours=False))

    def test_on_the_right_lets_nothing_flow_back(self) -> None:
        here, there = contact(ours=False, note="mine"), customer(NOTE="a")

        merged = merge.merge(pair=merge.Pair(the_rules(NOTE), here, there), facts=facts({"note": "a"}, {"note": "a"}))

        assert merged.writes == {}

    def test_on_the_left_keeps_what_is_its_own_and_shares_the_rest(self) -> None:
        here, there = contact(ours=True, note="a", total="1"), customer(NOTE="b", TOTAL="2")
        known = facts({"note": "a", "total": "1"}, {"note": "a", "total": "1"})

        merged = merge.merge(pair=merge.Pair(the_rules(NOTE, TOTAL), here, there), facts=known)

        assert [change.field for change in merged.writes[Side.LEFT]] == ["note"]


class TestAGate:
    @pytest.mark.parametrize(
        ("values", "reason"), [({"status": "draft"}, Reason.NOT_FINAL), ({"ours": False}, Reason.NOT_BILLED)]
    )
    def test_keeps_a_record_from_getting_a_partner(self, values: dict[str, Any], reason: Reason) -> None:
        plan = half(**values)

        assert (plan.state, plan.reason, plan.action) == (PairState.FROZEN, reason, None)

    def test_says_why_in_its_own_words(self) -> None:
        assert half(ours=False).detail == {"sentence": "Only tracked."}

    def test_lets_all_others_through(self) -> None:
        plan = half()

        assert plan.action is not None and plan.action.kind is OperationKind.CREATE


class TestAForbiddenEdit:
    @pytest.mark.parametrize(
        ("there", "told"),
        [
            ((REVIEW, TRAVEL, TRAVEL), "In QuickBooks a line was added: 1 × Travel at 45."),
            ((REVIEW,), "In QuickBooks a line was removed: 1 × Travel at 45."),
            (
                (Line(record="1", name="Review", quantity="2", price="90"), TRAVEL),
                "In QuickBooks a price or quantity was changed: it was 2 × Review at 100, now 2 × Review at 90.",
            ),
            ((REVIEW, TRAVEL, Line(kind=LineKind.DISCOUNT, amount="5")), "In QuickBooks the discount was changed from 0 to 5."),
            ((REVIEW, TRAVEL, TAX), "In QuickBooks tax was added: 10."),
            (
                (Line(record="1", name="Review", quantity="0", amount="0"), Line(record="2", name="Travel", quantity="0", amount="0")),
                "In QuickBooks the invoice was made void.",
            ),
        ],
    )
    def test_of_lines_fails_and_writes_nothing(self, there: tuple[Line, ...], told: str) -> None:
        plan = both((REVIEW, TRAVEL), there, paid="50")

        assert (plan.state, plan.reason, plan.action) == (PairState.FAILED, Reason.FORBIDDEN_EDIT, None)
        assert plan.detail == {"fields": [{"sentence": told}]}
        assert [found.key for found in plan.conflicts] == ["lines"]

    def test_of_a_payment_fails(self) -> None:
        plan = both((REVIEW, TRAVEL), (REVIEW, TRAVEL), paid="20")

        assert plan.reason is Reason.FORBIDDEN_EDIT
        assert plan.detail == {"fields": [{"sentence": "In QuickBooks a payment was removed: 50 was paid, now it is 20."}]}

    def test_asks_about_the_amount_too_where_it_differs(self) -> None:
        plan = both((REVIEW, TRAVEL), (REVIEW,), paid="50", right_total="200")

        assert [found.key for found in plan.conflicts] == ["lines", "total"]

    @pytest.mark.parametrize(
        "there",
        [
            (TRAVEL, REVIEW),
            (Line(record="1", name="Review", quantity="2", price="100", service_date="2026-11-01", description="In November"), TRAVEL),
        ],
    )
    def test_is_not_the_order_a_description_or_a_service_date(self, there: tuple[Line, ...]) -> None:
        plan = both((REVIEW, TRAVEL), there, paid="50")

        assert (plan.state, plan.action) == (PairState.LINKED, None)

    def test_is_none_of_an_invoice_of_the_right(self) -> None:
        plan = both((REVIEW, TRAVEL), (REVIEW,), ours=False, paid="20", right_total="200")

        assert plan.state is PairState.LINKED
        assert plan.action is not None and plan.action.side is Side.LEFT

    def test_is_over_once_a_person_decided_about_just_that(self) -> None:
        here, there = made(REVIEW, TRAVEL), made(REVIEW)
        known = {"lines": here, "paid": "50", "note": "a"}

        def planned(seen: tuple[records.Value, records.Value], value: records.Value) -> plans.PairPlan:
            decided = facts(known, known, decisions=(plans.Decision(key="lines", value=value, seen=seen),))
            return both((REVIEW, TRAVEL), (REVIEW,), known=decided, paid="50")

        restored, left_alone, of_another_time = planned((here, there), here), planned((here, there), there), planned((here, here), here)

        assert restored.action is not None and restored.action.side is Side.RIGHT
        assert [change.after for change in restored.action.changes] == [here]
        assert (left_alone.state, left_alone.action, left_alone.base_right["lines"]) == (PairState.LINKED, None, there)
        assert of_another_time.reason is Reason.FORBIDDEN_EDIT


class TestAmounts:
    def test_of_lines_must_come_to_the_sum_before_anything_is_made(self) -> None:
        plan = half(total="199.99")

        assert (plan.state, plan.reason) == (PairState.FAILED, Reason.AMOUNTS_DIFFER)
        assert plan.detail == {"sentence": "Its lines come to 200, and HubSpot bills 199.99."}

    def test_that_are_not_told_are_not_compared(self) -> None:
        assert half(total=None).action is not None

    def test_of_both_sides_must_be_the_same_to_the_cent(self) -> None:
        plan = both((REVIEW, TRAVEL), (REVIEW, TRAVEL), paid="50", right_total="245.01")

        assert (plan.state, plan.reason, plan.action) == (PairState.FAILED, Reason.AMOUNTS_DIFFER, None)
        assert plan.detail == {"fields": [{"sentence": "HubSpot bills 245, QuickBooks 245.01."}]}

    def test_that_were_accepted_are_told_again_only_when_they_move(self) -> None:
        known = {"lines": made(REVIEW, TRAVEL), "paid": "50", "note": "a"}
        accepted = facts({**known, "total": "245"}, {**known, "total": "250"})

        as_it_was = both((REVIEW, TRAVEL), (REVIEW, TRAVEL), known=accepted, paid="50", right_total="250")
        moved = both((REVIEW, TRAVEL), (REVIEW, TRAVEL), known=accepted, paid="50", right_total="251")

        assert (as_it_was.state, moved.reason) == (PairState.LINKED, Reason.AMOUNTS_DIFFER)

    def test_of_an_invoice_are_added_up_in_cents(self) -> None:
        found = (
            Line(record="1", quantity="14.5", price="128.35"), TRAVEL, Line(kind=LineKind.DISCOUNT, percent="10"),
            Line(kind=LineKind.FEE, amount="3"), Line(kind=LineKind.TAX, percent="8.25"),
        )

        assert str(lines.total(found)) == "1860.24"


class TestTheAnchor:
    def _planned(self, who: str | None, *known: records.Partner) -> plans.PairPlan:
        subject = records.Subject(
            record=contact(ours=True, who=who, note="a").record,
            partners={("customer", "7"): known[0]} if known else {},
        )
        return planning.plan_pair(rules=the_rules(NOTE, WHO), left=subject, right=None, facts=facts(state=PairState.HALF), now=NOW)

    def test_that_comes_by_itself_is_waited_for(self) -> None:
        plan = self._planned("7", records.Partner(label="Cal", why="It is being created."))

        assert (plan.state, plan.reason) == (PairState.BLOCKED, Reason.WAITS_FOR)

    def test_that_does_not_come_fails_the_record(self) -> None:
        plan = self._planned("7", records.Partner(label="Cal", why="It is excluded.", comes=False))

        assert (plan.state, plan.reason) == (PairState.FAILED, Reason.NO_CUSTOMER)
        assert "The contact “Cal” has no partner. It is excluded." in str(plan.detail)

    def test_that_is_not_named_fails_the_record(self) -> None:
        plan = self._planned(None)

        assert (plan.state, plan.reason, plan.detail) == (PairState.FAILED, Reason.NO_CUSTOMER, {"sentence": "It names no customer."})


class TestAMark:
    GIVEN = rules.Given(side=Side.RIGHT, field="NOTE", label="note", value="Invoice {id}.", sought_by="WHO")

    def test_names_the_record_that_it_is_made_from(self) -> None:
        plan = planning.plan_pair(
            rules=the_rules(PAID, mapping("city"), given=(self.GIVEN,)), left=contact(ours=True, city="Gdynia", external_id="77"),
            right=None, facts=facts(state=PairState.HALF), now=NOW,
        )

        assert plan.action is not None
        assert {change.field: change.after for change in plan.action.changes} == {"CITY": "Gdynia", "NOTE": "Invoice 77."}

    def test_gives_way_to_a_value_that_is_mapped(self) -> None:
        plan = planning.plan_pair(
            rules=the_rules(NOTE, given=(self.GIVEN,)), left=contact(ours=True, note="mine"), right=None,
            facts=facts(state=PairState.HALF), now=NOW,
        )

        assert plan.action is not None
        assert [change.after for change in plan.action.changes] == ["mine"]
