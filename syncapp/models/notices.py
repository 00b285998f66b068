"""What people are told.

Owns the notice. Sends nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import telling


class Notice(models.Model):
    """Something a person should know or do. One open notice per subject."""

    subject = models.CharField(max_length=100, help_text="What it is about, e.g. connection 3 needs to be connected again.")
    words = models.CharField(max_length=500)
    link = models.CharField(max_length=200, blank=True, help_text="The page where it is dealt with.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text="The only person who is told. Empty: everybody who may see notices.",
    )
    kind = models.CharField(
        max_length=10, choices=telling.NoticeKind.noticed(), default=telling.NoticeKind.OTHER,
        help_text="By which people choose what they are told of by e-mail.",
    )
    urgent = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject"], condition=Q(closed_at__isnull=True), name="one_open_notice_per_subject")]
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.words
