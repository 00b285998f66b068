"""What the vendors' webhooks told, and how much of it.

Owns ids and counts only: of the values in an event nothing is kept.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.engine.wording import later, say
from syncapp.models import connections


class WebhookDelivery(models.Model):
    """The events of one delivery that concern one account."""

    system = models.CharField(max_length=20, choices=vocabulary.System.choices(), help_text=later("Which vendor sent it."))
    connection = models.ForeignKey(
        connections.Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries",
        help_text=later("The account it is about. Empty where it could not be read."),
    )
    digest = models.CharField(max_length=64, unique=True, help_text=later("Of its events, so that one that comes again is known."))
    state = models.CharField(
        max_length=12, choices=vocabulary.DeliveryState.choices(), default=vocabulary.DeliveryState.WAITING,
        help_text=later("Whether its records were marked to be read again."),
    )
    events = models.PositiveIntegerField(default=0, help_text=later("How many events it held."))
    mentions = models.JSONField(default=list, help_text=later("Kind, id and time of change of each record it is about."))
    received_at = models.DateTimeField(help_text=later("When it came."))
    worked_at = models.DateTimeField(null=True, blank=True, help_text=later("When its records were marked."))

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="delivery_waiting", condition=Q(state="WAITING")),
            models.Index(fields=["connection", "-received_at"], name="delivery_latest"),
            models.Index(fields=["received_at"], name="delivery_age"),
        ]

    def __str__(self) -> str:
        return say("{number} events from {vendor}", number=self.events, vendor=vocabulary.System(self.system).label)


class WebhookTally(models.Model):
    """How many webhooks came: of one account, or of a vendor where no account of ours is known."""

    system = models.CharField(max_length=20, choices=vocabulary.System.choices(), help_text=later("Which vendor."))
    connection = models.ForeignKey(
        connections.Connection, null=True, blank=True, on_delete=models.CASCADE, related_name="+",
        help_text=later("The account. Empty for what belongs to none of ours."),
    )
    received = models.PositiveBigIntegerField(default=0, help_text=later("Deliveries that told something new."))
    events = models.PositiveBigIntegerField(default=0, help_text=later("Events in them."))
    duplicates = models.PositiveBigIntegerField(default=0, help_text=later("Deliveries that had come before."))
    unknown = models.PositiveBigIntegerField(
        default=0, help_text=later("Events about what is not synced, or about accounts that are not ours.")
    )
    unreadable = models.PositiveBigIntegerField(
        default=0, help_text=later("Deliveries that could not be read, though the vendor signed them.")
    )
    refused = models.PositiveBigIntegerField(default=0, help_text=later("Requests without a good signature."))
    last_at = models.DateTimeField(null=True, blank=True, help_text=later("When the last delivery came that the vendor signed."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection"], condition=Q(connection__isnull=False), name="one_tally_per_connection"),
            models.UniqueConstraint(fields=["system"], condition=Q(connection__isnull=True), name="one_tally_per_vendor"),
        ]

    def __str__(self) -> str:
        return say("Webhooks of {account}", account=self.connection or vocabulary.System(self.system).label)
