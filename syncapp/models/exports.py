"""Lists of records as people keep them, the files that were made of lists, and which are made anew by themselves.

Owns the saved view, the export and its schedule. Writes no file and sends no mail: `services.exports` does.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import configs


class SavedView(models.Model):
    """Columns and filters of the list of records. The one without a name remembers the columns that a person chose last."""

    name = models.CharField(max_length=100, blank=True, help_text=later("How the view is called above the list."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", help_text=later("Who made it, and may change and delete it.")
    )
    shared = models.BooleanField(default=False, help_text=later("Everybody who may see records can open it; only its owner can change it."))
    config = models.ForeignKey(
        configs.SyncConfig, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=later("sync"),
        help_text=later("The sync whose fields it shows. Empty: the records of all syncs, without their fields."),
    )
    columns = models.JSONField(default=list, help_text=later("The columns, in their order."))
    query = models.TextField(blank=True, help_text=later("The filters and the search, as they stand in the address of the list."))
    updated_at = models.DateTimeField(auto_now=True, help_text=later("When it was last saved."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], condition=~Q(name=""), name="one_view_per_name"),
            models.UniqueConstraint(
                fields=["owner", "config"], condition=Q(name="", config__isnull=False), name="one_choice_of_columns_per_sync"
            ),
            models.UniqueConstraint(fields=["owner"], condition=Q(name="", config__isnull=True), name="one_choice_of_columns_for_all"),
        ]
        ordering = ["name", "pk"]
        verbose_name = later("saved view")
        verbose_name_plural = later("saved views")

    def __str__(self) -> str:
        return self.name or say("Columns of {owner}", owner=self.owner)


class ExportFile(models.Model):
    """One export: what was asked for, how far it is, and the file. The file lies outside of everything that is served."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=later("owner"),
        help_text=later("Who asked for it and gets it by e-mail."),
    )
    content = models.CharField(
        max_length=10, choices=vocabulary.ExportContent.choices(), default=vocabulary.ExportContent.RECORDS,
        help_text=later("What it holds."),
    )
    name = models.CharField(later("name"), max_length=100, help_text=later("What was exported: the saved view, the sync or the run."))
    config = models.ForeignKey(
        configs.SyncConfig, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=later("sync"),
        help_text=later("The sync whose fields it shows."),
    )
    query = models.TextField(blank=True, help_text=later("The filters and the search it obeys."))
    columns = models.JSONField(default=list, help_text=later("Its columns, in their order."))
    format = models.CharField(max_length=10, choices=vocabulary.ExportFormat.choices(), help_text=later("What kind of file it is."))
    state = models.CharField(
        max_length=10, choices=vocabulary.ExportState.choices(), default=vocabulary.ExportState.QUEUED, help_text=later("How far it is.")
    )
    done = models.PositiveIntegerField(default=0, help_text=later("Records, entries or conflicts written so far."))
    total = models.PositiveIntegerField(default=0, help_text=later("Records, entries or conflicts to write."))
    file = models.CharField(max_length=100, blank=True, help_text=later("The file's name in the directory of exports."))
    size = models.PositiveBigIntegerField(default=0, help_text=later("Its length in bytes."))
    digest = models.CharField(max_length=64, blank=True, help_text=later("The SHA-256 sum of the file."))
    attempts = models.PositiveSmallIntegerField(default=0, help_text=later("How often writing it was begun."))
    beat_at = models.DateTimeField(null=True, blank=True, help_text=later("The last sign of life while it is written."))
    mail_attempts = models.PositiveSmallIntegerField(default=0, help_text=later("How often sending it was tried."))
    mailed_at = models.DateTimeField(null=True, blank=True, help_text=later("When it was handed to the mail server."))
    mail_words = models.CharField(max_length=300, blank=True, help_text=later("What became of the e-mail."))
    error = models.CharField(max_length=300, blank=True, help_text=later("Why it failed."))
    created_at = models.DateTimeField(auto_now_add=True, help_text=later("When it was asked for."))
    finished_at = models.DateTimeField(null=True, blank=True, help_text=later("When the file was complete."))
    expires_at = models.DateTimeField(null=True, blank=True, help_text=later("When the file is removed."))

    class Meta:
        indexes = [models.Index(fields=["state", "expires_at"], name="export_state")]
        ordering = ["-pk"]
        verbose_name = later("export")
        verbose_name_plural = later("exports")

    def __str__(self) -> str:
        return say("Export {number} of {name}", number=self.pk, name=self.name)


class ExportSchedule(models.Model):
    """A saved view that is exported by itself, again and again."""

    name = models.CharField(later("name"), max_length=100, help_text=later("The view's name when it was last saved."))
    view = models.ForeignKey(
        SavedView, null=True, on_delete=models.SET_NULL, related_name="schedules", verbose_name=later("saved view"),
        help_text=later("The view whose records are exported, in its columns."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=later("owner"),
        help_text=later("Who gets the files, by e-mail too."),
    )
    format = models.CharField(
        later("format"),
        max_length=10, choices=vocabulary.ExportFormat.choices(), default=vocabulary.ExportFormat.XLSX,
        help_text=later("What kind of file it is."),
    )
    rhythm = models.CharField(
        later("how often"), max_length=10, choices=vocabulary.ExportRhythm.choices(), default=vocabulary.ExportRhythm.WEEKLY,
        help_text=later("How often it is made."),
    )
    weekday = models.CharField(
        later("weekday"),
        max_length=10, choices=vocabulary.Weekday.choices(), default=vocabulary.Weekday.MONDAY,
        help_text=later("For “Every week”: on which day."),
    )
    day = models.PositiveSmallIntegerField(
        later("day of the month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=later("For “Every month”: on which day. A month without that day has it on its last."),
    )
    hour = models.PositiveSmallIntegerField(
        later("hour (UTC)"), default=6, validators=[MaxValueValidator(23)],
        help_text=later("At which full hour, 0 to 23, in UTC. The list tells the next time in your time zone."),
    )
    active = models.BooleanField(later("on"), default=True, help_text=later("Off: nothing is made until it is switched on again."))
    due_at = models.DateTimeField(later("next"), null=True, blank=True, help_text=later("When it is made next."))
    last_export = models.ForeignKey(
        ExportFile, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=later("The export that was made last.")
    )
    last_words = models.CharField(
        later("last result"), max_length=500, blank=True, help_text=later("What came of it last, where no file was made.")
    )
    created_at = models.DateTimeField(auto_now_add=True, help_text=later("When it was first saved."))

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="schedule_due", condition=Q(active=True))]
        ordering = ["name", "pk"]
        verbose_name = later("scheduled export")
        verbose_name_plural = later("scheduled exports")

    def __str__(self) -> str:
        return f"{self.name}, {vocabulary.ExportRhythm(self.rhythm).label.lower()}"
