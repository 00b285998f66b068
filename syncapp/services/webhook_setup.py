"""What an installer hands to the vendors so that they send webhooks here.

Owns which kinds and fields HubSpot is asked to tell of: those that the syncs read, and before there are any, those of the recommended
ones.
"""
from __future__ import annotations

from typing import Any

from syncapp import models
from syncapp.connectors import hubspot_component
from syncapp.engine.vocabulary import System
from syncapp.services import defaults, needs, object_pairs, webhooks


def hubspot_app() -> dict[str, Any]:
    """Describe the webhook component of the HubSpot app of this installation."""
    properties = _read() or _recommended()
    return hubspot_component.of(url=webhooks.address(system=System.HUBSPOT), properties=properties)


def _read() -> dict[str, set[str]]:
    """The fields that the syncs of all HubSpot accounts read, by kind."""
    found: dict[str, set[str]] = {}
    for connection_id in models.Connection.objects.filter(system=System.HUBSPOT).values_list("pk", flat=True):
        needed = needs.of(connection_id=connection_id)
        mains = {defaults.of(config.object_pair).left_kind for config in needed.configs}
        for kind in mains | {other for main, other in needed.looks if main in mains}:
            found.setdefault(kind, set()).update(needed.wanted(kind=kind).fields)
    return found


def _recommended() -> dict[str, set[str]]:
    """The fields of the recommended mappings and filters, by kind."""
    found: dict[str, set[str]] = {}
    for entry in object_pairs.OBJECTS.values():
        names = [mapping.left for mapping in entry.mappings]
        names += [rule.fields[0] for group in entry.left_filters for rule in group.rules]
        for name in names:
            kind, inner = needs.owned(main=entry.left_kind, name=name)
            found.setdefault(kind, set()).add(inner)
    return found
