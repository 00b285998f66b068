"""What it costs to be knocked at: forged webhooks, and guesses at a password.

Owns the figures. The requests are made by `knocking`, in a process of their own.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from tests.benchmarks import databases, figures, processes, sizes

FLOOD = 500
"""Forged webhooks a second."""
MOST_OF_A_CORE = 10
GOOD_WITHIN_MS = 1000


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Knock on each database."""
    task = {"forged": scale.knocks, "true": scale.calls, "attempts": scale.tries, "flood": FLOOD}
    for url in urls:
        with databases.bare(url=url, more={"LOG_LEVEL": "ERROR"}) as environment:
            found = processes.run("knock", task, environment=environment)
        where = databases.kind(url)
        for name, cost in (("from an address that is shut out", "shut_out_ms"), ("from one that many may share", "looked_at_ms")):
            yield figures.Figure(
                name=f"{where}: {FLOOD} forged webhooks/s {name}, of a core", value=FLOOD * found[cost] / 10, unit="%",
                baseline=f"{figures.shown(1000 / found[cost])} a second at most", goal=figures.Goal(most=MOST_OF_A_CORE),
            )
        yield figures.Figure(
            name=f"{where}: true webhooks meanwhile, slowest answer", value=max(found["true_meanwhile_ms"]), unit="ms",
            baseline=f"median {figures.shown(statistics.median(found['true_meanwhile_ms']))}; alone {figures.shown(max(found['true_ms']))}",
            goal=figures.Goal(most=GOOD_WITHIN_MS),
        )
        yield figures.Figure(
            name=f"{where}: a refused sign-in / one whose password is checked",
            value=found["refused_ms"] / found["checked_ms"], unit="times",
            baseline=f"{figures.shown(found['refused_ms'])} ms and {figures.shown(found['checked_ms'])} ms",
            goal=figures.Goal(most=0.5),
        )
