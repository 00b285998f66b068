"""A stage for the tests of the simulation: they bring a database of their own, and the usual one is back after each file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.simulation import campaign
from tests.simulation.stage import Stage


@pytest.fixture(scope="module")
def place(django_db_blocker: Any) -> Iterator[Stage]:
    with django_db_blocker.unblock(), campaign.theater() as found:
        yield found
