"""The company API under `/v3/company/{realm}/`: who may call, what is called, how the answer is wrapped.

Owns admission (token, realm, throttle), paths, and the headers of an answer.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

from integrations.sandbox.messages import Request, Response
from integrations.sandbox.quickbooks import batching, changes, faults, oauth, operations, querying, replay, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Companies, Company
from integrations.sandbox.quickbooks.fields import BY_LOWER, SINGLE
from integrations.sandbox.quickbooks.grants import ACCOUNTING, Grants
from integrations.sandbox.quickbooks.limits import Throttle
from integrations.sandbox.quickbooks.operations import Outcome
from integrations.sandbox.world import World

_OK_HEADERS = {
    "QBO-Version": "2055.160",
    "Service-Time": "total=12, db=8",
    "Expires": "0",
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
}
_DEPTH = 3


def new_tid() -> str:
    """A value for the `intuit_tid` header."""
    return f"1-{secrets.token_hex(4)}-{secrets.token_hex(12)}"


def label(request: Request) -> str:
    """The path with its ids replaced: `/v3/company/{realm}/customer/{id}`."""
    parts = request.segments
    if parts[:2] != ("v3", "company"):
        return f"/{'/'.join(parts)}"
    named = [part.lower() if place == _DEPTH else part for place, part in enumerate(parts)]
    shown = [{2: "{realm}", 4: "{id}"}.get(place, part) for place, part in enumerate(named)]
    return f"/{'/'.join(shown)}"


class Api:
    """Answers the calls of the company API."""

    def __init__(self, *, world: World, companies: Companies, grants: Grants, throttle: Throttle) -> None:
        self._world = world
        self._companies = companies
        self._grants = grants
        self._throttle = throttle

    def answer(self, request: Request, *, half: bool = False) -> Response:
        """Answer a call; with `half` only the first half of a batch is done and the rest throttled."""
        now = self._world.clock.now()
        try:
            response = self._answered(request, self._admitted(request), now=now, half=half)
        except (faults.VendorFault, faults.GatewayFault) as fault:
            response = faults.response(fault, now=now)
        if response.status == 200:
            response.headers |= _OK_HEADERS
        response.route = label(request)
        return response

    def _admitted(self, request: Request) -> Company:
        token = oauth.bearer(request)
        if not token:
            raise faults.token_absent()
        grant, good = self._grants.access(token)
        if grant is None:
            raise faults.token_refused("Token unknown: value not shown")
        if not good:
            raise faults.token_refused("Token revoked: value not shown" if grant["over"] else "Token expired: value not shown")
        parts = request.segments
        company = self._companies.get(parts[2]) if len(parts) >= _DEPTH else None
        if company is None or company.realm != grant["realm_id"] or ACCOUNTING not in grant["scopes"]:
            raise faults.foreign_realm()
        batch = len(parts) > _DEPTH and parts[_DEPTH].lower() == "batch"
        if not self._throttle.take(grant, batch=batch, in_flight=request.in_flight):
            raise faults.throttled()
        if company.switch("user_lost_rights"):
            raise faults.lost_rights()
        return company

    def _answered(self, request: Request, company: Company, *, now: datetime, half: bool) -> Response:
        rest = request.segments[_DEPTH:]
        resource = rest[0].lower() if rest else ""
        if request.method == "GET":
            return _wrapped(self._got(request, company, resource, rest[1:]), now=now)
        if request.method != "POST" or len(rest) != 1:
            raise faults.no_such_path(request.raw_path)
        if resource == "query":
            return _wrapped(Outcome(body={"QueryResponse": querying.run(company, _statement(request))}), now=now)
        write = Write(at=int(now.timestamp()), include=frozenset((request.first("include") or "").lower().split(",")))
        if resource == "batch":
            return self._once(request, company, lambda: _batch(request, company, write, half=half), batch=True, now=now)
        kind = BY_LOWER.get(resource)
        if kind is None:
            raise faults.no_such_path(request.raw_path)
        return self._once(request, company, lambda: _write(request, company, kind, write), batch=False, now=now)

    def _got(self, request: Request, company: Company, resource: str, rest: tuple[str, ...]) -> Outcome:
        if resource == "query" and not rest:
            return Outcome(body={"QueryResponse": querying.run(company, request.first("query") or "")})
        if resource == "cdc" and not rest:
            return Outcome(body=changes.run(company, request.first("entities") or "", request.first("changedSince") or ""))
        kind = BY_LOWER.get(resource)
        if kind == "Preferences" and not rest:
            return Outcome(body=operations.read(company, kind, "1"))
        if kind is None or len(rest) != 1:
            raise faults.no_such_path(request.raw_path)
        number = "1" if kind in SINGLE and rest[0] == company.realm else rest[0]
        return Outcome(body=operations.read(company, kind, number))

    def _once(self, request: Request, company: Company, work: Callable[[], Outcome], *, batch: bool, now: datetime) -> Response:
        requestid = request.first("requestid") or ""
        replay.check(requestid, batch=batch)
        known = bool(requestid) and bool(company.switch("requestid"))
        before = replay.stored(company, requestid) if known else None
        if before is not None:
            return before
        try:
            response = _wrapped(work(), now=now)
        except faults.VendorFault as fault:
            response = faults.response(fault, now=now)
        if known:
            replay.keep(company, requestid, response)
        return response


def _wrapped(outcome: Outcome, *, now: datetime) -> Response:
    response = Response.of_json({**outcome.body, "time": times.precise(now)})
    response.written = outcome.written
    return response


def _batch(request: Request, company: Company, write: Write, *, half: bool) -> Outcome:
    wanted = batching.items(_json(request), requestid=bool(request.first("requestid")))
    return batching.run(company, wanted, write, until=len(wanted) // 2 if half else None)


def _write(request: Request, company: Company, kind: str, write: Write) -> Outcome:
    sent = _json(request)
    operation = (request.first("operation") or "").lower()
    if operation in ("", "update", "create"):
        has_id = kind in SINGLE or (isinstance(sent, dict) and bool(sent.get("Id")))
        operation = operation or ("update" if has_id else "create")
    return operations.perform(company, kind, operation, sent, write)


def _statement(request: Request) -> str:
    if not request.headers.get("Content-Type", "").lower().startswith(("application/text", "text/plain")):
        raise faults.unsupported("query with this Content-Type")
    return _text(request)


def _text(request: Request) -> str:
    try:
        return request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise faults.unsupported("Invalid byte 1 of 1-byte UTF-8 sequence") from None


def _json(request: Request) -> object:
    _text(request)
    try:
        value: object = request.json()
    except ValueError:
        raise faults.bad_property("Unexpected character or end-of-input: the body is not valid JSON") from None
    return value
