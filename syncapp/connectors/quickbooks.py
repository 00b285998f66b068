"""One QuickBooks company as the sync sees it: records in and out.

Owns the translation between Intuit's entities and `Record` values, and the choice between change data capture and queries.
Decides nothing about what is to be written, and stores nothing.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import quote

from integrations.quickbooks import bodies, query
from integrations.quickbooks import client as quickbooks_client
from integrations.quickbooks.entities import CompanyInfo, Entity, Kind, Preferences, Written
from syncapp.connectors import base, quickbooks_fields, quickbooks_writing, refusals
from syncapp.engine import errors, records, schema, values, vocabulary
from syncapp.engine.vocabulary import RecordState

CAPTURED_DAYS = 29
"""Change data capture reaches thirty days back; one is left for clocks and queues."""

LAST_REVISION = 2**62
"""A deleted record has no SyncToken; nothing is newer than its end."""

_VALUES_IN_A_QUERY = 100

Result = TypeVar("Result")


class QuickBooksConnector:
    """See `base.Connector`. `app_url` is the address of a record's page, with places for `page`, `id` and `realm`."""

    system = vocabulary.System.QUICKBOOKS
    capabilities = base.Capabilities(
        conditional_writes=True,
        history=False,
        keeps_our_key=False,
        keyless_kinds=frozenset(),
        batch_size=bodies.MOST_BATCH_ITEMS,
        page_lag=0,
        max_window_days=CAPTURED_DAYS + 1,
        archived_listing=False,
    )

    def __init__(self, *, client: quickbooks_client.Client, app_url: str = "") -> None:
        self._client = client
        self._app_url = app_url
        self._server_time: datetime | None = None

    def account(self) -> base.Account:
        """Tell which company this is, and which of its settings matter for a sync."""
        company, preferences = self._company(), refusals.asked(self._client.preferences)
        return base.Account(
            external_id=self._client.company_id,
            name=company.name or company.legal_name or f"QuickBooks company {self._client.company_id}",
            currency=preferences.home_currency,
            time_zone=_time_zone(company),
            details=_details(company, preferences),
        )

    def fields(self, *, kind: str) -> tuple[schema.FieldSpec, ...]:
        """List the fields of a kind and of its associated kinds; they are the same in every company. Money is in the company's
        currency, and fields that name an account come with the active accounts that they may name."""
        known = (*(field.spec for field in quickbooks_fields.of(kind).values()), *quickbooks_fields.through(kind))
        if not quickbooks_fields.of_this_company(kind):
            return known
        currency = refusals.asked(self._client.preferences).home_currency
        accounts = tuple(self._all(Kind.ACCOUNT, [query.equals(field="Active", value=True)]))
        return tuple(quickbooks_fields.here(spec=spec, currency=currency, accounts=accounts) for spec in known)

    def server_time(self) -> datetime:
        """Return QuickBooks' own present, as its latest answer told it."""
        if self._server_time is None:
            self._company()
        if self._server_time is None:
            raise errors.Misunderstood("QuickBooks' answers do not tell the time.", system=self.system.label, operation="server time")
        return self._server_time

    def changes(self, *, wanted: base.Wanted, window: base.Window, token: str | None) -> base.Page:
        """Return the records changed within the window, inactive ones too.

        Change data capture also tells what was deleted or merged, but holds a thousand records at most and no second page:
        where it is full, the live records are read by query, page by page. The token is a query's.
        """
        if token is not None or self.server_time() - window.since > timedelta(days=CAPTURED_DAYS):
            return self._changed(wanted, window, token)
        kind = _kind(wanted.kind)
        captured = refusals.asked(lambda: self._client.cdc(kinds=[kind], since=window.since))
        self._heard(captured.server_time)
        rows = [one for one in captured.entities[kind] if one.updated_at is None or one.updated_at <= window.until]
        if not captured.truncated:
            return base.Page(records=self._records(wanted, rows), next_token=None)
        page = self._changed(wanted, window, None)
        deleted = self._records(wanted, [one for one in rows if one.deleted])
        return base.Page(records=(*deleted, *page.records), next_token=page.next_token)

    def listing(self, *, wanted: base.Wanted, token: str | None, archived: bool = False) -> base.Page:
        """Return one page of all records of a kind, inactive ones too, or of the inactive ones alone."""
        kind = _kind(wanted.kind)
        where = [query.equals(field="Active", value=False)] if archived else []
        page = _asked(lambda: self._client.page(kind=kind, where=where, after=token))
        self._heard(page.server_time)
        return base.Page(records=self._records(wanted, page.entries), next_token=page.after)

    def read(self, *, wanted: base.Wanted, ids: Sequence[str]) -> base.Found:
        """Read records by id, inactive ones too. QuickBooks does not tell where a merged record went."""
        wished = tuple(dict.fromkeys(ids))
        found = refusals.asked(
            lambda: self._client.read_many(kind=_kind(wanted.kind), ids=[one for one in wished if one.isascii() and one.isdecimal()])
        )
        missing = tuple(one for one in wished if one not in found)
        return base.Found(records=self._records(wanted, found.values()), missing=missing)

    def find(self, *, wanted: base.Wanted, field_name: str, values: Sequence[str]) -> tuple[records.Record, ...]:
        """Find records by a field, inactive ones too.

        Names and e-mail addresses are asked for in a query. QuickBooks answers no query on other fields; for those every
        record of the kind is looked at. An inactive record does not hold its name any more and is not found by it.
        """
        field = quickbooks_fields.of(wanted.kind).get(field_name)
        wished = tuple(dict.fromkeys(value.strip() for value in values if value.strip()))
        if field is None or not wished:
            return ()
        found = self._queried(wanted, field.query_name, wished) if field.query_name else self._scanned(wanted, field_name, wished)
        return self._records(wanted, {one.id: one for one in found}.values())

    def find_created(self, *, wanted: base.Wanted, keys: Sequence[str]) -> Mapping[str, records.Record]:
        """Find nothing: QuickBooks keeps no key of ours."""
        return {}

    def write(self, *, writes: Sequence[base.Write]) -> tuple[base.Written, ...]:
        """Carry out writes of one operation kind and one record kind, one result each, in order."""
        if not writes:
            return ()
        outcomes = quickbooks_writing.send(client=self._client, writes=writes)
        return tuple(self._written(write, outcomes[write.key]) for write in writes)

    def history(self, *, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, tuple[base.HistoryEntry, ...]]]:
        """Tell nothing: QuickBooks keeps no earlier values."""
        return {}

    def key_on_record(self) -> str:
        """Return "": QuickBooks keeps no key of ours."""
        return ""

    def record_url(self, *, kind: str, external_id: str) -> str:
        """Return where a person sees the record, or "" for a kind without a page."""
        page = quickbooks_fields.PAGES.get(kind)
        if page is None or not self._app_url:
            return ""
        return self._app_url.format(page=page, id=quote(external_id, safe=""), realm=quote(self._client.company_id, safe=""))

    def _company(self) -> CompanyInfo:
        company = refusals.asked(self._client.company_info)
        self._heard(company.server_time)
        return company

    def _changed(self, wanted: base.Wanted, window: base.Window, token: str | None) -> base.Page:
        page = _asked(lambda: self._client.changed(kind=_kind(wanted.kind), since=window.since, until=window.until, after=token))
        self._heard(page.server_time)
        return base.Page(records=self._records(wanted, page.entries), next_token=page.after)

    def _queried(self, wanted: base.Wanted, name: str, wished: Sequence[str]) -> Iterator[Entity]:
        sayable = [value for value in wished if query.sayable(value)]
        for first in range(0, len(sayable), _VALUES_IN_A_QUERY):
            yield from self._all(_kind(wanted.kind), [query.one_of(field=name, values=sayable[first : first + _VALUES_IN_A_QUERY])])

    def _scanned(self, wanted: base.Wanted, name: str, wished: Sequence[str]) -> Iterator[Entity]:
        folded = {value.casefold() for value in wished}
        for one in self._all(_kind(wanted.kind), []):
            value = quickbooks_fields.read(kind=wanted.kind, entity=one, names=(name,))[name]
            if values.shown(value).strip().casefold() in folded:
                yield one

    def _all(self, kind: Kind, where: Sequence[query.Condition]) -> Iterator[Entity]:
        pages = self._client.pages(kind=kind, where=where)
        while (page := refusals.asked(lambda: next(pages, None))) is not None:
            self._heard(page.server_time)
            yield from page.entries

    def _records(self, wanted: base.Wanted, found: Iterable[Entity]) -> tuple[records.Record, ...]:
        return tuple(
            self._record(wanted.kind, one, names=wanted.fields, links=wanted.links)
            for one in found if not quickbooks_fields.left_alone(kind=wanted.kind, entity=one)
        )

    def _record(self, kind: str, one: Entity, *, names: tuple[str, ...] | None, links: Sequence[str] = ()) -> records.Record:
        changed_at = one.updated_at or one.created_at or self.server_time()
        return records.Record(
            ref=records.RecordRef(kind=kind, external_id=one.id),
            revision=_revision(one, changed_at),
            values={} if one.deleted else quickbooks_fields.read(kind=kind, entity=one, names=names),
            state=RecordState.GONE if one.deleted else RecordState.LIVE if one.active else RecordState.ARCHIVED,
            created_at=one.created_at or changed_at,
            label=quickbooks_fields.label(one),
            links={other: quickbooks_fields.linked(kind=kind, entity=one, other=other) for other in links},
        )

    def _written(self, write: base.Write, outcome: quickbooks_writing.Outcome) -> base.Written:
        if not isinstance(outcome, Written):
            return base.Written(key=write.key, error=outcome, request_id=outcome.request_id)
        self._heard(outcome.server_time)
        record = self._record(write.record_kind, outcome.entity, names=None)
        return base.Written(key=write.key, record=record, request_id=outcome.request_id or "")

    def _heard(self, told: datetime | None) -> None:
        self._server_time = told or self._server_time


def _kind(kind: str) -> Kind:
    known = quickbooks_fields.KINDS.get(kind)
    if known is None:
        raise errors.Misconfigured(f"QuickBooks records of the kind {kind!r} are not synced.", system="QuickBooks Online")
    return known


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
    automated = {True: "automated", False: "automated, not set up", None: "on"}[preferences.automated_sales_tax]
    known = {
        "edition": company.offering,
        "subscription": company.subscription_status,
        "country": company.country,
        "sales tax": automated if preferences.using_sales_tax else "off",
        "custom transaction numbers": values.shown(preferences.custom_transaction_numbers),
        "multicurrency": values.shown(preferences.multicurrency),
        "books closed until": preferences.books_closed_until.isoformat() if preferences.books_closed_until else "",
    }
    return {name: told for name, told in known.items() if told}
