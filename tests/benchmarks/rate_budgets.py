"""Whether three processes together keep one account's limit, and use nearly all of what they may.

Owns the counting in the sandbox's own log. Each limit is measured on an installation and a sandbox of its own, all at the same time:
what waits for a limit is idle.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

SHARE = 0.9
MINTED = {"burst": "burst", "second": "per_second", "minute": "per_minute"}
"""What our limits are called when a token is minted."""


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Measure each limit on each database."""
    for url in urls:
        with ThreadPoolExecutor(len(scale.paces)) as at_once:
            logs = list(at_once.map(functools.partial(_log, url=url), scale.paces))
        for pace, log in zip(scale.paces, logs, strict=True):
            yield from _figures(pace=pace, database=databases.kind(url), log=log)


def _log(pace: sizes.Pace, *, url: str) -> list[dict[str, Any]]:
    """The calls of the three processes, as the vendor saw them."""
    minted_limits: dict[str, float] = {MINTED[pace.limit]: pace.allowed}
    told: dict[str, float] = {**installation.NO_LIMIT, pace.limit: pace.allowed}
    if pace.limit == "burst":
        minted_limits["burst_seconds"] = told["burst_seconds"] = pace.period
    with vendors.running() as both:
        minted = both.tokens({pace.vendor: minted_limits})
        limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT, pace.vendor: told}
        with databases.environment(url=url, both=both, minted=minted) as environment:
            made = processes.run("prepare", {"minted": minted, "limits": limits}, environment=environment)
            both.forget()
            task = {"connection": made[pace.vendor], "seconds": pace.work_seconds}
            processes.run("crowd", task, environment=environment)
            return (both.hubspot if pace.vendor == vendors.HUBSPOT else both.quickbooks).log()


def _figures(*, pace: sizes.Pace, database: str, log: Sequence[dict[str, Any]]) -> Iterator[figures.Figure]:
    moments = sorted(datetime.fromisoformat(entry["at"]).timestamp() for entry in log)
    budget = math.floor(pace.allowed * SHARE)
    most = most_within(moments, pace.period)
    used = (len(moments) - 1) / (moments[-1] - moments[0]) * pace.period
    vendor = {vendors.HUBSPOT: "HubSpot", vendors.QUICKBOOKS: "QuickBooks"}[pace.vendor]
    name = f"{vendor}, {pace.allowed} calls in {figures.shown(pace.period)} s, {database}"
    yield figures.Figure(
        name=f"{name}: most in any span / limit",
        value=most / pace.allowed,
        unit="share",
        baseline=f"{most} of {pace.allowed}; {len(moments)} calls in all",
        goal=figures.Goal(most=SHARE),
    )
    yield figures.Figure(
        name=f"{name}: used / budget",
        value=used / budget,
        unit="share",
        baseline=f"{figures.shown(used)} of {budget} calls per {figures.shown(pace.period)} s",
        goal=figures.Goal(least=0.95),
    )
    yield figures.Figure(
        name=f"{name}: calls the vendor refused",
        value=sum(entry["status"] == 429 for entry in log),
        unit="calls",
        baseline=f"of {len(log)}",
        goal=figures.Goal(most=0),
    )


def most_within(moments: Sequence[float], span: float) -> int:
    """Return the most moments in any span of that length, both its ends included."""
    most = first = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] > span:
            first += 1
        most = max(most, last - first + 1)
    return most
