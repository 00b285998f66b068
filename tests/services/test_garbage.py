"""What the collector of garbage passes over: in a process of its own each, since the tests' own leaves out what they loaded."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.architecture import tree

PREPARED = "import gc; from syncapp.services import garbage; usual = gc.get_freeze_count();"
WORK = "held = garbage.of_our_own(); held.__enter__(); during = gc.get_freeze_count() - usual; held.__exit__(None, None, None);"
TOLD = "print(during > 1000, gc.get_freeze_count() - usual > 1000)"


def told(*lines: str) -> str:
    return subprocess.run([sys.executable, "-c", " ".join(lines)], cwd=tree.ROOT, capture_output=True, text=True, check=True).stdout.strip()


class TestWhatIsPassedOver:
    def test_is_the_program_while_many_records_pass_through(self) -> None:
        assert told(PREPARED, WORK, TOLD) == "True False"

    def test_stays_so_where_a_web_server_left_it_out_for_good(self) -> None:
        assert told(PREPARED, "garbage.leave_what_is_loaded();", WORK, TOLD) == "True True"


def test_a_web_server_leaves_out_what_it_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "settings.test")

    assert told("import gc, settings.wsgi;", "print(gc.get_freeze_count() > 100_000)") == "True"
