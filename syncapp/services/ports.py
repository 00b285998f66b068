"""The only place with a clock, a sleep, chance, unique keys and the name of this process.

Owns nothing else: everything that acts takes a `Ports` and asks it.
"""
from __future__ import annotations

import os
import random
import socket
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


def _now() -> datetime:
    return datetime.now(UTC)


def _new_key() -> str:
    return uuid.uuid4().hex


def _process() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The outside world as functions. `chance` gives a number from 0 to 1, `process` tells machine and process for people to read."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    new_key: Callable[[], str] = _new_key
    chance: Callable[[], float] = random.random
    process: Callable[[], str] = _process


REAL = Ports()
