"""What a person does in QuickBooks' own screen: change, create, make inactive, delete, merge.

Owns the control face's `edit`. Needs no credentials; changes SyncToken and times as any save does.
"""

from __future__ import annotations

from integrations.sandbox.messages import BadControl, Json
from integrations.sandbox.quickbooks import faults, founding, ledger, naming, records, times
from integrations.sandbox.quickbooks.change import Write
from integrations.sandbox.quickbooks.companies import Company
from integrations.sandbox.quickbooks.fields import BY_LOWER, ENTITIES, NAME_LISTS, SINGLE

_FORMS = (
    'Ask for {"type":"Customer","id":"1","set":{…}}, {"type":"Customer","create":{…}}, {"type":"Invoice","id":"1","delete":true}'
    ' or {"type":"Customer","merge":["1","2"]}.'
)
_VERBS = ("set", "create", "delete", "merge")


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
            return _told(founding.put(company, kind, _object(wanted["create"])))
        if verbs == ["merge"]:
            return _told(_merge(company, kind, wanted["merge"], write))
        number = "1" if kind in SINGLE else str(wanted.get("id", ""))
        row = _row(company, kind, number)
        if verbs == ["set"]:
            return _told(_save(company, kind, row, _object(wanted["set"]), write))
        if wanted["delete"] is not True:
            raise BadControl(f'"delete" is true or absent. {_FORMS}')
        return _remove(company, kind, row, write)
    except faults.VendorFault as fault:
        raise BadControl(f"QuickBooks refuses this: {fault}.") from fault


def _object(value: object) -> Json:
    if not isinstance(value, dict) or not value:
        raise BadControl(f"The fields to write are an object with at least one of them. {_FORMS}")
    return value


def _row(company: Company, kind: str, number: str) -> Json:
    row = company.shelves[kind].get(number) if number.isdecimal() else None
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
    blank = {name: "" if value is None else value for name, value in values.items()}
    body = row["body"]
    return records.update(company, kind, {"Id": body["Id"], "SyncToken": body["SyncToken"], **blank, "sparse": True}, write)


def _remove(company: Company, kind: str, row: Json, write: Write) -> Json:
    body = row["body"]
    if ENTITIES[kind].transaction:
        gone = records.delete(company, kind, {"Id": body["Id"], "SyncToken": body["SyncToken"]}, write)
        return {"id": gone["Id"], "deleted": True}
    if kind not in NAME_LISTS:
        raise BadControl(f"{kind} cannot be deleted.")
    return _told(_save(company, kind, row, {"Active": False}, write))


def _merge(company: Company, kind: str, pair: object, write: Write) -> Json:
    """Let the second customer vanish into the first: its invoices and opening balance move, its id is gone."""
    if kind != "Customer" or not isinstance(pair, list) or len(pair) != 2 or str(pair[0]) == str(pair[1]):
        raise BadControl(f"Two different customers can be merged, nothing else. {_FORMS}")
    kept, lost = (_row(company, kind, str(number)) for number in pair)
    kept_number, lost_number = kept["body"]["Id"], lost["body"]["Id"]
    shelf = company.shelves[kind]
    if not kept["body"]["Active"] or shelf.matching("ParentRef", [lost_number]):
        raise BadControl("The customer that stays must be active, and the one that goes must have no sub-customers.")
    for number in company.shelves["Invoice"].matching("CustomerRef", [lost_number]):
        invoice = company.shelves["Invoice"].row(number)
        _touch(company, "Invoice", invoice, write, CustomerRef={"value": kept_number})
    naming.release(company, pool=shelf.entity.pool, body=lost["body"], title=shelf.entity.title)
    shelf.drop(lost_number)
    company.remember_gone(kind, lost_number, at=write.at)
    opening = ledger.exact(kept.get("opening")) + ledger.exact(lost.get("opening"))
    kept = _touch(company, kind, {**kept, "opening": str(opening)}, write)
    ledger.rebalance(company, kept_number, at=write.at)
    if "ParentRef" in lost["body"]:
        ledger.rebalance(company, lost["body"]["ParentRef"]["value"], at=write.at)
    return kept


def _touch(company: Company, kind: str, row: Json, write: Write, **values: Json) -> Json:
    """Save a row as changed now, with new values of fields that it has."""
    at = max(write.at, int(row["at"]))
    body = {**row["body"], **values, "SyncToken": str(int(row["body"]["SyncToken"]) + 1)}
    body["MetaData"] = {**body["MetaData"], "LastUpdatedTime": times.stamp(at)}
    row = {**row, "body": body, "at": at}
    company.shelves[kind].put(body["Id"], row)
    return row
