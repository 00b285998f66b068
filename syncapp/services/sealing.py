"""Seal what must be readable to nobody who holds the database alone.

Owns the cipher (AES-256-GCM) and its keys, which come from the settings. What is sealed opens in its own place only: the place is a part
of what is signed, so a value moved to another row or column stays closed.

    SyncError
    └── Misconfigured
        └── KeyMissing     a key is not in the settings, or it is the wrong one
"""
from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from syncapp.engine import errors
from syncapp.engine.wording import say

VERSION = "v1"
NONCE_BYTES = 12


class KeyMissing(errors.Misconfigured):
    """Something sealed cannot be opened with the keys that the settings hold."""


def seal(*, place: str, value: str) -> str:
    """Encrypt a value with the newest key, bound to its place."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, value.encode(), place.encode())
    return f"{VERSION}:{key_id}:{base64.b64encode(nonce + sealed).decode()}"


def unseal(*, place: str, sealed: str) -> str:
    """Decrypt a value. Raises KeyMissing, which says why, and never answers anything but what was sealed in this place."""
    version, _, rest = sealed.partition(":")
    key_id, _, body = rest.partition(":")
    key = _keys().get(key_id)
    if version != VERSION or key is None:
        raise KeyMissing(say("the encryption key “{key}” is not in the settings", key=key_id))
    try:
        raw = base64.b64decode(body, validate=True)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, binascii.Error, ValueError):
        raise KeyMissing(say("the encryption key “{key}” is not the one they were sealed with", key=key_id)) from None


def newest() -> str:
    """Name the key that seals now."""
    return next(iter(_keys()))


def _keys() -> Mapping[str, bytes]:
    keys = dict(settings.CREDENTIAL_KEYS)
    if not keys:
        raise KeyMissing(say("No encryption key for tokens is set. Set CREDENTIAL_KEYS and start again."))
    return keys
