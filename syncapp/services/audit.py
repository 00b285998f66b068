"""Write down for good what was written at a vendor, and by whom.

Owns the chain: entries are added to its end inside the transaction that they belong to, or not at all. Reads and judges nothing;
`services.audit_check` does. What concerns settings is put together by `services.audit_settings`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from syncapp import models
from syncapp.engine import auditing
from syncapp.engine.vocabulary import AuditKind, AuditVerb, OperationKind
from syncapp.models import audit as chain
from syncapp.services import actors, rows

_VERBS = {OperationKind.CREATE: AuditVerb.ADDED, OperationKind.UPDATE: AuditVerb.CHANGED, OperationKind.ARCHIVE: AuditVerb.ARCHIVED}


def append(entries: Sequence[models.AuditEntry]) -> None:
    """Put entries to the end of the chain. Call it last in the transaction that they tell of: others wait for its end from here on.

    Whoever was faster moved the end; it is read anew then. Three statements, however many entries.
    """
    if not entries:
        return
    with transaction.atomic(savepoint=False):
        while not _moved(entries):
            continue
        rows.add(entries)


def _moved(entries: Sequence[models.AuditEntry]) -> bool:
    """Number the entries from the chain's end and move it behind them, unless somebody else just did."""
    head = models.AuditHead.objects.filter(pk=chain.HEAD).first() or models.AuditHead.objects.get_or_create(pk=chain.HEAD)[0]
    previous = head.hash
    for number, entry in enumerate(entries, head.number + 1):
        entry.number = number
        # Not finer than a dump tells it: what comes back from one has the same hash.
        entry.at = entry.at.replace(microsecond=entry.at.microsecond // 1000 * 1000)
        entry.hash = previous = entry.continued(previous)
    here = models.AuditHead.objects.filter(pk=chain.HEAD, number=head.number, hash=head.hash)
    return bool(here.update(number=entries[-1].number, hash=previous))


def written(
    *, sync: models.SyncConfig, connection: models.Connection, operations: Sequence[models.Operation], now: datetime, doubtful: bool = False
) -> None:
    """Add an entry for each write that took effect at an account; where they are `doubtful`, that is not known.

    A doubtful one leaves the request's key to the entry that tells of what came of it: there is one for each key.
    """
    who = actors.of_operations(operations) if operations else {}
    append([_of(sync, connection, one, who, now, doubtful) for one in operations])


def _of(
    sync: models.SyncConfig, connection: models.Connection, operation: models.Operation, who: Mapping[int, actors.Who], now: datetime,
    doubtful: bool,
) -> models.AuditEntry:
    verb = AuditVerb.DOUBTFUL if doubtful else _VERBS[OperationKind(operation.kind)]
    return models.AuditEntry(
        at=operation.finished_at or now, kind=AuditKind.RECORD, verb=verb, **named(who[operation.pk]), run=operation.run_id,
        operation=operation.pk, pair=operation.pair_id, config=sync.pk, sync=sync.name, connection=connection.pk,
        account=str(connection)[:300], subject_kind=operation.record_kind, subject_id=operation.external_id,
        changes=auditing.text(operation.changes), key="" if doubtful else operation.idempotency_key, request_id=operation.request_id,
        note=operation.note,
    )


def named(who: actors.Who) -> dict[str, object]:
    """The columns that tell who it was."""
    return {"actor_kind": who.kind, "person_id": who.person_id, "person": who.person, "schedule": who.schedule}
