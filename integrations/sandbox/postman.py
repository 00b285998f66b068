"""Carry a delivery to its address.

Owns the one call by which the sandbox speaks to somebody. Follows no redirect and reads no more than the status.
"""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from integrations.sandbox.outbox import Letter


def delivered(letter: Letter) -> bool:
    """Post a delivery and tell whether it was acknowledged by a status of 2xx in time."""
    parts = urlsplit(letter.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=letter.timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, body=letter.body, headers=letter.headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
