"""The first syncs of two companies by two workers, each in a process of its own, beside that of one company by one worker.

Owns the comparison. There are no limits, but one sandbox answers all, and one database keeps all. A vendor's answers take their time on
the way, the sandbox's none: so it is measured with such a wait, too.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

OVERLAP = 0.5
GOAL = figures.Goal(least=1.8)
ANSWERS_SECONDS = (0.0, 0.1)
EVERY_CALL = 1_000_000
COMPANIES: tuple[Mapping[str, str], ...] = ({"portal_id": "7001", "realm_id": "7001"}, {"portal_id": "7002", "realm_id": "7002"})


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Compare on each database."""
    for url, seconds in product(urls, ANSWERS_SECONDS):
        one, two = (
            _speed(people=scale.apart, url=url, companies=companies, answers_seconds=seconds) for companies in (COMPANIES[:1], COMPANIES)
        )
        where = f"{scale.apart:,} a side, {databases.kind(url)}, answers in {seconds:g} s"
        yield figures.Figure(
            name=f"{where}: two workers on two companies / one on one", value=two / one, unit="times",
            baseline=f"{figures.shown(two)} and {figures.shown(one)} pairs/s on {os.cpu_count()} cores, sandbox included", goal=GOAL,
        )


def _speed(*, people: int, url: str, companies: Sequence[Mapping[str, str]], answers_seconds: float) -> float:
    """Pairs a second of all companies together, from the first worker's start to the last one's end."""
    with vendors.running() as both:
        minted = [_minted(both, company, people=people) for company in companies]
        with databases.environment(url=url, both=both, minted=minted[0]) as environment:
            limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT}
            configs = [
                processes.run(
                    "prepare", {"minted": one, "limits": limits, "name": f"Company {number}"}, environment=environment
                )["config"]
                for number, one in enumerate(minted)
            ]
            if answers_seconds:
                both.slow_down(seconds=answers_seconds, calls=EVERY_CALL)
            tasks = [{"config": one, "ahead_seconds": 0} for one in configs]
            with ThreadPoolExecutor(len(configs)) as workers:
                found = list(workers.map(lambda task: processes.run("sync", task, environment=environment), tasks))
    if any(one["state"] != "SUCCEEDED" for one in found):
        raise RuntimeError(f"The runs ended as {[one['state'] for one in found]}.")
    return len(companies) * math.floor(people * (2 - OVERLAP)) / (max(one["ended"] for one in found) - min(one["began"] for one in found))


def _minted(both: vendors.Vendors, company: Mapping[str, str], *, people: int) -> dict[str, dict[str, Any]]:
    """The accounts of a company, filled."""
    wanted = {"overlap": OVERLAP, "random_seed": 7}
    hubspot = both.hubspot.control("tokens", {"scopes": None, "portal_id": company["portal_id"]})
    quickbooks = both.quickbooks.control("tokens", {"scopes": None, "realm_id": company["realm_id"]})
    both.hubspot.control("generate", {"contacts": people, "portal_id": company["portal_id"], **wanted})
    both.quickbooks.control("generate", {"customers": people, "realm_id": company["realm_id"], **wanted})
    return {vendors.HUBSPOT: hubspot, vendors.QUICKBOOKS: quickbooks}
