"""Decide conflicts that were left to a person.

Owns the decision's row. The next plan carries it out, through the same journal as everything else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.engine import records, values, vocabulary
from syncapp.engine.wording import say


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
            why=say("A person chose this value."),
        )
        if not changed:
            raise AlreadyDecided(say("{field} is no longer in conflict. Look at the pair again.", field=conflict.field_label))
        models.RecordPair.objects.filter(pk=conflict.pair_id).update(dirty=True)


def close(
    *,
    pair_id: int,
    but: Collection[str],
    base_left: Mapping[str, records.Value],
    base_right: Mapping[str, records.Value],
) -> None:
    """Close what persons decided about a pair for which nothing is left to write; one that came to nothing says so."""
    by_person = models.Conflict.objects.filter(pair_id=pair_id, status=vocabulary.ConflictStatus.BY_PERSON, applied=False)
    waiting = by_person.exclude(key__in=but)
    for decided in waiting:
        if _reached(decided, base_left.get(decided.key), base_right.get(decided.key)):
            models.Conflict.objects.filter(pk=decided.pk).update(applied=True)
        else:
            models.Conflict.objects.filter(pk=decided.pk).update(
                applied=True, status=vocabulary.ConflictStatus.OUTDATED,
                why=say("The values had changed again before this could be carried out, so it was not. Look at them, and decide anew."),
            )


def _reached(decided: models.Conflict, *agreed: records.Value) -> bool:
    """Whether a side holds what was decided, or a write was made for it since."""
    if values.from_json(decided.chosen) in agreed:
        return True
    since = models.Operation.objects.filter(
        pair_id=decided.pair_id, status=vocabulary.OperationStatus.DONE, finished_at__gte=decided.decided_at
    )
    written = since.values_list("keys", "changes", "origin_values")
    for keys, changes, origins in written:
        sent = [changes[name][1] for name, key in keys.items() if key == decided.key]
        if decided.chosen in (*sent, origins.get(decided.key)):
            return True
    return False
