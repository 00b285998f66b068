"""One company in QuickBooks Online, over HTTP.

Owns the calls: their addresses, the limits they count against, and the reading of their answers into values. A fault in
an answer is an error whatever its status. Decides nothing about what the answers mean for a sync.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from integrations import errors, http, paging
from integrations.quickbooks import batches, bodies, entities, faults, query
from integrations.quickbooks.bodies import BatchItem, Operation
from integrations.quickbooks.entities import Entity, Kind, Position, Written

MINOR_VERSION = "75"
MOST_CHANGES = 1000
IDS_IN_A_QUERY = 300
SMALLEST_PAGE = 2
DOCS = "https://developer.intuit.com/app/developer/qbo/docs"
REFERENCE = f"{DOCS}/api/accounting/all-entities"
EXPLORE = f"{DOCS}/learn/explore-the-quickbooks-online-api"

_EVERY_CALL = ("minute", "second", "concurrent")
_READ = (*_EVERY_CALL, "month")
_BATCH = (*_EVERY_CALL, "batch")

Read = TypeVar("Read")


class Client:
    """Calls for one company. `company_id` is Intuit's realm id."""

    def __init__(self, *, transport: http.Transport, company_id: str) -> None:
        self._transport = transport
        self.company_id = company_id
        self._path = f"/v3/company/{http.segment(company_id)}"

    def company_info(self) -> entities.CompanyInfo:
        """Read who the company is.

        https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/companyinfo
        """
        call = self._get(Kind.COMPANY_INFO, self.company_id, operation="read the company")
        answer = self._send(call)
        now = batches.server_time(answer)
        return self._understood(call, answer, lambda: entities.company_info(data=_named(answer, Kind.COMPANY_INFO), server_time=now))

    def preferences(self) -> entities.Preferences:
        """Read the company's settings.

        https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/preferences
        """
        call = self._get(Kind.PREFERENCES, "", operation="read the preferences")
        answer = self._send(call)
        return self._understood(call, answer, lambda: entities.preferences(data=_named(answer, Kind.PREFERENCES)))

    def read(self, *, kind: Kind, identity: str) -> Entity:
        """Read one entity by its id, inactive ones too. Raises Gone when there is none.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        if not http.is_identity(identity):
            raise errors.Gone(system=faults.SYSTEM, operation=f"read a {kind}", words="No record has such an id.")
        call = self._get(kind, identity, operation=f"read a {kind}")
        answer = self._send(call)
        return self._understood(call, answer, lambda: entities.entity(kind=kind, data=_named(answer, kind)))

    def read_many(self, *, kind: Kind, ids: Iterable[str]) -> dict[str, Entity]:
        """Read entities by their ids, inactive ones too; ids that are not there are missing in the result.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
        """
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Entity] = {}
        for first in range(0, len(wanted), IDS_IN_A_QUERY):
            chunk = wanted[first : first + IDS_IN_A_QUERY]
            found.update((one.id, one) for one in self.page(kind=kind, where=[query.ids(values=chunk)]).entries)
        return found

    def page(
        self,
        *,
        kind: Kind,
        where: Iterable[query.Condition] = (),
        after: str | None = None,
        size: int = query.MOST_RESULTS,
    ) -> paging.Page[Entity]:
        """Read a page of the matching entities in the order of their ids, inactive ones too.

        `after` is the token of the page before. The page then overlaps that one by its last entity: when that is no
        longer where it was, something before it has left the set, and the reading steps back as far as it must.
        Entities may come twice, none is left out.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
        """
        if size < SMALLEST_PAGE:
            raise ValueError("A page holds at least two entities, since it overlaps the page before by one.")
        conditions = [*where, query.active_or_not()] if kind.is_name_list else list(where)
        at = Position.of(after) if after else Position()
        start = at.start
        rows, server_time = self._rows(kind, conditions, start, size)
        for step in (size // 10 + 1, size, at.start):
            if start == 1 or _joins(rows, at.anchor):
                break
            start = max(1, at.start - step)
            rows, server_time = self._rows(kind, conditions, start, size)
        following = str(Position(start=start + len(rows) - 1, anchor=rows[-1].id)) if len(rows) == size else None
        return paging.Page(entries=tuple(one for one in rows if one.id != at.anchor), after=following, server_time=server_time)

    def pages(
        self, *, kind: Kind, where: Sequence[query.Condition] = (), size: int = query.MOST_RESULTS
    ) -> Iterator[paging.Page[Entity]]:
        """Read all matching entities, a page at a time, complete or an error.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
        """
        return paging.pages(
            system=faults.SYSTEM,
            operation=f"list {kind}",
            fetch=lambda after: self.page(kind=kind, where=where, after=after, size=size),
        )

    def changed(
        self, *, kind: Kind, since: datetime, until: datetime, after: str | None = None, size: int = query.MOST_RESULTS
    ) -> paging.Page[Entity]:
        """Read a page of what was last changed within a window of QuickBooks' own time, both ends included.

        Deleted transactions are not among them; of a customer, a moved time need not mean a changed value.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
        """
        return self.page(kind=kind, where=query.updated_within(since=since, until=until), after=after, size=size)

    def count(self, *, kind: Kind, where: Iterable[query.Condition] = ()) -> entities.Counted:
        """Count the matching entities, inactive ones too, and tell QuickBooks' own time.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries
        """
        conditions = [*where, query.active_or_not()] if kind.is_name_list else list(where)
        call = self._query(query.count(kind=kind, where=conditions), operation=f"count {kind}")
        answer = self._send(call)
        return self._understood(call, answer, lambda: entities.counted(block=_block(answer), server_time=batches.server_time(answer)))

    def cdc(self, *, kinds: Sequence[Kind], since: datetime) -> entities.Changes:
        """Read what was changed or deleted since a time at most thirty days ago, of several kinds in one call.

        A deleted entity comes as a stub. Check `truncated`: the answer holds at most a thousand entities in all, without paging.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/change-data-capture
        """
        outside = [kind for kind in kinds if not kind.in_change_data_capture]
        if outside or not kinds:
            raise ValueError(f"Change data capture does not report {', '.join(outside) or 'nothing'}.")
        call = http.Call(
            system=faults.SYSTEM,
            operation="read changes",
            method="GET",
            path=f"{self._path}/cdc",
            query=(("entities", ",".join(kinds)), ("changedSince", query.timestamp(since)), ("minorversion", MINOR_VERSION)),
            buckets=_READ,
            documentation=f"{EXPLORE}/change-data-capture",
        )
        answer = self._send(call)
        now = batches.server_time(answer)
        return self._understood(call, answer, lambda: entities.changes(kinds=kinds, data=answer.data, server_time=now, most=MOST_CHANGES))

    def create(self, *, kind: Kind, body: Mapping[str, object], request_id: str) -> Written:
        """Create an entity. Repeating it with the same request id creates nothing more, as long as Intuit remembers.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        return self._write(Operation.CREATE, kind, bodies.body(operation=Operation.CREATE, kind=kind, fields=body), request_id)

    def sparse_update(self, *, kind: Kind, identity: str, sync_token: str, body: Mapping[str, object], request_id: str) -> Written:
        """Change the given fields and leave the others. Nested objects and lists are replaced whole; nothing
        can be cleared. Raises StaleRevision when the SyncToken is no longer the entity's.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        operation = Operation.SPARSE_UPDATE
        whole = bodies.body(operation=operation, kind=kind, fields=body, identity=identity, sync_token=sync_token)
        return self._write(operation, kind, whole, request_id)

    def full_update(self, *, kind: Kind, identity: str, sync_token: str, body: Mapping[str, object], request_id: str) -> Written:
        """Replace the whole entity: **every writable field that is left out is cleared**. Start from a fresh read.
        Raises StaleRevision when the SyncToken is no longer the entity's.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        operation = Operation.FULL_UPDATE
        whole = bodies.body(operation=operation, kind=kind, fields=body, identity=identity, sync_token=sync_token)
        return self._write(operation, kind, whole, request_id)

    def delete(self, *, kind: Kind, identity: str, sync_token: str, request_id: str) -> Written:
        """Delete a transaction for good. Members of name lists cannot be deleted, only made inactive; raises ValueError.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        operation = Operation.DELETE
        body = bodies.body(operation=operation, kind=kind, fields={}, identity=identity, sync_token=sync_token)
        return self._write(operation, kind, body, request_id)

    def alone(self, *, item: BatchItem, request_id: str) -> Written:
        """Carry out by a call of its own what could go in a batch. Raises the ApiError that a batch would hand back for it.

        https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features
        """
        body = bodies.body(operation=item.operation, kind=item.kind, fields=item.body, identity=item.id, sync_token=item.sync_token)
        return self._write(item.operation, item.kind, body, request_id)

    def batch(self, *, items: Sequence[BatchItem], request_id: str) -> dict[str, Written | errors.ApiError]:
        """Carry out up to thirty writes, one after the other, each by itself; every item has a result, by its own id.

        An item cannot use what an earlier one creates. An item without an answer is OutcomeUnknown. Raises an ApiError
        when the batch as a whole is refused or has no answer: then it stands for every item.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/batch
        """
        named = bodies.request_id(request_id, longest=bodies.LONGEST_BATCH_REQUEST_ID)
        call = self._batch_call(bodies.batch(items=items), operation="write a batch", writes=True, request_id=named)
        answer = self._send(call)
        return batches.written(answer=answer, items=items)

    def batch_of_queries(
        self, *, selections: Mapping[str, tuple[Kind, Sequence[query.Condition]]]
    ) -> dict[str, tuple[Entity, ...] | errors.ApiError]:
        """Answer up to thirty queries in one call, each with at most a thousand entities, inactive ones too.

        Meant for look-ups by name; raises Misunderstood, as that query's result, where a thousand came.

        https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/batch
        """
        statements = {
            bid: query.select(kind=kind, where=[*where, query.active_or_not()] if kind.is_name_list else where)
            for bid, (kind, where) in selections.items()
        }
        call = self._batch_call(bodies.batch_of_queries(statements=statements), operation="look up a batch", writes=False)
        answer = self._send(call)
        return batches.found(answer=answer, kinds={bid: kind for bid, (kind, _) in selections.items()})

    def _write(self, operation: Operation, kind: Kind, body: entities.Fields, request_id: str) -> Written:
        extra = (("operation", "delete"),) if operation is Operation.DELETE else ()
        call = http.Call(
            system=faults.SYSTEM,
            operation=f"{operation.word} a {kind}",
            method="POST",
            path=f"{self._path}/{kind.path}",
            query=(*extra, ("requestid", bodies.request_id(request_id)), ("minorversion", MINOR_VERSION)),
            json=body,
            writes=True,
            buckets=_EVERY_CALL,
            documentation=f"{REFERENCE}/{kind.path}",
        )
        answer = self._send(call)
        entity = self._understood(call, answer, lambda: entities.entity(kind=kind, data=_named(answer, kind)))
        return Written(entity=entity, request_id=answer.request_id, server_time=batches.server_time(answer))

    def _rows(self, kind: Kind, where: Sequence[query.Condition], start: int, size: int) -> tuple[tuple[Entity, ...], datetime | None]:
        call = self._query(query.select(kind=kind, where=where, start=start, size=size), operation=f"list {kind}")
        answer = self._send(call)
        rows = self._understood(call, answer, lambda: entities.entities(kind=kind, block=_block(answer), start=start))
        return rows, batches.server_time(answer)

    def _get(self, kind: Kind, identity: str, *, operation: str) -> http.Call:
        return http.Call(
            system=faults.SYSTEM,
            operation=operation,
            method="GET",
            path="/".join(part for part in (self._path, kind.path, identity and http.identity(identity)) if part),
            query=(("minorversion", MINOR_VERSION),),
            buckets=_READ,
            documentation=f"{REFERENCE}/{kind.path}",
        )

    def _query(self, statement: str, *, operation: str) -> http.Call:
        """By POST: a statement holds people's data, which has no place in an address, and may be long."""
        return http.Call(
            system=faults.SYSTEM,
            operation=operation,
            method="POST",
            path=f"{self._path}/query",
            query=(("minorversion", MINOR_VERSION),),
            text=statement,
            buckets=_READ,
            documentation=f"{EXPLORE}/data-queries",
        )

    def _batch_call(self, body: entities.Fields, *, operation: str, writes: bool, request_id: str = "") -> http.Call:
        return http.Call(
            system=faults.SYSTEM,
            operation=operation,
            method="POST",
            path=f"{self._path}/batch",
            query=((("requestid", request_id),) if request_id else ()) + (("minorversion", MINOR_VERSION),),
            json=body,
            writes=writes,
            buckets=_BATCH if writes else (*_BATCH, "month"),
            documentation=f"{EXPLORE}/batch",
            seconds=http.BATCH_SECONDS,
        )

    def _send(self, call: http.Call) -> http.Answer:
        """A fault counts whatever the status says."""
        answer = self._transport.send(call)
        if faults.read(answer.data):
            raise faults.explain(call, answer)
        return answer

    def _understood(self, call: http.Call, answer: http.Answer, read: Callable[[], Read]) -> Read:
        """What `read` makes of the answer. A write whose answer cannot be read has probably taken effect."""
        try:
            return read()
        except entities.Undocumented as surprise:
            kind = errors.OutcomeUnknown if call.writes else errors.Misunderstood
            raise kind(
                system=faults.SYSTEM,
                operation=call.operation,
                status=answer.status,
                words=f"The answer is not as documented: {surprise}.",
                request_id=answer.request_id,
            ) from surprise


def _joins(rows: tuple[Entity, ...], anchor: str) -> bool:
    """Whether nothing can be missing between the anchor and these rows: they begin with it, or before it in a numeric order."""
    if not rows:
        return False
    if rows[0].id == anchor:
        return True
    ids = [one.id for one in rows]
    if not all(one.isdecimal() for one in (*ids, anchor)):
        return False
    numbers = [int(one) for one in ids]
    return numbers == sorted(numbers) and numbers[0] < int(anchor)


def _named(answer: http.Answer, kind: Kind) -> entities.Fields:
    found = answer.data.get(kind.value) if isinstance(answer.data, dict) else None
    if not isinstance(found, dict):
        raise entities.Undocumented(f"it holds no {kind}")
    return found


def _block(answer: http.Answer) -> Any:
    if not isinstance(answer.data, dict) or "QueryResponse" not in answer.data:
        raise entities.Undocumented("it holds no QueryResponse")
    return answer.data["QueryResponse"]
