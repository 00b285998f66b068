"""The settings of a sync as they are to be judged, saved or not, with what they are judged by: fields of both accounts, other syncs.

Owns that each of it is read once, however many checks look at it, and only where one does. Judges nothing and changes nothing.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, OuterRef, Prefetch, Q, QuerySet, Subquery, TextField, Value, When, prefetch_related_objects
from django.db.models.functions import Cast, Coalesce, Concat

from syncapp import models
from syncapp.engine import transforms, vocabulary
from syncapp.engine.vocabulary import Direction, Side
from syncapp.services import defaults

ValueMaps = Mapping[int, Sequence[tuple[str, str]]]
Steps = Mapping[int, Sequence[transforms.Transform]]
Groups = Sequence[tuple[models.FilterGroup, Sequence[models.FilterRule]]]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """The settings of a sync. `value_maps` and `steps` are by the mapping's place; `others` are mappings of syncs that share an account.

    `beside` are those syncs, where they are known already. `statuses_kept` says in how many pairs HubSpot kept a status of its own.
    """

    config: models.SyncConfig
    mappings: Sequence[models.FieldMapping] = ()
    others: Sequence[models.FieldMapping] = ()
    groups: Groups = ()
    value_maps: ValueMaps = field(default_factory=dict)
    steps: Steps = field(default_factory=dict)
    beside: Sequence[models.SyncConfig] | None = None
    statuses_kept: int = 0

    @cached_property
    def fields(self) -> Mapping[Side, Sequence[models.VendorField]]:
        """The fields that pickers of a side name, vanished ones too."""
        entry, config = defaults.of(self.config.object_pair), self.config
        ends = {Side.LEFT: (config.left_id, entry.left_kind), Side.RIGHT: (config.right_id, entry.right_kind)}
        wished = Q(pk__in=[])
        for connection_id, kind in ends.values():
            wished |= Q(connection_id=connection_id, kind=kind)
        found = list(models.VendorField.objects.filter(wished))
        return {side: [one for one in found if (one.connection_id, one.kind) == end] for side, end in ends.items()}

    @cached_property
    def known(self) -> Mapping[Side, Mapping[str, models.VendorField]]:
        """The fields that the account of a side has at present, by their names."""
        return {side: {one.name: one for one in found if not one.archived} for side, found in self.fields.items()}

    @cached_property
    def neighbors(self) -> Sequence[models.SyncConfig]:
        """The other syncs that share an account."""
        return _neighbors(self.config) if self.beside is None else self.beside

    @property
    def siblings(self) -> Sequence[models.SyncConfig]:
        """The other syncs of the same two accounts."""
        ends = self.config.left_id, self.config.right_id
        return [one for one in self.neighbors if (one.left_id, one.right_id) == ends]

    def maps(self, *, left: str = "", right: str = "", direction: Direction | None = None) -> bool:
        """Tell whether an active mapping has these fields and goes this way."""
        return any(
            row.active and left in ("", row.left_field.name) and right in ("", row.right_field.name) and direction in (None, row.direction)
            for row in self.mappings
        )

    def writes(self) -> set[str]:
        """Name the QuickBooks fields that active mappings write."""
        return {row.right_field.name for row in self.mappings if row.active and Direction(row.direction).allows(Side.RIGHT)}

    def accounts(self, *, field_name: str) -> dict[str, str]:
        """Name the accounts that a field of a new QuickBooks record may point to, by their ids, as last read."""
        found = self.known[Side.RIGHT].get(field_name)
        return {str(identity): str(label) for identity, label in found.choices} if found is not None else {}


def saved(*, config: models.SyncConfig) -> Draft:
    """Gather a config's settings as they are saved."""
    neighbors = _neighbors(config)
    asked: Any = models.FieldMapping.objects.filter(config__in=[config.pk, *(one.pk for one in neighbors)])
    rows = list(asked.annotate(statuses_kept=_statuses_kept(config)))
    own, others = [row for row in rows if row.config_id == config.pk], [row for row in rows if row.config_id != config.pk]
    _give(rows, [config, *neighbors])
    kept = sum(row.statuses_kept for row in own)
    found = _gathered(config, own, others=others, groups=groups(config=config), beside=neighbors, statuses_kept=kept)
    _give_fields(found)
    return found


def own(*, config: models.SyncConfig) -> Draft:
    """Gather a config's settings as they are saved, without those of other syncs."""
    rows = list(models.FieldMapping.objects.filter(config=config))
    _give(rows, [config])
    found = _gathered(config, rows, groups=groups(config=config))
    _give_fields(found)
    return found


def of_mapping(*, mapping: models.FieldMapping) -> Draft:
    """Gather one mapping as it is saved, with those that write the same QuickBooks field, and no filters."""
    beside = Q(pk=mapping.pk) | Q(right_field=mapping.right_field_id)
    return _gathered(mapping.config, list(_with_fields(mapping.config.mappings.filter(beside))))


def others(*, config: models.SyncConfig) -> list[models.FieldMapping]:
    """List the mappings of the other syncs that share an account with one."""
    neighbors = _neighbors(config)
    found = list(models.FieldMapping.objects.filter(config__in=[one.pk for one in neighbors]))
    _give(found, neighbors)
    return found


def groups(*, config: models.SyncConfig) -> Groups:
    """List the filter groups of a config with their conditions."""
    conditions = models.FilterRule.objects.select_related("field__connection")
    found = config.filter_groups.prefetch_related(Prefetch("rules", conditions))
    return [(group, list(group.rules.all())) for group in found]


def transform(*, row: models.Transform) -> transforms.Transform:
    """Copy one step."""
    return transforms.Transform(side=Side(row.side), kind=vocabulary.TransformKind(row.kind), setting=row.setting)


def _neighbors(config: models.SyncConfig) -> list[models.SyncConfig]:
    sharing = Q(left_id=config.left_id) | Q(right_id=config.right_id)
    return list(models.SyncConfig.objects.filter(sharing).exclude(pk=config.pk).select_related("left"))


def _statuses_kept(config: models.SyncConfig) -> Case:
    """How many pairs have a status that HubSpot did not take: counted with the mapping of the status, and of no other."""
    quoted = Concat(Value('"'), OuterRef("key"), Value('"'))
    kept = config.pairs.exclude(flagged=[]).annotate(named=Cast("flagged", TextField())).filter(named__contains=quoted)
    number = Subquery(kept.order_by().values("config").annotate(number=Count("pk")).values("number"))
    of_the_status = Q(config=config, left_field__name="hs_invoice_status")
    return Case(When(of_the_status, then=Coalesce(number, 0)), default=0)


def _give(rows: Sequence[models.FieldMapping], configs: Sequence[models.SyncConfig]) -> None:
    """Let each mapping know its sync, which was read already."""
    known = {one.pk: one for one in configs}
    for row in rows:
        row.config = known[row.config_id]


def _give_fields(draft: Draft) -> None:
    """Let the mappings of a sync know their fields, which are read for the pickers anyway, and these their accounts."""
    accounts = {one.pk: one for one in (draft.config.left, draft.config.right)}
    known = {one.pk: one for found in draft.fields.values() for one in found}
    for row in draft.mappings:
        left, right = known.get(row.left_field_id), known.get(row.right_field_id)
        if left is not None and right is not None:
            left.connection, right.connection = accounts[left.connection_id], accounts[right.connection_id]
            row.left_field, row.right_field = left, right


def _with_fields(found: QuerySet[models.FieldMapping]) -> QuerySet[models.FieldMapping]:
    return found.select_related("left_field__connection", "right_field__connection")


def _gathered(
    config: models.SyncConfig, rows: list[models.FieldMapping], *, others: Sequence[models.FieldMapping] = (), groups: Groups = (),
    beside: Sequence[models.SyncConfig] | None = None, statuses_kept: int = 0,
) -> Draft:
    prefetch_related_objects(rows, "values", "transforms")
    return Draft(
        config=config, mappings=rows, others=others, groups=groups, beside=beside, statuses_kept=statuses_kept,
        value_maps={at: [(value.left_value, value.right_value) for value in row.values.all()] for at, row in enumerate(rows)},
        steps={at: [transform(row=step) for step in row.transforms.all()] for at, row in enumerate(rows)},
    )
