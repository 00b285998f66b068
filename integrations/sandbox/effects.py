"""What changed at a vendor, record by record: the ledger of the control face.

Owns the comparison of each record with what it was before. Knows no vendor; how a row is read is asked of the face.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from integrations.sandbox.messages import Face, Json
from integrations.sandbox.store import Row, Store

KEPT = 200_000


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A record as it stood after its latest change."""

    account: str
    kind: str
    key: str
    fields: Json


class Ledger:
    """The changes of one face's records, oldest first. Called with the world's lock held."""

    def __init__(self, *, face: Face, store: Store) -> None:
        self._face = face
        self._store = store
        self._known: dict[tuple[str, str], Shown] = {}
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._numbered = 0
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget everything that was written down, and take the records that are there for granted."""
        prefix = f"{self._face.name}/"
        self._store.take_changed(prefix=prefix)
        self._known.clear()
        self._entries.clear()
        for name in self._store.names(prefix):
            for key, row in self._store.table(name).items():
                shown = self._read(name, key, row)
                if shown is None:
                    break
                self._known[(name, key)] = shown

    def note(self, *, at: datetime, by: str, call: int) -> None:
        """Write down what was changed since it was last asked: by whom, and in which call of the log (0: in none)."""
        for name, key in self._store.take_changed(prefix=f"{self._face.name}/"):
            entry = self._compared(name, key)
            if entry is not None:
                self._numbered += 1
                self._entries.append(
                    {"n": self._numbered, "at": at.isoformat(timespec="microseconds"), "by": by, "call": call, **entry}
                )

    def since(self, number: int) -> list[Json]:
        """The entries with a number above the given one."""
        return [entry for entry in self._entries if entry["n"] > number]

    def records(self, *, account: str, kind: str) -> dict[str, Json]:
        """The fields of every record of a type in an account, as they stood after the latest call, by id."""
        return {key: one.fields for (_, key), one in self._known.items() if one.account == account and one.kind == kind}

    def clear(self) -> None:
        """Forget the entries; numbers go on, so that a remembered `since` stays good."""
        self._entries.clear()

    def _compared(self, name: str, key: str) -> Json | None:
        before = self._known.get((name, key))
        row = self._store.table(name).get(key)
        after = self._read(name, key, row)
        if after is not None:
            self._known[(name, key)] = after
        else:
            self._known.pop((name, key), None)
        there = after or before
        if there is None:
            return None
        old, new = (one.fields if one is not None else {} for one in (before, after))
        changes = {field: [old.get(field), new.get(field)] for field in {**old, **new} if old.get(field) != new.get(field)}
        if not changes and before is not None and after is not None:
            return None
        verb = "update" if before is not None and after is not None else "create" if before is None else "delete"
        return {"account": there.account, "type": there.kind, "id": there.key, "verb": verb, "changes": changes}

    def _read(self, name: str, key: str, row: Row | None) -> Shown | None:
        shown = self._face.shown(name, row) if row is not None else None
        if shown is None:
            return None
        account, kind, fields = shown
        return Shown(account=account, kind=kind, key=key, fields=fields)

