"""The calls on single records: list, create, read, update, archive, merge, forget.

Owns the translation between these calls and the records. Batches and search have modules of their own.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import errors, ids, kinds, merging, shapes, telling
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.link_types import LinkType
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.hubspot.shelf import Record
from integrations.sandbox.messages import Json, Response

MOST_A_PAGE = 100
MOST_WITH_HISTORY = 50


def list_records(call: Call) -> Response:
    """Answer a page of the records of a type, by id."""
    kind = call.kind()
    with_history = call.portal.registry.known(kind, call.names("propertiesWithHistory"))
    most = MOST_WITH_HISTORY if with_history else MOST_A_PAGE
    limit = call.number("limit", default=10, least=1, most=most)
    records, more = call.portal.shelf(kind).page(after=call.after(), limit=limit, archived=call.flag("archived"))
    show = _Reading(call, kind, with_history)
    body: Json = {"results": [show.json(record) for record in records]}
    if more:
        after = str(records[-1].id)
        kept = [(name, value) for name, value in call.request.query if name != "after"]
        query = "&".join(f"{quote(name)}={quote(value)}" for name, value in [*kept, ("after", after)])
        body["paging"] = {"next": {"after": after, "link": f"{call.url()}?{query}"}}
    return Response.of_json(body)


def read_record(call: Call) -> Response:
    """Answer one record, also by a unique property, and the survivor for an id that was merged away."""
    kind = call.kind()
    record = _asked(call, kind, by_also=("email", "domain"), archived=call.flag("archived"))
    show = _Reading(call, kind, call.portal.registry.known(kind, call.names("propertiesWithHistory")))
    return Response.of_json(show.json(record))


class _Reading:
    """What a list or a read shows of each record."""

    def __init__(self, call: Call, kind: Kind, with_history: Sequence[str]) -> None:
        self._call = call
        self._kind = kind
        self._with_history = with_history
        asked = call.names("properties")
        names = [*(asked or kind.defaults), "hs_object_id", *kind.created[:1], kind.modified, *with_history]
        self._names = call.portal.registry.known(kind, names)
        self._links = [found for name in call.names("associations") if (found := kinds.find(name)) is not None]
        base = call.request.base_url.rstrip("/")
        area = "crm/v3/objects" if call.legacy else f"crm/objects/{call.version}"
        self._url = f"{base}/{area}/{kind.name}"

    def json(self, record: Record) -> Json:
        """The record as asked for."""
        body = shapes.record_json(self._kind, record, self._names, with_history=self._with_history)
        if self._links:
            found = shapes.inline_links(
                self._call.portal, End(kind=self._kind, id=record.id), self._links, page_url=self._url
            )
            if found:
                body["associations"] = found
        return body


def _asked(call: Call, kind: Kind, *, by_also: Sequence[str], archived: bool = False) -> Record:
    value = call.path["id"]
    name = call.request.first("idProperty")
    if name:
        return by_property(call.portal, kind, name, value, by_also=by_also)
    return by_id(call.portal, kind, value, archived=archived, follow=call.request.method == "GET" or not call.portal.strict)


def by_id(portal: Portal, kind: Kind, value: str, *, archived: bool = False, follow: bool = True) -> Record:
    """The record of that id; `follow` takes an id that was merged away for its survivor. Raises Refused."""
    number, shelf = ids.whole(value), portal.shelf(kind)
    if number is None:
        raise errors.not_numeric(value)
    survivor = shelf.survivor(number) if follow else None
    record = shelf.find(survivor if survivor is not None else number, archived=archived)
    if record is None:
        raise errors.not_found()
    return record


def by_property(portal: Portal, kind: Kind, name: str, value: str, *, by_also: Sequence[str] = ()) -> Record:
    """The record with that value of a unique property (or of one of the few others that serve). Raises Refused."""
    if name == "hs_object_id":
        return by_id(portal, kind, value)
    shelf = portal.shelf(kind)
    if name == "domain" and kind is kinds.COMPANIES and name in by_also:
        found = next((one.id for one in shelf.live() if one.values.get("domain", "").lower() == value.lower()), None)
    elif (name == "email" and kind is kinds.CONTACTS and name in by_also) or is_unique(portal, kind, name):
        found = shelf.holder(name, value)
    else:
        raise errors.invalid(f"Unable to perform the call by non-unique {kind.type_id} property {name}")
    record = shelf.find(found) if found is not None else None
    if record is None:
        raise errors.not_found()
    return record


def is_unique(portal: Portal, kind: Kind, name: str) -> bool:
    """Whether a property is a custom one whose values occur once."""
    definition = portal.registry.find(kind, name)
    return definition is not None and definition.unique


def create_record(call: Call) -> Response:
    """Make a record, with its associations."""
    kind = call.kind()
    body = call.body("properties")
    made = call.records.check_new(kind, properties(body), actor=call.actor, links=inline_links(call.portal, kind, body))
    record = call.records.make(made, actor=call.actor)
    call.written.append(("create", kind.name))
    answer = shapes.written_json(call.portal, kind, record, None)
    answer |= trace(body)
    return Response.of_json(answer, status=201, headers={"Location": f"{call.url()}/{record.id}"})


def update_record(call: Call) -> Response:
    """Change a record; the answer holds what was written and what followed from it."""
    kind = call.kind()
    record = _asked(call, kind, by_also=("email",))
    body = call.body("properties")
    changed = call.records.check_change(kind, record, properties(body), actor=call.actor)
    written = call.records.change(changed, actor=call.actor)
    call.written.append(("update", kind.name))
    return Response.of_json(shapes.written_json(call.portal, kind, record, written) | trace(body))


def archive_record(call: Call) -> Response:
    """Put a record away; also a success when it is away already or was never there, unless unknowns are strict."""
    kind = call.kind()
    number = ids.whole(call.path["id"])
    if number is None:
        raise errors.not_numeric(call.path["id"])
    record = call.portal.shelf(kind).find(number)
    if record is not None:
        call.written.extend(("archive", gone.name) for gone, _ in call.records.archive(kind, record, actor=call.actor))
    elif call.portal.strict:
        raise errors.not_found()
    return calls.no_content()


def merge_records(call: Call) -> Response:
    """Merge one record into another."""
    kind = call.kind()
    if not kind.mergeable:
        raise errors.invalid(f"Objects of the type {kind.type_id} cannot be merged")
    body = call.body("primaryObjectId", "objectIdToMerge")
    primary, other = (by_id(call.portal, kind, calls.record_id(body[name])) for name in ("primaryObjectId", "objectIdToMerge"))
    if primary is other:
        raise errors.invalid("A record cannot be merged with itself")
    survivor = merging.merge(call.portal, kind, primary, other, actor=call.actor)
    call.written.append(("merge", kind.name))
    return Response.of_json(shapes.written_json(call.portal, kind, survivor, None))


def forget_record(call: Call) -> Response:
    """Delete a contact for good."""
    kind = call.kind()
    if kind is not kinds.CONTACTS:
        raise errors.invalid(f"Objects of the type {kind.type_id} cannot be deleted for good")
    body = call.body("objectId")
    value, name = calls.record_id(body["objectId"]), body.get("idProperty")
    record = by_property(call.portal, kind, str(name), value, by_also=("email",)) if name else by_id(call.portal, kind, value)
    call.records.purge(kind, record)
    telling.deleted(call.portal, kind, record, at=call.portal.now(), actor=call.actor)
    call.written.append(("purge", kind.name))
    return calls.no_content()


def properties(body: Json) -> dict[str, object]:
    """The properties of a write. Raises Refused when they are no object of plain values."""
    found = body.get("properties")
    if not isinstance(found, dict):
        raise errors.attributes_missing(["properties"])
    strange = next((name for name, value in found.items() if isinstance(value, (dict, list))), None)
    if strange is not None:
        raise errors.bad_shape(f"the value of {strange} is a text")
    return found


def trace(body: Json) -> Json:
    """The trace id of an input, to be echoed."""
    found = body.get("objectWriteTraceId")
    return {} if found is None else {"objectWriteTraceId": str(found)}


def inline_links(portal: Portal, kind: Kind, body: Json) -> list[tuple[End, LinkType]]:
    """The associations that a create asks for. Raises Refused."""
    wanted = body.get("associations")
    if wanted is None:
        return []
    if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
        raise errors.bad_shape("associations is a list of objects")
    return [pair for one in wanted for pair in _inline(portal, kind, one)]


def _inline(portal: Portal, kind: Kind, wanted: dict[str, Any]) -> list[tuple[End, LinkType]]:
    to, types = wanted.get("to"), wanted.get("types")
    if not isinstance(to, dict) or "id" not in to or not isinstance(types, list) or not types:
        raise errors.attributes_missing(["to", "types"])
    value = calls.record_id(to["id"])
    found = []
    for one in types:
        number = one.get("associationTypeId") if isinstance(one, dict) else None
        end_kind, link_type = _link_type(portal, kind, number)
        end = End(kind=end_kind, id=ids.whole(value) or 0)
        if portal.live(end) is None:
            bad = [f"{end_kind.singular.upper()}={value} is not valid"]
            raise errors.invalid("One or more associations are invalid", context={"INVALID_OBJECT_IDS": bad})
        found.append((end, link_type))
    return found


def _link_type(portal: Portal, kind: Kind, number: object) -> tuple[Kind, LinkType]:
    for end in kinds.KINDS:
        found = portal.links.types.find(kind, end, number) if isinstance(number, int) else None
        if found is not None:
            return end, found
        reverse = portal.links.types.find(end, kind, number) if isinstance(number, int) else None
        if reverse is not None:
            raise errors.invalid(
                f"Association type {number} is invalid from object type {kind.type_id} for associations to be created."
                f" expected: {end.type_id}"
            )
    raise errors.invalid(f"Association type {number} does not exist from object type {kind.type_id}")
