"""Who looks after a pair, until when its failure is put aside, what people noted about it, and who did each of that when.

Owns what people say among themselves. The engine reads and writes nothing of it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from syncapp.engine import vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import pairs

LONGEST_NOTE = 300


class PairCare(models.Model):
    """What people agreed about one pair. A pair that nobody cared for has none."""

    pair = models.OneToOneField(pairs.RecordPair, on_delete=models.CASCADE, related_name="care", help_text=later("The pair it is about."))
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=later("assigned to"),
        help_text=later("Who looks after it. Empty: nobody yet."),
    )
    snoozed_until = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text=later("Until then it is not among what needs a person, unless its cause changes.")
    )
    snoozed_at = models.DateTimeField(
        null=True, blank=True, help_text=later("When it was put aside. A failure that began later is another one.")
    )
    snoozed_reason = models.CharField(max_length=25, blank=True, help_text=later("The reason it failed for when it was put aside."))
    snoozed_code = models.CharField(max_length=40, blank=True, help_text=later("The vendor's code at that time."))
    note = models.CharField(max_length=LONGEST_NOTE, blank=True, help_text=later("What people should know about it."))
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=later("Who wrote the note.")
    )
    noted_at = models.DateTimeField(null=True, blank=True, help_text=later("When the note was written."))

    class Meta:
        verbose_name = later("care of a pair")
        verbose_name_plural = later("care of pairs")

    def __str__(self) -> str:
        return say("Care of pair {number}", number=self.pair_id)


class CareEvent(models.Model):
    """One thing that a person did about a pair. Only added to."""

    pair = models.ForeignKey(
        pairs.RecordPair, on_delete=models.CASCADE, related_name="care_events", help_text=later("The pair it is about.")
    )
    verb = models.CharField(max_length=10, choices=vocabulary.CareVerb.choices(), help_text=later("What was done."))
    words = models.CharField(
        max_length=LONGEST_NOTE, blank=True, help_text=later("The note, or who looks after it. Empty: nothing, or nobody.")
    )
    until = models.DateTimeField(null=True, blank=True, help_text=later("Until when it was put aside."))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", help_text=later("Who did it.")
    )
    at = models.DateTimeField(help_text=later("When it was done."))

    class Meta:
        default_permissions = ()
        ordering = ["-at", "-pk"]
        verbose_name = later("event in the care of a pair")
        verbose_name_plural = later("events in the care of pairs")

    def __str__(self) -> str:
        return f"{vocabulary.CareVerb(self.verb).label} {self.words}".strip()
