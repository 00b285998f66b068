"""What a person decides about an invoice of HubSpot's that was changed in QuickBooks, or comes to another amount there.

Owns the two ways out: leave it as it is, or write HubSpot's lines once more. Each is a decision of the open conflicts of the pair,
which the next plan carries out through the same journal as everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.engine.vocabulary import ConflictStatus, FieldType, Reason, Side
from syncapp.engine.wording import say
from syncapp.services import conflicts

ACCEPTABLE = (Reason.FORBIDDEN_EDIT, Reason.AMOUNTS_DIFFER)


class NotPossible(ValueError):
    """It cannot be done for this pair; the text says why and what can be done instead."""


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Which of the two ways out a pair has."""

    take: bool
    restore: bool


def take(*, pair: models.RecordPair, actor: AbstractBaseUser, now: datetime) -> None:
    """Leave QuickBooks as it is: from now on only what is changed there later is looked at. Raises NotPossible."""
    found = _open(pair)
    if pair.reason not in ACCEPTABLE or not found:
        raise NotPossible(say("Nothing of this pair waits for that. Look at it again."))
    _decide(found, side=Side.RIGHT, actor=actor, now=now)


def restore(*, pair: models.RecordPair, actor: AbstractBaseUser, now: datetime) -> None:
    """Have HubSpot's lines written into QuickBooks once more. Raises NotPossible where that is not all that was changed."""
    if pair.reason != Reason.FORBIDDEN_EDIT:
        raise NotPossible(say("Nothing of this pair waits for that. Look at it again."))
    lines, others = _parted(_open(pair), pair.config.mappings.select_related("right_field"))
    if others or not lines:
        raise NotPossible(
            say("A payment that was removed comes back in QuickBooks only: enter it there again, or press Take QuickBooks.")
        )
    _decide(lines, side=Side.LEFT, actor=actor, now=now)


def ways(*, pair: models.RecordPair, still_open: Sequence[models.Conflict], mappings: Iterable[models.FieldMapping]) -> Ways:
    """Tell whether QuickBooks can be taken as it is, and whether HubSpot's lines can be written once more. No query."""
    lines, others = _parted(still_open, mappings)
    return Ways(
        take=pair.reason in ACCEPTABLE and bool(still_open), restore=pair.reason == Reason.FORBIDDEN_EDIT and bool(lines) and not others
    )


def _open(pair: models.RecordPair) -> list[models.Conflict]:
    return list(models.Conflict.objects.filter(pair=pair, status=ConflictStatus.OPEN).select_related("pair").order_by("pk"))


def _parted(
    still_open: Sequence[models.Conflict], mappings: Iterable[models.FieldMapping]
) -> tuple[list[models.Conflict], list[models.Conflict]]:
    """The conflicts about lines, and those about what cannot be written. A sum follows from the lines and is neither."""
    written = {one.key: one.right_field for one in mappings}
    named = [(conflict, written[conflict.key]) for conflict in still_open if conflict.key in written]
    return [one for one, into in named if into.type == FieldType.LINES], [one for one, into in named if into.name == "AmountPaid"]


def _decide(found: list[models.Conflict], *, side: Side, actor: AbstractBaseUser, now: datetime) -> None:
    with transaction.atomic():
        for conflict in found:
            conflicts.take(conflict=conflict, side=side, actor=actor, now=now)
