"""Files and functions stay small, say what they own, and are named for it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture import tree

LINES = {"syncapp/admin": 200, "syncapp/models": 200, "syncapp/engine": 300}
LINES_ELSEWHERE = 400
FUNCTION_LINES = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}


def budget(file: Path) -> int:
    """Return how many lines the file may have."""
    name = tree.place(file)
    return next((lines for folder, lines in LINES.items() if name.startswith(f"{folder}/")), LINES_ELSEWHERE)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the length of a function without its docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


class TestFiles:
    def test_are_found(self) -> None:
        assert len(tree.modules()) > 50

    def test_stay_within_their_budget(self) -> None:
        lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in tree.modules()}

        too_long = [f"{tree.place(file)}: {lines} lines, budget {budget(file)}" for file, lines in lengths.items() if lines > budget(file)]

        assert too_long == []

    def test_say_what_they_own(self) -> None:
        silent = [tree.place(file) for file in tree.modules() if file.stat().st_size and not ast.get_docstring(tree.parsed(file))]

        assert silent == []

    def test_are_named_for_what_they_own(self) -> None:
        vague = [tree.place(file) for file in tree.modules() if VAGUE & set(file.relative_to(tree.ROOT).with_suffix("").parts)]

        assert vague == []


class TestFunctions:
    def test_fit_on_a_screen(self) -> None:
        too_long = [
            f"{tree.place(file, node.lineno)} {node.name}: {body_lines(node)} lines"
            for file in tree.modules()
            for node in ast.walk(tree.parsed(file))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and body_lines(node) > FUNCTION_LINES
        ]

        assert too_long == []


class TestBudget:
    @pytest.mark.parametrize(
        ("name", "lines"), [("syncapp/engine/merge.py", 300), ("syncapp/models/pairs.py", 200), ("integrations/http.py", 400)]
    )
    def test_depends_on_the_folder(self, name: str, lines: int) -> None:
        assert budget(tree.ROOT / name) == lines
