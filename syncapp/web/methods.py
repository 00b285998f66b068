"""Which methods of HTTP this program knows at all.

Owns that one list. Which of them an address takes is said where the address is.
"""
from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

KNOWN = ("GET", "HEAD", "OPTIONS", "POST")


class KnownMethodsMiddleware:
    """Refuses every other method, before anybody is looked up: pages would take it for a GET."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, or the refusal."""
        return self._get_response(request) if request.method in KNOWN else HttpResponseNotAllowed(KNOWN)
