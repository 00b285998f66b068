"""The words for runs: what one is for, what started it, where it is, and how it stands.

Owns the codes and their words. What a run does in a phase is the business of the services.
"""
from __future__ import annotations

from syncapp.engine.words import Word


class RunKind(Word):
    """What a run is for."""

    FULL = "FULL", "Full run"
    DELTA = "DELTA", "Changes only"
    PREVIEW = "PREVIEW", "Preview"
    UNDO = "UNDO", "Undo of a run"


class RunTrigger(Word):
    """What started a run."""

    SCHEDULE = "SCHEDULE", "Schedule"
    HAND = "HAND", "Started by hand"
    COMMAND = "COMMAND", "Command line"
    SETTINGS = "SETTINGS", "Settings were saved"
    EVENT = "EVENT", "A vendor told of a change"


class RunPhase(Word):
    """Where a run is."""

    WAITING = "WAITING", "Waiting for a worker"
    RECOVER = "RECOVER", "Settling what was interrupted"
    READ = "READ", "Reading both sides"
    MATCH = "MATCH", "Finding partners"
    PLAN = "PLAN", "Planning"
    BRAKES = "BRAKES", "Checking the brakes"
    PUSH = "PUSH", "Writing"
    CLOSE = "CLOSE", "Closing"
    DONE = "DONE", "Finished"


class RunState(Word):
    """How a run stands."""

    QUEUED = "QUEUED", "Queued"
    RUNNING = "RUNNING", "Running"
    SUCCEEDED = "SUCCEEDED", "Succeeded"
    PARTIAL = "PARTIAL", "Finished, some records need attention"
    BRAKED = "BRAKED", "Stopped by a brake"
    FAILED = "FAILED", "Failed"
    CANCELLED = "CANCELLED", "Cancelled"
    ABANDONED = "ABANDONED", "Abandoned"

    @property
    def active(self) -> bool:
        """Whether it still holds its config's place."""
        return self in (RunState.QUEUED, RunState.RUNNING)
