"""Two records become one.

Owns the rules of a merge: whose value stays, which id the survivor has, what the old ids lead to.
"""
from __future__ import annotations

from collections.abc import Iterable

from integrations.sandbox.hubspot import computed, errors, kinds, moments, telling
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.hubspot.shelf import Entry, Record, entry

MOST_MERGED = 250
MERGE_SOURCE = "MERGE_OBJECTS"


def merge(portal: Portal, kind: Kind, primary: Record, other: Record, *, actor: Actor) -> Record:
    """Merge the other record into the primary one and give the survivor. Raises Refused."""
    merged_ids = list(dict.fromkeys([*_ids(primary), *_ids(other), primary.key, other.key]))
    if len(merged_ids) > MOST_MERGED:
        raise errors.Refused(414, errors.error_body(f"A record cannot have more than {MOST_MERGED} merged records"))
    keeps_id = bool(portal.switch("preserve_primary_id_on_merge"))
    if keeps_id:
        merged_ids.remove(primary.key)
    at = max(portal.now(), primary.at + 1, other.at + 1)
    survivor_id = primary.id if keeps_id else portal.next_id()
    step = entry(value="", at=at, source=MERGE_SOURCE, source_id=actor.source_id, user_id=actor.user_id)
    values = _values(kind, primary, other, at=at, survivor_id=survivor_id, merged_ids=merged_ids)
    survivor = Record(
        id=survivor_id, values=values, origin=primary.origin, at=at, history=_history(primary, values, step)
    )
    _replace(portal, kind, (primary, other), survivor)
    telling.merged(portal, kind, survivor, ids=(primary.id, other.id), moved=len(set(other.values) - set(primary.values)), actor=actor)
    contacts = [End(kind=kinds.CONTACTS, id=one) for one, _ in portal.linked(End(kind=kind, id=survivor.id), kinds.CONTACTS)]
    records, end = Records(portal), End(kind=kind, id=survivor.id)
    records.show_company(*contacts, end, actor=actor)
    records.settle(*(End(kind=kinds.INVOICES, id=one) for one, _ in portal.linked(end, kinds.INVOICES)))
    return survivor


def _ids(record: Record) -> Iterable[str]:
    return (one for one in record.values.get("hs_merged_object_ids", "").split(";") if one)


def _values(kind: Kind, primary: Record, other: Record, *, at: int, survivor_id: int, merged_ids: list[str]) -> dict[str, str]:
    values = {**other.values, **primary.values}
    values |= {name: min(primary.values[name], other.values[name]) for name in kind.created}
    values |= {"hs_object_id": str(survivor_id), "hs_merged_object_ids": ";".join(merged_ids), kind.modified: moments.text(at)}
    if kind is kinds.CONTACTS:
        emails = [
            one
            for record in (primary, other)
            for one in (record.values.get("email", ""), *record.values.get("hs_additional_emails", "").split(";"))
            if one and one != values.get("email")
        ]
        values["hs_additional_emails"] = ";".join(dict.fromkeys(emails))
        values["hs_all_contact_vids"] = ";".join(dict.fromkeys([str(survivor_id), *merged_ids]))
        values["hs_calculated_merged_vids"] = ";".join(f"{one}:{at}" for one in merged_ids)
        values["lifecyclestage"] = computed.farther(primary.values.get("lifecyclestage", ""), other.values.get("lifecyclestage", ""))
    values |= computed.of_change(kind, values)
    return {name: value for name, value in values.items() if value}


def _history(primary: Record, values: dict[str, str], step: Entry) -> dict[str, list[Entry]]:
    history = {name: list(steps) for name, steps in primary.history.items()}
    for name, value in values.items():
        before = primary.values.get(name, "")
        if value == before:
            continue
        steps = history.setdefault(name, [])
        if not steps and before:
            steps.append([before, *primary.origin[1:]])
        steps.append([value, *step[1:]])
    return history


def _replace(portal: Portal, kind: Kind, old: tuple[Record, Record], survivor: Record) -> None:
    shelf = portal.shelf(kind)
    for record in old:
        shelf.remove(record, at=survivor.at)
    shelf.put(survivor, before=None)
    end = End(kind=kind, id=survivor.id)
    for record in old:
        if record.id != survivor.id:
            portal.links.move(End(kind=kind, id=record.id), end)
            shelf.merged(record.id, into=survivor.id)
