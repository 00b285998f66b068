"""How a sign-in stays alive while its owner works, and when it ends all the same.

Owns that the end of a session moves on with its use, by one write a minute and not one for every page, and that half a day after the
sign-in it is over whatever happens.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

RENEWED = "renewed_at"
BEGAN = "began_at"
EVERY = 60
"""Seconds."""
LONGEST = 12 * 60 * 60
"""Seconds."""


class RenewalMiddleware:
    """Has the session of somebody who is signed in saved, and so its end put off, a minute after the last time; or ends it.

    Stands after the sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer; Django saves the session with it where it was changed here."""
        now = int(timezone.now().timestamp())
        if request.user.is_authenticated and now - int(request.session.get(BEGAN, now)) >= LONGEST:
            logout(request)
        if request.user.is_authenticated and now - int(request.session.get(RENEWED, 0)) >= EVERY:
            request.session[RENEWED] = now
            request.session.setdefault(BEGAN, now)
        return self._get_response(request)


def connect() -> None:
    """Note in each session when it began."""
    user_logged_in.connect(_begun, dispatch_uid="sessions")


def _begun(sender: Any, request: HttpRequest, **_ignored: Any) -> None:
    request.session[BEGAN] = int(timezone.now().timestamp())
