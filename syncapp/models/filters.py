"""Which records a sync lets in.

Owns the groups and their conditions. Whether a record passes is decided by the engine.
"""

from __future__ import annotations

from django.db import models

from syncapp.engine import vocabulary
from syncapp.engine.wording import later
from syncapp.models import configs, connections


class FilterGroup(models.Model):
    """A set of conditions that must all hold. A record passes when any group of its side does."""

    config = models.ForeignKey(configs.SyncConfig, on_delete=models.CASCADE, related_name="filter_groups")
    side = models.CharField(max_length=10, choices=vocabulary.Side.choices(), help_text=later("Whose records it lets in."))
    position = models.PositiveIntegerField(later("position"), default=0)
    name = models.CharField(
        later("name"), max_length=100, default="Filter group", help_text=later("How the group is called where a record is excluded.")
    )

    class Meta:
        ordering = ["side", "position", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({vocabulary.Side(self.side).label})"


class FilterRule(models.Model):
    """One condition of a group."""

    group = models.ForeignKey(FilterGroup, on_delete=models.CASCADE, related_name="rules")
    field = models.ForeignKey(
        connections.VendorField, on_delete=models.PROTECT, related_name="+", verbose_name=later("field"),
        help_text=later("A field of the record or of an associated one."),
    )
    operator = models.CharField(later("operator"), max_length=30, choices=vocabulary.FilterOperator.choices())
    values = models.JSONField(default=list, blank=True, help_text=later("What it is compared with."))
    include_unset = models.BooleanField(later("or is empty"), default=False, help_text=later("Also let records in that have no value."))
    frozen = models.BooleanField(default=False, help_text=later("Filled in when the sync was set up; a date stays as it was on that day."))
    position = models.PositiveIntegerField(later("position"), default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.field.label} {vocabulary.FilterOperator(self.operator).label} {', '.join(map(str, self.values))}".strip()
