"""How alike two records are, for a person who decides."""

from __future__ import annotations

import pytest

from syncapp.engine import likeness
from syncapp.engine.likeness import Alike
from syncapp.engine.vocabulary import FieldType


def alike(left: str | None, right: str | None, type: FieldType = FieldType.TEXT) -> Alike | None:
    found = likeness.compared(pairs=[("City", type, left, right)]).fields
    return found[0].alike if found else None


class TestLikeness:
    @pytest.mark.parametrize(
        ("left", "right", "type", "expected"),
        [
            ("Łódź", " łódź ", FieldType.TEXT, Alike.SAME),
            ("+48 22 555 01 00", "(48) 22-555-0100", FieldType.PHONE, Alike.SAME),
            ("Ann", "Ann Kowalska", FieldType.TEXT, Alike.CLOSE),
            ("Kowalski", "Kowalsky", FieldType.TEXT, Alike.CLOSE),
            ("Warsaw", "Gdańsk", FieldType.TEXT, Alike.DIFFERENT),
            ("1000", "1001", FieldType.NUMBER, Alike.DIFFERENT),
            ("Warsaw", None, FieldType.TEXT, None),
            ("  ", "Warsaw", FieldType.TEXT, None),
        ],
    )
    def test_tells_what_people_would_call_the_same(self, left: str, right: str | None, type: FieldType, expected: Alike | None) -> None:
        assert alike(left, right, type) is expected

    def test_counts_a_similar_value_half(self) -> None:
        found = likeness.compared(pairs=[
            ("First name", FieldType.TEXT, "Ann", "Ann"), ("Last name", FieldType.TEXT, "Kowalski", "Kowalsky"),
            ("City", FieldType.TEXT, "Warsaw", "Gdańsk"), ("Phone", FieldType.PHONE, "1", None),
        ])

        assert found.percent == 50
        assert found.labels(Alike.CLOSE) == ["Last name"]

    def test_of_nothing_to_compare_is_nothing(self) -> None:
        assert likeness.compared(pairs=[]).percent == 0
