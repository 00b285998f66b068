"""What a person does in HubSpot's own screen.

Owns the commands and what may stand beside each. Needs no credentials; history shows CRM_UI.
"""
from __future__ import annotations

from integrations.sandbox.hubspot import commerce_rules, desk, ids, kinds, merging, shapes
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal, Portals
from integrations.sandbox.hubspot.records import Actor, Records
from integrations.sandbox.hubspot.shelf import Record
from integrations.sandbox.messages import BadControl, Json

COMMANDS = ("set", "create", "delete", "restore", "merge", *desk.INVOICE_COMMANDS)
RELATIONS = ("associate", "dissociate", "line_items")


def actor_of(portal: Portal) -> Actor:
    """The person who works in a portal."""
    user = portal.person()
    return Actor(source="CRM_UI", source_id=f"userId:{user}", user_id=user, by_hand=True)


def edit(portals: Portals, wanted: Json) -> Json:
    """Carry out one command and give the record. Raises BadControl for what the screen would not take."""
    kind = kinds.find(str(wanted.get("type", "")))
    if kind is None:
        raise BadControl(f'"type" is one of {", ".join(kinds.BY_NAME)}, not {wanted.get("type")!r}.')
    asked = [name for name in COMMANDS if wanted.get(name)]
    beside = [name for name in RELATIONS if wanted.get(name)]
    beside_create = [name for name in beside if name != "dissociate"] == beside and asked == ["create"]
    strange = sorted(set(wanted) - {"type", "id", "portal_id", *COMMANDS, *RELATIONS})
    if strange or len(asked) > 1 or not (asked or beside) or (beside and asked and not beside_create):
        raise BadControl(
            f'Say one of {", ".join(COMMANDS)} beside "type", with "id" unless it is create or merge;'
            f' {", ".join(RELATIONS)} stand alone, or all but dissociate beside create.'
        )
    portal = _portal(portals, kind, wanted)
    try:
        return _done(portal, kind, asked[0] if asked else "", wanted)
    except Refused as refused:
        raise BadControl(f"HubSpot does not take this: {refused.message}") from refused


def _portal(portals: Portals, kind: Kind, wanted: Json) -> Portal:
    if wanted.get("portal_id") is not None:
        found = portals.find(str(wanted["portal_id"]))
        if found is None:
            raise BadControl(f"There is no portal {wanted['portal_id']!r}.")
        return found
    merging_ids = wanted.get("merge")
    record_id = merging_ids[0] if isinstance(merging_ids, list) and merging_ids else wanted.get("id")
    for portal in portals.every():
        if _record(portal, kind, record_id) or _archived(portal, kind, record_id):
            return portal
    return portals.first()


def _record(portal: Portal, kind: Kind, record_id: object) -> Record | None:
    shelf, number = portal.shelf(kind), ids.whole(str(record_id))
    return shelf.find(shelf.survivor(number) or number)


def _archived(portal: Portal, kind: Kind, record_id: object) -> Record | None:
    return portal.shelf(kind).find(ids.whole(str(record_id)), archived=True)


def _restored(portal: Portal, kind: Kind, record_id: object) -> Record:
    """An archived record, live again; not while another contact has its e-mail address."""
    found = _archived(portal, kind, record_id)
    if found is None:
        raise BadControl(f"There is no archived {kind.singular} {record_id!r} in portal {portal.id}.")
    email = found.values.get("email", "")
    if kind is kinds.CONTACTS and email and portal.shelf(kind).holder("email", email) is not None:
        raise BadControl("Another contact has the e-mail address now.")
    Records(portal).restore(kind, found)
    return found


def _needed(portal: Portal, kind: Kind, record_id: object) -> Record:
    found = _record(portal, kind, record_id)
    if found is None:
        raise BadControl(f"There is no {kind.singular} {record_id!r} in portal {portal.id}.")
    return found


def _done(portal: Portal, kind: Kind, command: str, wanted: Json) -> Json:
    actor, records = actor_of(portal), Records(portal)
    if command == "create":
        ends = desk.ends_of(portal, kind, wanted.get("associate", {}))
        record = desk.make(portal, kind, _values(wanted, "create"), ends=ends, lines=_lines(wanted), actor=actor)
        return shapes.written_json(portal, kind, record, None)
    if command == "merge":
        return shapes.written_json(portal, kind, _merged(portal, kind, wanted["merge"], actor), None)
    if command == "restore":
        return shapes.written_json(portal, kind, _restored(portal, kind, wanted.get("id")), None)
    record, told = _needed(portal, kind, wanted.get("id")), {}
    if command == "delete":
        records.archive(kind, record, actor=actor)
    elif command == "set":
        records.change(records.check_change(kind, record, _values(wanted, "set"), actor=actor), actor=actor)
    elif command:
        told = _with_invoice(portal, kind, record, command, wanted)
    else:
        _relate(portal, End(kind=kind, id=record.id), wanted, actor)
    return shapes.written_json(portal, kind, record, None) | told


def _with_invoice(portal: Portal, kind: Kind, record: Record, command: str, wanted: Json) -> Json:
    if kind is not kinds.INVOICES:
        raise BadControl(f'"{command}" is for invoices.')
    return desk.INVOICE_COMMANDS[command](portal, record, wanted[command], actor=actor_of(portal))


def _relate(portal: Portal, start: End, wanted: Json, actor: Actor) -> None:
    records = Records(portal)
    apart = desk.ends_of(portal, start.kind, wanted.get("dissociate", {}))
    together = desk.ends_of(portal, start.kind, wanted.get("associate", {}))
    lines = _lines(wanted)
    for end, _ in together:
        commerce_rules.check_link(portal, start, end)
    for end, _ in apart:
        records.unlink(start, end, actor=actor)
    for end, plain in together:
        records.link(start, end, [plain], actor=actor)
    desk.add_lines(portal, start, lines, actor=actor)


def _lines(wanted: Json) -> list[Json]:
    lines = wanted.get("line_items", [])
    if not isinstance(lines, list) or not all(isinstance(one, dict) for one in lines):
        raise BadControl('"line_items" is a list of objects of property names and values.')
    return [_plain(one, "line_items") for one in lines]


def _values(wanted: Json, name: str) -> Json:
    return _plain(wanted[name], name)


def _plain(values: object, name: str) -> Json:
    if not isinstance(values, dict) or any(isinstance(value, (dict, list)) for value in values.values()):
        raise BadControl(f'"{name}" holds property names and values.')
    return values


def _merged(portal: Portal, kind: Kind, pair: object, actor: Actor) -> Record:
    if not kind.mergeable or not isinstance(pair, list) or len(pair) != 2:
        raise BadControl('"merge" is a list of two ids, the primary one first; contacts, companies and deals can be merged.')
    primary, other = (_needed(portal, kind, one) for one in pair)
    if primary is other:
        raise BadControl("A record cannot be merged with itself.")
    return merging.merge(portal, kind, primary, other, actor=actor)
