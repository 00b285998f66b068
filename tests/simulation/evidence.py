"""What can be seen of a play: the vendors' ledgers, the calls, our database, everything that was logged.

Owns the gathering and its shapes. Judges only what is over in a moment: what is committed when a call leaves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from syncapp import models
from syncapp.engine.vocabulary import AuditKind, Side
from syncapp.services import audit_check
from tests.simulation import people
from tests.simulation.door import Call
from tests.simulation.memory import Memory
from tests.simulation.scenarios import Scenario
from tests.simulation.stage import Simulated

_BILLS = re.compile(r"/(invoices?|line_items)(/|$)")
SIDES = {people.LEFT: Side.LEFT, people.RIGHT: Side.RIGHT}
RESTING = (
    "syncapp_record", "syncapp_recordlink", "syncapp_recordpair", "syncapp_conflict", "syncapp_operation", "syncapp_fieldmapping",
    "syncapp_syncconfig", "syncapp_notice", "syncapp_hint",
)
MOVING = frozenset({"observed_at", "next_due_at", "updated_at", "checked_at", "link"})
"""Columns that tell when something was last looked at, or where a notice leads: that of a brake leads to the latest run."""


class Write(NamedTuple):
    """One record in a request that writes."""

    kind: str
    external_id: str
    fields: frozenset[str]
    names: frozenset[str]
    creates: bool


class Effect(NamedTuple):
    """Something that changed at a vendor, in the order of all that changed anywhere."""

    order: int
    at: str
    system: str
    account: str
    kind: str
    key: str
    verb: str
    ours: bool
    call: int
    changes: Mapping[str, list[Any]]
    fields: Mapping[str, tuple[str, str]]


@dataclass(kw_only=True)
class Found:
    """Everything the promises are held against."""

    scenario: Scenario
    effects: list[Effect]
    calls: list[Call]
    lines: list[str]
    live: dict[str, dict[str, dict[str, Any]]]
    twins: dict[str, dict[str, dict[str, Any]]]
    accounts: dict[str, str]
    secrets: list[str]
    pairs: list[models.RecordPair]
    operations: list[models.Operation]
    audited: list[models.AuditEntry]
    unsound: tuple[str, ...]
    conflicts: list[models.Conflict]
    records: list[models.Record]
    notices: list[models.Notice]
    connections: list[models.Connection]
    mappings: dict[str, models.FieldMapping]
    seen: Seen
    crashes: int

    @property
    def ours(self) -> list[Effect]:
        """What the application did to people."""
        return [one for one in self.effects if one.ours]

    @property
    def persons(self) -> list[Effect]:
        """What persons did."""
        return [one for one in self.effects if not one.ours]

    @property
    def keys(self) -> dict[str, str]:
        """The scenario's word of a mapping's key."""
        return {row.key: word for word, row in self.mappings.items()}

    def state(self) -> list[str]:
        """What both vendors hold and what we know of it, without ids and times."""
        told = []
        names: dict[tuple[str, str], str] = {}
        for system, live in self.live.items():
            for key, body in live.items():
                values = [people.read(system, body, word) for word in people.FIELDS]
                names[(system, key)] = f"{values}"
                told.append(f"{system}: {values} {body.get(people.NAME, '')}")
        for pair in self.pairs:
            ends = [names.get((system, row.external_id), "gone") if row else "none" for system, row in _sides(pair)]
            told.append(f"pair: {ends} {pair.state} {pair.reason}")
        told += [f"conflict: {row.field_label} {row.left} {row.right} {row.status}" for row in self.conflicts]
        return sorted(told)

    def summary(self) -> Iterable[str]:
        """What must be the same when the scenario is played again."""
        for one in self.effects:
            yield f"{one.order} {one.at} {one.system} {one.kind} {one.key} {one.verb} {one.ours} {sorted(one.fields.items())}"
        for pair in self.pairs:
            yield f"{pair.pk} {pair.left_id} {pair.right_id} {pair.state} {pair.reason} {pair.base_left} {pair.base_right}"
        for operation in self.operations:
            yield f"{operation.pk} {operation.status} {operation.external_id} {operation.changes} {operation.attempts}"


@dataclass(kw_only=True)
class Seen:
    """What is noted while a scenario is played."""

    company: Simulated
    memory: Memory
    wrong: list[str] = field(default_factory=list)
    reconnected: list[str] = field(default_factory=list)
    ended: list[tuple[int, str]] = field(default_factory=list)
    mapping_edits: int = 0
    decisions: int = 0
    config: models.SyncConfig | None = None
    resting: str = ""
    before_rest: int = 0
    after_rest: int = 0
    rested: bool = True
    last_state: str = ""

    def run_begins(self, config: models.SyncConfig) -> None:
        """Which sync works now."""
        self.config = config

    def run_ends(self) -> None:
        """How far the cursors are, and how the run ended."""
        now = self.company.clock.true
        for cursor in models.SyncCursor.objects.filter(since__gt=now).exclude(since=None):
            ahead = (cursor.since - now).total_seconds() if cursor.since else 0.0
            if ahead > 1.0:
                self.wrong.append(f"P18: the cursor of {cursor.stream} is {ahead:.0f} s ahead of the vendor's time")
        run = models.SyncRun.objects.filter(config=self.config).order_by("-pk").first()
        self.last_state = run.state if run is not None else ""

    def before_call(self, call: Call) -> None:
        """No call leaves inside a transaction, and no write without its intent in the database, under a lease still held."""
        if not self.memory.idle:
            self.wrong.append(f"P15: {call.label} left inside a transaction")
        found = writes(call)
        if not found or self.config is None:
            return
        side = SIDES[call.system]
        sending = models.Operation.objects.filter(config=self.config, status="SENDING", side=side)
        rows = list(sending.values_list("external_id", "kind", "fence"))
        known = {external_id for external_id, _, _ in rows}
        creates = sum(kind == "CREATE" for _, kind, _ in rows)
        for one in found:
            if not one.creates and one.external_id not in known:
                self.wrong.append(f"P15: {call.label} changes a record without an intent")
        if sum(one.creates for one in found) > creates:
            self.wrong.append(f"P15: {call.label} makes more records than there are intents")
        account = self.config.left_id if side is Side.LEFT else self.config.right_id
        if str(account_of(call)) not in ("", models.Connection.objects.get(pk=account).external_id):
            self.wrong.append(f"P12: {call.label} goes to another account than the sync's")
        fence = models.Lease.objects.filter(name=f"lane:{min(self.config.left_id, self.config.right_id)}").values_list("fence", flat=True)
        ours = [number for external_id, kind, number in rows if kind == "CREATE" or external_id in {one.external_id for one in found}]
        if ours and max(ours) < fence[0]:
            self.wrong.append(f"P19: {call.label} was sent by a worker whose lease was taken over")

    def written(self) -> int:
        """How many changes of ours there are at the vendors so far."""
        return sum(one.ours for one in effects(self.company))

    def rest_begins(self) -> None:
        """Everything is at rest from here on."""
        self.resting = self._digest()
        self.before_rest = self.written()

    def rest_ends(self) -> None:
        """Whether it was."""
        self.rested = self._digest() == self.resting
        self.after_rest = self.written()

    @property
    def at_rest(self) -> bool:
        """Whether the latest run changed nothing anywhere."""
        open_ = models.Operation.objects.filter(status__in=["PLANNED", "READY", "SENDING"])
        return self.rested and self.after_rest == self.before_rest and not open_.exists()

    def _digest(self) -> str:
        return self.memory.digest(RESTING, MOVING)

    def gather(self, *, scenario: Scenario, lines: list[str], crashes: int) -> Found:
        """Everything there is to see once a play is over."""
        company, config = self.company, self.company.config
        fields = {names[0]: word for word, names in people.FIELDS.items()}
        rows = models.FieldMapping.objects.filter(config=config, left_field__name__in=list(fields)).select_related("left_field")
        two_way = [row for row in rows if row.right_field is None or row.right_field.name in {n[1] for n in people.FIELDS.values()}]
        pairs = models.RecordPair.objects.filter(config=config).select_related("left", "right").order_by("pk")
        both = {people.LEFT, people.RIGHT}
        return Found(
            scenario=scenario, effects=effects(company), calls=company.door.calls, lines=lines,
            live={system: held(company, system) for system in both},
            twins={system: held(company, system, twins=True) for system in both},
            accounts={people.LEFT: config.left.external_id, people.RIGHT: config.right.external_id}, secrets=company.secrets,
            pairs=list(pairs), operations=list(models.Operation.objects.filter(config=config).order_by("pk")),
            audited=list(models.AuditEntry.objects.filter(kind=AuditKind.RECORD, config=config.pk).order_by("number")),
            unsound=audit_check.verify().wrong,
            conflicts=list(models.Conflict.objects.filter(pair__config=config).order_by("pk")),
            records=list(models.Record.objects.filter(connection__in=[config.left_id, config.right_id]).order_by("pk")),
            notices=list(models.Notice.objects.order_by("pk")), connections=list(models.Connection.objects.order_by("pk")),
            mappings={fields[row.left_field.name]: row for row in two_way if row.left_field is not None}, seen=self, crashes=crashes,
        )


def _sides(pair: models.RecordPair) -> tuple[tuple[str, models.Record | None], ...]:
    return (people.LEFT, pair.left), (people.RIGHT, pair.right)


def effects(company: Simulated) -> list[Effect]:
    """What happened to people in all accounts, in its order."""
    found = []
    for system, account in company.accounts.items():
        found += [(entry["at"], system, entry) for entry in account.server.ledger.since(0) if entry["type"] == people.KINDS[system]]
    found.sort(key=lambda one: (one[0], one[1], one[2]["n"]))
    return [
        Effect(
            order=order, at=at, system=system, account=entry["account"], kind=entry["type"], key=entry["id"], verb=entry["verb"],
            ours=entry["by"] == "api", call=entry["call"], changes=entry["changes"], fields=people.changed(system, entry["changes"]),
        )
        for order, (at, system, entry) in enumerate(found)
    ]


def held(company: Simulated, system: str, *, every: bool = False, twins: bool = False) -> dict[str, dict[str, Any]]:
    """The live people of an account (or every one), by id."""
    config = company.others if twins else company.config
    account = (config.left if system == people.LEFT else config.right).external_id
    found = company.accounts[system].server.ledger.records(account=account, kind=people.KINDS[system])
    return {key: body for key, body in found.items() if every or is_live(system, body)}


def is_live(system: str, body: Mapping[str, Any]) -> bool:
    """Whether a record is there for everybody."""
    return not body["archived"] if system == people.LEFT else bool(body.get("Active", True))


def account_of(call: Call) -> str:
    """The realm that a call names; HubSpot's portal is named by the token alone."""
    parts = call.path.split("/")
    return parts[3] if call.system == people.RIGHT and len(parts) > 3 and parts[2] == "company" else ""


def writes(call: Call) -> list[Write]:
    """The people that a request writes."""
    if call.method not in ("POST", "PATCH"):
        return []
    return _left(call) if call.system == people.LEFT else _right(call)


def changes(call: Call) -> bool:
    """Whether a request writes a person, or anything of an invoice."""
    of_a_bill = call.method in ("POST", "PATCH", "PUT") and _BILLS.search(call.path) and not call.path.endswith(("/search", "/read"))
    return bool(of_a_bill or writes(call))


def _left(call: Call) -> list[Write]:
    kind = people.KINDS[people.LEFT]
    tail = call.path.rpartition(f"/{kind}/")[2]
    words = {names[0]: word for word, names in people.FIELDS.items()}
    body = call.json
    if "/objects/" not in call.path or "/associations/" in call.path or not isinstance(body, dict):
        return []
    if tail in ("batch/upsert", "batch/create", "batch/update", "batch/archive"):
        found = []
        for one in body.get("inputs", ()):
            names = frozenset(one.get("properties", ()))
            creates = tail in ("batch/upsert", "batch/create")
            fields = frozenset(words[name] for name in names if name in words)
            found.append(Write(kind, "" if creates else str(one.get("id", "")), fields, names, creates))
        return found
    return []


def _right(call: Call) -> list[Write]:
    body, kind = call.json, people.KINDS[people.RIGHT]
    if not isinstance(body, dict):
        return []
    bodies = []
    if call.path.endswith("/batch"):
        items = body.get("BatchItemRequest", ())
        bodies = [one[kind] for one in items if isinstance(one, dict) and one.get("operation") and kind in one]
    elif call.path.endswith(f"/{kind.lower()}"):
        bodies = [body]
    found = []
    for one in bodies:
        names = frozenset(name for name in one if name not in ("Id", "SyncToken", "sparse", "domain", "MetaData"))
        fields = frozenset(word for word, (_, name) in people.FIELDS.items() if name.partition(".")[0] in names)
        found.append(Write(kind, str(one.get("Id", "")), fields, names, "Id" not in one))
    return found
