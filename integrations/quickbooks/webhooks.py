"""Whether a webhook comes from Intuit: its signature by the verifier token.

Pure: no HTTP, no clock. The signature covers no time, so a request that was caught may come again; whoever takes it in has to live
with that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def is_genuine(*, tokens: Iterable[str], body: bytes, given: str) -> bool:
    """Tell whether Intuit signed a body, taken byte by byte as it came, with one of our app's verifier tokens.

    `given` is the header `intuit-signature`.
    https://developer.intuit.com/app/developer/qbo/docs/develop/webhooks
    """
    told = given.encode("utf-8", "replace")
    return bool(given) and any([hmac.compare_digest(_signed(token, body), told) for token in tokens if token])


def _signed(token: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(token.encode(), body, hashlib.sha256).digest())
