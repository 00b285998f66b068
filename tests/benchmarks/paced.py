"""The first sync within the limits that the vendors publish, while the clock runs true: how much of the narrowest limit is used.

Owns the counting in the sandbox's own log, from the first batch of writes to QuickBooks to the last.
The most that batches and single calls allow is counted with one look before each batch, without which none is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.benchmarks import databases, figures, processes, sizes, vendors

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
            config = processes.run("prepare", {"minted": minted, "limits": limits}, environment=environment)["config"]
            both.forget()
            found = processes.run("sync", {"config": config, "ahead_seconds": 0}, environment=environment)
            if found["state"] != "SUCCEEDED":
                raise RuntimeError(f"The run ended as {found['state']}: {found['words']}")
            return {**found, "log": both.quickbooks.log(), "written": sum(both.quickbooks.written().values())}


def _told(found: Mapping[str, Any], *, people: int, database: str) -> Iterator[figures.Figure]:
    batches = _moments(one for one in found["log"] if one["path"].endswith("/batch"))
    took = batches[-1] - batches[0]
    a_minute, budget = (len(batches) - 1) / took * MINUTE, math.floor(BATCHES * SHARE)
    name = f"{people:,} a side, published limits, {database}"
    yield figures.Figure(
        name=f"{name}: batches to QuickBooks used / budget", value=a_minute / budget, unit="share",
        baseline=f"{figures.shown(a_minute)} of {budget} a minute; {found['written']:,} records in {figures.shown(found['wall'])} s",
        goal=figures.Goal(least=0.95),
    )
    calls = math.floor(CALLS * SHARE)
    most = budget * IN_A_BATCH + calls - 2 * budget
    written = (found["written"] - IN_A_BATCH) / took * MINUTE
    made = sum(batches[0] < moment <= batches[-1] for moment in _moments(found["log"])) / took * MINUTE
    yield figures.Figure(
        name=f"{name}: records written to QuickBooks / batches and single calls", value=written / most, unit="share",
        baseline=f"{figures.shown(written)} of {most:,} a minute, by {figures.shown(made)} of {calls} calls; batches alone allow"
        f" {budget * IN_A_BATCH:,}",
        goal=figures.Goal(least=0.95),
    )
    refused = sum(one["status"] == 429 for one in found["log"])
    yield figures.Figure(name=f"{name}: calls that QuickBooks refused", value=refused, unit="calls", goal=figures.Goal(most=0))


def _moments(calls: Iterable[Mapping[str, Any]]) -> list[float]:
    return sorted(datetime.fromisoformat(one["at"]).timestamp() for one in calls)
