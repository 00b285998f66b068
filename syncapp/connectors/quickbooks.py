"""One QuickBooks company as the sync sees it: records in and out.

Owns the translation between Intuit's entities and `Record` values, and the choice between change data capture and queries.
Decides nothing about what is to be written, and stores nothing.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from integrations import paging
from integrations.quickbooks import bodies, query
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.entities import CompanyInfo, Entity, Kind, Preferences, Written
from syncapp.connectors import base, quickbooks_fields, quickbooks_writing, refusals
from syncapp.connectors.quickbooks_values import Place
from syncapp.engine import errors, records, schema, values, vocabulary
from syncapp.engine.vocabulary import RecordState
from syncapp.engine.wording import say

CAPTURED_DAYS = 29
"""Change data capture reaches thirty days back; one is left for clocks and queues."""

LAST_REVISION = 2**62
"""A deleted record has no SyncToken; nothing is newer than its end."""

_VALUES_IN_A_QUERY = 100
_ID = "Id"

Result = TypeVar("Result")


class QuickBooksConnector:
    """See `base.Connector`. `app_url` is the address of a record's page, with places for `page`, `id` and `realm`;
    `time_zone` is the company's own, in which an invoice falls due."""

    system = vocabulary.System.QUICKBOOKS
    capabilities = base.Capabilities(
        conditional_writes=True,
        history=False,
        keeps_our_key=False,
        keyless_kinds=frozenset(),
        batch_size=bodies.MOST_BATCH_ITEMS,
        single_kinds=frozenset({"customer", "item"}),
        page_lag=0,
        max_window_days=CAPTURED_DAYS + 1,
        archived_listing=False,
        archives=frozenset({"customer", "item"}),
    )

    def __init__(self, *, client: quickbooks_client.Client, app_url: str = "", time_zone: str = "UTC") -> None:
        self._client = client
        self._app_url = app_url
        self._time_zone = time_zone
        self._names: dict[tuple[Kind, str], str] = {}
        self._server_time: datetime | None = None
        self._preferences: Preferences | None = None

    def account(self) -> base.Account:
        """Tell which company this is, and which of its settings matter for a sync."""
        company, preferences = self._company(), refusals.asked(self._client.preferences)
        return base.Account(
            external_id=self._client.company_id,
            name=company.name or company.legal_name or say("QuickBooks company {number}", number=self._client.company_id),
            currency=preferences.home_currency,
            time_zone=_time_zone(company),
            details=_details(company, preferences),
        )

    def fields(self, *, kind: str) -> tuple[schema.FieldSpec, ...]:
        """List the fields of a kind and of its associated kinds.

        Money of an item is in the company's currency, and fields that name an account come with the active accounts that they may
        name; the custom fields of an invoice have the names they were given there.
        """
        offered = (*(field.spec for field in quickbooks_fields.of(kind).values()), *quickbooks_fields.through(kind))
        known = tuple(dataclasses.replace(spec, reason=str(spec.reason)) if spec.reason else spec for spec in offered)
        if not quickbooks_fields.of_this_company(kind):
            return known
        preferences = self._preferences = self._preferences or refusals.asked(self._client.preferences)
        active = [query.equals(field="Active", value=True)]
        accounts = tuple(self._all(Kind.ACCOUNT, active)) if quickbooks_fields.names_accounts(kind) else ()
        company = quickbooks_fields.Company(preferences=preferences, accounts=accounts)
        return tuple(quickbooks_fields.here(kind=kind, spec=spec, company=company) for spec in known)

    def server_time(self) -> datetime:
        """Return QuickBooks' own present, as its latest answer told it."""
        if self._server_time is None:
            self._company()
        if self._server_time is None:
            raise errors.Misunderstood(say("QuickBooks' answers do not tell the time."), system=self.system.label, operation="server time")
        return self._server_time

    def changes(self, *, wanted: base.Wanted, window: base.Window, token: str | None) -> base.Page:
        """Return the records changed within the window, inactive ones too.

        Change data capture also tells what was deleted or merged, but holds a thousand records at most and no second page:
        where it is full, the live records are read by query, page by page. The token is a query's.
        """
        if token is not None or self.server_time() - window.since > timedelta(days=CAPTURED_DAYS):
            return self._changed(wanted, window, token)
        kinds = _kinds(wanted.kind)
        captured = refusals.asked(lambda: self._client.cdc(kinds=kinds, since=window.since))
        self._heard(captured.server_time)
        told = [one for kind in kinds for one in captured.entities[kind] if one.updated_at is None or one.updated_at <= window.until]
        if not captured.truncated:
            return base.Page(records=self._records(wanted, told), next_token=None)
        page = self._changed(wanted, window, None)
        deleted = self._records(wanted, [one for one in told if one.deleted])
        return base.Page(records=(*deleted, *page.records), next_token=page.next_token)

    def listing(self, *, wanted: base.Wanted, token: str | None, archived: bool = False) -> base.Page:
        """Return one page of all records of a kind, inactive ones too, or of the inactive ones alone.

        A kind that is made up of several is listed one after the other. Documents are never inactive.
        """
        where = [query.equals(field="Active", value=False)] if archived else []
        if archived and not all(kind.is_name_list for kind in _kinds(wanted.kind)):
            return base.Page(records=(), next_token=None)
        return self._paged(wanted, token, lambda kind, after: self._client.page(kind=kind, where=where, after=after))

    def read(self, *, wanted: base.Wanted, ids: Sequence[str]) -> base.Found:
        """Read records by id, inactive ones too. QuickBooks does not tell where a merged record went."""
        wished = tuple(dict.fromkeys(ids))
        places = {one: quickbooks_fields.parted(kind=wanted.kind, external_id=one) for one in wished}
        found: list[Entity] = []
        for kind in _kinds(wanted.kind):
            numbers = [place[1] for place in places.values() if place and place[0] is kind]
            found += self._by_id(kind, numbers)
        there = {quickbooks_fields.external_id(kind=wanted.kind, entity=one) for one in found}
        return base.Found(records=self._records(wanted, found), missing=tuple(one for one in wished if one not in there))

    def find(self, *, wanted: base.Wanted, field_name: str, values: Sequence[str]) -> tuple[records.Record, ...]:
        """Find records by a field, inactive ones too.

        Ids are read; names, numbers and e-mail addresses are asked for in a query. QuickBooks answers no query on other fields:
        for those every record of the kind is looked at. An inactive record does not hold its name any more and is not found by it.
        """
        field = quickbooks_fields.of(wanted.kind).get(field_name)
        wished = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
        if field is None or not wished:
            return ()
        if field_name == _ID:
            return self.read(wanted=wanted, ids=wished).records
        found = self._queried(wanted, field.query_name, wished) if field.query_name else self._scanned(wanted, field_name, wished)
        return self._records(wanted, {(one.kind, one.id): one for one in found}.values())

    def find_created(self, *, wanted: base.Wanted, keys: Sequence[str]) -> Mapping[str, records.Record]:
        """Find nothing: QuickBooks keeps no key of ours."""
        return {}

    def write(self, *, writes: Sequence[base.Write], singly: bool = False) -> tuple[base.Written, ...]:
        """Carry out writes of one operation kind and one record kind, one result each, in order."""
        if not writes:
            return ()
        outcomes = quickbooks_writing.send(client=self._client, writes=writes, singly=singly)
        return tuple(self._written(write, outcomes[write.key]) for write in writes)

    def history(self, *, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, tuple[base.HistoryEntry, ...]]]:
        """Tell nothing: QuickBooks keeps no earlier values."""
        return {}

    def install_fields(self, *, kind: str) -> tuple[base.OwnField, ...]:
        """Install nothing: QuickBooks gets no fields of ours."""
        return ()

    def remove_fields(self, *, kind: str) -> tuple[base.OwnField, ...]:
        """Remove nothing, as there is nothing of ours."""
        return ()

    def associated(self, *, kind: str, other: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Tell nothing: a QuickBooks record names the others itself."""
        return {}

    def key_state(self, *, kind: str) -> None:
        """Tell nothing: a request id guards against twins here."""

    def record_url(self, *, kind: str, external_id: str) -> str:
        """Return where a person sees the record, or "" for a kind without a page."""
        page = quickbooks_fields.page(kind=kind, external_id=external_id)
        if page is None or not self._app_url:
            return ""
        return self._app_url.format(page=page[0], id=quote(page[1], safe=""), realm=quote(self._client.company_id, safe=""))

    def _company(self) -> CompanyInfo:
        company = refusals.asked(self._client.company_info)
        self._heard(company.server_time)
        return company

    def _changed(self, wanted: base.Wanted, window: base.Window, token: str | None) -> base.Page:
        def fetch(kind: Kind, after: str | None) -> paging.Page[Entity]:
            return self._client.changed(kind=kind, since=window.since, until=window.until, after=after)

        return self._paged(wanted, token, fetch)

    def _paged(self, wanted: base.Wanted, token: str | None, fetch: Callable[[Kind, str | None], paging.Page[Entity]]) -> base.Page:
        """A page of one of QuickBooks' kinds. The token tells which where there are several, and where that one goes on."""
        kinds = _kinds(wanted.kind)
        kind, after = _place(kinds, token)
        page = _asked(lambda: fetch(kind, after))
        self._heard(page.server_time)
        return base.Page(records=self._records(wanted, page.entries), next_token=_next(kinds, kind, page.after))

    def _by_id(self, kind: Kind, ids: Sequence[str]) -> Iterable[Entity]:
        return refusals.asked(lambda: self._client.read_many(kind=kind, ids=ids)).values() if ids else ()

    def _queried(self, wanted: base.Wanted, name: str, wished: Sequence[str]) -> Iterator[Entity]:
        sayable = [value for value in wished if query.sayable(value)]
        for kind in _kinds(wanted.kind):
            for first in range(0, len(sayable), _VALUES_IN_A_QUERY):
                yield from self._all(kind, [query.one_of(field=name, values=sayable[first : first + _VALUES_IN_A_QUERY])])

    def _scanned(self, wanted: base.Wanted, name: str, wished: Sequence[str]) -> Iterator[Entity]:
        folded, place = {value.casefold() for value in wished}, self._place(wanted.kind)
        for kind in _kinds(wanted.kind):
            for one in self._all(kind, []):
                self._learn(wanted.kind, [one], (name,))
                value = quickbooks_fields.read(kind=wanted.kind, entity=one, names=(name,), place=place)[name]
                if values.plain(value).strip().casefold() in folded:
                    yield one

    def _all(self, kind: Kind, where: Sequence[query.Condition]) -> Iterator[Entity]:
        pages = self._client.pages(kind=kind, where=where)
        while (page := refusals.asked(lambda: next(pages, None))) is not None:
            self._heard(page.server_time)
            yield from page.entries

    def _records(self, wanted: base.Wanted, found: Iterable[Entity]) -> tuple[records.Record, ...]:
        kept = [one for one in found if not quickbooks_fields.left_alone(kind=wanted.kind, entity=one)]
        self._learn(wanted.kind, kept, wanted.fields)
        place = self._place(wanted.kind)
        return tuple(self._record(wanted.kind, one, names=wanted.fields, place=place, links=wanted.links) for one in kept)

    def _learn(self, kind: str, found: Iterable[Entity], names: tuple[str, ...]) -> None:
        """Look up what is named by its id alone, once."""
        unknown = quickbooks_fields.nameless(kind=kind, found=found, names=names) - self._names.keys()
        for named in sorted({each for each, _ in unknown}):
            ids = [identity for each, identity in unknown if each is named]
            self._names.update({(named, identity): "" for identity in ids})
            for one in self._by_id(named, [identity for identity in ids if identity.isascii() and identity.isdecimal()]):
                self._names[named, one.id] = str(one.fields.get("FullyQualifiedName") or one.fields.get("Name") or "")

    def _place(self, kind: str) -> Place:
        def url(one: Entity) -> str:
            return self.record_url(kind=kind, external_id=quickbooks_fields.external_id(kind=kind, entity=one))

        return Place(today=self._today, names=self._names, url=url)

    def _today(self) -> date:
        return self.server_time().astimezone(values.zone(self._time_zone)).date()

    def _record(
        self, kind: str, one: Entity, *, names: tuple[str, ...] | None, place: Place, links: Sequence[str] = ()
    ) -> records.Record:
        changed_at = one.updated_at or one.created_at or self.server_time()
        told = {} if one.deleted else quickbooks_fields.read(kind=kind, entity=one, names=names, place=place)
        return records.Record(
            ref=records.RecordRef(kind=kind, external_id=quickbooks_fields.external_id(kind=kind, entity=one)),
            revision=_revision(one, changed_at),
            values=told,
            state=RecordState.GONE if one.deleted else RecordState.LIVE if one.active else RecordState.ARCHIVED,
            created_at=one.created_at or changed_at,
            label=quickbooks_fields.label(kind=kind, entity=one),
            links={other: quickbooks_fields.linked(kind=kind, entity=one, other=other) for other in links},
        )

    def _written(self, write: base.Write, outcome: quickbooks_writing.Outcome) -> base.Written:
        if not isinstance(outcome, Written):
            return base.Written(key=write.key, error=outcome, request_id=outcome.request_id)
        self._heard(outcome.server_time)
        record = self._record(write.record_kind, outcome.entity, names=None, place=self._place(write.record_kind))
        return base.Written(key=write.key, record=record, request_id=outcome.request_id or "")

    def _heard(self, told: datetime | None) -> None:
        self._server_time = told or self._server_time


def _kinds(kind: str) -> tuple[Kind, ...]:
    known = quickbooks_fields.KINDS.get(kind)
    if known is None:
        raise errors.Misconfigured(say("QuickBooks records of the kind {kind!r} are not synced.", kind=kind), system="QuickBooks Online")
    return known


def _place(kinds: tuple[Kind, ...], token: str | None) -> tuple[Kind, str | None]:
    """Which kind a token leads to, and the client's own token in it."""
    if token is None or len(kinds) == 1:
        return kinds[0], token
    path, _, after = token.partition("/")
    kind = next((one for one in kinds if one.path == path), None)
    if kind is None:
        words = say("{token!r} is not the position of a QuickBooks listing.", token=token)
        raise errors.Misconfigured(words, system="QuickBooks Online", operation="list")
    return kind, after or None


def _next(kinds: tuple[Kind, ...], kind: Kind, after: str | None) -> str | None:
    """The token of the page that follows: of the same kind, else of the next one."""
    if len(kinds) == 1:
        return after
    following = kinds[kinds.index(kind) + 1 :]
    return f"{kind.path}/{after}" if after else f"{following[0].path}/" if following else None


def _asked(call: Callable[[], Result]) -> Result:
    """As `refusals.asked`; a stored token that is none of ours is an error of its own."""
    try:
        return refusals.asked(call)
    except ValueError as error:
        raise errors.Misconfigured(str(error), system="QuickBooks Online", operation="list") from error


def _revision(one: Entity, changed_at: datetime) -> records.Revision:
    """The SyncToken counts the changes; the time tells apart what QuickBooks computes anew without counting it, like a balance."""
    number = LAST_REVISION if one.deleted else int(one.sync_token or 0)
    return records.Revision(number=number, updated_at=changed_at, token=one.sync_token)


def _time_zone(company: CompanyInfo) -> str:
    told = company.fields.get("DefaultTimeZone")
    try:
        return values.zone(str(told)).key if told else "UTC"
    except ValueError:
        return "UTC"


def _details(company: CompanyInfo, preferences: Preferences) -> Mapping[str, str]:
    """The facts of a company. They are stored and asked for by these names and words, so they are the same in every language."""
    automated = {True: "automated", False: "automated, not set up", None: "on"}[preferences.automated_sales_tax]
    known = {
        "edition": company.offering,
        "subscription": company.subscription_status,
        "country": company.country,
        "sales tax": automated if preferences.using_sales_tax else "off",
        "revenue recognition": values.plain(preferences.revenue_recognition),
        "custom transaction numbers": values.plain(preferences.custom_transaction_numbers),
        "multicurrency": values.plain(preferences.multicurrency),
        "books closed until": preferences.books_closed_until.isoformat() if preferences.books_closed_until else "",
    }
    return {name: told for name, told in known.items() if told}
