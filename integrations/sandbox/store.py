"""Where the sandbox keeps its records: dictionaries in memory, mirrored to a file when one is named.

Owns persistence. Knows nothing of what a record means; the faces build their own indexes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Row = dict[str, Any]
LOCK_SECONDS = 1.0


class StateFileUnusable(RuntimeError):
    """The state file cannot be used; the text says why and what to do."""


class Table:
    """Rows by key, in the order they were first put. Whoever changes a row puts it again."""

    def __init__(self, *, store: Store, name: str) -> None:
        self._store = store
        self.name = name
        self._rows: dict[str, Row] = {}

    def get(self, key: str) -> Row | None:
        """The row itself (not a copy), or None."""
        return self._rows.get(key)

    def put(self, key: str, row: Row) -> None:
        """Keep a row; it reaches the file at the next flush."""
        fresh = key not in self._rows
        self._rows[key] = row
        self._store.touched(self.name, key, fresh=fresh)

    def drop(self, key: str) -> None:
        """Forget a row, if it is there."""
        if self._rows.pop(key, None) is not None:
            self._store.touched(self.name, key)

    def clear(self) -> None:
        """Forget every row."""
        for key in list(self._rows):
            self.drop(key)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: str) -> bool:
        return key in self._rows

    def values(self) -> Iterator[Row]:
        """The rows in order of creation."""
        return iter(self._rows.values())

    def items(self) -> Iterator[tuple[str, Row]]:
        """Key and row in order of creation."""
        return iter(self._rows.items())

    def load(self, key: str, row: Row) -> None:
        """Take a row that the file already holds."""
        self._rows[key] = row


class Store:
    """All tables of both faces. Not thread-safe by itself: the world's lock is held by every caller.

    A state file belongs to one running sandbox; a second one on the same file raises StateFileUnusable.
    """

    def __init__(self, *, path: Path | None = None) -> None:
        self._tables: dict[str, Table] = {}
        self._dirty: dict[tuple[str, str], bool] = {}
        self._changed: dict[tuple[str, str], None] = {}
        self._file: sqlite3.Connection | None = None
        if path is not None:
            self._file = _opened(path)
            for name, key, row in self._file.execute("SELECT name, key, row FROM rows ORDER BY position"):
                self.table(name).load(key, json.loads(row))

    def table(self, *name: str) -> Table:
        """The table of that name, made when first asked for: `store.table("hubspot", "1", "contacts")`."""
        full = "/".join(name)
        found = self._tables.get(full)
        if found is None:
            found = self._tables[full] = Table(store=self, name=full)
        return found

    def names(self, prefix: str) -> list[str]:
        """The names of the tables that begin so."""
        return [name for name in self._tables if name.startswith(prefix)]

    def touched(self, name: str, key: str, *, fresh: bool = False) -> None:
        """Remember that a row differs from the file; a fresh one goes to the end there too."""
        self._changed[(name, key)] = None
        if self._file is None:
            return
        if fresh:
            self._dirty.pop((name, key), None)
            self._dirty[(name, key)] = True
        else:
            self._dirty.setdefault((name, key), False)

    def take_changed(self, *, prefix: str) -> list[tuple[str, str]]:
        """Table and key of every row, in tables that begin so, that was put or dropped since it was last asked."""
        found = [one for one in self._changed if one[0].startswith(prefix)]
        for one in found:
            del self._changed[one]
        return found

    def flush(self) -> None:
        """Write what changed, in one transaction; called after each request, before its answer leaves."""
        if self._file is None or not self._dirty:
            return
        with self._file:
            for (name, key), fresh in self._dirty.items():
                row = self.table(name).get(key)
                if row is None or fresh:
                    self._file.execute("DELETE FROM rows WHERE name=? AND key=?", (name, key))
                if row is not None:
                    self._file.execute(
                        "INSERT INTO rows (name, key, row) VALUES (?, ?, ?) ON CONFLICT (name, key) DO UPDATE SET row=excluded.row",
                        (name, key, json.dumps(row, ensure_ascii=False, separators=(",", ":"))),
                    )
        self._dirty.clear()

    def close(self) -> None:
        """Flush and let go of the file."""
        self.flush()
        self.abandon()

    def abandon(self) -> None:
        """Let go of the file as the last flush left it."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _opened(path: Path) -> sqlite3.Connection:
    file: sqlite3.Connection | None = None
    try:
        file = sqlite3.connect(path, check_same_thread=False, timeout=LOCK_SECONDS)
        file.execute("PRAGMA locking_mode=EXCLUSIVE")
        file.execute("PRAGMA journal_mode=WAL")
        file.execute("PRAGMA synchronous=NORMAL")
        file.execute(
            "CREATE TABLE IF NOT EXISTS rows (position INTEGER PRIMARY KEY AUTOINCREMENT,"
            " name TEXT NOT NULL, key TEXT NOT NULL, row TEXT NOT NULL, UNIQUE (name, key))"
        )
        file.commit()
    except sqlite3.DatabaseError as error:
        if file is not None:
            file.close()
        raise StateFileUnusable(
            f"The state file {path} cannot be used ({error}). Stop the other sandbox that has it open, or name another file."
        ) from error
    return file
