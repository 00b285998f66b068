"""A mapping translates values between two fields and knows what a field refuses."""

from __future__ import annotations

import pytest

from syncapp.engine import mapping as mappings
from syncapp.engine import records
from syncapp.engine.vocabulary import FieldType, Reason
from tests.engine.examples import contact, field, mapping

COMPANY = field("companies.name", associated_kind="companies")
STAGE = mapping(
    "stage",
    field("stage", FieldType.CHOICE),
    field("STAGE", FieldType.CHOICE),
    value_map=(("lead", "L"), ("prospect", "L"), ("client", "C")),
)


class TestLeftValue:
    def test_falls_back_in_order_where_the_field_is_blank(self) -> None:
        name = mapping("name", COMPANY, field("DisplayName"), fallbacks=(field("fullname"), field("email")))
        companies = {"companies": ({"name": "Acme"}, {"name": "Other"})}

        assert mappings.left_value(name, contact(related=companies, fullname="Ann Lee")) == "Acme"
        assert mappings.left_value(name, contact(related={"companies": ({"name": " "},)}, fullname="Ann Lee")) == "Ann Lee"
        assert mappings.left_value(name, contact(related={"companies": ()}, email="ann@lee.example")) == "ann@lee.example"
        assert mappings.left_value(name, contact()) is None


class TestConvert:
    @pytest.mark.parametrize(
        ("origin", "into", "value", "expected"),
        [
            (FieldType.TEXT, FieldType.TEXT, " Ann ", " Ann "),
            (FieldType.TEXT, FieldType.TEXT, "  ", None),
            (FieldType.DATETIME, FieldType.DATE, "2026-11-26T03:00:00.000Z", "2026-11-26"),
            (FieldType.DATE, FieldType.DATETIME, "2026-11-26", "2026-11-26T00:00:00.000Z"),
            (FieldType.NUMBER, FieldType.TEXT, "12.5", "12.5"),
            (FieldType.BOOLEAN, FieldType.TEXT, True, "true"),
            (FieldType.CHOICES, FieldType.TEXT, ("a", "b"), "a;b"),
            (FieldType.CHOICE, FieldType.BOOLEAN, "yes", True),
            (FieldType.EMAIL, FieldType.EMAIL, "Ann@lee.example, office@lee.example", "Ann@lee.example"),
            (FieldType.EMAIL, FieldType.TEXT, "Ann@lee.example, office@lee.example", "Ann@lee.example, office@lee.example"),
        ],
    )
    def test_gives_what_the_other_field_holds(
        self, origin: FieldType, into: FieldType, value: records.Value, expected: records.Value
    ) -> None:
        assert mappings.convert(value=value, origin=field("a", origin), into=field("b", into)) == expected

    def test_takes_days_and_midnights_from_the_time_zone(self) -> None:
        day, moment = field("day", FieldType.DATE), field("moment", FieldType.DATETIME)

        assert mappings.convert(value="2026-11-26T03:00:00.000Z", origin=moment, into=day, time_zone="America/New_York") == "2026-11-25"
        assert mappings.convert(value="2026-11-26", origin=day, into=moment, time_zone="America/New_York") == "2026-11-26T05:00:00.000Z"

    def test_rounds_to_the_decimals_of_the_field(self) -> None:
        assert mappings.convert(value="1.005", origin=field("a", FieldType.NUMBER), into=field("b", FieldType.NUMBER, decimals=2)) == "1.01"

    def test_leaves_what_cannot_be_turned_for_the_check(self) -> None:
        number = field("b", FieldType.NUMBER)
        value = mappings.convert(value="many", origin=field("a"), into=number)

        assert value == "many"
        assert mappings.check(spec=number, value=value) is Reason.NOT_ALLOWED


class TestValueMap:
    def test_translates_there_and_back(self) -> None:
        assert mappings.to_right(STAGE, "prospect") == "L"
        assert mappings.to_left(STAGE, "L") == "lead"
        assert mappings.to_right(STAGE, "unheard") == "unheard"
        assert mappings.to_left(STAGE, None) is None

    def test_translates_lists_and_yes_or_no(self) -> None:
        tags = mapping("tags", field("tags", FieldType.CHOICES), field("TAGS", FieldType.CHOICES), value_map=(("a", "z"), ("b", "y")))
        active = mapping(
            "active", field("active", FieldType.BOOLEAN), field("ACTIVE", FieldType.CHOICE), value_map=(("true", "on"), ("false", "off"))
        )

        assert mappings.to_right(tags, ("a", "b", "c")) == ("c", "y", "z")
        assert (mappings.to_right(active, False), mappings.to_left(active, "on")) == ("off", True)

    def test_agrees_where_either_way_leads_to_the_same(self) -> None:
        assert mappings.agree(STAGE, "prospect", "L")
        assert mappings.agree(STAGE, "lead", "L")
        assert not mappings.agree(STAGE, "client", "L")
        assert mappings.agree(STAGE, None, None)
        assert not mappings.agree(STAGE, "lead", None)


class TestCheck:
    @pytest.mark.parametrize(
        ("type", "value", "reason"),
        [
            (FieldType.TEXT, "Ann", None),
            (FieldType.TEXT, None, None),
            (FieldType.EMAIL, "ann@lee.example", None),
            (FieldType.EMAIL, "ann", Reason.NOT_ALLOWED),
            (FieldType.EMAIL, "ann lee@lee.example", Reason.NOT_ALLOWED),
            (FieldType.NUMBER, "12.5", None),
            (FieldType.NUMBER, "many", Reason.NOT_ALLOWED),
            (FieldType.BOOLEAN, True, None),
            (FieldType.BOOLEAN, "true", Reason.NOT_ALLOWED),
            (FieldType.DATE, "2026-11-26", None),
            (FieldType.DATE, "soon", Reason.NOT_ALLOWED),
            (FieldType.CHOICES, ("a",), None),
            (FieldType.CHOICES, "a", Reason.NOT_ALLOWED),
            (FieldType.TEXT, ("a",), Reason.NOT_ALLOWED),
        ],
    )
    def test_finds_what_is_not_of_the_type(self, type: FieldType, value: records.Value, reason: Reason | None) -> None:
        assert mappings.check(spec=field("a", type), value=value) is reason

    def test_finds_what_is_too_long(self) -> None:
        short = field("a", max_length=3)

        assert mappings.check(spec=short, value="Ann") is None
        assert mappings.check(spec=short, value="Anna") is Reason.TOO_LONG

    def test_finds_what_is_not_in_the_list(self) -> None:
        one = field("a", FieldType.CHOICE, choices=(("lead", "Lead"),))
        several = field("a", FieldType.CHOICES, choices=(("a", "A"), ("b", "B")))

        assert (mappings.check(spec=one, value="lead"), mappings.check(spec=one, value="client")) == (None, Reason.NOT_ALLOWED)
        assert (mappings.check(spec=several, value=("a", "b")), mappings.check(spec=several, value=("a", "c"))) == (
            None,
            Reason.NOT_ALLOWED,
        )

    def test_finds_what_is_missing(self) -> None:
        assert mappings.check(spec=field("a", required=True), value=" ") is Reason.MISSING_REQUIRED
