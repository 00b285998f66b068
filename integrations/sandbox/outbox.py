"""The webhooks of one face: who subscribed, what happened since, and the deliveries that wait to be sent.

Owns order, repetition, loss and delay of deliveries, and the vendor's retries. Sends nothing itself, and knows no vendor's format:
the face hands in its dialect.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.store import Store

HOSTS = ("127.0.0.1", "localhost", "::1")
DELAY_SECONDS = 3600
_ASKED = ("url", "secret", "format", "mode", "delay_seconds")


class Mode(enum.StrEnum):
    """What happens to deliveries on their way."""

    NORMAL = "normal"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    DROP = "drop"
    DELAY = "delay"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A delivery, ready to go out. `attempt` counts from 0."""

    number: str
    url: str
    headers: dict[str, str]
    body: bytes
    timeout: float


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What a face needs to know to dress a delivery."""

    url: str
    secret: str
    format: str
    attempt: int
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How a vendor sends webhooks.

    `formats`: the usual one first. `most`: events in one delivery. `pauses`: seconds before each retry; `endless` repeats the last
    one. `withholds`: later deliveries wait for one that was not acknowledged. `secret` finds the secret where a subscription names
    none. `dress` gives headers and body of a delivery.
    """

    formats: tuple[str, ...]
    most: int
    pauses: tuple[float, ...]
    endless: bool
    withholds: bool
    timeout: float
    secret: Callable[[], str]
    dress: Callable[[Sequence[Json], Stamp], tuple[dict[str, str], bytes]]


@dataclass(kw_only=True)
class Round:
    """One sending of what is due: what was tried, what came of it, and which subscriptions wait for an acknowledgment."""

    tried: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    sent: int = 0
    events: int = 0
    refused: int = 0


class Outbox:
    """The deliveries of one face. Called with the world's lock held."""

    def __init__(self, *, store: Store, name: str, dialect: Dialect, now: Callable[[], datetime]) -> None:
        self._subscriptions = store.table(name, "webhooks")
        self._deliveries = store.table(name, "deliveries")
        self._dialect = dialect
        self._now = now
        self._open: dict[str, str] = {}
        self._muted = 0
        self._last = max((int(number) for number, _ in self._deliveries.items()), default=0)
        self.dropped = 0

    def subscribe(self, wanted: Json) -> Json:
        """Send what happens from now on to an address on this machine. Raises BadControl."""
        strange = sorted(set(wanted) - set(_ASKED))
        if strange:
            raise BadControl(f"A subscription takes {', '.join(_ASKED)}, not {', '.join(strange)}.")
        url, kind, mode = wanted.get("url"), wanted.get("format", self._dialect.formats[0]), wanted.get("mode", Mode.NORMAL)
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in ("http", "https") or parts.hostname not in HOSTS or parts.fragment:
            raise BadControl(f'"url" is an address on this machine, like http://127.0.0.1:8000/webhooks/hubspot, not {url!r}.')
        if kind not in self._dialect.formats:
            raise BadControl(f'"format" is one of {", ".join(self._dialect.formats)}, not {kind!r}.')
        if mode not in list(Mode):
            raise BadControl(f'"mode" is one of {", ".join(Mode)}, not {mode!r}.')
        delay = wanted.get("delay_seconds", DELAY_SECONDS)
        if isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay <= 30 * 86_400:
            raise BadControl('"delay_seconds" is a number of seconds, at most 30 days.')
        secret = wanted.get("secret") or self._dialect.secret()
        if not isinstance(secret, str):
            raise BadControl('"secret" is a text, or left out.')
        row = {"id": str(len(self._subscriptions) + 1), "url": url, "format": kind, "mode": str(mode), "delay_seconds": delay}
        row["secret"] = secret
        self._subscriptions.put(str(row["id"]), row)
        return row

    def listed(self) -> list[Json]:
        """Give every subscription, without its secret, with the deliveries that wait."""
        waiting = [row["subscription"] for row in self._deliveries.values()]
        shown = ({name: value for name, value in row.items() if name != "secret"} for row in self._subscriptions.values())
        return [{**row, "waiting": waiting.count(row["id"])} for row in shown]

    def clear(self) -> int:
        """Forget every subscription and what waits; tells how many subscriptions there were."""
        number = len(self._subscriptions)
        self._subscriptions.clear()
        self._deliveries.clear()
        self._open.clear()
        self.dropped = 0
        return number

    @contextmanager
    def muted(self) -> Iterator[None]:
        """While records are loaded in bulk, nothing of it is news."""
        self._muted += 1
        try:
            yield
        finally:
            self._muted -= 1

    @property
    def heard(self) -> bool:
        """Whether there is anybody to be told."""
        return len(self._subscriptions) > 0 and not self._muted

    def note(self, event: Json) -> None:
        """Remember for every subscriber that something happened."""
        for row in self._subscriptions.values() if self.heard else ():
            if row["mode"] == Mode.DROP:
                self.dropped += 1
            else:
                self._put(row, event)

    def _put(self, subscription: Json, event: Json) -> None:
        number = self._open.get(subscription["id"])
        delivery = self._deliveries.get(number) if number is not None else None
        if delivery is None or len(delivery["events"]) >= self._dialect.most:
            self._last += 1
            number = str(self._last)
            late = subscription["delay_seconds"] if subscription["mode"] == Mode.DELAY else 0
            delivery = {
                "subscription": subscription["id"], "events": [], "due": self._now().timestamp() + late, "attempt": 0,
                "copies": 2 if subscription["mode"] == Mode.DUPLICATE else 1,
            }
            self._open[subscription["id"]] = number
        delivery["events"].append(event)
        self._deliveries.put(str(number), delivery)

    def following(self, sending: Round) -> Letter | None:
        """Give the next delivery that is due, or None when there is none. What is not acknowledged is tried once a round."""
        now = self._now()
        self._open.clear()
        for number, row in self._ordered():
            subscription = row["subscription"]
            waits = row["due"] > now.timestamp()
            if self._dialect.withholds and row["attempt"] and waits:
                sending.held.add(subscription)
            if not waits and number not in sending.tried and subscription not in sending.held:
                return self._letter(number, row, now)
        return None

    def _ordered(self) -> list[tuple[str, Json]]:
        rows = sorted(self._deliveries.items(), key=lambda pair: int(pair[0]))
        backwards = {row["id"] for row in self._subscriptions.values() if row["mode"] == Mode.REORDER}
        turned = [pair for pair in rows if pair[1]["subscription"] in backwards]
        return [pair for pair in rows if pair[1]["subscription"] not in backwards] + turned[::-1]

    def _letter(self, number: str, row: Json, now: datetime) -> Letter:
        subscription = self._subscriptions.get(row["subscription"])
        assert subscription is not None  # noqa: S101 - both are forgotten together
        events = row["events"][::-1] if subscription["mode"] == Mode.REORDER else row["events"]
        stamp = Stamp(
            url=subscription["url"], secret=subscription["secret"], format=subscription["format"], attempt=row["attempt"], now=now
        )
        headers, body = self._dialect.dress(events, stamp)
        return Letter(number=number, url=stamp.url, headers=headers, body=body, timeout=self._dialect.timeout)

    def settle(self, letter: Letter, *, sending: Round, acknowledged: bool) -> None:
        """Note what came of a delivery: done, to be sent once more, or to be tried again later."""
        row = self._deliveries.get(letter.number)
        if row is None:
            return
        if acknowledged:
            sending.sent += 1
            sending.events += len(row["events"])
            row["copies"] -= 1
        else:
            sending.refused += 1
            sending.tried.add(letter.number)
            row["attempt"] += 1
            if self._dialect.withholds:
                sending.held.add(row["subscription"])
        pauses, attempt = self._dialect.pauses, row["attempt"]
        over = attempt > len(pauses) and not self._dialect.endless
        if not row["copies"] or over:
            self._deliveries.drop(letter.number)
            self.dropped += over
            return
        if not acknowledged:
            row["due"] = self._now().timestamp() + pauses[min(attempt, len(pauses)) - 1]
        self._deliveries.put(letter.number, row)

    def result(self, sending: Round) -> Json:
        """Tell what a round did and what is left."""
        return {
            "sent": sending.sent, "events": sending.events, "refused": sending.refused, "waiting": len(self._deliveries),
            "dropped": self.dropped,
        }
