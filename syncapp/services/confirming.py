"""Who lets pass what a brake stopped: an administrator, and for very many records a second one.

Owns the first of two confirmations, and that nobody gives both. What goes on then is the business of `services.runs`.
"""
from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.engine.wording import figure, say
from syncapp.selectors import runs as reading
from syncapp.services import notices

CONFIRM = "syncapp.confirm_brake"
SECOND_PERSON = 500
"""From how many records on two people have to confirm."""


class NotAlone(Exception):
    """This person may not give the confirmation that is missing; the text says who may."""


def held(*, run: models.SyncRun) -> int:
    """Count the writes that a brake holds: those of a preview or an undo, else all that its sync has planned."""
    if run.kind in (vocabulary.RunKind.PREVIEW, vocabulary.RunKind.UNDO):
        return reading.approvable(run=run)
    return models.Operation.objects.filter(config=run.config_id, status=vocabulary.OperationStatus.PLANNED).count()


def needs_two(*, run: models.SyncRun) -> bool:
    """Tell whether a brake holds so many writes that two administrators have to let them go on, whatever the limits are by now."""
    return run.state == vocabulary.RunState.BRAKED and held(run=run) >= SECOND_PERSON


def enough(*, run: models.SyncRun, number: int) -> bool:
    """Tell whether what let a run pass is enough for so many writes."""
    return run.brakes_released_by_id is not None and (number < SECOND_PERSON or run.brakes_confirmed_by_id is not None)


def confirmed(*, run: models.SyncRun, actor: AbstractBaseUser, now: datetime) -> bool:
    """Take a person's confirmation of what a brake stopped, and tell whether it may go on. Raises NotAlone.

    With many records the first confirmation is written down, and a second person lets the run go on, who is neither the first one nor
    who started it.
    """
    number = held(run=run)
    if not run.brakes or number < SECOND_PERSON:
        return True
    waiting = models.SyncRun.objects.filter(pk=run.pk, brakes_confirmed_by=None)
    if waiting.update(brakes_confirmed_by_id=actor.pk, brakes_confirmed_at=now):
        run.refresh_from_db(fields=["brakes_confirmed_by", "brakes_confirmed_at"])
        words = say(
            "{sync}: {who} confirmed {number} writes. They wait until a second administrator confirms them too.",
            sync=run.config, who=actor, number=figure(number),
        )
        notices.tell(
            subject=notices.brake_subject(run.config_id), words=words, kind=vocabulary.NoticeKind.BRAKE, urgent=True,
            link=f"/syncapp/syncrun/{run.pk}/change/",
        )
        return False
    run.refresh_from_db(fields=["brakes_confirmed_by", "brakes_confirmed_at"])
    if run.brakes_confirmed_by_id == actor.pk:
        raise NotAlone(say(
            "You confirmed this already. From {number} records on a second administrator has to confirm it too.",
            number=figure(SECOND_PERSON),
        ))
    if run.actor_id == actor.pk:
        raise NotAlone(say(
            "You started this run, so another administrator than {who} and you has to confirm it. Or start it once more and confirm first.",
            who=run.brakes_confirmed_by,
        ))
    return True
