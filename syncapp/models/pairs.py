"""Two records that are the same one, what they last agreed on, and what they disagree about.

Owns a pair's state. Every record has exactly one pair per config, with or without a partner.
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import masking, vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import configs, records, rows


class RecordPair(rows.QuicklyRead):
    """A record with its partner, or still without one."""

    config = models.ForeignKey(
        configs.SyncConfig, on_delete=models.CASCADE, related_name="pairs", verbose_name=later("config"), db_index=False
    )
    left = models.ForeignKey(
        records.Record, null=True, blank=True, on_delete=models.PROTECT, related_name="pairs_left", verbose_name=later("HubSpot record"),
        db_index=False,
    )
    right = models.ForeignKey(
        records.Record, null=True, blank=True, on_delete=models.PROTECT, related_name="pairs_right", db_index=False,
        verbose_name=later("QuickBooks record"),
    )
    key = models.UUIDField(
        default=uuid.uuid4, editable=False, unique=True, help_text=later("Our own key of the pair, also kept on the records we create.")
    )
    base_left = models.JSONField(default=dict, help_text=later("What HubSpot held when both were last agreed, by mapping."))
    base_right = models.JSONField(default=dict, help_text=later("What QuickBooks held when both were last agreed, by mapping."))
    flagged = models.JSONField(
        default=list, help_text=later("Mappings whose value a side rewrites by itself, or that an undo left different.")
    )
    state = models.CharField(max_length=15, choices=vocabulary.PairState.choices(), default=vocabulary.PairState.HALF)
    reason = models.CharField(max_length=25, choices=vocabulary.Reason.choices(), default=vocabulary.Reason.NONE)
    detail = models.JSONField(default=dict, help_text=later("The fields, conditions and values behind the reason."))
    excluded_by_hand = models.BooleanField(default=False)
    alone = models.BooleanField(default=False, help_text=later("A person said that none of the possible partners is the same."))
    archive_wanted = models.BigIntegerField(
        null=True, blank=True,
        help_text=later("The revision of the record whose partner was deleted, at which a person wanted it archived too."),
    )
    was_linked = models.BooleanField(default=False, help_text=later("Both sides were in sync at some time."))
    dirty = models.BooleanField(default=True, help_text=later("Something changed since it was last planned."))
    rules_revision = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(later("last in sync"), null=True, blank=True)
    failing_since = models.DateTimeField(
        null=True, blank=True,
        help_text=later("When it began to fail; a retry in vain does not begin anew. Empty once it is at rest elsewhere."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "config"], name="one_pair_per_left_record"),
            models.UniqueConstraint(fields=["right", "config"], name="one_pair_per_right_record"),
            models.CheckConstraint(condition=Q(left__isnull=False) | Q(right__isnull=False), name="a_pair_has_a_record"),
        ]
        indexes = [
            models.Index(fields=["state", "config", "id"], name="pair_state"),
            models.Index(fields=["config", "id"], name="pair_place"),
            models.Index(fields=["config", "rules_revision"], name="pair_rules"),
            # Later than `pair_place`: of equals SQLite takes the latest.
            models.Index(fields=["config", "id"], name="pair_dirty", condition=Q(dirty=True)),
            models.Index(fields=["config", "id"], name="pair_retried", condition=Q(retry_at__isnull=False)),
        ]
        verbose_name = later("record pair")
        verbose_name_plural = later("record pairs")
        permissions = [
            ("export_recordpair", "Can export records"),
            ("see_personal_values", "Can see e-mail addresses, phone numbers and postal addresses"),
        ]

    def __str__(self) -> str:
        return " ↔ ".join(str(record) for record in (self.left, self.right) if record is not None)

    @property
    def standing(self) -> vocabulary.Standing:
        """The word operators see."""
        return vocabulary.PairState(self.state).standing


class Conflict(models.Model):
    """One field that both sides changed: both values, who won and why."""

    pair = models.ForeignKey(RecordPair, on_delete=models.CASCADE, related_name="conflicts")
    key = models.CharField(max_length=12, help_text=later("The mapping's key."))
    field_label = models.CharField(later("field"), max_length=200)
    base = models.JSONField(null=True, help_text=later("What was last agreed."))
    left = models.JSONField(later("HubSpot value"), null=True)
    right = models.JSONField(later("QuickBooks value"), null=True)
    status = models.CharField(
        later("status"), max_length=10, choices=vocabulary.ConflictStatus.choices(), default=vocabulary.ConflictStatus.OPEN
    )
    winner = models.CharField(max_length=10, choices=vocabulary.Side.choices(), blank=True)
    why = models.CharField(later("why"), max_length=300, blank=True)
    chosen = models.JSONField(null=True, help_text=later("The value a person chose."))
    applied = models.BooleanField(default=False, help_text=later("The person's choice has reached both sides."))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "key"], condition=Q(status="OPEN"), name="one_open_conflict_per_field")]
        ordering = ["-created_at", "-pk"]
        verbose_name = later("conflict")
        verbose_name_plural = later("conflicts")

    def __str__(self) -> str:
        if masking.applies():
            return self.field_label
        return say("{field}: {left} or {right}", field=self.field_label, left=self.left, right=self.right)
