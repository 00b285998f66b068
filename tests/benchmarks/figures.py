"""A measured figure, what stands beside it, and the goal it is held to.

Owns the table and the JSON. Measures nothing.
"""

from __future__ import annotations

import math
import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME_WIDTH, VALUE_WIDTH, BASELINE_WIDTH = 70, 12, 48
GIBIBYTE_IN_KIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A bound that the figure should keep."""

    most: float | None = None
    least: float | None = None

    def __str__(self) -> str:
        return f"<= {shown(self.most)}" if self.most is not None else f">= {shown(self.least or 0)}"

    def met_by(self, value: float) -> bool:
        """Say whether a figure keeps the bound."""
        return (self.most is None or value <= self.most) and (self.least is None or value >= self.least)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table. `baseline` is a sentence's part: another figure or a limit, and what it is."""

    name: str
    value: float
    unit: str
    baseline: str = ""
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met, None where there is none."""
        return None if self.goal is None else self.goal.met_by(self.value)

    def as_json(self) -> dict[str, Any]:
        """Return the figure for the JSON file."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": self.unit,
            "baseline": self.baseline or None,
            "goal": None if self.goal is None else str(self.goal),
            "met": self.met,
        }

    def as_line(self) -> str:
        """Return the figure as a line of the table."""
        value = f"{shown(self.value)} {self.unit}"
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        words = f"{self.name:<{NAME_WIDTH}} {value:>{VALUE_WIDTH}}  {self.baseline:<{BASELINE_WIDTH}} {self.goal or ''!s:<8} {verdict}"
        return words.rstrip()


@dataclass(frozen=True, kw_only=True)
class Section:
    """What is told beside the figures, line by line."""

    title: str
    lines: Sequence[str]

    def as_text(self) -> str:
        """Return the section as it is printed."""
        return "\n".join([f"--- {self.title}", *self.lines, "---"])


HEADING = f"{'What':<{NAME_WIDTH}} {'Figure':>{VALUE_WIDTH}}  {'Beside it':<{BASELINE_WIDTH}} Goal"


def shown(value: float) -> str:
    """Write a number with three digits that count, and whole numbers whole."""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def p95(values: Sequence[float]) -> float:
    """Return the smallest of the values that 95 of 100 of them do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def machine(*, databases: Iterable[str]) -> dict[str, Any]:
    """Name the machine and what else it was doing."""
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(_memory_kib() / GIBIBYTE_IN_KIB, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": platform.platform(),
        "databases": list(databases),
    }


def sqlite_name() -> str:
    """Name the SQLite that Python was built with."""
    return f"SQLite {sqlite3.sqlite_version}"


def _memory_kib() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemTotal:"))
