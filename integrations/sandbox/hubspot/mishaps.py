"""HubSpot on a bad day: the answers to planted faults.

Owns their words and shapes. Which call goes wrong is decided elsewhere.
"""
from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from integrations.sandbox.hubspot import errors, limits
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.messages import BadControl, Json, Request, Response

EXPIRED_FOR = 132
MIGRATING = 477
LOCKED = 423
_WORDS = {
    400: "Bad request",
    LOCKED: "The resource is locked. Wait a moment and try again.",
    MIGRATING: "This account is being migrated to another data center. Try again later.",
    500: "There was a problem with the request.",
    502: "Bad gateway",
    503: "Service temporarily unavailable",
    504: "The request timed out",
}


def refusal(kind: str, fault: Json) -> Refused:
    """The answer to `status`, `token_expired` or `rate_limited`."""
    retry = {} if fault.get("retry_after") is None else {"Retry-After": str(fault["retry_after"])}
    if kind == "token_expired":
        return errors.expired(EXPIRED_FOR)
    if kind == "rate_limited":
        policy = str(fault.get("policy") or "TEN_SECONDLY_ROLLING")
        if policy not in {"DAILY", "TEN_SECONDLY_ROLLING", "SECONDLY"}:
            raise BadControl(f'"policy" is DAILY, TEN_SECONDLY_ROLLING or SECONDLY, not {policy!r}.')
        return limits.refusal(policy, headers=retry)
    if kind == "status":
        return _status(int(fault.get("status") or 503), retry)
    raise BadControl(f"HubSpot has no fault {kind!r}.")


def _status(status: int, headers: dict[str, str]) -> Refused:
    if status == 401:
        return errors.unauthenticated()
    if status == 403:
        return errors.missing_scopes(["crm.objects.contacts.write"])
    if status == 404:
        return errors.not_found()
    if status == 429:
        return limits.refusal("TEN_SECONDLY_ROLLING", headers=headers)
    if status == MIGRATING:
        headers = {"Retry-After": "60", **headers}
    return Refused(status, errors.error_body(_WORDS.get(status, "There was a problem with the request.")), headers=headers)


def partial(request: Request, handle: Callable[[Request], Response]) -> Response:
    """Do the first half of a batch for real and fail the rest (207); a call that is no batch gets a 503."""
    inputs = _inputs(request)
    if inputs is None:
        refused = _status(503, {})
        return Response.of_json(refused.body, status=refused.status)
    body, done = inputs
    half = len(done) // 2
    if half:
        first = handle(replace(request, body=json.dumps({**body, "inputs": done[:half]}).encode("utf-8")))
        if not 200 <= first.status < 300:
            return first
    else:
        first = Response()
    answer = json.loads(first.body) if first.body else {"status": "COMPLETE", "results": []}
    problems = [*answer.get("errors", []), *map(_failed, done[half:])]
    answer |= {"status": "COMPLETE", "numErrors": len(problems), "errors": problems}
    headers = {name: value for name, value in first.headers.items() if name != "Content-Type"}
    response = Response.of_json(answer, status=207, headers=headers)
    response.route, response.written = first.route, first.written
    return response


def _inputs(request: Request) -> tuple[Json, Sequence[Json]] | None:
    if request.method != "POST" or "batch" not in request.segments:
        return None
    try:
        body = request.json()
    except ValueError:
        return None
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
        return None
    return body, inputs


def _failed(one: Json) -> Json:
    context: Json = {}
    if "id" in one:
        context["ids"] = [str(one["id"])]
    if one.get("objectWriteTraceId") is not None:
        context["objectWriteTraceId"] = [str(one["objectWriteTraceId"])]
    return {"status": "error", "category": "INTERNAL_ERROR", "message": "There was a problem with the request.", "context": context}
