"""Every security check names the tests that keep it, or says why it does not apply."""

from __future__ import annotations

import re

import pytest

from tests.architecture import tree
from tests.architecture.test_parity import TEST, known

DOCUMENT = tree.ROOT / "docs" / "security.md"
NOT_APPLICABLE = re.compile(r"Not applicable: \S.{20,}")
CHECKS = [
    f"S-{number}"
    for first, last in ((1, 6), (10, 19), (20, 23), (30, 36), (40, 44), (50, 56), (60, 65), (70, 78), (80, 88), (90, 95))
    for number in range(first, last + 1)
]


def lines() -> list[list[str]]:
    """The cells of every line of the tables, without their heads."""
    found = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| S-")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


class TestSecurityChecks:
    def test_are_all_there_once(self) -> None:
        assert sorted(cells[0] for cells in lines()) == sorted(CHECKS)

    @pytest.mark.parametrize(("name", "proof"), [(cells[0], cells[2]) for cells in lines()])
    def test_name_tests_that_exist_or_why_there_is_none(self, name: str, proof: str) -> None:
        named = TEST.findall(proof)

        assert named or NOT_APPLICABLE.match(proof), name
        assert [f"{file}::{test}" for file, test in named if not (tree.ROOT / file).exists() or test not in known(file)] == []

    def test_are_led_to_by_the_architecture(self) -> None:
        assert "(security.md)" in (tree.ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
