"""What was done to a pair, newest first: who or which run changed which field from what to what, and why."""
from __future__ import annotations

from collections.abc import Sequence

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, Side
from syncapp.selectors import runs, words

LONGEST = 100


class Decided:
    """A conflict, ready to show."""

    def __init__(self, conflict: models.Conflict) -> None:
        self.conflict = conflict
        self.left = words.shown(conflict.left)
        self.right = words.shown(conflict.right)
        self.base = words.shown(conflict.base)
        self.chosen = words.shown(conflict.chosen)
        self.open = conflict.status == ConflictStatus.OPEN
        self.status = ConflictStatus(conflict.status).label
        self.winner = Side(conflict.winner).label if conflict.winner else ""


def of(*, pair: models.RecordPair, mappings: Sequence[models.FieldMapping]) -> list[runs.Entry]:
    """List the newest writes of a pair."""
    named: runs.Labels = {
        Side.LEFT.value: {mapping.left_field.name: mapping.left_field.label for mapping in mappings},
        Side.RIGHT.value: {mapping.right_field.name: mapping.right_field.label for mapping in mappings},
    }
    done = models.Operation.objects.filter(pair=pair).select_related("run", "actor").order_by("-pk")[:LONGEST]
    return [runs.entry(operation=operation, named=named) for operation in done]


def conflicts(*, pair: models.RecordPair) -> tuple[list[Decided], list[Decided]]:
    """List the conflicts of a pair: those that wait for a person, and those that were decided."""
    found = [Decided(conflict) for conflict in models.Conflict.objects.filter(pair=pair).select_related("decided_by")[:LONGEST]]
    return [one for one in found if one.open], [one for one in found if not one.open]
