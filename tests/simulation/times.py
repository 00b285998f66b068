"""The time of a simulated world: it moves only when somebody lets it.

Owns one clock for the application and both vendors; `skew` is how wrong the application's own clock is.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from datetime import UTC, datetime, timedelta

from syncapp.services import ports

BEGINNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class VirtualClock:
    """Begins on the same Monday in every world."""

    def __init__(self, *, seed: int = 0) -> None:
        self.true = BEGINNING
        self.skew = timedelta()
        self._seed = seed
        self._keys = self._uuids = 0
        self._chances = random.Random(seed)

    def now(self) -> datetime:
        """What the application takes for the present."""
        return self.true + self.skew

    def vendors_now(self) -> datetime:
        """What both vendors take for the present."""
        return self.true

    def pass_seconds(self, seconds: float) -> None:
        """Let time pass everywhere."""
        self.true += timedelta(seconds=max(seconds, 0.0))

    def new_key(self) -> str:
        """A key that nobody had before, the same in every play."""
        self._keys += 1
        return f"{self._keys:032x}"

    def new_uuid(self) -> uuid.UUID:
        """What takes the place of chance where a key is made without the application's ports."""
        self._uuids += 1
        return uuid.UUID(hex=hashlib.sha256(f"{self._seed}/{self._uuids}".encode()).hexdigest()[:32])

    @property
    def ports(self) -> ports.Ports:
        """What the application is given of the outside world."""
        return ports.Ports(
            now=self.now, sleep=self.pass_seconds, new_key=self.new_key, chance=self._chances.random,
            process=lambda: "simulated",
        )
