"""What differs between two states of a sync's settings, in words: nothing that differs is left out."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from syncapp.engine.settings_file import Condition, FieldPair, Group, Settings, Step
from syncapp.engine.vocabulary import ConflictRule, Direction, FilterOperator, Side, TransformKind
from syncapp.selectors import setting_changes
from tests.engine.test_settings_file import settings

HERE = settings()
LABELS = {
    Side.LEFT: {"city": "Place", "state": "Place", "firstname": "First name"}, Side.RIGHT: {"GivenName": "Given name"},
}


def told(after: Settings, before: Settings = HERE) -> list[str]:
    """The changes in words; each has another text before and after."""
    found = setting_changes.differences(before=before, after=after, labels=LABELS)
    assert all(one.before != one.after for one in found)
    return [one.words for one in found]


class TestNothing:
    def test_differs_between_the_same_settings(self) -> None:
        assert told(settings()) == []


class TestEverySetting:
    @pytest.mark.parametrize("name", [one.name for one in fields(Settings) if one.name not in ("left", "right")])
    def test_is_told(self, name: str) -> None:
        value = getattr(HERE, name)
        choices = list(type(value)) if hasattr(type(value), "choices") else []
        other: Any = next((one for one in choices if one is not value), None) or {
            str: "email", bool: value is False, int: 3, tuple: () if value else HERE.left_filters,
        }[type(value)]

        assert len(told(replace(HERE, **{name: other}))) == 1

    def test_bears_the_name_it_has_on_the_page(self) -> None:
        assert told(replace(HERE, interval_minutes=30, match_left="firstname", conflict_winner=ConflictRule.ASK, brake_creates=3)) == [
            "Every (minutes): 10 → 30", "HubSpot field to match by: empty → “First name”",
            "When both sides changed a field: QuickBooks wins → Ask me", "Brake: records created: 50 → 3",
        ]


class TestMappings:
    @pytest.mark.parametrize(
        ("name", "other", "words"),
        [
            ("direction", Direction.TO_LEFT, "direction: Both ways → QuickBooks → HubSpot"), ("active", False, "on: yes → no"),
            ("fallback", True, "fallback: no → yes"), ("conflict_rule", ConflictRule.LEFT, "conflict: As the sync says → HubSpot wins"),
            ("clears", True, "may clear: no → yes"), ("values", {"a": "c"}, "value map: “a” ↔ “b” → “a” ↔ “c”"),
            ("steps", (), "steps: Shorten what is too long → QuickBooks (“20”) → none"),
            ("steps", (Step(side=Side.LEFT, kind=TransformKind.TRUNCATE, setting="20"),),
             "steps: Shorten what is too long → QuickBooks (“20”) → Shorten what is too long → HubSpot (“20”)"),
        ],
    )
    def test_are_told_part_by_part(self, name: str, other: Any, words: str) -> None:
        mappings = (replace(HERE.mappings[0], **{name: other}),)

        assert told(replace(HERE, mappings=mappings)) == [f"Mapping “First name” ↔ “Given name”, {words}"]

    @pytest.mark.parametrize("name", ["left_field", "right_field"])
    def test_of_other_fields_are_others(self, name: str) -> None:
        gone, come = told(replace(HERE, mappings=(replace(HERE.mappings[0], **{name: "zip"}),)))

        assert gone.endswith("→ not there")
        assert ": not there → direction Both ways, on yes" in come

    def test_of_the_same_fields_are_told_apart(self) -> None:
        one, two = HERE.mappings[0], replace(HERE.mappings[0], fallback=True)
        before = replace(HERE, mappings=(one, two))

        assert told(replace(HERE, mappings=(one, replace(two, clears=True))), before) == [
            "Mapping “First name” ↔ “Given name”, may clear: no → yes"
        ]

    def test_in_another_order_are_told_from_the_first_to_the_last_that_moved(self) -> None:
        many = tuple(replace(HERE.mappings[0], left_field=f"f{number}") for number in range(30))
        after = (*many[:27], many[28], many[27], many[29])

        assert told(replace(HERE, mappings=after), replace(HERE, mappings=many)) == [
            "Order of the mappings: “f27” ↔ “Given name”, “f28” ↔ “Given name” → “f28” ↔ “Given name”, “f27” ↔ “Given name”"
        ]

    def test_cover_all_that_a_mapping_has(self) -> None:
        assert {one.name for one in fields(FieldPair)} == {"left_field", "right_field", "values", "steps", *setting_changes.PARTS}


class TestFilters:
    @pytest.mark.parametrize(
        ("name", "other", "words"),
        [
            ("field", "zip", "zip is any of Łódź, Leeds or is empty"), ("operator", FilterOperator.NONE_OF, "is none of Łódź, Leeds or is"),
            ("values", ("Leeds",), "Place (city) is any of Leeds or is empty"),
            ("include_unset", False, "Place (city) is any of Łódź, Leeds"),
            ("frozen", True, "Łódź, Leeds or is empty (as on the day of set-up)"),
        ],
    )
    def test_are_told_as_sentences(self, name: str, other: Any, words: str) -> None:
        (group,) = HERE.left_filters
        after = replace(HERE, left_filters=(replace(group, conditions=(replace(group.conditions[0], **{name: other}),)),))

        (change,) = told(after)

        assert change.startswith("HubSpot filter group “Cities”: Place (city) is any of Łódź, Leeds or is empty → ")
        assert words in change.partition(" → ")[2]

    def test_in_another_order_are_told(self) -> None:
        one = HERE.left_filters[0]
        two = Group(name="Others", conditions=(*one.conditions, Condition(
            field="state", operator=FilterOperator.IS_KNOWN, values=(), include_unset=False, frozen=False
        )))

        assert told(replace(HERE, left_filters=(two, one)), replace(HERE, left_filters=(one, two))) == [
            "Order of the HubSpot filter groups: Cities, Others → Others, Cities"
        ]
        assert told(replace(HERE, left_filters=(one, two)))[0].endswith("or is empty and Place (state) is known")
