"""What the page of a connection says of its webhooks.

Owns the words. The figures are those of `selectors.webhooks`.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncapp import models
from syncapp.engine.vocabulary import System
from syncapp.selectors import webhooks, words


@dataclass(frozen=True, kw_only=True)
class Line:
    """One fact, and whether it asks for attention."""

    label: str
    words: str
    warns: bool = False


def lines(*, connection: models.Connection, now: datetime) -> list[Line]:
    """List what is known of the webhooks of an account."""
    standing = webhooks.standing(connection=connection, now=now)
    return [*_arrived(standing, now=now), *_elsewhere(System(connection.system))]


def _arrived(standing: webhooks.Standing, *, now: datetime) -> Iterator[Line]:
    tally = standing.tally
    if tally is None or tally.last_at is None:
        yield Line(label="Last webhook", words="None came yet. Changes are found by asking, at the interval of each sync.")
        return
    last = f"{words.ago(tally.last_at, now=now)} ({words.moment(tally.last_at)})"
    if standing.silent:
        last += ". Records changed since then and no webhook told of it: look at the vendor's webhook settings."
    yield Line(label="Last webhook", words=last, warns=standing.silent)
    yield Line(label="Received", words=f"{tally.received:,} with {tally.events:,} events, and {tally.duplicates:,} that had come before")
    if tally.unknown:
        yield Line(label="Not of interest", words=f"{tally.unknown:,} events about what is not synced")
    yield Line(label="From a change until its webhook is here", words=lag(standing.arrival))
    yield Line(label="From a change until it is on the other side", words=lag(standing.written), warns=standing.late)


def _elsewhere(system: System) -> Iterator[Line]:
    """What cannot be told to belong to one account; the same for all accounts of a vendor."""
    tally = webhooks.elsewhere(system=system)
    if tally is None:
        return
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (tally.refused, "requests without a good signature"), (tally.unreadable, "deliveries that could not be read"),
            (tally.unknown, "events about accounts that are not connected"),
        )
        if number
    ]
    if parts:
        yield Line(label=f"Left alone, of all that came for {system.label}", words=", ".join(parts))


def lag(found: webhooks.Lag | None) -> str:
    """Write how long something took."""
    if found is None:
        return words.NOTHING
    return f"{_span(found.half)} half of the time, {_span(found.most)} at most in 95 of 100 ({found.number:,} in the last seven days)"


def _span(span: timedelta) -> str:
    return words.span(span) if span.total_seconds() >= 1 else "less than a second"
