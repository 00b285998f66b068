"""How a sign-in stays alive while its owner works.

Owns that the end of a session moves on with its use, by one write a minute and not one for every page.
"""
from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

RENEWED = "renewed_at"
EVERY = 60
"""Seconds."""


class RenewalMiddleware:
    """Has the session of somebody who is signed in saved, and so its end put off, a minute after the last time.

    Stands after the sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; Django saves the session with it where it was changed here."""
        now = int(timezone.now().timestamp())
        if request.user.is_authenticated and now - int(request.session.get(RENEWED, 0)) >= EVERY:
            request.session[RENEWED] = now
        return self._get_response(request)
