"""Runs of a sync, where reading stands, and the ids to look at again.

Owns progress. One run a config is active at a time.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import configs, connections


class SyncRun(models.Model):
    """One pass over a config: read, match, plan, brake, push."""

    config = models.ForeignKey(configs.SyncConfig, on_delete=models.CASCADE, related_name="runs", verbose_name=later("sync"))
    kind = models.CharField(later("kind"), max_length=10, choices=vocabulary.RunKind.choices())
    trigger = models.CharField(later("trigger"), max_length=10, choices=vocabulary.RunTrigger.choices())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=later("started by")
    )
    account = models.CharField(
        max_length=150, blank=True, help_text=later("The account on the machine that started it, where a command did.")
    )
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="undone_by",
        help_text=later("The run whose writes it takes back."),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=later("Who had what it showed carried out. Only for an undo."),
    )
    approved_at = models.DateTimeField(
        null=True, blank=True, help_text=later("Since when what it showed may be written. Only for an undo.")
    )
    preview = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="carried_out_by",
        help_text=later("The approved preview it carries out."),
    )
    rules = models.JSONField(default=dict, help_text=later("The frozen rules it obeys."))
    rules_revision = models.PositiveIntegerField(default=0)
    state = models.CharField(later("state"), max_length=10, choices=vocabulary.RunState.choices(), default=vocabulary.RunState.QUEUED)
    phase = models.CharField(max_length=10, choices=vocabulary.RunPhase.choices(), default=vocabulary.RunPhase.WAITING)
    counts = models.JSONField(default=dict, help_text=later("What it did so far."))
    brakes = models.JSONField(default=list, help_text=later("The brakes that stopped it, in words."))
    brakes_confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=later("Who confirmed first what a brake stopped. Only where two people have to."),
    )
    brakes_confirmed_at = models.DateTimeField(null=True, blank=True, help_text=later("When the first of two people confirmed it."))
    brakes_released_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    words = models.CharField(later("what happened"), max_length=500, blank=True)
    rounds = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(later("created at"), auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True, help_text=later("The last sign of life."))
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["config"], condition=Q(state__in=["QUEUED", "RUNNING"]), name="one_active_run_per_config"),
        ]
        indexes = [
            models.Index(fields=["config", "-created_at"], name="run_latest"),
            models.Index(fields=["state", "config"], name="run_state"),
        ]
        ordering = ["-pk"]
        permissions = [("confirm_brake", "Can confirm what a brake stopped")]
        verbose_name = later("run")
        verbose_name_plural = later("runs")

    def __str__(self) -> str:
        return say("Run {number} of {sync}", number=self.pk, sync=self.config)


class SyncCursor(models.Model):
    """How far a stream of a connection has been read. Times are the vendor's."""

    connection = models.ForeignKey(connections.Connection, on_delete=models.CASCADE, related_name="cursors")
    kind = models.CharField(max_length=40)
    stream = models.CharField(max_length=12, help_text=later("changes, archived, delayed or listing"))
    since = models.DateTimeField(null=True, blank=True, help_text=later("Everything before this has been read."))
    until = models.DateTimeField(null=True, blank=True, help_text=later("The fixed end of the window being read."))
    token = models.TextField(blank=True, help_text=later("The page to go on with."))
    fields_digest = models.CharField(max_length=64, blank=True, help_text=later("Which fields were read; others need a new listing."))
    completed_at = models.DateTimeField(null=True, blank=True)
    seen = models.PositiveIntegerField(default=0, help_text=later("Records seen in the pass under way or last completed."))
    known = models.PositiveIntegerField(default=0, help_text=later("Live records that were known when the pass began."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "stream"], name="one_cursor_per_stream")]

    def __str__(self) -> str:
        return f"{self.stream} of {self.kind} at connection {self.connection_id}"


class Hint(models.Model):
    """An id to read again. `seq` grows with each mention, so that one during the read is not lost."""

    connection = models.ForeignKey(connections.Connection, on_delete=models.CASCADE, related_name="hints")
    kind = models.CharField(max_length=40)
    external_id = models.CharField(max_length=64)
    seq = models.PositiveIntegerField(default=1)
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "external_id"], name="one_hint_per_record")]

    def __str__(self) -> str:
        return f"{self.kind} {self.external_id}: {self.reason}"
