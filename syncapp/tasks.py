"""The worker's doors: each takes ids by name and makes one service call."""

from __future__ import annotations

from syncapp import queue
from syncapp.services import lane, runs
from syncapp.services import ports as ports_module


def work(*, run_id: int, **_ignored: object) -> str:
    """Work on a run for one slice; ring again when it is not finished."""
    outcome = lane.work(run_id=run_id)
    if outcome.again:
        queue.enqueue_run(run_id=run_id)
    return outcome.state


def dispatch(**_ignored: object) -> int:
    """Start what is due. Called every minute."""
    return runs.dispatch(now=ports_module.REAL.now())
