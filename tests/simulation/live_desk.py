"""The two companies of the live fire, as people use them, and all that is to be judged, gathered in the end.

Owns what touches the application's tables and the vendors' control faces. Needs Django set up. Whatever asks the database while that
is being restarted answers None.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import requests
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, connection

from syncapp import models, queue
from syncapp.engine import vocabulary
from syncapp.services import audit_check, configs, consent, credentials, lane, ports, runs
from tests.services.conftest import TOKEN_CALLS, ConsentForm
from tests.simulation import live_stage
from tests.simulation.live_judge import LEFT, RIGHT, Audited, Edit, Entry, Evidence, Pair, Person

Answer = TypeVar("Answer")
MARKS = {0: "Oak", 1: "Elm"}
"""A word in every value that belongs to the first company, and one for the second."""
FIRST_PEOPLE = 40
NAMES = {LEFT: {"first": "firstname", "last": "lastname", "phone": "phone"}, RIGHT: {"first": "GivenName", "last": "FamilyName"}}
FAULTS = (
    {"fault": "status", "status": 503}, {"fault": "drop_before"}, {"fault": "drop_after_commit"}, {"fault": "slow", "seconds": 3},
    {"fault": "html"}, {"fault": "truncate"}, {"fault": "malformed"}, {"fault": "token_expired"},
    {"fault": "rate_limited", "retry_after": 1},
)
PLACES = {LEFT: ("batch/upsert", "batch/update", "batch/read", "search", "."), RIGHT: ("/batch", "/query", "/cdc", ".")}
LATE_RUNS = 3


def tolerant(ask: Callable[[], Answer]) -> Answer | None:
    """What the database answers, or None while it is away."""
    try:
        return ask()
    except (DatabaseError, InterfaceError):
        with contextlib.suppress(DatabaseError, InterfaceError):
            connection.close()
        return None


class Desk:
    """Two companies with a HubSpot portal and QuickBooks books each, kept in step by one sync each."""

    def __init__(self, *, sandbox: live_stage.Sandbox) -> None:
        self._urls = {LEFT: sandbox.hubspot, RIGHT: sandbox.quickbooks}
        self._edits: list[Edit] = []
        self._number = 0
        self._ids: dict[tuple[int, str], list[str]] = {(sync, side): [] for sync in MARKS for side in (LEFT, RIGHT)}
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
        queue.ensure_schedule()
        self._person = User.objects.create_superuser("live", "live@example.com", "a long enough pass phrase")
        self._configs = [self._sync(number) for number in MARKS]
        chance = random.Random(0)
        for sync in MARKS:
            for _ in range(FIRST_PEOPLE):
                self._create(sync, chance)
            self._run(self._configs[sync], ports.REAL)
        self._refresh()

    def _sync(self, number: int) -> models.SyncConfig:
        ends = []
        for system, account in ((vocabulary.System.HUBSPOT, live_stage.PORTALS), (vocabulary.System.QUICKBOOKS, live_stage.REALMS)):
            session: dict[str, Any] = {}
            facts = {"system": system, "session": session, "user": self._person, "now": datetime.now(UTC)}
            page = consent.begin(environment=vocabulary.Environment.LOCAL_SANDBOX, **facts)
            ends.append(consent.finish(params=_allowed(page, account[number]), **facts))
        made = configs.create(
            name=f"Company {MARKS[number]}", left=ends[0], right=ends[1], object_pair=vocabulary.ObjectPair.CONTACT_CUSTOMER,
            actor=self._person, now=datetime.now(UTC),
        )
        made.filter_groups.all().delete()
        models.SyncConfig.objects.filter(pk=made.pk).update(
            interval_minutes=1, name_policy=vocabulary.NamePolicy.SUFFIX, brake_creates=0, brake_updates=0
        )
        made.refresh_from_db()
        configs.save_rules(config=made, actor=self._person, now=datetime.now(UTC))
        models.SyncRun.objects.all().delete()
        configs.activate(config=made, actor=self._person, now=datetime.now(UTC), unseen=True)
        models.SyncRun.objects.all().delete()
        return models.SyncConfig.objects.select_related("left", "right").get(pk=made.pk)

    def edit(self, chance: random.Random) -> str:
        """A person does something at a vendor; tell what."""
        sync = chance.choice(list(MARKS))
        if chance.random() < 0.08 and len(self._ids[(sync, LEFT)]) < 120:
            self._create(sync, chance)
            return "people_made"
        if chance.random() < 0.1:
            self._refresh()
        side = chance.choice([LEFT, RIGHT])
        if not self._ids[(sync, side)]:
            return "edits_missed"
        key, name = chance.choice(self._ids[(sync, side)]), chance.choice(["first", "last", "phone"])
        value = self._value(sync, name)
        self._edits.append(Edit(number=self._number, sync=sync, side=side, id=key, field=name, value=value))
        self._post(side, "edit", {"type": _KIND[side], "id": key, "set": _written(side, name, value), **_account(sync, side)})
        return "edits_made"

    def _create(self, sync: int, chance: random.Random) -> None:
        """Somebody new, now and then on both sides at once."""
        first, last, phone = (self._value(sync, name) for name in ("first", "last", "phone"))
        email = f"{first}.{self._number}@{MARKS[sync]}-canary.example".lower()
        for side in (LEFT, RIGHT) if chance.random() < 0.2 else (chance.choice([LEFT, RIGHT]),):
            body = {**_written(side, "first", first), **_written(side, "last", last), **_written(side, "phone", phone)}
            body |= {"email": email} if side == LEFT else {"PrimaryEmailAddr": {"Address": email}, "DisplayName": f"{first} {last}"}
            made = self._post(side, "edit", {"type": _KIND[side], "create": body, **_account(sync, side)})
            self._ids[(sync, side)].append(str(made["id"]))
            self._edits.append(Edit(number=self._number, sync=sync, side=side, id=str(made["id"])))

    def _value(self, sync: int, name: str) -> str:
        """A value that nobody typed before."""
        self._number += 1
        return f"+1512{555_0000 + self._number}" if name == "phone" else f"{MARKS[sync]}{name}{self._number}"

    def plant(self, chance: random.Random) -> str:
        """Something goes wrong at a vendor; tell what."""
        side, fault = chance.choice([LEFT, RIGHT]), chance.choice(FAULTS)
        waiting = [one["fault"] for one in self._get(side, "faults") if one["times_left"]]
        if fault["fault"] == "token_expired" and "token_expired" in waiting:
            return "spared"  # a token that is refused right after it was renewed is the end of a connection, and rightly so
        match = {"path_regex": chance.choice(PLACES[side])}
        self._post(side, "faults", {"match": match, "times": 1 if fault["fault"] == "token_expired" else chance.randint(1, 3), **fault})
        return str(fault["fault"])

    def calm_vendors(self) -> None:
        """Take back what was planted."""
        for url in self._urls.values():
            requests.delete(f"{url}/_sandbox/faults", timeout=30)

    def press(self, chance: random.Random) -> bool:
        """A person presses Run now; tell whether that began a run."""
        config = chance.choice(self._configs)

        def start() -> bool:
            try:
                kind, trigger = vocabulary.RunKind.DELTA, vocabulary.RunTrigger.HAND
                runs.start(config=config, kind=kind, trigger=trigger, now=datetime.now(UTC), actor=self._person)
            except runs.CannotStart:
                return False
            return True

        return bool(tolerant(start))

    def ring(self) -> None:
        """Ring for the dispatcher more often than its schedule does."""
        from django_q.tasks import async_task

        tolerant(lambda: async_task(queue.DISPATCHER, save=False))

    def lanes(self) -> list[tuple[str, int, str, float]] | None:
        """Who holds which account."""
        held = models.Lease.objects.filter(name__startswith="lane:").values_list("name", "fence", "owner", "expires_at")
        rows = tolerant(lambda: list(held.all()))
        return None if rows is None else [(name, fence, owner, expires.timestamp()) for name, fence, owner, expires in rows]

    def under_way(self) -> int | None:
        """How many runs are not over."""
        return tolerant(lambda: models.SyncRun.objects.filter(state__in=["QUEUED", "RUNNING"]).count())

    def at_rest(self) -> bool | None:
        """Whether nothing is under way, and no write waits for its answer."""
        return tolerant(
            lambda: not models.SyncRun.objects.filter(state__in=["QUEUED", "RUNNING"]).exists()
            and not models.Operation.objects.filter(status__in=["READY", "SENDING"]).exists()
        )

    def settle(self, *, said: str, canaries: tuple[str, ...]) -> Evidence:
        """Run until everything that was put off has had its turn, then some more times, and gather what is to be judged."""
        clock = _Ahead()
        for _ in range(8):
            clock.ahead += timedelta(minutes=12)
            before = self._effects()
            for config in self._configs:
                self._run(config, clock.ports)
            open_writes = models.Operation.objects.filter(status__in=["PLANNED", "READY", "SENDING"]).exists()
            if sum(self._effects().values()) == sum(before.values()) and not open_writes:
                break
        late = []
        for kind in (vocabulary.RunKind.DELTA, vocabulary.RunKind.DELTA, vocabulary.RunKind.FULL)[:LATE_RUNS]:
            clock.ahead += timedelta(minutes=12)
            before = self._effects()
            for config in self._configs:
                self._run(config, clock.ports, kind=kind)
            late.append(sum(self._effects().values()) - sum(before.values()))
        tokens = [token for row in models.Credential.objects.all() for token in _opened(row)]
        return Evidence(
            people=list(self._people()), pairs=list(self._pairs()), entries=list(self._entries()), edits=self._edits, marks=MARKS,
            effects=self._effects(), writes_of_late_runs=late, refused_refreshes=self._refused(), said=said,
            audited=list(self._audited()), unsound=audit_check.verify().wrong,
            unconnected=[str(one) for one in models.Connection.objects.exclude(status=vocabulary.ConnectionStatus.CONNECTED)],
            canaries=(*canaries, *tokens, *(f"@{mark}-canary.example".lower() for mark in MARKS.values())),
        )

    def _run(self, config: models.SyncConfig, outside: ports.Ports, kind: vocabulary.RunKind = vocabulary.RunKind.DELTA) -> None:
        for cut_off in models.SyncRun.objects.filter(config=config, state__in=["QUEUED", "RUNNING"]):
            lane.to_the_end(run_id=cut_off.pk, ports=outside)
        config = models.SyncConfig.objects.select_related("left", "right").get(pk=config.pk)
        run = runs.start(
            config=config, kind=kind, trigger=vocabulary.RunTrigger.HAND, now=outside.now(), actor=self._person, enqueue=False,
            release_brakes=True, confirmed_by=self._person,
        )
        lane.to_the_end(run_id=run.pk, ports=outside)

    def _refresh(self) -> None:
        """Learn which records there are by now."""
        for one in self._people():
            known = self._ids[(one.sync, one.side)]
            if one.live and one.id not in known:
                known.append(one.id)

    def _people(self) -> Iterator[Person]:
        portals = {str(one["portal_id"]): one for one in self._get(LEFT, "dump")["portals"]}
        books = {str(one["realm_id"]): one for one in self._get(RIGHT, "dump")["companies"]}
        for sync in MARKS:
            for row in portals[live_stage.PORTALS[sync]]["objects"]["contacts"]:
                found = row["properties"]
                values = {name: str(found.get(own) or "") for name, own in (("email", "email"), *NAMES[LEFT].items())}
                yield Person(sync=sync, side=LEFT, id=str(row["id"]), values=values, live=not row["archived"])
            for row in books[live_stage.REALMS[sync]]["Customer"]:
                values = {name: str(row.get(own) or "") for name, own in NAMES[RIGHT].items()}
                values |= {"email": row.get("PrimaryEmailAddr", {}).get("Address", "")}
                values |= {"phone": row.get("PrimaryPhone", {}).get("FreeFormNumber", "")}
                yield Person(sync=sync, side=RIGHT, id=str(row["Id"]), values=values, live=bool(row["Active"]))

    def _pairs(self) -> Iterator[Pair]:
        for pair in models.RecordPair.objects.select_related("left", "right").prefetch_related("conflicts"):
            yield Pair(
                id=pair.pk, sync=self._sync_of(pair.config_id), state=pair.state,
                left=pair.left.external_id if pair.left else None, right=pair.right.external_id if pair.right else None,
                conflicts=[(str(one.left), str(one.right), one.status == vocabulary.ConflictStatus.OPEN) for one in pair.conflicts.all()],
            )

    def _entries(self) -> Iterator[Entry]:
        for one in models.Operation.objects.all():
            yield Entry(
                id=one.pk, pair=one.pair_id, sync=self._sync_of(one.config_id), side=one.side, kind=one.kind, status=one.status,
                external_id=one.external_id, attempts=one.attempts, fence=one.fence,
                sent_at=one.sent_at.timestamp() if one.sent_at else None, read_back=one.note.startswith("The answer was lost"),
            )

    def _audited(self) -> Iterator[Audited]:
        written = models.AuditEntry.objects.filter(kind=vocabulary.AuditKind.RECORD).exclude(verb=vocabulary.AuditVerb.DOUBTFUL)
        yield from (Audited(number=one.number, entry=one.operation or 0, person=one.person) for one in written)

    def _sync_of(self, config_id: int) -> int:
        return next(number for number, config in enumerate(self._configs) if config.pk == config_id)

    def _effects(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for side in (LEFT, RIGHT):
            for verb, count in self._get(side, "counts")["written"].items():
                found[verb] = found.get(verb, 0) + count
        return found

    def _refused(self) -> int:
        paths = set(TOKEN_CALLS.values())
        return sum(one["path"] in paths and one["status"] in (400, 401) for side in (LEFT, RIGHT) for one in self._get(side, "log"))

    def _post(self, side: str, path: str, body: dict[str, Any]) -> Any:
        answer = requests.post(f"{self._urls[side]}/_sandbox/{path}", json=body, timeout=30)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return answer.json()

    def _get(self, side: str, path: str) -> Any:
        return requests.get(f"{self._urls[side]}/_sandbox/{path}", timeout=60).json()


class _Ahead:
    """A clock that is ahead of the real one; who waits by it waits no real time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def _sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)

    @property
    def ports(self) -> ports.Ports:
        return dataclasses.replace(ports.REAL, now=lambda: datetime.now(UTC) + self.ahead, sleep=self._sleep)


_KIND = {LEFT: "contacts", RIGHT: "Customer"}


def _account(sync: int, side: str) -> dict[str, str]:
    return {"portal_id": live_stage.PORTALS[sync]} if side == LEFT else {"realm_id": live_stage.REALMS[sync]}


def _written(side: str, name: str, value: str) -> dict[str, Any]:
    if side == RIGHT and name == "phone":
        return {"PrimaryPhone": {"FreeFormNumber": value}}
    return {NAMES[side][name]: value}


def _opened(row: models.Credential) -> tuple[str, str]:
    access, refresh = (
        credentials.unseal(connection_id=row.connection_id, name=name, sealed=getattr(row, name))
        for name in ("access_token", "refresh_token")
    )
    return access, refresh


def _allowed(page: str, account: str) -> dict[str, str]:
    """A person at the consent page chooses the account."""
    form = ConsentForm(requests.get(page, timeout=30).text)
    sent = {**form.carried, "account": account, "decision": "allow"}
    back = requests.post(urllib.parse.urljoin(page, form.action), data=sent, timeout=30, allow_redirects=False)
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(back.headers["Location"]).query))
