"""The first sync within the limits that the vendors publish, while the clock runs true: how much of the narrowest limit is used.

Owns the counting in the sandbox's own log, from the first batch of writes to QuickBooks to the last. All its calls are counted, the looks
before the writes, too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.benchmarks import databases, figures, installation, sizes, vendors

OVERLAP = 0.5
SHARE = 0.9
BATCHES, CALLS, IN_A_BATCH = 40, 500, 30
"""What QuickBooks publishes: batches and calls a minute, records in a batch. HubSpot's limits are wider for a first sync."""
MINUTE = 60.0
PUBLISHED = {vendors.HUBSPOT: {"burst": 110, "burst_seconds": 10}, vendors.QUICKBOOKS: {}}
"""QuickBooks' own are those of every sandbox connection."""


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Run it on each database."""
    for url in urls:
        yield from _told(_run(people=scale.paced, url=url), people=scale.paced, database=databases.kind(url))


def _run(*, people: int, url: str) -> dict[str, Any]:
    with vendors.running() as both:
        both.generate(people=people, overlap=OVERLAP)
        minted = both.tokens(PUBLISHED)
        with databases.environment(url=url, both=both, minted=minted) as environment:
            limits: Mapping[str, Mapping[str, float]] = {vendors.HUBSPOT: {}, vendors.QUICKBOOKS: {}}
            config = installation.run("prepare", {"minted": minted, "limits": limits}, environment=environment)["config"]
            both.forget()
            found = installation.run("sync", {"config": config, "ahead_seconds": 0}, environment=environment)
            if found["state"] != "SUCCEEDED":
                raise RuntimeError(f"The run ended as {found['state']}: {found['words']}")
            return {**found, "log": both.quickbooks.log(), "written": sum(both.quickbooks.written().values())}


def _told(found: Mapping[str, Any], *, people: int, database: str) -> Iterator[figures.Figure]:
    batches = _moments(one for one in found["log"] if one["path"].endswith("/batch"))
    took = batches[-1] - batches[0]
    calls = [moment for moment in _moments(found["log"]) if batches[0] < moment <= batches[-1]]
    budgets = {"batches": math.floor(BATCHES * SHARE), "calls": math.floor(CALLS * SHARE)}
    used = {"batches": (len(batches) - 1) / took * MINUTE, "calls": len(calls) / took * MINUTE}
    words = {"batches": f"{found['written']:,} records in {figures.shown(found['wall'])} s", "calls": "batches, single ones and looks"}
    name = f"{people:,} a side, published limits, {database}"
    for what, budget in budgets.items():
        yield figures.Figure(
            name=f"{name}: {what} to QuickBooks used / budget", value=used[what] / budget, unit="share",
            baseline=f"{figures.shown(used[what])} of {budget} a minute; {words[what]}", goal=figures.Goal(least=0.95),
        )
    alone = budgets["batches"] * IN_A_BATCH
    most = alone + budgets["calls"] - budgets["batches"]
    written = (found["written"] - IN_A_BATCH) / took * MINUTE
    yield figures.Figure(
        name=f"{name}: records written to QuickBooks / batches and single calls", value=written / most, unit="share",
        baseline=f"{figures.shown(written)} of {most:,} a minute, were there no looks; batches alone allow {alone:,}",
    )
    refused = sum(one["status"] == 429 for one in found["log"])
    yield figures.Figure(name=f"{name}: calls that QuickBooks refused", value=refused, unit="calls", goal=figures.Goal(most=0))


def _moments(calls: Iterable[Mapping[str, Any]]) -> list[float]:
    return sorted(datetime.fromisoformat(one["at"]).timestamp() for one in calls)
