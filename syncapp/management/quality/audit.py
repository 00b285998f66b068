"""Look the packages of both locks up for known faults, with pip-audit.

Owns what its answer means: what was not looked up was not looked up, and is never shown as passed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from syncapp.management.quality import locks

SECONDS = 120
SECONDS_A_CALL = 5


@dataclass(frozen=True)
class Audit:
    """The faults that were found, or why it was not run; neither where all packages were looked up and are fine."""

    faults: tuple[str, ...] = ()
    not_run: str = ""


def run(*, root: Path) -> Audit:
    """Ask for every package. Where the data cannot be reached it ends at the first one."""
    files = [argument for name in (locks.RUNTIME, locks.TESTS) for argument in ("--requirement", str(root / name))]
    command = [
        sys.executable, "-m", "pip_audit", "--strict", "--disable-pip", "--require-hashes", "--progress-spinner", "off",
        "--timeout", str(SECONDS_A_CALL), "--format", "json", *files,
    ]
    try:
        answer = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return Audit(not_run=f"no answer within {SECONDS} seconds")
    return judged(code=answer.returncode, out=answer.stdout, errors=answer.stderr)


def judged(*, code: int, out: str, errors: str) -> Audit:
    """Say what came of it. Only an answer that names every package, and none that was left out, counts as run."""
    try:
        found = json.loads(out)["dependencies"]
        faults = tuple(_fault(one, fault) for one in found for fault in one.get("vulns", ()))
        left_out = [one["name"] for one in found if "skip_reason" in one]
    except (ValueError, KeyError, TypeError, AttributeError):
        return Audit(not_run=(errors.strip().splitlines() or ["it said nothing"])[-1])
    if faults:
        return Audit(faults=faults)
    if left_out or not found or code != 0:
        return Audit(not_run=f"{len(left_out)} of {len(found)} packages could not be looked up")
    return Audit()


def _fault(package: dict[str, str], fault: dict[str, list[str]]) -> str:
    fixed = ", ".join(fault.get("fix_versions") or ["none yet"])
    return f"{package['name']} {package['version']}: {fault['id']}, fixed in {fixed}"
