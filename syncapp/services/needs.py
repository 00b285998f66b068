"""What has to be read of an account: all that its syncs map, match by, filter by or show, together.

Owns that union. It is the same for every sync of the account, since they share the mirror and how far it was read.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Prefetch, Q, prefetch_related_objects

from syncapp import models
from syncapp.connectors import base, factory
from syncapp.engine import rules, schema, transforms
from syncapp.engine.vocabulary import FieldType, FilterOperator, ObjectPair, Side, TransformKind
from syncapp.services import defaults, object_pairs
from syncapp.services import rules as rules_service

Needed = tuple[str, str, bool]
"""The kind that is kept in step, the field that is looked at through it, and whether its earlier values are."""
_LOOKED_AT = (
    Prefetch("mappings", models.FieldMapping.objects.select_related("left_field", "right_field")), "mappings__transforms",
    "filter_groups", Prefetch("filter_groups__rules", models.FilterRule.objects.select_related("field")),
)


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What the syncs of one account look at on its side, as their settings are now."""

    connection_id: int
    configs: Sequence[models.SyncConfig]

    def wanted(self, *, kind: str) -> base.Wanted:
        """Tell what is read of a kind."""
        own = {name: past for main, full, past in sorted(self._needed) for owner, name in [owned(main=main, name=full)] if owner == kind}
        own = {name: past for name, past in own.items() if name not in defaults.composed(kind=kind)}
        links = {other for main, other in self.looks if main == kind and factory.names(kind=kind, other=other)}
        links |= {main for main, other in self.looks if other == kind and factory.names(kind=kind, other=main)}
        return base.Wanted(
            kind=kind,
            fields=tuple(sorted({*object_pairs.LABEL_FIELDS.get(kind, ()), *own})),
            links=tuple(sorted(links)),
            history=tuple(sorted(name for name, past in own.items() if past)),
        )

    def key_fields(self, *, kind: str) -> tuple[tuple[str, FieldType], ...]:
        """Tell by which fields of a kind any sync of the account matches, oldest sync first."""
        found: dict[tuple[str, FieldType], None] = {}
        for config in self.configs:
            kinds = defaults.of(config.object_pair)
            for key in rules_service.match_keys(config=config):
                if config.left_id == self.connection_id and kinds.left_kind == kind:
                    found[key.left, key.type] = None
                if config.right_id == self.connection_id and kinds.right_kind == kind:
                    found[key.right, key.type] = None
        return tuple(found)

    @cached_property
    def looks(self) -> frozenset[tuple[str, str]]:
        """Which kinds of record any sync of the account keeps in step while it looks at an associated kind."""
        looked_at = {(main, owner) for main, name, _ in self._needed for owner, _ in [owned(main=main, name=name)] if owner != main}
        return frozenset(looked_at | self._reads)

    @cached_property
    def _reads(self) -> set[tuple[str, str]]:
        """The associations that the syncs of a HubSpot account must know, whatever they map; on the right, what records are made of."""
        found: set[tuple[str, str]] = set()
        for config in self.configs:
            entry = defaults.of(config.object_pair)
            found.update(entry.reads if config.left_id == self.connection_id else ())
            found.update((entry.right_kind, kind) for kind, _ in entry.made_of if config.right_id == self.connection_id)
        return found

    @cached_property
    def _needed(self) -> set[Needed]:
        needed: set[Needed] = set()
        for config in self.configs:
            kinds = defaults.of(config.object_pair)
            for side, own_id, kind in ((Side.LEFT, config.left_id, kinds.left_kind), (Side.RIGHT, config.right_id, kinds.right_kind)):
                if own_id == self.connection_id:
                    needed |= {(kind, name, False) for name in _looked_at(config, side)}
                    needed |= {(kind, name, True) for name in _remembered(config, side)}
            if config.right_id == self.connection_id:
                needed |= {(kind, name, False) for kind, names in kinds.made_of for name in names}
        return needed


def of(*, connection_id: int) -> Needs:
    """Gather what the syncs of an account need. A constant number of queries, however many syncs there are."""
    return of_several(connection_ids=[connection_id])[connection_id]


def of_several(*, connection_ids: Sequence[int]) -> dict[int, Needs]:
    """Gather what the syncs of several accounts need, by account. No more queries than for one."""
    concerned = models.SyncConfig.objects.filter(Q(left_id__in=connection_ids) | Q(right_id__in=connection_ids))
    configs = list(concerned.select_related("match_left", "match_right").order_by("pk"))
    prefetch_related_objects(configs, *_LOOKED_AT)
    return {
        one: Needs(connection_id=one, configs=[config for config in configs if one in (config.left_id, config.right_id)])
        for one in connection_ids
    }


def beside(*, mapping: rules.Mapping, side: Side, kind: str) -> tuple[str, ...]:
    """Name the associated kinds that one mapping looks at on a side, where the kind of its records is `kind`."""
    own = (mapping.left, *mapping.fallbacks) if side is Side.LEFT else (mapping.right,)
    text = transforms.template(transforms=mapping.transforms, side=side.other)
    looked_at = {owned(main=kind, name=name)[0] for name in (*(spec.name for spec in own), *transforms.places(text))}
    return tuple(sorted(looked_at - {kind}))


def owned(*, main: str, name: str) -> tuple[str, str]:
    """Tell whose field it is that a record is asked for: its own, or one of an associated kind."""
    other, dot, inner = name.partition(".")
    return (other, inner) if dot and other in factory.associated_kinds(kind=main) else (main, name)


def asked(*, rule: rules.FilterRule) -> set[str]:
    """Name the fields that a condition looks at: its own, and the one that it compares with."""
    compares = rule.operator in (FilterOperator.BEFORE_FIELD, FilterOperator.AFTER_FIELD)
    return {rule.field.name, *(rule.values if compares else ())}


def _looked_at(config: models.SyncConfig, side: Side) -> set[str]:
    left = side is Side.LEFT
    active = [mapping for mapping in config.mappings.all() if mapping.active]
    names = {(mapping.left_field if left else mapping.right_field).name for mapping in active}
    names |= {key.left if left else key.right for key in rules_service.match_keys(config=config)}
    for step in (step for mapping in active for step in mapping.transforms.all()):
        if step.kind == TransformKind.TEMPLATE and step.side == side.other:
            names |= set(transforms.places(step.setting))
    owner = defaults.ownership(config=config) if left else None
    names |= set(owner.reads if owner else ())
    composition = defaults.of(ObjectPair(config.object_pair)).composition
    names |= set(composition.made_of) if composition and not left else set()
    for rule in _rules(config, side):
        names |= asked(rule=rules_service.filter_rule(rule))
    return names


def _remembered(config: models.SyncConfig, side: Side) -> Iterable[str]:
    """The fields that are asked for what they ever were, of those that keep it."""
    past = (rule for rule in _rules(config, side) if rule.operator in schema.ABOUT_THE_PAST)
    return (rule.field.name for rule in past if defaults.described(field=rule.field).keeps_history)


def _rules(config: models.SyncConfig, side: Side) -> Iterable[models.FilterRule]:
    return (rule for group in config.filter_groups.all() if group.side == side for rule in group.rules.all())
