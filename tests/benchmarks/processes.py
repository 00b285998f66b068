"""A process that has loaded the application once, and makes a fork of itself for each piece of work, as the queue does for its workers.

Owns the fork and the way to it. What the work is stands in `installation`.
"""

from __future__ import annotations

import json
import socket
import socketserver
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks import vendors

READY = "ready"
STOP_SECONDS = 20


def run(work: str, task: Mapping[str, Any], *, environment: Mapping[str, str]) -> dict[str, Any]:
    """Do a piece of work in a process of its own and return what it found. Raises RuntimeError when it fails."""
    with socket.socket(socket.AF_UNIX) as line, line.makefile("rw", encoding="utf-8") as file:
        line.connect(_address(environment))
        file.write(json.dumps({"work": work, "task": task}) + "\n")
        file.flush()
        answer = file.readline()
    if not answer:
        raise RuntimeError(f"The process that was to {work} ended without an answer; what it wrote stands above.")
    found: dict[str, Any] = json.loads(answer)
    return found


@contextmanager
def loaded(environment: Mapping[str, str]) -> Iterator[None]:
    """Start the process that `run` asks in this environment, and stop it in the end."""
    command = [sys.executable, "-m", "tests.benchmarks.installation"]
    process = subprocess.Popen(command, cwd=vendors.ROOT, env=dict(environment), stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None or process.stdout.readline().strip() != READY:
            raise RuntimeError("The application was not loaded; what it wrote stands above.")
        yield
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def serve(works: Mapping[str, Callable[..., dict[str, Any]]], *, environment: Mapping[str, str]) -> None:
    """Do each work that is asked for in a fork of this process, until it is stopped."""

    class Work(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked = json.loads(self.rfile.readline())
            self.wfile.write(json.dumps(works[asked["work"]](**asked["task"])).encode() + b"\n")

    with _Forking(_address(environment), Work) as server:
        sys.stdout.write(f"{READY}\n")
        sys.stdout.flush()
        server.serve_forever()


class _Forking(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """A fork for each call."""


def _address(environment: Mapping[str, str]) -> str:
    return str(Path(environment["VAR_DIR"]) / "work.socket")
