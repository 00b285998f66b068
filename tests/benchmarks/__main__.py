"""`python -m tests.benchmarks`: measure, print a table, write JSON. Owns the command line only.

A goal that is missed is told, not punished: the exit code says whether the measuring worked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks import (
    answer_times,
    apart,
    databases,
    doors,
    figures,
    first_sync,
    paced,
    rate_budgets,
    readers,
    sizes,
    standing,
    webhooks,
)

Measure = Callable[[sizes.Scale, Sequence[str]], Iterator[figures.Figure | figures.Section]]
BENCHMARKS: dict[str, Measure] = {
    "sandbox": lambda scale, _: answer_times.measure(scale=scale),
    "limits": lambda scale, urls: rate_budgets.measure(scale=scale, urls=urls),
    "sync": lambda scale, urls: first_sync.measure(scale=scale, urls=urls),
    "reading": lambda scale, urls: readers.measure(scale=scale, urls=urls),
    "standing": lambda scale, urls: standing.measure(scale=scale, urls=urls),
    "exports": lambda scale, urls: standing.measure_exports(scale=scale, urls=urls),
    "workers": lambda scale, urls: apart.measure(scale=scale, urls=urls),
    "share": lambda scale, urls: paced.measure(scale=scale, urls=urls),
    "webhook": lambda scale, urls: webhooks.measure(scale=scale, urls=urls),
    "doors": lambda scale, urls: doors.measure(scale=scale, urls=urls),
    "pages": lambda scale, urls: standing.measure_pages(scale=scale, urls=urls),
    "walk": lambda scale, urls: standing.measure_walk(scale=scale, urls=urls),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for, and print each figure as soon as it is there."""
    chosen = _parser().parse_args(arguments)
    scale = sizes.SCALES[chosen.scale]
    urls = ["", *([chosen.database] if chosen.database else [])]
    machine = figures.machine(databases=[databases.name(url) for url in urls])
    _say(", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in machine.items()))
    _say(figures.HEADING)
    found: list[figures.Figure] = []
    for name in chosen.only or BENCHMARKS:
        for figure in BENCHMARKS[name](scale, urls):
            if isinstance(figure, figures.Section):
                _say(figure.as_text())
                continue
            found.append(figure)
            _say(figure.as_line())
            if chosen.json:
                report = {"machine": machine, "rows": [one.as_json() for one in found]}
                chosen.json.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    missed = [figure.name for figure in found if figure.met is False]
    _say(f"{len(found)} figures. Goals missed: {'; '.join(missed) or 'none'}.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure speed, memory and thrift.")
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="measure only this; may be given more than once")
    parser.add_argument("--scale", choices=sizes.SCALES, default="small", help="how much to measure (default: small)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--database", default="", help="a PostgreSQL server (postgres://...), measured beside SQLite")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
