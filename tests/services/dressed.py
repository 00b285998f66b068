"""A sync with something in every place that can be set up, and the same accounts somewhere else."""

from __future__ import annotations

from typing import Any

from syncapp import models
from syncapp.engine.vocabulary import (
    ConflictRule,
    DeletePolicy,
    Direction,
    FieldType,
    FilterOperator,
    MatchMode,
    NamePolicy,
    Side,
    TransformKind,
)
from tests.services import made

STAGES = [["101", "Lead"], ["102", "Customer"]]


def accounts(suffix: str = "") -> made.TwoSides:
    """Two accounts that have, beside the usual, a list of stages with ids of their own."""
    sides = made.TwoSides(f"Dressed{suffix}", suffix=suffix)
    stages = [[f"{suffix}{code}", name] for code, name in STAGES]
    sides.left_fields["stage"] = made.field(sides.left, "stage", FieldType.CHOICE, choices=stages)
    sides.right_fields["Notes"] = made.field(sides.right, "Notes")
    return sides


def dressed() -> made.TwoSides:
    """The sync between them, with everything set up."""
    sides = accounts()
    settings: dict[str, Any] = {
        "interval_minutes": 15, "match_mode": MatchMode.OWN_FIELD, "match_left": sides.left_fields["phone"],
        "match_right": sides.right_fields["PrimaryPhone.FreeFormNumber"], "conflict_winner": ConflictRule.NEWEST, "key_required": False,
        "delete_policy": DeletePolicy.ARCHIVE, "name_policy": NamePolicy.SUFFIX, "name_suffix": " no. {n}", "brake_creates": 7,
    }
    models.SyncConfig.objects.filter(pk=sides.config.pk).update(**settings)
    sides.config.refresh_from_db()
    sides.mapping("email", "PrimaryEmailAddr.Address", position=0, clears=True)
    sides.mapping("firstname", "GivenName", position=1, conflict_rule=ConflictRule.ASK)
    stage = sides.mapping("stage", "Notes", position=2)
    models.ValueMapping.objects.bulk_create([
        models.ValueMapping(mapping=stage, left_value="102", right_value="Buys"),
        models.ValueMapping(mapping=stage, left_value="101", right_value="Asks"),
    ])
    name = sides.mapping("company", "DisplayName", Direction.TO_RIGHT, position=3)
    models.Transform.objects.create(mapping=name, side=Side.RIGHT, kind=TransformKind.TEMPLATE, setting="{company} {city}", position=0)
    models.Transform.objects.create(mapping=name, side=Side.RIGHT, kind=TransformKind.TRUNCATE, setting="90", position=1)
    sides.mapping("lastname", "DisplayName", Direction.TO_RIGHT, position=4, fallback=True, active=False)
    group = models.FilterGroup.objects.create(config=sides.config, side=Side.LEFT, name="Those who buy", position=0)
    models.FilterRule.objects.create(
        group=group, field=sides.left_fields["stage"], operator=FilterOperator.ANY_OF, values=["102", "101"], position=0
    )
    models.FilterRule.objects.create(
        group=group, field=sides.left_fields["createdate"], operator=FilterOperator.AFTER, values=["2026-01-31T00:00:00Z"], frozen=True,
        position=1, include_unset=True,
    )
    other = models.FilterGroup.objects.create(config=sides.config, side=Side.RIGHT, name="Taxed", position=0)
    models.FilterRule.objects.create(group=other, field=sides.right_fields["Taxable"], operator=FilterOperator.EQUALS, values=["true"])
    return sides
