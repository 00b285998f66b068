"""Throttles: how many calls a connection may make per second, per minute, at once, and in batches.

Owns the sliding windows, in memory. A refused call does not count.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.world import World

NAMES = ("per_minute", "per_second", "concurrent", "batch_per_minute")
_MINUTE, _SECOND = 60.0, 1.0


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Ceilings; None means no ceiling."""

    per_minute: int | None = None
    per_second: int | None = None
    concurrent: int | None = None
    batch_per_minute: int | None = None


class _Window:
    def __init__(self) -> None:
        self._at: deque[float] = deque()

    def room(self, now: float, *, seconds: float, ceiling: int | None) -> bool:
        """Whether one more call fits into the last `seconds`."""
        if ceiling is None:
            return True
        if len(self._at) < ceiling:
            return True
        return self._at[len(self._at) - ceiling] <= now - seconds

    def add(self, now: float) -> None:
        """Count a call, and forget those that no window reaches any more."""
        self._at.append(now)
        while self._at[0] <= now - _MINUTE:
            self._at.popleft()


class Throttle:
    """Counts the calls of each client to each company."""

    def __init__(self, *, world: World) -> None:
        self._world = world
        self._calls: dict[tuple[str, str], _Window] = {}
        self._batches: dict[tuple[str, str], _Window] = {}
        self._company_batches: dict[str, _Window] = {}

    def take(self, grant: Json, *, batch: bool, in_flight: int) -> bool:
        """Count a call of a connection, or say False when it is one too many."""
        limits = self.of(grant)
        key = (str(grant["client_id"]), str(grant["realm_id"]))
        now = self._world.clock.now().timestamp()
        calls = self._calls.setdefault(key, _Window())
        batches = self._batches.setdefault(key, _Window())
        company = self._company_batches.setdefault(key[1], _Window())
        fits = (
            (limits.concurrent is None or in_flight <= limits.concurrent)
            and calls.room(now, seconds=_SECOND, ceiling=limits.per_second)
            and calls.room(now, seconds=_MINUTE, ceiling=limits.per_minute)
        )
        if batch and fits:
            whole = None if limits.batch_per_minute is None else int(self._world.switch("quickbooks.company_batches_per_minute"))
            fits = batches.room(now, seconds=_MINUTE, ceiling=limits.batch_per_minute) and company.room(now, seconds=_MINUTE, ceiling=whole)
        if not fits:
            return False
        calls.add(now)
        if batch:
            batches.add(now)
            company.add(now)
        return True

    def of(self, grant: Json) -> Limits:
        """The ceilings of a connection: its own, or the published ones."""
        own = grant["limits"]
        if own is None:
            return Limits(**{name: int(self._world.switch(f"quickbooks.{name}")) for name in NAMES})
        return Limits(**own)


def checked(wanted: Json | None) -> Json:
    """The `limits` of a minted client, `{}` for none. Raises BadControl for what is no limit."""
    if wanted is None:
        return {}
    for name, value in wanted.items():
        if name not in NAMES:
            raise BadControl(f'There is no limit {name!r}. "limits" may hold: {", ".join(NAMES)}.')
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise BadControl(f"The limit {name!r} is a whole number from 1, not {value!r}.")
    return {name: value for name, value in wanted.items() if value is not None}
