"""Start the undo of a run.

Owns what can be undone, and that a run is undone once at a time. What is put back is planned and written by `services.undoing`.
"""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q

from syncapp import models
from syncapp.engine import vocabulary
from syncapp.engine.vocabulary import OperationStatus
from syncapp.engine.wording import say
from syncapp.selectors import runs as reading
from syncapp.selectors import undos
from syncapp.services import defaults, pairs, runs


def start(*, run: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool = True) -> models.SyncRun:
    """Queue the undo of a finished run: it shows what it would put back, and waits for a person before anything is written.

    It takes the place of an earlier undo of the same run that nobody carried out. Raises CannotStart.
    """
    if why := refusal(run=run):
        raise runs.CannotStart(why)
    with transaction.atomic():
        made = runs.start(
            config=run.config, kind=vocabulary.RunKind.UNDO, trigger=vocabulary.RunTrigger.HAND, now=now, actor=actor, undoes=run,
            enqueue=enqueue,
        )
        former = Q(run__undoes=run) | Q(run=run, undoes__isnull=False)  # of the same run, or what is left of an undo that is undone
        models.Operation.objects.filter(former, status__in=reading.UNDO_PENDING).exclude(run=made).update(
            status=OperationStatus.SUPERSEDED, note=say("Run #{number}, another undo, took its place.", number=made.pk), finished_at=now
        )
    return made


def refusal(*, run: models.SyncRun) -> str:
    """Say why a run cannot be undone now; "" where it can."""
    if run.kind == vocabulary.RunKind.PREVIEW:
        return say("A preview writes nothing. Undo the run that carried it out.")
    kind = defaults.of(run.config.object_pair).right_kind
    if defaults.made_here(kind=kind) or defaults.composed(kind=kind):
        return say(
            "What this sync writes is made up of QuickBooks' invoices and payments and follows them. Correct those; the next run puts it"
            " right in HubSpot."
        )
    if vocabulary.RunState(run.state).active:
        return say("This run is still under way. Wait for it to finish, or cancel it; then undo it.")
    if not undos.written(run=run).exists():
        return say("This run wrote nothing, so there is nothing to undo.")
    is_open = [OperationStatus.SENDING] if run.kind == vocabulary.RunKind.UNDO else pairs.OPEN
    still = undos.entries(run=run).filter(status__in=is_open).count()
    if still:
        return say(
            "{number} of its entries are not settled yet. Run the sync once more to carry them out, or exclude their record pairs to drop"
            " them. Then undo the run.", number=still,
        )
    whole = undos.whole(run=run)
    if whole is None:
        return ""
    return say("Run #{number} undid all that this run wrote. To have it back, undo run #{number}.", number=whole.pk)
