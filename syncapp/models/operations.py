"""Every write, from plan to result: plan, journal and audit in one row, and what the undo of a run left alone.

Owns intent. A finished operation is never changed again.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import configs, pairs, rows, runs


class Operation(rows.QuicklyRead):
    """One write to one record of one side."""

    run = models.ForeignKey(runs.SyncRun, on_delete=models.CASCADE, related_name="operations", db_index=False)
    config = models.ForeignKey(configs.SyncConfig, on_delete=models.CASCADE, related_name="+", db_index=False)
    pair = models.ForeignKey(pairs.RecordPair, on_delete=models.CASCADE, related_name="operations", db_index=False)
    undoes = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False,
        help_text=later("The latest entry that it takes back."),
    )
    side = models.CharField(max_length=10, choices=vocabulary.Side.choices())
    kind = models.CharField(max_length=10, choices=vocabulary.OperationKind.choices())
    level = models.PositiveSmallIntegerField(default=0, help_text=later("Lower levels are written first."))
    record_kind = models.CharField(max_length=40)
    external_id = models.CharField(max_length=64, blank=True)
    expected_number = models.BigIntegerField(null=True, blank=True)
    expected_token = models.CharField(max_length=40, blank=True)
    changes = models.JSONField(default=dict, help_text=later("Before and after by field."))
    keys = models.JSONField(default=dict, help_text=later("The mapping's key by field."))
    whys = models.JSONField(default=dict, help_text=later("The sentence that explains each field."))
    origin_values = models.JSONField(default=dict, help_text=later("The other side's values it was made from, by mapping."))
    idempotency_key = models.CharField(max_length=32)
    batch = models.CharField(max_length=32, blank=True)
    status = models.CharField(max_length=10, choices=vocabulary.OperationStatus.choices(), default=vocabulary.OperationStatus.PLANNED)
    fence = models.BigIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_there_at = models.DateTimeField(
        later("sent, by the vendor's clock"), null=True, blank=True,
        help_text=later("The vendor's own time before a new record was sent; ours may be wrong."),
    )
    unanswered_at = models.DateTimeField(
        later("first sent without an answer"), null=True, blank=True,
        help_text=later("When a new record was first sent and no answer came, by the vendor's clock: it may be made there yet."),
    )
    retry_at = models.DateTimeField(null=True, blank=True)
    error_class = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_words = models.CharField(max_length=500, blank=True)
    error_field = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(later("vendor's request id"), max_length=100, blank=True)
    result_number = models.BigIntegerField(null=True, blank=True)
    result_token = models.CharField(max_length=40, blank=True)
    note = models.CharField(
        max_length=300, blank=True, help_text=later("What else is to be known, e.g. that the answer was lost and read back.")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # As `unique=True` of the field it would have a second index in PostgreSQL, for beginnings that nobody looks for.
            models.UniqueConstraint(fields=["idempotency_key"], name="one_operation_per_key"),
            models.UniqueConstraint(
                fields=["pair"], condition=Q(status__in=["PLANNED", "READY", "SENDING"]), name="one_open_operation_per_pair"
            ),
        ]
        indexes = [
            models.Index(fields=["config", "status", "side", "level", "id"], name="operation_status"),
            models.Index(fields=["config", "sent_at"], name="operation_sending", condition=Q(status="SENDING")),
            models.Index(fields=["run", "id"], name="operation_run"),
            models.Index(fields=["pair", "id"], name="operation_pair"),
            models.Index(fields=["undoes"], name="operation_undoes", condition=Q(undoes__isnull=False)),
            models.Index(fields=["actor"], name="operation_actor", condition=Q(actor__isnull=False)),
        ]
        ordering = ["pk"]
        verbose_name = later("entry")
        verbose_name_plural = later("entries")

    def __str__(self) -> str:
        return say("{what} in {side}", what=vocabulary.OperationKind(self.kind).label, side=vocabulary.Side(self.side).label)


class LeftAlone(models.Model):
    """One field, or one whole record, that the undo of a run did not put back."""

    run = models.ForeignKey(runs.SyncRun, on_delete=models.CASCADE, related_name="left_alone", help_text=later("The undo."))
    pair = models.ForeignKey(pairs.RecordPair, on_delete=models.CASCADE, related_name="+", help_text=later("Whose record it is."))
    side = models.CharField(max_length=10, choices=vocabulary.Side.choices(), help_text=later("Where the run had written."))
    label = models.CharField(later("field"), max_length=200, blank=True, help_text=later("The field. Empty: the whole record."))
    wrote = models.JSONField(null=True, help_text=later("What the run had written."))
    now = models.JSONField(null=True, help_text=later("What was there when the undo looked."))
    why = models.CharField(max_length=300, help_text=later("Why it was left alone, and the way out."))

    class Meta:
        indexes = [models.Index(fields=["run", "pair"], name="left_alone_run")]
        ordering = ["pk"]
        verbose_name = later("field left alone")
        verbose_name_plural = later("fields left alone")

    def __str__(self) -> str:
        what = self.label or say("The record")
        return say("{what} in {side}: {why}", what=what, side=vocabulary.Side(self.side).label, why=self.why)
