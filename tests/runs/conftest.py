"""One sandbox for all tests of runs; each test begins with two empty accounts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from integrations.sandbox import serve
from tests.runs.company import Company


@pytest.fixture(scope="session")
def sandbox() -> Iterator[serve.Sandbox]:
    with serve.build(seed="empty") as built:
        yield built


@pytest.fixture
def company(db: None, sandbox: serve.Sandbox, settings: Any) -> Company:
    return Company(sandbox, settings)
