"""What the syncs wrote and what failed, day by day, as a small drawing.

Owns its measures. It adds up what the runs counted, and reads no write.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import IntegerField, Sum
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, TruncDate

from syncapp import models
from syncapp.engine.vocabulary import RunKind
from syncapp.engine.wording import count, say
from syncapp.selectors import words

DAYS = 14
STEP, BAR, HEIGHT, GROUND, LEAST = 18, 12, 48, 2, 3
FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day: what was written and what failed, and how tall each is drawn, the failures on top."""

    day: date
    writes: int
    failures: int
    x: int
    tall: int
    red: int

    @property
    def y(self) -> int:
        """Where the part of the writes begins."""
        return HEIGHT - GROUND - self.tall

    @property
    def y_red(self) -> int:
        """Where the part of the failures begins."""
        return self.y - self.red

    @property
    def sentence(self) -> str:
        """The day in words."""
        return say(
            "{day}: {writes} written, {failures} failed", day=self.day.isoformat(), writes=self.writes, failures=self.failures
        )


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The last days of one sync."""

    days: list[Day]
    width: int = DAYS * STEP
    height: int = HEIGHT
    bar: int = BAR
    ground: int = HEIGHT - GROUND

    @property
    def sentence(self) -> str:
        """All of it in words, for those who do not see it."""
        writes, failures = sum(one.writes for one in self.days), sum(one.failures for one in self.days)
        return count(
            "{number} record written and {failures} failed in the last {days} days",
            "{number} records written and {failures} failed in the last {days} days", number=writes, failures=failures, days=DAYS,
        )


def of_syncs(*, config_ids: Iterable[int], now: datetime) -> dict[int, Chart]:
    """Draw the last days of each sync, today among them. Days are days in UTC. One query."""
    ids = list(config_ids)
    last = now.astimezone(UTC).date()
    days = [last - timedelta(days=back) for back in reversed(range(DAYS))]
    counted: dict[int, dict[date, tuple[int, int]]] = {pk: {} for pk in ids}
    for one in _counted(ids, datetime.combine(days[0], time.min, UTC)):
        counted[one["config"]][one["day"]] = (sum(one[f"sum_{name}"] or 0 for name in words.WRITTEN), one[f"sum_{FAILED}"] or 0)
    return {pk: _chart(days, by_day) for pk, by_day in counted.items()}


def _counted(ids: list[int], since: datetime) -> Iterable[dict[str, Any]]:
    sums = {f"sum_{name}": Sum(Cast(KT(f"counts__{name}"), IntegerField())) for name in (*words.WRITTEN, FAILED)}
    found: Any = models.SyncRun.objects.filter(config__in=ids, created_at__gte=since).exclude(kind=RunKind.PREVIEW).order_by()
    counted: Iterable[dict[str, Any]] = found.values("config", day=TruncDate("created_at", tzinfo=UTC)).annotate(**sums)
    return counted


def _chart(days: list[date], counted: Mapping[date, tuple[int, int]]) -> Chart:
    most = max((sum(numbers) for numbers in counted.values()), default=0)
    return Chart(days=[_day(place, day, *counted.get(day, (0, 0)), most) for place, day in enumerate(days)])


def _day(place: int, day: date, writes: int, failures: int, most: int) -> Day:
    """What is there at all is drawn, if only as a line."""
    room = HEIGHT - GROUND - LEAST
    tall, red = (max(LEAST, round(number * room / most)) if number else 0 for number in (writes, failures))
    return Day(day=day, writes=writes, failures=failures, x=place * STEP, tall=tall, red=red)
