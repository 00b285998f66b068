"""A config is refused when it is saved, with the field and the remedy named."""

from __future__ import annotations

from typing import Any

import pytest

from syncapp.engine import filter_checks, schema
from syncapp.engine.vocabulary import Direction, FieldType, FilterOperator
from tests.engine.examples import condition, field

TWO_WAY = [
    (FieldType.TEXT, FieldType.TEXT),
    (FieldType.NUMBER, FieldType.NUMBER),
    (FieldType.DATE, FieldType.DATE),
    (FieldType.DATETIME, FieldType.DATETIME),
    (FieldType.DATE, FieldType.DATETIME),
    (FieldType.BOOLEAN, FieldType.BOOLEAN),
    (FieldType.CHOICE, FieldType.CHOICE),
    (FieldType.CHOICES, FieldType.CHOICES),
    (FieldType.EMAIL, FieldType.TEXT),
]
AS_TEXT = [FieldType.NUMBER, FieldType.DATE, FieldType.DATETIME, FieldType.BOOLEAN, FieldType.CHOICE, FieldType.CHOICES]


def problems(left: schema.FieldSpec, right: schema.FieldSpec, direction: Direction = Direction.BOTH, **more: Any) -> tuple[str, ...]:
    return schema.mapping_problems(left=left, right=right, direction=direction, **more)


class TestMappingProblems:
    @pytest.mark.parametrize(("left", "right"), TWO_WAY)
    def test_types_of_a_kind_go_both_ways(self, left: FieldType, right: FieldType) -> None:
        assert problems(field("a", left), field("b", right)) == ()
        assert problems(field("a", right), field("b", left)) == ()

    @pytest.mark.parametrize("type", AS_TEXT)
    def test_other_types_go_into_text_one_way(self, type: FieldType) -> None:
        assert problems(field("a", type), field("b"), Direction.TO_RIGHT) == ()
        assert problems(field("b"), field("a", type), Direction.TO_LEFT) == ()

        (problem,) = problems(field("a", type, label="Size"), field("b", label="Notes"))

        assert problem == (
            f'HubSpot field "Size" ({type.label}) cannot take the values of QuickBooks field "Notes" (Text): '
            'set the direction to "HubSpot → QuickBooks" or choose a field of the same type.'
        )

    def test_types_that_never_fit_have_no_direction_for_a_remedy(self) -> None:
        (problem,) = problems(field("a", FieldType.NUMBER), field("b", FieldType.DATE), Direction.TO_RIGHT)

        assert problem.endswith("(Number): choose a field of the same type.")

    def test_a_field_that_cannot_be_written_goes_the_other_way_only(self) -> None:
        balance = field("Balance", FieldType.NUMBER, writable=False)

        assert problems(field("debt", FieldType.NUMBER), balance, Direction.TO_LEFT) == ()
        assert problems(field("debt", FieldType.NUMBER), balance) == (
            'QuickBooks field "Balance" is read-only: set the direction to "QuickBooks → HubSpot" or choose another field.',
        )

    def test_a_field_of_an_associated_record_is_only_read(self) -> None:
        company = field("companies.name", associated_kind="companies")

        assert problems(company, field("DisplayName"), Direction.TO_RIGHT) == ()
        assert "read-only" in problems(company, field("DisplayName"))[0]

    def test_a_field_that_is_not_offered_says_why(self) -> None:
        (problem,) = problems(field("a", reason="It is computed by HubSpot."), field("b"))

        assert problem == 'HubSpot field "a" cannot be mapped: It is computed by HubSpot. Choose another field.'

    def test_a_required_field_is_not_cleared(self) -> None:
        (problem,) = problems(field("a"), field("b", required=True), clears=True)

        assert problem == 'QuickBooks field "b" must not be empty: switch off "clears" for it.'

    def test_lists_without_a_common_value_need_a_value_map(self) -> None:
        left = field("a", FieldType.CHOICE, choices=(("lead", "Lead"),))
        right = field("b", FieldType.CHOICE, choices=(("L", "Lead"),))

        assert "add a value map" in problems(left, right)[0]
        assert problems(left, right, value_map=(("lead", "L"),)) == ()

    def test_a_value_map_joins_a_list_with_yes_or_no(self) -> None:
        left, right = field("a", FieldType.CHOICE), field("b", FieldType.BOOLEAN)

        assert problems(left, right) != ()
        assert problems(left, right, value_map=(("on", "true"), ("off", "false"))) == ()

    def test_a_fallback_must_fit_and_be_of_use(self) -> None:
        number = field("size", FieldType.BOOLEAN)

        assert "cannot stand in for" in problems(field("a", FieldType.NUMBER), field("b", FieldType.NUMBER), fallbacks=(number,))[0]
        assert "remove the fields to fall back on" in problems(field("a"), field("b"), Direction.TO_LEFT, fallbacks=(field("c"),))[0]
        assert 'switch off "clears"' in problems(field("a"), field("b"), clears=True, fallbacks=(field("c"),))[0]
        assert "Choose another field" in problems(field("a"), field("b"), fallbacks=(field("c", reason="Gone."),))[0]

    def test_references_are_not_mapped_as_they_are(self) -> None:
        assert problems(field("a", FieldType.REFERENCE), field("b", FieldType.REFERENCE)) != ()


class TestOperatorsFor:
    def test_every_operator_is_offered_for_some_type(self) -> None:
        offered = {operator for type in FieldType for operator in schema.operators_for(type)}

        assert offered == set(FilterOperator)

    def test_every_type_can_be_asked_whether_it_is_known(self) -> None:
        assert all({FilterOperator.IS_KNOWN, FilterOperator.IS_UNKNOWN} <= set(schema.operators_for(type)) for type in FieldType)


class TestFilterProblems:
    @pytest.mark.parametrize(
        ("type", "operator", "values"),
        [
            (FieldType.TEXT, FilterOperator.CONTAINS, ("a", "b")),
            (FieldType.NUMBER, FilterOperator.BETWEEN, ("1", "2.5")),
            (FieldType.NUMBER, FilterOperator.EQUALS, ("1",)),
            (FieldType.BOOLEAN, FilterOperator.EQUALS, ("true",)),
            (FieldType.CHOICE, FilterOperator.ANY_OF, ("draft", "open")),
            (FieldType.DATE, FilterOperator.AFTER, ("2026-11-26",)),
            (FieldType.DATETIME, FilterOperator.BETWEEN, ("2026-11-26", "2026-11-26T09:30:00.000Z")),
            (FieldType.DATE, FilterOperator.MORE_THAN_DAYS_AGO, ("30",)),
            (FieldType.DATE, FilterOperator.IN_LAST, ("quarter",)),
            (FieldType.DATE, FilterOperator.BEFORE_FIELD, ("due",)),
            (FieldType.TEXT, FilterOperator.IS_KNOWN, ()),
        ],
    )
    def test_none_where_the_rule_makes_sense(self, type: FieldType, operator: FilterOperator, values: tuple[str, ...]) -> None:
        spec = field("a", type, choices=(("draft", "Draft"), ("open", "Open")) if type is FieldType.CHOICE else ())

        assert filter_checks.problems(condition(spec, operator, *values)) == ()

    @pytest.mark.parametrize(
        ("type", "operator", "values", "words"),
        [
            (FieldType.TEXT, FilterOperator.GREATER, ("1",), 'cannot ask "is greater than". Choose another condition.'),
            (FieldType.TEXT, FilterOperator.EQUALS, (), "needs 1 value or more, it has 0."),
            (FieldType.TEXT, FilterOperator.IS_KNOWN, ("a",), "needs no value, it has 1."),
            (FieldType.NUMBER, FilterOperator.BETWEEN, ("1",), "needs 2 values, it has 1."),
            (FieldType.NUMBER, FilterOperator.EQUALS, ("1", "2"), "needs 1 value, it has 2."),
            (FieldType.NUMBER, FilterOperator.GREATER, ("many",), 'needs number values, "many" is none.'),
            (FieldType.NUMBER, FilterOperator.BETWEEN, ("3", "2"), "the wrong way round"),
            (FieldType.BOOLEAN, FilterOperator.EQUALS, ("maybe",), 'needs yes or no values, "maybe" is none.'),
            (FieldType.DATE, FilterOperator.AFTER, ("soon",), 'needs date values, "soon" is none.'),
            (FieldType.DATE, FilterOperator.BETWEEN, ("2026-11-27", "2026-11-26"), "the wrong way round"),
            (FieldType.DATE, FilterOperator.LESS_THAN_DAYS_AGO, ("-3",), 'needs a whole number of days, not "-3".'),
            (FieldType.DATE, FilterOperator.IN_THIS, ("decade",), 'needs one of day, week, month, quarter, year, not "decade".'),
            (FieldType.CHOICE, FilterOperator.ANY_OF, ("paid",), '"paid", which is not one of its values. Choose one of the list.'),
            (FieldType.TEXT, FilterOperator.CONTAINS, ("  ",), "has an empty value"),
        ],
    )
    def test_name_the_field_and_the_remedy(self, type: FieldType, operator: FilterOperator, values: tuple[str, ...], words: str) -> None:
        spec = field("a", type, label="Stage", choices=(("draft", "Draft"),) if type is FieldType.CHOICE else ())

        (problem,) = filter_checks.problems(condition(spec, operator, *values))

        assert problem.startswith('The filter on "Stage"')
        assert words in problem

    def test_a_field_that_the_account_does_not_have_is_named(self) -> None:
        rule = condition(field("gone"), FilterOperator.IS_KNOWN)

        (problem,) = filter_checks.problems(rule, fields={"here": field("here")})

        assert 'a field "gone" that the account does not have' in problem

    def test_a_field_that_is_not_offered_says_why(self) -> None:
        (problem,) = filter_checks.problems(condition(field("a", reason="It is hidden."), FilterOperator.IS_KNOWN))

        assert problem == 'The filter on "a" cannot be used: It is hidden. Choose another field.'

    @pytest.mark.parametrize("other", [field("due"), field("invoices.due", FieldType.DATE, associated_kind="invoices")])
    def test_dates_are_compared_with_dates_of_the_same_record(self, other: schema.FieldSpec) -> None:
        sent = field("sent", FieldType.DATE)
        rule = condition(sent, FilterOperator.BEFORE_FIELD, other.name)

        assert "not a date of the same record" in filter_checks.problems(rule, fields={"sent": sent, other.name: other})[0]
        assert (
            filter_checks.problems(
                condition(sent, FilterOperator.BEFORE_FIELD, "paid"),
                fields={"sent": sent, "paid": field("paid", FieldType.DATETIME)},
            )
            == ()
        )
