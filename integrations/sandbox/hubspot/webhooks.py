"""How HubSpot tells an app what happened: the events, the two shapes of them, and the signatures.

Owns the formats. Which deliveries go out when is the outbox's matter.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Mapping, Sequence

from integrations.sandbox.hubspot import kinds, moments
from integrations.sandbox.hubspot.grants import Grants
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.outbox import Dialect, Stamp

MOST_EVENTS = 99
PAUSES = (60, 300, 900, 1800, 3600, 7200, 10_800, 14_400, 18_000, 21_600)
"""Ten retries within a day. HubSpot spreads them by chance; here they are the same each time."""
ANSWER_SECONDS = 5.0
FORMATS = ("v3", "legacy")
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",",
    "%3B": ";",
}
_PLAIN = frozenset({"creation", "deletion", "merge", "propertyChange"})
_LEGACY: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("contacts", "companies", "deals", "line_items"), _PLAIN | {"associationChange"}), "products": _PLAIN,
}
"""The types of event that the older form has, by object type; the others are told in the newer form only."""


def dialect(grants: Grants) -> Dialect:
    """HubSpot's way of sending."""
    return Dialect(
        formats=FORMATS, most=MOST_EVENTS, pauses=PAUSES, endless=False, withholds=False, timeout=ANSWER_SECONDS,
        secret=lambda: str(_app(grants)["client_secret"]), dress=lambda events, stamp: _dressed(events, stamp, grants),
    )


def _app(grants: Grants) -> Json:
    """The app that subscribes: the one made last."""
    known = list(grants.clients.values())
    if not known:
        raise BadControl("There is no app yet whose client secret could sign. Name a \"secret\", or mint tokens first.")
    return known[-1]


def event(verb: str, *, kind: Kind, record_id: int, portal_id: str, at: int, actor_source: str, source_id: str, **more: object) -> Json:
    """Something that happened to a record."""
    facts = {"verb": verb, "kind": kind.name, "id": record_id, "portal": int(portal_id), "at": at}
    return {**facts, "changeSource": actor_source, "sourceId": source_id, "more": more}


def _dressed(events: Sequence[Json], stamp: Stamp, grants: Grants) -> tuple[dict[str, str], bytes]:
    app = next((one for one in grants.clients.values() if one["client_secret"] == stamp.secret), None)
    known = [one for one in events if stamp.format == "v3" or one["verb"] in _LEGACY.get(one["kind"], ())]
    told = [_told(one, stamp, place=place, app_id=app["app_id"] if app else 0) for place, one in enumerate(known, start=1)]
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    moment = str(moments.to_ms(stamp.now))
    return {
        "Content-Type": "application/json",
        "X-HubSpot-Signature": hashlib.sha256(stamp.secret.encode() + body).hexdigest(),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": signature(secret=stamp.secret, method="POST", url=stamp.url, body=body, moment=moment),
        "X-HubSpot-Request-Timestamp": moment,
    }, body


def _told(one: Json, stamp: Stamp, *, place: int, app_id: int) -> Json:
    """One event as it stands in a body. Its `eventId` is unique within the delivery only, as HubSpot promises no more."""
    kind = kinds.BY_NAME[one["kind"]]
    generic = stamp.format == "v3"
    name = f"{'object' if generic else kind.singular}.{one['verb']}"
    subject = {"objectId": one["id"]} if one["verb"] != "associationChange" else {}
    told = {
        "eventId": place,
        "subscriptionId": 2_000_000 + zlib.crc32(f"{name}/{kind.type_id}/{one['more'].get('propertyName', '')}".encode()) % 1_000_000,
        "portalId": one["portal"], "appId": app_id, "occurredAt": one["at"], "subscriptionType": name, "attemptNumber": stamp.attempt,
        **subject, "changeSource": one["changeSource"], "sourceId": one["sourceId"], **one["more"],
    }
    return {**told, "objectTypeId": kind.type_id} if generic else told


def signature(*, secret: str, method: str, url: str, body: bytes, moment: str) -> str:
    """The third version of HubSpot's signature."""
    for code, sign in _DECODED.items():
        url = url.replace(code, sign).replace(code.lower(), sign)
    message = method.encode() + url.encode() + body + moment.encode()
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()
