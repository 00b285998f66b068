"""The one world behind both faces: clock, lock, switches, store.

Owns time and the order of requests (one lock). Decides nothing about a vendor.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from integrations.sandbox.messages import BadControl, Json, Switch
from integrations.sandbox.outbox import Dialect, Outbox
from integrations.sandbox.store import Store

SwitchValue = bool | int | float | str


class Clock:
    """Real time plus what was added to it. Both faces of a world share one clock."""

    def __init__(self, *, real: Callable[[], datetime] | None = None) -> None:
        self._real = real or (lambda: datetime.now(UTC))
        self._offset = timedelta()

    @property
    def ahead_seconds(self) -> float:
        """How far the sandbox's present is ahead of real time."""
        return self._offset.total_seconds()

    def now(self) -> datetime:
        """The sandbox's present, aware, UTC."""
        return self._real() + self._offset

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward and tell the new time."""
        self._offset += timedelta(seconds=seconds)
        return self.now()


class World:
    """What the faces share. `lock` is held by the server around every call of a face."""

    def __init__(self, *, state: Path | None = None, clock: Clock | None = None, seed: int = 20261126) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.store = Store(path=state)
        self.random = random.Random(seed)  # noqa: S311 - made-up data and ids, not secrets
        self._declared: dict[str, Switch] = {}
        self.outboxes: dict[str, Outbox] = {}
        kept = self.store.table("world", "clock").get("ahead")
        if kept is not None:
            self.clock.advance(kept["seconds"] - self.clock.ahead_seconds)

    def advance(self, seconds: float) -> datetime:
        """Move the clock forward, remembered in the state file, and tell the new time."""
        now = self.clock.advance(seconds)
        self.store.table("world", "clock").put("ahead", {"seconds": self.clock.ahead_seconds})
        return now

    def sends(self, face: str, dialect: Dialect) -> None:
        """Let a face tell subscribers what happens, in its vendor's way."""
        self.outboxes[face] = Outbox(store=self.store, name=face, dialect=dialect, now=self.clock.now)

    def heard(self, face: str) -> bool:
        """Whether a face has subscribers who are to be told of what happens now."""
        return self.outboxes[face].heard

    def happened(self, face: str, event: Json) -> None:
        """Tell a face's subscribers of an event."""
        self.outboxes[face].note(event)

    def declare(self, face: str, switches: tuple[Switch, ...]) -> None:
        """Make a face's switches known, under `face.name`."""
        for switch in switches:
            self._declared[f"{face}.{switch.name}"] = switch

    def switch(self, name: str) -> SwitchValue:
        """The present value of a switch, by its full name, e.g. `hubspot.index_delay`."""
        row = self.store.table("world", "switches").get(name)
        return self._declared[name].default if row is None else row["value"]

    def check_switch(self, name: str, value: object) -> None:
        """Raise BadControl for an unknown name or a value of another type."""
        declared = self._declared.get(name)
        if declared is None:
            raise BadControl(f"There is no switch {name!r}. GET /_sandbox/switch lists the names.")
        wanted = type(declared.default)
        if isinstance(value, bool) != (wanted is bool) or not isinstance(value, (int, float) if wanted in (int, float) else wanted):
            raise BadControl(f"The switch {name!r} takes a value like {declared.default!r}, not {value!r}.")

    def set_switch(self, name: str, value: SwitchValue) -> None:
        """Change a switch. Raises BadControl for an unknown name or a value of another type."""
        self.check_switch(name, value)
        self.store.table("world", "switches").put(name, {"value": value})

    def switches(self, *, face: str | None = None) -> list[dict[str, SwitchValue]]:
        """Every switch (of one face, if named) with its value, its default and its meaning."""
        return [
            {"name": name, "value": self.switch(name), "default": s.default, "meaning": s.meaning}
            for name, s in sorted(self._declared.items())
            if face is None or name.startswith(f"{face}.")
        ]
