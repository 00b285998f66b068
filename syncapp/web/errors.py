"""What somebody sees who cannot be answered: a sentence and a number, under which the log says more.

Owns those pages. They ask no database and show nothing of what went wrong, nor of who is signed in.
"""
from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from syncapp.engine.wording import later

logger = logging.getLogger(__name__)

NUMBER_BYTES = 4


@dataclass(frozen=True, kw_only=True)
class Said:
    """A heading, and what to do next."""

    heading: Any
    words: Any


NOT_UNDERSTOOD = Said(heading=later("This was not understood"), words=later("Go back, open the page again, and try once more."))
NOT_ALLOWED = Said(
    heading=later("You may not open this"), words=later("Your account has no permission for it. Ask an administrator if you need it.")
)
OUT_OF_DATE = Said(
    heading=later("The page was out of date"),
    words=later("Nothing was changed. Go back, open the page again, and try once more. The browser has to accept cookies from here."),
)
NOT_THERE = Said(
    heading=later("There is no such page"), words=later("It may have been removed. Begin at the overview and look for it from there.")
)
FAILED = Said(
    heading=later("Something went wrong here"),
    words=later("What you did may be done in part: look at it again. If it happens again, give an administrator the number below."),
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400."""
    return _page(400, NOT_UNDERSTOOD)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return _page(403, NOT_ALLOWED)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that carries no good token."""
    return _page(403, OUT_OF_DATE)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404."""
    return _page(404, NOT_THERE)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500; the traceback stands in the log, right after the line with the number."""
    return _page(500, FAILED)


def _page(status: int, said: Said) -> HttpResponse:
    number = secrets.token_hex(NUMBER_BYTES).upper()
    if status >= 500:
        logger.error("Error %s: answered by status %s", number, status)
    else:
        logger.info("Error %s: answered by status %s", number, status)
    return HttpResponse(render_to_string("syncapp/error.html", {"said": said, "number": number}), status=status)
