"""A fresh database for each measurement, and the environment of the processes that use it.

Owns making and removing it: an SQLite file in a temporary directory, or a database of its own on the PostgreSQL server that was named.
"""

from __future__ import annotations

import base64
import functools
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import environ
import psycopg
from psycopg import conninfo, sql

from tests.benchmarks import figures, processes, vendors

_MAKING = threading.Lock()


def name(url: str) -> str:
    """Name the database behind a URL, "" standing for SQLite."""
    if not url:
        return figures.sqlite_name()
    with _connected(url) as connection:
        version = connection.info.server_version
    return f"PostgreSQL {version // 10_000}.{version % 10_000}"


def kind(url: str) -> str:
    """Name the kind of database behind a URL."""
    return "PostgreSQL" if url else "SQLite"


@contextmanager
def environment(*, url: str, both: vendors.Vendors, minted: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    """Yield the environment of a new, empty installation that knows the sandbox, and remove it in the end."""
    hubspot, quickbooks = minted[vendors.HUBSPOT], minted[vendors.QUICKBOOKS]
    known = {
        "LOCAL_SANDBOX_HUBSPOT_URL": both.hubspot.url,
        "LOCAL_SANDBOX_QUICKBOOKS_URL": both.quickbooks.url,
        "HUBSPOT_CLIENT_ID": hubspot["client_id"],
        "HUBSPOT_CLIENT_SECRET": hubspot["client_secret"],
        "QUICKBOOKS_CLIENT_ID": quickbooks["client_id"],
        "QUICKBOOKS_CLIENT_SECRET": quickbooks["client_secret"],
    }
    with bare(url=url, more=known) as own:
        yield own


@contextmanager
def bare(*, url: str, more: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment of a new, empty installation that knows only what it is told, and remove it in the end."""
    with tempfile.TemporaryDirectory(prefix="syncapp-benchmark-") as folder, _database(url, Path(folder)) as own:
        environment = {**_variables(folder=folder, database=own), **more}
        with processes.loaded(environment):
            yield environment


def _variables(*, folder: str, database: str) -> dict[str, str]:
    return {
        **{key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TZ", "VIRTUAL_ENV")},
        "DJANGO_SETTINGS_MODULE": "settings.local",
        "SYNCAPP_ENV_FILE": "",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "CREDENTIAL_KEYS": "benchmark:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "VAR_DIR": folder,
        "DATABASE_URL": database,
        "LOG_LEVEL": "WARNING",
    }


@functools.cache
def _with_tables() -> bytes:
    """An SQLite database with nothing but our tables, made once: that takes longer than many a measurement on it."""
    with tempfile.TemporaryDirectory(prefix="syncapp-benchmark-") as folder:
        file = Path(folder) / "tables.sqlite3"
        command = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=vendors.ROOT, env=_variables(folder=folder, database=f"sqlite:///{file}"), check=True)
        return file.read_bytes()


@contextmanager
def _database(url: str, folder: Path) -> Iterator[str]:
    if not url:
        file = folder / "benchmark.sqlite3"
        with _MAKING:
            file.write_bytes(_with_tables())
        yield f"sqlite:///{file}"
        return
    own = f"syncapp_benchmark_{secrets.token_hex(6)}"
    with _connected(url) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(own)))
        try:
            yield _renamed(url, own)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(own)))


def _connected(url: str) -> psycopg.Connection[Any]:
    """A connection to the server as Django would make it; a socket's directory may stand in the URL's path."""
    found = environ.Env.db_url_config(url)
    parts = {"host": found["HOST"], "port": found["PORT"], "user": found["USER"], "password": found["PASSWORD"], "dbname": found["NAME"]}
    given = {name: value for name, value in {**parts, **found.get("OPTIONS", {})}.items() if value}
    return psycopg.connect(conninfo.make_conninfo("", **given), autocommit=True)


def _renamed(url: str, own: str) -> str:
    """The same server, another database: the last part of the path, which may begin with a socket's directory."""
    parts = urllib.parse.urlsplit(url)
    head, _, _ = parts.path.rpartition("/")
    return urllib.parse.urlunsplit(parts._replace(path=f"{head}/{own}"))
