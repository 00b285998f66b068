"""One word a thing: the words we decided against do not come back."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

# Records and sides are left and right, pairs and records. A QuickBooks Item is a vendor's object, so connectors may say item; a row
# of our own database is a row, so services may say that.
PLACES = ("syncapp/engine", "syncapp/models", "syncapp/services", "syncapp/selectors", "syncapp/admin", "syncapp/web")
AVOIDED = {"source", "target", "item", "row", "binding"}
# Names that the libraries we build on chose.
OWN_ROWS = "syncapp/services/"
THEIRS = {"actions_row", "hide_row", "import_row", "skip_row", "before_import_row", "after_import_row", "row_result"}
PAGE_WORDS = re.compile(r"\bdry[ -]run\b", re.IGNORECASE)


def names(file: Path) -> Iterator[tuple[str, int]]:
    """Yield the names a file gives: functions, classes, parameters, fields."""
    for node in ast.walk(tree.parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.lineno
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node.lineno) for target in node.targets if isinstance(target, ast.Name))


def is_avoided(name: str, *, place: str = "") -> bool:
    """Say whether a name uses a word we decided against, as a whole word of it."""
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+", name)}
    avoided = AVOIDED - {"row"} if place.startswith(OWN_ROWS) else AVOIDED
    return name not in THEIRS and bool(words & avoided)


class TestNames:
    def test_avoid_the_words_we_decided_against(self) -> None:
        places = [(tree.place(file, line), name) for file in tree.modules(*PLACES) for name, line in names(file)]

        found = [f"{place} {name}" for place, name in places if is_avoided(name, place=place)]

        assert found == []

    def test_are_judged_by_whole_words(self) -> None:
        assert is_avoided("source_values")
        assert is_avoided("TargetRecord")
        assert not is_avoided("resource_name")
        assert not is_avoided("borrow")

    def test_may_call_a_row_of_our_database_a_row_in_services(self) -> None:
        assert not is_avoided("row", place="syncapp/services/pairs.py:1")
        assert is_avoided("row", place="syncapp/engine/merge.py:1")


class TestPages:
    def test_say_preview(self) -> None:
        texts = [(tree.place(file), file.read_text(encoding="utf-8")) for file in tree.templates()]
        texts += [
            (tree.place(file, node.lineno), str(node.value))
            for file in tree.modules("syncapp/admin", "syncapp/web", "syncapp/selectors", "syncapp/models")
            for node in tree.strings(file)
        ]

        assert [place for place, text in texts if PAGE_WORDS.search(text)] == []


class TestTimes:
    def test_are_written_by_templates_in_one_way_only(self) -> None:
        """Which is in the reader's time zone, and names it."""
        templates = [(tree.place(file), file.read_text(encoding="utf-8")) for file in tree.templates()]

        assert [place for place, text in templates if re.search(r"\|\s*(date|time)\s*:|\}\}\s*UTC|\{%\s*now\b", text)] == []

    def test_are_named_utc_by_pages_in_no_other_way(self) -> None:
        found = [
            tree.place(file, node.lineno)
            for file in tree.modules("syncapp/admin", "syncapp/selectors", "syncapp/web")
            for node in tree.strings(file)
            if re.search(r"%[HM].*UTC", str(node.value))
        ]

        assert found == []
