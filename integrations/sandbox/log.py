"""What was called on one face: the entries and the counts of the control face.

Owns the masking of secrets. Never holds a token or a body, and writes nothing outside memory.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from datetime import datetime
from typing import Any

from integrations.sandbox.messages import Json, Request, Response

KEPT = 200_000
NO_ANSWER = 0
MASK = "***"
_SECRET_NAMES = "code|code_verifier|token|access_token|refresh_token|id_token|client_secret|hapikey|api_key|apikey"  # noqa: S105 - names
_SECRET_QUERY = re.compile(rf"(^|&)({_SECRET_NAMES})=[^&]*", re.IGNORECASE)
_SECRET_PATH = re.compile(r"/(access-tokens|refresh-tokens)/[^/?]+", re.IGNORECASE)


def masked(text: str, *, secret: str = "") -> str:
    """The text of a path without the tokens that some vendors put into it, and without `secret`."""
    text = _SECRET_PATH.sub(rf"/\1/{MASK}", text)
    return text.replace(secret, MASK) if secret else text


def masked_query(text: str, *, secret: str = "") -> str:
    """A raw query string with the values of secret parameters (and `secret` anywhere) masked."""
    text = _SECRET_QUERY.sub(rf"\1\2={MASK}", text)
    return text.replace(secret, MASK) if secret else text


class CallLog:
    """The calls of one face, oldest first. Called with the world's lock held."""

    def __init__(self) -> None:
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._numbered = 0
        self._calls: Counter[tuple[str, str, int]] = Counter()
        self._written: Counter[tuple[str, str]] = Counter()

    def add(self, *, at: datetime, request: Request, response: Response, status: int, bytes_out: int) -> int:
        """Remember a call and tell its number. `status` is what the client got to see, NO_ANSWER when it got nothing."""
        secret = bearer(request)
        path = masked(request.raw_path, secret=secret)
        self._numbered += 1
        self._entries.append(
            {
                "n": self._numbered,
                "at": at.isoformat(timespec="microseconds"),
                "method": request.method,
                "path": path,
                "query": masked_query(request.raw_query, secret=secret),
                "status": status,
                "bytes_in": len(request.body),
                "bytes_out": bytes_out,
                "client": request.client,
            }
        )
        self._calls[(request.method, response.route or path, status)] += 1
        self._written.update(response.written)
        return self._numbered

    def since(self, number: int) -> list[Json]:
        """The entries with a number above the given one."""
        return [entry for entry in self._entries if entry["n"] > number]

    def clear(self) -> None:
        """Empty the log; numbers go on counting, so that a remembered `since` stays good."""
        self._entries.clear()

    def counts(self) -> Json:
        """Calls by method, route and status, and records written by verb and by type."""
        by_verb: Counter[str] = Counter()
        by_type: dict[str, Counter[str]] = {}
        for (verb, kind), count in self._written.items():
            by_verb[verb] += count
            by_type.setdefault(kind, Counter())[verb] += count
        calls: list[dict[str, Any]] = [
            {"method": method, "route": route, "status": status, "count": count}
            for (method, route, status), count in sorted(self._calls.items())
        ]
        return {"calls": calls, "written": dict(by_verb), "written_by_type": {kind: dict(verbs) for kind, verbs in by_type.items()}}

    def forget_counts(self) -> None:
        """Start counting from nothing."""
        self._calls.clear()
        self._written.clear()


def bearer(request: Request) -> str:
    """The credential of a request's Authorization header, or blank."""
    return request.headers.get("Authorization", "").partition(" ")[2].strip()
