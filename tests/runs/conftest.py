"""One sandbox for all tests of runs; each test begins with two empty accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.sandbox import serve
from syncapp.services import connections, governor
from tests.runs.billing import Desk
from tests.runs.books import Books
from tests.runs.company import Clock, Company


@pytest.fixture(scope="session")
def sandbox() -> Iterator[serve.Sandbox]:
    with serve.build(seed="empty") as built:
        yield built


@pytest.fixture
def company(
    db: None, sandbox: serve.Sandbox, settings: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Company:
    if request.node.get_closest_marker("metered") is None:
        request.getfixturevalue("unmetered")
    clock = Clock()
    monkeypatch.setitem(connections.connector.__kwdefaults__, "outside", clock.ports)  # setting up waits for no limits
    return Company(sandbox, settings, clock)


@pytest.fixture
def unmetered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Budgets of calls are no matter here; counting them would take a third of the time."""
    monkeypatch.setattr(governor, "Governor", lambda **_: connections.Unmetered())


@pytest.fixture
def desk(company: Company) -> Desk:
    return Desk(company)


@pytest.fixture
def books(company: Company) -> Books:
    return Books(company)
