"""The search call.

Owns its limits, its order and its pages. What it sees lags behind; the index owns that.
"""
from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.sandbox.hubspot import call as calls
from integrations.sandbox.hubspot import errors, filters, ids, kinds, shapes
from integrations.sandbox.hubspot.call import Call
from integrations.sandbox.hubspot.filters import Filter, Test
from integrations.sandbox.hubspot.kinds import Kind
from integrations.sandbox.hubspot.links import End
from integrations.sandbox.hubspot.search_index import SearchIndex, Values, Window
from integrations.sandbox.messages import Json, Response

MOST_A_PAGE = 200
MOST_RESULTS = 10_000
MOST_GROUPS = 5
MOST_IN_GROUP = 6
MOST_FILTERS = 18
MOST_CHARACTERS = 3_000
LINK_PREFIX = "associations."
# Times of change run a little ahead of the clock when one record changes twice in a millisecond.
EVERYTHING = 1 << 62


@dataclass(frozen=True, kw_only=True)
class Sort:
    """One order of the results."""

    name: str
    descending: bool = False


def search(call: Call) -> Response:
    """Answer a page of the records that match."""
    kind = call.kind()
    body = call.body()
    if len(call.request.body.decode("utf-8")) > MOST_CHARACTERS:
        raise errors.invalid(f"The request body has more than {MOST_CHARACTERS} characters")
    groups = _groups(body)
    limit, after = _whole(body, "limit", default=10, most=MOST_A_PAGE), _whole(body, "after", default=0, most=1 << 62)
    if after + limit > MOST_RESULTS:
        raise errors.invalid(f"after + limit is {after + limit}; a search gives at most {MOST_RESULTS} results")
    sort = _sort(call, kind, body)
    query = body.get("query")
    if query is not None and not isinstance(query, str):
        raise errors.bad_shape("query is a text")
    index = call.portal.shelf(kind).index
    delay = int(float(call.portal.switch("index_delay")) * 1000)
    index.catch_up(until=call.portal.now() - delay if delay else EVERYTHING)
    found = _matching(call, kind, index, groups, query)
    page = _page(call, kind, index, found, sort, after=after, limit=limit)
    asked = calls.text_list(body, "properties") or kind.defaults
    names = call.portal.registry.known(kind, [*asked, "hs_object_id", *kind.created[:1], kind.modified])
    answer: Json = {"total": len(found), "results": [shapes.values_json(kind, index.values(one), names) for one in page]}
    if after + limit < len(found):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Response.of_json(answer)


def _groups(body: Json) -> list[list[Filter]]:
    listed = body.get("filterGroups")
    if listed is None:
        listed = [{"filters": body["filters"]}] if body.get("filters") else []
    if not isinstance(listed, list) or not all(isinstance(one, dict) and isinstance(one.get("filters"), list) for one in listed):
        raise errors.bad_shape("filterGroups is a list of objects with filters")
    groups = [[filters.read(one) for one in group["filters"]] for group in listed]
    if len(groups) > MOST_GROUPS:
        raise errors.invalid(f"A search takes at most {MOST_GROUPS} filter groups, not {len(groups)}")
    if any(len(group) > MOST_IN_GROUP for group in groups):
        raise errors.invalid(f"A filter group takes at most {MOST_IN_GROUP} filters")
    if sum(map(len, groups)) > MOST_FILTERS:
        raise errors.invalid(f"A search takes at most {MOST_FILTERS} filters in all")
    return groups


def _whole(body: Json, name: str, *, default: int, most: int) -> int:
    value = body.get(name)
    if value is None or value == "":
        return default
    number = None if isinstance(value, bool) else ids.whole(str(value))
    if number is None or number > most:
        raise errors.invalid(f"{name} has to be a whole number from 0 to {most}, not {str(value)[:40]}")
    return number


def _sort(call: Call, kind: Kind, body: Json) -> Sort | None:
    sorts = body.get("sorts")
    if not sorts:
        return None
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise errors.invalid("A search takes one sort")
    one = sorts[0]
    if isinstance(one, str):
        sort = Sort(name=one.removeprefix("-"), descending=one.startswith("-"))
    elif isinstance(one, dict) and isinstance(one.get("propertyName"), str):
        direction = one.get("direction", "ASCENDING")
        if direction not in {"ASCENDING", "DESCENDING"}:
            raise errors.bad_shape("direction is ASCENDING or DESCENDING")
        sort = Sort(name=one["propertyName"], descending=direction == "DESCENDING")
    else:
        raise errors.bad_shape("sorts is a list of objects with propertyName and direction")
    if call.portal.registry.find(kind, sort.name) is None:
        raise errors.invalid(f'Property "{sort.name}" does not exist', code="PROPERTY_DOESNT_EXIST", context={"propertyName": [sort.name]})
    return sort


def _matching(call: Call, kind: Kind, index: SearchIndex, groups: list[list[Filter]], query: str | None) -> Sequence[int]:
    compiled = [_compiled(call, kind, group) for group in groups or [[]]]
    words = (query or "").lower().split()
    if len(compiled) == 1:
        return _of_group(kind, index, compiled[0], words)
    return sorted({one for group in compiled for one in _of_group(kind, index, group, words)})


def _compiled(call: Call, kind: Kind, group: Iterable[Filter]) -> tuple[Window, list[Test]]:
    window, tests = Window(), []
    for one in group:
        if one.name.startswith(LINK_PREFIX):
            tests.append(_link_test(call, kind, one))
            continue
        definition = call.portal.registry.find(kind, one.name)
        if definition is None:
            message = f'Property "{one.name}" does not exist'
            raise errors.invalid(message, code="PROPERTY_DOESNT_EXIST", context={"propertyName": [one.name]})
        made = filters.test(one, definition, neq_matches_missing=bool(call.portal.switch("neq_matches_missing")))
        narrower = filters.narrowed(window, one, modified=kind.modified)
        if narrower is None:
            tests.append(made)
        else:
            window = narrower
    return window, tests


def _of_group(kind: Kind, index: SearchIndex, group: tuple[Window, list[Test]], words: Sequence[str]) -> Sequence[int]:
    window, tests = group
    found = index.within(window)
    for test in tests:
        found = [one for one in found if test(index.values(one))]
    if words:
        found = [one for one in found if _says(kind, index.values(one), words)]
    return found


def _says(kind: Kind, values: Values, words: Sequence[str]) -> bool:
    text = " ".join(values.get(name, "") for name in kind.queried).lower()
    return all(word in text for word in words)


def _link_test(call: Call, kind: Kind, one: Filter) -> Test:
    end = kinds.find(one.name.removeprefix(LINK_PREFIX))
    if end is None:
        raise errors.invalid(f"Unable to infer object type from: {one.name.removeprefix(LINK_PREFIX)}")
    portal = call.portal
    wanted = set(one.values or ()) | ({one.value} if one.value is not None else set())
    negative = one.operator in {"NEQ", "NOT_IN", "NOT_HAS_PROPERTY"}
    if one.operator not in {"EQ", "NEQ", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        raise errors.invalid(f"{one.operator} does not go with {one.name}")

    def linked(values: Values) -> bool:
        ids = {str(other) for other, _ in portal.linked(End(kind=kind, id=int(values["hs_object_id"])), end)}
        return bool(ids & wanted if wanted else ids) != negative

    return linked


def _page(
    call: Call, kind: Kind, index: SearchIndex, found: Sequence[int], sort: Sort | None, *, after: int, limit: int
) -> Sequence[int]:
    if sort is not None and sort.name == "hs_object_id":
        if sort.descending:
            found = found[::-1]
        return found[after : after + limit]
    key = _creation(kind, index) if sort is None else _key(call, kind, index, found, sort)
    return heapq.nsmallest(after + limit, found, key=key)[after:]


def _creation(kind: Kind, index: SearchIndex) -> Callable[[int], Any]:
    name = kind.created[0]
    return lambda one: (index.values(one)[name], one)


def _key(call: Call, kind: Kind, index: SearchIndex, found: Sequence[int], sort: Sort) -> Callable[[int], Any]:
    definition = call.portal.registry.find(kind, sort.name)
    convert = filters.conversion(definition) if definition is not None else str
    held = sorted({value for one in found if (value := index.values(one).get(sort.name))}, key=convert)
    place = {value: number for number, value in enumerate(held)}
    sign = -1 if sort.descending else 1

    def key(one: int) -> tuple[int, int, int]:
        value = index.values(one).get(sort.name)
        return (0, sign * place[value], one) if value else (1, 0, one)

    return key
