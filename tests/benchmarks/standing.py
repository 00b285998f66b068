"""Many pairs that are in sync: a run when nothing changed, one after a hundred edits, one after a mapping was edited, pages, exports.

Owns the sizes at which they are compared. A real first sync makes the pairs that are edited; the others are copies of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

REAL = 300
OVERLAP = 0.5
EDITS = 100
DAY_SECONDS = 86_400
HOUR = 3_600
PLANNED_SECONDS_GOAL, PLANNED_AT = 12.0, 100_000
PAGE_GOAL, QUERIES_GOAL = 0.3, 12
CSV_GOAL, XLSX_GOAL, EXPORTED = 8.0, 25.0, 100_000
LIST = "/syncapp/recordpair/"
PAGES = {
    "first page": f"{LIST}?config__id__exact={{config}}",
    "search": f"{LIST}?config__id__exact={{config}}&q=smith",
    "by state": f"{LIST}?config__id__exact={{config}}&standing=IN_SYNC",
    "a late page": f"{LIST}?config__id__exact={{config}}&p={{late}}",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An installation with many pairs in sync, and the sandbox it is connected to."""

    both: vendors.Vendors
    environment: Mapping[str, str]
    config: int
    pairs: int

    def run(self, *, hours: int) -> dict[str, Any]:
        """Run the sync when so many hours have passed, and tell what it took and how many calls it made."""
        self.both.advance(HOUR)
        self.both.forget()
        found = processes.run("sync", {"config": self.config, "ahead_seconds": DAY_SECONDS + hours * HOUR}, environment=self.environment)
        if found["state"] != "SUCCEEDED":
            raise RuntimeError(f"The run ended as {found['state']}: {found['words']}")
        calls = self.both.calls()
        about = max(made for kind, made in calls.items() if kind not in vendors.ACCOUNTS)
        written = sum(self.both.hubspot.written().values()) + sum(self.both.quickbooks.written().values())
        return {**found, "calls": calls.total(), "about": about, "written": written}

    def edit(self) -> None:
        """A person gives a hundred contacts another first name."""
        contacts = [one["id"] for portal in self.both.hubspot.control("dump")["portals"] for one in portal["objects"]["contacts"]]
        for number, external_id in enumerate(contacts[:EDITS]):
            self.both.hubspot.control("edit", {"type": "contacts", "id": external_id, "set": {"firstname": f"Edited {number}"}})


@contextmanager
def standing(*, pairs: int, url: str) -> Iterator[Standing]:
    """Make it: a small first sync, the copies, and runs until all windows have passed."""
    with vendors.running() as both:
        people = min(REAL, pairs // 2)
        both.generate(people=people, overlap=OVERLAP)
        both.advance(DAY_SECONDS)
        minted = both.tokens()
        with databases.environment(url=url, both=both, minted=minted) as environment:
            limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT}
            task = {"minted": minted, "limits": limits, "ahead_seconds": DAY_SECONDS, "apart_seconds": HOUR, "pairs": pairs}
            config = processes.run("establish", task, environment=environment)["config"]
            yield Standing(both=both, environment=environment, config=config, pairs=pairs)


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Measure on each database."""
    for url in urls:
        database = databases.kind(url)
        with standing(pairs=scale.few, url=url) as few:
            beside = _cycles(few)
        with standing(pairs=scale.many, url=url) as many:
            found = _cycles(many)
            yield from _told(few, many, beside, found, database=database)


def measure_exports(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Write all pairs into files on each database."""
    for url in urls:
        with standing(pairs=scale.many, url=url) as made:
            yield from _exports(made, database=databases.kind(url))


def measure_pages(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure | figures.Section]:
    """Open the list of records on each database."""
    for url in urls:
        with standing(pairs=scale.listed, url=url) as made:
            late = min(5_000, scale.listed // 100)
            paths = {name: path.replace("{late}", str(late)) for name, path in PAGES.items()}
            task = {"config": made.config, "paths": paths, "tries": scale.tries}
            found = processes.run("pages", task, environment=made.environment)
            for name, figure in found.items():
                where = f"{scale.listed:,} pairs, {databases.kind(url)}: list of records, {name.replace('late page', f'page {late:,}')}"
                beside = f"median {figures.shown(figure['median'])} s"
                goal = figures.Goal(most=PAGE_GOAL)
                yield figures.Figure(name=f"{where}, p95", value=figure["p95"], unit="s", baseline=beside, goal=goal)
                goal = figures.Goal(most=QUERIES_GOAL)
                yield figures.Figure(name=f"{where}, queries", value=figure["queries"], unit="queries", goal=goal)
                yield figures.Section(title=f"How the database does it: {where}", lines=figure["plans"])


def measure_walk(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Open every page of the admin on each database, with many pairs, and beside it with few: no page may ask more often for more pairs."""
    for url in urls:
        found = {}
        for pairs in (scale.few, scale.walked):
            with standing(pairs=pairs, url=url) as made:
                found[pairs] = processes.run("walk", {"config": made.config}, environment=made.environment)
        for name, figure in found[scale.walked].items():
            few = found[scale.few][name]
            beside = f"with {scale.few:,}: {few['queries']}; {figures.shown(figure['seconds'])} s and {figures.shown(few['seconds'])} s"
            where = f"{scale.walked:,} pairs, {databases.kind(url)}: {name}, queries"
            yield figures.Figure(name=where, value=figure["queries"], unit="queries", baseline=beside, goal=figures.Goal(most=QUERIES_GOAL))


def _cycles(made: Standing) -> dict[str, dict[str, Any]]:
    quiet = made.run(hours=3)
    made.edit()
    changed = made.run(hours=4)
    made.run(hours=5)
    processes.run("edit_mapping", {"config": made.config}, environment=made.environment)
    return {"quiet": quiet, "changed": changed, "planned": made.run(hours=6)}


def _told(
    few: Standing, many: Standing, beside: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]], *, database: str
) -> Iterator[figures.Figure]:
    name = f"{many.pairs:,} pairs, {database}"
    for what, unit, goal in (("wall", "s", 0.5), ("processor", "s", 0.2)):
        yield figures.Figure(
            name=f"{name}: nothing changed, {'time' if what == 'wall' else 'processor time'}", value=found["quiet"][what], unit=unit,
            baseline=f"with {few.pairs:,}: {figures.shown(beside['quiet'][what])}", goal=figures.Goal(most=goal),
        )
    yield figures.Figure(
        name=f"{name}: nothing changed, most calls about one kind of record", value=found["quiet"]["about"], unit="calls",
        baseline=f"{found['quiet']['calls']} in all, with tokens and the vendors' time", goal=figures.Goal(most=2),
    )
    yield figures.Figure(
        name=f"{name}: {EDITS} changes, time / with {few.pairs:,} pairs", value=found["changed"]["wall"] / beside["changed"]["wall"],
        unit="times", baseline=f"{figures.shown(found['changed']['wall'])} s and {figures.shown(beside['changed']['wall'])} s",
        goal=figures.Goal(most=2),
    )
    yield figures.Figure(
        name=f"{name}: {EDITS} changes, written", value=found["changed"]["written"], unit="records", goal=figures.Goal(least=EDITS)
    )
    whole = many.pairs >= PLANNED_AT
    yield figures.Figure(
        name=f"{name}: planned anew after a mapping was edited, time", value=found["planned"]["wall"], unit="s",
        baseline=f"{figures.shown(many.pairs / found['planned']['wall'])} pairs/s; {found['planned']['written']} written",
        goal=figures.Goal(most=PLANNED_SECONDS_GOAL * many.pairs / PLANNED_AT) if whole else None,
    )
    yield figures.Figure(
        name=f"{name}: planned anew, most memory", value=found["planned"]["peak_mib"], unit="MiB",
        baseline=f"with {few.pairs:,}: {beside['planned']['peak_mib']:.0f}; idle {found['planned']['idle_mib']:.0f}",
        goal=figures.Goal(most=250),
    )


def _exports(made: Standing, *, database: str) -> Iterator[figures.Figure]:
    for format, seconds in (("CSV", CSV_GOAL), ("XLSX", XLSX_GOAL)):
        with tempfile.TemporaryDirectory(prefix="syncapp-benchmark-") as folder:
            task = {"config": made.config, "format": format, "folder": folder}
            found = processes.run("export", task, environment=made.environment)
        name = f"{found['written']:,} pairs, {database}: export of 12 columns as {format}"
        yield figures.Figure(
            name=f"{name}, time", value=found["wall"], unit="s", baseline=f"{found['bytes'] / 2**20:.0f} MiB",
            goal=figures.Goal(most=seconds) if found["written"] >= EXPORTED else None,
        )
        yield figures.Figure(
            name=f"{name}, processor time", value=found["processor"], unit="s",
            baseline=f"{figures.shown(found['written'] / found['processor'])} pairs/s",
        )
        yield figures.Figure(
            name=f"{name}, most memory", value=found["peak_mib"], unit="MiB", baseline=f"idle {found['idle_mib']:.0f}",
            goal=figures.Goal(most=150),
        )
