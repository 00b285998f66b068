"""What a refusal by HubSpot means for us.

Owns the one table from status and category to an error. Decides by status, then category, then code; looks at texts only for the
id of an existing contact, which HubSpot gives nowhere else. Every field of HubSpot's error body may be missing.

https://developers.hubspot.com/docs/api-reference/error-handling
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from integrations import errors, http

UNKNOWN_ZONE_PAUSE = 3600.0
_PAUSES = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
_EXISTING = re.compile(r"Existing ID:\s*(\d+)")
_EMBEDDED = re.compile(r"Property values were not valid: (\[.*\])", re.DOTALL)
_LOCKED, _MIGRATING = 423, 477

_BY_STATUS: Mapping[int, type[errors.ApiError]] = {
    400: errors.Rejected,
    401: errors.NeedsReconnect,
    403: errors.Rejected,
    404: errors.Gone,
    409: errors.AlreadyExists,
    413: errors.Rejected,
    414: errors.Rejected,
    422: errors.Rejected,
    _LOCKED: errors.Transient,
    429: errors.RateLimited,
    _MIGRATING: errors.RateLimited,
}
_BY_CATEGORY: Mapping[str, int] = {
    "VALIDATION_ERROR": 400,
    "MISSING_SCOPES": 403,
    "OBJECT_NOT_FOUND": 404,
    "CONFLICT": 409,
    "OBJECT_ALREADY_EXISTS": 409,
    "RATE_LIMITS": 429,
}
"""For one entry of a batch, which has a category and no status."""

_OWN_WORDS: Mapping[str, str] = {
    "PROPERTY_DOESNT_EXIST": "HubSpot has no such field.",
    "READ_ONLY_VALUE": "HubSpot fills this field itself; it cannot be written.",
    "INVALID_EMAIL": "The e-mail address is not valid.",
    "INVALID_LONG": "The value is not a whole number.",
    "INVALID_INTEGER": "The value is not a whole number.",
    "INVALID_NUMBER": "The value is not a number.",
    "INVALID_OPTION": "The value is not one of the field's options.",
    "INVALID_DATE": "The value is not a date.",
    "MISSING_REQUIRED_PROPERTY": "HubSpot requires a value for this field.",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "A rule of the HubSpot account requires a value for this field.",
}
"""HubSpot's own sentences for these repeat the value."""


@dataclasses.dataclass(frozen=True)
class Explainer:
    """Turns refusals into errors. `time_zone` is the account's: its daily limit starts anew at midnight there."""

    time_zone: str | None = None

    def __call__(self, call: http.Call, answer: http.Answer) -> errors.ApiError:
        """Explain an answer that is not a success."""
        body = answer.data if isinstance(answer.data, dict) else {}
        return self._explain(call, answer, body, answer.status)

    def entry(self, call: http.Call, answer: http.Answer, body: Mapping[str, Any]) -> errors.ApiError:
        """Explain one failed entry of a batch whose other entries may have succeeded."""
        status = _BY_CATEGORY.get(str(body.get("category")))
        if status is None:
            kind = errors.OutcomeUnknown if call.writes else errors.Transient
            return kind(**_facts(call, answer, body, None))
        return self._explain(call, answer, body, status)

    def _explain(self, call: http.Call, answer: http.Answer, body: Mapping[str, Any], status: int) -> errors.ApiError:
        facts = _facts(call, answer, body, status)
        kind = _BY_STATUS.get(status, errors.Transient if status >= 500 else errors.Misunderstood)
        if status == 403 and body.get("category") == "MISSING_SCOPES":
            return errors.MissingScopes(scopes=_scopes(body), **facts)
        if kind is errors.Rejected:
            return errors.Rejected(field=next((field for _, field in _complaints(body) if field), None), **facts)
        if kind is errors.AlreadyExists:
            found = _EXISTING.search(str(body.get("message", "")))
            return errors.AlreadyExists(existing_id=found.group(1) if found else None, **facts)
        if kind is errors.RateLimited:
            policy = _policy(call, body, status)
            return errors.RateLimited(until=self._pause(answer, policy), policy=policy, **facts)
        return kind(**facts)

    def _pause(self, answer: http.Answer, policy: str) -> float:
        told = answer.headers.get("Retry-After", "")
        if told.isdigit():
            return float(told)
        if policy in _PAUSES:
            return _PAUSES[policy]
        try:
            zone = zoneinfo.ZoneInfo(self.time_zone or "")
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return UNKNOWN_ZONE_PAUSE
        now = (answer.server_time or answer.received_at).astimezone(zone)
        midnight = datetime.datetime.combine(now.date() + datetime.timedelta(days=1), datetime.time(), tzinfo=now.tzinfo)
        return max(1.0, midnight.timestamp() - now.timestamp())


def _facts(call: http.Call, answer: http.Answer, body: Mapping[str, Any], status: int | None) -> errors.Facts:
    code, field = next(_complaints(body), (None, None))
    category = body.get("category")
    words = _OWN_WORDS.get(code or "", "") or errors.safe_words(_message(body), keep={field} if field else ())
    return {
        "system": call.system,
        "operation": call.operation,
        "status": status,
        "code": code or (category if isinstance(category, str) else None),
        "words": f"{words} Field: {field}." if field and field not in words else words,
        "request_id": answer.request_id or _text(body.get("correlationId")),
    }


def _message(body: Mapping[str, Any]) -> str:
    """The first detailed message, or the general one without the values that HubSpot packs into it."""
    details = body.get("errors")
    first = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    return _text(first.get("message")) or _EMBEDDED.sub("Property values were not valid.", _text(body.get("message")) or "")


def _complaints(body: Mapping[str, Any]) -> Iterator[tuple[str | None, str | None]]:
    """Code and field of every complaint, from the list of errors and from the JSON that HubSpot hides in its message."""
    details = body.get("errors")
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict):
            context = detail.get("context")
            names = context.get("propertyName") if isinstance(context, dict) else None
            yield _text(detail.get("code")), _text(names[0] if isinstance(names, list) and names else detail.get("in"))
    embedded = _EMBEDDED.search(_text(body.get("message")) or "")
    if embedded:
        for detail in _embedded(embedded.group(1)):
            if isinstance(detail, dict):
                yield _text(detail.get("error")), _text(detail.get("name"))


def _embedded(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def _scopes(body: Mapping[str, Any]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    details = body.get("errors")
    for detail in details if isinstance(details, list) else []:
        context = detail.get("context") if isinstance(detail, dict) else None
        for names in context.values() if isinstance(context, dict) else ():
            found |= dict.fromkeys(str(name) for name in names) if isinstance(names, list) else {}
    return tuple(found)


def _policy(call: http.Call, body: Mapping[str, Any], status: int) -> str:
    if status == _MIGRATING:
        return "MIGRATION"
    told = _text(body.get("policyName"))
    return told or ("SECONDLY" if "search" in call.buckets else "TEN_SECONDLY_ROLLING")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
