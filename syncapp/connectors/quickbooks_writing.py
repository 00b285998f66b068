"""Writes to QuickBooks: one batch out, or a call for each, and one outcome for every write back.

Owns how a change of fields becomes a sparse or a full update, and the id under which Intuit remembers a call. Decides nothing
about what is to be written.
"""
from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from integrations import errors as client_errors
from integrations.quickbooks import bodies, query
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.entities import Entity, Fields, Kind, Written
from syncapp.connectors import base, quickbooks_fields, quickbooks_invoice_writing, quickbooks_values, refusals
from syncapp.engine import errors, kinds, records, vocabulary
from syncapp.engine.vocabulary import OperationKind
from syncapp.engine.wording import say

Outcome = Written | errors.SyncError

_SYSTEM = vocabulary.System.QUICKBOOKS.english
_NAMES = {
    "customer": ("DisplayName", (Kind.CUSTOMER, Kind.VENDOR, Kind.EMPLOYEE)),
    "item": ("Name", (Kind.ITEM,)),
    quickbooks_fields.INVOICE: (quickbooks_invoice_writing.NUMBER, (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.REFUND_RECEIPT)),
}
"""For each kind the field of its name or number, and the kinds that share it: what one of them is called, no other may be."""

_NAME_TAKEN, _NUMBER_TAKEN = "6240", "6140"
_TAKEN = (_NAME_TAKEN, _NUMBER_TAKEN)
_WORD_ENDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_MASKED = ("PrimaryTaxIdentifier", "SecondaryTaxIdentifier")
_STOCK = "Inventory"
_NOT_SENT_BACK = frozenset({"Id", "SyncToken", "sparse", "domain", "MetaData", "status"})


def send(*, client: quickbooks_client.Client, writes: Sequence[base.Write], singly: bool) -> Mapping[str, Outcome]:
    """Carry out writes of one operation kind and one record kind, and return the outcome of each by its key."""
    if writes[0].record_kind not in quickbooks_fields.WRITTEN:
        refused = errors.Rejected(
            say("QuickBooks {kinds} are only read here. Record them in QuickBooks.", kinds=kinds.several(writes[0].record_kind)),
            system=_SYSTEM, operation="write",
        )
        return {write.key: refused for write in writes}
    outcomes: dict[str, Outcome] = {}
    items: dict[str, BatchItem] = {}
    invoices = writes[0].record_kind == quickbooks_fields.INVOICE
    try:
        fresh = _fresh(client, writes)
        terms = quickbooks_invoice_writing.ask(client=client, writes=writes) if invoices else None
    except client_errors.ApiError as error:
        refusal = refusals.translated(error)
        return {write.key: refusal for write in writes}
    for number, write in enumerate(writes):
        try:
            items[write.key] = _item(str(number), write, fresh.get(write.external_id), terms)
        except errors.SyncError as error:
            outcomes[write.key] = error
    sent = [write for write in writes if write.key in items]
    if sent:
        outcomes.update((_sent_singly if singly else _sent)(client, sent, items))
    if terms is not None:
        outcomes.update({write.key: _explained(outcomes[write.key], write, fresh) for write in sent})
    return {**outcomes, **_holders(client, sent, outcomes, singly)}


def _explained(outcome: Outcome, write: base.Write, fresh: Mapping[str, Entity]) -> Outcome:
    if isinstance(outcome, Written):
        return outcome
    return quickbooks_invoice_writing.explained(error=outcome, write=write, is_there=write.external_id in fresh)


def _sent(client: quickbooks_client.Client, writes: Sequence[base.Write], items: Mapping[str, BatchItem]) -> Mapping[str, Outcome]:
    batch = [items[write.key] for write in writes]
    try:
        results = client.batch(items=batch, request_id=_request_id(writes, batch))
    except client_errors.ApiError as error:
        refusal = refusals.translated(error)
        return {write.key: refusal for write in writes}
    found: dict[str, Outcome] = {}
    for write in writes:
        result = results[items[write.key].bid]
        found[write.key] = refusals.translated(result) if isinstance(result, client_errors.ApiError) else result
    return found


def _sent_singly(client: quickbooks_client.Client, writes: Sequence[base.Write], items: Mapping[str, BatchItem]) -> Mapping[str, Outcome]:
    found: dict[str, Outcome] = {}
    for write in writes:
        item = items[write.key]
        try:
            found[write.key] = client.alone(item=item, request_id=_request_id([write], [item], "alone"))
        except client_errors.ApiError as error:
            found[write.key] = refusals.translated(error)
    return found


def _request_id(writes: Sequence[base.Write], batch: Sequence[BatchItem], *way: str) -> str:
    """The same for the same writes with the same contents sent the same way, and for nothing else: Intuit answers a known id without
    looking inside."""
    told = json.dumps([[write.key for write in writes], bodies.batch(items=batch), *way], default=str, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _item(bid: str, write: base.Write, entity: Entity | None, terms: quickbooks_invoice_writing.Terms | None) -> BatchItem:
    kind = quickbooks_fields.WRITTEN[write.record_kind]
    if write.kind is OperationKind.CREATE:
        write, start = _started(write, None, terms)
        body = _object(write, start)
        if "ParentRef" in body and kind is Kind.CUSTOMER:
            body["Job"] = True
        return BatchItem(bid=bid, operation=Operation.CREATE, kind=kind, body=body)
    if write.kind is not OperationKind.UPDATE and not kind.is_name_list:
        raise errors.Rejected(
            say(
                "A QuickBooks {kind} is never deleted or made void from here. Void it in QuickBooks.", kind=kinds.one(write.record_kind)
            ),
            system=_SYSTEM, operation="archive",
        )
    if not write.revision_token.isdecimal():
        words = say("The record's version is not known. It is read and planned again.")
        raise errors.StaleRevision(words, system=_SYSTEM, operation="update")
    operation, body = Operation.SPARSE_UPDATE, {"Active": False}
    if write.kind is OperationKind.UPDATE:
        operation, body = _update(write, entity, terms)
    return BatchItem(bid=bid, operation=operation, kind=kind, body=body, id=write.external_id, sync_token=write.revision_token)


def _started(
    write: base.Write, entity: Entity | None, terms: quickbooks_invoice_writing.Terms | None
) -> tuple[base.Write, Fields]:
    """What is left to be written as it stands, and the body that it goes into."""
    if terms is None:
        return write, {}
    start = quickbooks_invoice_writing.start(write=write, entity=entity, terms=terms)
    left = {name: value for name, value in write.values.items() if not quickbooks_invoice_writing.is_special(name)}
    return dataclasses.replace(write, values=left), start


def _update(
    write: base.Write, entity: Entity | None, terms: quickbooks_invoice_writing.Terms | None
) -> tuple[Operation, Fields]:
    """Sparse, unless a value is cleared. Objects of several parts go out whole, made from what is there now; should the record
    have moved since it was planned, QuickBooks refuses the update by its SyncToken."""
    if not _needs_fresh(write):
        return Operation.SPARSE_UPDATE, _object(write, {})
    if entity is None:
        raise errors.Gone(say("QuickBooks Online does not have the record any more."), system=_SYSTEM, operation="update")
    write, start = _started(write, entity, terms)
    known = quickbooks_fields.of(write.record_kind)
    heads = {known[name].path[0] for name in write.values if name in known and known[name].part}
    parts: Fields = {**start, **{head: quickbooks_fields.whole(entity=entity, head=head) for head in heads}}
    if all(value is not None for value in write.values.values()):
        return Operation.SPARSE_UPDATE, _object(write, parts)
    if any(entity.fields.get(name) for name in _MASKED):
        raise errors.Rejected(
            say(
                "QuickBooks shows the tax id of this record masked, so no other field of it can be emptied without losing the tax id."
                " Empty the field in QuickBooks."
            ),
            system=_SYSTEM, operation="update", field=next(name for name, value in write.values.items() if value is None),
        )
    if entity.fields.get("Type") == _STOCK:
        raise errors.Rejected(
            say(
                "QuickBooks counts the stock of this item, so no field of it can be emptied without writing its quantity too."
                " Empty the field in QuickBooks."
            ),
            system=_SYSTEM, operation="update", field=next(name for name, value in write.values.items() if value is None),
        )
    everything = {name: value for name, value in entity.fields.items() if name not in _NOT_SENT_BACK}
    return Operation.FULL_UPDATE, _object(write, {**everything, **parts})


def _needs_fresh(write: base.Write) -> bool:
    """Whether an update is made from what is there: a part of an object, something emptied, anything of a document."""
    known = quickbooks_fields.of(write.record_kind)
    document = not quickbooks_fields.WRITTEN[write.record_kind].is_name_list
    parts = any(value is None or (name in known and known[name].part) for name, value in write.values.items())
    return write.kind is OperationKind.UPDATE and (document or parts)


def _fresh(client: quickbooks_client.Client, writes: Sequence[base.Write]) -> Mapping[str, Entity]:
    ids = [write.external_id for write in writes if _needs_fresh(write) and write.external_id.isdecimal()]
    return client.read_many(kind=quickbooks_fields.WRITTEN[writes[0].record_kind], ids=ids)


def _object(write: base.Write, start: Fields) -> Fields:
    """The body: the values in their places, on top of what is to be sent in any case. Raises Rejected for what cannot be written."""
    made = dict(start)
    for name, value in write.values.items():
        field = quickbooks_fields.of(write.record_kind).get(name)
        if field is None or not (field.spec.writable or (field.at_birth and write.kind is OperationKind.CREATE)):
            raise _refused(name, say("QuickBooks does not let it be written"))
        head, *rest = field.path
        if value is None:
            _clear(made, field, write)
            continue
        try:
            told = quickbooks_values.wire(field=field, value=value)
        except ValueError as error:
            raise _refused(name, str(error).rstrip(".")) from error
        inside = made.get(head)
        made[head] = {**(inside if field.part and isinstance(inside, dict) else {}), rest[0]: told} if rest else told
    return made


def _clear(made: Fields, field: quickbooks_values.Field, write: base.Write) -> None:
    if write.kind is OperationKind.UPDATE and field.spec.name == _NAMES[write.record_kind][0]:
        raise _refused(field.spec.name, say("a record always has a name"))
    kept = quickbooks_invoice_writing.ALWAYS if write.record_kind == quickbooks_fields.INVOICE else frozenset()
    if write.kind is OperationKind.UPDATE and field.spec.name in kept:
        raise _refused(field.spec.name, say("no invoice is without it"))
    inside = made.get(field.path[0])
    if field.part and isinstance(inside, dict):
        inside.pop(field.path[1], None)
        if inside.keys() - {"Id"}:
            return
    made.pop(field.path[0], None)


def _refused(name: str, why: str) -> errors.Rejected:
    return errors.Rejected(
        say("The field {field} cannot be written: {why}. Correct the record or the mapping.", field=name, why=why),
        system=_SYSTEM, operation="write", field=name,
    )


def _holders(
    client: quickbooks_client.Client, writes: Sequence[base.Write], outcomes: Mapping[str, Outcome], singly: bool
) -> Mapping[str, Outcome]:
    """For each name that is taken: whose it is. Where that cannot be learned, the refusal stays as it came."""
    taken: dict[str, errors.AlreadyExists] = {}
    told: dict[str, Outcome] = {}
    if not writes:
        return told
    field, sharing = _NAMES[writes[0].record_kind]
    for write in writes:
        outcome, name = outcomes[write.key], write.values.get(field)
        if isinstance(outcome, errors.AlreadyExists) and outcome.code in _TAKEN and isinstance(name, str) and query.sayable(name):
            taken[write.key] = outcome
    by_key = {write.key: write for write in writes}
    in_a_call = bodies.MOST_BATCH_ITEMS // len(sharing)
    for first in range(0, len(taken), in_a_call):
        keys = list(taken)[first : first + in_a_call]
        selections = {
            f"{number}{kind[0]}": (kind, [query.equals(field=field, value=str(by_key[key].values[field]).strip())])
            for number, key in enumerate(keys)
            for kind in sharing
        }
        try:
            found = _asked_singly(client, selections) if singly else client.batch_of_queries(selections=selections)
        except client_errors.ApiError:
            return told
        for number, key in enumerate(keys):
            rows = [found[f"{number}{kind[0]}"] for kind in sharing]
            told[key] = _held(taken[key], by_key[key], [one for each in rows if isinstance(each, tuple) for one in each])
    return told


def _asked_singly(
    client: quickbooks_client.Client, selections: Mapping[str, tuple[Kind, Sequence[query.Condition]]]
) -> dict[str, tuple[Entity, ...] | client_errors.ApiError]:
    """Who sends singly has no batch to spare for a question either."""
    return {bid: client.page(kind=kind, where=where).entries for bid, (kind, where) in selections.items()}


def _held(error: errors.AlreadyExists, write: base.Write, found: Sequence[Entity]) -> errors.AlreadyExists:
    parent: records.Value = write.values.get("ParentRef")
    own = quickbooks_fields.WRITTEN[write.record_kind]
    for entity in found:
        if entity.kind is not own or _above(entity) == (parent or ""):
            alone = quickbooks_fields.left_alone(kind=write.record_kind, entity=entity)
            what = _WORD_ENDS.sub(" ", str(entity.fields.get("Type") if alone else entity.kind.value)).lower()
            return errors.AlreadyExists(
                _taken(error.code, what, entity),
                system=error.system,
                operation=error.operation,
                code=error.code,
                request_id=error.request_id,
                field=_NAMES[write.record_kind][0],
                existing_id=entity.id if entity.kind is own and not alone else "",
            )
    return error


def _taken(code: str, what: str, entity: Entity) -> str:
    if code == _NUMBER_TAKEN:
        return say("The number is already in use: a QuickBooks {kind} (id {number}) has it.", kind=what, number=entity.id)
    return say("The name is already in use: a QuickBooks {kind} (id {number}) has it.", kind=what, number=entity.id)


def _above(entity: Entity) -> str:
    """The id of the record that a record is under, "" for one at the top."""
    reference = entity.fields.get("ParentRef")
    return str(reference.get("value") or "") if isinstance(reference, dict) else ""
