"""How much each scale measures. Owns the numbers only."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Pace:
    """One published-style limit: so many calls in so many seconds, and for how long the processes work against it."""

    vendor: str
    limit: str
    allowed: int
    period: float
    work_seconds: float


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much is measured.

    `calls` of each kind are timed on a sandbox of `records` a side; `people` a side are synced, and ten times as many. `few` and
    `many` pairs stand still while little or nothing changes; the list of records is opened over `listed` pairs, every page over `walked`;
    `read` records are read by each client. Of `told` people a side, `webhooks` are changed at each vendor; `apart` people a side are synced
    by each of two workers, and `paced` within the published limits, and there are `knocks` of each kind
    at the doors. What takes long by itself, a page of the list and a sign-in, is tried `tries` times.
    """

    records: int
    calls: int
    paces: tuple[Pace, ...]
    people: int
    few: int
    many: int
    listed: int
    walked: int
    read: int
    told: int
    webhooks: int
    apart: int
    paced: int
    knocks: int
    tries: int


_BURST = Pace(vendor="hubspot", limit="burst", allowed=30, period=3.0, work_seconds=15.0)
_SECOND = Pace(vendor="quickbooks", limit="second", allowed=10, period=1.0, work_seconds=10.0)
_PUBLISHED_BURST = Pace(vendor="hubspot", limit="burst", allowed=110, period=10.0, work_seconds=40.0)
_MINUTE = Pace(vendor="quickbooks", limit="minute", allowed=120, period=60.0, work_seconds=150.0)

SCALES = {
    "tiny": Scale(
        records=200, calls=3, paces=(_SECOND,), people=20, few=40, many=80, listed=80, walked=80, read=200, told=10, webhooks=1, apart=20,
        paced=160, knocks=40, tries=3,
    ),
    "small": Scale(
        records=10_000, calls=40, paces=(replace(_BURST, work_seconds=6.0), replace(_SECOND, work_seconds=3.0)), people=150, few=1_000,
        many=3_000, listed=5_000, walked=2_000, read=1_000, told=20, webhooks=1, apart=40, paced=160, knocks=1_000,
        tries=20,
    ),
    "full": Scale(
        records=50_000, calls=100, paces=(_BURST, _PUBLISHED_BURST, _SECOND, _MINUTE), people=10_000,
        few=1_000, many=100_000, listed=1_000_000, walked=100_000, read=100_000, told=200, webhooks=10, apart=2_000, paced=6_000,
        knocks=10_000, tries=40,
    ),
}
"""`tiny` only shows that the command works."""
