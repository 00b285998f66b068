"""What search sees: a copy of the records that lags behind.

Owns the lag and the order by time of change. Knows no filter.
"""
from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Values = Mapping[str, str]
MANY = 1000
"""From so many changes on, one sort costs less than putting each in its place."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Bounds that narrow a search: ids, and texts of the time of change; all inclusive."""

    first_id: int = 0
    last_id: int = 1 << 62
    since: str = ""
    until: str = "~"


class SearchIndex:
    """The records of one type as search sees them. Values are never changed in place, so they need no copy."""

    def __init__(self, *, modified: str) -> None:
        self._modified = modified
        self._seen: dict[int, Values] = {}
        self._ids: list[int] = []
        self._changes: list[tuple[str, int]] = []
        self._pending: deque[tuple[int, int, Values | None]] = deque()

    def note(self, *, at: int, record_id: int, values: Values | None) -> None:
        """Hear of a change (None: gone); search shows it once it is old enough."""
        self._pending.append((at, record_id, values))

    def catch_up(self, *, until: int) -> None:
        """Take in the changes up to a moment; many at once by sorting once."""
        due: dict[int, Values | None] = {}
        while self._pending and self._pending[0][0] <= until:
            _, record_id, values = self._pending.popleft()
            due[record_id] = values
        if len(due) > MANY:
            self._take_many(due)
        else:
            for record_id, values in due.items():
                self._take(record_id, values)

    def _take_many(self, due: Mapping[int, Values | None]) -> None:
        for record_id, values in due.items():
            if values is None:
                self._seen.pop(record_id, None)
            else:
                self._seen[record_id] = values
        self._ids = sorted(self._seen)
        self._changes = sorted((values[self._modified], record_id) for record_id, values in self._seen.items())

    def _take(self, record_id: int, values: Values | None) -> None:
        before = self._seen.get(record_id)
        if before is not None:
            del self._changes[bisect_left(self._changes, (before[self._modified], record_id))]
        if values is None:
            if before is not None:
                del self._seen[record_id]
                del self._ids[bisect_left(self._ids, record_id)]
            return
        insort(self._changes, (values[self._modified], record_id))
        if before is None:
            insort(self._ids, record_id)
        self._seen[record_id] = values

    def values(self, record_id: int) -> Values:
        """The values of a record as search sees them."""
        return self._seen[record_id]

    def within(self, window: Window) -> Sequence[int]:
        """The ids inside the window, ascending; the narrower bound does the work."""
        low, high = bisect_left(self._ids, window.first_id), bisect_right(self._ids, window.last_id)
        if not window.since and window.until == "~":
            return self._ids[low:high]
        start = bisect_left(self._changes, (window.since, 0))
        end = bisect_right(self._changes, (window.until, 1 << 62))
        if end - start <= high - low:
            return sorted(one for _, one in self._changes[start:end] if window.first_id <= one <= window.last_id)
        seen, name, since, until = self._seen, self._modified, window.since, window.until
        return [one for one in self._ids[low:high] if since <= seen[one][name] <= until]
