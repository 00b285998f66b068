"""How often each address sent webhooks that nobody signed.

Owns that memory, which each process keeps for itself for a minute at a time: a flood costs neither a query nor a line of the log for
each request. An address that many senders share, such as that of a proxy, is never turned away.
"""
from __future__ import annotations

import ipaddress
import threading
from dataclasses import dataclass, field
from datetime import datetime

MOST_A_MINUTE = 30
MOST_ADDRESSES = 1000
MINUTE = 60


@dataclass(kw_only=True)
class Floods:
    """The bad requests of the present minute, by address."""

    minute: int = 0
    bad: dict[str, int] = field(default_factory=dict)
    told_at: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_shut(self, *, address: str, now: datetime) -> bool:
        """Tell whether an address sent so much that nobody signed that nothing more of it is looked at this minute."""
        with self.lock:
            self._turn(now)
            return self.bad.get(address, 0) >= MOST_A_MINUTE and _is_one_senders(address)

    def refused(self, *, address: str, now: datetime) -> bool:
        """Note a request that nobody signed, and tell whether it is to be counted: past the limit of a minute it is not."""
        with self.lock:
            self._turn(now)
            if address in self.bad or len(self.bad) < MOST_ADDRESSES:
                self.bad[address] = self.bad.get(address, 0) + 1
            return self.bad.get(address, MOST_A_MINUTE + 1) <= MOST_A_MINUTE

    def may_tell(self, *, now: datetime) -> bool:
        """Tell whether the log may have a line about it: one a second."""
        with self.lock:
            second = int(now.timestamp())
            fresh, self.told_at = second != self.told_at, second
            return fresh

    def _turn(self, now: datetime) -> None:
        minute = int(now.timestamp()) // MINUTE
        if minute != self.minute:
            self.minute = minute
            self.bad.clear()


def _is_one_senders(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


FLOODS = Floods()
"""This process's own."""
