"""In which time zone a person's pages are made.

Owns that it holds for that person's request only. Which zone it is, is read by a selector.
"""
from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from syncapp.selectors import personal


class TimeZoneMiddleware:
    """Makes every page of somebody who is signed in, in the time zone that this person chose. Stands after the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, made in the person's time zone."""
        if not request.user.is_authenticated:
            return self._get_response(request)
        with timezone.override(personal.zone(chosen=personal.of(user=request.user))):
            return self._get_response(request)
