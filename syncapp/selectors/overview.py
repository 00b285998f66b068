"""The front page: every sync at a glance, the connections, and what needs a person; with nothing set up yet, what to do first."""
from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q
from django.urls import reverse

from syncapp import models
from syncapp.engine import kinds
from syncapp.engine.vocabulary import ConnectionStatus, Direction, ObjectPair, OperationStatus, RunState, Side, System
from syncapp.engine.wording import count, later, say
from syncapp.selectors import charts, navigation, runs, standings, words, work_lists

SAMPLE = 300


@dataclass(frozen=True, kw_only=True)
class SyncCard:
    """One sync at a glance."""

    config: models.SyncConfig
    counts: list[standings.StandingCount]
    conflicts: int
    chart: charts.Chart
    held: models.SyncRun | None
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
    "MADE": (later("There"), "success"), "THERE": (later("There"), "success"), "REFUSED": (later("Refused by HubSpot"), "warning"),
    "WRONG": (later("Of another kind"), "danger"), "REMOVED": (later("Removed"), "quiet"),
}


_FACTS = {
    "type": later("Type"), "data region": later("Data region"), "edition": later("Edition"), "subscription": later("Subscription"),
    "country": later("Country"), "sales tax": later("Sales tax"), "revenue recognition": later("Revenue recognition"),
    "custom transaction numbers": later("Custom transaction numbers"), "multicurrency": later("Multicurrency"),
    "books closed until": later("Books closed until"),
}
_TOLD = {
    "yes": later("yes"), "no": later("no"), "on": later("on"), "off": later("off"), "automated": later("automated"),
    "automated, not set up": later("automated, not set up"),
}


def facts(connection: models.Connection) -> list[tuple[str, str]]:
    """List what is known of an account beside its name, in the reader's language as far as it is not the vendor's own word."""
    known = connection.details.items()
    return [(str(_FACTS.get(name, name.capitalize())), str(_TOLD.get(told, told))) for name, told in known if name != "pages"]


def own_fields(connection: models.Connection) -> list[OwnProperty]:
    """List our own properties of a HubSpot account, as they stood when last looked at."""
    found = []
    for one in connection.own_fields:
        state, color = _OWN_STATES.get(one["state"], (one["state"], "quiet"))
        kind = kinds.several(one["kind"])
        found.append(OwnProperty(kind=kind, name=one["name"], label=one["label"], state=str(state), color=color, words=one["words"]))
    return found


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Something that waits for a person, and the page where it is dealt with."""

    number: int
    noun: str
    words: str
    link: str
    color: str = "warning"


@dataclass(frozen=True, kw_only=True)
class ConnectionLine:
    """One connection at a glance."""

    connection: models.Connection
    words: str
    color: str
    called: str

    @property
    def lost(self) -> bool:
        """Whether it has to be connected again."""
        return self.connection.status == ConnectionStatus.NEEDS_RECONNECT


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


def cards(*, syncs: Sequence[models.SyncConfig], numbers: work_lists.Numbers, now: datetime) -> list[SyncCard]:
    """Describe every sync. Three queries, however many there are."""
    configs = {config.pk: config for config in syncs}
    drawn, lags = charts.of_syncs(config_ids=configs, now=now), _lags(configs)
    last, held = runs.latest_and(config_ids=configs, others=numbers.held.values())
    return [
        _card(config, numbers, now, chart=drawn[config.pk], run=last.get(config.pk), held=held.get(config.pk), lag=lags.get(config.pk, ""))
        for config in syncs
    ]


def _card(
    config: models.SyncConfig, numbers: work_lists.Numbers, now: datetime, *, chart: charts.Chart, run: models.SyncRun | None,
    held: models.SyncRun | None, lag: str,
) -> SyncCard:
    return SyncCard(
        config=config, counts=standings.listed(numbers.by_standing(config_id=config.pk)),
        conflicts=numbers.conflicts.get(config.pk, 0), chart=chart, held=held, run=run,
        ran=words.ago(run.finished_at or run.started_at or run.created_at, now=now) if run else say("never"),
        next_run=_next(config, now), lag=lag, writes=words.writes(run.counts) if run else 0,
    )


def _next(config: models.SyncConfig, now: datetime) -> str:
    if not config.active:
        return say("not scheduled: the sync is off")
    if config.next_due_at is None or config.next_due_at <= now:
        return say("due now")
    return words.ago(config.next_due_at, now=now)


def _lags(configs: Mapping[int, models.SyncConfig]) -> dict[int, str]:
    """How long the newest change that was made since the set-up took to reach the other side, going by the newest writes of all."""
    newest = models.Operation.objects.order_by("-pk").values("pk")[:SAMPLE]
    done = models.Operation.objects.filter(pk__in=newest, status=OperationStatus.DONE, undoes__isnull=True).order_by("-pk")
    found: dict[int, str] = {}
    for config_id, side, left, right, finished in done.values_list(
        "config_id", "side", "pair__left__remote_updated_at", "pair__right__remote_updated_at", "finished_at"
    ):
        changed = right if side == Side.LEFT else left
        if config_id in configs and changed and finished and configs[config_id].created_at <= changed <= finished:
            found.setdefault(config_id, words.span(finished - changed))
    return found


def waiting(
    *, user: AbstractBaseUser | AnonymousUser, numbers: work_lists.Numbers, connections: Sequence[ConnectionLine]
) -> list[Waiting]:
    """Say what needs a person today, as far as that person may see it; nothing where nothing does."""
    return [one for one in _waiting(user, numbers, connections) if one.number]


def _waiting(
    user: AbstractBaseUser | AnonymousUser, numbers: work_lists.Numbers, connections: Sequence[ConnectionLine]
) -> Iterator[Waiting]:
    lost = [line for line in connections if line.lost]
    for line in lost:
        page = reverse("admin:syncapp_connection_change", args=[line.connection.pk])
        said = say("needs to be connected again; its syncs wait")
        yield Waiting(number=1, noun=str(line.connection), words=said, link=page, color="danger")
    if navigation.may(user, "syncapp.view_syncrun"):
        yield _held(numbers.held.values())
    yield from _undecided(user, numbers)
    if navigation.may(user, "syncapp.view_recordpair"):
        for work in (work_lists.WorkList.FAILING, work_lists.WorkList.MINE):
            yield _pairs(numbers, work)
        yield Waiting(
            number=numbers.unknown, noun=count("write", "writes", number=numbers.unknown),
            words=say("without an answer, settled by the next run"), link=navigation.unknown(), color="info",
        )


def undecided(*, user: AbstractBaseUser | AnonymousUser, numbers: work_lists.Numbers) -> list[Waiting]:
    """Say what only waits for a person's word, as far as that person may see it; nothing where nothing does."""
    return [one for one in _undecided(user, numbers) if one.number]


def _undecided(user: AbstractBaseUser | AnonymousUser, numbers: work_lists.Numbers) -> Iterator[Waiting]:
    if navigation.may(user, "syncapp.view_conflict"):
        found = numbers.open_conflicts
        yield Waiting(
            number=found, noun=count("field", "fields", number=found),
            words=say("changed on both sides, waiting for your choice"), link=navigation.conflicts(),
        )
    if navigation.may(user, "syncapp.view_recordpair"):
        for work in (work_lists.WorkList.MATCHES, work_lists.WorkList.DELETES):
            yield _pairs(numbers, work)


def _held(held: Collection[int]) -> Waiting:
    """One run leads to its own page, several to their list."""
    link = reverse("admin:syncapp_syncrun_change", args=list(held)) if len(held) == 1 else navigation.runs(navigation.HELD)
    said = say("stopped by a brake, to look at and release")
    return Waiting(number=len(held), noun=count("run", "runs", number=len(held)), words=said, link=link)


_SAID: Mapping[work_lists.WorkList, tuple[str, str]] = {
    work_lists.WorkList.MATCHES: (later("whose partner is not clear, waiting for your word"), "warning"),
    work_lists.WorkList.DELETES: (later("deleted or merged at one vendor, waiting for your decision"), "warning"),
    work_lists.WorkList.FAILING: (later("failing; the list says why and what to do"), "danger"),
    work_lists.WorkList.MINE: (later("of these assigned to you"), "info"),
}


def _pairs(numbers: work_lists.Numbers, work: work_lists.WorkList) -> Waiting:
    found, (said, color) = numbers.of(work), _SAID[work]
    noun = count("record pair", "record pairs", number=found)
    return Waiting(number=found, noun=noun, words=str(said), link=navigation.pairs(work=work), color=color)


def connections(*, now: datetime, found: Sequence[models.Connection]) -> list[ConnectionLine]:
    """Describe connections without any call."""
    return [
        ConnectionLine(connection=one, words=condition(one)[0], color=condition(one)[1], called=words.ago(one.last_call_at, now=now))
        for one in found
    ]


def condition(connection: models.Connection) -> tuple[str, str]:
    """Say in two words how a connection stands, and how that is colored."""
    status = ConnectionStatus(connection.status)
    if status is not ConnectionStatus.CONNECTED:
        return status.label, "danger" if status is ConnectionStatus.NEEDS_RECONNECT else "quiet"
    return (say("Paused"), "warning") if connection.paused else (say("Connected"), "success")


def guide(*, connections: Sequence[models.Connection], syncs: bool) -> Guide:
    """Tell which of the first three steps are done."""
    usable = {one.system for one in connections if one.status == ConnectionStatus.CONNECTED}
    return Guide(left=System.HUBSPOT in usable, right=System.QUICKBOOKS in usable, sync=syncs)


def syncs_of(*, connection: models.Connection) -> list[models.SyncConfig]:
    """List the syncs that use a connection."""
    return list(models.SyncConfig.objects.filter(Q(left=connection) | Q(right=connection)))
