"""Keep all processes together within a vendor's limits.

Owns the budgets and the arithmetic of the buckets: one row a limit, one guarded UPDATE a call, shared by every process. Fails
closed: where a bucket cannot be written, no call is made. Waits outside transactions, and gives up rather than wait for long.

A paced bucket lets N calls through in a period W without ever putting more than N into any span of that length. With
GCRA the most that fits is floor((W + burst) / cost). Here cost = W / (PACE * N), and the burst is the largest for which even
a span of W * (1 + SLACK), which calls may drift into on their way to the vendor, holds fewer than N + 1.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db import connection as database
from django.db.models import Case, Expression, ExpressionWrapper, F, FloatField, Q, Value, When

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import later, say
from syncapp.services import leases, ports, statements

PACE = 0.96
SLACK = 0.02
_AHEAD = (1 - PACE * (1 + SLACK)) / PACE
_LESS = 0.01 / PACE
LONGEST_WAIT = 60.0
SHORTEST_WAIT = 0.001
SLOT_WAIT = 0.05
SLOT_GRACE = 15.0
CROWDED_SECONDS = 1.0
STAMP_EVERY = timedelta(minutes=1)
COUNT_EVERY = 25

BATCH = "batch"
CONCURRENT = "concurrent"
DAILY = "daily"
MONTH = "month"
COUNTED = (DAILY, MONTH)


@dataclass(frozen=True, kw_only=True)
class Limit:
    """What a vendor publishes: so many calls in so many seconds."""

    name: str
    label: str
    allowed: int
    period: float


DAY = 86_400.0
PUBLISHED = {
    vocabulary.System.HUBSPOT: (
        Limit(name="search", label=later("Searches"), allowed=5, period=1.0),
        Limit(name="burst", label=later("Calls"), allowed=110, period=10.0),
    ),
    vocabulary.System.QUICKBOOKS: (
        Limit(name=BATCH, label=later("Batches"), allowed=40, period=60.0),
        Limit(name="second", label=later("Calls"), allowed=9, period=1.0),  # one less than published: calls bunch up on their way
        Limit(name="minute", label=later("Calls"), allowed=500, period=60.0),
        Limit(name=MONTH, label=later("Reads"), allowed=500_000, period=31 * DAY),
    ),
}
"""Narrowest first. HubSpot's burst and daily limits are replaced by what its headers tell."""

CONCURRENT_CALLS = 10
_LABELS = {limit.name: limit.label for limits in PUBLISHED.values() for limit in limits} | {DAILY: later("Calls")}
_ORDER = ("search", BATCH, "second", CONCURRENT, "burst", "minute", DAILY, MONTH)
_NARROW = {"SECONDLY": "search"}


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One limit as the connection's page shows it. `left` is known for counted limits only."""

    label: str
    allowed: int
    period: float
    left: int | None
    resting_until: datetime | None


class _Refused(Exception):
    """A bucket has no room; what was taken from the others is rolled back."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Governor:
    """The limits of one connection, for one transport."""

    def __init__(self, *, connection: models.Connection, outside: ports.Ports) -> None:
        self._id = connection.pk
        self._system = vocabulary.System(connection.system)
        self._zone = ZoneInfo(connection.time_zone) if self._system is vocabulary.System.HUBSPOT else UTC
        self._told: dict[str, float] = dict(connection.limits)
        self._outside = outside
        self._ready = False
        self._slot: leases.Held | None = None
        self._stamped: datetime | None = None
        self._answers = 0

    def acquire(self, call: factory.Call) -> None:
        """Wait for the call's turn. Raises RateLimited when that is more than a minute away."""
        waited = 0.0
        while (wait := self._try(call)) > 0:
            waited += wait
            if waited > LONGEST_WAIT:
                raise errors.RateLimited(
                    say(
                        "{system} allows no further call for the next {seconds} seconds. It goes on by itself.",
                        system=self._system.label, seconds=math.ceil(wait),
                    ),
                    system=self._system.label, operation=call.operation, wait=wait,
                )
            self._outside.sleep(wait)

    def report(self, call: factory.Call, answer: factory.Answer) -> None:
        """Learn the account's limits from an answer's headers, and note that the account answers and what its clock says."""
        self._let_slot_go()
        now = self._outside.now()
        if self._stamped is None or now - self._stamped >= STAMP_EVERY:
            self._stamped = now
            models.Connection.objects.filter(pk=self._id).update(last_call_at=now, **_lead(answer))
        if self._system is vocabulary.System.HUBSPOT:
            self._learn(call, answer)

    def blocked(self, call: factory.Call, seconds: float, policy: str) -> None:
        """Hold back, for every process, the calls that share the limit which is used up."""
        self._prepare()
        narrow = _NARROW.get(policy, "")
        names = [narrow] if narrow in call.buckets else [name for name in _ORDER if name != CONCURRENT]
        self._block(names, seconds)

    def _block(self, names: Iterable[str], seconds: float) -> None:
        """One row at a time: whoever locks several at once in another order could stand in the way of a call for good."""
        until = self._outside.now().timestamp() + seconds
        later = Case(When(blocked_until__gt=until, then=F("blocked_until")), default=Value(until), output_field=FloatField())
        for name in names:
            bucket = models.Bucket.objects.filter(name=self._name(name))
            try:
                bucket.update(blocked_until=later)
            except DatabaseError:
                bucket.update(blocked_until=later)  # once more: nobody but this process knows of the wait yet

    def _try(self, call: factory.Call) -> float:
        """Take from all the call's buckets or from none; 0, or the seconds after which to ask again."""
        self._prepare()
        self._let_slot_go()
        now = self._outside.now()
        try:
            with transaction.atomic(durable=True):
                for name in sorted(call.buckets, key=_ORDER.index):
                    if not self._taken(name, call, now):
                        raise _Refused(name)
        except _Refused as refused:
            return self._wait(refused.name, now)
        return 0.0

    def _taken(self, name: str, call: factory.Call, now: datetime) -> bool:
        if name == CONCURRENT:
            return self._slot_taken(call, now)
        if name in COUNTED:
            return not self._limited(name) or self._counted(name, now)
        return self._paced(name, now.timestamp())

    def _paced(self, name: str, now: float) -> bool:
        return _changed(statements.PACED, [now, now, PACE, self._name(name), now, now, _AHEAD, _LESS])

    def _counted(self, name: str, now: datetime) -> bool:
        began = self._began(name, now).timestamp()
        return _changed(statements.COUNTED, [began, began, began, self._name(name), now.timestamp(), began])

    def _slot_taken(self, call: factory.Call, now: datetime) -> bool:
        """One of a few leases; a process that dies holds it no longer than its call could have lasted."""
        names = [f"slot:{self._id}:{number}" for number in range(_budget(CONCURRENT_CALLS))]
        busy = set(models.Lease.objects.filter(name__in=names, expires_at__gt=now).values_list("name", flat=True))
        owner = self._outside.new_key()
        ttl = call.seconds + SLOT_GRACE
        free = (name for name in names if name not in busy)
        taken = (leases.take(name=name, owner=owner, ttl_seconds=ttl, now=now) for name in free)
        self._slot = next((held for held in taken if held is not None), None)
        return self._slot is not None

    def _let_slot_go(self) -> None:
        if self._slot is not None:
            leases.release(held=self._slot)
            self._slot = None

    def _wait(self, name: str, now: datetime) -> float:
        self._slot = None
        if name == CONCURRENT:
            return SLOT_WAIT
        row = models.Bucket.objects.filter(name=self._name(name)).annotate(ahead=_ahead()).first()
        if row is None:
            self._ready = False
            return SHORTEST_WAIT
        until = self._ends(name, now).timestamp() if name in COUNTED and row.used >= row.allowed else 0.0
        return max(until - now.timestamp(), _until_room(row, row.ahead, now), SHORTEST_WAIT)

    def _prepare(self) -> None:
        """Have a row for every limit, with the budget of today's settings."""
        if self._ready:
            return
        for limit in self._limits():
            self._allow(limit)
        self._ready = True

    def _allow(self, limit: Limit) -> None:
        name, allowed = self._name(limit.name), _budget(limit.allowed)
        models.Bucket.objects.bulk_create(
            [models.Bucket(name=name, allowed=allowed, period=limit.period)], ignore_conflicts=True
        )
        changed = models.Bucket.objects.filter(name=name).exclude(allowed=allowed, period=limit.period)
        changed.update(allowed=allowed, period=limit.period)

    def _limits(self) -> list[Limit]:
        """The published limits, with what the vendor told of this account in their place."""
        limits = []
        for limit in PUBLISHED[self._system]:
            allowed, period = self._told.get(limit.name, limit.allowed), self._told.get(f"{limit.name}_seconds", limit.period)
            limits.append(Limit(name=limit.name, label=limit.label, allowed=int(allowed), period=float(period)))
        if DAILY in self._told:
            limits.append(Limit(name=DAILY, label=_LABELS[DAILY], allowed=int(self._told[DAILY]), period=DAY))
        return limits

    def _limited(self, name: str) -> bool:
        return any(limit.name == name for limit in self._limits())

    def _learn(self, call: factory.Call, answer: factory.Answer) -> None:
        if "burst" in call.buckets:
            most, interval = _header(answer, "Max"), _header(answer, "Interval-Milliseconds")
            if most and interval:
                self._remember({"burst": most, "burst_seconds": interval / 1000})
            left = _header(answer, "Remaining")
            if most and left is not None and left < most * (1 - settings.SYNC_BUDGET_SHARE) / 2:
                self._block(["burst"], CROWDED_SECONDS)
        daily, left = _header(answer, "Daily"), _header(answer, "Daily-Remaining")
        if daily and left is not None:
            self._remember({DAILY: daily})
            self._count(daily - left)

    def _remember(self, told: dict[str, float]) -> None:
        if all(self._told.get(name) == value for name, value in told.items()):
            return
        self._told |= told
        models.Connection.objects.filter(pk=self._id).update(limits=self._told)
        self._ready = False
        self._prepare()

    def _count(self, used: int) -> None:
        """HubSpot's own count of the day takes the place of ours now and then: other apps of the account may use it too."""
        self._answers += 1
        if self._answers % COUNT_EVERY == 1:
            began = self._began(DAILY, self._outside.now()).timestamp()
            models.Bucket.objects.filter(name=self._name(DAILY)).update(used=used, used_since=began)

    def _name(self, name: str) -> str:
        return f"{self._id}:{name}"

    def _began(self, name: str, now: datetime) -> datetime:
        midnight = now.astimezone(self._zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight.replace(day=1) if name == MONTH else midnight

    def _ends(self, name: str, now: datetime) -> datetime:
        return self._began(name, self._began(name, now) + timedelta(days=32 if name == MONTH else 1, hours=1))


class Meter:
    """Counts the calls that a limiter lets through, in memory alone. `vouch` is asked right before each write leaves, and may raise."""

    def __init__(self, limiter: factory.Limiter) -> None:
        self._limiter = limiter
        self._calls = 0
        self.vouch: Callable[[], None] = _nobody

    def acquire(self, call: factory.Call) -> None:
        """Wait for the call's turn, then count it."""
        self._limiter.acquire(call)
        if call.writes:
            self.vouch()
        self._calls += 1

    def report(self, call: factory.Call, answer: factory.Answer) -> None:
        """Hand on what was answered."""
        self._limiter.report(call, answer)

    def blocked(self, call: factory.Call, seconds: float, policy: str) -> None:
        """Hand on that a limit is used up."""
        self._limiter.blocked(call, seconds, policy)

    def read(self) -> int:
        """Tell how many calls were made since it was last read."""
        calls, self._calls = self._calls, 0
        return calls


def _nobody() -> None:
    """Where no lane is worked, nobody need vouch for a write."""


def budgets(*, connections: Iterable[models.Connection], now: datetime) -> list[tuple[Budget, ...]]:
    """Tell what each limit of connections still allows, connection by connection. One query."""
    ends = [f"{connection.pk}:" for connection in connections]
    wished = Q(pk__in=[])
    for end in ends:
        wished |= Q(name__startswith=end)
    rows = list(models.Bucket.objects.filter(wished).order_by("period", "name"))
    return [tuple(_shown(row, now) for row in rows if row.name.startswith(end)) for end in ends]


def turns(*, connection: models.Connection, now: datetime) -> tuple[float, float]:
    """Tell after how many seconds a batch could leave, where a vendor limits batches for themselves, and after how many a single call.

    It takes nothing: whoever calls then waits for the call's turn like everybody else.
    """
    paced = [limit.name for limit in PUBLISHED[vocabulary.System(connection.system)] if limit.name not in COUNTED]
    rows = models.Bucket.objects.filter(name__in=[f"{connection.pk}:{name}" for name in paced]).annotate(ahead=_ahead())
    waits = {row.name.partition(":")[2]: max(_until_room(row, row.ahead, now), 0.0) for row in rows}
    batch, single = waits.pop(BATCH, 0.0), max(waits.values(), default=0.0)
    return max(batch, single), single


def _until_room(row: models.Bucket, ahead: float, now: datetime) -> float:
    """After how many seconds a paced bucket lets a call through."""
    return max(row.blocked_until, row.tat - ahead) - now.timestamp()


def _shown(row: models.Bucket, now: datetime) -> Budget:
    name = row.name.partition(":")[2]
    blocked = row.blocked_until > now.timestamp()
    return Budget(
        label=_LABELS[name], allowed=row.allowed, period=row.period,
        left=max(0, row.allowed - row.used) if name in COUNTED else None,
        resting_until=datetime.fromtimestamp(row.blocked_until, tz=UTC) if blocked else None,
    )


def _lead(answer: factory.Answer) -> dict[str, int]:
    """By how many seconds the clock here is ahead of the one that an answer tells, where it tells one."""
    return {} if answer.server_time is None else {"clock_lead": round((answer.received_at - answer.server_time).total_seconds())}


def _ahead() -> Expression:
    """How far the next free moment may lie ahead of now for a call to be let through at once."""
    return ExpressionWrapper(
        F("period") * Value(_AHEAD) - F("period") * Value(_LESS) / F("allowed"), output_field=FloatField()
    )


def _changed(statement: str, values: list[float | str]) -> bool:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def _budget(published: int) -> int:
    share: float = settings.SYNC_BUDGET_SHARE
    return max(1, math.floor(published * share))


def _header(answer: factory.Answer, name: str) -> int | None:
    told = answer.headers.get(f"X-HubSpot-RateLimit-{name}", "")
    return int(told) if told.isdecimal() else None
