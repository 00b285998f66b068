"""When the dependencies are used as they are, when .venv is made, and when a command only gets a hint."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from syncapp.bootstrap import environment
from syncapp.bootstrap.environment import Needs


class Changed(Exception):
    """The process would have been replaced by the one in .venv."""


class House:
    """A project directory in which nothing is really installed: what would be done is written down instead."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.done: list[str] = []
        self._patch = monkeypatch
        for name in ("requirements.lock", "requirements-test.lock"):
            (root / name).write_text(f"# {name}\nsomething==1\n", encoding="utf-8")
        monkeypatch.setattr(environment, "ROOT", root)
        monkeypatch.setattr(environment, "VENV", root / ".venv")
        monkeypatch.setattr(environment, "PYTHON", root / ".venv" / "bin" / "python")
        monkeypatch.setattr(environment, "STAMP", root / ".venv" / "installed-lock")
        monkeypatch.setattr(environment, "_create", self._create)
        monkeypatch.setattr(environment, "_usable", environment.PYTHON.exists)
        monkeypatch.setattr(environment, "_install", lambda lock: self.done.append(lock.name))
        monkeypatch.setattr(environment, "_change_over", self._change_over)
        monkeypatch.setattr(os, "environ", {})
        self.has("nothing")

    def has(self, module: str) -> None:
        """Let the current environment have this module only."""
        self._patch.setattr(
            environment, "RUNTIME", Needs(lock=self.root / "requirements.lock", modules=("json" if module != "nothing" else "missing_a",))
        )
        test_modules = ("json",) if module == "everything" else ("missing_b",)
        self._patch.setattr(environment, "TEST", Needs(lock=self.root / "requirements-test.lock", modules=test_modules))

    def run(self, command: str) -> list[str]:
        """Run the bootstrap for a command and return what was done, in order."""
        self.done.clear()
        try:
            environment.ensure(command=command, arguments=[command])
        except Changed:
            self.done.append("changed over")
        return list(self.done)

    def _create(self) -> None:
        self.done.append("made")
        environment.PYTHON.parent.mkdir(parents=True)
        environment.PYTHON.touch(mode=0o755)

    def _change_over(self, arguments: list[str]) -> None:
        raise Changed


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(tmp_path, monkeypatch)


class TestBareEnvironment:
    @pytest.mark.parametrize(
        ("command", "lock"), [("demo", "requirements.lock"), ("serve", "requirements.lock"), ("test", "requirements-test.lock")]
    )
    def test_gets_a_virtual_environment_from_the_commands_lock(self, house: House, command: str, lock: str) -> None:
        assert house.run(command) == ["made", lock, "changed over"]

    def test_costs_nothing_the_second_time(self, house: House) -> None:
        house.run("demo")

        assert house.run("demo") == ["changed over"]

    def test_is_upgraded_for_the_tests(self, house: House) -> None:
        house.run("demo")

        assert house.run("test") == ["requirements-test.lock", "changed over"]

    def test_is_not_reduced_again_for_the_demo(self, house: House) -> None:
        house.run("test")

        assert house.run("demo") == ["changed over"]

    def test_is_brought_up_to_a_changed_lock(self, house: House) -> None:
        house.run("demo")
        (house.root / "requirements.lock").write_text("something==2\n", encoding="utf-8")

        assert house.run("demo") == ["requirements.lock", "changed over"]

    def test_is_installed_again_after_an_interruption(self, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupted(lock: Path) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(environment, "_install", interrupted)
            with pytest.raises(KeyboardInterrupt):
                house.run("demo")

        assert house.run("demo") == ["requirements.lock", "changed over"]

    def test_gives_other_commands_a_hint(self, house: House) -> None:
        with pytest.raises(SystemExit, match=r"`migrate` cannot run yet(.|\n)*manage.py demo"):
            house.run("migrate")

    def test_lets_other_commands_use_what_was_made(self, house: House) -> None:
        house.run("demo")

        assert house.run("migrate") == ["changed over"]


class TestEnvironmentWithDependencies:
    @pytest.mark.parametrize("command", ["demo", "test", "serve", "migrate"])
    def test_is_used_as_it_is(self, house: House, command: str) -> None:
        house.has("everything")

        assert house.run(command) == []

    def test_lacking_the_test_tools_gets_them_in_an_environment_of_ours(self, house: House) -> None:
        house.has("runtime")

        assert house.run("migrate") == []
        assert house.run("test") == ["made", "requirements-test.lock", "changed over"]


class TestSwitch:
    def test_forbids_installing(self, house: House) -> None:
        os.environ["SYNCAPP_NO_BOOTSTRAP"] = "1"

        with pytest.raises(SystemExit, match=r"pip install -r requirements\.lock"):
            house.run("demo")
        assert house.done == []


class TestPythonWithoutVenv:
    def test_is_told_how_to_get_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "ensurepip", None)
        monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())

        with pytest.raises(SystemExit, match="sudo apt install python3-venv"):
            environment._create()


class TestOldPython:
    def test_can_read_the_version_check(self) -> None:
        source = (Path(__file__).resolve().parents[2] / "manage.py").read_text(encoding="utf-8")

        assert "annotations" not in source
        assert 'f"' not in source
        assert source.index("sys.version_info <") < source.index("from syncapp")
