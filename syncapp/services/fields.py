"""Keep the list of the fields that an account's records have.

Owns the rows of `VendorField`. Forgets none: a field that the account no longer has is marked, since mappings may refer to it.
"""
from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from syncapp import models
from syncapp.engine import errors, schema, vocabulary
from syncapp.services import connections, defaults

_KEPT_UP = [
    "label", "type", "writable", "required", "unique_value", "max_length", "decimals", "choices", "associated_kind", "reason", "currency",
    "refers_to", "initial", "later", "yields", "archived",
]
LONGEST_LABEL = 200
LONGEST_REASON = 300
AT_ONCE = 500
_OF_FIELDS = (vocabulary.Reason.CURRENCY_OFF, vocabulary.Reason.NOT_ALLOWED, vocabulary.Reason.TOO_LONG, vocabulary.Reason.MISSING_REQUIRED)


def refresh(*, connection: models.Connection, now: datetime, needed: str = "") -> int:
    """Read the fields of every kind that can be kept in step, and tell how many there are.

    With the fields of QuickBooks items come the accounts that new items may name. A kind that the account does not let us look
    at keeps what was known of it, unless it is the `needed` one. A kind that we make has our fields. Raises what the connector
    raises; then nothing is changed.
    """
    connector = connections.connector(connection=connection)
    found: dict[str, tuple[schema.FieldSpec, ...]] = {}
    keys: dict[str, str] = {}
    refused: errors.Rejected | None = None
    kinds = defaults.kinds(system=vocabulary.System(connection.system))
    made = {kind: specs for kind in kinds if (specs := defaults.made_here(kind=kind))}
    for kind in (kind for kind in kinds if kind not in made):
        try:
            found[kind] = connector.fields(kind=kind)
            if (state := connector.key_state(kind=kind)) is not None:
                keys[kind] = state.value
        except errors.Rejected as error:
            if kind == needed:
                raise
            refused = refused or error
    if refused is not None and not found:
        raise refused
    found |= made
    with transaction.atomic():
        for kind, specs in found.items():
            _keep(connection, kind, {spec.name: spec for spec in specs})
        _look_again(connection)
        models.Connection.objects.filter(pk=connection.pk).update(fields_read_at=now, key_states=keys)
        connection.fields_read_at, connection.key_states = now, keys
    return sum(map(len, found.values()))


def known(*, connection: models.Connection, kind: str) -> bool:
    """Tell whether the fields of a kind were ever read."""
    return models.VendorField.objects.filter(connection=connection, kind=kind).exists()


def _look_again(connection: models.Connection) -> None:
    """Have pairs planned anew that failed for what a field takes: it may take it now."""
    failed = models.RecordPair.objects.filter(Q(config__left=connection) | Q(config__right=connection), reason__in=_OF_FIELDS, dirty=False)
    models.RecordPair.objects.filter(pk__in=failed.values("pk")).update(dirty=True)


def _keep(connection: models.Connection, kind: str, specs: dict[str, schema.FieldSpec]) -> None:
    models.VendorField.objects.bulk_create(
        [_row(connection, kind, spec) for spec in specs.values()],
        batch_size=AT_ONCE, update_conflicts=True, unique_fields=["connection", "kind", "name"], update_fields=_KEPT_UP,
    )
    known = models.VendorField.objects.filter(connection=connection, kind=kind, archived=False)
    vanished = [pk for pk, name in known.values_list("pk", "name") if name not in specs]
    models.VendorField.objects.filter(pk__in=vanished).update(archived=True)


def _row(connection: models.Connection, kind: str, spec: schema.FieldSpec) -> models.VendorField:
    return models.VendorField(
        connection=connection, kind=kind, name=spec.name, label=spec.label[:LONGEST_LABEL], type=spec.type, writable=spec.writable,
        required=spec.required, unique_value=spec.unique, max_length=spec.max_length, decimals=spec.decimals,
        choices=[list(choice) for choice in spec.choices], associated_kind=spec.associated_kind, reason=spec.reason[:LONGEST_REASON],
        currency=spec.currency, refers_to=spec.refers_to, initial=spec.initial, later=spec.later, yields=spec.yields,
    )
