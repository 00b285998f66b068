"""Plant a bug in the program, in memory alone, and see whether the tests find it.

A bug is a file of `planted/`: the promise that it breaks, the old text and the new one, and who is to hunt for it. Owns the planting
and the hunt. A test that finds no bug proves nothing, so a bug that nobody catches is a fault of the tests.

    python -m tests.simulation.planting                    hunts for all of them
    python -m tests.simulation.planting blank_overwrites   hunts for some, by name
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import runpy
import subprocess
import sys
import time
import tomllib
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLANTED = Path(__file__).parent / "planted"
PLANNER, SIMULATION = "L1", "L2"
MOST = {PLANNER: 200_000, SIMULATION: 40}
"""So many cases or scenarios are tried for one bug."""

FOUND, CLEAN, UNUSED = 1, 0, 9


class Misplanted(ValueError):
    """A bug that does not fit the program any more: its old text is not there exactly once."""


@dataclass(frozen=True, kw_only=True)
class Bug:
    """One planted bug. `hunters` are `L1`, `L2` or the name of a test, the first one that is to find it first."""

    name: str
    promise: str
    about: str
    hunters: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]

    def texts(self) -> dict[str, str]:
        """The whole text of each file with the bug in it. Raises Misplanted."""
        found: dict[str, str] = {}
        for file, old, new in self.changes:
            text = found.get(file) or (ROOT / file).read_text(encoding="utf-8")
            if text.count(old) != 1:
                raise Misplanted(f"{self.name}: its text is found {text.count(old)} times in {file}: {old.strip()[:60]!r}")
            found[file] = text.replace(old, new)
            compile(found[file], file, "exec")
        return found


@dataclass(frozen=True, kw_only=True)
class Catch:
    """Whether a bug was caught, by whom, at which case or scenario, and the words with which it was."""

    bug: Bug
    hunter: str = ""
    at: int | None = None
    words: str = ""
    seconds: float = 0.0

    @property
    def told(self) -> str:
        """One line of a table."""
        caught = f"{self.hunter} at {self.at}" if self.at is not None else self.hunter or "NOT CAUGHT"
        return f"{self.bug.name:36} {self.bug.promise:10} {caught:60} {self.seconds:6.1f} s"


def everyone() -> list[Bug]:
    """All planted bugs, by name."""
    return [_read(path) for path in sorted(PLANTED.glob("*.toml"))]


def _read(path: Path) -> Bug:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    changes = tuple((one["file"], one["old"], one["new"]) for one in told["change"])
    return Bug(name=path.stem, promise=told["promise"], about=told["about"], hunters=tuple(told["hunters"]), changes=changes)


def campaign(
    *,
    names: Iterable[str] = (),
    seed: int = 1,
    processes: int = 1,
    most: int | None = None,
    tell: Callable[[Catch], object] = lambda _: None,
) -> list[Catch]:
    """Hunt for the bugs of these names, or for all of them. Each catch is told as it comes."""
    wished = set(names)
    bugs = [bug for bug in everyone() if not wished or bug.name in wished]
    for bug in bugs:
        bug.texts()

    def one(bug: Bug) -> Catch:
        caught = hunt(bug, seed=seed, most=most)
        tell(caught)
        return caught

    with ThreadPoolExecutor(max_workers=processes) as pool:
        return list(pool.map(one, bugs))


def figures(catches: Sequence[Catch]) -> dict[str, object]:
    """How many bugs there are, how many were caught, and where."""
    caught = [one for one in catches if one.hunter]
    return {
        "planted": len(catches), "planted_caught": len(caught), "not_caught": [one.bug.name for one in catches if not one.hunter],
        "first_kills": {one.bug.name: one.at for one in caught if one.at is not None},
        "by_test": {one.bug.name: one.hunter for one in caught if one.at is None},
    }


def hunt(bug: Bug, *, seed: int = 1, most: int | None = None) -> Catch:
    """Let the hunters of a bug look for it, one after the other, until one finds it, or each has tried as often as it may."""
    began = time.monotonic()
    for hunter in bug.hunters:
        done = subprocess.run(
            [sys.executable, "-m", __spec__.name, "--within", bug.name, *_command(hunter, seed, most or MOST.get(hunter, 1))],
            cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        if done.returncode not in (FOUND, CLEAN):
            raise RuntimeError(f"{bug.name}: {hunter} could not look for it.\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        if done.returncode == FOUND:
            at, words = _first(hunter, done.stdout)
            return Catch(bug=bug, hunter=hunter, at=at, words=words, seconds=time.monotonic() - began)
    return Catch(bug=bug, seconds=time.monotonic() - began)


def _command(hunter: str, seed: int, most: int) -> list[str]:
    if hunter == PLANNER:
        return ["tests.simulation.planner", "--until-caught", "--json", "--cases", str(most), "--seed", str(seed)]
    if hunter == SIMULATION:
        return ["tests.simulation.hunting", str(most), str(seed)]
    return ["pytest", "-q", "-x", "-p", "no:cacheprovider", hunter]


def _first(hunter: str, output: str) -> tuple[int | None, str]:
    """Where a bug was found, and the words for it."""
    if hunter not in (PLANNER, SIMULATION):
        return None, ""
    told = json.loads(output.strip().splitlines()[-1])
    return told["first_at"], str((told.get("first") or [""])[0])


class Planter(importlib.abc.MetaPathFinder):
    """Finds the modules that a bug is in, before anybody else does, and gives out their changed text."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {file.removesuffix(".py").replace("/", "."): (file, text) for file, text in texts.items()}
        self.unused = {file for file, _ in self._texts.values()}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Tell how to load a module that the bug is in; nothing of any other."""
        if fullname not in self._texts:
            return None
        file, text = self._texts[fullname]
        self.unused.discard(file)
        return importlib.util.spec_from_file_location(fullname, ROOT / file, loader=_Changed(fullname, str(ROOT / file), text))


class _Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from a text that stands in no file."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    def get_code(self, fullname: str) -> types.CodeType:
        """The compiled text."""
        return compile(self._text, self.path, "exec", dont_inherit=True)


def _run_within(bug: Bug, command: Sequence[str]) -> int:
    """Run a module of the command line in this process, with the bug in the program. Fails if nobody loaded it."""
    texts = bug.texts()
    planter = Planter(texts)
    sys.meta_path.insert(0, planter)
    sys.argv = list(command)
    try:
        runpy.run_module(command[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    else:
        code = 0
    if planter.unused:
        sys.stderr.write(f"{bug.name}: nobody loaded {sorted(planter.unused)}, which it is in.\n")
        return UNUSED
    return code


def main() -> int:
    """Hunt, or run a command with one bug in the program."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.planting", description="Hunt for planted bugs.")
    parser.add_argument("names", nargs="*", help="which bugs; all, if none is named")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--most", type=int, help="how many cases or scenarios to try for one bug")
    parser.add_argument("--json", action="store_true", help="end with the figures as one line of JSON")
    asked = parser.parse_args()
    catches = campaign(names=asked.names, seed=asked.seed, processes=asked.processes, most=asked.most, tell=_tell)
    if asked.json:
        sys.stdout.write(json.dumps(figures(catches)) + "\n")
    return 0 if all(one.hunter for one in catches) else 1


def _tell(catch: Catch) -> None:
    sys.stdout.write(catch.told + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--within"]:
        try:
            raise SystemExit(_run_within(next(bug for bug in everyone() if bug.name == sys.argv[2]), sys.argv[3:]))
        except Exception as fault:
            sys.stderr.write(f"{type(fault).__name__}: {fault}\n")
            raise SystemExit(UNUSED) from fault
    raise SystemExit(main())
