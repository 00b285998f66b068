"""The file of a sync's settings: it comes back as it went out, and nothing else gets in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from syncapp.engine import settings_file
from syncapp.engine.settings_file import Condition, FieldPair, Group, Settings, Step
from syncapp.engine.vocabulary import (
    ConflictRule,
    CreateTo,
    DeletePolicy,
    Direction,
    FilterOperator,
    LeaveFilterPolicy,
    MatchMode,
    NamePolicy,
    NewProductType,
    ObjectPair,
    Side,
    System,
    TransformKind,
)


def settings(**other: Any) -> Settings:
    condition = Condition(field="city", operator=FilterOperator.ANY_OF, values=("Łódź", "Leeds"), include_unset=True, frozen=False)
    mapping = FieldPair(
        left_field="firstname", right_field="GivenName", direction=Direction.BOTH, active=True, fallback=False,
        conflict_rule=ConflictRule.CONFIG, clears=False, values={"a": "b"},
        steps=(Step(side=Side.RIGHT, kind=TransformKind.TRUNCATE, setting="20"),),
    )
    given: dict[str, Any] = {
        "left": System.HUBSPOT, "right": System.QUICKBOOKS, "name": "People", "object_pair": ObjectPair.CONTACT_CUSTOMER,
        "direction": Direction.BOTH, "create_to": CreateTo.BOTH, "interval_minutes": 10, "match_mode": MatchMode.DEFAULT, "match_left": "",
        "match_right": "", "key_required": True, "conflict_winner": ConflictRule.RIGHT, "leave_policy": LeaveFilterPolicy.STOP,
        "delete_policy": DeletePolicy.REVIEW, "name_policy": NamePolicy.FAIL, "name_suffix": " ({n})",
        "new_product_type": NewProductType.SERVICE, "income_account": "", "expense_account": "", "brake_creates": 50,
        "brake_updates": 200, "brake_archives": 10, "left_filters": (Group(name="Cities", conditions=(condition,)),), "right_filters": (),
        "mappings": (mapping,),
    }
    return Settings(**{**given, **other})


def raw(**other: Any) -> dict[str, Any]:
    """The file as anybody could write it."""
    found: dict[str, Any] = {**json.loads(settings_file.written(settings())), **other}
    return found


def refused(content: bytes | dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(settings_file.Unreadable) as caught:
        settings_file.read(content if isinstance(content, bytes) else json.dumps(content).encode())
    return caught.value.sentences


class TestFile:
    def test_comes_back_as_it_went_out(self) -> None:
        text = settings_file.written(settings())

        assert settings_file.read(text.encode()) == settings()
        assert settings_file.written(settings_file.read(text.encode())) == text

    def test_can_be_read_line_by_line(self) -> None:
        lines = settings_file.written(settings()).splitlines()

        assert lines[:5] == ["{", '  "syncapp_settings": 1,', '  "left": "HUBSPOT",', '  "right": "QUICKBOOKS",', '  "name": "People",']
        assert '            "Łódź",' in lines
        assert '        "a": "b"' in lines

    def test_may_begin_with_a_mark_of_its_encoding(self) -> None:
        assert settings_file.read(b"\xef\xbb\xbf" + settings_file.written(settings()).encode()) == settings()


class TestHostileFile:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"x" * (settings_file.MOST_BYTES + 1), "The file is larger than 5 MB. It holds no settings of a sync."),
            (b"", "The file cannot be read as JSON: line 1 is not as it must be. Mend it there."),
            (b'{\n"a": 1,\n}', "The file cannot be read as JSON: line 3 is not as it must be. Mend it there."),
            (b"\xff\xfe{}", "The file is no text in UTF-8. Choose one that was downloaded from the page of a sync."),
            (b"[" * 200_000, "The file is nested far too deeply. It holds no settings of a sync."),
            (b"[]", "The file holds no settings of a sync. Choose one that was downloaded from the page of a sync."),
            (b"{}", "The file holds no settings of a sync. Choose one that was downloaded from the page of a sync."),
            (b'{"a": NaN}', "The file holds a number that cannot be read. It holds no settings of a sync."),
            (b'{"a": ' + b"9" * 5000 + b"}", "The file holds a number that cannot be read. It holds no settings of a sync."),
            (b'{"a": 1, "a": 2}', "“a” stands twice in one place of the file. Remove one of the two."),
        ],
        ids=["large", "empty", "no JSON", "no UTF-8", "deep", "a list", "another object", "no number", "endless number", "a key twice"],
    )
    def test_is_refused_in_one_sentence(self, content: bytes, words: str) -> None:
        assert refused(content) == (words,)

    @pytest.mark.parametrize("version", [0, 2, "1", None, True, [1]])
    def test_of_another_version_is_refused(self, version: object) -> None:
        (words,) = refused(raw(syncapp_settings=version))

        assert words.startswith(f"The file is of version {version}, and only version 1 is read here.")

    @pytest.mark.parametrize(
        ("other", "words"),
        [
            ({"token": "x"}, "“token”: this is not known here. Remove it."),
            ({"left": "SHOPIFY"}, "“left”: “SHOPIFY” is not known. Write one of HUBSPOT, QUICKBOOKS."),
            ({"left": "QUICKBOOKS"}, "“left” has to be HUBSPOT: only HubSpot can be there."),
            ({"name": 5}, "“name”: it has to be a text in quotation marks."),
            ({"name": "x" * 101}, "“name”: it is longer than 100 characters. Shorten it."),
            ({"name": "a\0b"}, "“name”: it holds a character that cannot be kept. Remove it."),
            ({"name": "a\ud800b"}, "“name”: it holds a character that cannot be kept. Remove it."),
            ({"interval_minutes": 0}, "“interval_minutes”: it has to be from 1 to 1440."),
            ({"brake_creates": True}, "“brake_creates”: it has to be a whole number."),
            ({"brake_creates": 1.5}, "“brake_creates”: it has to be a whole number."),
            ({"key_required": "yes"}, "“key_required”: it has to be true or false."),
            ({"conflict_winner": "CONFIG"}, "“conflict_winner” names no winner. Write one of LEFT, RIGHT, NEWEST, ASK."),
            ({"mappings": {}}, "“mappings”: it has to be a list in brackets, of at most 20,000."),
            ({"mappings": [[]]}, "“mappings → 1”: it has to be an object in braces."),
        ],
    )
    def test_is_told_the_place_that_is_wrong(self, other: dict[str, Any], words: str) -> None:
        assert refused(raw(**other)) == (words,)

    def test_is_told_every_place_at_once(self) -> None:
        content = raw(direction="SIDEWAYS")
        del content["brake_updates"]
        content["left_filters"][0]["conditions"][0]["operator"] = "RHYMES_WITH"
        content["mappings"][0]["steps"][0]["kind"] = "SHOUT"
        content["mappings"][0]["values"] = {"a": 1}

        found = refused(content)

        assert [one.partition("”")[0] for one in found] == [
            "“brake_updates", "“direction", "“left_filters → 1 → conditions → 1 → operator", "“mappings → 1 → values → a",
            "“mappings → 1 → steps → 1 → kind",
        ]

    def test_with_very_much_wrong_is_told_so_in_short(self) -> None:
        found = refused(raw(mappings=[5] * 1000))

        assert len(found) == settings_file.MOST_TOLD + 1
        assert found[-1] == "980 more places are wrong."
