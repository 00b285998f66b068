"""What tests of the HubSpot side share: a client that waits little, and a sandbox that can be told what to do."""

from __future__ import annotations

import datetime
import json
import time
import urllib.request
from typing import Any

from integrations import http
from integrations.hubspot import client as hubspot_client


class FixedToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def renewed(self, rejected: str) -> str:
        return self._token


class NoLimits:
    def __init__(self) -> None:
        self.calls: list[http.Call] = []

    def acquire(self, call: http.Call) -> None:
        self.calls.append(call)

    def report(self, call: http.Call, answer: http.Answer) -> None:
        return None

    def blocked(self, call: http.Call, seconds: float, policy: str) -> None:
        return None


class Sandbox:
    """The HubSpot face of a sandbox with its control calls."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, path: str, body: object | None = None, *, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read()
        return json.loads(content) if content else None

    def renew(self) -> None:
        """Begin afresh: no records, no faults, a search that is up to date."""
        self.control("faults", method="DELETE")
        self.control("reset", {"seed": "empty"})
        self.switch(index_delay=0.0, strict_unknown=False)

    def token(self, scopes: list[str] | None = None) -> str:
        return str(self.control("tokens", {"scopes": scopes, "limits": None})["access_token"])

    def edit(self, **edit: object) -> Any:
        return self.control("edit", edit)

    def switch(self, **switches: object) -> None:
        self.control("switch", switches)

    def breaks(self, fault: str, path_regex: str, *, times: int = 1, **more: object) -> None:
        self.control("faults", {"match": {"path_regex": path_regex}, "times": times, "fault": fault, **more})


def connected(url: str, token: str = "token", *, limiter: http.Limiter | None = None) -> hubspot_client.Client:
    return hubspot_client.connect(
        base_url=url,
        tokens=FixedToken(token),
        limiter=limiter or NoLimits(),
        sleep=lambda seconds: time.sleep(min(seconds, 0.01)),
        clock=lambda: datetime.datetime.now(datetime.UTC),
    )
