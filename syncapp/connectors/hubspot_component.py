"""The webhook component of a HubSpot app, as its project file describes it.

Owns the form of that file. Which kinds and fields it asks for is handed in.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from syncapp.connectors import hubspot_fields

UID = "syncapp_webhooks"
MOST_SUBSCRIPTIONS = 1000
_NAMES: Mapping[str, str] = {"contacts": "contact", "companies": "company", "deals": "deal", "products": "product", "invoices": "invoice"}
"""HubSpot's own names of the kinds that it tells of. Of notes only our own concern us, and those nobody else writes."""
_MERGED = frozenset({"contacts", "companies", "deals"})
_UNASSOCIATED = frozenset({"products"})


def of(*, url: str, properties: Mapping[str, Collection[str]]) -> dict[str, Any]:
    """Describe the component: where HubSpot sends to, and one subscription for each thing that may happen to these kinds and properties.

    HubSpot takes a thousand at most; what is beyond that is found by asking.
    """
    wanted = [one for kind in _NAMES if kind in properties for one in _subscriptions(kind, properties[kind])]
    return {
        "uid": UID,
        "type": "webhooks",
        "config": {
            "settings": {"targetUrl": url, "maxConcurrentRequests": 10},
            "subscriptions": {"crmObjects": wanted[:MOST_SUBSCRIPTIONS]},
        },
    }


def _subscriptions(kind: str, properties: Collection[str]) -> list[dict[str, Any]]:
    verbs = ["creation", "deletion", "restore"]
    verbs += ["merge"] * (kind in _MERGED) + ["associationChange"] * (kind not in _UNASSOCIATED)
    told = [{"subscriptionType": f"object.{verb}", "objectType": _NAMES[kind], "active": True} for verb in verbs]
    kept = (name for name in sorted(properties) if hubspot_fields.is_property(kind=kind, name=name))
    changes = {"subscriptionType": "object.propertyChange", "objectType": _NAMES[kind], "active": True}
    return [*told, *({**changes, "propertyName": name} for name in kept)]
