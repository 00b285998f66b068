"""What a record names by id is translated by its partners; what has none is waited for, or does without."""

from __future__ import annotations

from typing import Any

from syncapp.engine import lines, merge, planning, plans, records, references, rules, schema
from syncapp.engine.lines import Line, LineKind
from syncapp.engine.vocabulary import Direction, FieldType, OperationKind, PairState, Reason, Side
from tests.engine.examples import NOW, contact, customer, facts, field, mapping, merged, sync, written

CUSTOMER = field("CUSTOMER", FieldType.REFERENCE, refers_to="customer")
CONTACT = mapping("who", field("who", FieldType.REFERENCE, refers_to="contacts"), CUSTOMER, direction=Direction.TO_LEFT)
COMPANY = mapping("firm", field("firm", FieldType.REFERENCE, refers_to="companies", yields=True), CUSTOMER, direction=Direction.TO_LEFT)
LINES = mapping(
    "lines", field("lines", FieldType.LINES, refers_to="products"), field("LINES", FieldType.LINES, refers_to="item"),
    direction=Direction.TO_LEFT,
)
TO_LEFT: dict[str, Any] = {"direction": Direction.TO_LEFT}
ANN = records.Partner(external_ids=("c1",), label="Ann Archer")
ACME = records.Partner(external_ids=("f1",), needed=False)


def with_partners(found: records.Subject, **partners: records.Partner) -> records.Subject:
    """A subject that knows what it names: `contacts_7` is what its customer or item 7 is among the contacts."""
    known = {(kind, number): one for name, one in partners.items() for kind, _, number in [name.partition("_")]}
    return records.Subject(record=found.record, partners=known)


def translated(value: records.Value, spec: rules.Mapping, **partners: records.Partner) -> tuple[records.Value, tuple[str, ...]]:
    """A value of the right on the left, and the sentences of what is missing."""
    known = with_partners(customer(), **partners).partners
    found, missing = references.translated(value=value, own=spec.right, other=spec.left, partners=known)
    return found, tuple(one.sentence for one in missing)


def sold(*told: Line) -> records.Value:
    return lines.compose(told)


class TestTranslated:
    def test_names_the_partner(self) -> None:
        assert translated("7", CONTACT, contacts_7=ANN) == ("c1", ())

    def test_names_nothing_where_nothing_is_named(self) -> None:
        assert translated(None, CONTACT) == (None, ())

    def test_takes_the_first_of_several_where_one_has_room(self) -> None:
        several = records.Partner(external_ids=("f1", "f2"), needed=False)

        assert translated("7", COMPANY, companies_7=several) == ("f1", ())

    def test_keeps_several_in_order_where_several_have_room(self) -> None:
        two = {"deals_7": records.Partner(external_ids=("d2",)), "deals_8": records.Partner(external_ids=("d1", "d2"))}
        deals = mapping(
            "deals", field("deals", FieldType.REFERENCE, refers_to="deals"), field("DEALS", FieldType.REFERENCE, refers_to="invoice")
        )

        assert translated(("7", "8"), deals, **two) == (("d1", "d2"), ())

    def test_says_what_is_missing_by_name_and_why(self) -> None:
        missing = records.Partner(label="Cash Sales", why="It is excluded.")

        assert translated("7", CONTACT, contacts_7=missing) == (None, ("It waits for the customer “Cash Sales”. It is excluded.",))

    def test_says_what_is_missing_by_its_id_where_nothing_is_known(self) -> None:
        assert translated("7", CONTACT) == (None, ("It waits for the customer with the id 7.",))

    def test_does_without_what_is_not_needed(self) -> None:
        assert translated("7", COMPANY, companies_7=records.Partner(needed=False)) == (None, ())

    def test_names_the_products_of_lines_and_each_missing_one_once(self) -> None:
        value = sold(Line(record="4", price="1"), Line(name="Note"), Line(record="5", price="2"), Line(record="5", price="3"))

        found, missing = translated(value, LINES, products_4=records.Partner(external_ids=("p4",)), products_5=records.Partner(label="X"))

        assert [line.record for line in lines.parse(found)] == ["p4", "", "", ""]
        assert missing == ("It waits for the item “X”.",)


class TestSame:
    SPEC = schema.FieldSpec(name="LINES", label="Lines", type=FieldType.LINES)

    def same(self, one: records.Value, two: records.Value) -> bool:
        return references.same(own=self.SPEC, one=one, two=two)

    def test_is_what_says_the_same_with_other_figures(self) -> None:
        one = sold(Line(record="4", name="Audit ", description="a  b", quantity="1", price="5.0", amount="5", service_date="2026-01-01"))

        assert self.same(one, sold(Line(record="4", name="Audit", description="a b", price="5")))

    def test_is_not_another_quantity_price_product_name_or_order(self) -> None:
        first, second = Line(record="4", name="A", quantity="2", price="5"), Line(record="5", name="B", price="1")
        others = [
            (Line(record="4", name="A", quantity="3", price="5"), second), (Line(record="4", name="A", quantity="2", price="6"), second),
            (Line(record="9", name="A", quantity="2", price="5"), second), (Line(record="4", name="C", quantity="2", price="5"), second),
            (second, first), (first,), (first, second, second),
        ]

        assert [self.same(sold(first, second), sold(*other)) for other in others] == [False] * len(others)

    def test_minds_the_order_within_a_kind_only(self) -> None:
        product, off = Line(record="4", price="5"), Line(kind=LineKind.DISCOUNT, name="Discount", amount="1")

        assert self.same(sold(off, product), sold(product, off))

    def test_tells_no_lines_from_some(self) -> None:
        assert self.same(None, None)
        assert not self.same(None, sold(Line(price="1")))

    def test_is_a_set_where_records_are_named(self) -> None:
        assert references.same(own=CUSTOMER, one=("1", "2"), two=("2", "1"))
        assert references.same(own=CUSTOMER, one="1", two=("1",))
        assert not references.same(own=CUSTOMER, one="1", two="2")


class TestMerge:
    def merge(self, left: records.Subject, right: records.Subject, known: plans.PairFacts | None = None) -> merge.Merged:
        return merged(sync(CONTACT, COMPANY, **TO_LEFT), left, right, known)

    def test_writes_the_partner_and_keeps_what_it_was_made_of(self) -> None:
        right = with_partners(customer(CUSTOMER="7"), contacts_7=ANN, companies_7=ACME)

        result = self.merge(contact(), right)

        assert written(result, Side.LEFT) == {"who": "c1", "firm": "f1"}
        assert result.origin_values[Side.LEFT] == {"who": "7", "firm": "7"}

    def test_agrees_by_partners_not_by_ids(self) -> None:
        right = with_partners(customer(CUSTOMER="7"), contacts_7=ANN, companies_7=ACME)

        result = self.merge(contact(who="c1", firm="f1"), right)

        assert (result.writes, result.missing) == ({}, [])
        assert (result.base_left, result.base_right) == ({"who": "c1", "firm": "f1"}, {"who": "7", "firm": "7"})

    def test_waits_for_what_is_needed_and_only_for_that(self) -> None:
        result = self.merge(contact(), customer(CUSTOMER="7"))

        assert [one.external_id for one in result.missing] == ["7", "7"]

    def test_leaves_what_a_person_put_in_its_place_even_when_the_origin_changes(self) -> None:
        right = with_partners(customer(CUSTOMER="8"), contacts_8=ANN, companies_8=records.Partner(external_ids=("f8",), needed=False))
        known = facts({"who": "c0", "firm": "f1"}, {"who": "7", "firm": "7"})

        for chosen in ("f2", None):
            assert written(self.merge(contact(who="c0", firm=chosen), right, known), Side.LEFT) == {"who": "c1"}

    def test_follows_the_origin_where_nobody_put_anything_else(self) -> None:
        right = with_partners(customer(CUSTOMER="8"), contacts_8=ANN, companies_8=records.Partner(external_ids=("f8",), needed=False))
        known = facts({"who": "c0", "firm": "f1"}, {"who": "7", "firm": "7"})

        assert written(self.merge(contact(who="c0", firm="f1"), right, known), Side.LEFT) == {"who": "c1", "firm": "f8"}

    def test_says_nothing_while_nothing_changed_though_the_partner_of_then_is_gone(self) -> None:
        known = facts({"who": "c1", "firm": "f1"}, {"who": "7", "firm": "7"})

        result = self.merge(contact(who="c1", firm="f1"), customer(CUSTOMER="7"), known)

        assert (result.missing, result.writes, result.refused) == ([], {}, [])


class TestPlan:
    def plan(self, left: records.Subject | None, right: records.Subject, *mappings: rules.Mapping) -> plans.PairPlan:
        known = facts(state=PairState.HALF if left is None else PairState.LINKED)
        sync_rules = sync(*(mappings or (mapping("name"), CONTACT)), **TO_LEFT)
        return planning.plan_pair(rules=sync_rules, left=left, right=right, facts=known, now=NOW)

    def test_blocks_the_birth_of_a_record_that_names_one_without_a_partner(self) -> None:
        missing = records.Partner(label="Cash Sales", why="It is excluded.")

        plan = self.plan(None, with_partners(customer(NAME="1001", CUSTOMER="7"), contacts_7=missing))

        assert (plan.state, plan.reason, plan.action) == (PairState.BLOCKED, Reason.WAITS_FOR, None)
        assert plan.detail == {
            "waits": [{"kind": "customer", "record": "7", "sentence": "It waits for the customer “Cash Sales”. It is excluded."}]
        }

    def test_leaves_what_comes_later_out_of_the_birth(self) -> None:
        later = mapping("who", field("who", FieldType.REFERENCE, refers_to="contacts", later=True), CUSTOMER, direction=Direction.TO_LEFT)

        plan = self.plan(None, with_partners(customer(NAME="1001", CUSTOMER="7"), contacts_7=ANN), mapping("name"), later)

        assert plan.action is not None
        assert (plan.action.kind, [change.field for change in plan.action.changes]) == (OperationKind.CREATE, ["name"])

    def test_holds_the_whole_update_back(self) -> None:
        plan = self.plan(contact(name="1000"), customer(NAME="1001", CUSTOMER="7"))

        assert (plan.state, plan.action) == (PairState.BLOCKED, None)

    def test_names_a_currency_that_is_not_enabled(self) -> None:
        choices = (("USD", "US dollar"),)
        money = mapping("money", field("money", FieldType.CHOICE, choices=choices, currency="USD"), direction=Direction.TO_LEFT)

        plan = self.plan(None, customer(NAME="1001", MONEY="EUR"), mapping("name"), money)

        assert (plan.state, plan.reason) == (PairState.FAILED, Reason.CURRENCY_OFF)
        assert "The currency EUR is not enabled in HubSpot." in str(plan.detail)
