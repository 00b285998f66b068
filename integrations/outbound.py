"""By which way calls leave this machine: straight to the vendor, and by the environment's proxy only where the set-up allows it.

Owns that choice for every session. What certificates are believed is left to requests.
"""

from __future__ import annotations

from typing import Any

import requests
import requests.adapters


class Direct(requests.adapters.HTTPAdapter):
    """Goes to the vendor itself, whatever proxy the environment names, unless the set-up lets it take that one."""

    takes_proxies = False

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request, by a proxy only where the set-up allows it."""
        if not Direct.takes_proxies:
            kwargs["proxies"] = {}
        return super().send(request, *args, **kwargs)


class PlainLoopback(Direct):
    """Carries over plain http what a caller insists on addressing as https. To be mounted on a loopback address only."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request without TLS."""
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


def allow_proxies(*, allowed: bool) -> None:
    """Let calls take the proxy that HTTP_PROXY and HTTPS_PROXY name, or have them go straight to the vendor."""
    Direct.takes_proxies = allowed


def confine(*, session: requests.Session) -> None:
    """Have every call of a session go by the way that is allowed.

    Where no proxy is, the environment is asked but once, for the certificates to believe: requests would walk through all of it at each
    call, which takes a tenth of a small one.
    """
    session.mount("https://", Direct())
    session.mount("http://", Direct())
    if not Direct.takes_proxies:
        session.verify = session.merge_environment_settings("https://", {}, None, None, None)["verify"]
        session.trust_env = False
