"""Tell what a fault of QuickBooks means for us.

Owns the one table from Intuit's fault codes to error classes. Decides by code and status, never by a text: the texts
differ between companies, languages and years.
"""
from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from integrations import errors, http

SYSTEM = "QuickBooks Online"
PAUSE_AFTER_THROTTLE = 60.0

CODES: Mapping[int, type[errors.ApiError]] = {
    100: errors.NeedsReconnect,  # general authentication error
    110: errors.NeedsReconnect,  # OAuth error
    120: errors.NeedsReconnect,  # the person who connected has lost the administrator's rights
    130: errors.Transient,  # wrong cluster
    140: errors.Transient,  # company locked out
    150: errors.Transient,  # company under maintenance
    500: errors.Misunderstood,  # unsupported operation, bad path
    600: errors.OutcomeUnknown,  # duplicate request id: what became of the first one is not said
    610: errors.Gone,  # object not found
    620: errors.Rejected,  # transaction cannot be linked
    700: errors.Rejected,  # parent reference invalid
    800: errors.Rejected,  # cannot delete object
    900: errors.Rejected,  # parent cannot be child
    1010: errors.Rejected,  # create failed
    1020: errors.Rejected,  # update failed
    1040: errors.Misunderstood,  # batch too large
    2000: errors.Misunderstood,  # unsupported object name
    2010: errors.Misunderstood,  # unsupported property
    2020: errors.Rejected,  # required parameter missing
    2030: errors.Rejected,  # invalid id
    2040: errors.Rejected,  # invalid characters
    2050: errors.Rejected,  # too long or too short
    2060: errors.Rejected,  # date format
    2070: errors.Rejected,  # date
    2080: errors.Rejected,  # number format
    2090: errors.Rejected,  # number
    2100: errors.Rejected,  # decimal format
    2110: errors.Rejected,  # decimal
    2120: errors.Rejected,  # type
    2130: errors.Misunderstood,  # request id format
    2140: errors.Rejected,  # amount
    2150: errors.Rejected,  # percent
    2160: errors.Rejected,  # quantity
    2170: errors.Rejected,  # enumeration
    2190: errors.Rejected,  # date range
    2200: errors.Rejected,  # web address
    2210: errors.Rejected,  # e-mail address
    2250: errors.Rejected,  # no lines
    2290: errors.Rejected,  # negative amount
    2500: errors.Rejected,  # reference to something that is missing or inactive
    2600: errors.Rejected,  # conflicting elements
    3000: errors.Rejected,  # custom field
    3001: errors.RateLimited,  # throttled
    3100: errors.NeedsReconnect,  # token not valid for this company
    3200: errors.NeedsReconnect,  # token expired or revoked
    3202: errors.Misunderstood,  # no token in the call
    4000: errors.Misunderstood,  # query cannot be parsed
    4001: errors.Misunderstood,  # query invalid
    4002: errors.Misunderstood,  # query cannot be processed
    5010: errors.StaleRevision,  # stale SyncToken
    5020: errors.Rejected,  # permission denied, mostly by the edition
    5030: errors.Rejected,  # feature not supported
    6000: errors.Rejected,  # business validation
    6010: errors.Rejected,  # account type missing
    6070: errors.Rejected,  # amount is not price times quantity
    6080: errors.Rejected,  # no name
    6090: errors.Rejected,  # discount line incomplete
    6100: errors.Rejected,  # tax code of a line
    6130: errors.Rejected,  # whom the customer bills with
    6140: errors.AlreadyExists,  # document number
    6150: errors.Rejected,  # parent reference required
    6160: errors.Rejected,  # tax code not for the API
    6180: errors.Rejected,  # too many levels
    6190: errors.Misconfigured,  # subscription ended: nothing can be written until it is paid
    6200: errors.Rejected,  # period closed
    6210: errors.Rejected,  # period closed, password needed
    6220: errors.Rejected,  # has a balance
    6230: errors.Rejected,  # tax code not for the API
    6240: errors.AlreadyExists,  # name
    6250: errors.Rejected,  # customer missing or inactive
    6270: errors.Rejected,  # before the item's start date
    6280: errors.Rejected,  # has unbilled charges
    6310: errors.Rejected,  # customer required
    6420: errors.Rejected,  # e-mail address required
    6430: errors.Rejected,  # account type
    6440: errors.Rejected,  # item or account required on each line
    6450: errors.Rejected,  # already settled
    6480: errors.Rejected,  # matched transaction
    6540: errors.Rejected,  # deposited transaction
    6560: errors.Rejected,  # customer missing in the request
    10000: errors.Transient,  # application error
    10100: errors.Misunderstood,  # result too large
    10200: errors.Misconfigured,  # the company was reset: its records are no longer those we know
}

# Their detail repeats a person's name or the value itself, so only the short message is kept.
_PERSONAL = frozenset({2040, 5010})
_NAMED_ID = re.compile(r"\b(?:Txn)?Id=(\d+)")
_UNANSWERED = frozenset({408, 425})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One error of a fault, in Intuit's own terms."""

    code: int | None
    message: str
    detail: str
    element: str


def read(data: object) -> tuple[Fault, ...]:
    """Read the errors of an answer, from both envelopes Intuit uses; none when it holds no fault."""
    block = _either(data, "Fault", "fault")
    if not isinstance(block, dict):
        return ()
    listed = _either(block, "Error", "error")
    read_errors = tuple(_fault(one) for one in listed if isinstance(one, dict)) if isinstance(listed, list) else ()
    return read_errors or (Fault(code=None, message="A fault without an error in it", detail="", element=""),)


def explain(call: http.Call, answer: http.Answer) -> errors.ApiError:
    """Make the error that an answer to a call stands for."""
    body = call.json if isinstance(call.json, dict) else {}
    return classify(
        faults=read(answer.data),
        operation=call.operation,
        status=answer.status,
        request_id=answer.request_id,
        writes=call.writes,
        creates=call.writes and "Id" not in body,
        pause=_pause(answer),
        policy="batch" if "batch" in call.buckets else "minute",
    )


def classify(
    *,
    faults: tuple[Fault, ...],
    operation: str,
    status: int,
    request_id: str | None,
    writes: bool,
    creates: bool,
    pause: float = PAUSE_AFTER_THROTTLE,
    policy: str = "minute",
) -> errors.ApiError:
    """Make one error of the faults. What is more than a refusal of the data decides; all words are kept."""
    kinds = [_kind(fault=fault, status=status, writes=writes, creates=creates) for fault in faults]
    leading = next((index for index, kind in enumerate(kinds) if kind is not errors.Rejected), 0)
    kind = kinds[leading] if kinds else _by_status(status=status, writes=writes)
    first = faults[leading] if faults else None
    facts: dict[str, Any] = {
        "system": SYSTEM,
        "operation": operation,
        "status": status,
        "code": str(first.code) if first and first.code is not None else None,
        "words": " / ".join(dict.fromkeys(_words(fault) for fault in faults)),
        "request_id": request_id,
    }
    if kind is errors.RateLimited:
        return errors.RateLimited(until=pause, policy=policy, **facts)
    if kind is errors.AlreadyExists and first is not None:
        named = _NAMED_ID.search(first.detail)
        return errors.AlreadyExists(existing_id=named.group(1) if named else None, **facts)
    if kind is errors.Rejected and first is not None:
        return errors.Rejected(field=first.element or None, **facts)
    return kind(**facts)


def _kind(*, fault: Fault, status: int, writes: bool, creates: bool) -> type[errors.ApiError]:
    if fault.code is None:
        return _by_status(status=status, writes=writes)
    kind = CODES.get(fault.code) or _by_range(fault.code)
    if kind is errors.Gone and creates:
        return errors.Rejected  # what a new record refers to is gone, not the record
    if kind is errors.Transient and writes and fault.code >= 10000:
        return errors.OutcomeUnknown  # a crash on their side may come after the effect
    if kind is errors.OutcomeUnknown and not writes:
        return errors.Transient
    return kind


def _by_range(code: int) -> type[errors.ApiError]:
    """Intuit's ranges, for codes that are not in the table."""
    if code < 500:
        return errors.NeedsReconnect
    if code < 600:
        return errors.Misunderstood
    return errors.Rejected if code < 10000 else errors.Transient


def _by_status(*, status: int, writes: bool) -> type[errors.ApiError]:
    if status == 429:
        return errors.RateLimited
    if status == 401:
        return errors.NeedsReconnect
    if status == 403:
        return errors.MissingScopes
    if status >= 500 or status in _UNANSWERED:
        return errors.OutcomeUnknown if writes else errors.Transient
    return errors.Misunderstood


def _words(fault: Fault) -> str:
    if fault.code in _PERSONAL or not fault.detail:
        return fault.message
    return fault.detail if fault.detail.startswith(fault.message) else f"{fault.message}: {fault.detail}"


def _pause(answer: http.Answer) -> float:
    """Intuit documents a minute and no Retry-After; one that is there is honored."""
    said = answer.headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else PAUSE_AFTER_THROTTLE


def _fault(data: dict[str, Any]) -> Fault:
    code = str(_either(data, "code", "Code") or "")
    return Fault(
        code=int(code) if code.isdecimal() else None,
        message=str(_either(data, "Message", "message") or ""),
        detail=str(_either(data, "Detail", "detail") or ""),
        element=str(data.get("element") or ""),
    )


def _either(data: object, first: str, second: str) -> Any:
    if not isinstance(data, dict):
        return None
    found = data.get(first)
    return data.get(second) if found is None else found
