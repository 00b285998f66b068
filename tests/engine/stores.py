"""What is kept in memory for the random tests: records as their vendor keeps them, pairs, and writes without an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from syncapp.engine import plans, records, settling
from syncapp.engine.vocabulary import PairState, RecordState, Side

START = datetime.fromisoformat("2026-11-26T09:30:00+00:00")


@dataclass
class Stored:
    """One record as its vendor keeps it. `typed` is what a person typed last, by field."""

    side: Side
    external_id: str
    values: dict[str, records.Value]
    number: int = 1
    updated_at: datetime = START
    state: RecordState = RecordState.LIVE
    typed: dict[str, records.Value] = field(default_factory=dict)
    past: dict[str, list[records.Value]] = field(default_factory=dict)
    made_by_us: bool = False

    def subject(self) -> records.Subject:
        """The record as the engine sees it."""
        kind = "contacts" if self.side is Side.LEFT else "customer"
        record = records.Record(
            ref=records.RecordRef(kind=kind, external_id=self.external_id),
            revision=records.Revision(number=self.number, updated_at=self.updated_at, token=str(self.number)),
            values=dict(self.values),
            state=self.state,
            created_at=START,
        )
        return records.Subject(record=record, past={name: tuple(old) for name, old in self.past.items()})


@dataclass
class Paired:
    """What is remembered of a pair."""

    left: str | None = None
    right: str | None = None
    facts: plans.PairFacts = field(default_factory=lambda: plans.PairFacts(state=PairState.HALF))
    found: list[plans.ConflictFound] = field(default_factory=list)
    third: list[settling.Recovered] = field(default_factory=list)
    last: plans.PairPlan | None = None
    lost: bool = False

    def ids(self, side: Side) -> str | None:
        """The record on a side."""
        return self.left if side is Side.LEFT else self.right

    def set_id(self, side: Side, external_id: str) -> None:
        """Join a record to the pair."""
        if side is Side.LEFT:
            self.left = external_id
        else:
            self.right = external_id


@dataclass
class Sent:
    """A write whose answer never came, and the record that it reached, if it did: a create is found there by our own key."""

    pair: Paired
    action: plans.Action
    reached: Stored | None


def lossy(side: Side, name: str, value: records.Value) -> records.Value:
    """What a side keeps of a value.

    HubSpot lowers e-mail addresses; QuickBooks trims everything, rewrites notes its own way and drops those with a "!".
    """
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    if side is Side.LEFT:
        return value.strip().lower() if name == "email" else value
    if name == "NOTE":
        return None if "!" in value else value.strip().upper()
    return value.strip()
