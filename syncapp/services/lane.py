"""One slice of a run: the phases in their order, under the lane's lease.

Owns the order of the phases and what stops them. Everything it needs is in the database, so a slice may die anywhere.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.db import connection as database

from syncapp import about, models
from syncapp.engine import errors, vocabulary
from syncapp.engine.wording import say
from syncapp.services import (
    braking,
    composing,
    context,
    credentials,
    dates,
    garbage,
    leases,
    matching,
    needs,
    notices,
    pairs,
    planning,
    push,
    reading,
    recover,
    referrals,
    rules,
    undoing,
)
from syncapp.services import ports as ports_module

SLICE = timedelta(seconds=120)
MOST_ROUNDS = 5
NAPS = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""How long the end of a slice waits for a database that is away, in seconds, before it asks again."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a slice ended. `again` asks for another one because time ran out; `busy` says that another worker has an account."""

    again: bool
    state: vocabulary.RunState
    busy: bool = False


def work(*, run_id: int, ports: ports_module.Ports = ports_module.REAL) -> Outcome:
    """Work on a run for at most one slice. Harmless when called twice: the second finds the lane taken or the run over."""
    run = _run(run_id)
    if not vocabulary.RunState(run.state).active:
        return Outcome(again=False, state=vocabulary.RunState(run.state))
    if ports.stopping():
        return Outcome(again=True, state=vocabulary.RunState(run.state))
    told = about.about(run=run.pk, connections=[run.config.left_id, run.config.right_id])
    with garbage.of_our_own(), told, _held(run=run, ports=ports) as held:
        if not held:
            return Outcome(again=False, state=vocabulary.RunState(run.state), busy=True)
        run = _run(run_id)  # another worker may have got on with it before the leases were ours
        try:
            return _slice(run=run, held=held, ports=ports)
        except (leases.LeaseLost, context.RunOver):
            return Outcome(again=False, state=vocabulary.RunState(_run(run_id).state))


def _run(run_id: int) -> models.SyncRun:
    return models.SyncRun.objects.select_related("config__left", "config__right", "config").get(pk=run_id)


@contextmanager
def _held(*, run: models.SyncRun, ports: ports_module.Ports) -> Iterator[tuple[leases.Held, ...]]:
    """The leases of both connections, or none: nobody waits for one with the other in hand."""
    owner = f"{ports.process()}:{ports.new_key()[:8]}"
    names = context.lease_names(run.config)
    held: list[leases.Held] = []
    try:
        for name in names:
            taken = leases.take(name=name, owner=owner, ttl_seconds=context.LEASE_SECONDS, now=ports.now())
            if taken is None:
                break
            held.append(taken)
        yield tuple(held) if len(held) == len(names) else ()
    finally:
        _let_go(held=held, ports=ports)


def _let_go(*, held: Sequence[leases.Held], ports: ports_module.Ports) -> None:
    """Let the leases go. While the database is away it is waited for a little, since nobody may work until they have run out."""
    for nap in NAPS:
        try:
            for one in held:
                leases.release(held=one)
        except (OperationalError, InterfaceError):
            if not database.in_atomic_block:
                database.close()
            ports.sleep(nap)
        else:
            return


def _slice(*, run: models.SyncRun, held: tuple[leases.Held, ...], ports: ports_module.Ports) -> Outcome:
    """Build the lane, run the phases, and turn what stops them into the run's words."""
    now = ports.now()
    begun = models.SyncRun.objects.filter(pk=run.pk, state__in=context.ACTIVE).update(
        state=vocabulary.RunState.RUNNING, started_at=run.started_at or now, beat_at=now, attempts=run.attempts + 1
    )
    if not begun:
        raise context.RunOver
    run.state, run.started_at = vocabulary.RunState.RUNNING, run.started_at or now
    try:
        return _worked(lane=_lane(run=run, held=held, ports=ports))
    except errors.SyncError as error:
        return _stopped(run=run, error=error, ports=ports)
    except (leases.LeaseLost, context.RunOver):
        raise
    except (OperationalError, InterfaceError) as lost:
        # The database went away, or would not wait any longer. The run stays as it is and goes on when the sweep rings for it.
        logger.warning("run %s was interrupted: the database did not answer (%s)", run.pk, type(lost).__name__)
        raise
    except Exception:
        # A fault of ours must not leave the run open and the sync blocked; the log has the trace, the page a sentence.
        logger.exception("run %s ended by a fault", run.pk)
        words = say("It ended by a fault of this program. What it did is kept. The log says more under run {number}.", number=run.pk)
        _end(run=run, state=vocabulary.RunState.FAILED, words=words, ports=ports, brakes=[])
        return Outcome(again=False, state=vocabulary.RunState.FAILED)


def _worked(*, lane: context.Lane) -> Outcome:
    """Run the phases; the calls made until a vendor stops them are counted, too."""
    try:
        _adopt(lane=lane)
        return _phases(lane=lane)
    except errors.SyncError:
        lane.beat()
        raise


def _lane(*, run: models.SyncRun, held: tuple[leases.Held, ...], ports: ports_module.Ports) -> context.Lane:
    for connection in (run.config.left, run.config.right):
        if not connection.usable:
            word = say("paused") if connection.paused else vocabulary.ConnectionStatus(connection.status).label.lower()
            raise errors.NeedsReconnect(say(
                "{connection} cannot be used: {why}. Open the connection's page to mend it, then run the sync again.",
                connection=connection, why=word,
            ))
    frozen = rules.from_json(run.rules)
    needed = needs.of_several(connection_ids=[run.config.left_id, run.config.right_id])
    left, right = (
        context.side_context(config=run.config, frozen=frozen, side=side, outside=ports, needed=needed[connection_id])
        for side, connection_id in ((vocabulary.Side.LEFT, run.config.left_id), (vocabulary.Side.RIGHT, run.config.right_id))
    )
    lane = context.Lane(
        config=run.config,
        run=run,
        rules=frozen,
        held=held,
        ports=ports,
        deadline=ports.now() + SLICE,
        counts=dict(run.counts),
        left=left,
        right=right,
    )
    left.meter.vouch = right.meter.vouch = lane.vouch
    return lane


def _adopt(*, lane: context.Lane) -> None:
    """A config that never came through a run gets pairs for what other syncs of its accounts have read already."""
    through = [vocabulary.RunState.SUCCEEDED, vocabulary.RunState.PARTIAL, vocabulary.RunState.BRAKED]
    if models.SyncRun.objects.filter(config=lane.config, state__in=through).exclude(kind=vocabulary.RunKind.UNDO).exists():
        return
    for side in (lane.left, lane.right):
        with lane.transaction():
            pairs.adopt_mirror(config=lane.config, side=side.side, kind=side.main.kind)


def _phases(*, lane: context.Lane) -> Outcome:
    lane.beat(phase=vocabulary.RunPhase.RECOVER)
    recover.everything(lane=lane)
    if lane.run.kind == vocabulary.RunKind.UNDO:
        return _undo(lane=lane)
    if lane.run.phase in (vocabulary.RunPhase.WAITING, vocabulary.RunPhase.RECOVER):
        dates.turn(lane=lane)
        referrals.look_again(lane=lane)
        composing.begin(lane=lane)
    if lane.run.phase in (vocabulary.RunPhase.WAITING, vocabulary.RunPhase.RECOVER, vocabulary.RunPhase.READ):
        lane.beat(phase=vocabulary.RunPhase.READ)
        if not reading.both(lane=lane):
            return _more(lane)
    for _ in range(MOST_ROUNDS):
        if not _plan(lane=lane):
            return _more(lane)
        lane.beat(phase=vocabulary.RunPhase.BRAKES)
        pulled = braking.check(lane=lane)
        if lane.run.kind == vocabulary.RunKind.PREVIEW:
            return _previewed(lane=lane, pulled=pulled)
        if pulled:
            return _braked(lane=lane, pulled=pulled)
        lane.beat(phase=vocabulary.RunPhase.PUSH)
        if not push.any_ready(lane=lane):
            return _finished(lane=lane)
        if not push.everything(lane=lane):
            return _more(lane)
    return _finished(lane=lane, restless=push.any_ready(lane=lane))


def _undo(*, lane: context.Lane) -> Outcome:
    """Take a run back: show it first; once a person approved that, write what still stands, and nothing else."""
    if lane.run.approved_at is None:
        lane.beat(phase=vocabulary.RunPhase.PLAN)
        if not undoing.plan(lane=lane):
            return _more(lane)
        lane.beat(phase=vocabulary.RunPhase.BRAKES)
        return _close(
            lane=lane, state=vocabulary.RunState.SUCCEEDED, words=undoing.shown(lane=lane), brakes=braking.of_undo(lane=lane)
        )
    for _ in range(MOST_ROUNDS):
        lane.beat(phase=vocabulary.RunPhase.PLAN)
        if not undoing.confirm(lane=lane):
            return _more(lane)
        lane.beat(phase=vocabulary.RunPhase.PUSH)
        if not push.any_ready(lane=lane):
            break
        if not push.everything(lane=lane):
            return _more(lane)
    words, whole = undoing.result(lane=lane)
    return _close(lane=lane, state=vocabulary.RunState.SUCCEEDED if whole else vocabulary.RunState.PARTIAL, words=words)


def _plan(*, lane: context.Lane) -> bool:
    lane.beat(phase=vocabulary.RunPhase.MATCH)
    if not matching.everything(lane=lane):
        return False
    lane.beat(phase=vocabulary.RunPhase.PLAN)
    return planning.everything(lane=lane)


def _answered(lane: context.Lane) -> None:
    """Both accounts have answered until now."""
    ends = models.Connection.objects.filter(pk__in=[lane.left.connection.pk, lane.right.connection.pk])
    ends.update(last_call_at=lane.ports.now(), last_error="")


def _more(lane: context.Lane) -> Outcome:
    lane.beat()
    _answered(lane)
    return Outcome(again=True, state=vocabulary.RunState.RUNNING)


def _previewed(*, lane: context.Lane, pulled: list[str]) -> Outcome:
    planned = models.Operation.objects.filter(run=lane.run, status=vocabulary.OperationStatus.PLANNED).count()
    words = say("{number} writes planned, none carried out.", number=planned)
    return _close(lane=lane, state=vocabulary.RunState.SUCCEEDED, words=words, brakes=pulled)


def _braked(*, lane: context.Lane, pulled: list[str]) -> Outcome:
    notices.tell(
        subject=notices.brake_subject(lane.config.pk),
        words=say("The sync {name} stopped before writing: {brakes}", name=lane.config.name, brakes=" ".join(pulled))[:500],
        kind=vocabulary.NoticeKind.BRAKE,
        link=f"/syncapp/syncrun/{lane.run.pk}/change/",
        urgent=True,
    )
    words = say("It stopped before writing and waits for a person.")
    return _close(lane=lane, state=vocabulary.RunState.BRAKED, words=words, brakes=pulled)


def _finished(*, lane: context.Lane, restless: bool = False) -> Outcome:
    trouble = [say("It did not come to rest: two sides or two programs keep changing the same values")] if restless else []
    number = lane.counts.get
    trouble += [say("{number} failed", number=number("failed"))] if number("failed") else []
    trouble += [say("{number} without an answer yet", number=number("unknown"))] if number("unknown") else []
    trouble += [say("{number} will be tried again", number=number("retrying"))] if number("retrying") else []
    state = vocabulary.RunState.PARTIAL if trouble else vocabulary.RunState.SUCCEEDED
    notices.close(subject=notices.brake_subject(lane.config.pk), now=lane.ports.now())
    return _close(lane=lane, state=state, words=", ".join(trouble))


def _close(*, lane: context.Lane, state: vocabulary.RunState, words: str, brakes: list[str] | None = None) -> Outcome:
    lane.beat()
    _answered(lane)
    _end(run=lane.run, state=state, words=words, ports=lane.ports, brakes=brakes or [])
    return Outcome(again=False, state=state)


def _end(*, run: models.SyncRun, state: vocabulary.RunState, words: str, ports: ports_module.Ports, brakes: list[str]) -> None:
    now = ports.now()
    models.SyncRun.objects.filter(pk=run.pk, state__in=[vocabulary.RunState.QUEUED, vocabulary.RunState.RUNNING]).update(
        state=state, phase=vocabulary.RunPhase.DONE, words=words[:500], finished_at=now, beat_at=now, brakes=brakes
    )


def _stopped(*, run: models.SyncRun, error: errors.SyncError, ports: ports_module.Ports) -> Outcome:
    """What a vendor said stops the whole run; everything done so far is kept, the next run goes on from there."""
    if isinstance(error, errors.Misunderstood):
        logger.error("run %s stopped: %s answered %s otherwise than documented", run.pk, error.system, error.operation)
    for connection in (run.config.left, run.config.right):
        if error.system in (connection.system, vocabulary.System(connection.system).label):
            models.Connection.objects.filter(pk=connection.pk).update(last_error=str(error)[:500])
            if isinstance(error, errors.NeedsReconnect):
                credentials.mark_ended(connection_id=connection.pk, words=str(error))
    state = vocabulary.RunState.PARTIAL if isinstance(error, errors.RateLimited | errors.Transient) else vocabulary.RunState.FAILED
    _end(run=run, state=state, words=str(error), ports=ports, brakes=[])
    return Outcome(again=False, state=state)


def to_the_end(*, run_id: int, ports: ports_module.Ports = ports_module.REAL) -> models.SyncRun:
    """Work on a run slice after slice, here and now, until it is over. Waits while another worker has the lane."""
    while True:
        outcome = work(run_id=run_id, ports=ports)
        run = models.SyncRun.objects.get(pk=run_id)
        if not vocabulary.RunState(run.state).active:
            return run
        if not outcome.again:
            ports.sleep(1.0)
