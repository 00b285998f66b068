"""A file that a person uploaded, between its preview and carrying it out.

Owns the lines as they were read. What they mean is told anew each time by `services.imports`; the file itself is not kept.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from syncapp.engine import vocabulary
from syncapp.engine.wording import later
from syncapp.models import configs, mappings


class ImportDraft(models.Model):
    """The lines of one file. Removed when it is carried out, when another takes its place, or when its time is over."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+",
        help_text=later("Who uploaded it. Nobody else can see it or carry it out."),
    )
    config = models.ForeignKey(
        configs.SyncConfig, on_delete=models.CASCADE, related_name="+", verbose_name=later("sync"),
        help_text=later("The sync that it changes."),
    )
    mapping = models.ForeignKey(
        mappings.FieldMapping, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=later("The mapping whose value map it changes. Empty for all other kinds."),
    )
    kind = models.CharField(max_length=15, choices=vocabulary.ImportKind.choices(), help_text=later("What its lines are."))
    replaces = models.BooleanField(
        default=False, help_text=later("On: the value map becomes what the file holds. Off: the file adds to it.")
    )
    name = models.CharField(later("file"), max_length=100, help_text=later("How the file was called."))
    lines = models.JSONField(default=list, help_text=later("Number, cells by column, and what is wrong with the cells, of every line."))
    created_at = models.DateTimeField(auto_now_add=True, help_text=later("When it was uploaded."))
    expires_at = models.DateTimeField(help_text=later("When it is removed."))

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="import_draft_over")]
        verbose_name = later("import")
        verbose_name_plural = later("imports")

    def __str__(self) -> str:
        return self.name
