"""Start, approve, release, cancel and sweep runs.

Owns a run's place: one active run a config. The work itself is `services.lane`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Coalesce

from syncapp import models, queue
from syncapp.engine import vocabulary
from syncapp.engine.wording import say
from syncapp.selectors import runs as reading
from syncapp.services import actors, asked_runs, configs, confirming, context, defaults, drafts, leases, notices, rules

SILENT = timedelta(minutes=10)
UNHEARD = timedelta(seconds=50)
UNWORKED = timedelta(seconds=15)
"""How long a run that was begun may lie between two workers."""
MOST_ATTEMPTS = 200
_TURNS = Case(When(trigger=vocabulary.RunTrigger.EVENT, attempts=0, then=Value(0)), default=Value(1))
UNREAD = (vocabulary.RunKind.PREVIEW, vocabulary.RunKind.UNDO)
"""Kinds of run that carry out nothing of what was changed meanwhile."""


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
    confirmed_by: AbstractBaseUser | None = None,
    undoes: models.SyncRun | None = None,
    enqueue: bool = True,
    preview: models.SyncRun | None = None,
) -> models.SyncRun:
    """Queue a run under the rules as they are now. Raises CannotStart when the settings are wrong or one is active already.

    With `release_brakes` no brake stops it, on the actor's word; very many writes need that somebody else confirmed them before.
    """
    draft = drafts.saved(config=config)
    problems = configs.problems(config=config, draft=draft)
    if problems:
        raise CannotStart(say("{sync} cannot run: {why}", sync=config.name, why=problems[0].words))
    frozen = rules.freeze(config=config, draft=draft)
    try:
        with transaction.atomic():
            run = models.SyncRun.objects.create(
                config=config,
                kind=kind,
                trigger=trigger,
                actor_id=actor.pk if actor is not None else None,
                account=actors.account() if actor is None and trigger is vocabulary.RunTrigger.COMMAND else "",
                preview=preview,
                rules=rules.to_json(frozen),
                rules_revision=frozen.revision,
                brakes_released_by_id=actor.pk if actor is not None and release_brakes else None,
                brakes_confirmed_by_id=confirmed_by.pk if confirmed_by is not None else None,
                undoes=undoes,
            )
            models.SyncConfig.objects.filter(pk=config.pk).update(
                next_due_at=now + timedelta(minutes=config.interval_minutes), **({} if kind in UNREAD else {"asked_at": None})
            )
            if enqueue:
                queue.enqueue_run(run_id=run.pk)
    except IntegrityError as error:
        raise _busy(config) from error
    return run


def _busy(config: models.SyncConfig) -> CannotStart:
    return CannotStart(say("A run of {sync} is under way already. Wait for it to finish, or cancel it.", sync=config.name))


def approve(*, preview: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool = True) -> models.SyncRun:
    """Carry out what a preview showed: exactly its entries; what has changed since is planned anew and meets the brakes.

    The undo of a run goes on itself, and leaves alone what has changed since. Where a brake would have stopped what it showed, two
    people may have to confirm it: after the first of them nothing is carried out, and the preview is returned.
    """
    if preview.kind == vocabulary.RunKind.UNDO:
        return _approve_undo(undo=preview, actor=actor, now=now, enqueue=enqueue)
    if preview.kind != vocabulary.RunKind.PREVIEW or preview.state != vocabulary.RunState.SUCCEEDED:
        raise CannotStart(say("Only a finished preview can be approved."))
    if not confirming.confirmed(run=preview, actor=actor, now=now):
        return preview
    with transaction.atomic():
        shown = models.Operation.objects.filter(run=preview, status=vocabulary.OperationStatus.PLANNED)
        if not shown.update(status=vocabulary.OperationStatus.READY, actor_id=actor.pk):
            raise CannotStart(say("Nothing of this preview is left to carry out. Start another preview to see what would be written now."))
        run = start(
            config=preview.config, kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.HAND, now=now, actor=actor, enqueue=False,
            preview=preview,
        )
        if enqueue:
            queue.enqueue_run(run_id=run.pk)
    return run


def _approve_undo(*, undo: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool) -> models.SyncRun:
    """Let an undo write what it showed, and what an earlier approval left waiting. It takes the sync's place once more."""
    if wrong := configs.problems(config=undo.config):
        raise CannotStart(say("{sync} cannot run: {why}", sync=undo.config.name, why=wrong[0].words))
    if undo.rules_revision != undo.config.revision:
        raise CannotStart(say("The settings of the sync were changed since this was planned. Start the undo again from the run's page."))
    if not confirming.confirmed(run=undo, actor=actor, now=now):
        return undo
    try:
        with transaction.atomic():
            waiting = models.Operation.objects.filter(run=undo, status__in=reading.UNDO_PENDING)
            if not waiting.update(status=vocabulary.OperationStatus.PROPOSED, retry_at=None, actor_id=actor.pk):
                words = say("Nothing of this undo is left to carry out. Start another one to see what could still be taken back.")
                raise CannotStart(words)
            again = models.SyncRun.objects.filter(pk=undo.pk).filter(Q(state="SUCCEEDED") | Q(approved_at__isnull=False))
            taken = again.exclude(state__in=configs.ACTIVE_RUNS).update(
                state=vocabulary.RunState.QUEUED, phase=vocabulary.RunPhase.WAITING, approved_by_id=actor.pk, approved_at=now,
                words="", beat_at=now, finished_at=None, attempts=0,
            )
            if not taken:
                raise CannotStart(say("Only an undo whose plan is complete can be approved."))
            if enqueue:
                queue.enqueue_run(run_id=undo.pk)
    except IntegrityError as error:
        raise _busy(undo.config) from error
    undo.refresh_from_db()
    return undo


def release(*, braked: models.SyncRun, actor: AbstractBaseUser, now: datetime, enqueue: bool = True) -> models.SyncRun:
    """Let a run that a brake stopped go on, on that person's word. Where a second one is needed, the stopped run is returned."""
    if braked.state != vocabulary.RunState.BRAKED:
        raise CannotStart(say("No brake holds this run."))
    later = models.SyncRun.objects.filter(config_id=braked.config_id, pk__gt=braked.pk).exclude(
        kind__in=[vocabulary.RunKind.PREVIEW, vocabulary.RunKind.UNDO]
    )
    if later.filter(state__in=[vocabulary.RunState.SUCCEEDED, vocabulary.RunState.PARTIAL]).exists():
        raise CannotStart(say("A later run came through already, so there is nothing left to release. Look at the latest run."))
    if not confirming.confirmed(run=braked, actor=actor, now=now):
        return braked
    with transaction.atomic():
        run = start(
            config=braked.config,
            kind=vocabulary.RunKind.DELTA,
            trigger=vocabulary.RunTrigger.HAND,
            now=now,
            actor=actor,
            release_brakes=True,
            confirmed_by=braked.brakes_confirmed_by,
            enqueue=enqueue,
        )
        notices.close(subject=notices.brake_subject(braked.config_id), now=now)
    return run


def cancel(*, run: models.SyncRun, now: datetime) -> bool:
    """Stop a run before its next batch. What is on its way is still settled by the next run."""
    changed = models.SyncRun.objects.filter(pk=run.pk, state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]).update(
        state=vocabulary.RunState.CANCELLED, phase=vocabulary.RunPhase.DONE, words=say("A person cancelled it."), finished_at=now
    )
    return bool(changed)


def dispatch(*, now: datetime) -> int:
    """Start what is due and sweep up what was lost. Returns how many runs were started."""
    sweep(now=now)
    started = start_asked(now=now)
    due = models.SyncConfig.objects.select_related("left", "right").filter(pk__in=configs.due(now=now))
    # What others name by id goes first, so that they need not wait for another turn.
    for config in sorted(due.order_by("next_due_at", "pk"), key=lambda one: defaults.of(one.object_pair).level):
        config_id = config.pk
        try:
            start(config=config, kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.SCHEDULE, now=now)
            started += 1
        except CannotStart as reason:
            models.SyncConfig.objects.filter(pk=config_id).update(next_due_at=now + timedelta(minutes=config.interval_minutes))
            if not models.SyncRun.objects.filter(config=config, state__in=["QUEUED", "RUNNING"]).exists():
                notices.tell(
                    subject=f"sync {config_id} cannot run", words=str(reason)[:500], kind=vocabulary.NoticeKind.SYNC,
                    link=f"/syncapp/syncconfig/{config_id}/change/",
                )
    return started


def start_asked(*, now: datetime) -> int:
    """Start the runs that events ask for, where none is under way, and ring later for what was asked for too soon after the last one.

    Returns how many were started. A sync whose settings are wrong asks no more: the schedule tells what is wrong, and the next run
    finds the change.
    """
    started = 0
    for config in models.SyncConfig.objects.select_related("left", "right").filter(pk__in=asked_runs.due(now=now)):
        try:
            start(config=config, kind=vocabulary.RunKind.DELTA, trigger=vocabulary.RunTrigger.EVENT, now=now)
            started += 1
        except CannotStart:
            models.SyncConfig.objects.filter(pk=config.pk).exclude(runs__state__in=configs.ACTIVE_RUNS).update(asked_at=None)
    for moment in asked_runs.too_soon(now=now):
        queue.enqueue_asked(at=moment)
    return started


def next_turn(*, run_id: int, again: bool, now: datetime) -> None:
    """After a slice: ring for the run that has waited longest for one of the same accounts, else for the same run if it goes on.

    What an event asked for goes first until it has begun: a person has just made that change, and waits to see it on the other side.
    Events that came while it was under way have their run now.
    """
    if not again:
        start_asked(now=now)
    done = models.SyncRun.objects.select_related("config").get(pk=run_id)
    ends = (done.config.left_id, done.config.right_id)
    waiting = (
        models.SyncRun.objects.filter(Q(config__left_id__in=ends) | Q(config__right_id__in=ends), state__in=configs.ACTIVE_RUNS)
        .exclude(pk=run_id)
        .order_by(_TURNS, Coalesce("beat_at", "created_at"), "pk")
        .values_list("pk", flat=True)
        .first()
    )
    if waiting is not None or again:
        queue.enqueue_run(run_id=run_id if waiting is None else waiting)


def sweep(*, now: datetime) -> None:
    """Ring again for runs that have been silent too long; give up those that never get anywhere.

    Too long is soon where nobody holds the accounts' leases: who works on a run holds them.
    """
    leases.release_dead(prefix=context.LANE)
    running = models.SyncRun.objects.filter(state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING])
    for run in running.select_related("config"):
        silent = now - (run.beat_at or run.created_at)
        queued = run.state == vocabulary.RunState.QUEUED
        if silent < (UNHEARD if queued else SILENT if _held(run=run, now=now) else UNWORKED):
            continue
        if run.attempts >= MOST_ATTEMPTS:
            models.SyncRun.objects.filter(pk=run.pk, attempts=run.attempts).update(
                state=vocabulary.RunState.ABANDONED,
                phase=vocabulary.RunPhase.DONE,
                finished_at=now,
                words=say("It was interrupted too often. What it did is kept; the next run goes on from there."),
            )
        else:
            queue.enqueue_run(run_id=run.pk)


def _held(*, run: models.SyncRun, now: datetime) -> bool:
    """Whether a worker holds one of the run's accounts."""
    return models.Lease.objects.filter(name__in=context.lease_names(run.config), expires_at__gt=now).exists()
