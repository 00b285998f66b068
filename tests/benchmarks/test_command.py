"""The command measures something and says it in the promised form. How fast anything is does not matter here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import figures, rate_budgets

KEYS = {"name", "value", "unit", "baseline", "goal", "met"}


class TestCommand:
    def test_prints_each_figure_and_writes_them_as_json(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        file = tmp_path / "figures.json"

        code = command.main(["--only", "sandbox", "--scale", "tiny", "--json", str(file)])

        report = json.loads(file.read_text(encoding="utf-8"))
        printed = capsys.readouterr().out
        assert code == 0
        assert set(report) == {"machine", "rows"}
        assert {"cores", "memory_gib", "python", "databases"} <= set(report["machine"])
        assert {frozenset(row) for row in report["rows"]} == {frozenset(KEYS)}
        assert [row["name"] for row in report["rows"] if row["name"] not in printed] == []
        assert len(report["rows"]) == 7


class TestGoal:
    def test_that_is_missed_is_told_and_does_not_fail(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        slow = figures.Figure(name="a slow answer", value=51.0, unit="ms", goal=figures.Goal(most=50))
        monkeypatch.setitem(command.BENCHMARKS, "sandbox", lambda scale, urls: iter([slow]))

        code = command.main(["--only", "sandbox"])

        assert code == 0
        assert "Goals missed: a slow answer." in capsys.readouterr().out

    @pytest.mark.parametrize(("value", "met"), [(0.9, True), (0.91, False)])
    def test_holds_an_upper_bound_with_its_end(self, value: float, met: bool) -> None:
        assert figures.Figure(name="share", value=value, unit="share", goal=figures.Goal(most=0.9)).met is met

    def test_is_neither_met_nor_missed_where_there_is_none(self) -> None:
        assert figures.Figure(name="speed", value=1.0, unit="pairs/s").met is None


class TestP95:
    @pytest.mark.parametrize(("number", "expected"), [(1, 1), (10, 10), (20, 19), (40, 38), (100, 95)])
    def test_is_a_value_that_was_measured(self, number: int, expected: float) -> None:
        assert figures.p95(range(number, 0, -1)) == expected


class TestMostWithinASpan:
    def test_counts_both_ends(self) -> None:
        assert rate_budgets.most_within([0.0, 1.0, 3.0, 3.5], 3.0) == 3
