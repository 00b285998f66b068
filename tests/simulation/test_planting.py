"""Planted bugs still fit the program, and a bug that is planted is really there."""

from __future__ import annotations

import contextlib
import json
import os
import re

import pytest

from tests.architecture.test_parity import known
from tests.simulation import __main__ as command
from tests.simulation import campaign as playing
from tests.simulation import planting, stage

PROMISE = re.compile(r"P([1-9]|[12]\d|3[0-2])|R([1-9]|1[0-4])|S-([1-9]|[1-8]\d|9[0-5])")
BUGS = planting.everyone()


class TestPlantedBugs:
    def test_are_many(self) -> None:
        assert len(BUGS) >= 30

    @pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
    def test_fit_the_program(self, bug: planting.Bug) -> None:
        texts = bug.texts()

        assert PROMISE.fullmatch(bug.promise)
        assert bug.about.endswith(".")
        assert all(text != (planting.ROOT / file).read_text(encoding="utf-8") for file, text in texts.items())

    @pytest.mark.parametrize("bug", BUGS, ids=[bug.name for bug in BUGS])
    def test_have_hunters_that_exist(self, bug: planting.Bug) -> None:
        assert bug.hunters
        for hunter in bug.hunters:
            file, _, name = hunter.partition("::")
            assert hunter in (planting.PLANNER, planting.SIMULATION) or name in known(file), hunter

    def test_that_do_not_fit_are_named(self) -> None:
        bug = planting.Bug(
            name="gone", promise="P1", about="", hunters=("L1",), changes=(("syncapp/engine/merge.py", "no such text", ""),),
        )

        with pytest.raises(planting.Misplanted, match="gone: its text is found 0 times"):
            bug.texts()


class TestHunt:
    def test_finds_a_bug_at_a_case(self) -> None:
        (caught,) = planting.campaign(names=["blank_overwrites"])

        assert (caught.hunter, caught.words.partition(":")[0]) == ("L1", "case 0 of seed 1 (pairs)")
        assert planting.figures([caught])["planted_caught"] == 1

    def test_that_nobody_can_carry_out_is_no_catch(self) -> None:
        bug = next(bug for bug in BUGS if bug.name == "log_with_a_body")

        with pytest.raises(RuntimeError, match="nobody loaded"):
            planting.hunt(planting.Bug(name=bug.name, promise="P32", about="", hunters=("L1",), changes=bug.changes), most=1)

class TestFigures:
    def test_of_planted_bugs_are_those_of_the_hunt(
        self, place: stage.Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caught = planting.Catch(bug=BUGS[0], hunter="L2", at=3)
        monkeypatch.setattr(planting, "campaign", lambda: [caught, planting.Catch(bug=BUGS[1])])
        for name in ("DJANGO_SETTINGS_MODULE", "TEST_DATABASE_URL"):
            monkeypatch.setenv(name, os.environ.get(name, ""))  # what the command sets is put back
        monkeypatch.setattr(playing, "theater", lambda: contextlib.nullcontext(place))

        code = command.main(["--scenarios", "0", "--planted", "--json"])

        figures = json.loads(capsys.readouterr().out.splitlines()[-1])
        assert (code, figures["planted"], figures["planted_caught"]) == (1, 2, 1)
