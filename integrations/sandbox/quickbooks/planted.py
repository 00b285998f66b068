"""The vendor's own answers for planted faults.

Owns which envelope belongs to which status and path. Does nothing to the books, except the half of a `partial` batch.
"""

from __future__ import annotations

from datetime import datetime

from integrations.sandbox.messages import Json, Request, Response
from integrations.sandbox.quickbooks import faults, oauth
from integrations.sandbox.quickbooks.api import Api

_HTML = "<html><head><title>{status} {words}</title></head><body><center><h1>{status} {words}</h1></center></body></html>"
_WORDS = {
    404: "Not Found",
    413: "Request Entity Too Large",
    502: "Bad Gateway",
    503: "Service Temporarily Unavailable",
    504: "Gateway Time-out",
}
_OAUTH_PATHS = (oauth.TOKEN, oauth.REVOKE, oauth.USER_INFO)
_OAUTH_ERRORS = {400: "invalid_grant", 401: "invalid_client", 403: "insufficient_scope"}


def answer(kind: str, fault: Json, request: Request, *, api: Api, now: datetime) -> Response:
    """The answer for a fault of that kind to that request."""
    path = f"/{'/'.join(request.segments)}"
    if kind == "partial" and request.method == "POST" and path.lower().endswith("/batch"):
        return api.answer(request, half=True)
    status = {"token_expired": 401, "rate_limited": 429}.get(kind) or int(fault.get("status") or 503)
    if path in _OAUTH_PATHS:
        if kind == "token_expired":
            status = 400
        response = Response.of_json({"error": _OAUTH_ERRORS.get(status, "server_error")}, status=status)
    else:
        response = _of_service(status, now=now)
    if fault.get("retry_after") is not None:
        response.headers["Retry-After"] = str(fault["retry_after"])
    return response


def _of_service(status: int, *, now: datetime) -> Response:
    if status == 401:
        return faults.response(faults.token_refused("Token expired: value not shown"), now=now)
    if status == 403:
        return faults.response(faults.foreign_realm(), now=now)
    if status == 429:
        return faults.response(faults.throttled(), now=now)
    if status == 400:
        return faults.response(faults.business("The request could not be processed."), now=now)
    if status in _WORDS:
        return Response.of_html(_HTML.format(status=status, words=_WORDS[status]), status=status)
    return faults.response(faults.system_failure(status), now=now)
