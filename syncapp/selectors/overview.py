"""The front page: every sync at a glance, the connections, and what needs a person; with nothing set up yet, what to do first."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Direction, ObjectPair, OperationStatus, RunState, Side, Standing, System
from syncapp.selectors import runs, standings, words

SAMPLE = 20


@dataclass(frozen=True, kw_only=True)
class SyncCard:
    """One sync at a glance."""

    config: models.SyncConfig
    counts: list[standings.StandingCount]
    run: models.SyncRun | None
    ran: str
    next_run: str
    lag: str
    writes: int

    @property
    def objects(self) -> str:
        """What it keeps in step."""
        return ObjectPair(self.config.object_pair).label

    @property
    def direction(self) -> str:
        """Which way."""
        return Direction(self.config.direction).label

    @property
    def run_state(self) -> RunState | None:
        """How the last run ended, or stands."""
        return RunState(self.run.state) if self.run else None

    @property
    def run_color(self) -> str:
        """How that is colored."""
        return runs.COLORS[RunState(self.run.state)] if self.run else "quiet"

    @property
    def braked(self) -> bool:
        """Whether a brake holds it."""
        return self.run is not None and self.run.state == RunState.BRAKED


@dataclass(frozen=True, kw_only=True)
class OwnProperty:
    """One of our own properties in HubSpot, as a person reads of it."""

    kind: str
    name: str
    label: str
    state: str
    color: str
    words: str


_OWN_STATES = {
    "MADE": ("There", "success"), "THERE": ("There", "success"), "REFUSED": ("Refused by HubSpot", "warning"),
    "WRONG": ("Of another kind", "danger"), "REMOVED": ("Removed", "quiet"),
}


def own_fields(connection: models.Connection) -> list[OwnProperty]:
    """List our own properties of a HubSpot account, as they stood when last looked at."""
    found = []
    for one in connection.own_fields:
        state, color = _OWN_STATES.get(one["state"], (one["state"], "quiet"))
        found.append(OwnProperty(kind=one["kind"], name=one["name"], label=one["label"], state=state, color=color, words=one["words"]))
    return found


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Something that waits for a person, and the list it stands in. Conflicts have a list of their own, hence no query."""

    number: int
    words: str
    noun: str
    query: str
    color: str


@dataclass(frozen=True, kw_only=True)
class ConnectionLine:
    """One connection at a glance."""

    connection: models.Connection
    words: str
    color: str
    called: str


@dataclass(frozen=True, kw_only=True)
class Guide:
    """The three steps of a new installation, with what is done of them."""

    left: bool
    right: bool
    sync: bool

    @property
    def done(self) -> bool:
        """Whether there is nothing left to do."""
        return self.left and self.right and self.sync


def cards(*, now: datetime) -> list[SyncCard]:
    """Describe every sync."""
    configs = list(models.SyncConfig.objects.select_related("left", "right"))
    numbers, last = standings.by_config(), runs.latest(config_ids=[config.pk for config in configs])
    return [_card(config, standings.listed(numbers.get(config.pk, {})), last.get(config.pk), now) for config in configs]


def _card(config: models.SyncConfig, counts: list[standings.StandingCount], run: models.SyncRun | None, now: datetime) -> SyncCard:
    return SyncCard(
        config=config, counts=counts, run=run,
        ran=words.ago(run.finished_at or run.started_at or run.created_at, now=now) if run else "never",
        next_run=_next(config, now), lag=_lag(config), writes=words.writes(run.counts) if run else 0,
    )


def _next(config: models.SyncConfig, now: datetime) -> str:
    if not config.active:
        return "not scheduled: the sync is off"
    if config.next_due_at is None or config.next_due_at <= now:
        return "due now"
    return words.ago(config.next_due_at, now=now)


def _lag(config: models.SyncConfig) -> str:
    """How long the newest change that was made since the set-up took to reach the other side."""
    done = models.Operation.objects.filter(
        Q(side=Side.LEFT, pair__right__remote_updated_at__gte=config.created_at)
        | Q(side=Side.RIGHT, pair__left__remote_updated_at__gte=config.created_at),
        config=config, status=OperationStatus.DONE, undoes__isnull=True,
    )
    spans: list[timedelta] = []
    for side, left, right, finished in done.order_by("-pk").values_list(
        "side", "pair__left__remote_updated_at", "pair__right__remote_updated_at", "finished_at"
    )[:SAMPLE]:
        changed = right if side == Side.LEFT else left
        if changed and finished and finished >= changed:
            spans.append(finished - changed)
    return words.span(spans[0]) if spans else ""


def waiting(*, numbers: Mapping[Standing, int], conflicts: int) -> list[Waiting]:
    """Say what waits for a person, the decisions first; nothing where nothing does."""
    found = (
        Waiting(number=conflicts, words="changed on both sides, waiting for your choice", noun="field", query="", color="warning"),
        _standing(Standing.NEEDS_YOU, numbers, "waiting for your decision"),
        _standing(Standing.FAILING, numbers, "failing; the list says why and what to do"),
    )
    return [one for one in found if one.number]


def _standing(standing: Standing, numbers: Mapping[Standing, int], words: str) -> Waiting:
    return Waiting(
        number=numbers.get(standing, 0), words=words, noun="record pair", query=f"standing={standing.value}",
        color=standings.COLORS[standing],
    )


def connections(*, now: datetime) -> list[ConnectionLine]:
    """Describe every connection without any call."""
    return [
        ConnectionLine(connection=one, words=condition(one)[0], color=condition(one)[1], called=words.ago(one.last_call_at, now=now))
        for one in models.Connection.objects.all()
    ]


def condition(connection: models.Connection) -> tuple[str, str]:
    """Say in two words how a connection stands, and how that is colored."""
    status = ConnectionStatus(connection.status)
    if status is not ConnectionStatus.CONNECTED:
        return status.label, "danger" if status is ConnectionStatus.NEEDS_RECONNECT else "quiet"
    return ("Paused", "warning") if connection.paused else ("Connected", "success")


def guide() -> Guide:
    """Tell which of the first three steps are done."""
    usable = set(models.Connection.objects.filter(status=ConnectionStatus.CONNECTED).values_list("system", flat=True))
    return Guide(
        left=System.HUBSPOT in usable, right=System.QUICKBOOKS in usable, sync=models.SyncConfig.objects.exists()
    )



def syncs_of(*, connection: models.Connection) -> list[models.SyncConfig]:
    """List the syncs that use a connection."""
    return list(models.SyncConfig.objects.filter(Q(left=connection) | Q(right=connection)))
