"""Something that happens at the very moment in which the application calls a vendor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from syncapp.connectors import base
from syncapp.services import connections


class _Connector:
    """A connector in front of or behind one of whose calls something happens."""

    def __init__(self, connector: base.Connector, method: str, before: Callable[[], object], after: Callable[[], object]) -> None:
        self._connector = connector
        self._method = method
        self._before = before
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connector, name)
        return self._around(found) if name == self._method else found

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**arguments: Any) -> Any:
            self._before()
            answer = call(**arguments)
            self._after()
            return answer

        return called


def _nothing() -> None:
    """Nothing happens."""


@contextmanager
def meanwhile(
    system: str, method: str, *, before: Callable[[], object] = _nothing, after: Callable[[], object] = _nothing
) -> Iterator[None]:
    """Within this, something happens before or after each call of a method at a vendor."""
    connector = connections.connector

    def meddled(**arguments: Any) -> Any:
        made = connector(**arguments)
        return _Connector(made, method, before, after) if arguments["connection"].system == system else made

    with mock.patch.object(connections, "connector", meddled):
        yield


class Once:
    """Does it the first time only."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self.done = False

    def __call__(self) -> None:
        if not self.done:
            self.done = True
            self._act()
