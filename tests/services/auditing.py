"""Entries of the audit for tests, and a hand that reaches past its lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from syncapp import models
from syncapp.engine import auditing
from syncapp.engine.vocabulary import AuditActor, AuditKind, AuditVerb
from syncapp.services import audit, audit_lock
from tests.services.made import NOW


def entry(number: int, *, at: datetime = NOW, **facts: Any) -> models.AuditEntry:
    """A write to a record, not yet in the chain."""
    given = {
        "kind": AuditKind.RECORD, "verb": AuditVerb.CHANGED, "actor_kind": AuditActor.PERSON, "person_id": 7, "person": "alice",
        "subject_kind": "contacts", "subject_id": str(number), "changes": auditing.text({"phone": ["1", str(number)]}),
        "key": f"asked-{number}", "request_id": f"tid-{number}",
    }
    return models.AuditEntry(at=at, **{**given, **facts})


def written(*numbers: int, at: datetime = NOW) -> list[models.AuditEntry]:
    """So many entries at the end of the chain."""
    made = [entry(number, at=at) for number in numbers]
    audit.append(made)
    return made


def behind_the_lock(sql: str, *values: object) -> None:
    """What somebody does who owns the database: take the lock off, change something, put it on again."""
    audit_lock.lift()
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
    audit_lock.ensure()
