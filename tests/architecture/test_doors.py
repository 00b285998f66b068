"""Doors translate: they write nothing themselves, and bring no markup or script of their own."""

from __future__ import annotations

import ast
import re

from tests.architecture import tree

WRITES = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
HARMLESS_OWNERS = {"super", "dict", "context", "kwargs", "initial", "extra_context"}
READERS_WRITES = WRITES | {"aupdate", "acreate", "adelete", "asave"}
INLINE_SCRIPT = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE
)
MARKUP = re.compile(r"<(script|style|div|span|table|a|p|ul|b|i|button|form)\b", re.IGNORECASE)
UNSAFE = re.compile(r"\bmark_safe\b|\|\s*safe\b|autoescape off")


def owner(call: ast.Call) -> str:
    """Return the name of what a method is called on: `context` in `context.update(...)`, `super` in `super().save(...)`."""
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    value = value.func if isinstance(value, ast.Call) else value
    return value.id if isinstance(value, ast.Name) else value.attr if isinstance(value, ast.Attribute) else ""


def services(module: ast.Module) -> set[str]:
    """Return the services that a module imports, by the names it calls them by."""
    return {
        alias.asname or alias.name
        for node in module.body
        if isinstance(node, ast.ImportFrom) and node.module == "syncapp.services"
        for alias in node.names
    }


def is_service(call: ast.Call, names: set[str]) -> bool:
    """Tell whether a call is a service's own function, such as `configs.delete(...)`."""
    value = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(value, ast.Name) and value.id in names


def writes(*places: str) -> list[str]:
    """Return the places where something is saved, created, updated or deleted."""
    return [
        f"{tree.place(file, node.lineno)} .{node.func.attr}("
        for file in tree.modules(*places)
        for node in ast.walk(tree.parsed(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in READERS_WRITES
        and owner(node) not in HARMLESS_OWNERS
        and not is_service(node, services(tree.parsed(file)))
    ]


class TestAdmin:
    def test_writes_nothing_itself(self) -> None:
        assert writes("syncapp/admin") == []

    def test_has_no_markup_in_strings(self) -> None:
        found = [
            tree.place(file, node.lineno)
            for file in tree.modules("syncapp/admin")
            for node in tree.strings(file)
            if MARKUP.search(str(node.value))
        ]

        assert found == []


class TestSelectors:
    def test_write_nothing(self) -> None:
        assert writes("syncapp/selectors") == []


class TestTemplates:
    def test_have_no_inline_script(self) -> None:
        found = [tree.place(file) for file in tree.templates() if INLINE_SCRIPT.search(file.read_text(encoding="utf-8"))]

        assert found == []

    def test_escape_what_vendors_send(self) -> None:
        files = [*tree.templates(), *tree.modules("syncapp")]

        assert [tree.place(file) for file in files if UNSAFE.search(file.read_text(encoding="utf-8"))] == []


class TestInlineScript:
    def test_is_told_from_a_script_file(self) -> None:
        assert INLINE_SCRIPT.search("<script>alert(1)</script>")
        assert INLINE_SCRIPT.search('<a onclick="go()">')
        assert not INLINE_SCRIPT.search('<script src="/static/run.js" defer></script>')
        assert not INLINE_SCRIPT.search("<p>once upon a time = one</p>")
