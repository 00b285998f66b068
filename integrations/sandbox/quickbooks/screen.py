"""What a person does in QuickBooks' own screen: change, create, make inactive, delete, void, merge.

Owns the control face's `edit`. Needs no credentials; changes SyncToken and times as any save does.
"""

from __future__ import annotations

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import faults, merging, records, seeding
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import BY_LOWER, ENTITIES, NAME_LISTS, SINGLE

_FORMS = (
    'Ask for {"type":"Customer","id":"1","set":{…}}, {"type":"Customer","create":{…}}, {"type":"Invoice","id":"1","delete":true}, '
    '{"type":"Invoice","id":"1","void":true} or {"type":"Customer","merge":["1","2"]}.'
)
_VERBS = ("set", "create", "delete", "void", "merge")


def edit(company: Company, wanted: Json) -> Json:
    """Carry out one edit and tell the object's id and state. Raises BadControl for what the screen does not offer."""
    kind = BY_LOWER.get(str(wanted.get("type", "")).lower())
    verbs = [verb for verb in _VERBS if verb in wanted]
    if kind is None or len(verbs) != 1:
        raise BadControl(f"This is no edit of a QuickBooks record (types: {', '.join(ENTITIES)}). {_FORMS}")
    strange = set(wanted) - {"type", "id", "realm_id", *verbs}
    if strange:
        raise BadControl(f"An edit does not take {', '.join(sorted(strange))}. {_FORMS}")
    write = Write(at=company.epoch(), by_hand=True)
    try:
        if verbs == ["create"]:
            return _told(seeding.put(company, kind, _object(wanted["create"])))
        if verbs == ["merge"]:
            return _told(_merge(company, kind, wanted["merge"], write))
        number = "1" if kind in SINGLE else str(wanted.get("id", ""))
        row = _row(company, kind, number)
        if verbs == ["set"]:
            return _told(_save(company, kind, row, _object(wanted["set"]), write))
        (verb,) = verbs
        if wanted[verb] is not True:
            raise BadControl(f'"{verb}" is true or absent. {_FORMS}')
        return _told(_void(company, kind, row, write)) if verb == "void" else _remove(company, kind, row, write)
    except faults.VendorFault as fault:
        raise BadControl(f"QuickBooks refuses this: {fault}.") from fault


def _object(value: object) -> Json:
    if not isinstance(value, dict) or not value:
        raise BadControl(f"The fields to write are an object with at least one of them. {_FORMS}")
    return value


def _row(company: Company, kind: str, number: str) -> Json:
    row = company.shelves[kind].get(number)
    if row is None:
        raise BadControl(f"There is no {kind} with the id {number!r} in company {company.realm}.")
    return row


def _told(row: Json) -> Json:
    body = row["body"]
    return {"id": body["Id"], "sync_token": body["SyncToken"], "last_updated": body["MetaData"]["LastUpdatedTime"]}


def _save(company: Company, kind: str, row: Json, values: Json, write: Write) -> Json:
    stray = sorted(set(values) & {"Id", "SyncToken", "MetaData", "sparse"})
    if stray:
        raise BadControl(f"A person cannot set {', '.join(stray)}.")
    blank = {name: "" if value is None else value for name, value in seeding.resolved(company, kind, values).items()}
    body = row["body"]
    return records.update(company, kind, {"Id": body["Id"], "SyncToken": body["SyncToken"], **blank, "sparse": True}, write)


def _void(company: Company, kind: str, row: Json, write: Write) -> Json:
    if not ENTITIES[kind].transaction:
        raise BadControl(f"{kind} cannot be voided.")
    return records.void(company, kind, {"Id": row["body"]["Id"], "SyncToken": row["body"]["SyncToken"]}, write)


def _remove(company: Company, kind: str, row: Json, write: Write) -> Json:
    body = row["body"]
    if ENTITIES[kind].transaction:
        gone = records.delete(company, kind, {"Id": body["Id"], "SyncToken": body["SyncToken"]}, write)
        return {"id": gone["Id"], "deleted": True}
    if kind not in NAME_LISTS:
        raise BadControl(f"{kind} cannot be deleted.")
    return _told(_save(company, kind, row, {"Active": False}, write))


def _merge(company: Company, kind: str, pair: object, write: Write) -> Json:
    if kind not in merging.KINDS or not isinstance(pair, list) or len(pair) != 2 or str(pair[0]) == str(pair[1]):
        raise BadControl(f"Two different customers or two different items can be merged, nothing else. {_FORMS}")
    kept, lost = (_row(company, kind, str(number)) for number in pair)
    return merging.merge(company, kind, kept, lost, write)
