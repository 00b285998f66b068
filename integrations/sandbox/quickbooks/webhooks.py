"""How QuickBooks tells an app what happened: the events, both forms of them, and the signature.

Owns the formats. Which deliveries go out when is the outbox's matter.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from integrations.sandbox.messages import Json
from integrations.sandbox.outbox import Dialect, Stamp

MOST_EVENTS = 100
PAUSES = (10, 20, 30, 300, 1200, 7200, 14_400, 21_600)
"""Until it is acknowledged, the last one again and again; what follows waits meanwhile."""
ANSWER_SECONDS = 3.0
FORMATS = ("cloudevents", "legacy")
_PAST = {"Create": "created", "Update": "updated", "Delete": "deleted", "Merge": "merged", "Void": "voided"}
_SILENT = frozenset({"CompanyInfo", "TaxCode", "TaxRate"})
"""Entities of which QuickBooks tells nothing."""
_SOURCE = "intuit.c2FuZGJveC1vbi10aGlzLW1hY2hpbmU="

def event(verb: str, *, kind: str, number: str, realm: str, at: datetime, lost: str = "") -> Json | None:
    """Something that happened to an object; None for an entity of which nothing is told. `lost` is the one merged into it."""
    if kind in _SILENT:
        return None
    moment, key = at.astimezone(UTC).isoformat(), str(uuid.uuid4())
    return {"verb": verb, "kind": kind, "id": number, "realm": realm, "at": moment, "lost": lost, "key": key}


def _dressed(events: Sequence[Json], stamp: Stamp) -> tuple[dict[str, str], bytes]:
    told = [_cloud_event(one) for one in events] if stamp.format == "cloudevents" else _notifications(events)
    body = json.dumps(told, separators=(",", ":")).encode()
    signed = base64.b64encode(hmac.new(stamp.secret.encode(), body, hashlib.sha256).digest()).decode()
    return {"Content-Type": "application/json", "intuit-signature": signed, "intuit-t-id": str(uuid.uuid4())}, body


def _cloud_event(one: Json) -> Json:
    return {
        "specversion": "1.0", "id": one["key"], "source": _SOURCE, "type": f"qbo.{one['kind'].lower()}.{_PAST[one['verb']]}.v1",
        "datacontenttype": "application/json", "time": one["at"].replace("+00:00", "Z"), "intuitentityid": one["id"],
        "intuitaccountid": one["realm"], "data": {"deletedid": one["lost"]} if one["lost"] else {},
    }


def _notifications(events: Sequence[Json]) -> Json:
    realms: dict[str, list[Json]] = {}
    for one in events:
        moment = datetime.fromisoformat(one["at"]).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told = {"name": one["kind"], "id": one["id"], "operation": one["verb"], "lastUpdated": moment}
        realms.setdefault(one["realm"], []).append({**told, "deletedId": one["lost"]} if one["lost"] else told)
    return {"eventNotifications": [{"realmId": realm, "dataChangeEvent": {"entities": told}} for realm, told in realms.items()]}


DIALECT = Dialect(
    formats=FORMATS, most=MOST_EVENTS, pauses=PAUSES, endless=True, withholds=True, timeout=ANSWER_SECONDS,
    secret=lambda: str(uuid.UUID(bytes=secrets.token_bytes(16))), dress=_dressed,
)
