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
from syncapp.selectors import runs as reading
from syncapp.selectors import undos
from syncapp.services import pairs, runs


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
        models.Operation.objects.filter(run__undoes=run, status__in=reading.UNDO_PENDING).exclude(run=made).update(
            status=OperationStatus.SUPERSEDED, note=f"Run #{made.pk} undoes the same run and took its place.", finished_at=now
        )
    return made


def refusal(*, run: models.SyncRun) -> str:
    """Say why a run cannot be undone now; "" where it can."""
    if run.kind == vocabulary.RunKind.PREVIEW:
        return "A preview writes nothing. Undo the run that carried it out."
    if vocabulary.RunState(run.state).active:
        return "This run is still under way. Wait for it to finish, or cancel it; then undo it."
    if not undos.written(run=run).exists():
        return "This run wrote nothing, so there is nothing to undo."
    is_open = Q(status__in=pairs.OPEN) | Q(status=OperationStatus.PROPOSED, run__approved_at__isnull=False)
    still = undos.entries(run=run).filter(is_open).count()
    if still:
        return (
            f"{still} of its entries are not settled yet. Run the sync once more to carry them out, or exclude their record pairs to drop"
            " them. Then undo the run."
        )
    whole = undos.whole(run=run)
    return f"Run #{whole.pk} undid all that this run wrote. To have it back, undo run #{whole.pk}." if whole is not None else ""
