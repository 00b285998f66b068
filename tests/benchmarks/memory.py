"""How much memory this process has. Owns the reading of `/proc`."""

from __future__ import annotations

from pathlib import Path


def now() -> float:
    """This process's memory now, in MiB."""
    return _read("VmRSS")


def most() -> float:
    """The most that this process had since it began, in MiB."""
    return _read("VmHWM")


def _read(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1024
