"""No page and no form can be made expensive by who asks for it."""

from __future__ import annotations

import ast

import pytest
from django.test import Client
from django.urls import reverse

from syncapp.engine.vocabulary import FilterOperator, TransformKind
from syncapp.web.security import METHODS
from tests.architecture import tree
from tests.services import made

PATTERNS = {"compile", "match", "search", "sub", "subn", "fullmatch", "split", "findall", "finditer"}


@pytest.mark.django_db
class TestForm:
    @pytest.mark.parametrize("address", ["admin:login", "admin:syncapp_syncconfig_add", "admin:syncapp_recordpair_columns_use"])
    def test_with_ten_thousand_fields_is_refused(self, address: str) -> None:
        client = Client()
        client.force_login(made.alice())

        answer = client.post(reverse(address), {f"field{number}": "x" for number in range(10_000)})

        assert answer.status_code == 400

    def test_of_more_than_a_megabyte_is_refused(self) -> None:
        assert Client().post(reverse("admin:login"), {"username": "x" * 1_100_000}).status_code == 400


class TestPattern:
    """A pattern can be written so that looking for it never ends. So none is taken from anybody."""

    def test_is_written_in_the_program_wherever_one_is_looked_for(self) -> None:
        foreign = [
            tree.place(file, node.lineno)
            for file in tree.modules("syncapp") for node in ast.walk(tree.parsed(file))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PATTERNS
            and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and not _written(node.args[0])
        ]

        assert foreign == []

    def test_is_asked_of_no_database(self) -> None:
        asked = [
            tree.place(file, node.lineno)
            for file in tree.modules("syncapp") for node in ast.walk(tree.parsed(file))
            if isinstance(node, ast.keyword | ast.Constant) and "regex" in str(node.arg if isinstance(node, ast.keyword) else node.value)
            and "__" in str(node.arg if isinstance(node, ast.keyword) else node.value)
        ]

        assert asked == []

    def test_is_offered_by_no_step_and_no_condition(self) -> None:
        offered = {one.value for one in (*TransformKind, *FilterOperator)}

        assert not {name for name in offered if "REGEX" in name or "PATTERN" in name}


def _written(pattern: ast.expr) -> bool:
    """Whether a pattern is a text of the program, put together of such texts and of escaped ones at most."""
    if isinstance(pattern, ast.BinOp):
        return _written(pattern.left)
    if isinstance(pattern, ast.JoinedStr):
        parts = [ast.unparse(one.value) for one in pattern.values if isinstance(one, ast.FormattedValue)]
        return all(part.startswith("re.escape(") for part in parts)
    return isinstance(pattern, ast.Constant)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "FROB"])
def test_unknown_methods_are_refused_before_anybody_is_looked_up(method: str) -> None:
    for path in ("/", "/login/", "/health/live", "/webhooks/hubspot", "/nowhere"):
        answer = Client().generic(method, path)

        assert answer.status_code == 405
        assert answer.headers["Allow"] == ", ".join(METHODS)
