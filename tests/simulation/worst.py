"""The settings of one machine with a queue set up as badly as can be: it hands jobs out again while they are being worked on.

Nothing may depend on the queue doing a job once.
"""

from __future__ import annotations

from settings.local import *  # noqa: F403

SILENCED_SYSTEM_CHECKS = ["syncapp.E004"]
Q_CLUSTER = {**Q_CLUSTER, "retry": 4, "bulk": 8, "queue_limit": 8, "max_attempts": 0, "catch_up": True}  # noqa: F405
