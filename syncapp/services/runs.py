"""Start, approve, release, cancel and sweep runs.

Owns a run's place: one active run a config. The work itself is `services.lane`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction

from syncapp import models, queue
from syncapp.engine import vocabulary
from syncapp.services import configs, notices, rules

SILENT = timedelta(minutes=10)
UNHEARD = timedelta(seconds=50)
MOST_ATTEMPTS = 200


class CannotStart(Exception):
    """The run cannot be started; the text says why and what to do."""


def start(
    *,
    config: models.SyncConfig,
    kind: vocabulary.RunKind,
    trigger: vocabulary.RunTrigger,
    now: datetime,
    actor: AbstractBaseUser | None = None,
    release_brakes: bool = False,
    enqueue: bool = True,
) -> models.SyncRun:
    """Queue a run under the rules as they are now. Raises CannotStart when the settings are wrong or one is active already."""
    problems = configs.problems(config=config)
    if problems:
        raise CannotStart(f"{config.name} cannot run: {problems[0].words}")
    frozen = rules.freeze(config=config)
    try:
        with transaction.atomic():
            run = models.SyncRun.objects.create(
                config=config,
                kind=kind,
                trigger=trigger,
                actor_id=actor.pk if actor is not None else None,
                rules=rules.to_json(frozen),
                rules_revision=frozen.revision,
                brakes_released_by_id=actor.pk if actor is not None and release_brakes else None,
            )
            models.SyncConfig.objects.filter(pk=config.pk).update(next_due_at=now + timedelta(minutes=config.interval_minutes))
            if enqueue:
                queue.enqueue_run(run_id=run.pk)
    except IntegrityError as error:
        raise CannotStart(f"A run of {config.name} is under way already. Wait for it to finish, or cancel it.") from error
    return run


def approve(*, preview: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool = True) -> models.SyncRun:
    """Carry out what a preview showed: exactly its entries; what has changed since is planned anew and meets the brakes."""
    if preview.kind != vocabulary.RunKind.PREVIEW or preview.state != vocabulary.RunState.SUCCEEDED:
        raise CannotStart("Only a finished preview can be approved.")
    with transaction.atomic():
        run = start(
            config=preview.config, kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.HAND, now=now, actor=actor, enqueue=False
        )
        models.Operation.objects.filter(run=preview, status=vocabulary.OperationStatus.PLANNED).update(
            status=vocabulary.OperationStatus.READY, actor_id=actor.pk
        )
        if enqueue:
            queue.enqueue_run(run_id=run.pk)
    return run


def release(*, braked: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool = True) -> models.SyncRun:
    """Let a run that a brake stopped go on, on that person's word."""
    if braked.state != vocabulary.RunState.BRAKED:
        raise CannotStart("No brake holds this run.")
    with transaction.atomic():
        run = start(
            config=braked.config,
            kind=vocabulary.RunKind.DELTA,
            trigger=vocabulary.RunTrigger.HAND,
            now=now,
            actor=actor,
            release_brakes=True,
            enqueue=enqueue,
        )
        notices.close(subject=f"brake of sync {braked.config_id}", now=now)
    return run


def cancel(*, run: models.SyncRun, now: datetime) -> bool:
    """Stop a run before its next batch. What is on its way is still settled by the next run."""
    changed = models.SyncRun.objects.filter(pk=run.pk, state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]).update(
        state=vocabulary.RunState.CANCELLED, phase=vocabulary.RunPhase.DONE, words="A person cancelled it.", finished_at=now
    )
    return bool(changed)


def dispatch(*, now: datetime) -> int:
    """Start what is due and sweep up what was lost. Returns how many runs were started."""
    sweep(now=now)
    started = 0
    for config_id in configs.due(now=now):
        config = models.SyncConfig.objects.select_related("left", "right").get(pk=config_id)
        try:
            start(config=config, kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.SCHEDULE, now=now)
            started += 1
        except CannotStart as reason:
            models.SyncConfig.objects.filter(pk=config_id).update(next_due_at=now + timedelta(minutes=config.interval_minutes))
            if not models.SyncRun.objects.filter(config=config, state__in=["QUEUED", "RUNNING"]).exists():
                notices.tell(
                    subject=f"sync {config_id} cannot run", words=str(reason)[:500], link=f"/syncapp/syncconfig/{config_id}/change/"
                )
    return started


def sweep(*, now: datetime) -> None:
    """Ring again for runs that have been silent too long; give up those that never get anywhere."""
    for run in models.SyncRun.objects.filter(state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]):
        silent = now - (run.beat_at or run.created_at)
        if silent < (SILENT if run.state == vocabulary.RunState.RUNNING else UNHEARD):
            continue
        if run.attempts >= MOST_ATTEMPTS:
            models.SyncRun.objects.filter(pk=run.pk, attempts=run.attempts).update(
                state=vocabulary.RunState.ABANDONED,
                phase=vocabulary.RunPhase.DONE,
                finished_at=now,
                words="It was interrupted too often. What it did is kept; the next run goes on from there.",
            )
        else:
            queue.enqueue_run(run_id=run.pk)
