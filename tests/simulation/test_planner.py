"""The planner, the merge, the matching and the mapping under many random cases, without a database: the share that every change plays."""

from __future__ import annotations

import json
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.architecture import tree
from tests.simulation.planner import campaign

EXAMPLES = 300
DRAWER = campaign.Drawer(seed=1)


class TestCases:
    def test_keep_the_promises(self) -> None:
        result = campaign.play(cases=campaign.QUICK, seed=1)

        assert result.first == []
        assert result.cases.total() == campaign.QUICK

    def test_are_the_same_for_the_same_seed(self) -> None:
        drawn = [campaign.Drawer(seed=7)._syncs[:5] for _ in range(2)]

        assert drawn[0] == drawn[1]

    @pytest.mark.parametrize("sort", [name for name, _ in campaign.MIX])
    def test_keep_the_promises_where_a_case_is_sought_that_does_not(self, sort: str) -> None:
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
        @given(chance=st.randoms(use_true_random=False))
        def case(chance: Random) -> None:
            assert DRAWER.played(sort, chance) == []

        case()


class TestCommand:
    def test_prints_one_line_of_figures(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "tests.simulation.planner", "--cases", "50", "--seed", "3", "--json"],
            cwd=tree.ROOT, capture_output=True, text=True, check=True,
        )

        figures = json.loads(done.stdout)
        assert (figures["layer"], figures["cases"], figures["violations"]) == ("L1", 50, 0)
        assert sum(figures["by_sort"].values()) == 50
