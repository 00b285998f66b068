"""The work lists: what each holds, what a person does there, and how much waits in it.

Owns their words and their numbers. A snoozed failure is in none of them.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import CharField, Count, F, IntegerField, QuerySet, Value
from django.db.models.expressions import Combinable

from syncapp import models
from syncapp.engine import settling
from syncapp.engine.vocabulary import ConflictStatus, OperationStatus, PairState, Standing
from syncapp.engine.wording import later
from syncapp.engine.words import Word
from syncapp.selectors import care, notices, runs


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
_NONE, _NOTHING, _EACH = Value(0, IntegerField()), Value("", CharField()), Count("pk")
_STATES: Mapping[WorkList, tuple[PairState, ...]] = {
    WorkList.FAILING: (PairState.FAILED,),
    WorkList.MATCHES: (PairState.AMBIGUOUS,),
    WorkList.DELETES: (PairState.ORPHANED, PairState.MERGE_HOLD),
    WorkList.MINE: tuple(state for state in PairState if state.standing in (Standing.FAILING, Standing.NEEDS_YOU)),
}


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """How much waits: pairs by sync and state (those in sync only where all were counted), open conflicts and the run
    that a brake holds by sync, and what is counted over all.

    `notices` are the open ones that the person may see, `addressed` those for that person alone, closed ones too.
    """

    states: Mapping[int, Mapping[PairState, int]]
    conflicts: Mapping[int, int]
    held: Mapping[int, int]
    snoozed: int
    mine: int
    unknown: int
    notices: int
    addressed: int

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

    def by_standing(self, *, config_id: int) -> dict[Standing, int]:
        """How many pairs of a sync stand at each word."""
        return {standing: self.standing(standing, config_id=config_id) for standing in Standing}

    @property
    def open_conflicts(self) -> int:
        """How many fields wait for a decision."""
        return sum(self.conflicts.values())


def numbers(*, user: AbstractBaseUser | AnonymousUser, now: datetime, whole: bool = False) -> Numbers:
    """Count what waits for people, and for one of them; all that is in sync only where it is asked for. One query, whatever there is."""
    found: dict[str, dict[int, int]] = defaultdict(dict)
    states: dict[int, dict[PairState, int]] = defaultdict(dict)
    first, *others = _counted(user, now, whole)
    for what, config_id, state, number in first.union(*others, all=True):
        if state:
            states[config_id][PairState(state)] = number
        elif number:
            found[what][config_id] = number
    overall = {what: sum(found[what].values()) for what in ("snoozed", "mine", "unknown", "notices", "addressed")}
    return Numbers(states=states, conflicts=found["conflicts"], held=found["held"], **overall)


def _counted(user: AbstractBaseUser | AnonymousUser, now: datetime, whole: bool) -> Iterator[QuerySet[Any, Any]]:
    """What is counted, each as lines of its name, a sync or 0, a state or nothing, and the number."""
    me, put_aside = user.pk or 0, care.snoozing(now=now)
    mine = models.PairCare.objects.filter(assignee=me, pair__state__in=_STATES[WorkList.MINE]).exclude(pk__in=put_aside.values("pk"))
    counted = [state for state in PairState if whole or state.standing is not Standing.IN_SYNC]
    yield _lines("pairs", models.RecordPair.objects.filter(state__in=counted), config=F("config_id"), state=F("state"))
    yield _lines("conflicts", models.Conflict.objects.filter(status=ConflictStatus.OPEN), config=F("pair__config_id"))
    yield _lines("held", runs.held(), config=F("config_id"), number=F("pk"))
    yield _lines("snoozed", put_aside)
    yield _lines("mine", mine)
    yield _lines("unknown", unknown(now=now))
    yield _lines("notices", notices.still_open(user=user))
    yield _lines("addressed", models.Notice.objects.filter(user=me))


def _lines(
    what: str, rows: QuerySet[Any], *, config: Combinable = _NONE, state: Combinable = _NOTHING, number: Combinable = _EACH
) -> QuerySet[Any, Any]:
    named = rows.order_by().annotate(what=Value(what, CharField()), of_sync=config, in_state=state).values("what", "of_sync", "in_state")
    lines: QuerySet[Any, Any] = named.annotate(number=number).values_list("what", "of_sync", "in_state", "number")
    return lines


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
