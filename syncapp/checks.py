"""Refuse a set-up that is unsafe before anything starts.

Owns what is looked at beside Django's own checks: every command runs these, and so does the door for web servers (`refuse`). They
read settings, and the table of connections only where DEBUG is on. What takes a look at the world belongs to `manage.py doctor`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from syncapp import models
from syncapp.engine.vocabulary import ConnectionStatus, Environment

TAG = "setup"
KEY_BYTES = 32
PERMISSION_CODES = {"IMPORT_EXPORT_IMPORT_PERMISSION_CODE": "import", "IMPORT_EXPORT_EXPORT_PERMISSION_CODE": "export"}
SANDBOX_URLS = ("LOCAL_SANDBOX_HUBSPOT_URL", "LOCAL_SANDBOX_QUICKBOOKS_URL")
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[1-9]\d{0,4}")


def connect() -> None:
    """Have Django run the checks with its own."""
    register(every, TAG)


def refuse() -> None:
    """Raise ImproperlyConfigured where the set-up is unsafe, for whoever starts without a command."""
    serious = [found for found in run_checks(tags=[TAG]) if found.is_serious() and not found.is_silenced()]
    if serious:
        raise ImproperlyConfigured(" ".join(f"{found.msg} {found.hint or ''}".strip() for found in serious))


def every(app_configs: Sequence[Any] | None = None, **_ignored: Any) -> list[CheckMessage]:
    """Run all of them."""
    checks = (_permission_codes, _addresses, _keys, _queue, _time_zone, _https, _debug, _sqlite)
    return [found for check in checks for found in check()]


def _permission_codes() -> Iterator[CheckMessage]:
    for name, wanted in PERMISSION_CODES.items():
        if getattr(settings, name, None) != wanted:
            words = f"{name} must be {wanted!r}: without it everybody with a page may {wanted} its records."
            yield Error(words, hint="Put it back as it stands in settings/base.py.", id="syncapp.E001")


def _addresses() -> Iterator[CheckMessage]:
    """The vendors' addresses are fixed in `integrations`; the two of the sandbox are the only ones that a setting names."""
    for name in SANDBOX_URLS:
        url = getattr(settings, name)
        if url and settings.PRODUCTION:
            yield Error(f"{name} must be empty in production.", hint="Remove it from the environment.", id="syncapp.E002")
        elif url and not _LOOPBACK.fullmatch(url):
            words = f"{name} must look like http://127.0.0.1:8801, since the sandbox runs on this machine only."
            yield Error(words, hint="Correct it, or leave it empty.", id="syncapp.E002")


def _keys() -> Iterator[CheckMessage]:
    made = "Make one as .env.example says, and put it in front of the old one, which is still needed to read what it sealed."
    keys = [key for _, key in settings.CREDENTIAL_KEYS]
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        yield Error(f"CREDENTIAL_KEYS must hold keys of {KEY_BYTES} bytes.", hint=made, id="syncapp.E003")
    secret = settings.SECRET_KEY.encode()
    derived = (secret[:KEY_BYTES], secret[-KEY_BYTES:], hashlib.sha256(secret).digest())
    if any(key in derived or key in secret for key in keys if key):
        yield Error("A key of CREDENTIAL_KEYS is made of SECRET_KEY: who has the one has the other.", hint=made, id="syncapp.E003")


def _queue() -> Iterator[CheckMessage]:
    queue = settings.Q_CLUSTER
    wanted = (
        (queue["timeout"] < queue["retry"], "timeout must be below retry, else a job is handed out again while it is worked on"),
        (queue.get("bulk", 1) == 1, "bulk must be 1, else jobs wait behind one that a worker may not survive"),
        (queue.get("max_attempts", 0) > 0, "max_attempts must be above 0, else a job that fails is repeated for ever"),
    )
    for holds, words in wanted:
        if not holds:
            yield Error(f"Q_CLUSTER: {words}.", hint="Put it back as it stands in settings/queue.py.", id="syncapp.E004")


def _time_zone() -> Iterator[CheckMessage]:
    if not settings.USE_TZ:
        yield Error("USE_TZ must be on: times without a zone are compared wrongly.", hint="Remove the line.", id="syncapp.E005")


def _https() -> Iterator[CheckMessage]:
    if settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        words = "PUBLIC_URL must begin with https:// in production: passwords and consents pass through it."
        yield Error(words, hint="Set it to the address people use.", id="syncapp.E006")


def _debug() -> Iterator[CheckMessage]:
    if settings.DEBUG and (settings.PRODUCTION or _has_real_account()):
        words = "DEBUG is on, and an account of real customers is connected: error pages would show their values."
        yield Error(words, hint="Remove DEBUG from the environment, or work with test accounts.", id="syncapp.E007")


def _has_real_account() -> bool:
    """Before the first migration there is no table, and no account either."""
    real = models.Connection.objects.filter(environment=Environment.PRODUCTION).exclude(status=ConnectionStatus.DISCONNECTED)
    try:
        return bool(real.exists())
    except DatabaseError:
        return False


def _sqlite() -> Iterator[CheckMessage]:
    is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if settings.PRODUCTION and is_sqlite and settings.Q_CLUSTER["workers"] > 1:
        words = (
            f"SQLite lets one writer at a time in, and {settings.Q_CLUSTER['workers']} workers of the queue would wait for one another"
            " in production."
        )
        hint = "Set DATABASE_URL to a PostgreSQL database. Or, for one machine and little data, set QUEUE_WORKERS=1."
        yield Error(words, hint=hint, id="syncapp.E008")
