"""The first sync of two filled accounts, without limits: speed, memory, calls; then runs in which nothing has changed.

Owns the sizes N and 10N, the least number of calls, and the counting in the sandbox's own log. Each run has a process of its own.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks import databases, figures, installation, processes, sizes, vendors

OVERLAP = 0.5
MORE = 10
DAY_SECONDS, LATER = 86_400, 600
HUBSPOT_PAGE, HUBSPOT_BATCH = 100, 100
QUICKBOOKS_PAGE, QUICKBOOKS_BATCH = 1000, 30
BATCHES_A_SECOND = 40 / 60
"""QuickBooks publishes 40 batches a minute, the narrowest limit of a first sync."""

SPEED_GOAL = 1500
CONTACTS, CUSTOMERS = vendors.CONTACTS, vendors.CUSTOMERS


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one run took, and what the vendors saw of it: calls and written records by side and kind of record."""

    wall: float
    processor: float
    idle_mib: float
    peak_mib: float
    pairs: Mapping[str, int]
    calls: Mapping[str, int]
    written: Mapping[str, Mapping[str, int]]

    @property
    def writes(self) -> int:
        """All records written at both vendors."""
        return sum(sum(verbs.values()) for verbs in self.written.values())


@dataclass(frozen=True, kw_only=True)
class Story:
    """The first run on two accounts of so many people each, a run right after it, and one when nothing has changed for a while."""

    people: int
    first: Run
    second: Run
    quiet: Run

    @property
    def speed(self) -> float:
        """Pairs in sync per second of the first run."""
        return self.first.pairs.get("LINKED", 0) / self.first.wall

    @property
    def least(self) -> dict[str, int]:
        """The fewest calls in which the pages and batches that the vendors document can read and write all this."""
        left, right = (Counter(self.first.written[kind]) for kind in (CONTACTS, CUSTOMERS))
        by_batch = sum(math.ceil(count / HUBSPOT_BATCH) for count in left.values())
        return {
            CONTACTS: math.ceil(self.people / HUBSPOT_PAGE) + by_batch,
            CUSTOMERS: math.ceil(self.people / QUICKBOOKS_PAGE) + math.ceil(right.total() / QUICKBOOKS_BATCH),
        }

    @property
    def least_with_looks(self) -> dict[str, int]:
        """The same with the looks that no batch is written without: for a twin where it is written, and at the records it is made from.

        What a contact is made of are the contact and its companies, so HubSpot is asked twice for each batch to QuickBooks. It is asked
        twice for twins, too: archived records are told in a read of their own, and one may be archived between two runs.
        """
        left, right = (self.first.written[kind] for kind in (CONTACTS, CUSTOMERS))
        to_left = sum(math.ceil(count / HUBSPOT_BATCH) for count in left.values())
        to_right = math.ceil(sum(right.values()) / QUICKBOOKS_BATCH)
        least = self.least
        return {CONTACTS: least[CONTACTS] + 2 * to_left + 2 * to_right, CUSTOMERS: least[CUSTOMERS] + to_right + to_left}


def measure(*, scale: sizes.Scale, urls: Sequence[str]) -> Iterator[figures.Figure]:
    """Measure N and 10N people a side on each database."""
    for url in urls:
        database = databases.kind(url)
        few = _story(people=scale.people, url=url)
        yield from _first_run(few, database=database, beside=None)
        many = _story(people=scale.people * MORE, url=url)
        yield from _first_run(many, database=database, beside=few)
        yield from _growth(few, many, database=database)
        yield from _unchanged("second run", few.second, many.second, few=few, many=many, database=database)
        yield from _unchanged("quiet run", few.quiet, many.quiet, few=few, many=many, database=database)


def _story(*, people: int, url: str) -> Story:
    """A day passes first, since no account is made as a whole right before its first sync.

    Windows overlap, so that the run right after the first, and the next one, read once more what was written; then it is quiet.
    """
    with vendors.running() as both:
        both.generate(people=people, overlap=OVERLAP)
        both.advance(DAY_SECONDS)
        minted = both.tokens()
        with databases.environment(url=url, both=both, minted=minted) as environment:
            limits = {vendors.HUBSPOT: installation.NO_LIMIT, vendors.QUICKBOOKS: installation.NO_LIMIT}
            task = {"minted": minted, "limits": limits, "ahead_seconds": DAY_SECONDS}
            config = processes.run("prepare", task, environment=environment)["config"]
            first, second, _, quiet = (_run(both, environment, config=config, later=later) for later in (0, 0, LATER, 2 * LATER))
    return Story(people=people, first=first, second=second, quiet=quiet)


def _run(both: vendors.Vendors, environment: Mapping[str, str], *, config: int, later: int) -> Run:
    """A run when both clocks, ours and the sandbox's, show so many seconds more than a day ahead."""
    both.advance(LATER if later else 0)
    both.forget()
    found = processes.run("sync", {"config": config, "ahead_seconds": DAY_SECONDS + later}, environment=environment)
    if found["state"] != "SUCCEEDED":
        raise RuntimeError(f"The run ended as {found['state']}: {found['words']}")
    return Run(
        wall=found["wall"],
        processor=found["processor"],
        idle_mib=found["idle_mib"],
        peak_mib=found["peak_mib"],
        pairs=found["pairs"],
        calls=both.calls(),
        written={CONTACTS: both.hubspot.written(), CUSTOMERS: both.quickbooks.written()},
    )


def _first_run(story: Story, *, database: str, beside: Story | None) -> Iterator[figures.Figure]:
    name = _named(story, database)
    linked, total = story.first.pairs.get("LINKED", 0), round(story.people * (2 - OVERLAP))
    batches = math.ceil(sum(story.first.written[CUSTOMERS].values()) / QUICKBOOKS_BATCH)
    allowed = f"the published limits allow {figures.shown(total / (batches / BATCHES_A_SECOND))}"
    speed = f"with {beside.people:,}: {figures.shown(beside.speed)}; {allowed}" if beside else allowed
    yield figures.Figure(
        name=f"{name}: pairs in sync after the first run",
        value=linked,
        unit="pairs",
        baseline=f"of {total:,}",
        goal=figures.Goal(least=total),
    )
    goal = figures.Goal(least=SPEED_GOAL)
    yield figures.Figure(name=f"{name}: first run, speed", value=story.speed, unit="pairs/s", baseline=speed, goal=goal)
    yield figures.Figure(
        name=f"{name}: first run, processor time",
        value=story.first.processor,
        unit="s",
        baseline=f"of {figures.shown(story.first.wall)} s with the sandbox's answers",
    )
    for kind, least in story.least.items():
        used = story.first.calls.get(kind, 0)
        yield figures.Figure(
            name=f"{name}: first run, calls for {kind} / least",
            value=used / least,
            unit="times",
            baseline=f"{used:,} calls; pages and batches allow {least:,}",
        )
        looking = story.least_with_looks[kind]
        yield figures.Figure(
            name=f"{name}: first run, calls for {kind} / least with looks", value=used / looking, unit="times",
            baseline=f"with the looks before each batch {looking:,}", goal=figures.Goal(most=1.1),
        )
    others = sum(story.first.calls.values()) - sum(story.first.calls.get(kind, 0) for kind in story.least)
    yield figures.Figure(name=f"{name}: first run, calls for accounts", value=others, unit="calls")


def _growth(few: Story, many: Story, *, database: str) -> Iterator[figures.Figure]:
    """How memory and time grow with the size."""
    name = f"{few.people:,} and {many.people:,} a side, {database}"
    small, large = few.first, many.first
    yield figures.Figure(
        name=f"{name}: first run, most memory at 10N / at N",
        value=large.peak_mib / small.peak_mib,
        unit="times",
        baseline=f"{small.peak_mib:.0f} MiB and {large.peak_mib:.0f} MiB",
        goal=figures.Goal(most=1.2),
    )
    for what, each in (
        ("time", [1 / story.speed for story in (few, many)]),
        ("processor time", [story.first.processor / sum(story.first.pairs.values()) for story in (few, many)]),
    ):
        yield figures.Figure(
            name=f"{name}: first run, {what} a pair at 10N / at N", value=each[1] / each[0], unit="times",
            baseline=f"{each[0] * 1000:.2f} ms and {each[1] * 1000:.2f} ms", goal=figures.Goal(most=1.15),
        )
    grown = large.peak_mib - large.idle_mib
    yield figures.Figure(
        name=f"{name}: at 10N, of it above an idle process",
        value=grown,
        unit="MiB",
        baseline=f"at N {small.peak_mib - small.idle_mib:.0f} MiB; idle {large.idle_mib:.0f} MiB",
    )


def _unchanged(when: str, small: Run, large: Run, *, few: Story, many: Story, database: str) -> Iterator[figures.Figure]:
    """A run with nothing to do at 10N; beside it the same at N, and the first run."""
    name, first = f"{_named(many, database)}: {when}", many.first
    yield figures.Figure(
        name=f"{name}, writes at N and 10N",
        value=small.writes + large.writes,
        unit="writes",
        baseline=f"first run {few.first.writes + first.writes:,}",
        goal=figures.Goal(most=0),
    )
    for kind in sorted({*first.calls, *large.calls}):
        beside = f"at N {small.calls.get(kind, 0):,}; first run {first.calls.get(kind, 0):,}"
        yield figures.Figure(name=f"{name}, calls for {kind}", value=large.calls.get(kind, 0), unit="calls", baseline=beside)
    beside = f"at N {figures.shown(small.wall)} s; first run {figures.shown(first.wall)} s"
    yield figures.Figure(name=f"{name}, time", value=large.wall, unit="s", baseline=beside)
    beside = f"at N {figures.shown(small.processor)} s; first run {figures.shown(first.processor)} s"
    yield figures.Figure(name=f"{name}, processor time", value=large.processor, unit="s", baseline=beside)


def _named(story: Story, database: str) -> str:
    return f"{story.people:,} a side, {database}"
