"""A few scenarios in which much goes wrong, and every one that ever broke a promise."""

from __future__ import annotations

import pytest

from tests.simulation import campaign, play, scenarios, shrinking
from tests.simulation.stage import Stage

SEEDS = range(20)


class TestScenarios:
    @pytest.mark.parametrize("first", range(SEEDS.start, SEEDS.stop, 5))
    def test_keep_every_promise(self, place: Stage, first: int) -> None:
        figures = campaign.run(place, range(first, first + 5), twice_every=0)

        assert figures.failing == {}

    def test_go_the_same_way_the_second_time(self, place: Stage) -> None:
        scenario = scenarios.generate(5)

        first, second = play.play(place, scenario), play.play(place, scenario)

        assert len(first.events) > 20
        assert first.trace == second.trace

    def test_that_once_failed_keep_every_promise(self, place: Stage) -> None:
        outcomes = {path.stem: play.play(place, shrinking.read(path)).violations for path in shrinking.kept()}

        assert {name: broken for name, broken in outcomes.items() if broken} == {}
