"""Who calls, by address.

Owns whom that is believed: the proxy in front where the settings trust it, else whoever is connected.
"""
from __future__ import annotations

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The address that called: what a trusted proxy wrote down last, else who is connected."""
    last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() if settings.SECURE_PROXY_SSL_HEADER else ""
    try:
        return str(ip_address(last))
    except ValueError:
        return str(request.META.get("REMOTE_ADDR", ""))
