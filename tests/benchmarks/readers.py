"""Reading all contacts and customers: our connectors beside the vendors' well-known client libraries, on the same sandbox.

Owns the comparison by processor time: the sandbox's answers take their own time in a process of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

GOALS = {vendors.HUBSPOT: 5.0, vendors.QUICKBOOKS: 3.0}
LIBRARIES = {vendors.HUBSPOT: "hubspot-api-client", vendors.QUICKBOOKS: "python-quickbooks"}
NOUNS = {vendors.HUBSPOT: "contacts", vendors.QUICKBOOKS: "customers"}


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Read as many records of both sides by each client, each in a process of its own."""
    with vendors.running() as both:
        both.generate(people=scale.read, overlap=0.5)
        minted = both.tokens()
        with databases.environment(url="", both=both, minted=minted) as environment:
            limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT}
            made = processes.run("prepare", {"minted": minted, "limits": limits}, environment=environment)
            for vendor, face in ((vendors.HUBSPOT, both.hubspot), (vendors.QUICKBOOKS, both.quickbooks)):
                ours = processes.run("read", {"vendor": vendor, "connection": made[vendor]}, environment=environment)
                task = {"vendor": vendor, "url": face.url, "app": minted[vendor]}
                theirs = processes.run("read_by_library", task, environment=environment)
                bare = processes.run("read_by_requests", task, environment=environment)
                if not ours["records"] == theirs["records"] == bare["records"] >= scale.read:
                    raise RuntimeError(f"{ours['records']} records were read here, {theirs['records']} and {bare['records']} there.")
                yield from _told(vendor, ours, theirs, bare)


def _told(vendor: str, ours: dict[str, Any], theirs: dict[str, Any], bare: dict[str, Any]) -> Iterator[figures.Figure]:
    speed, other, most = (found["records"] / found["processor"] for found in (ours, theirs, bare))
    yield figures.Figure(
        name=f"{ours['records']:,} {NOUNS[vendor]}: read per processor second / by {LIBRARIES[vendor]}", value=speed / other, unit="times",
        baseline=f"{figures.shown(speed)} and {figures.shown(other)} records/s", goal=figures.Goal(least=GOALS[vendor]),
    )
    yield figures.Figure(
        name=f"{ours['records']:,} {NOUNS[vendor]}: by requests and json alone / by {LIBRARIES[vendor]}", value=most / other, unit="times",
        baseline=f"{figures.shown(most)} records/s, the most that can be reached this way",
    )
