"""The work lists: what each holds, what a person does there, and how much waits in it.

Owns their words and their numbers. A snoozed failure is in none of them.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from syncapp import models
from syncapp.engine import settling
from syncapp.engine.vocabulary import ConflictStatus, OperationStatus, PairState, Standing
from syncapp.engine.wording import later
from syncapp.engine.words import Word
from syncapp.selectors import care, runs


class WorkList(Word):
    """A list of pairs that wait for a person."""

    FAILING = "FAILING", "Failing"
    MATCHES = "MATCHES", "Matches to confirm"
    DELETES = "DELETES", "Deletes and merges"
    MINE = "MINE", "Assigned to me"


MEANINGS: Mapping[WorkList, str] = {
    WorkList.FAILING: later(
        "Something was refused. Mend it at the vendor or in the settings, then retry. What cannot be mended yet can be"
        " snoozed: it leaves this list until its day, or until it fails for another cause."
    ),
    WorkList.MATCHES: later(
        "Several records could be the partner, or the one that fits has another. Nothing is guessed and nothing is"
        " written until you link to the right one, or say that none of these is."
    ),
    WorkList.DELETES: later(
        "A record was deleted or merged at one vendor. Nothing is deleted on the other side by itself: look at what"
        " happened, then decide."
    ),
    WorkList.MINE: later("Pairs that you look after and that still fail or wait for a decision. What is snoozed is left out."),
}
CONFLICTS = later(
    "Both sides changed the same field. Choose whose value is right, or open the pair to type another one. All other fields go on"
    " meanwhile."
)
BRAKES = later(
    "These runs stopped before they wrote anything. Open one, look at what it would do, then release the brake or change the limit."
)
UNKNOWN = later(
    "These writes were sent and never answered. Nothing is sent twice on a guess: the next run of the sync reads the record back and"
    " settles each by itself."
)
_STATES: Mapping[WorkList, tuple[PairState, ...]] = {
    WorkList.FAILING: (PairState.FAILED,),
    WorkList.MATCHES: (PairState.AMBIGUOUS,),
    WorkList.DELETES: (PairState.ORPHANED, PairState.MERGE_HOLD),
    WorkList.MINE: tuple(state for state in PairState if state.standing in (Standing.FAILING, Standing.NEEDS_YOU)),
}


@dataclass(frozen=True, kw_only=True)
class Held:
    """A run that a brake holds, and the sentences of its brakes."""

    config_id: int
    run_id: int
    brakes: list[str]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How much waits: pairs by sync and state, open conflicts by sync, snoozes, my own, held runs, and writes without an answer."""

    syncs: Sequence[models.SyncConfig]
    states: Mapping[int, Mapping[PairState, int]]
    conflicts: Mapping[int, int]
    snoozed: int
    mine: int
    held: Sequence[Held]
    unknown: int

    def of(self, work: WorkList) -> int:
        """How many pairs stand in a list."""
        if work is WorkList.MINE:
            return self.mine
        number = sum(by_state.get(state, 0) for by_state in self.states.values() for state in _STATES[work])
        return number - self.snoozed if work is WorkList.FAILING else number

    def standing(self, standing: Standing, *, config_id: int | None = None) -> int:
        """How many pairs stand at a word, of one sync or of all."""
        chosen = self.states.values() if config_id is None else [self.states.get(config_id, {})]
        return sum(number for by_state in chosen for state, number in by_state.items() if state.standing is standing)

    @property
    def open_conflicts(self) -> int:
        """How many fields wait for a decision."""
        return sum(self.conflicts.values())


def numbers(*, me: int | None, now: datetime) -> Numbers:
    """Count what waits for people, and for one of them. Four queries, whatever there is."""
    states: dict[int, dict[PairState, int]] = {}
    for config_id, state, number in models.RecordPair.objects.order_by().values_list("config_id", "state").annotate(number=Count("pk")):
        states.setdefault(config_id, {})[PairState(state)] = number
    syncs: list[Any] = list(_syncs(now))
    still_open = models.Conflict.objects.filter(status=ConflictStatus.OPEN).order_by().values_list("pair__config")
    put_aside = Q(pk__in=care.snoozing(now=now).values("pk"))
    mine = Q(assignee=me or 0, pair__state__in=_STATES[WorkList.MINE]) & ~put_aside
    cared = models.PairCare.objects.filter(Q(assignee=me or 0) | Q(snoozed_until__gt=now)).aggregate(
        snoozed=Count("pk", filter=put_aside), mine=Count("pk", filter=mine)
    )
    return Numbers(
        syncs=syncs, states=states, conflicts=dict(still_open.annotate(number=Count("pk"))), snoozed=cared["snoozed"], mine=cared["mine"],
        held=[Held(config_id=one.pk, run_id=one.held, brakes=one.held_brakes) for one in syncs if one.held is not None],
        unknown=sum(one.unanswered for one in syncs),
    )


def _syncs(now: datetime) -> QuerySet[models.SyncConfig]:
    """Every sync with the run that a brake holds, and the number of its writes without an answer."""
    held = runs.held().filter(config=OuterRef("pk"))
    unanswered = unknown(now=now).filter(config=OuterRef("pk")).order_by().values("config").annotate(number=Count("pk")).values("number")
    return models.SyncConfig.objects.annotate(
        held=Subquery(held.values("pk")[:1]), held_brakes=Subquery(held.values("brakes")[:1]), unanswered=Coalesce(Subquery(unanswered), 0)
    )


def narrowed(
    *, pairs: QuerySet[models.RecordPair], work: WorkList, me: int | None, now: datetime
) -> QuerySet[models.RecordPair]:
    """Keep the pairs of a work list."""
    found = pairs.filter(state__in=_STATES[work])
    if work is WorkList.MINE:
        found = found.filter(care__assignee=me or 0)
    return found.exclude(pk__in=care.snoozing(now=now).values("pair")) if work in (WorkList.FAILING, WorkList.MINE) else found


def unknown(*, now: datetime) -> QuerySet[models.Operation]:
    """List the writes that were sent and not answered for longer than an answer can take."""
    return models.Operation.objects.filter(status=OperationStatus.SENDING, sent_at__lte=now - settling.QUARANTINE)
