"""Our mirror of the remote records, and how they hang together.

Owns what was last seen. Never holds a value we merely sent.

No foreign key has an index of its own where a wider index begins with it: SQLite, which knows no numbers, takes the narrow one and walks
through all that an account or a sync has.
"""

from __future__ import annotations

from django.db import models

from syncapp.engine import masking, vocabulary
from syncapp.engine.wording import later
from syncapp.models import connections, rows

_BEGINNINGS = ["int8_ops", "varchar_ops", "varchar_pattern_ops"]
"""So that PostgreSQL finds by the beginning of a text in any collation, too."""


class Record(rows.QuicklyRead):
    """One remote record as last observed: mapped, key, filter and reference fields only."""

    connection = models.ForeignKey(connections.Connection, on_delete=models.CASCADE, related_name="records", db_index=False)
    kind = models.CharField(max_length=40)
    external_id = models.CharField(later("id"), max_length=64)
    label = models.CharField(later("name"), max_length=300, blank=True)
    name_start = models.CharField(max_length=60, blank=True, default="", help_text=later("How the name begins, folded, to be found by."))
    name_end = models.CharField(
        max_length=60, blank=True, default="", help_text=later("The last of several words of the name, folded, to be found by.")
    )
    revision_number = models.BigIntegerField(default=0)
    revision_token = models.CharField(max_length=40, blank=True)
    remote_created_at = models.DateTimeField(null=True, blank=True)
    remote_updated_at = models.DateTimeField(null=True, blank=True)
    values = models.JSONField(default=dict)
    past = models.JSONField(default=dict, help_text=later("Earlier values by field, newest first, as far as seen here."))
    fingerprint = models.CharField(max_length=64, blank=True)
    key1 = models.CharField(max_length=300, blank=True)
    key2 = models.CharField(max_length=300, blank=True)
    key3 = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=vocabulary.RecordState.choices(), default=vocabulary.RecordState.LIVE)
    merged_into = models.CharField(max_length=64, blank=True)
    observed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "kind", "external_id"], name="one_record_per_id")]
        indexes = [
            models.Index(fields=["connection", "kind", "key1"], name="record_key1", opclasses=_BEGINNINGS),
            models.Index(fields=["connection", "kind", "key2"], name="record_key2", opclasses=_BEGINNINGS),
            models.Index(fields=["connection", "kind", "key3"], name="record_key3"),
            models.Index(fields=["name_start"], name="record_name_start", opclasses=_BEGINNINGS[-1:]),
            models.Index(fields=["name_end"], name="record_name_end", opclasses=_BEGINNINGS[-1:]),
        ]

    def __str__(self) -> str:
        return masking.text(self.label) or f"{self.kind} {self.external_id}"


class RecordLink(rows.QuicklyRead):
    """One association between two remote records of one connection. Position 0 is the primary one."""

    connection = models.ForeignKey(connections.Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    from_kind = models.CharField(max_length=40)
    from_id = models.CharField(max_length=64)
    to_kind = models.CharField(max_length=40)
    to_id = models.CharField(max_length=64)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "from_kind", "from_id", "to_kind", "to_id"], name="one_link_per_ends"),
        ]
        indexes = [models.Index(fields=["connection", "to_kind", "to_id", "from_kind"], name="link_backwards")]
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.from_kind} {self.from_id} → {self.to_kind} {self.to_id}"
