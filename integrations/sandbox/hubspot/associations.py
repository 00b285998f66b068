"""The calls on associations: of one record, in batches, and their labels.

Owns the translation between these calls and the links. Ids are numbers in the answers that list associations.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import errors, ids
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.link_types import USER_DEFINED, LinkType
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.portal import Portal
from integrations.sandbox.messages import Json, Response

MOST_A_PAGE = 500


def start_of(call: Call) -> End:
    """The record at the start of the path. Raises Refused when it is not there."""
    return live_end(call.portal, call.kind("type"), call.path["id"])


def live_end(portal: Portal, kind: Kind, value: str) -> End:
    """A record that is there. Raises Refused."""
    end = End(kind=kind, id=_number(value))
    if portal.live(end) is None:
        raise errors.not_found()
    return end


def plain_type(portal: Portal, start: Kind, end: Kind) -> LinkType:
    """The unlabeled type between two object types. Raises Refused when they cannot be associated."""
    found = portal.links.types.plain(start, end)
    if found is None:
        raise errors.invalid(f"Objects of the types {start.type_id} and {end.type_id} cannot be associated")
    return found


def wanted_types(portal: Portal, start: Kind, end: Kind, body: object) -> list[LinkType]:
    """The types that a body names. Raises Refused."""
    if not isinstance(body, list) or not body or not all(isinstance(one, dict) for one in body):
        raise errors.bad_shape("a list of association types is expected")
    plain_type(portal, start, end)
    return [_wanted_type(portal, start, end, one) for one in body]


def _wanted_type(portal: Portal, start: Kind, end: Kind, one: dict[str, Any]) -> LinkType:
    number = one.get("associationTypeId")
    found = portal.links.types.find(start, end, number) if isinstance(number, int) else None
    if found is None or found.category != one.get("associationCategory"):
        raise errors.invalid(
            f"{one.get('associationCategory')} association type {number} does not exist from {start.type_id} to {end.type_id}"
        )
    return found


def entries(portal: Portal, start: End, kind: Kind, *, after: int, limit: int) -> tuple[list[Json], int | None]:
    """A page of what a record is associated with, by id, and the id after which the next page begins."""
    types = portal.links.types.between(start.kind, kind)
    linked = sorted((one, numbers) for one, numbers in portal.linked(start, kind) if one > after)
    page = [
        {"toObjectId": one, "associationTypes": [each.as_json() for each in types if each.number in numbers]}
        for one, numbers in linked[:limit]
    ]
    return page, (linked[limit - 1][0] if len(linked) > limit else None)


def labels_json(start: End, end: End, types: Sequence[LinkType]) -> Json:
    """The answer to a labelled association."""
    return {
        "fromObjectTypeId": start.kind.type_id,
        "fromObjectId": start.id,
        "toObjectTypeId": end.kind.type_id,
        "toObjectId": end.id,
        "labels": [one.label for one in types if one.label is not None],
    }


def default_json(start: End, end: End, plain: LinkType) -> list[Json]:
    """The answer to an unlabeled association: one result for each direction."""
    return [
        {
            "from": {"id": str(one.id)},
            "to": {"id": str(other.id)},
            "associationSpec": {"associationCategory": plain.category, "associationTypeId": number},
        }
        for one, other, number in ((start, end, plain.number), (end, start, plain.inverse))
    ]


def list_of_record(call: Call) -> Response:
    """Answer what a record is associated with."""
    start, kind = start_of(call), call.kind("to")
    limit = call.number("limit", default=MOST_A_PAGE, least=1, most=MOST_A_PAGE)
    results, after = entries(call.portal, start, kind, after=call.after(), limit=limit)
    body: Json = {"results": results}
    if after is not None:
        body["paging"] = {"next": {"after": str(after), "link": f"{call.url()}?after={after}&limit={limit}"}}
    return Response.of_json(body)


def put_default(call: Call) -> Response:
    """Associate two records without a label."""
    start = start_of(call)
    end = live_end(call.portal, call.kind("to"), call.path["to_id"])
    plain = plain_type(call.portal, start.kind, end.kind)
    call.records.link(start, end, [plain], actor=call.actor)
    call.written.append(("associate", start.kind.name))
    return batch_answer(call, default_json(start, end, plain))


def put_types(call: Call) -> Response:
    """Associate two records by types."""
    start = start_of(call)
    end = live_end(call.portal, call.kind("to"), call.path["to_id"])
    types = wanted_types(call.portal, start.kind, end.kind, call.any_body())
    call.records.link(start, end, types, actor=call.actor)
    call.written.append(("associate", start.kind.name))
    return Response.of_json(labels_json(start, end, types), status=201)


def delete_link(call: Call) -> Response:
    """Take two records apart, whatever the types."""
    start, end = start_of(call), End(kind=call.kind("to"), id=_number(call.path["to_id"]))
    if call.records.unlink(start, end, actor=call.actor):
        call.written.append(("dissociate", start.kind.name))
    return calls.no_content()


def _number(value: str) -> int:
    number = ids.whole(value)
    if number is None:
        raise errors.not_numeric(value)
    return number


def batch_answer(call: Call, results: list[Json], problems: list[Json] | None = None, *, status: int = 200) -> Response:
    """The envelope of a batch."""
    now = call.now_text()
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if problems:
        body |= {"numErrors": len(problems), "errors": problems}
    return Response.of_json(body, status=207 if problems else status)


def list_labels(call: Call) -> Response:
    """Answer the types of association between two object types."""
    types = call.portal.links.types.between(call.kind_beside("type"), call.kind_beside("to"))
    return Response.of_json({"results": [one.as_json() for one in types]})


def create_label(call: Call) -> Response:
    """Make a label."""
    start, end = call.kind_beside("type"), call.kind_beside("to")
    plain_type(call.portal, start, end)
    body = call.body("label", "name")
    label, inverse = body["label"], body.get("inverseLabel")
    if not isinstance(label, str) or not label.strip() or not isinstance(inverse, str | None):
        raise errors.bad_shape("label is a text")
    if any(one.name == body["name"] for one in call.portal.links.types.between(start, end)):
        raise errors.already_exists(f"A label named '{body['name']}' already exists.", sub="Associations.LABEL_EXISTS")
    made = call.portal.links.types.define(start, end, label=label, inverse_label=inverse, name=str(body["name"]))
    return Response.of_json({"results": [one.as_json() for one in made]})


def change_label(call: Call) -> Response:
    """Change the text of a label."""
    body = call.body("associationTypeId", "label")
    found = _label(call, body["associationTypeId"])
    call.portal.links.types.relabel(found.number, str(body["label"]))
    if body.get("inverseLabel") is not None:
        call.portal.links.types.relabel(found.inverse, str(body["inverseLabel"]))
    return calls.no_content()


def delete_label(call: Call) -> Response:
    """Forget a label."""
    call.portal.links.types.drop(_label(call, _number(call.path["number"])))
    return calls.no_content()


def _label(call: Call, number: object) -> LinkType:
    types = call.portal.links.types
    found = types.find(call.kind_beside("type"), call.kind_beside("to"), number) if isinstance(number, int) else None
    if found is None:
        raise errors.no_definition(f"There is no association type {number}")
    if found.category != USER_DEFINED:
        raise errors.invalid(f"Association type {number} belongs to HubSpot and cannot be changed")
    return found
