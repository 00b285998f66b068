"""The database's own lock on the audit: it refuses to change or delete an entry, whoever asks.

Owns the triggers. They are made with the tables and put back after every migration; no setting leaves them out.
"""
from __future__ import annotations

from django.db import connection

TABLE = "syncapp_auditentry"

# SQLite fires no delete trigger for what INSERT OR REPLACE takes away, so that is refused before it begins.
_SQLITE = {
    "audit_no_update": (
        "BEFORE UPDATE ON syncapp_auditentry BEGIN SELECT RAISE(ABORT, 'An entry of the audit is neither changed nor deleted.'); END"
    ),
    "audit_no_delete": (
        "BEFORE DELETE ON syncapp_auditentry BEGIN SELECT RAISE(ABORT, 'An entry of the audit is neither changed nor deleted.'); END"
    ),
    "audit_no_replace": (
        "BEFORE INSERT ON syncapp_auditentry WHEN EXISTS (SELECT 1 FROM syncapp_auditentry WHERE number = NEW.number)"
        " OR NEW.key <> '' AND EXISTS (SELECT 1 FROM syncapp_auditentry WHERE key = NEW.key AND NOT (key = ''))"
        " BEGIN SELECT RAISE(ABORT, 'An entry of the audit is neither changed nor deleted.'); END"
    ),
}
_POSTGRESQL = {
    "audit_no_change": "BEFORE UPDATE OR DELETE ON syncapp_auditentry FOR EACH ROW EXECUTE FUNCTION syncapp_audit_refuse()",
    "audit_no_truncate": "BEFORE TRUNCATE ON syncapp_auditentry FOR EACH STATEMENT EXECUTE FUNCTION syncapp_audit_refuse()",
}
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION syncapp_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'An entry of the audit is neither changed nor deleted.' USING ERRCODE = 'restrict_violation'; END $$"
)


def ensure() -> None:
    """Put the lock on, wherever a part of it is missing."""
    if TABLE not in connection.introspection.table_names() or not (absent := missing()):
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for name in absent:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{_of_table()}")
            cursor.execute(f"CREATE TRIGGER {name} {_triggers()[name]}")
            if connection.vendor == "postgresql":
                # Also for a session that replays what another server did.
                cursor.execute(f"ALTER TABLE {TABLE} ENABLE ALWAYS TRIGGER {name}")


def remove(*, last: int) -> None:
    """Remove all entries up to a number. Call it inside a transaction: to everybody else the lock is never off."""
    lift()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM syncapp_auditentry WHERE number <= %s", [last])
    ensure()


def lift() -> None:
    """Take the lock off. Nothing but a removal, and a test, has reason to."""
    with connection.cursor() as cursor:
        for name in _triggers():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{_of_table()}")


def missing() -> list[str]:
    """Name the parts of the lock that are not on."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled = 'A'", [TABLE])
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        there = {name for (name,) in cursor.fetchall()}
    return [name for name in _triggers() if name not in there]


def _of_table() -> str:
    return f" ON {TABLE}" if connection.vendor == "postgresql" else ""


def _triggers() -> dict[str, str]:
    return _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
