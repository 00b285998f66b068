"""Create, update, delete and void: the one path on which every object is written, whoever asks.

Owns ids, SyncToken, MetaData, full and sparse updates, masked tax ids. What an entity demands stands in its rules.
"""

from __future__ import annotations

from typing import Any

from integrations.sandbox.messages import Json
from integrations.sandbox.quickbooks import catalog, closing, faults, invoices, items, parties, payload, payments, singles, times
from integrations.sandbox.quickbooks.change import Change, Write
from integrations.sandbox.quickbooks.chart import COUNTRY_CODES
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import ENTITIES, READ_ONLY, SINGLE, WORD_IDS, Entity, number_of

RULES = {**parties.RULES, **catalog.RULES, **items.RULES, **invoices.RULES, **payments.RULES, **singles.RULES}
OTHER_USER = "another user"
_SHOWN_DIGITS = 5
_SELF_CHECKED = frozenset({"ParentRef", "CustomerRef"})


def find(company: Company, kind: str, number: Any) -> Json:
    """The row of an object. Raises VendorFault 2030 for an id that is no number, 610 for one that is not there."""
    text = payload.text_of(number)
    if number_of(text) is None or (text in WORD_IDS and kind != "TaxCode"):
        raise faults.bad_id(text)
    row = company.shelves[kind].get(text)
    if row is None:
        raise faults.not_found()
    return row


def create(company: Company, kind: str, sent: Json, write: Write) -> Json:
    """Make an object and return its row. Raises VendorFault."""
    entity = ENTITIES[kind]
    if kind in SINGLE or kind in READ_ONLY:
        raise faults.unsupported(f"create of {kind}")
    given = _read(company, entity, sent)
    _check_writable(company, write)
    body = {**_defaults(entity), **{name: value for name, value in given.values.items() if not entity.fields[name].masked}}
    if "Active" in entity.fields:
        body["Active"] = bool(body.get("Active", True)) or not write.by_hand
    change = Change(company=company, entity=entity, write=write, given=given, body=body, row={})
    _mask(change)
    _check_references(change)
    RULES[kind].settle(change)
    number = company.take(entity.space)
    change.row["made"] = write.at
    return _store(change, number=number, token=0, verb="Create")


def update(company: Company, kind: str, sent: Json, write: Write) -> Json:
    """Change an object, fully or sparsely, and return its row; one that is left as it was stays untouched. Raises VendorFault."""
    entity = ENTITIES[kind]
    if kind in READ_ONLY:
        raise faults.unsupported(f"update of {kind}")
    given = _read(company, entity, sent)
    _check_writable(company, write)
    if kind not in SINGLE and not sent.get("Id"):
        raise faults.missing("Id")
    old = find(company, kind, "1" if kind in SINGLE else sent["Id"])
    check_token(old, sent)
    sparse = payload.text_of(sent.get("sparse") or "").lower() == "true"
    body = _merged(entity, old["body"], given, sparse=sparse)
    change = Change(company=company, entity=entity, write=write, given=given, body=body, row=dict(old), old=old, sparse=sparse)
    _mask(change)
    _check_references(change)
    RULES[kind].settle(change)
    _number_addresses(change)
    same = all(change.body.get(name) == old["body"].get(name) for name in entity.fields)
    if same and change.row.get("raw") == old.get("raw"):
        return old
    return _store(change, number=change.number, token=int(old["body"]["SyncToken"]) + 1)


def delete(company: Company, kind: str, sent: Json, write: Write) -> Json:
    """Delete a transaction and return the stub that the answer shows. Raises VendorFault."""
    entity = ENTITIES[kind]
    if not entity.transaction:
        raise faults.unsupported(f"delete of {kind}")
    row = _to_end(company, kind, sent, write)
    body = row["body"]
    company.shelves[kind].drop(body["Id"])
    company.remember_gone(kind, body["Id"], at=write.at)
    company.happened("Delete", kind, body["Id"])
    left = {"CustomerRef": body["CustomerRef"]}
    RULES[kind].after(Change(company=company, entity=entity, write=write, given=payload.Given(), body=left, row={}, old=row))
    return {"domain": "QBO", "status": "Deleted", "Id": body["Id"]}


def void(company: Company, kind: str, sent: Json, write: Write) -> Json:
    """Void a transaction and return its row. Raises VendorFault."""
    entity = ENTITIES[kind]
    rules = RULES.get(kind)
    if rules is None or rules.voided is None:
        raise faults.unsupported(f"void of {kind}")
    old = _to_end(company, kind, sent, write)
    body = rules.voided(old["body"])
    change = Change(company=company, entity=entity, write=write, given=payload.Given(), body=body, row={**old, "links": {}}, old=old)
    return _store(change, number=change.number, token=int(old["body"]["SyncToken"]) + 1, verb="Void")


def check_token(row: Json, sent: Json) -> None:
    """Refuse a write that does not know the present state. Raises VendorFault 2020 or 5010."""
    token = sent.get("SyncToken")
    if token is None or token == "":
        raise faults.missing("SyncToken")
    if payload.text_of(token) != row["body"]["SyncToken"]:
        raise faults.stale(OTHER_USER)


def _to_end(company: Company, kind: str, sent: Json, write: Write) -> Json:
    _read(company, ENTITIES[kind], sent)
    _check_writable(company, write)
    if not sent.get("Id"):
        raise faults.missing("Id")
    row = find(company, kind, sent["Id"])
    check_token(row, sent)
    if not write.by_hand:
        closing.check(company, row["body"])
    ending = RULES[kind].ending
    if ending is not None:
        ending(company, row)
    return row


def _read(company: Company, entity: Entity, sent: Json) -> payload.Given:
    return payload.read(entity, sent, refuse_emoji=bool(company.switch("refuse_emoji_in_names")))


def _check_writable(company: Company, write: Write) -> None:
    if company.switch("subscription_ended") and not write.by_hand:
        raise faults.subscription_over()


def _defaults(entity: Entity) -> Json:
    return {name: field.default for name, field in entity.fields.items() if field.default is not None}


def _merged(entity: Entity, old: Json, given: payload.Given, *, sparse: bool) -> Json:
    """The body after an update, before the rules: sparse keeps what is not named, full clears it."""
    fields = entity.fields
    values = {name: value for name, value in given.values.items() if not fields[name].once and not fields[name].masked}
    if sparse:
        cleared = {name for name in given.cleared if not fields[name].keep and not fields[name].once}
        kept = {name: value for name, value in old.items() if name not in cleared}
        return {**_defaults(entity), **kept, **values}
    kept = {name: old[name] for name, field in fields.items() if name in old and (field.ours or field.once or name == "Active")}
    return {**_defaults(entity), **kept, **values}


def _mask(change: Change) -> None:
    """Keep tax ids aside and show only their end; one that is sent back as it was shown is stored as it was sent."""
    raw = dict(change.row.get("raw", {}))
    for name, field in change.entity.fields.items():
        if not field.masked:
            continue
        if name in change.given.values:
            raw[name] = change.given.values[name]
        elif name in change.given.cleared or not change.sparse:
            raw.pop(name, None)
        change.body.pop(name, None)
        if name in raw:
            hidden = max(len(raw[name]) - _SHOWN_DIGITS, 0)
            change.body[name] = "X" * hidden + raw[name][hidden:]
    if raw or "raw" in change.row:
        change.row["raw"] = raw


def _check_references(change: Change) -> None:
    """Refuse references to what never was (2500) or is inactive (610); one that was there before may stay."""
    for name, field in change.entity.fields.items():
        number = change.ref(name) if field.refers and name in change.given.values else ""
        if not number or name in _SELF_CHECKED or number == change.old_ref(name):
            continue
        group = ENTITIES[field.refers].group
        row = change.company.shelves[field.refers].get(number)
        if row is None:
            raise faults.bad_reference(group, number)
        if not row["body"].get("Active", True):
            raise faults.not_found()


def _number_addresses(change: Change) -> None:
    """Give each address an id, that of the address it replaces when there is one, and its country the code that answers show."""
    for name, field in change.entity.fields.items():
        value = change.body.get(name) if field.kind == "address" else None
        if not value:
            continue
        number = change.old_body.get(name, {}).get("Id") or value.get("Id") or change.company.take("address")
        address = {"Id": number, **{key: each for key, each in value.items() if key != "Id"}}
        if "Country" in address and change.company.switch("country_codes"):
            address["Country"] = COUNTRY_CODES.get(address["Country"].strip().lower(), address["Country"])
        change.body[name] = address


def _store(change: Change, *, number: str, token: int, verb: str = "Update") -> Json:
    _number_addresses(change)
    write, row = change.write, change.row
    row["at"] = write.at if change.old is None else max(write.at, int(change.old["at"]))
    standard: Json = {
        "domain": "QBO",
        "sparse": False,
        "Id": number,
        "SyncToken": str(token),
        "MetaData": {"CreateTime": times.stamp(row["made"]), "LastUpdatedTime": times.stamp(row["at"])},
    }
    whole = {**change.body, **standard}
    change.body = {name: whole[name] for name in change.entity.order if name in whole}
    row["body"] = change.body
    change.company.shelves[change.entity.name].put(number, row)
    change.company.happened(verb, change.entity.name, number)
    RULES[change.entity.name].after(change)
    return row
