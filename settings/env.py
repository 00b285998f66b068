"""Read the environment and the `.env` file.

Owns how a variable is read: from the process environment, else from the file `.env` (or the file named by SYNCAPP_ENV_FILE),
and for every variable FOO also from the file named by FOO_FILE, which is how containers hand over secrets.
Must not know what the variables mean to Django; that is `base`.
"""

from __future__ import annotations

import base64
import binascii
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
KEY_BYTES = 32
LONGEST_DAYS = 365

_reader = environ.FileAwareEnv()
_env_file = os.environ.get("SYNCAPP_ENV_FILE", str(BASE_DIR / ".env"))
if _env_file:
    _reader.read_env(_env_file)


def text(name: str, default: str = "") -> str:
    """Return the variable without surrounding blanks, or the default where it is missing or empty."""
    try:
        value = str(_reader.ENVIRON.get(name, ""))
    except OSError as error:
        reason = f"{name}_FILE names a file that cannot be read: {error.strerror}. Mend the path or remove {name}_FILE."
        raise ImproperlyConfigured(reason) from error
    return value.strip() or default


def required(name: str, remedy: str) -> str:
    """Return the variable, or refuse to start and name the remedy."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is empty. {remedy}")
    return value


def flag(name: str, *, default: bool = False) -> bool:
    """Return the variable as yes or no; anything else refuses to start."""
    value = text(name).lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    if not value:
        return default
    raise ImproperlyConfigured(f"{name} must be true or false.")


def words(name: str) -> list[str]:
    """Return the variable as the words between its commas."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def one_of(name: str, known: list[str], default: str) -> str:
    """Return the variable where it is one of these words; anything else refuses to start."""
    value = text(name, default)
    if value not in known:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(known)}.")
    return value


def share(name: str, default: float) -> float:
    """Return the variable as a number above 0 and at most 1."""
    try:
        value = float(text(name, str(default)))
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a number such as 0.9.") from error
    if not 0 < value <= 1:
        raise ImproperlyConfigured(f"{name} must be above 0 and at most 1.")
    return value


def number(name: str, default: int, *, most: int) -> int:
    """Return the variable as a whole number, from 1 to the most."""
    value = text(name, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} must be a whole number, from 1 to {most}.")
    return int(value)


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return the variable as networks, each an address or one with the length of its prefix, between commas."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must name networks such as 10.0.0.0/8 or 127.0.0.1, separated by commas.") from error


def days(name: str, default: int) -> int:
    """Return the variable as a number of days, from 1 to a year."""
    value = text(name, str(default))
    if not value.isdecimal() or not 1 <= int(value) <= LONGEST_DAYS:
        raise ImproperlyConfigured(f"{name} must be a whole number of days, from 1 to {LONGEST_DAYS}.")
    return int(value)


def origin(name: str, default: str = "") -> str:
    """Return the variable as an address without a path, such as https://sync.example.com."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise ImproperlyConfigured(f"{name} must look like https://sync.example.com, without a path.")
    return value


def loopback(name: str) -> str:
    """Return the variable as an address on this machine, http://127.0.0.1:PORT, or empty."""
    value = origin(name)
    parts = urlsplit(value)
    if value and (parts.scheme != "http" or parts.hostname != "127.0.0.1" or parts.netloc != f"127.0.0.1:{parts.port}"):
        raise ImproperlyConfigured(
            f"{name} must look like http://127.0.0.1:8801, since the sandbox runs on this machine only. Leave it empty to go without."
        )
    return value


def keys(name: str, remedy: str) -> tuple[tuple[str, bytes], ...]:
    """Return (key id, 32 bytes) pairs from `id:base64,id:base64`; the first one encrypts, the others only read."""
    pairs = []
    for word in required(name, remedy).split(","):
        key_id, separator, encoded = word.strip().partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not key_id or not separator or len(key) != KEY_BYTES:
            raise ImproperlyConfigured(f"{name} must be id:base64 pairs of {KEY_BYTES} bytes each, newest first. {remedy}")
        pairs.append((key_id, key))
    if len({key_id for key_id, _ in pairs}) != len(pairs):
        raise ImproperlyConfigured(f"{name} uses a key id twice. Give every key an id of its own.")
    return tuple(pairs)
