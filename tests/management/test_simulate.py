"""The command that simulates: what it hands on, and what it ends with."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command


class TestSimulate:
    def test_hands_on_that_bugs_are_to_be_planted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[list[str]] = []
        monkeypatch.setattr(subprocess, "run", lambda command, **_: asked.append(command) or SimpleNamespace(returncode=0))

        with pytest.raises(SystemExit):
            call_command("simulate", planted=True)

        assert [command[-1] for command in asked] == ["--planted"]

    @pytest.mark.parametrize("code", [0, 1])
    def test_hands_everything_to_the_simulation_and_ends_as_it_does(self, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
        asked: list[list[str]] = []

        def run(command: list[str], **_: Any) -> SimpleNamespace:
            asked.append(command)
            return SimpleNamespace(returncode=code)

        monkeypatch.setattr(subprocess, "run", run)

        with pytest.raises(SystemExit) as ended:
            call_command("simulate", scenarios=3, seed=7, crashes=0, keep="out", json=True)

        words = ["--scenarios", "3", "--seed", "7", "--crashes", "0", "--keep", "out", "--json"]
        assert asked == [[sys.executable, "-m", "tests.simulation", *words]]
        assert ended.value.code == code
