"""From which address a request comes.

Owns when a proxy's word is taken for it: where the set-up trusts one, and then only the last thing it wrote down.
"""
from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Tell what a trusted proxy wrote down last, else who is connected."""
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.SECURE_PROXY_SSL_HEADER else ""
    try:
        return str(ip_address(last))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))
