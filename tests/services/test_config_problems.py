"""What keeps a sync from being switched on: its problems, and filters that cannot be."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import IntegrityError
from django.utils import translation

from syncapp import models
from syncapp.engine.vocabulary import (
    ConnectionStatus,
    CreateTo,
    Direction,
    FieldType,
    FilterOperator,
    MatchMode,
    NamePolicy,
    ObjectPair,
    Side,
)
from syncapp.services import config_checks, configs, defaults
from tests.services import made
from tests.services.made import NOW, TwoSides, sound

pytestmark = pytest.mark.django_db


def found(sides: TwoSides) -> list[tuple[str, str]]:
    return [(one.field, one.words) for one in configs.problems(config=sides.config)]


def draft_rule(
    sides: TwoSides, name: str, operator: FilterOperator, values: object, *, side: Side = Side.LEFT
) -> Sequence[config_checks.Problem]:
    group = models.FilterGroup(config=sides.config, side=side, name="New")
    field = sides.left_fields[name] if side is Side.LEFT else sides.right_fields[name]
    rule = models.FilterRule(group=group, field=field, operator=operator, values=values)
    return configs.check_forms(config=sides.config, mappings=list(sides.config.mappings.all()), groups=[(group, [rule])])


class TestProblems:
    def test_finds_nothing_wrong_with_the_recommended_settings(self) -> None:
        assert found(sound()) == []

    def test_asks_for_the_accounts_of_a_config_without_any(self) -> None:
        problems = configs.check_forms(config=models.SyncConfig(name="New"), mappings=[], groups=[])

        assert [one.field for one in problems] == ["left", "right"]
        assert "connect one first" in problems[0].words

    def test_names_a_property_that_the_account_does_not_have(self) -> None:
        sides = sound()
        models.VendorField.objects.filter(pk=sides.left_fields["city"].pk).update(archived=True)

        (problem,) = configs.problems(config=sides.config)

        assert problem.field == "left_field"
        assert "no field “City” (city). Refresh its fields" in problem.words
        assert [row.left_field.name for row in sides.config.mappings.all()][problem.mapping or 0] == "city"

    def test_names_a_property_of_another_account(self) -> None:
        sides = sound()
        stranger = made.field(made.quickbooks("77"), "Notes")
        models.FieldMapping.objects.create(config=sides.config, left_field=made.field(sides.left, "note"), right_field=stranger)

        assert [(one.field, "no field “Notes”" in one.words) for one in configs.problems(config=sides.config)] == [("right_field", True)]

    def test_refuses_fields_of_incompatible_types(self) -> None:
        sides = sound()
        sides.left_fields["score"] = made.field(sides.left, "score", FieldType.NUMBER)
        sides.mapping("score", "Taxable")

        problems = found(sides)

        assert {field for field, _ in problems} == {"left_field", "right_field"}
        assert any("choose a field of the same type" in words for _, words in problems)

    def test_refuses_to_write_what_is_read_only(self) -> None:
        sides = sound()
        sides.left_fields["score"] = made.field(sides.left, "score", FieldType.NUMBER)
        sides.mapping("score", "Balance")

        assert [(field, "read-only" in words) for field, words in found(sides)] == [("right_field", True)]

    def test_stand_at_the_same_field_in_every_language(self) -> None:
        sides = sound()
        sides.left_fields["score"] = made.field(sides.left, "score", FieldType.NUMBER)
        sides.mapping("score", "Balance")

        with translation.override("pl"):
            assert [field for field, _ in found(sides)] == ["right_field"]

    def test_refuses_two_mappings_that_write_one_field(self) -> None:
        sides = sound()
        again = models.FieldMapping(
            config=sides.config, left_field=sides.left_fields["company"], right_field=sides.right_fields["GivenName"],
            direction=Direction.TO_RIGHT,
        )

        problems = configs.check_forms(config=sides.config, mappings=[*sides.config.mappings.all(), again], groups=[])

        assert [(one.field, one.mapping) for one in problems] == [("right_field", 15)]
        assert "written by two mappings. Remove one" in problems[0].words

    def test_keeps_in_the_database_what_the_forms_refuse(self) -> None:
        sides = sound()

        with pytest.raises(IntegrityError):
            sides.mapping("company", "GivenName", Direction.TO_RIGHT)

    def test_refuses_two_syncs_that_write_one_field(self) -> None:
        sides = TwoSides()
        sides.mapping("company", "DisplayName", Direction.TO_RIGHT)
        other = made.hubspot("222")
        config = models.SyncConfig.objects.create(name="Second", left=other, right=sides.right, object_pair=ObjectPair.CONTACT_CUSTOMER)
        for name in ("company", "email"):
            made.field(other, name, FieldType.EMAIL if name == "email" else FieldType.TEXT)
        models.FieldMapping.objects.create(
            config=config, left_field=other.vendor_fields.get(name="company"), right_field=sides.right_fields["DisplayName"],
            direction=Direction.TO_RIGHT,
        )

        (problem,) = configs.problems(config=config)

        assert problem.field == "right_field"
        assert "“Displayname” is written by the sync “Contacts” already" in problem.words

    def test_lets_two_syncs_read_one_field(self) -> None:
        sides = sound()
        other = models.SyncConfig.objects.create(
            name="Second", left=sides.left, right=made.quickbooks("77"), object_pair=ObjectPair.CONTACT_CUSTOMER,
            direction=Direction.TO_RIGHT, create_to=CreateTo.RIGHT,
        )
        made.customer_fields(other.right)
        defaults.fill(config=other, now=NOW)

        assert configs.problems(config=other) == ()

    def test_asks_for_a_mapping_where_there_is_none(self) -> None:
        assert ("mappings", "No field is mapped, so there is nothing to sync. Add a mapping or switch one on.") in found(TwoSides())

    def test_asks_for_the_fields_that_a_new_record_needs(self) -> None:
        sides = TwoSides()
        sides.mapping("email", "PrimaryEmailAddr.Address")

        assert found(sides) == [
            (
                "mappings",
                "A new QuickBooks record needs “Displayname” or “Givenname” or “Familyname”. "
                "Map one of them, or create nothing in QuickBooks.",
            )
        ]

    def test_needs_no_name_where_nothing_is_created(self) -> None:
        sides = TwoSides()
        sides.mapping("email", "PrimaryEmailAddr.Address")
        sides.config.create_to = CreateTo.LEFT

        assert found(sides) == []

    def test_refuses_to_create_against_the_direction(self) -> None:
        sides = sound()
        sides.config.direction, sides.config.create_to = Direction.TO_LEFT, CreateTo.RIGHT

        assert [field for field, _ in found(sides)] == ["create_to"]

    def test_asks_for_both_fields_to_match_by(self) -> None:
        sides = sound()
        sides.config.match_mode, sides.config.match_left = MatchMode.OWN_FIELD, sides.left_fields["company"]

        assert found(sides) == [("match_right", "Choose the QuickBooks field to match by, or match by the usual key.")]

    def test_refuses_to_match_fields_that_can_never_be_the_same(self) -> None:
        sides = sound()
        sides.config.match_mode = MatchMode.OWN_FIELD
        sides.config.match_left, sides.config.match_right = sides.left_fields["createdate"], sides.right_fields["Taxable"]

        assert [field for field, _ in found(sides)] == ["match_right"]

    def test_names_a_missing_usual_key(self) -> None:
        sides = sound()
        models.VendorField.objects.filter(pk=sides.right_fields["PrimaryEmailAddr.Address"].pk).update(archived=True)

        assert [field for field, _ in found(sides)] == ["match_mode", "right_field"]

    def test_refuses_a_suffix_without_a_number(self) -> None:
        sides = sound()
        sides.config.name_policy, sides.config.name_suffix = NamePolicy.SUFFIX, " again"

        assert [field for field, _ in found(sides)] == ["name_suffix"]

    def test_refuses_a_fallback_that_is_to_be_written_both_ways(self) -> None:
        sides = sound()
        extra = models.FieldMapping(
            config=sides.config, left_field=made.field(sides.left, "jobtitle"), right_field=sides.right_fields["CompanyName"], fallback=True
        )

        problems = configs.check_forms(config=sides.config, mappings=[*sides.config.mappings.all(), extra], groups=[])

        assert [(one.field, one.mapping) for one in problems] == [("direction", 15)]

    @pytest.mark.parametrize(
        ("facts", "words"),
        [({"status": ConnectionStatus.NEEDS_RECONNECT}, "connect it again"), ({"paused": True}, "let it go on")],
    )
    def test_says_when_an_account_cannot_be_used(self, facts: dict[str, object], words: str) -> None:
        sides = sound()
        models.Connection.objects.filter(pk=sides.left.pk).update(**facts)
        sides.config.refresh_from_db()

        ((field, said),) = found(sides)

        assert field == "left"
        assert words in said


class TestFilters:
    def test_refuses_a_value_of_the_wrong_type(self) -> None:
        (problem,) = draft_rule(sound(), "createdate", FilterOperator.AFTER, ["yesterday"])

        assert (problem.field, problem.rule) == ("values", (0, 0))
        assert "Createdate" in problem.words

    def test_refuses_values_that_are_no_list(self) -> None:
        (problem,) = draft_rule(sound(), "city", FilterOperator.EQUALS, "Łódź")

        assert problem.field == "values"

    def test_refuses_a_question_that_the_type_does_not_know(self) -> None:
        (problem,) = draft_rule(sound(), "city", FilterOperator.BETWEEN, ["1", "2"])

        assert "Choose another condition" in problem.words

    @pytest.mark.parametrize(
        ("side", "name", "operator", "words"),
        [
            (
                Side.RIGHT, "CompanyName", FilterOperator.EVER_EQUALED,
                'The filter on "Companyname" cannot ask "has ever been equal to": QuickBooks does not tell what this field held before. '
                'Ask for the value it has now, with "is equal to".',
            ),
            (
                Side.LEFT, "full_name", FilterOperator.NEVER_CONTAINED,
                'The filter on "Full name" cannot ask "has never contained": HubSpot does not tell what this field held before. '
                'Ask for the value it has now, with "does not contain".',
            ),
        ],
    )
    def test_refuses_to_ask_for_a_past_that_nobody_tells(self, side: Side, name: str, operator: FilterOperator, words: str) -> None:
        (problem,) = draft_rule(sound(), name, operator, ["Acme"], side=side)

        assert problem.words == words

    @pytest.mark.parametrize("name", ["city", "companies.name"])
    def test_lets_hubspot_be_asked_for_the_past(self, name: str) -> None:
        assert draft_rule(sound(), name, FilterOperator.EVER_EQUALED, ["Bath"]) == ()

    def test_refuses_a_property_that_is_not_there_any_more(self) -> None:
        sides = sound()
        models.VendorField.objects.filter(pk=sides.left_fields["createdate"].pk).update(archived=True)

        (problem,) = draft_rule(sides, "createdate", FilterOperator.AFTER, ["2026-01-01T00:00:00.000Z"])

        assert (problem.field, problem.rule) == ("field", (0, 0))

    def test_refuses_a_group_without_a_condition(self) -> None:
        sides = sound()
        group = models.FilterGroup(config=sides.config, side=Side.LEFT, name="Empty")

        (problem,) = configs.check_forms(config=sides.config, mappings=list(sides.config.mappings.all()), groups=[(group, [])])

        assert "“Empty” has no condition" in problem.words
