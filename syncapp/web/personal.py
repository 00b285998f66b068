"""In which language and time zone a person's pages are made, and whether personal values stand in them.

Owns that they hold for that person's request only. Which they are, is read by a selector.
"""
from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from syncapp.selectors import personal


class PersonalMiddleware:
    """Makes every page of somebody who is signed in, in the language and time zone that this person chose, and without the values that
    this person may not see. Stands after the sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer, made in the person's language and time zone; for strangers in those of the installation."""
        if not request.user.is_authenticated:
            with translation.override(settings.LANGUAGE_CODE):
                return self._get_response(request)
        with personal.as_read_by(user=request.user):
            return self._get_response(request)
