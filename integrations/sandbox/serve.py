"""Both faces together: built over one world, seeded, started and stopped.

Owns the loading of the first seed and the life of the two servers. Knows the two faces only as faces.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from integrations.sandbox import seeds
from integrations.sandbox.hubspot.face import HubSpotFace
from integrations.sandbox.messages import BadControl
from integrations.sandbox.quickbooks.face import QuickBooksFace
from integrations.sandbox.server import Server
from integrations.sandbox.world import Clock, World

LOOK_SECONDS = 0.2


@dataclass(kw_only=True)
class Sandbox:
    """Two servers over one world; use it as a context manager or call `start` and `stop`."""

    world: World
    hubspot: Server
    quickbooks: Server

    def start(self) -> Self:
        """Open both ports. Raises OSError when one is taken, and then leaves none open."""
        self.hubspot.start()
        try:
            self.quickbooks.start()
        except OSError:
            self.hubspot.stop()
            raise
        return self

    def stop(self) -> None:
        """Finish what is being answered, close both ports and the state file."""
        self.hubspot.stop()
        self.quickbooks.stop()
        with self.world.lock:
            self.world.store.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def build(
    *,
    seed: str | Path = "demo",
    state: Path | None = None,
    hubspot_port: int = 0,
    quickbooks_port: int = 0,
    clock: Clock | None = None,
    wait: Callable[[float], object] | None = None,
) -> Sandbox:
    """Make a sandbox that is not serving yet; a state file that was seeded before keeps what it has.

    With a `clock` it lives in another time than ours, and with a `wait` slow answers take that time instead.

    Raises BadControl when the seed is none and StateFileUnusable when the state file is in use.
    """
    contents = seeds.load(seed)
    world = World(state=state, clock=clock)
    hubspot, quickbooks = HubSpotFace(world), QuickBooksFace(world)
    seeded = world.store.table("world", "seed")
    if "first" not in seeded:
        try:
            for face in (hubspot, quickbooks):
                face.reset(contents[face.name])
        except BadControl:
            world.store.abandon()
            raise
        seeded.put("first", {"seed": str(seed)})
        world.store.flush()
    return Sandbox(
        world=world,
        hubspot=Server(face=hubspot, world=world, port=hubspot_port, wait=wait),
        quickbooks=Server(face=quickbooks, world=world, port=quickbooks_port, wait=wait),
    )


def serve_forever(
    *, hubspot_port: int, quickbooks_port: int, seed: str | Path = "demo", state: Path | None = None, until: threading.Event | None = None
) -> None:
    """Serve both faces until SIGINT, SIGTERM or `until` is set, telling both addresses when they are ready.

    Raises OSError when a port is taken, BadControl and StateFileUnusable as `build` does.
    """
    told: list[int] = []
    before = _on_signals(told)
    until = until or threading.Event()
    try:
        sandbox = build(seed=seed, state=state, hubspot_port=hubspot_port, quickbooks_port=quickbooks_port)
        try:
            sandbox.start()
            _say(f"HubSpot sandbox     {sandbox.hubspot.url}   (records: {sandbox.hubspot.url}/_sandbox/records)")
            _say(f"QuickBooks sandbox  {sandbox.quickbooks.url}   (records: {sandbox.quickbooks.url}/_sandbox/records)")
            _say(f"State: {state if state is not None else 'in memory, gone when it stops'}. Press Ctrl-C to stop.")
            while not told and not until.wait(LOOK_SECONDS):
                pass
        finally:
            sandbox.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _say("Sandbox stopped.")


def _on_signals(told: list[int]) -> dict[int, Any]:
    """Note both signals in `told`; none outside the main thread, where Python takes no handlers.

    The handler touches no lock: it may interrupt the very code that holds it.
    """
    if threading.current_thread() is not threading.main_thread():
        return {}

    def note(number: int, _: FrameType | None) -> None:
        told.append(number)

    return {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
