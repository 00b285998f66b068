"""Code that tools look askance at: there is none, or it says why it is harmless."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.architecture import tree

FAMILIES = {"S", "DTZ", "BLE", "TRY", "LOG"}
# Left out for the whole tree, or for whole folders; every other exception stands at its line, with its reason.
LEFT_OUT = {"S603", "TRY003", "TRY004", "TRY300", "TRY301", "TRY400"}
EXCUSED = re.compile(r"#\s*no(?:qa|sec):?\s+[A-Z]+\d+(?:,\s*[A-Z]+\d+)*\s*(?:#\s*nosec\s+B\d+)?\s*(?P<why>.*)$")
READERS = {("pickle", "loads"), ("pickle", "load"), ("marshal", "loads"), ("yaml", "load")}
OF_QUERYSETS = {"raw", "extra"}


def production() -> list[tuple[str, str]]:
    """Our code with its places, without tests."""
    return [(tree.place(file), file.read_text(encoding="utf-8")) for file in (*tree.modules(), tree.ROOT / "manage.py")]


def unsafe(text: str) -> Iterator[str]:
    """Name what a piece of code does that must not be done."""
    module = ast.parse(text)
    ours = {
        alias.asname or alias.name
        for node in ast.walk(module) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("syncapp.")
        for alias in node.names
    }
    for node in ast.walk(module):
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _name(node.type) == "BaseException"):
            yield f"{node.lineno} except BaseException"
        elif isinstance(node, ast.keyword) and isinstance(node.value, ast.Constant):
            if (node.arg, node.value.value) in (("verify", False), ("shell", True)):
                yield f"{node.value.lineno} {node.arg}={node.value.value}"
        elif isinstance(node, ast.Call):
            owner = _name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
            called = _name(node.func)
            of_queryset = owner and owner not in ours and called in OF_QUERYSETS
            if (not owner and called in ("eval", "exec")) or (owner, called) in READERS or of_queryset:
                yield f"{node.lineno} {called}("


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else "?"


class TestBandit:
    def test_finds_nothing_of_medium_or_high_severity(self) -> None:
        command = [sys.executable, "-m", "bandit", "-r", "syncapp", "integrations", "settings", "manage.py", "-ll", "-q", "-f", "json"]
        answer = subprocess.run(command, cwd=tree.ROOT, capture_output=True, text=True, check=False)

        told = json.loads(answer.stdout)
        assert [f"{one['filename']}:{one['line_number']} {one['test_id']} {one['issue_text']}" for one in told["results"]] == []
        assert told["errors"] == []
        assert told["metrics"]["_totals"]["loc"] > 30_000


class TestRuff:
    def test_looks_for_what_is_unsafe_everywhere_in_production(self) -> None:
        lint = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
        folders = [codes for place, codes in lint["per-file-ignores"].items() if not place.startswith("tests/")]

        assert set(lint["select"]) >= FAMILIES
        assert {code for code in lint["ignore"] if code.rstrip("0123456789") in FAMILIES} == LEFT_OUT
        assert {code for codes in folders for code in codes if code.rstrip("0123456789") in FAMILIES} == set()

    def test_is_told_why_wherever_it_is_told_to_look_away(self) -> None:
        excuses = [
            (place, line.strip()) for place, text in production() for line in text.splitlines()
            if re.search(r"#\s*(noqa|nosec)", line) and re.search(r"\b(S|DTZ|BLE|TRY|LOG|B)\d{3}", line)
        ]

        assert len(excuses) > 10
        assert [line for _, line in excuses if (found := EXCUSED.search(line)) is None or len(found["why"].strip(" -()")) < 5] == []


class TestUnsafeCalls:
    def test_are_made_nowhere(self) -> None:
        assert [f"{place}:{found}" for place, text in production() for found in unsafe(text)] == []

    @pytest.mark.parametrize(
        "code",
        [
            "requests.get(url, verify=False)", "pickle.loads(data)", "eval(text)", "exec(text)", "yaml.load(text)",
            "Model.objects.extra(where=[text])", "Model.objects.raw(text)", "subprocess.run(text, shell=True)",
            "try:\n    go()\nexcept BaseException:\n    pass", "try:\n    go()\nexcept:\n    pass",
        ],
    )
    def test_would_be_seen(self, code: str) -> None:
        assert len(list(unsafe(code))) == 1

    @pytest.mark.parametrize(
        "code",
        [
            "requests.get(url, verify=True)", "yaml.safe_load(text)", "model.eval(text)",
            "from syncapp.connectors import lines\nlines.raw(value)", "try:\n    go()\nexcept Exception:\n    pass",
        ],
    )
    def test_are_told_from_harmless_ones(self, code: str) -> None:
        assert list(unsafe(code)) == []
