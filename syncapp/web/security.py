"""What browsers are told to refuse, and what error reports leave out.

Owns the Content-Security-Policy header (the policy itself is a setting), the methods that nothing answers, and the mask over error
reports.
"""

from __future__ import annotations

import pprint
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from integrations import discretion

METHODS = ("GET", "HEAD", "OPTIONS", "POST")
"""What a page may refuse in its own way. Others, TRACE among them, are refused for all."""


class BrowserPolicyMiddleware:
    """Adds the policy headers to every answer, and keeps pages out of shared and disk caches.

    Stands first, so that redirects, refusals and static files carry the policy too; those last set their own caching.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return the answer with the policy headers that it does not set itself."""
        is_known = request.method in METHODS
        response = self._get_response(request) if is_known else HttpResponseNotAllowed(METHODS)
        policy = "; ".join(" ".join([name, *values]) for name, values in settings.CONTENT_SECURITY_POLICY.items())
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        return response


class DiscreetReporterFilter(SafeExceptionReporterFilter):
    """Masks settings that hold a secret by their names, which Django's own list misses in part, and every known secret by its value.

    A copy of a token is as secret as the variable it was copied from, in our frames and in those of the libraries below them.
    """

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|REFRESH|VERIFIER|CREDENTIAL|CLIENT|DATABASE|EMAIL|LOGGING",
        flags=re.IGNORECASE,
    )

    def cleanse_setting(self, key: int | str, value: Any) -> Any:
        """Mask a setting, or an entry of the request, by name and by value."""
        return _discreet(super().cleanse_setting(key, value))

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        """Mask what the variables of a frame hold."""
        return [(name, _discreet(value)) for name, value in super().get_traceback_frame_variables(request, tb_frame)]

    def get_post_parameters(self, request: Any) -> Any:
        """Leave out what was typed: none of it is needed to mend a fault, and some of it is personal."""
        return {}


class DiscreetReporter(ExceptionReporter):
    """Django's reports, without a secret in the words of the exceptions either."""

    def get_traceback_html(self) -> SafeString:
        """The report as a page."""
        return SafeString(discretion.redact(super().get_traceback_html()))  # nosec B703 - Django escaped it, and *** needs no escape

    def get_traceback_text(self) -> SafeString:
        """The report as text."""
        return SafeString(discretion.redact(super().get_traceback_text()))  # nosec B703 - no page


def _discreet(value: Any) -> Any:
    """A value as it is, unless there is something secret in what would be shown of it."""
    try:
        shown = pprint.pformat(value)
    except Exception:  # noqa: BLE001 - a value that cannot be shown must not spoil a report
        return value
    masked = discretion.redact(shown)
    return masked if masked != shown else value
