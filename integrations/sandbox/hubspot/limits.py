"""How many calls an app may make, and the headers that tell it.

Owns the sliding windows. Calls that are refused here do not count.
"""
from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.sandbox.hubspot import errors
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.grants import SERVICE_KEY, Grant
from integrations.sandbox.messages import Json

SECOND_MS = 1000


class Window:
    """The calls of the last so many milliseconds."""

    def __init__(self) -> None:
        self._calls: deque[int] = deque()

    def count(self, *, now: int, length: int) -> int:
        """How many calls lie in the window."""
        while self._calls and self._calls[0] <= now - length:
            self._calls.popleft()
        return len(self._calls)

    def add(self, now: int) -> None:
        """Count a call."""
        self._calls.append(now)


class Limits:
    """The windows of every app and account, in memory."""

    def __init__(self) -> None:
        self._bursts: dict[tuple[str, str], Window] = {}
        self._searches: dict[str, Window] = {}
        self._days: dict[tuple[str, str], tuple[str, int]] = {}

    def admit(self, grant: Grant, *, now: int, local: datetime, search: bool) -> dict[str, str]:
        """Count a call and give the headers of its answer. Raises Refused (429)."""
        limits = grant.limits or {}
        day, used = self._today(grant, local)
        daily = limits.get("daily")
        if daily is not None and used >= daily:
            raise refusal("DAILY", grant=grant, headers=_daily_headers(daily, used))
        headers = self._search(grant, limits, now) if search else self._burst(grant, limits, now)
        self._days[(grant.client_id, grant.portal_id)] = (day, used + 1)
        return {**headers, **(_daily_headers(daily, used + 1) if daily is not None else {})}

    def _today(self, grant: Grant, local: datetime) -> tuple[str, int]:
        day, used = self._days.get((grant.client_id, grant.portal_id), ("", 0))
        today = local.date().isoformat()
        return today, used if day == today else 0

    def _search(self, grant: Grant, limits: Json, now: int) -> dict[str, str]:
        window = self._searches.setdefault(grant.portal_id, Window())
        most = limits.get("search_per_second")
        if most is not None and window.count(now=now, length=SECOND_MS) >= most:
            raise refusal("SECONDLY", grant=grant)
        window.count(now=now, length=SECOND_MS)
        window.add(now)
        return {}

    def _burst(self, grant: Grant, limits: Json, now: int) -> dict[str, str]:
        most = limits.get("burst")
        if most is None:
            return {}
        length = int((limits.get("burst_seconds") or 10) * SECOND_MS)
        window = self._bursts.setdefault((grant.client_id, grant.portal_id), Window())
        used = window.count(now=now, length=length)
        if used >= most:
            raise refusal("TEN_SECONDLY_ROLLING", grant=grant, headers=_burst_headers(most, used, length))
        window.add(now)
        return _burst_headers(most, used + 1, length)


def _burst_headers(most: int, used: int, length: int) -> dict[str, str]:
    secondly = max(1, most * SECOND_MS // length)
    return {
        "X-HubSpot-RateLimit-Interval-Milliseconds": str(length),
        "X-HubSpot-RateLimit-Max": str(most),
        "X-HubSpot-RateLimit-Remaining": str(most - used),
        "X-HubSpot-RateLimit-Secondly": str(secondly),
        "X-HubSpot-RateLimit-Secondly-Remaining": str(max(0, min(secondly - 1, most - used))),
    }


def _daily_headers(most: int, used: int) -> dict[str, str]:
    return {"X-HubSpot-RateLimit-Daily": str(most), "X-HubSpot-RateLimit-Daily-Remaining": str(most - used)}


def local_time(moment: datetime, time_zone: str) -> datetime:
    """The moment on the account's own clock; days end at its midnight."""
    try:
        zone: tzinfo = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        # Some machines have no time zone database at all; days then end at midnight UTC.
        zone = UTC
    return moment.astimezone(zone)


def refusal(policy: str, *, grant: Grant | None = None, headers: dict[str, str] | None = None) -> Refused:
    """The 429 of a policy: DAILY, TEN_SECONDLY_ROLLING, or SECONDLY, which names no policy."""
    if policy == "SECONDLY":
        return Refused(429, errors.error_body("You have reached your secondly limit.", category="RATE_LIMITS"), headers=headers)
    kind = "private-apps" if grant is None or grant.kind == SERVICE_KEY else "oauth"
    body = errors.error_body(
        f"You have reached your {policy.lower()} limit.",
        errorType="RATE_LIMIT",
        policyName=policy,
        groupName=f"publicapi:{kind}:{grant.client_id if grant else '0'}",
    )
    return Refused(429, body, headers=headers)
