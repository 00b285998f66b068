"""Clock, sleep, chance, unique keys and sockets come in through one object, so that all that acts can be simulated as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture import tree

MODULES = {"time", "random", "socket", "secrets", "uuid", "select"}
CALLS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("timezone", "now"), ("timezone", "localdate"),
    ("os", "urandom"),
}
INSIDE = (
    "syncapp/engine/", "syncapp/services/", "syncapp/selectors/", "syncapp/connectors/", "syncapp/models/", "syncapp/queue.py",
    "integrations/",
)
PORTS = "syncapp/services/ports.py"
OUTER = {
    PORTS: "the one object",
    "syncapp/services/sealing.py": "os.urandom: a nonce must not be foreseen, and decides nothing",
    "syncapp/services/second_factor.py": "secrets: the secret of an app and recovery codes must not be guessed",
    "syncapp/services/consent.py": "secrets: the state of a consent must not be foreseen",
    "syncapp/services/exports.py": "secrets: the name of a file must not be guessed",
    "syncapp/services/leases.py": "socket: the name of this machine, to find leases of its own processes that are no more",
    "syncapp/connectors/factory.py": "os.urandom: the verifier of a consent must not be foreseen",
    "syncapp/models/pairs.py": "uuid: the default of a pair's key, which the simulation replaces",
    "syncapp/models/mappings.py": "uuid: the default of a mapping's key, made when a person sets up a sync",
}
"""Where else the outside comes in, and why. The sandbox plays a vendor and is not part of the application."""


def met(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Where a module reaches for the outside world."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names if name.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES:
            yield node.lineno, str(node.module)
        elif isinstance(node, ast.Attribute):
            owner = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            if (owner, node.attr) in CALLS:
                yield node.lineno, f"{owner}.{node.attr}"


def inside(place: str) -> bool:
    """Whether a file belongs to what runs in the simulation unchanged."""
    return place.startswith(INSIDE) and not place.startswith("integrations/sandbox/")


class TestTheOutsideWorld:
    def test_is_reached_through_one_object(self) -> None:
        found = {tree.place(file): list(met(tree.parsed(file))) for file in tree.modules() if inside(tree.place(file))}

        assert len(found) > 100
        assert {place: where for place, where in found.items() if where and place not in OUTER} == {}

    def test_has_no_exception_that_is_none(self) -> None:
        reaching = {tree.place(file) for file in tree.modules() if inside(tree.place(file)) and list(met(tree.parsed(file)))}

        assert set(OUTER) - reaching == set()

    def test_is_seen_in_every_form(self) -> None:
        texts = (
            "import time", "from random import choice", "import socket", "from uuid import uuid4", "x = datetime.now(UTC)",
            "x = datetime.datetime.now()", "x = timezone.now", "x = os.urandom(3)", "import os, secrets",
        )

        assert [text for text in texts if not list(met(ast.parse(text)))] == []
