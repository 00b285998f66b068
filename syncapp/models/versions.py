"""What the settings of a sync were, change by change.

Owns the files as they were. When one is kept is decided by `services.config_versions`.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from syncapp.engine.wording import later
from syncapp.models import configs


class ConfigVersion(models.Model):
    """The settings of a sync after one change."""

    config = models.ForeignKey(configs.SyncConfig, on_delete=models.CASCADE, related_name="versions", verbose_name=later("sync"))
    number = models.PositiveIntegerField(later("version"), help_text=later("Counted from 1 for each sync."))
    content = models.TextField(help_text=later("These settings as a file."))
    digest = models.CharField(max_length=64, help_text=later("SHA-256 of the file; the same settings have the same."))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=later("person"),
        help_text=later("Who changed the settings. Empty where nobody did, or on the command line."),
    )
    made_at = models.DateTimeField(help_text=later("Since when these settings counted."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["config", "number"], name="one_version_per_number")]
        ordering = ["-number"]
        verbose_name = later("version of settings")
        verbose_name_plural = later("versions of settings")

    def __str__(self) -> str:
        return f"{self.config_id}.{self.number}"
