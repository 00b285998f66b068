"""Writes to HubSpot: one batch out, one outcome for every write back.

Owns the key that makes a create repeatable, the splitting of a batch that one entry spoils, and the matching of answers to writes,
which goes by trace id and never by place. Decides nothing about what is to be written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from integrations import errors as client_errors
from integrations.hubspot import answers
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import base, hubspot_fields, refusals
from syncapp.engine import errors, kinds, records, vocabulary
from syncapp.engine.vocabulary import OperationKind
from syncapp.engine.wording import say

Send = Callable[[Sequence[hubspot_client.Input]], answers.BatchResult | None]
"""A call for one batch; one whose answer is empty returns None."""

GROUP = "syncapp"
VISIBLE_TRIES = 10
VISIBLE_PAUSE = 0.5
SPOILED_BY_ONE = (client_errors.Rejected, client_errors.AlreadyExists, client_errors.Gone)
"""Refusals of a whole batch, of which nothing was done then, that may be the fault of a single entry."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one write: the record as far as the answer tells it, or the error. `made` are values that are no properties."""

    remote: answers.RemoteObject | None = None
    made: Mapping[str, records.Value] = dataclasses.field(default_factory=dict, repr=False)
    error: errors.SyncError | None = None
    request_id: str = ""


def send(*, client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool = True) -> Mapping[str, Outcome]:
    """Carry out writes of one operation kind and one record kind, and return the outcome of each by its key.

    A create is an upsert by our key or, where the account keeps none (not `keyed`), a plain create that must not be repeated.
    A refusal of the whole batch is asked for again in halves until it stands alone, so that one bad record stops no other. What
    the keepers of tokens and limits raise is the error of those writes only that it held up.
    """
    kind = writes[0].record_kind
    if writes[0].kind is OperationKind.ARCHIVE:
        done = sent(inputs=[_target(one) for one in writes], call=lambda part: _put_away(client, kind, part))
        return _archived(client, kind, writes, done)
    call = call_for(client=client, kind=kind, operation=writes[0].kind, keyed=keyed)
    return sent(inputs=[entry(write=one, keyed=keyed) for one in writes], call=call)


def sent(*, inputs: Sequence[hubspot_client.Input], call: Send) -> Mapping[str, Outcome]:
    """Send entries, as many as there are, a batch at a time, and return the outcome of each by its trace id.

    A refusal of a whole batch is asked for again in halves until it stands alone.
    """
    done: dict[str, Outcome] = {}
    for at in range(0, len(inputs), hubspot_client.BATCH):
        done |= _batch(inputs[at : at + hubspot_client.BATCH], call)
    return done


def tolerant(
    *, inputs: Sequence[hubspot_client.Input], call: Send, spared: Callable[[hubspot_client.Input, errors.SyncError], str]
) -> tuple[Mapping[str, Outcome], Mapping[str, frozenset[str]]]:
    """As `sent`, but an entry refused for a property that can be spared is sent again without it.

    `spared` names that property, "" where there is none. Returns also the names that were left out, by trace id. An entry of which
    nothing is left has an outcome with neither record nor error.
    """
    done: dict[str, Outcome] = {}
    dropped: dict[str, frozenset[str]] = {}
    left = list(inputs)
    while left:
        outcomes = sent(inputs=left, call=call)
        again = []
        for one in left:
            outcome = done[one.trace_id] = outcomes[one.trace_id]
            name = spared(one, outcome.error) if outcome.error else ""
            if name not in one.properties:
                continue
            dropped[one.trace_id] = dropped.get(one.trace_id, frozenset()) | {name}
            rest = {known: value for known, value in one.properties.items() if known != name}
            if rest:
                again.append(dataclasses.replace(one, properties=rest))
            else:
                done[one.trace_id] = Outcome(request_id=outcome.request_id)
        left = again
    return done, dropped


def call_for(*, client: hubspot_client.Client, kind: str, operation: OperationKind, keyed: bool) -> Send:
    """Choose the call that carries out creates or updates of a kind."""
    if operation is OperationKind.UPDATE:
        return lambda part: client.batch_update(object_type=kind, inputs=part)
    if keyed:
        return lambda part: client.batch_upsert(object_type=kind, inputs=part)
    return lambda part: client.batch_create(object_type=kind, inputs=part)


def entry(*, write: base.Write, keyed: bool) -> hubspot_client.Input:
    """Make the entry of a create or an update."""
    if write.kind is OperationKind.UPDATE:
        return _change(write)
    return _creation(write) if keyed else _plain(write)


def _batch(inputs: Sequence[hubspot_client.Input], call: Send) -> Mapping[str, Outcome]:
    try:
        return _outcomes(inputs, call(inputs))
    except errors.SyncError as error:
        divisible, refusal = False, error
    except client_errors.ApiError as error:
        divisible = isinstance(error, SPOILED_BY_ONE) and not isinstance(error, client_errors.MissingScopes)
        refusal = refusals.translated(error)
    if divisible and len(inputs) > 1:
        middle = len(inputs) // 2
        return {**_batch(inputs[:middle], call), **_batch(inputs[middle:], call)}
    return {one.trace_id: Outcome(error=refusal, request_id=refusal.request_id) for one in inputs}


def ensure_key(
    *, client: hubspot_client.Client, sleep: Callable[[float], None], kind: str, definition: answers.Property | None
) -> None:
    """Make the property that keeps our key, where there is none, and wait until HubSpot knows it.

    Raises Misconfigured where a property of that name is of another kind: it is not ours to change.
    """
    if definition is None:
        definition = _made(client, sleep, kind)
    if key_state(definition) is base.OwnState.WRONG:
        raise errors.Misconfigured(
            say(
                "The HubSpot property {property} on {kinds} is not a single-line text with unique values, so it cannot keep the sync's"
                " keys. Rename or delete it in HubSpot's property settings; the sync then makes its own.",
                property=hubspot_fields.KEY_PROPERTY, kinds=kinds.several(kind),
            ),
            system=vocabulary.System.HUBSPOT.label, operation="key property",
        )


def key_state(definition: answers.Property | None) -> base.OwnState:
    """Tell whether the property that keeps our key is there, and fit for it."""
    if definition is None:
        return base.OwnState.MISSING
    return base.OwnState.THERE if definition.type == "string" and definition.unique else base.OwnState.WRONG


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
        say("HubSpot does not show the new property {property} yet. It will be tried again.", property=name),
        system=vocabulary.System.HUBSPOT.label, operation="key property",
    )


def _unless_there(make: Callable[[], object]) -> None:
    try:
        refusals.asked(make)
    except errors.AlreadyExists:
        return


def _target(one: base.Write) -> hubspot_client.Input:
    return hubspot_client.Input(trace_id=one.key, properties={}, id=one.external_id)


def _put_away(client: hubspot_client.Client, kind: str, inputs: Sequence[hubspot_client.Input]) -> None:
    client.batch_archive(object_type=kind, ids=[one.id for one in inputs])


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


def _archived(
    client: hubspot_client.Client, kind: str, writes: Sequence[base.Write], done: Mapping[str, Outcome]
) -> Mapping[str, Outcome]:
    """The answer to an archive is empty, so the records are read once more."""
    names = (*hubspot_fields.LABEL_PROPERTIES.get(kind, ()),)
    found: Mapping[str, answers.RemoteObject] = {}
    request_id = ""
    ids = [one.external_id for one in writes if done[one.key].error is None]
    try:
        result = client.batch_read(object_type=kind, ids=ids, properties=names, archived=True)
        found, request_id = {one.id: one for one in result.results}, result.request_id or ""
    except (client_errors.ApiError, errors.SyncError) as error:
        request_id = error.request_id or ""
    return {
        one.key: done[one.key] if done[one.key].error else _outcome(found.get(one.external_id), None, request_id) for one in writes
    }


def _outcomes(inputs: Sequence[hubspot_client.Input], result: answers.BatchResult | None) -> Mapping[str, Outcome]:
    if result is None:
        return {one.trace_id: Outcome() for one in inputs}
    by_trace = {one.trace_id: one for one in result.results if one.trace_id}
    by_id = {one.id: one for one in result.results}
    blamed = {name: one.error for one in result.errors for name in (*one.ids, *one.trace_ids)}
    request_id = result.request_id or ""
    return {
        one.trace_id: _outcome(
            by_trace.get(one.trace_id) or by_id.get(one.id), blamed.get(one.trace_id) or blamed.get(one.id), request_id
        )
        for one in inputs
    }


def _outcome(remote: answers.RemoteObject | None, error: client_errors.ApiError | None, request_id: str) -> Outcome:
    if remote is not None:
        return Outcome(remote=remote, request_id=request_id)
    if error is not None:
        return Outcome(error=refusals.translated(error), request_id=request_id)
    unknown = errors.OutcomeUnknown(
        say("HubSpot's answer does not mention this record, so the write may have taken effect or not. The record is read back first."),
        system=vocabulary.System.HUBSPOT.label, operation="batch write", request_id=request_id,
    )
    return Outcome(error=unknown, request_id=request_id)
