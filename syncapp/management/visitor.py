"""A person at the sandbox's consent pages: reads the form, chooses the account, presses Allow.

Owns the plain HTTP of that person. Used by the demo only; no part of what talks to a real vendor.
"""

from __future__ import annotations

import json
import urllib.request
from html.parser import HTMLParser
from http.client import HTTPConnection
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit


class NoConsent(Exception):
    """The page did not lead back to the application; the text says what came instead."""


class _Form(HTMLParser):
    """The action, the fields and the accounts of the one form on the page."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.accounts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what a browser would send."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = found.get("action", "")
        elif tag == "input" and found.get("type") == "hidden":
            self.fields[found["name"]] = found.get("value", "")
        elif tag == "option":
            self.accounts.append(found.get("value", ""))


def allow(*, url: str) -> dict[str, str]:
    """Grant what the consent page at the address asks for, for its first account. Returns what comes back to the application."""
    form = _Form()
    status, _, page = _ask("GET", url)
    if status != 200:
        raise NoConsent(f"The consent page answered {status}.")
    form.feed(page)
    if not form.accounts:
        raise NoConsent("The consent page offers no account.")
    parts = urlsplit(url)
    answer = {**form.fields, "account": form.accounts[0], "decision": "allow"}
    status, location, _ = _ask("POST", f"{parts.scheme}://{parts.netloc}{form.action}", urlencode(answer))
    if status != 302:
        raise NoConsent(f"The consent page answered {status} instead of leading back.")
    return dict(parse_qsl(urlsplit(location).query))


def control(*, base_url: str, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> dict[str, Any]:
    """Ask something of the sandbox's control face and return its answer."""
    request = urllib.request.Request(  # noqa: S310  # nosec B310 - the sandbox itself
        f"{base_url}/_sandbox/{path}", data=json.dumps(body or {}).encode(), headers={"Content-Type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # nosec B310 - the same
        told: dict[str, Any] = json.load(answer)
    return told


def look(*, base_url: str, path: str) -> Any:
    """Read from the sandbox's control face."""
    with urllib.request.urlopen(f"{base_url}/_sandbox/{path}", timeout=30) as answer:  # noqa: S310  # nosec B310 - the sandbox itself
        return json.load(answer)


def _ask(method: str, url: str, body: str | None = None) -> tuple[int, str, str]:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, f"{parts.path}?{parts.query}" if parts.query else parts.path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Location", "") or "", answer.read().decode()
    finally:
        connection.close()
