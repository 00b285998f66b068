"""Where the vendors send their webhooks: one address each, for their servers and nobody else.

Owns the order of the work: how much it is, who sent it, then what it says; and that nothing else of the application is asked on the way:
no session, no person. No page is shown.
"""
from __future__ import annotations

import contextlib
import logging
import socket
import threading
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from syncapp.engine.vocabulary import System
from syncapp.services import floods, webhooks
from syncapp.web import callers

logger = logging.getLogger(__name__)

MOST_BYTES = 1_048_576
SLOWEST = 10.0
"""Seconds for the whole body."""


class ShortWayMiddleware:
    """Answers at these addresses at once, past what is for people: a flood of forged requests costs as little as can be.

    Stands behind what puts headers on every answer and before all else. The host is checked here, as it is for pages.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._systems = {reverse(f"webhooks-{system.value.lower()}"): system.value for system in System}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer."""
        system = self._systems.get(request.path)
        if system is None:
            return self._get_response(request)
        request.get_host()
        answer: HttpResponse = take(request, system)
        answer["Cache-Control"] = "no-store"
        return answer


@csrf_exempt
@require_POST
def take(request: HttpRequest, system: str) -> HttpResponse:
    """Take in what a vendor tells, and say at once that it came."""
    vendor, now, sender = System(system), timezone.now(), callers.address(request)
    if settings.HTTPS and not request.is_secure():
        return HttpResponse(status=403)
    if floods.FLOODS.is_shut(address=sender, now=now):
        return HttpResponse(status=429, headers={"Retry-After": str(floods.MINUTE)})
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length[:20]) > MOST_BYTES:
        return HttpResponse(status=413)
    try:
        body = _body(request)
    except UnreadablePostError:
        return HttpResponse(status=400)
    try:
        return HttpResponse(status=_taken(request, vendor, body, sender))
    except DatabaseError:
        # The one case in which the vendor is to send it again.
        logger.exception("A webhook for %s could not be kept", vendor.label)
        return HttpResponse(status=503)


def _body(request: HttpRequest) -> bytes:
    """Read what was sent, and stop listening to somebody who takes too long over it: a few of those would keep everybody else out."""
    line = request.META.get("gunicorn.socket")
    if line is None:
        return request.body
    timer = threading.Timer(SLOWEST, _stop_listening, [line])
    timer.daemon = True
    timer.start()
    try:
        return request.body
    finally:
        timer.cancel()


def _stop_listening(line: socket.socket) -> None:
    with contextlib.suppress(OSError):
        line.shutdown(socket.SHUT_RD)


def _taken(request: HttpRequest, vendor: System, body: bytes, sender: str) -> int:
    """Return the status: 200 for whatever the vendor signed, 401 for everything else."""
    now = timezone.now()
    genuine = webhooks.is_genuine(
        system=vendor, body=body, query=request.META.get("QUERY_STRING", ""), given=request.headers.get(webhooks.SIGNATURE[vendor], ""),
        moment=request.headers.get(webhooks.MOMENT, ""), now=now,
    )
    if not genuine:
        webhooks.refuse(system=vendor, sender=sender, now=now)
        return 401
    webhooks.receive(system=vendor, body=body, now=now)
    return 200
