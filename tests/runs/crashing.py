"""A process that dies: at a chosen call to a vendor, before or after it took effect, or at a chosen commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import transaction

from integrations import http
from syncapp.connectors import base
from syncapp.services import connections, context, leases

METHODS = ("server_time", "changes", "listing", "read", "find", "find_created", "write", "history")


class Died(BaseException):
    """The process was killed here. Nothing in the application catches it."""


class Points:
    """Counts the places where a process may die, and lets it die at one of them.

    `after_changes`: only where something was changed for good, be it here or at a vendor, but then also after each request of a
    write that is made of several. Who dies before a call or a commit leaves what was left after the change before it.
    """

    def __init__(self, *, at: int | None = None, after_changes: bool = False) -> None:
        self.at = at
        self.after_changes = after_changes
        self.passed = 0

    def reach(self) -> None:
        """One more place was reached; the chosen one is the end."""
        self.passed += 1
        if self.passed == self.at:
            raise Died


class MortalConnector:
    """A connector around whose calls the process may die."""

    def __init__(self, connector: base.Connector, points: Points) -> None:
        self._connector = connector
        self._points = points

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connector, name)
        if self._points.after_changes:
            return self._within(found) if name == "write" else found
        return self._around(found) if name in METHODS else found

    def _around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**arguments: Any) -> Any:
            self._points.reach()
            answer = call(**arguments)
            self._points.reach()
            return answer

        return called

    def _within(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A write that may be cut off after any of the requests that change something."""
        send = http.Transport.send

        def mortal_send(transport: http.Transport, request: http.Call) -> http.Answer:
            answer = send(transport, request)
            if request.writes:
                self._points.reach()
            return answer

        def called(**arguments: Any) -> Any:
            with mock.patch.object(http.Transport, "send", mortal_send):
                return call(**arguments)

        return called


@contextmanager
def mortal(points: Points) -> Iterator[None]:
    """Within this, every call and every commit of a run is a place where the process may die. A dead one lets no lease go."""
    connector = connections.connector
    atomic_lane = context.Lane.transaction

    def mortal_connector(**arguments: Any) -> MortalConnector:
        return MortalConnector(connector(**arguments), points)

    @contextmanager
    def mortal_transaction(lane: context.Lane) -> Iterator[None]:
        with transaction.atomic(), atomic_lane(lane):
            yield
            if not points.after_changes:
                points.reach()
        points.reach()

    def release(*, held: leases.Held) -> None:
        if points.at is None or points.passed < points.at:
            kept(held=held)

    kept = leases.release
    with (
        mock.patch.object(connections, "connector", mortal_connector),
        mock.patch.object(context.Lane, "transaction", mortal_transaction),
        mock.patch.object(leases, "release", release),
    ):
        yield
