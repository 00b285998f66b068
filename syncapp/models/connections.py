"""Accounts at the vendors, and the tokens that open them.

Owns what is remembered of a connection. Seals and opens no token: `services.credentials` does.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models

from syncapp.engine import vocabulary, wording


class Connection(models.Model):
    """One account at one vendor, in one environment."""

    system = models.CharField(
        wording.later("system"), max_length=20, choices=vocabulary.System.choices(), help_text=wording.later("Which vendor.")
    )
    environment = models.CharField(
        wording.later("environment"),
        max_length=20,
        choices=vocabulary.Environment.choices(),
        help_text=wording.later(
            "Whether this is the company's real account, a test account of the vendor, or the sandbox on this machine."
        ),
    )
    external_id = models.CharField(
        wording.later("account id"), max_length=64, help_text=wording.later("The portal id (HubSpot) or realm id (QuickBooks).")
    )
    name = models.CharField(
        wording.later("name"), max_length=200, blank=True, help_text=wording.later("The account's own name, as the vendor tells it.")
    )
    currency = models.CharField(max_length=3, blank=True, help_text=wording.later("The account's home currency."))
    time_zone = models.CharField(
        max_length=64, default="UTC", help_text=wording.later("The account's time zone; relative dates in filters follow it.")
    )
    details = models.JSONField(default=dict, blank=True, help_text=wording.later("Other facts the vendor tells of the account."))
    status = models.CharField(
        wording.later("status"),
        max_length=20,
        choices=vocabulary.ConnectionStatus.choices(),
        default=vocabulary.ConnectionStatus.CONNECTED,
        help_text=wording.later("Whether the connection can be used."),
    )
    paused = models.BooleanField(default=False, help_text=wording.later("While paused, no sync reads from or writes to this account."))
    limits = models.JSONField(default=dict, blank=True, help_text=wording.later("The vendor's limits as its answers last told them."))
    last_call_at = models.DateTimeField(null=True, blank=True, help_text=wording.later("When this account last answered a call."))
    last_error = models.CharField(
        wording.later("last error"), max_length=500, blank=True, help_text=wording.later("What the last failed call was told.")
    )
    own_fields = models.JSONField(
        default=list, blank=True, help_text=wording.later("Our own properties at the vendor, and how each stands.")
    )
    key_states = models.JSONField(
        default=dict, blank=True,
        help_text=wording.later("By kind of record, how the property stands that keeps the sync's key, as of the last reading."),
    )
    clock_lead = models.IntegerField(
        null=True, blank=True,
        help_text=wording.later("Seconds by which the clock here is ahead of the vendor's, by one of its last answers."),
    )
    fields_read_at = models.DateTimeField(null=True, blank=True, help_text=wording.later("When the list of fields was last read."))
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        help_text=wording.later("Who connected it."),
    )
    connected_at = models.DateTimeField(auto_now_add=True, help_text=wording.later("When it was first connected."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "environment", "external_id"], name="one_connection_per_account"),
        ]
        ordering = ["system", "name", "pk"]
        verbose_name = wording.later("connection")
        verbose_name_plural = wording.later("connections")

    def __str__(self) -> str:
        return f"{vocabulary.System(self.system).label}: {self.name or self.external_id}"

    @property
    def usable(self) -> bool:
        """Whether calls may be made at all."""
        return self.status == vocabulary.ConnectionStatus.CONNECTED and not self.paused


class Credential(models.Model):
    """The sealed tokens of a connection. On no page and in no export."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="credential")
    access_token = models.TextField(help_text=wording.later("Sealed."))
    refresh_token = models.TextField(blank=True, help_text=wording.later("Sealed; blank for a service key."))
    access_expires_at = models.DateTimeField(null=True, blank=True, help_text=wording.later("Empty: does not expire."))
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_ends_at = models.DateTimeField(null=True, blank=True, help_text=wording.later("The absolute end, where the vendor tells it."))
    scopes = models.JSONField(default=list, blank=True)
    client_id = models.CharField(max_length=200, blank=True, help_text=wording.later("The app that the tokens were issued to."))
    key_id = models.CharField(max_length=32, help_text=wording.later("Which encryption key sealed them."))
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return wording.say("Credential of connection {number}", number=self.connection_id)


class VendorField(models.Model):
    """One field that an account's records have, for pickers and checks."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="vendor_fields", verbose_name=wording.later("connection")
    )
    kind = models.CharField(wording.later("kind"), max_length=40, help_text=wording.later("The kind of record, e.g. contacts."))
    name = models.CharField(wording.later("name"), max_length=200, help_text=wording.later("The vendor's own name of the field."))
    label = models.CharField(wording.later("label"), max_length=200)
    type = models.CharField(wording.later("type"), max_length=20, choices=vocabulary.FieldType.choices())
    writable = models.BooleanField(wording.later("writable"), default=True)
    required = models.BooleanField(default=False)
    unique_value = models.BooleanField(default=False)
    max_length = models.PositiveIntegerField(null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True, help_text=wording.later("Value and label of each choice."))
    associated_kind = models.CharField(
        max_length=40, blank=True, help_text=wording.later("Set where the field belongs to an associated record.")
    )
    reason = models.CharField(wording.later("why it is not offered"), max_length=300, blank=True)
    currency = models.CharField(max_length=3, blank=True, help_text=wording.later("Set where the field holds an amount of money."))
    refers_to = models.CharField(max_length=40, blank=True, help_text=wording.later("The kind of record whose id it holds."))
    initial = models.CharField(max_length=100, blank=True, help_text=wording.later("What the vendor gives every new record."))
    later = models.BooleanField(default=False, help_text=wording.later("It is written once the record is there."))
    yields = models.BooleanField(default=False, help_text=wording.later("What a person puts into it is never undone."))
    archived = models.BooleanField(default=False, help_text=wording.later("The account no longer has it."))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "name"], name="one_field_per_name")]
        ordering = ["kind", "associated_kind", "label", "name"]
        verbose_name = wording.later("vendor field")
        verbose_name_plural = wording.later("vendor fields")

    def __str__(self) -> str:
        system = vocabulary.System(self.connection.system).label.split()[0]
        facts = [
            self.name, vocabulary.FieldType(self.type).label.lower(),
            *([wording.say("in {currency}", currency=self.currency)] if self.currency else []),
            *([] if self.writable else [wording.say("read-only")]),
        ]
        return f"{system} · {self.label} ({', '.join(facts)})"
