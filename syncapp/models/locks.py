"""Leases and rate buckets: one row each, changed by one guarded statement.

Owns the rows. The arithmetic is in `services.leases` and `services.governor`.
"""

from __future__ import annotations

from django.db import models

from syncapp.engine.wording import later


class Lease(models.Model):
    """Who may act under a name, until when. `fence` grows with every taking."""

    name = models.CharField(max_length=100, primary_key=True)
    fence = models.BigIntegerField(default=0)
    owner = models.CharField(max_length=100, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} (fence {self.fence})"


class Bucket(models.Model):
    """One limit of one connection. Times are seconds since the epoch.

    `tat` is the theoretical arrival time of GCRA; `blocked_until` is set when the vendor said stop; `used` counts the day or month.
    """

    name = models.CharField(max_length=100, primary_key=True)
    tat = models.FloatField(default=0)
    blocked_until = models.FloatField(default=0)
    allowed = models.PositiveIntegerField(help_text=later("Calls allowed within the period."))
    period = models.FloatField(help_text=later("Seconds."))
    used = models.PositiveIntegerField(default=0)
    used_since = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.name
