"""A database in memory that is put back in no time, and in which a process may die at any commit.

Owns the connection that takes the place of the configured one. Knows no fault: what happens at a commit is asked of the watcher.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.core.management import call_command
from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

ALIAS = "default"
SETTINGS = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:", "OPTIONS": {"transaction_mode": "IMMEDIATE"}}
_CHANGES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Watcher(Protocol):
    """Is asked around everything that becomes lasting."""

    def before_commit(self) -> None:
        """Just before: whoever raises leaves nothing of the transaction."""

    def after_commit(self) -> None:
        """Just after: whoever raises leaves all of it."""

    def statement(self) -> None:
        """Before any statement: a dead process reads and writes no more."""


class Connection(DatabaseWrapper):
    """SQLite in memory that tells its watcher of every commit."""

    watcher: Watcher | None = None

    def _commit(self) -> None:
        if self.watcher is None:
            return super()._commit()
        try:
            self.watcher.before_commit()
        except BaseException:
            self._rollback()
            raise
        super()._commit()
        self.watcher.after_commit()
        return None


def _watched(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """A change outside any transaction is a commit of its own."""
    connection = context["connection"]
    watcher = connection.watcher
    if watcher is None:
        return execute(sql, params, many, context)
    watcher.statement()
    alone = not connection.in_atomic_block and sql.lstrip().startswith(_CHANGES)
    if alone:
        watcher.before_commit()
    result = execute(sql, params, many, context)
    if alone:
        watcher.after_commit()
    return result


class Memory:
    """The database of the simulation. Everything between `save` and `restore` is forgotten by the latter."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def save(self) -> bytes:
        """All that is in it."""
        return bytes(self._raw.serialize())

    def restore(self, content: bytes) -> None:
        """Put it back as it was."""
        self.watch(None)
        if self.connection.in_atomic_block:
            raise RuntimeError("A transaction was left open.")
        self._raw.deserialize(content)

    def watch(self, watcher: Watcher | None) -> None:
        """Ask somebody else from now on."""
        self.connection.watcher = watcher

    @property
    def idle(self) -> bool:
        """Whether no transaction is open."""
        return not self.connection.in_atomic_block

    @property
    def _raw(self) -> Any:
        self.connection.ensure_connection()
        return self.connection.connection

    def rows(self, table: str, leave_out: frozenset[str]) -> list[tuple[object, ...]]:
        """What a table holds, without some columns."""
        names = [f'"{row[1]}"' for row in self._raw.execute(f"PRAGMA table_info({table})") if row[1] not in leave_out]
        return list(self._raw.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1"))

    def digest(self, tables: tuple[str, ...], leave_out: frozenset[str]) -> str:
        """A hash of what some tables hold."""
        found = hashlib.sha256()
        for table in tables:
            found.update(repr((table, self.rows(table, leave_out))).encode())
        return found.hexdigest()


_migrated_once: list[bytes] = []


def _migrated(memory: Memory) -> bytes:
    """What is in a database that was migrated and nothing more. That takes seconds, so a process does it once."""
    if not _migrated_once:
        call_command("migrate", verbosity=0)
        _migrated_once.append(memory.save())
    return _migrated_once[0]


@contextmanager
def in_memory() -> Iterator[Memory]:
    """Within this the application works on a migrated database in memory instead of the configured one."""
    kept = getattr(connections._connections, ALIAS, None)  # type: ignore[attr-defined]
    settings = {**connections[ALIAS].settings_dict, **SETTINGS}
    connection = Connection(settings, ALIAS)
    connections[ALIAS] = connection
    connection.execute_wrappers.append(_watched)
    try:
        memory = Memory(connection)
        memory.restore(_migrated(memory))
        yield memory
    finally:
        connection.close()
        if kept is None:
            del connections[ALIAS]
        else:
            connections[ALIAS] = kept
