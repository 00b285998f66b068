"""What subscribers to webhooks are told when a record is made, changed, put away, merged or associated.

Owns which events follow from a write. Writes nothing.
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from integrations.sandbox.hubspot import webhooks
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Record


class Writer(Protocol):
    """Who writes, as far as an event tells it."""

    @property
    def source(self) -> str:
        """How the change came about."""

    @property
    def source_id(self) -> str:
        """By whom or what."""


def made(portal: Portal, kind: Kind, record: Record, *, actor: Writer) -> None:
    """A record was made; what it was given is told value by value."""
    _tell(portal, "creation", kind, record.id, at=record.at, actor=actor, changeFlag="CREATED")
    changed(portal, kind, record, record.values, actor=actor)


def changed(portal: Portal, kind: Kind, record: Record, names: Iterable[str], *, actor: Writer) -> None:
    """Values of a record changed."""
    for name in sorted(names) if portal.heard else ():
        value = {"propertyName": name, "propertyValue": record.values.get(name, ""), "isSensitive": False}
        _tell(portal, "propertyChange", kind, record.id, at=record.at, actor=actor, **value)


def deleted(portal: Portal, kind: Kind, record: Record, *, at: int, actor: Writer) -> None:
    """A record was put away or forgotten."""
    _tell(portal, "deletion", kind, record.id, at=at, actor=actor, changeFlag="DELETED")


def merged(portal: Portal, kind: Kind, survivor: Record, *, ids: tuple[int, int], moved: int, actor: Writer) -> None:
    """Two records, the primary one named first, became one."""
    primary, other = ids
    more = {"primaryObjectId": primary, "mergedObjectIds": [other], "newObjectId": survivor.id, "numberOfPropertiesMoved": moved}
    _tell(portal, "merge", kind, primary, at=survivor.at, actor=actor, **more)


def associated(portal: Portal, start: End, end: End, *, at: int, actor: Writer, removed: bool = False) -> None:
    """Two records were associated, or are no more; each end hears of it."""
    primary = portal.links.primary_of(start, end.kind) == end.id
    for one, other in ((start, end), (end, start)):
        more = {
            "fromObjectId": one.id, "toObjectId": other.id, "fromObjectTypeId": one.kind.type_id, "toObjectTypeId": other.kind.type_id,
            "associationType": f"{one.kind.singular}_to_{other.kind.singular}".upper(), "associationRemoved": removed,
            "isPrimaryAssociation": primary,
        }
        _tell(portal, "associationChange", one.kind, one.id, at=at, actor=actor, **more)


def _tell(portal: Portal, verb: str, kind: Kind, record_id: int, *, at: int, actor: Writer, **more: object) -> None:
    if not portal.heard:
        return
    portal.happened(
        webhooks.event(
            verb, kind=kind, record_id=record_id, portal_id=portal.id, at=at, actor_source=actor.source, source_id=actor.source_id, **more
        )
    )
