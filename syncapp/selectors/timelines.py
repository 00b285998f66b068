"""What was done to a pair, newest first: who or which run changed which field from what to what, and why, and what people said of it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import CareVerb, ConflictStatus, Side
from syncapp.engine.wording import say
from syncapp.selectors import discretion, runs, words

LONGEST = 100


class Decided:
    """A conflict, ready to show."""

    def __init__(self, conflict: models.Conflict) -> None:
        self.conflict = conflict
        hidden = discretion.hides_key(conflict.key)
        self.left = discretion.shown(words.shown(conflict.left), hidden=hidden)
        self.right = discretion.shown(words.shown(conflict.right), hidden=hidden)
        self.base = discretion.shown(words.shown(conflict.base), hidden=hidden)
        self.chosen = discretion.shown(words.shown(conflict.chosen), hidden=hidden)
        self.open = conflict.status == ConflictStatus.OPEN
        self.status = ConflictStatus(conflict.status).label
        self.winner = Side(conflict.winner).label if conflict.winner else ""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a person did about a pair, for other people to know."""

    at: datetime
    who: str
    said: str


def of(*, pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> list[runs.Entry | Said]:
    """List the newest writes of a pair, and what people said of it in between."""
    named: runs.Labels = {
        Side.LEFT.value: {mapping.left_field.name: mapping.left_field.label for mapping in mappings},
        Side.RIGHT.value: {mapping.right_field.name: mapping.right_field.label for mapping in mappings},
    }
    done = models.Operation.objects.filter(pair=pair).select_related("run", "actor").order_by("-pk")[:LONGEST]
    events = models.CareEvent.objects.filter(pair=pair).select_related("actor")[:LONGEST]
    lines: list[tuple[datetime, runs.Entry | Said]] = [
        *((one.finished_at or one.created_at, runs.entry(operation=one, named=named)) for one in done),
        *((one.at, Said(at=one.at, who=str(one.actor or say("somebody")), said=_said(one))) for one in events),
    ]
    return [line for _, line in sorted(lines, key=lambda one: one[0], reverse=True)]


def _said(event: models.CareEvent) -> str:
    verb = CareVerb(event.verb)
    if verb is CareVerb.ASSIGNED:
        return say("Assigned to {who}", who=event.words) if event.words else say("Assigned to nobody")
    if verb is CareVerb.NOTED:
        return say("Noted: {note}", note=masking.text(event.words)) if event.words else say("Took the note away")
    return say("Snoozed until {moment}", moment=words.moment(event.until)) if verb is CareVerb.SNOOZED else verb.label


def conflicts(*, pair: models.RecordPair) -> tuple[list[Decided], list[Decided]]:
    """List the conflicts of a pair: those that wait for a person, and those that were decided."""
    found = [Decided(conflict) for conflict in models.Conflict.objects.filter(pair=pair).select_related("decided_by")[:LONGEST]]
    return [one for one in found if one.open], [one for one in found if not one.open]
