"""What browsers are told to refuse, and what error reports leave out.

Owns the Content-Security-Policy header (the policy itself is a setting), the methods that nothing answers, and the mask over error
reports.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils.cache import add_never_cache_headers
from django.views.debug import SafeExceptionReporterFilter

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
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
    """Masks every setting that holds a secret in error reports; Django's own list misses addresses with passwords in them."""

    hidden_settings = re.compile(
        "API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|REFRESH|VERIFIER|CREDENTIAL|CLIENT|DATABASE|EMAIL|LOGGING",
        flags=re.IGNORECASE,
    )
