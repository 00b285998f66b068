"""What the lock files hold: every package with its one version and the digests of its files.

Owns how a lock is read. How they are made stands in `docs/architecture.md`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

RUNTIME, TESTS = "requirements.lock", "requirements-test.lock"
_PIN = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass
class Pin:
    """One package at one version."""

    name: str
    version: str
    digests: list[str] = field(default_factory=list)


def pins(*, file: Path) -> list[Pin]:
    """Read a lock; every line that is no comment belongs to a package."""
    found: list[Pin] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if pin := _PIN.match(line):
            found.append(Pin(name=pin[1], version=pin[2]))
        if found:
            found[-1].digests += _DIGEST.findall(line)
    return found
