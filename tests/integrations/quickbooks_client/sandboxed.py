"""What tests of the QuickBooks side share: a client whose limits are noted, and a sandbox that can be told what to do."""
from __future__ import annotations

import itertools
import json
import urllib.request
from datetime import UTC, datetime
from typing import Any

from integrations import http
from integrations.quickbooks import client, faults

_REALMS = itertools.count(9_130_000_000_001)


class OneToken:
    def __init__(self, token: str) -> None:
        self._token = token

    def token(self) -> str:
        return self._token

    def renewed(self, rejected: str) -> str:
        return self._token


class NotedLimits:
    def __init__(self) -> None:
        self.acquired: list[tuple[str, ...]] = []

    def acquire(self, call: http.Call) -> None:
        self.acquired.append(call.buckets)

    def report(self, call: http.Call, answer: http.Answer) -> None:
        """Nothing to learn."""

    def blocked(self, call: http.Call, seconds: float, policy: str) -> None:
        """Nothing to hold back."""


def connected(url: str, *, token: str = "token", company_id: str = "42", limits: NotedLimits | None = None) -> client.Client:
    transport = http.Transport(
        base_url=url,
        tokens=OneToken(token),
        limiter=limits or NotedLimits(),
        explain=faults.explain,
        sleep=lambda seconds: None,
        clock=lambda: datetime.now(UTC),
    )
    return client.Client(transport=transport, company_id=company_id)


class Company:
    """A company of its own in a running sandbox, with what a person there may do."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.id = str(next(_REALMS))
        self._token = str(self.control("tokens", {"realm_id": self.id})["access_token"])

    def client(self, *, company_id: str = "", limits: NotedLimits | None = None) -> client.Client:
        return connected(self.url, token=self._token, company_id=company_id or self.id, limits=limits)

    def control(self, path: str, body: object | None = None, *, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read()
        return json.loads(content) if content else None

    def edit(self, **edit: object) -> Any:
        return self.control("edit", {**edit, "realm_id": self.id})

    def customer(self, name: str, **fields: object) -> str:
        """A customer that somebody typed in QuickBooks."""
        return str(self.edit(type="Customer", create={"DisplayName": name, **fields})["id"])

    def switch(self, **switches: object) -> None:
        self.control("switch", switches)

    def breaks(self, fault: str, path_regex: str, *, times: int = 1, **more: object) -> None:
        self.control("faults", {"match": {"path_regex": path_regex}, "times": times, "fault": fault, **more})

    def calls(self) -> list[dict[str, Any]]:
        """The calls of the API that concerned this company, oldest first."""
        return [call for call in self.control("log?since=0", method="GET") if f"/company/{self.id}/" in call["path"]]
