"""A failing scenario is made as small as it goes, and kept as a file that can be played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.simulation import shrinking

PLAIN: dict[str, Any] = {
    "seed": 1, "settings": {}, "lag": 20.0, "page": 2, "rotation": "strict", "requestid": False, "token_seconds": 240, "metered": True,
    "ops": [["run"], ["wait", 1], ["edit"], ["wait", 2], ["run"]], "tape": [{"n": number} for number in range(20)],
}


class TestShrinking:
    def test_leaves_what_it_takes_to_fail(self) -> None:
        def fails(scenario: dict[str, Any]) -> bool:
            return {"n": 3} in scenario["tape"] and {"n": 17} in scenario["tape"] and ["edit"] in scenario["ops"] and scenario["page"] == 2

        smaller = shrinking.shrink(PLAIN, fails)

        assert smaller["tape"] == [{"n": 3}, {"n": 17}]
        assert smaller["ops"] == [["edit"]]
        assert (smaller["page"], smaller["lag"], smaller["rotation"], smaller["metered"]) == (2, 0.0, "lenient", False)

    def test_ends_when_it_has_played_enough(self) -> None:
        played: list[object] = []

        def fails(scenario: dict[str, Any]) -> bool:
            played.append(scenario)
            return False

        assert shrinking.shrink(PLAIN, fails, most=7) == PLAIN
        assert len(played) == 7

    def test_keeps_a_scenario_as_it_was(self, tmp_path: Path) -> None:
        path = shrinking.keep(PLAIN, name="p8-seed-1", why=["P8: lost"], folder=tmp_path)

        assert shrinking.kept(tmp_path) == [path]
        assert shrinking.read(path) == PLAIN
