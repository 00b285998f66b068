"""Planted faults: which call goes wrong next, and how.

Owns the matching and the counting down. Touches no socket; the server carries a fault out.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from integrations.sandbox.messages import BadControl, Json, Request

LONGEST_SECONDS = 600


class FaultKind(enum.Enum):
    """How a call goes wrong."""

    STATUS = "status"
    DROP_BEFORE = "drop_before"
    DROP_AFTER_COMMIT = "drop_after_commit"
    SLOW = "slow"
    MALFORMED = "malformed"
    HTML = "html"
    TRUNCATE = "truncate"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a fault's name
    RATE_LIMITED = "rate_limited"
    PARTIAL = "partial"


@dataclass(kw_only=True)
class Planted:
    """One planted fault. `wanted` is what the control face was given, for the vendor's own answer."""

    number: int
    kind: FaultKind
    method: str | None
    path: re.Pattern[str] | None
    times_left: int
    wanted: Json = field(default_factory=dict)
    fired: int = 0

    def matches(self, request: Request) -> bool:
        """Whether this fault waits for such a request."""
        if self.times_left < 1 or (self.method is not None and self.method != request.method):
            return False
        if self.path is None:
            return True
        return self.path.search(f"{request.raw_path}?{request.raw_query}" if request.raw_query else request.raw_path) is not None

    @property
    def seconds(self) -> float:
        """How long a slow answer waits."""
        return float(self.wanted["seconds"])

    def as_json(self) -> Json:
        """What the control face lists."""
        return {
            "id": self.number,
            "match": {"method": self.method, "path_regex": self.path.pattern if self.path else None},
            "fault": self.kind.value,
            "times_left": self.times_left,
            "fired": self.fired,
        }


class Faults:
    """The faults of one face, in the order they were planted. Called with the world's lock held."""

    def __init__(self) -> None:
        self._planted: list[Planted] = []
        self._numbered = 0

    def plant(self, wanted: Json) -> Planted:
        """Plant a fault as the control face describes it. Raises BadControl when it is not understood."""
        kind = _kind(wanted)
        method, path = _match(wanted.get("match"))
        details = dict(wanted)
        details["status"] = _number(wanted, "status", default=503, between=(200, 599), whole=True)
        details["seconds"] = _number(wanted, "seconds", default=1, between=(0, LONGEST_SECONDS))
        if wanted.get("retry_after") is not None:
            details["retry_after"] = _number(wanted, "retry_after", default=0, between=(0, 86_400))
        self._numbered += 1
        times = _number(wanted, "times", default=1, between=(1, 1_000_000), whole=True)
        planted = Planted(number=self._numbered, kind=kind, method=method, path=path, times_left=int(times), wanted=details)
        self._planted.append(planted)
        return planted

    def take(self, request: Request) -> Planted | None:
        """The first fault that waits for such a request, counted down, or None."""
        for planted in self._planted:
            if planted.matches(request):
                planted.times_left -= 1
                planted.fired += 1
                return planted
        return None

    def listed(self) -> list[Json]:
        """Every planted fault, spent ones too, with how often each fired."""
        return [planted.as_json() for planted in self._planted]

    def clear(self) -> int:
        """Forget every fault and tell how many there were."""
        count = len(self._planted)
        self._planted.clear()
        return count


def _kind(wanted: Json) -> FaultKind:
    try:
        return FaultKind(wanted.get("fault"))
    except ValueError:
        known = ", ".join(kind.value for kind in FaultKind)
        raise BadControl(f"There is no fault {wanted.get('fault')!r}. Choose one of: {known}.") from None


def _match(match: object) -> tuple[str | None, re.Pattern[str] | None]:
    if match is None:
        return None, None
    if not isinstance(match, dict) or set(match) - {"method", "path_regex"}:
        raise BadControl(f'"match" takes "method" and "path_regex", not {match!r}.')
    method, pattern = match.get("method"), match.get("path_regex")
    if not isinstance(method, str | None) or not isinstance(pattern, str | None):
        raise BadControl('"method" and "path_regex" are text or null.')
    try:
        path = re.compile(pattern) if pattern is not None else None
    except re.error as error:
        raise BadControl(f'"path_regex" is not a regular expression: {error}.') from error
    return (method.upper() if method is not None else None), path


def _number(wanted: Json, name: str, *, default: int, between: tuple[int, int], whole: bool = False) -> int | float:
    value = wanted.get(name)
    least, most = between
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not least <= value <= most:
        raise BadControl(f'"{name}" is a {"whole " if whole else ""}number from {least} to {most}, not {value!r}.')
    number: int | float = value
    return number
