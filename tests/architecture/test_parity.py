"""Every point of parity names the tests that prove it, and these exist."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.architecture import tree

TABLE = tree.ROOT / "docs" / "parity.md"
POINTS = [*(f"R{number}" for number in range(1, 48)), *(f"N{number}" for number in range(1, 18))]
LINE = re.compile(r"^\| ([RN]\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


def lines() -> dict[str, str]:
    """The points that the table has, and what stands beside each as proof."""
    return {point: proof for point, _, proof in LINE.findall(TABLE.read_text(encoding="utf-8"))}


@cache
def known(file: str) -> frozenset[str]:
    """The tests of a file, those of a class with its name before them."""
    found = set()
    for node in ast.parse((tree.ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
        elif isinstance(node, ast.FunctionDef):
            found.add(node.name)
    return frozenset(name for name in found if name.rpartition("::")[2].startswith("test_"))


class TestTable:
    def test_has_every_point_once_and_in_order(self) -> None:
        assert [point for point, _, _ in LINE.findall(TABLE.read_text(encoding="utf-8"))] == POINTS

    @pytest.mark.parametrize("point", POINTS)
    def test_names_tests_that_exist(self, point: str) -> None:
        named = TEST.findall(lines()[point])

        assert named
        assert [f"{file}::{name}" for file, name in named if not (tree.ROOT / file).exists() or name not in known(file)] == []

    def test_is_led_to_by_the_readme(self) -> None:
        assert "(docs/parity.md)" in (tree.ROOT / "README.md").read_text(encoding="utf-8")
