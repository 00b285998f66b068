"""Count what passed, failed and was skipped, over several runs, from the reports that pytest writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Tally:
    """How many tests passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Return the sum of both."""
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def from_report(report: Path, *, exit_code: int, may_be_empty: bool) -> Tally:
    """Return the tally of one run; a run that ended badly without a failed test counts as one failure."""
    tally = _read(report) if report.exists() else Tally()
    is_fine = exit_code == 0 or (may_be_empty and exit_code == 5)
    if not is_fine and tally.failed == 0:
        return tally + Tally(failed=1)
    return tally


def _read(report: Path) -> Tally:
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314  # nosec B314 - pytest wrote it a moment ago
    tally = Tally()
    for suite in suites:
        total, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
        failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        tally += Tally(passed=max(0, total - failed - skipped), failed=failed, skipped=skipped)
    return tally
