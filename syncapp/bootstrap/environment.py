"""Make sure that the dependencies are there, or make the virtual environment .venv that has them.

Owns .venv and its stamp, the checksum of the lock file it was installed from. Uses an environment that has the dependencies as it
is. Must not import anything but the standard library.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed-lock"
MAKERS = ("demo", "test", "serve")
SWITCH_OFF = "SYNCAPP_NO_BOOTSTRAP"
REENTRY = "SYNCAPP_INSIDE_VENV"


@dataclass(frozen=True)
class Needs:
    """A lock file, and modules that are importable once it is installed."""

    lock: Path
    modules: tuple[str, ...]


_RUNTIME_MODULES = (
    "django",
    "environ",
    "django_q",
    "unfold",
    "import_export",
    "psycopg",
    "requests_oauthlib",
    "cryptography",
    "gunicorn",
    "whitenoise",
    "tenacity",
    "phonenumbers",
    "axes",
    "django_otp",
    "segno",
    "prometheus_client",
)
_TEST_MODULES = (
    "pytest",
    "pytest_django",
    "xdist",
    "hypothesis",
    "mypy",
    "mypy_django_plugin",
    "ruff",
    "importlinter",
    "playwright",
    "bandit",
    "pip_audit",
    "detect_secrets",
)
RUNTIME = Needs(lock=ROOT / "requirements.lock", modules=_RUNTIME_MODULES)
TEST = Needs(lock=ROOT / "requirements-test.lock", modules=_RUNTIME_MODULES + _TEST_MODULES)


def ensure(*, command: str, arguments: Sequence[str]) -> None:
    """Return when the dependencies of the command are importable; otherwise go on inside .venv, or leave with a hint.

    Does not return when it has to change over to .venv: the process is replaced.
    """
    needs = TEST if command == "test" else RUNTIME
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    stamped = STAMP.exists()
    if os.environ.get(SWITCH_OFF) == "1":
        if not _importable(needs):
            sys.exit(f"Dependencies are missing and {SWITCH_OFF}=1 forbids installing them. To do so: pip install -r {needs.lock.name}")
        return
    if _importable(needs) and not (inside and stamped and not _current(needs)):
        return
    if command in MAKERS:
        _make(needs)
        if inside:
            importlib.invalidate_caches()
            return
    elif inside or not stamped:
        sys.exit(_hint(command))
    _change_over(arguments)


def _importable(needs: Needs) -> bool:
    """Say whether every module of the needs can be found, without importing it."""
    return all(importlib.util.find_spec(module) is not None for module in needs.modules)


def _current(needs: Needs) -> bool:
    """Say whether .venv was installed from the lock as it is now, or from the larger one that contains it."""
    if not STAMP.exists() or not os.access(PYTHON, os.X_OK):
        return False
    stamp = STAMP.read_text(encoding="ascii").strip()
    return stamp in {_checksum(lock) for lock in (needs.lock, TEST.lock)}


def _checksum(lock: Path) -> str:
    return f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()}"


def _change_over(arguments: Sequence[str]) -> None:
    """Replace this process by the same command inside .venv."""
    if os.environ.get(REENTRY) == "1":
        sys.exit(f"The environment {VENV} lacks dependencies although it was installed. Remove the directory and run the command again.")
    os.environ[REENTRY] = "1"
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(PYTHON, [str(PYTHON), str(ROOT / "manage.py"), *arguments])  # noqa: S606  (our own Python, our own file)


def _make(needs: Needs) -> None:
    """Bring .venv up to the lock, one process at a time."""
    with _alone():
        if _current(needs):
            return
        lock = (
            TEST.lock
            if needs is RUNTIME and STAMP.exists() and STAMP.read_text(encoding="ascii").startswith(TEST.lock.name)
            else needs.lock
        )
        if not _usable():
            _create()
        STAMP.unlink(missing_ok=True)
        _install(lock)
        STAMP.write_text(_checksum(lock) + "\n", encoding="ascii")
        _say("The environment is ready.")


def _usable() -> bool:
    """Say whether .venv has a Python that is new enough, and pip."""
    if not os.access(PYTHON, os.X_OK):
        return False
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", probe], check=False, capture_output=True).returncode == 0


def _create() -> None:
    """Make .venv, or leave and say what this Python lacks."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        sys.exit(
            f"This Python ({sys.executable}, {version}) cannot make a virtual environment: its venv or ensurepip module is missing.\n"
            f"On Debian or Ubuntu: sudo apt install python3-venv (or python{version}-venv). Then run the same command again."
        )
    _say(f"Making a virtual environment in {VENV} ...")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=False)
    if made.returncode:
        sys.exit(f"The virtual environment could not be made in {VENV}: the lines above say why.")


def _install(lock: Path) -> None:
    """Install the lock into .venv, every file checked against its hash, and show how far it is."""
    total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    _say(f"Installing up to {total} packages from {lock.name}; this happens once and takes about a minute ...")
    command = [str(PYTHON), "-m", "pip", "install", "--require-hashes", "--no-input", "--disable-pip-version-check", "-r", str(lock)]
    lines: list[str] = []
    collected = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout or ():
            lines.append(line)
            if line.startswith("Collecting "):
                collected += 1
                if collected % 10 == 0:
                    _say(f"  {collected} of {total} fetched")
            elif line.startswith("Installing collected packages"):
                _say("  unpacking them ...")
    if process.returncode:
        sys.stderr.writelines(lines[-20:])
        sys.exit(
            f"Installing {lock.name} failed: pip's last words are above. Mend that (often the network), then run the same command again."
        )


def _hint(command: str) -> str:
    return (
        f"The dependencies are not installed, so `{command}` cannot run yet.\n"
        "`python3 manage.py demo` or `python3 manage.py serve` installs them into .venv; after that this command works too.\n"
        f"Or install them yourself: pip install --require-hashes -r {RUNTIME.lock.name}"
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the lock that lets only one process at a time work on .venv."""
    folder = ROOT / "var"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "bootstrap.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _say(text: str) -> None:
    sys.stderr.write(f"[setup] {text}\n")
    sys.stderr.flush()
