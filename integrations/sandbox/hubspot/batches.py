"""The batch calls on records.

Owns what a batch does as a whole: all or nothing without trace ids, partial success with them.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import commerce_rules, errors, ids, kinds, objects, shapes
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.errors import Refused
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.records import Changed, Claims, Made
from integrations.sandbox.hubspot.shelf import Record
from integrations.sandbox.messages import Json, Response

MOST = 100
MOST_WITH_HISTORY = 50

Checked = Made | Changed
Check = Callable[[Json, Claims], Checked | None]


def read(call: Call) -> Response:
    """Answer the records that exist, by id whatever the order asked; the missing ones share one error."""
    kind = call.kind()
    body = call.body("inputs")
    with_history = call.portal.registry.known(kind, calls.text_list(body, "propertiesWithHistory"))
    asked_ids = [_input_id(one) for one in call.inputs(most=MOST_WITH_HISTORY if with_history else MOST)]
    if call.portal.strict and len(set(asked_ids)) < len(asked_ids):
        raise errors.invalid("Duplicate IDs found in batch input")
    found, missing = _found(call, kind, asked_ids, body)
    asked = calls.text_list(body, "properties") or kind.defaults
    names = call.portal.registry.known(kind, [*asked, "hs_object_id", *kind.created[:1], kind.modified, *with_history])
    results = [shapes.record_json(kind, record, names, with_history=with_history) for _, record in sorted(found.items())]
    return _answer(call, results, [_missing(kind, missing)] if missing else [])


def _found(call: Call, kind: Kind, asked: Sequence[str], body: Json) -> tuple[dict[int, Record], list[str]]:
    name, archived = body.get("idProperty"), call.flag("archived")
    shelf = call.portal.shelf(kind)
    found: dict[int, Record] = {}
    missing: list[str] = []
    for value in asked:
        if not name and ids.whole(value) is None:
            raise errors.invalid(f"{value} is not a valid id", context={"id": [value]})
        if not name and call.portal.strict and shelf.survivor(ids.whole(value)) is not None:
            continue
        try:
            if name:
                record = objects.by_property(call.portal, kind, str(name), value, by_also=("email", "domain"))
            else:
                record = objects.by_id(call.portal, kind, value, archived=archived)
        except Refused as error:
            if error.status != 404:
                raise
            missing.append(value)
        else:
            found[record.id] = record
    return found, list(dict.fromkeys(missing))


def _missing(kind: Kind, missing: Sequence[str], traces: Sequence[str] = ()) -> Json:
    message = f"Could not get some {kind.singular.upper()} objects, they may be deleted or not exist. Check that ids are valid."
    context: Json = {"ids": list(missing)}
    if traces:
        context["objectWriteTraceId"] = list(traces)
    return {"status": "error", "category": errors.OBJECT_NOT_FOUND, "message": message, "context": context}


def create(call: Call) -> Response:
    """Make records: all or none, or each by itself when every input has a trace id of its own."""
    kind = call.kind()

    def check(one: Json, claims: Claims) -> Checked:
        links = objects.inline_links(call.portal, kind, one)
        return call.records.check_new(kind, objects.properties(one), actor=call.actor, claims=claims, links=links)

    inputs = call.inputs(most=MOST)
    results, problems = _carry_out(call, inputs, check, partial=_traced(inputs))
    return _answer(call, results, problems, status=201)


def update(call: Call) -> Response:
    """Change records; unknown ids become one error, ids that were merged away are left out in silence."""
    kind = call.kind()
    inputs = call.inputs(most=MOST)
    found: list[tuple[Json, Record]] = []
    missing: list[Json] = []
    for one in inputs:
        value = _input_id(one)
        record = _to_update(call, kind, one, value)
        if record is not None:
            found.append((one, record))
        elif one.get("idProperty") or call.portal.shelf(kind).survivor(ids.whole(value)) is None:
            missing.append(one)
    _refuse_twice([record.key for _, record in found])
    by_input = {id(one): record for one, record in found}

    def check(one: Json, claims: Claims) -> Checked:
        return call.records.check_change(kind, by_input[id(one)], objects.properties(one), actor=call.actor, claims=claims)

    results, problems = _carry_out(call, [one for one, _ in found], check, partial=_traced(inputs))
    if missing:
        traces = [str(one["objectWriteTraceId"]) for one in missing if one.get("objectWriteTraceId") is not None]
        problems.append(_missing(kind, [_input_id(one) for one in missing], traces))
    return _answer(call, results, problems)


def _to_update(call: Call, kind: Kind, one: Json, value: str) -> Record | None:
    objects.properties(one)
    name = one.get("idProperty")
    if not name:
        return call.portal.shelf(kind).find(ids.whole(value))
    if not objects.is_unique(call.portal, kind, str(name)):
        raise errors.invalid(f"Unable to perform update/upsert by non-unique {kind.type_id} property")
    holder = call.portal.shelf(kind).holder(str(name), value)
    return call.portal.shelf(kind).find(holder) if holder is not None else None


def upsert(call: Call) -> Response:
    """Change the records that have the unique value, make the others; by e-mail always all or none."""
    kind = call.kind()
    inputs = call.inputs(most=MOST)
    by_email = False
    for one in inputs:
        name = str(one.get("idProperty") or "")
        by_email = by_email or (kind is kinds.CONTACTS and name == "email")
        if not (kind is kinds.CONTACTS and name == "email") and not objects.is_unique(call.portal, kind, name):
            raise errors.invalid(f"Unable to perform update/upsert by non-unique {kind.type_id} property")
    _refuse_twice([f"{one['idProperty']}={_input_id(one).lower()}" for one in inputs])

    def check(one: Json, claims: Claims) -> Checked:
        name, value = str(one["idProperty"]), _input_id(one)
        holder = call.portal.shelf(kind).holder(name, value)
        record = call.portal.shelf(kind).find(holder) if holder is not None else None
        if record is not None:
            return call.records.check_change(kind, record, objects.properties(one), actor=call.actor, claims=claims)
        written = {name: value, **objects.properties(one)}
        return call.records.check_new(kind, written, actor=call.actor, claims=claims)

    results, problems = _carry_out(call, inputs, check, partial=_traced(inputs) and not by_email, tell_new=True)
    return _answer(call, results, problems)


def archive(call: Call) -> Response:
    """Put records away, all or none; unknown ids are no error."""
    kind = call.kind()
    asked = [_input_id(one) for one in call.inputs(most=MOST)]
    there = [found for value in asked if (found := call.portal.shelf(kind).find(ids.whole(value))) is not None]
    for record in there:
        commerce_rules.check_archive(call.portal, kind, record)
    for record in there:
        if record.archived is None:
            call.written.extend(("archive", gone.name) for gone, _ in call.records.archive(kind, record, actor=call.actor))
    return calls.no_content()


def _carry_out(
    call: Call, inputs: Sequence[Json], check: Check, *, partial: bool, tell_new: bool = False
) -> tuple[list[Json], list[Json]]:
    if not partial:
        claims = Claims()
        checked = [(one, check(one, claims)) for one in inputs]
        return [_keep(call, one, done, tell_new=tell_new) for one, done in checked if done is not None], []
    results: list[Json] = []
    problems: list[Json] = []
    for one in inputs:
        try:
            done = check(one, Claims())
        except Refused as error:
            context = {"objectWriteTraceId": [str(one["objectWriteTraceId"])]}
            problems.append({"status": "error", "category": error.category, "message": error.message, "context": context})
        else:
            if done is not None:
                results.append(_keep(call, one, done, tell_new=tell_new))
    return results, problems


def _keep(call: Call, one: Json, checked: Checked, *, tell_new: bool) -> Json:
    if isinstance(checked, Made):
        record, written = call.records.make(checked, actor=call.actor), None
    else:
        record, written = checked.record, call.records.change(checked, actor=call.actor)
    call.written.append(("create" if written is None else "update", checked.kind.name))
    body = shapes.written_json(call.portal, checked.kind, record, written) | objects.trace(one)
    return {**body, "new": written is None} if tell_new else body


def _traced(inputs: Sequence[Json]) -> bool:
    traces = [one.get("objectWriteTraceId") for one in inputs]
    return all(isinstance(one, (str, int)) and str(one) for one in traces) and len({str(one) for one in traces}) == len(traces)


def _input_id(one: Json) -> str:
    if "id" not in one:
        raise errors.attributes_missing(["id"])
    return calls.record_id(one["id"])


def _refuse_twice(keys: Sequence[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise errors.invalid(f"Duplicate IDs found in batch input: {twice}", context={"ids": twice})


def _answer(call: Call, results: list[Json], problems: list[Json], *, status: int = 200) -> Response:
    now = call.now_text()
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if problems:
        body |= {"numErrors": len(problems), "errors": problems}
    return Response.of_json(body, status=207 if problems else status)
