"""What one slice of a run carries through its phases.

Owns the frozen facts of a slice: config, run, rules, both sides and the lease. Reads nothing by itself after it is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors, vocabulary
from syncapp.engine import rules as engine_rules
from syncapp.engine.wording import say
from syncapp.services import connections, counting, governor, leases, needs, ports, rules

LANE = "lane:"
LEASE_SECONDS = 180
"""Longer than a call may take, and renewed right before each."""
KEY_COLUMNS = ("key1", "key2")
ACTIVE = [vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]


class RunOver(Exception):
    """The run was ended by somebody else: a person cancelled it, or its sync was switched off."""


@dataclass(frozen=True, kw_only=True)
class SideContext:
    """One side of the lane: its connection, its connector, and what is read from it.

    `main` is the kind that is kept in step; `related` are the kinds that filters and mappings look at through it.
    `looks` are the kinds that any sync of the account keeps in step, each with a kind that it looks at through it.
    `key_fields` names, by kind, the fields whose normalized values stand in key1 and key2 of the mirror, for all syncs of the
    account; `slots` are the columns of this sync's own match keys, in their order. `name_fields` names, by kind, the field whose
    folded value stands in key3, where names are unique at the vendor (with the parents' names, where these count).
    """

    side: vocabulary.Side
    connection: models.Connection
    connector: base.Connector
    meter: governor.Meter
    main: base.Wanted
    related: tuple[base.Wanted, ...]
    looks: frozenset[tuple[str, str]]
    key_fields: Mapping[str, tuple[tuple[str, vocabulary.FieldType], ...]]
    slots: tuple[str, ...]
    name_fields: Mapping[str, str]

    def wanted(self, kind: str) -> base.Wanted:
        """What is read of a kind."""
        return next(w for w in (self.main, *self.related) if w.kind == kind)

    @property
    def main_records(self) -> dict[str, object]:
        """What pairs are asked for beside a match key on this side: no index finds a key without its account and kind."""
        end = self.side.value.lower()
        return {f"{end}__connection": self.connection, f"{end}__kind": self.main.kind}


@dataclass(frozen=True, kw_only=True)
class Lane:
    """The one writer of two connections, for one config and one run. It holds the lease of each."""

    config: models.SyncConfig
    run: models.SyncRun
    rules: engine_rules.SyncRules
    held: tuple[leases.Held, ...]
    ports: ports.Ports
    left: SideContext
    right: SideContext
    deadline: datetime
    counts: dict[str, int]
    growth: counting.Growth = field(default_factory=counting.Growth)

    def side(self, side: vocabulary.Side | str) -> SideContext:
        """The context of a side."""
        return self.left if side == vocabulary.Side.LEFT else self.right

    @property
    def out_of_time(self) -> bool:
        """Whether the slice has used up its time, or its process was asked to stop."""
        return self.ports.stopping() or self.ports.now() >= self.deadline

    @property
    def stopped(self) -> bool:
        """Whether a person cancelled the run, or paused or disconnected one of its accounts, since it was last asked."""
        state = models.SyncRun.objects.values_list("state", flat=True).get(pk=self.run.pk)
        ends = models.Connection.objects.filter(pk__in=[self.left.connection.pk, self.right.connection.pk])
        return not vocabulary.RunState(state).active or any(not end.usable for end in ends)

    def count(self, name: str, number: int = 1) -> None:
        """Add to a count of the run; it reaches the run's page with the next beat."""
        self.counts[name] = self.counts.get(name, 0) + number

    def beat(self, *, phase: vocabulary.RunPhase | None = None) -> None:
        """Show a sign of life, the counts and the phase on the run's page, and see what has grown.

        Raises RunOver when the run was ended meanwhile.
        """
        for side in (self.left, self.right):
            if calls := side.meter.read():
                self.count(f"calls_{side.side.value.lower()}", calls)
        changes: dict[str, object] = {"beat_at": self.ports.now(), "counts": dict(self.counts)}
        if phase is not None:
            changes["phase"] = phase
        if not models.SyncRun.objects.filter(pk=self.run.pk, state__in=ACTIVE).update(**changes):
            raise RunOver(f"Run {self.run.pk} was ended.")
        self.growth.look(self.counts)

    def hold(self) -> None:
        """Renew the leases. Raises LeaseLost when another worker has taken one over."""
        leases.hold(held=self.held, now=self.ports.now(), ttl_seconds=LEASE_SECONDS)

    def vouch(self) -> None:
        """Renew the leases right before a write leaves: its turn may have been waited for longer than they last. Raises LeaseLost."""
        with transaction.atomic():
            self.hold()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A write transaction whose first statement is the fence check."""
        with transaction.atomic():
            self.hold()
            yield


def lease_names(config: models.SyncConfig) -> tuple[str, ...]:
    """The leases under which a config is worked: one a connection, so that syncs which share an account take turns in it."""
    return tuple(f"{LANE}{connection_id}" for connection_id in sorted((config.left_id, config.right_id)))


def side_context(
    *, config: models.SyncConfig, frozen: engine_rules.SyncRules, side: vocabulary.Side, outside: ports.Ports, needed: needs.Needs
) -> SideContext:
    """Build one side: what to read of the main kind and of the kinds that are looked at through it, and no further."""
    left = side is vocabulary.Side.LEFT
    connection = config.left if left else config.right
    meter = governor.Meter(governor.Governor(connection=connection, outside=outside))
    kind = frozen.left_kind if left else frozen.right_kind
    others = sorted(other for looking, other in needed.looks if looking == kind)
    keys = {one: needed.key_fields(kind=one) for one in (kind, *others)}
    return SideContext(
        side=side,
        connection=connection,
        connector=connections.connector(connection=connection, outside=outside, limiter=meter),
        meter=meter,
        main=needed.wanted(kind=kind),
        related=tuple(needed.wanted(kind=other) for other in others),
        looks=needed.looks,
        key_fields=keys,
        slots=tuple(_slot(connection=connection, keys=keys[kind], name=key.left if left else key.right) for key in frozen.match_keys),
        name_fields={one: rules.name_field(kind=one) for one in keys},
    )


def _slot(*, connection: models.Connection, keys: Sequence[tuple[str, vocabulary.FieldType]], name: str) -> str:
    """The column in which a match key stands. Raises Misconfigured where there is none: matching without it would make twins."""
    for column, (kept, _) in zip(KEY_COLUMNS, keys, strict=False):
        if kept == name:
            return column
    raise errors.Misconfigured(say(
        "The syncs of {connection} match by more than {number} different fields, or the field {field} was chosen only just now. Start the"
        " run again; if that does not help, let the syncs of this account match by the same field.",
        connection=connection, number=len(KEY_COLUMNS), field=name,
    ))
