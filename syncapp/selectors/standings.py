"""How many pairs stand where: the five words operators see.

Owns the way from the words to the states behind them, and their counts.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from syncapp import models
from syncapp.engine.vocabulary import PairState, Standing
from syncapp.engine.wording import later

COLORS: Mapping[Standing, str] = {
    Standing.IN_SYNC: "success", Standing.EXCLUDED: "quiet", Standing.FAILING: "danger", Standing.NEEDS_YOU: "warning",
    Standing.WAITING: "info",
}
MEANINGS: Mapping[Standing, str] = {
    Standing.IN_SYNC: later("Linked, and kept up to date."),
    Standing.EXCLUDED: later("Left out by a filter, by a person, or because the record is over. Not an error."),
    Standing.FAILING: later("Something was refused. Mend it at the vendor or in the settings, then retry."),
    Standing.NEEDS_YOU: later("Only a person can decide: a conflict, several possible partners, or a deleted partner."),
    Standing.WAITING: later("On its way: waits for its partner, another record or the next try."),
}


@dataclass(frozen=True, kw_only=True)
class StandingCount:
    """One word, how many pairs stand there, and how it is colored."""

    standing: Standing
    number: int

    @property
    def label(self) -> str:
        """The word."""
        return self.standing.label

    @property
    def color(self) -> str:
        """The color's name in our style sheet."""
        return COLORS[self.standing]


def states(standing: str) -> list[PairState]:
    """List the states behind a word."""
    return [state for state in PairState if state.standing == standing]


def narrowed(pairs: QuerySet[models.RecordPair], standing: str) -> QuerySet[models.RecordPair]:
    """Keep the pairs that stand at a word."""
    return pairs.filter(state__in=states(standing))


def listed(numbers: Mapping[Standing, int]) -> list[StandingCount]:
    """Put the counts of a sync in the order of the words."""
    return [StandingCount(standing=standing, number=numbers.get(standing, 0)) for standing in Standing]
