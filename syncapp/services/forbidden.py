"""What a person decides about an invoice of HubSpot's that was changed in QuickBooks, or comes to another amount there.

Owns the two ways out: leave it as it is, or write HubSpot's lines once more. Each is a decision of the open conflicts of the pair,
which the next plan carries out through the same journal as everything else.
"""

from __future__ import annotations

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
    lines, others = _parted(pair)
    if others or not lines:
        raise NotPossible(
            say("A payment that was removed comes back in QuickBooks only: enter it there again, or press Take QuickBooks.")
        )
    _decide(lines, side=Side.LEFT, actor=actor, now=now)


def may_take(*, pair: models.RecordPair) -> bool:
    """Tell whether a pair waits for QuickBooks to be taken as it is."""
    return pair.reason in ACCEPTABLE and bool(_open(pair))


def may_restore(*, pair: models.RecordPair) -> bool:
    """Tell whether HubSpot's lines can be written once more."""
    return pair.reason == Reason.FORBIDDEN_EDIT and bool(_parted(pair)[0]) and not _parted(pair)[1]


def _open(pair: models.RecordPair) -> list[models.Conflict]:
    return list(models.Conflict.objects.filter(pair=pair, status=ConflictStatus.OPEN).select_related("pair").order_by("pk"))


def _parted(pair: models.RecordPair) -> tuple[list[models.Conflict], list[models.Conflict]]:
    """The conflicts about lines, and those about what cannot be written. A sum follows from the lines and is neither."""
    fields = dict(models.FieldMapping.objects.filter(config_id=pair.config_id).values_list("key", "right_field__type"))
    payments = models.FieldMapping.objects.filter(config_id=pair.config_id, right_field__name="AmountPaid").values_list("key", flat=True)
    found, paid = _open(pair), set(payments)
    return [one for one in found if fields.get(one.key) == FieldType.LINES], [one for one in found if one.key in paid]


def _decide(found: list[models.Conflict], *, side: Side, actor: AbstractBaseUser, now: datetime) -> None:
    with transaction.atomic():
        for conflict in found:
            conflicts.take(conflict=conflict, side=side, actor=actor, now=now)
