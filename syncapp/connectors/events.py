"""What the vendors' webhooks say: who really sent one, and which records it is about.

Owns the way from a vendor's events to our kinds and ids. Values that an event carries are looked at by nobody: an event says that a
record is to be read again, and nothing else.
"""
from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from integrations.hubspot import webhooks as hubspot_webhooks
from integrations.quickbooks import webhooks as quickbooks_webhooks
from syncapp.connectors import hubspot_fields, quickbooks_fields, quickbooks_payments
from syncapp.engine import records, vocabulary

HEADERS: Mapping[vocabulary.System, str] = {
    vocabulary.System.HUBSPOT: "X-HubSpot-Signature-v3", vocabulary.System.QUICKBOOKS: "intuit-signature",
}
MOMENT_HEADER = "X-HubSpot-Request-Timestamp"
HUBSPOT_TYPES: Mapping[str, str] = {
    "0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-7": "products", "0-46": "notes", "0-53": "invoices",
}
"""Our kinds by HubSpot's object type ids. Line items have no events of their own here: their invoice's do."""
_HUBSPOT_NAMES: Mapping[str, str] = {
    "contact": "contacts", "company": "companies", "deal": "deals", "product": "products", "note": "notes", "invoice": "invoices",
}
_QUICKBOOKS_NAMES: Mapping[str, str] = {
    member.path: kind for kind, members in quickbooks_fields.KINDS.items() for member in members
}
_LONGEST_ID = 20
_LONGEST_MOMENT = 4_102_444_800_000
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


class Unreadable(ValueError):
    """A body that is no delivery of this vendor, though its signature is good."""


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A request as it came: `uri` is the address as the vendor called it, `given` its signature, `moment` its time where it has one."""

    method: str
    uri: str
    body: bytes
    given: str
    moment: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """One event: the account it is from and the records to be read again, none where it is about nothing that can be synced.

    `key` is the same each time the same event is told.
    """

    account: str
    key: str
    refs: tuple[records.RecordRef, ...] = ()
    occurred_at: datetime | None = field(default=None)


def is_genuine(*, system: vocabulary.System, secrets: Sequence[str], signed: Signed, now: datetime) -> bool:
    """Tell whether the vendor sent a request, and just now where its signature says when."""
    if system is vocabulary.System.QUICKBOOKS:
        return quickbooks_webhooks.is_genuine(tokens=secrets, body=signed.body, given=signed.given)
    return hubspot_webhooks.is_genuine(
        secrets=secrets, method=signed.method, uri=signed.uri, body=signed.body, moment=signed.moment, given=signed.given, now=now
    )


def read(*, system: vocabulary.System, body: bytes) -> list[Event]:
    """Read a delivery. Raises Unreadable for what is none; an odd event among others is one without records."""
    try:
        told = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        if system is vocabulary.System.HUBSPOT:
            return [_hubspot(one) for one in _objects(told)]
        return [_quickbooks(one) for one in _quickbooks_parts(told)]
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{len(body)} bytes that are no delivery of {system.label}") from error


def knows_only_ours(*, kind: str) -> bool:
    """Tell whether only those records of a kind concern us that we made."""
    return hubspot_fields.ours_alone(kind=kind)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _objects(told: object) -> Iterator[dict[str, Any]]:
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        raise Unreadable("no list of events")
    yield from told


def _quickbooks_parts(told: object) -> Iterator[dict[str, Any]]:
    """The events in either form: a list of CloudEvents, or notifications by company."""
    if not isinstance(told, dict):
        yield from _objects(told)
        return
    for company in _objects(told.get("eventNotifications")):
        change = company.get("dataChangeEvent")
        for one in _objects(change.get("entities") if isinstance(change, dict) else None):
            lost = one.get("deletedId")
            yield {
                "intuitaccountid": company.get("realmId"), "intuitentityid": one.get("id"), "time": one.get("lastUpdated"),
                "type": f"qbo.{one.get('name')}.{one.get('operation')}", "data": {"deletedid": lost} if lost else {},
            }


def _hubspot(one: Mapping[str, Any]) -> Event:
    """The generic types name the object type by its id, the older ones by their own first word."""
    name = str(one.get("subscriptionType") or one.get("eventType") or "")
    kind = HUBSPOT_TYPES.get(str(one.get("objectTypeId"))) or _HUBSPOT_NAMES.get(name.partition(".")[0])
    if name.endswith(".associationChange"):
        ends = _ends(one)
    else:
        merged = one.get("mergedObjectIds")
        ids = (one.get("objectId"), one.get("primaryObjectId"), one.get("newObjectId"), *(merged if isinstance(merged, list) else ()))
        ends = [(kind, value) for value in ids]
    told = ("subscriptionId", "subscriptionType", "eventType", "portalId", "objectId", "objectTypeId", "propertyName", "occurredAt")
    more = ("primaryObjectId", "mergedObjectIds", "fromObjectId", "toObjectId", "associationType", "associationRemoved")
    moment = one.get("occurredAt")
    return Event(
        account=_identity(one.get("portalId")), key=_key([one.get(part) for part in (*told, *more)]), refs=_refs(ends),
        occurred_at=_moment(moment) if isinstance(moment, int) and not isinstance(moment, bool) else None,
    )


def _ends(one: Mapping[str, Any]) -> list[tuple[str | None, object]]:
    """Both ends of an association that came or went."""
    names = str(one.get("associationType") or "").lower().partition("_to_")
    kinds = [
        HUBSPOT_TYPES.get(str(one.get(f"{end}ObjectTypeId"))) or _HUBSPOT_NAMES.get(word)
        for end, word in (("from", names[0]), ("to", names[2]))
    ]
    return [(kinds[0], one.get("fromObjectId")), (kinds[1], one.get("toObjectId"))]


def _quickbooks(one: Mapping[str, Any]) -> Event:
    parts = str(one.get("type")).lower().split(".")
    kind = _QUICKBOOKS_NAMES.get(parts[1]) if len(parts) > 2 and parts[0] == "qbo" else None
    data = one.get("data")
    ids = (one.get("intuitentityid"), data.get("deletedid") if isinstance(data, dict) else None)
    prefix = f"{parts[1]}:" if kind == quickbooks_payments.KIND else ""
    ends = [(kind, f"{prefix}{_identity(value)}") for value in ids if _identity(value)]
    told = [one.get(part) for part in ("id", "type", "intuitaccountid", "intuitentityid", "time")]
    return Event(
        account=_identity(one.get("intuitaccountid")), key=_key([*told, ids[1]]), refs=_refs(ends, prefix=prefix),
        occurred_at=_instant(one.get("time")),
    )


def _refs(ends: Sequence[tuple[str | None, object]], *, prefix: str = "") -> tuple[records.RecordRef, ...]:
    found: dict[records.RecordRef, None] = {}
    for kind, value in ends:
        identity = str(value).removeprefix(prefix)
        if kind is not None and _identity(identity):
            found[records.RecordRef(kind=kind, external_id=f"{prefix}{identity}")] = None
    return tuple(found)


def _identity(value: object) -> str:
    """An id as text; "" for what can be none."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if text.isascii() and text.isdecimal() and len(text) <= _LONGEST_ID else ""


def _key(parts: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode("ascii")).hexdigest()


def _moment(milliseconds: int) -> datetime | None:
    return datetime.fromtimestamp(milliseconds / 1000, UTC) if 0 < milliseconds < _LONGEST_MOMENT else None


def _instant(value: object) -> datetime | None:
    """An instant with up to nine digits of a second."""
    try:
        found = datetime.fromisoformat(_FRACTION.sub(r".\1", str(value)))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
