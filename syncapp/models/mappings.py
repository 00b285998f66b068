"""Which fields of a sync are kept equal.

Owns the mappings, their value maps and their steps. Whether two fields fit, and a step with them, is decided by the engine.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from syncapp.engine import vocabulary
from syncapp.engine.wording import later
from syncapp.models import configs, connections


def new_key() -> str:
    """A fresh mapping key: names the mapping in baselines for as long as it lives."""
    return uuid.uuid4().hex[:12]


class FieldMapping(models.Model):
    """Two fields that are kept equal, or one that follows the other."""

    config = models.ForeignKey(configs.SyncConfig, on_delete=models.CASCADE, related_name="mappings", verbose_name=later("config"))
    key = models.CharField(max_length=12, default=new_key, editable=False)
    left_field = models.ForeignKey(connections.VendorField, on_delete=models.PROTECT, related_name="+", verbose_name=later("HubSpot field"))
    right_field = models.ForeignKey(
        connections.VendorField, on_delete=models.PROTECT, related_name="+", verbose_name=later("QuickBooks field")
    )
    direction = models.CharField(
        later("direction"), max_length=20, choices=vocabulary.Direction.choices(), default=vocabulary.Direction.BOTH
    )
    active = models.BooleanField(later("on"), default=True)
    fallback = models.BooleanField(
        later("fallback"), default=False, help_text=later("Used only where the mapping above it for the same QuickBooks field is empty.")
    )
    conflict_rule = models.CharField(
        later("conflict"), max_length=20, choices=vocabulary.ConflictRule.choices(), default=vocabulary.ConflictRule.CONFIG
    )
    clears = models.BooleanField(
        later("may clear"), default=False, help_text=later("On: emptying the field on one side empties it on the other too.")
    )
    position = models.PositiveIntegerField(later("position"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["config", "right_field", "fallback"],
                name="one_mapping_writes_a_right_field",
                condition=Q(active=True) & ~Q(direction=vocabulary.Direction.TO_LEFT),
            ),
            models.UniqueConstraint(
                fields=["config", "left_field"],
                name="one_mapping_writes_a_left_field",
                condition=Q(active=True) & ~Q(direction=vocabulary.Direction.TO_RIGHT),
            ),
            models.UniqueConstraint(fields=["config", "key"], name="one_mapping_per_key"),
        ]
        ordering = ["position", "pk"]
        verbose_name = later("field mapping")
        verbose_name_plural = later("field mappings")

    def __str__(self) -> str:
        arrow = {"BOTH": "↔", "TO_LEFT": "←", "TO_RIGHT": "→"}[self.direction]
        return f"{self.left_field.label} {arrow} {self.right_field.label}"


class ValueMapping(models.Model):
    """One value of a mapped field and what it is called on the other side."""

    mapping = models.ForeignKey(FieldMapping, on_delete=models.CASCADE, related_name="values")
    left_value = models.CharField(
        later("HubSpot value"), max_length=200,
        help_text=later("As it is in HubSpot. For a field with a list of choices, the name of one of them."),
    )
    right_value = models.CharField(
        later("QuickBooks value"), max_length=200,
        help_text=later("As it is in QuickBooks. For a field with a list of choices, the name of one of them."),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mapping", "left_value"], name="one_right_value_per_left"),
            models.UniqueConstraint(fields=["mapping", "right_value"], name="one_left_value_per_right"),
        ]
        ordering = ["left_value"]

    def __str__(self) -> str:
        return f"{self.left_value} ↔ {self.right_value}"


class Transform(models.Model):
    """One step that changes a value of a mapping on its way to one side."""

    mapping = models.ForeignKey(FieldMapping, on_delete=models.CASCADE, related_name="transforms")
    side = models.CharField(
        later("on the way to"), max_length=10, choices=vocabulary.Side.choices(), default=vocabulary.Side.RIGHT,
        help_text=later("A step works in one direction only."),
    )
    kind = models.CharField(
        later("what is done"), max_length=20, choices=vocabulary.TransformKind.choices(),
        help_text=later("Steps are done from top to bottom."),
    )
    setting = models.CharField(
        later("setting"),
        max_length=500, blank=True,
        help_text=later("What the step needs: the text with its fields in braces, the country, the value, or the number of characters."),
    )
    position = models.PositiveIntegerField(
        later("position"), default=0, help_text=later("The place among the steps; drag a line to change it.")
    )

    class Meta:
        verbose_name = later("step")
        verbose_name_plural = later("steps")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{vocabulary.TransformKind(self.kind).label} → {vocabulary.Side(self.side).label}"
