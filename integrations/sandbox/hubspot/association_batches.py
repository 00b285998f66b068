"""The batch calls on associations.

Owns what each batch does as a whole. A pair of which one record is missing, or that is not allowed, becomes an
error; the others go through.
"""
from __future__ import annotations

from collections.abc import Callable

from integrations.sandbox.hubspot import associations, commerce_rules, errors, ids
from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.messages import Json, Response

MOST_READ = 1_000
MOST_WRITTEN = 2_000


def read(call: Call) -> Response:
    """Answer what each record is associated with; one without associations has no result."""
    start_kind, end_kind = call.kind("type"), call.kind("to")
    results: list[Json] = []
    missing: list[str] = []
    for one in call.inputs(most=MOST_READ):
        value = _id(one)
        start = End(kind=start_kind, id=ids.whole(value) or 0)
        if call.portal.live(start) is None:
            missing.append(value)
            continue
        after = ids.whole(str(one.get("after") or "0"))
        if after is None:
            raise errors.invalid("after is not a paging cursor of this call")
        found, more = associations.entries(call.portal, start, end_kind, after=after, limit=associations.MOST_A_PAGE)
        if found:
            result: Json = {"from": {"id": value}, "to": found}
            if more is not None:
                result["paging"] = {"next": {"after": str(more), "link": f"?after={more}"}}
            results.append(result)
    return associations.batch_answer(call, results, [_missing(missing)] if missing else None)


def create(call: Call) -> Response:
    """Associate pairs by types."""

    def work(one: Json, start: End, end: End) -> list[Json]:
        types = associations.wanted_types(call.portal, start.kind, end.kind, one.get("types"))
        call.records.link(start, end, types, actor=call.actor)
        call.written.append(("associate", start.kind.name))
        return [associations.labels_json(start, end, types)]

    for one in call.inputs(most=MOST_WRITTEN):
        associations.wanted_types(call.portal, call.kind("type"), call.kind("to"), one.get("types"))
    return _each(call, work, status=201)


def create_default(call: Call) -> Response:
    """Associate pairs without a label."""
    plain = associations.plain_type(call.portal, call.kind("type"), call.kind("to"))

    def work(one: Json, start: End, end: End) -> list[Json]:
        call.records.link(start, end, [plain], actor=call.actor)
        call.written.append(("associate", start.kind.name))
        return associations.default_json(start, end, plain)

    return _each(call, work)


def _each(call: Call, work: Callable[[Json, End, End], list[Json]], *, status: int = 200) -> Response:
    results: list[Json] = []
    missing: list[str] = []
    problems: list[Json] = []
    for one in call.inputs(most=MOST_WRITTEN):
        ends = [(kind, _id(one.get(side))) for kind, side in ((call.kind("type"), "from"), (call.kind("to"), "to"))]
        try:
            start, end = (associations.live_end(call.portal, kind, value) for kind, value in ends)
        except Refused:
            missing += [value for kind, value in ends if call.portal.live(End(kind=kind, id=_whole(value))) is None]
            continue
        try:
            commerce_rules.check_link(call.portal, start, end)
        except Refused as refused:
            context = {"fromObjectId": [str(start.id)], "toObjectId": [str(end.id)]}
            problems.append({"status": "error", "category": refused.category, "message": refused.message, "context": context})
        else:
            results += work(one, start, end)
    return associations.batch_answer(call, results, [*([_missing(missing)] if missing else []), *problems], status=status)


def archive(call: Call) -> Response:
    """Take records apart, whatever the types; `to` is a list."""
    for one in call.inputs(most=MOST_WRITTEN):
        ends = one.get("to")
        if not isinstance(ends, list):
            raise errors.bad_shape("to is a list of ids")
        start = End(kind=call.kind("type"), id=_whole(_id(one.get("from"))))
        for other in ends:
            if call.records.unlink(start, End(kind=call.kind("to"), id=_whole(_id(other))), actor=call.actor):
                call.written.append(("dissociate", start.kind.name))
    return _done(call)


def archive_labels(call: Call) -> Response:
    """Take types off associations; the unlabeled type takes the whole association."""
    for one in call.inputs(most=MOST_WRITTEN):
        types = associations.wanted_types(call.portal, call.kind("type"), call.kind("to"), one.get("types"))
        start = End(kind=call.kind("type"), id=_whole(_id(one.get("from"))))
        end = End(kind=call.kind("to"), id=_whole(_id(one.get("to"))))
        if call.records.unlink(start, end, [each.number for each in types], actor=call.actor):
            call.written.append(("dissociate", start.kind.name))
    return _done(call)


def _done(call: Call) -> Response:
    return calls.no_content() if call.legacy else associations.batch_answer(call, [])


def _id(value: object) -> str:
    if not isinstance(value, dict) or "id" not in value:
        raise errors.attributes_missing(["id"])
    return calls.record_id(value["id"])


def _whole(value: str) -> int:
    return ids.whole(value) or 0


def _missing(ids: list[str]) -> Json:
    message = "Could not get some objects, they may be deleted or not exist. Check that ids are valid."
    context = {"ids": list(dict.fromkeys(ids))}
    return {"status": "error", "category": errors.OBJECT_NOT_FOUND, "message": message, "context": context}
