"""What the page of a connection says of its webhooks.

Owns the words. The figures are those of `selectors.webhooks`.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncapp import models
from syncapp.engine.vocabulary import System
from syncapp.engine.wording import say
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
        yield Line(label=say("Last webhook"), words=say("None came yet. Changes are found by asking, at the interval of each sync."))
        return
    last = f"{words.ago(tally.last_at, now=now)} ({words.moment(tally.last_at)})"
    if standing.silent:
        last = say("{last}. Records changed since then and no webhook told of it: look at the vendor's webhook settings.", last=last)
    yield Line(label=say("Last webhook"), words=last, warns=standing.silent)
    yield Line(
        label=say("Received"),
        words=say(
            "{received:,} with {events:,} events, and {again:,} that had come before",
            received=tally.received, events=tally.events, again=tally.duplicates,
        ),
    )
    if tally.unknown:
        yield Line(label=say("Not of interest"), words=say("{number:,} events about what is not synced", number=tally.unknown))
    yield Line(label=say("From a change until its webhook is here"), words=_lag(standing.arrival))
    yield Line(label=say("From a change until it is on the other side"), words=_lag(standing.written), warns=standing.late)


def _elsewhere(system: System) -> Iterator[Line]:
    """What cannot be told to belong to one account; the same for all accounts of a vendor."""
    tally = webhooks.elsewhere(system=system)
    if tally is None:
        return
    parts = [
        words_of(number)
        for number, words_of in ((tally.refused, _refused), (tally.unreadable, _unreadable), (tally.unknown, _not_connected))
        if number
    ]
    if parts:
        yield Line(label=say("Left alone, of all that came for {vendor}", vendor=system.label), words=", ".join(parts))


def _refused(number: int) -> str:
    return say("{number:,} requests without a good signature", number=number)


def _unreadable(number: int) -> str:
    return say("{number:,} deliveries that could not be read", number=number)


def _not_connected(number: int) -> str:
    return say("{number:,} events about accounts that are not connected", number=number)


def _lag(found: webhooks.Lag | None) -> str:
    """Write how long something took."""
    if found is None:
        return words.NOTHING
    return say(
        "{half} half of the time, {most} at most in 95 of 100 ({number:,} in the last seven days)",
        half=_span(found.half), most=_span(found.most), number=found.number,
    )


def _span(span: timedelta) -> str:
    return words.span(span) if span.total_seconds() >= 1 else say("less than a second")
