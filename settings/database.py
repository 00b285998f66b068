"""Turn DATABASE_URL into Django's DATABASES entry.

Owns what is particular to the two databases we support: SQLite waits for its turn instead of failing, PostgreSQL keeps its
connections without a pool, since a pool and the queue's forked processes hang each other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def from_url(*, url: str, default_file: Path) -> dict[str, Any]:
    """Return the settings of the database at the URL, or of an SQLite file where the URL is empty."""
    config: dict[str, Any] = environ.Env.db_url_config(url) if url else {"ENGINE": "django.db.backends.sqlite3", "NAME": str(default_file)}
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:":
            Path(config["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return {**config, "OPTIONS": SQLITE_OPTIONS}
    if config["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must begin with postgres:// or sqlite:///; other databases are not supported.")
    if "pool" in config.get("OPTIONS", {}):
        raise ImproperlyConfigured("DATABASE_URL must not ask for a pool: the queue's processes would hang. Remove `pool` from it.")
    return {**config, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
