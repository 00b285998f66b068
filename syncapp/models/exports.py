"""Lists of records as people keep them, and the files that were made of them.

Owns the saved view and the export. Writes no file and sends no mail: `services.exports` does.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.models import configs


class SavedView(models.Model):
    """Columns and filters of the list of records. The one without a name remembers the columns that a person chose last."""

    name = models.CharField(max_length=100, blank=True, help_text="How the view is called above the list.")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="Who made it, and may change and delete it."
    )
    shared = models.BooleanField(default=False, help_text="Everybody who may see records can open it; only its owner can change it.")
    config = models.ForeignKey(
        configs.SyncConfig, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name="sync",
        help_text="The sync whose fields it shows. Empty: the records of all syncs, without their fields.",
    )
    columns = models.JSONField(default=list, help_text="The columns, in their order.")
    query = models.TextField(blank=True, help_text="The filters and the search, as they stand in the address of the list.")
    updated_at = models.DateTimeField(auto_now=True, help_text="When it was last saved.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], condition=~Q(name=""), name="one_view_per_name"),
            models.UniqueConstraint(
                fields=["owner", "config"], condition=Q(name="", config__isnull=False), name="one_choice_of_columns_per_sync"
            ),
            models.UniqueConstraint(fields=["owner"], condition=Q(name="", config__isnull=True), name="one_choice_of_columns_for_all"),
        ]
        ordering = ["name", "pk"]
        verbose_name = "saved view"

    def __str__(self) -> str:
        return self.name or f"Columns of {self.owner}"


class ExportFile(models.Model):
    """One export: what was asked for, how far it is, and the file. The file lies outside of everything that is served."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text="Who asked for it and gets it by e-mail."
    )
    name = models.CharField(max_length=100, help_text="What was exported: the saved view or the sync.")
    config = models.ForeignKey(
        configs.SyncConfig, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name="sync",
        help_text="The sync whose fields it shows.",
    )
    query = models.TextField(blank=True, help_text="The filters and the search it obeys.")
    columns = models.JSONField(default=list, help_text="Its columns, in their order.")
    format = models.CharField(max_length=10, choices=vocabulary.ExportFormat.choices(), help_text="What kind of file it is.")
    state = models.CharField(
        max_length=10, choices=vocabulary.ExportState.choices(), default=vocabulary.ExportState.QUEUED, help_text="How far it is."
    )
    done = models.PositiveIntegerField(default=0, help_text="Records written so far.")
    total = models.PositiveIntegerField(default=0, help_text="Records to write.")
    file = models.CharField(max_length=100, blank=True, help_text="The file's name in the directory of exports.")
    size = models.PositiveBigIntegerField(default=0, help_text="Its length in bytes.")
    digest = models.CharField(max_length=64, blank=True, help_text="The SHA-256 sum of the file.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often writing it was begun.")
    beat_at = models.DateTimeField(null=True, blank=True, help_text="The last sign of life while it is written.")
    mail_attempts = models.PositiveSmallIntegerField(default=0, help_text="How often sending it was tried.")
    mailed_at = models.DateTimeField(null=True, blank=True, help_text="When it was handed to the mail server.")
    mail_words = models.CharField(max_length=300, blank=True, help_text="What became of the e-mail.")
    error = models.CharField(max_length=300, blank=True, help_text="Why it failed.")
    created_at = models.DateTimeField(auto_now_add=True, help_text="When it was asked for.")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="When the file was complete.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="When the file is removed.")

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"], name="export_state")]
        ordering = ["-pk"]
        verbose_name = "export"

    def __str__(self) -> str:
        return f"Export {self.pk} of {self.name}"
