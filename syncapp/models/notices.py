"""What people are told.

Owns the notice. Sends nothing.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from syncapp.engine import masking, telling
from syncapp.engine.wording import later


class Notice(models.Model):
    """Something a person should know or do. One open notice per subject."""

    subject = models.CharField(max_length=100, help_text=later("What it is about, e.g. connection 3 needs to be connected again."))
    words = models.CharField(later("words"), max_length=500)
    link = models.CharField(max_length=200, blank=True, help_text=later("The page where it is dealt with."))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=later("The only person who is told. Empty: everybody who may see notices."),
    )
    kind = models.CharField(
        later("kind"), max_length=10, choices=telling.NoticeKind.noticed(), default=telling.NoticeKind.OTHER,
        help_text=later("By which people choose what they are told of by e-mail."),
    )
    urgent = models.BooleanField(later("urgent"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject"], condition=Q(closed_at__isnull=True), name="one_open_notice_per_subject")]
        ordering = ["-created_at", "-pk"]
        verbose_name = later("notice")
        verbose_name_plural = later("notices")

    def __str__(self) -> str:
        return masking.text(self.words)
