"""How django-q2 is set up.

It is a bell, not a memory: it says *look now*, our own rows say what is to be done, so it retries nothing and holds back nothing.
`broker_class` hands on our own jobs and no others; with this `save_limit` a job that succeeded leaves no row, one that failed does.
`retry` stays above `timeout * (1 + queue_limit / workers)`, else a job that waits would be handed out a second time.
"""

from __future__ import annotations

from typing import Any

from settings import env

WORKERS = env.number("QUEUE_WORKERS", 2, most=16)

Q_CLUSTER: dict[str, Any] = {
    "name": "sync",
    "orm": "default",
    "broker_class": "syncapp.gate.Gate",
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "poll": 0.5,
    "timeout": 300,
    "retry": 900,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "recycle": 200,
    "cache": "default",
    "label": "Queue",
}
