"""The ledger of several machines is counted for each account and each span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.simulation import hosts


def call(path: str, second: float) -> dict[str, str]:
    return {"path": path, "at": (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).isoformat()}


class TestMostCalls:
    @pytest.mark.parametrize(("seconds", "most"), [([0, 0.5, 0.9], 3), ([0, 1.0, 2.0], 1), ([5, 0, 0.4, 5.1, 5.2], 3), ([], 0)])
    def test_are_those_of_the_fullest_span(self, seconds: list[float], most: int) -> None:
        assert hosts._most([call("/x", second) for second in seconds], 1.0) == most

    def test_are_those_of_one_company(self) -> None:
        entries = [call(f"/v3/company/{realm}/query", second) for realm in ("1", "2") for second in (0, 0.1)]

        assert hosts._most(entries, 1.0) == 2
