"""HubSpot's CRM API, one method a call.

Owns bodies, sizes of batches and the reading of answers. Every answer is a typed value or an ApiError. Decides
nothing about records: what to do with a failed entry of a batch is the caller's business.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

from integrations import errors, http, paging
from integrations.hubspot import answers, calls, environments, faults, links, setup

BATCH = 100
HISTORY_BATCH = 50
SEARCH_LIMIT = 200


@dataclasses.dataclass(frozen=True)
class Input:
    """One entry of a batch of writes.

    `trace_id` comes back with the entry's result or error. `id` is the record's id, or for an upsert the value of `id_property`.
    `associated` names the records, and the type of association, with which a create makes the new one.
    """

    trace_id: str
    properties: Mapping[str, str] = dataclasses.field(repr=False)
    id: str = ""
    id_property: str = ""
    associated: Sequence[links.Inline] = ()


@dataclasses.dataclass(frozen=True)
class SearchPage:
    """Ids in ascending order; empty on the last page. `last_id` is where the next page starts."""

    ids: tuple[str, ...]
    last_id: str
    server_time: datetime.datetime | None


def last_modified(object_type: str) -> str:
    """Name the property that holds when a record was last changed: contacts have a name of their own."""
    return "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"


def connect(
    *,
    base_url: str,
    tokens: http.TokenKeeper,
    limiter: http.Limiter,
    sleep: Callable[[float], None],
    clock: Callable[[], datetime.datetime],
    time_zone: str | None = None,
    api_version: str = environments.API_VERSION,
) -> Client:
    """Return a client of one account. `time_zone` is the account's, for the daily limit."""
    explain = faults.Explainer(time_zone=time_zone)
    transport = http.Transport(base_url=base_url, tokens=tokens, limiter=limiter, explain=explain, sleep=sleep, clock=clock)
    return Client(transport=transport, explain=explain, api_version=api_version)


class Client(setup.Setup, links.Links):
    """One account."""

    def list_page(
        self,
        *,
        object_type: str,
        properties: Sequence[str],
        after: str | None = None,
        archived: bool = False,
        associations: Sequence[str] = (),
        limit: int = BATCH,
    ) -> paging.Page[answers.RemoteObject]:
        """Return one page of all records of a kind, live or archived ones, with whole lists of associated ids.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        query = [("limit", str(limit)), ("properties", ",".join(properties)), ("archived", str(archived).lower())]
        query += [("associations", ",".join(associations))] if associations else []
        query += [("after", after)] if after else []
        call = self._call(f"{object_type} list", "GET", self._objects(object_type), "crm/objects/contacts/guide", query=tuple(query))
        answer = self._transport.send(call)
        page = answers.understood(call, answer, lambda data: answers.page(data, answers.remote_object))
        entries = page.entries
        if associations:
            cut = answers.understood(call, answer, lambda data: {str(entry["id"]): answers.unfinished(entry) for entry in data["results"]})
            entries = self._completed(object_type, entries, cut)
        return dataclasses.replace(page, entries=entries, server_time=answer.server_time)

    def read(
        self,
        *,
        object_type: str,
        object_id: str,
        properties: Sequence[str],
        id_property: str = "",
        associations: Sequence[str] = (),
        archived: bool = False,
    ) -> answers.RemoteObject:
        """Read one record by id or by a unique property. The id of a merged record leads to its survivor.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        if not id_property and not http.is_identity(object_id):
            raise errors.Gone(system=environments.SYSTEM, operation=f"{object_type} read", words="No record has such an id.")
        query = [("properties", ",".join(properties)), ("archived", str(archived).lower())]
        query += [("associations", ",".join(associations))] if associations else []
        query += [("idProperty", id_property)] if id_property else []
        path = f"{self._objects(object_type)}/{http.segment(object_id) if id_property else http.identity(object_id)}"
        call = self._call(f"{object_type} read", "GET", path, "crm/objects/contacts/guide", query=tuple(query))
        answer = self._transport.send(call)
        found = answers.understood(call, answer, answers.remote_object)
        cut = answers.understood(call, answer, answers.unfinished)
        return self._completed(object_type, (found,), {found.id: cut})[0]

    def batch_read(
        self,
        *,
        object_type: str,
        ids: Sequence[str],
        properties: Sequence[str],
        history: Sequence[str] = (),
        id_property: str = "",
        archived: bool = False,
    ) -> answers.BatchResult:
        """Read records by id, or by a unique property; any number, a hundred at a time (fifty with history).

        Ids that HubSpot says are missing are among the errors as Gone. The result is matched by id, never by place.
        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        size = HISTORY_BATCH if history else BATCH
        results: list[answers.RemoteObject] = []
        complaints: list[answers.BatchError] = []
        request_id: str | None = None
        for part in _parts(tuple(dict.fromkeys(ids)), size):
            body: dict[str, object] = {"inputs": [{"id": one} for one in part], "properties": list(properties)}
            body["propertiesWithHistory"] = list(history)
            body |= {"idProperty": id_property} if id_property else {}
            path = f"{self._objects(object_type)}/batch/read"
            query = (("archived", "true"),) if archived else ()
            call = self._call(f"{object_type} batch read", "POST", path, "crm/objects/contacts/guide", query=query, json=body)
            got = self._batch(call)
            results += got.results
            complaints += got.errors
            request_id = got.request_id
        return answers.BatchResult(results=tuple(results), errors=tuple(complaints), request_id=request_id)

    def batch_create(self, *, object_type: str, inputs: Sequence[Input]) -> answers.BatchResult:
        """Create up to a hundred records with their associations; each succeeds or fails by itself.

        https://developers.hubspot.com/docs/api-reference/error-handling
        """
        return self._batch_write(object_type, "create", [_new(one) for one in inputs])

    def batch_update(self, *, object_type: str, inputs: Sequence[Input]) -> answers.BatchResult:
        """Change up to a hundred records; the answers hold the changed and the computed properties only.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        return self._batch_write(object_type, "update", [_identified(one) for one in inputs])

    def batch_upsert(self, *, object_type: str, inputs: Sequence[Input]) -> answers.BatchResult:
        """Change the records that have the given value in the unique property, and create the others.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        return self._batch_write(object_type, "upsert", [_identified(one) for one in inputs])

    def batch_archive(self, *, object_type: str, ids: Sequence[str]) -> None:
        """Archive up to a hundred records. One that is archived already, or unknown, is no error.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        _at_most(ids, BATCH)
        path = f"{self._objects(object_type)}/batch/archive"
        body = {"inputs": [{"id": one} for one in ids]}
        self._transport.send(self._write(f"{object_type} batch archive", "POST", path, "crm/objects/contacts/guide", body, batch=True))

    def search_ids(
        self, *, object_type: str, since: datetime.datetime, until: datetime.datetime,
        also: tuple[datetime.datetime, datetime.datetime] | None = None, last_id: str = "0", limit: int = SEARCH_LIMIT,
    ) -> SearchPage:
        """Find records changed within a window, or within another one as well, by id upwards from `last_id`.

        Ids only: search may show stale values, and shows no archived records. Going by id survives any number of records with one
        time. The end is an empty page; HubSpot's total is not to be trusted.
        https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
        """
        changed = last_modified(object_type)
        groups = [
            (
                {"propertyName": changed, "operator": "GTE", "value": _milliseconds(first)},
                {"propertyName": changed, "operator": "LTE", "value": _milliseconds(last)},
            )
            for first, last in ((since, until), *([also] if also else []))
        ]
        return self._search(object_type, groups, last_id, limit)

    def search_values(self, *, object_type: str, property_name: str, values: Sequence[str], last_id: str = "0") -> SearchPage:
        """Find records whose property has one of the values, in whatever case, by id upwards from `last_id`.

        What was written in the last seconds is not found yet; use a read by a unique property wherever there is one.
        https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm
        """
        lowered = sorted({value.lower() for value in values})
        return self._search(object_type, [[{"propertyName": property_name, "operator": "IN", "values": lowered}]], last_id, SEARCH_LIMIT)

    def _search(
        self, object_type: str, alternatives: Sequence[Sequence[Mapping[str, object]]], last_id: str, limit: int
    ) -> SearchPage:
        onwards = {"propertyName": "hs_object_id", "operator": "GT", "value": last_id}
        sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        groups = [{"filters": [*filters, onwards]} for filters in alternatives]
        body = {"filterGroups": groups, "sorts": sorts, "properties": [last_modified(object_type)], "limit": limit}
        path = f"{self._objects(object_type)}/search"
        call = self._call(f"{object_type} search", "POST", path, "crm/search-the-crm", json=body, buckets=calls.SEARCH)
        answer = self._transport.send(call)
        ids = answers.understood(call, answer, lambda data: tuple(answers.identifier(found["id"]) for found in data["results"]))
        numbers = answers.understood(call, answer, lambda data: [int(last_id), *(int(found["id"]) for found in data["results"])])
        if any(after <= before for before, after in itertools.pairwise(numbers)):
            raise errors.Misunderstood(system=call.system, operation=call.operation, words="The ids do not rise, so pages could be lost.")
        return SearchPage(ids=ids, last_id=ids[-1] if ids else last_id, server_time=answer.server_time)

    def merge(self, *, object_type: str, primary_id: str, other_id: str) -> answers.RemoteObject:
        """Merge two records; the survivor may have an id that neither had before.

        https://developers.hubspot.com/docs/api-reference/latest/crm/objects/contacts/guide
        """
        body = {"primaryObjectId": primary_id, "objectIdToMerge": other_id}
        call = self._write(f"{object_type} merge", "POST", f"{self._objects(object_type)}/merge", "crm/objects/contacts/guide", body)
        return answers.understood(call, self._transport.send(call), answers.remote_object)

    def _completed(
        self, object_type: str, entries: Sequence[answers.RemoteObject], cut: Mapping[str, Sequence[str]]
    ) -> tuple[answers.RemoteObject, ...]:
        """Put whole lists of associated ids where the answer holds the first page of them only."""
        rest: dict[str, dict[str, tuple[str, ...]]] = {}
        for kind in sorted({kind for kinds in cut.values() for kind in kinds}):
            ids = [one for one, kinds in cut.items() if kind in kinds]
            for one, found in self.associated_ids(from_type=object_type, to_type=kind, ids=ids).items():
                rest.setdefault(one, {})[kind] = found
        return tuple(
            dataclasses.replace(entry, associations={**entry.associations, **rest[entry.id]}) if entry.id in rest else entry
            for entry in entries
        )

    def _batch_write(self, object_type: str, verb: str, inputs: Sequence[Mapping[str, object]]) -> answers.BatchResult:
        _at_most(inputs, BATCH)
        path = f"{self._objects(object_type)}/batch/{verb}"
        body = {"inputs": list(inputs)}
        return self._batch(self._write(f"{object_type} batch {verb}", "POST", path, "crm/objects/contacts/guide", body, batch=True))

    def _batch(self, call: http.Call) -> answers.BatchResult:
        answer = self._transport.send(call)
        results = answers.understood(call, answer, lambda data: tuple(map(answers.remote_object, data["results"])))
        entries = answers.understood(call, answer, lambda data: list(map(answers.blamed, data.get("errors") or ())))
        complaints = tuple(
            answers.BatchError(error=self._explain.entry(call, answer, body), ids=ids, trace_ids=traces) for body, ids, traces in entries
        )
        return answers.BatchResult(results=results, errors=complaints, request_id=answer.request_id)

def _new(one: Input) -> dict[str, object]:
    associations = [link.body() for link in one.associated]
    return {"properties": dict(one.properties), "objectWriteTraceId": one.trace_id, "associations": associations}


def _identified(one: Input) -> dict[str, object]:
    body: dict[str, object] = {"id": one.id, "properties": dict(one.properties), "objectWriteTraceId": one.trace_id}
    return body | ({"idProperty": one.id_property} if one.id_property else {})


def _parts(ids: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (ids[at : at + size] for at in range(0, len(ids), size))


def _at_most(inputs: Sequence[object], size: int) -> None:
    if len(inputs) > size:
        raise ValueError(f"HubSpot takes {size} entries in one call, not {len(inputs)}")


def _milliseconds(value: datetime.datetime) -> str:
    return str(round(value.timestamp() * 1000))
