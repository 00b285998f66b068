"""Our source files, as the rules about them want to see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("settings", "syncapp", "integrations")


def modules(*places: str) -> list[Path]:
    """Return the Python files below the places, without migrations, or those of all packages."""
    found = [file for place in places or PACKAGES for file in sorted((ROOT / place).rglob("*.py"))]
    return [file for file in found if "migrations" not in file.parts and "__pycache__" not in file.parts]


def templates() -> list[Path]:
    """Return our HTML templates."""
    return sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.html"))


@cache
def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def place(file: Path, line: int | None = None) -> str:
    """Return how to name a place in a failure."""
    return f"{file.relative_to(ROOT)}:{line}" if line else str(file.relative_to(ROOT))


def strings(file: Path) -> Iterator[ast.Constant]:
    """Yield the string constants of a file, docstrings left out."""
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node
