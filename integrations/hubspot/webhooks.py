"""Whether a webhook comes from HubSpot: the third version of its signature.

Pure: no HTTP, no clock. Older versions are not accepted, since HubSpot sends the third with every event and the first covers neither
address nor time.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

OLDEST_SECONDS = 300
NEWEST_SECONDS = 60
"""How far a delivery's time may lie back, and ahead of ours."""
_DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",",
    "%3B": ";",
}
_LONGEST_MOMENT = 16


def is_genuine(
    *, secrets: Iterable[str], method: str, uri: str, body: bytes, moment: str, given: str, now: datetime
) -> bool:
    """Tell whether HubSpot signed a request with one of our app's secrets, and did so just now.

    `uri` is the address as HubSpot called it, `body` the bytes as they came, `moment` and `given` are its headers.
    https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
    """
    if not given or not moment.isascii() or not moment.isdecimal() or len(moment) > _LONGEST_MOMENT:
        return False
    age = now.timestamp() - int(moment) / 1000
    if not -NEWEST_SECONDS <= age <= OLDEST_SECONDS:
        return False
    message = method.encode() + _decoded(uri).encode() + body + moment.encode()
    told = given.encode("utf-8", "replace")
    return any([hmac.compare_digest(_signed(secret, message), told) for secret in secrets if secret])


def _signed(secret: str, message: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest())


def _decoded(uri: str) -> str:
    """The address as it is signed: these few signs are decoded, nothing else is."""
    for code, sign in _DECODED.items():
        uri = uri.replace(code, sign).replace(code.lower(), sign)
    return uri
