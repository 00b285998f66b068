"""Every promise, rule, finding and incident names the tests that keep it, or says that it is not kept, and why."""

from __future__ import annotations

import re

import pytest

from tests.architecture import tree
from tests.architecture.test_parity import TEST, known

DOCUMENT = tree.ROOT / "docs" / "promises.md"
ARCHITECTURE = tree.ROOT / "docs" / "architecture.md"
PLANTED = tree.ROOT / "tests" / "simulation" / "planted"
NOT_KEPT = re.compile(r"Not kept(?: whole)?: \S.{20,}")
BUG = re.compile(r"`(\w+)`")
PARTS = {
    "P1 to P32": [f"P{number}" for number in range(1, 33)],
    "Rules of the engine": [f"R{number}" for number in range(1, 15)],
    "Findings": [str(number) for number in range(1, 12)],
    "Incidents of others": [str(number) for number in range(1, 21)],
}


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the table below a heading, line by line, without its head."""
    part = text.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]


def lines(heading: str) -> list[list[str]]:
    """The lines of one of the tables of promises."""
    return table(DOCUMENT.read_text(encoding="utf-8"), heading)


def every_line() -> list[tuple[str, str]]:
    """All lines by a short name, each with what stands as its proof."""
    named = [(f"{heading}: {cells[0]}", cells[2]) for heading in PARTS for cells in lines(heading)]
    return [*named, *((f"If it dies: {cells[0]}", cells[1]) for cells in lines("If it dies"))]


class TestPromises:
    @pytest.mark.parametrize("heading", PARTS)
    def test_are_all_there_once_and_in_order(self, heading: str) -> None:
        assert [cells[0] for cells in lines(heading)] == PARTS[heading]

    @pytest.mark.parametrize(("name", "proof"), every_line())
    def test_name_tests_that_exist_or_why_there_is_none(self, name: str, proof: str) -> None:
        named = TEST.findall(proof)

        assert named or NOT_KEPT.match(proof), name
        assert [f"{file}::{test}" for file, test in named if not (tree.ROOT / file).exists() or test not in known(file)] == []

    def test_follow_the_table_of_what_happens_if_it_dies(self) -> None:
        told = [cells[0] for cells in table(ARCHITECTURE.read_text(encoding="utf-8"), "If it dies")]

        assert [cells[0] for cells in lines("If it dies")] == told

    def test_of_the_engine_are_each_broken_by_a_planted_bug(self) -> None:
        broken = {cells[0]: BUG.findall(cells[3]) for cells in lines("Rules of the engine")}

        assert [rule for rule, bugs in broken.items() if not bugs] == []
        assert [bug for bugs in broken.values() for bug in bugs if not (PLANTED / f"{bug}.toml").exists()] == []

    def test_are_led_to_by_the_architecture(self) -> None:
        assert "(promises.md)" in ARCHITECTURE.read_text(encoding="utf-8")
