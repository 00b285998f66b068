"""Decide conflicts that were left to a person.

Owns the decision's row. The next plan carries it out, through the same journal as everything else.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.engine import values, vocabulary


class AlreadyDecided(Exception):
    """Somebody or something decided the conflict meanwhile."""


def take(*, conflict: models.Conflict, side: vocabulary.Side, actor: AbstractBaseUser, now: datetime) -> None:
    """Let one side's value win. Raises AlreadyDecided."""
    chosen = conflict.left if side is vocabulary.Side.LEFT else conflict.right
    _decide(conflict=conflict, chosen=chosen, winner=side, actor=actor, now=now)


def type_value(*, conflict: models.Conflict, text: str, actor: AbstractBaseUser, now: datetime) -> None:
    """Let a third value win on both sides. Raises AlreadyDecided, and ValueError where the text is not of the field's type."""
    mapping = models.FieldMapping.objects.select_related("right_field").get(config_id=conflict.pair.config_id, key=conflict.key)
    chosen = values.canonical(type=vocabulary.FieldType(mapping.right_field.type), raw=text)
    _decide(conflict=conflict, chosen=values.to_json(chosen), winner=None, actor=actor, now=now)


def _decide(
    *, conflict: models.Conflict, chosen: object, winner: vocabulary.Side | None, actor: AbstractBaseUser, now: datetime
) -> None:
    with transaction.atomic():
        changed = models.Conflict.objects.filter(pk=conflict.pk, status=vocabulary.ConflictStatus.OPEN).update(
            status=vocabulary.ConflictStatus.BY_PERSON,
            chosen=chosen,
            winner=winner or "",
            decided_by_id=actor.pk,
            decided_at=now,
            why="A person chose this value.",
        )
        if not changed:
            raise AlreadyDecided(f"{conflict.field_label} is no longer in conflict. Look at the pair again.")
        models.RecordPair.objects.filter(pk=conflict.pair_id).update(dirty=True)
