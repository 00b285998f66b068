"""Writes to HubSpot: one batch out, one outcome for every write back.

Owns the key that makes a create repeatable, the splitting of a batch that one entry spoils, and the matching of answers to writes,
which goes by trace id and never by place. Decides nothing about what is to be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from integrations import errors as client_errors
from integrations.hubspot import answers
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import base, hubspot_fields, refusals
from syncapp.engine import errors, vocabulary
from syncapp.engine.vocabulary import OperationKind

GROUP = "syncapp"
VISIBLE_TRIES = 10
VISIBLE_PAUSE = 0.5
_SPOILED_BY_ONE = (client_errors.Rejected, client_errors.AlreadyExists, client_errors.Gone)
"""Refusals of a whole batch, of which nothing was done then, that may be the fault of a single entry."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one write: the record as far as the answer tells it, or the error."""

    remote: answers.RemoteObject | None = None
    error: errors.SyncError | None = None
    request_id: str = ""


def send(*, client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool = True) -> Mapping[str, Outcome]:
    """Carry out writes of one operation kind and one record kind, and return the outcome of each by its key.

    A create is an upsert by our key or, where the account keeps none (not `keyed`), a plain create that must not be repeated.
    A refusal of the whole batch is asked for again in halves until it stands alone, so that one bad record stops no other. What
    the keepers of tokens and limits raise is the error of those writes only that it held up.
    """
    try:
        return _sent(client, writes, keyed)
    except errors.SyncError as error:
        divisible, refusal = False, error
    except client_errors.ApiError as error:
        divisible = isinstance(error, _SPOILED_BY_ONE) and not isinstance(error, client_errors.MissingScopes)
        refusal = refusals.translated(error)
    if divisible and len(writes) > 1:
        middle = len(writes) // 2
        halves = writes[:middle], writes[middle:]
        return {key: outcome for half in halves for key, outcome in send(client=client, writes=half, keyed=keyed).items()}
    return {one.key: Outcome(error=refusal, request_id=refusal.request_id) for one in writes}


def ensure_key(
    *, client: hubspot_client.Client, sleep: Callable[[float], None], kind: str, definition: answers.Property | None
) -> None:
    """Make the property that keeps our key, where there is none, and wait until HubSpot knows it.

    Raises Misconfigured where a property of that name is of another kind: it is not ours to change.
    """
    if definition is None:
        definition = _made(client, sleep, kind)
    if definition.type != "string" or not definition.unique:
        raise errors.Misconfigured(
            f"The HubSpot property {hubspot_fields.KEY_PROPERTY} on {kind} is not a single-line text with unique values, so it cannot"
            " keep the sync's keys. Rename or delete it in HubSpot's property settings; the sync then makes its own.",
            system=vocabulary.System.HUBSPOT.label, operation="key property",
        )


def _made(client: hubspot_client.Client, sleep: Callable[[float], None], kind: str) -> answers.Property:
    name = hubspot_fields.KEY_PROPERTY
    about = "Set by the data sync on records it creates, so that none is created twice. Do not edit."
    _unless_there(lambda: client.create_group(object_type=kind, name=GROUP, label="Data sync"))
    _unless_there(
        lambda: client.create_property(
            object_type=kind, name=name, label="Data sync key", group=GROUP, type="string", field_type="text", unique=True,
            description=about,
        )
    )
    for tries_left in reversed(range(VISIBLE_TRIES)):
        found = next((one for one in refusals.asked(lambda: client.properties(object_type=kind)) if one.name == name), None)
        if found is not None:
            return found
        if tries_left:
            sleep(VISIBLE_PAUSE)
    raise errors.Transient(
        f"HubSpot does not show the new property {name} yet. It will be tried again.",
        system=vocabulary.System.HUBSPOT.label, operation="key property",
    )


def _unless_there(make: Callable[[], object]) -> None:
    try:
        refusals.asked(make)
    except errors.AlreadyExists:
        return


def _sent(client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> Mapping[str, Outcome]:
    kind = writes[0].record_kind
    if writes[0].kind is OperationKind.ARCHIVE:
        client.batch_archive(object_type=kind, ids=[one.external_id for one in writes])
        return _archived(client, kind, writes)
    if writes[0].kind is OperationKind.CREATE and not keyed:
        return _outcomes(writes, client.batch_create(object_type=kind, inputs=[_plain(one) for one in writes]))
    if writes[0].kind is OperationKind.CREATE:
        return _outcomes(writes, client.batch_upsert(object_type=kind, inputs=[_creation(one) for one in writes]))
    return _outcomes(writes, client.batch_update(object_type=kind, inputs=[_change(one) for one in writes]))


def _creation(one: base.Write) -> hubspot_client.Input:
    key = hubspot_fields.KEY_PROPERTY
    known = {name: hubspot_fields.raw(value) for name, value in one.values.items() if value is not None}
    return hubspot_client.Input(trace_id=one.key, properties={**known, key: one.key}, id=one.key, id_property=key)


def _plain(one: base.Write) -> hubspot_client.Input:
    known = {name: hubspot_fields.raw(value) for name, value in one.values.items() if value is not None}
    return hubspot_client.Input(trace_id=one.key, properties=known)


def _change(one: base.Write) -> hubspot_client.Input:
    changed = {name: hubspot_fields.raw(value) for name, value in one.values.items()}
    return hubspot_client.Input(trace_id=one.key, properties=changed, id=one.external_id)


def _archived(client: hubspot_client.Client, kind: str, writes: Sequence[base.Write]) -> Mapping[str, Outcome]:
    """The answer to an archive is empty, so the records are read once more."""
    names = (*hubspot_fields.LABEL_PROPERTIES.get(kind, ()),)
    found: Mapping[str, answers.RemoteObject] = {}
    request_id = ""
    try:
        result = client.batch_read(object_type=kind, ids=[one.external_id for one in writes], properties=names, archived=True)
        found, request_id = {one.id: one for one in result.results}, result.request_id or ""
    except (client_errors.ApiError, errors.SyncError) as error:
        request_id = error.request_id or ""
    return {one.key: _outcome(found.get(one.external_id), None, request_id) for one in writes}


def _outcomes(writes: Sequence[base.Write], result: answers.BatchResult) -> Mapping[str, Outcome]:
    by_trace = {one.trace_id: one for one in result.results if one.trace_id}
    by_id = {one.id: one for one in result.results}
    blamed = {name: one.error for one in result.errors for name in (*one.ids, *one.trace_ids)}
    request_id = result.request_id or ""
    return {
        one.key: _outcome(
            by_trace.get(one.key) or by_id.get(one.external_id), blamed.get(one.key) or blamed.get(one.external_id), request_id
        )
        for one in writes
    }


def _outcome(remote: answers.RemoteObject | None, error: client_errors.ApiError | None, request_id: str) -> Outcome:
    if remote is not None:
        return Outcome(remote=remote, request_id=request_id)
    if error is not None:
        return Outcome(error=refusals.translated(error), request_id=request_id)
    unknown = errors.OutcomeUnknown(
        "HubSpot's answer does not mention this record, so the write may have taken effect or not. The record is read back first.",
        system=vocabulary.System.HUBSPOT.label, operation="batch write", request_id=request_id,
    )
    return Outcome(error=unknown, request_id=request_id)
