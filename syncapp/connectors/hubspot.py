"""One HubSpot account as the sync sees it: records in and out.

Owns the translation between HubSpot's objects and `Record` values, and our key on the records we create. Decides and stores nothing.
"""
from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from integrations import errors as client_errors
from integrations.hubspot import answers
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import (
    base,
    hubspot_fields,
    hubspot_finding,
    hubspot_invoices,
    hubspot_notes,
    hubspot_own,
    hubspot_related,
    hubspot_writing,
    refusals,
)
from syncapp.engine import errors, records, schema, vocabulary
from syncapp.engine.vocabulary import OperationKind, RecordState
from syncapp.engine.wording import say

OBJECT_TYPE_IDS: Mapping[str, str] = {
    "contacts": "0-1", "companies": "0-2", "deals": "0-3", "products": "0-7", "line_items": "0-8", "invoices": "0-53",
    "notes": "0-46", "discounts": "0-84", "fees": "0-85", "taxes": "0-86",
}
_BY_PROGRAMS = frozenset({"API", "INTEGRATION"})
_SENDERS = {"invoices": hubspot_invoices.send, "notes": hubspot_notes.send}


class HubSpotConnector:
    """See `base.Connector`. `pages_url` and `portal_id` lead to the pages on which people see the records."""

    system = vocabulary.System.HUBSPOT
    capabilities = base.Capabilities(
        conditional_writes=False, history=True,
        keeps_our_key=True,
        keyless_kinds=frozenset({"products", "invoices", "notes"}),
        batch_size=hubspot_client.BATCH,
        single_kinds=frozenset(),
        page_lag=30,
        max_window_days=0,
        archived_listing=True,
        archives=frozenset({"contacts", "products"}),
    )

    def __init__(
        self, *, client: hubspot_client.Client, sleep: Callable[[float], None], portal_id: str = "", pages_url: str = ""
    ) -> None:
        self._client = client
        self._sleep = sleep
        self._portal_id = portal_id
        self._pages_url = pages_url.rstrip("/")
        self._definitions: dict[str, Mapping[str, answers.Property]] = {}
        self._keeping: dict[str, bool] = {}

    def account(self) -> base.Account:
        """Tell which account this is."""
        found = refusals.asked(self._client.account)
        return base.Account(
            external_id=found.portal_id,
            name=found.name or say("HubSpot account {number}", number=found.portal_id),
            currency=found.currency,
            time_zone=found.time_zone,
            details={"type": found.account_type, "data region": found.data_location, "pages": f"https://{found.ui_domain}"},
        )

    def fields(self, *, kind: str) -> tuple[schema.FieldSpec, ...]:
        """List the fields of a kind and of its associated kinds, each read once; one we have no leave for is left out."""
        people = self._people
        defined = hubspot_fields.offered(self._defined(kind).values())
        account = self._facts if hubspot_fields.has_money(kind) else None
        found = [self._spec(kind, one, people, account=account) for one in defined]
        found += hubspot_fields.MADE_UP.get(kind, ())
        others = {one: self._reachable(one) for one in hubspot_fields.ASSOCIATED_KINDS.get(kind, ())}
        through = ((other, one) for other, known in others.items() for one in hubspot_fields.offered(known.values()))
        return (*found, *(self._spec(other, one, people, through=True) for other, one in through))

    def server_time(self) -> datetime:
        """Return HubSpot's own present, to the second."""
        if self._client.server_time is None:
            refusals.asked(self._client.account)
        known = self._client.server_time
        if known is None:
            raise errors.Misunderstood(say("HubSpot's answers do not tell the time."), system=self.system.label, operation="server time")
        return known

    def changes(self, *, wanted: base.Wanted, window: base.Window, token: str | None) -> base.Page:
        """Return the records changed within the window, by id upwards; the token is the last id.

        Search gives ids only, the values come from a read. A record that vanishes in between is left to the archived listing.
        """
        since, until, kind = window.since, window.until, wanted.kind
        also = (window.also.since, window.also.until) if window.also else None
        page = refusals.asked(lambda: self._client.search_ids(object_type=kind, since=since, until=until, also=also, last_id=token or "0"))
        if not page.ids:
            return base.Page(records=(), next_token=None)
        found = hubspot_fields.ours(kind=wanted.kind, found=self._batch_read(wanted, page.ids).results)
        return base.Page(records=self._records(wanted, found, linked=False), next_token=page.last_id)

    def listing(self, *, wanted: base.Wanted, token: str | None, archived: bool = False) -> base.Page:
        """Return one page of all records of a kind, or of all archived ones."""
        page = refusals.asked(
            lambda: self._client.list_page(
                object_type=wanted.kind, properties=self._asked(wanted), after=token, archived=archived, associations=wanted.links
            )
        )
        ours = hubspot_fields.ours(kind=wanted.kind, found=page.entries)
        found = self._records(wanted, ours if archived else self._remembered(wanted, ours), linked=True)
        return base.Page(records=found, next_token=page.after)

    def read(self, *, wanted: base.Wanted, ids: Sequence[str]) -> base.Found:
        """Read records by id, archived ones too; an id that was merged away leads to its survivor.

        What two batch reads do not show is asked for one by one, since only HubSpot's word makes an id missing.
        """
        live = self._batch_read(wanted, ids).results
        left = _unseen(ids, live)
        archived = self._batch_read(wanted, left, archived=True).results if left else ()
        survivors: dict[str, answers.RemoteObject] = {}
        missing = []
        for one in _unseen(left, archived):
            survivor = self._survivor(wanted, one)
            if survivor is None:
                missing.append(one)
            else:
                survivors[one] = survivor
        followed = self._remembered(wanted, tuple(survivors.values()))
        found = {one.id: one for one in (*followed, *archived, *live)}
        merged = {one.id: tuple(old for old, new in survivors.items() if new.id == one.id != old) for one in found.values()}
        return base.Found(records=self._records(wanted, tuple(found.values()), linked=False, merged=merged), missing=tuple(missing))

    def find(self, *, wanted: base.Wanted, field_name: str, values: Sequence[str]) -> tuple[records.Record, ...]:
        """Find live and archived records by a field.

        E-mail addresses and unique fields are read directly. For other fields HubSpot has nothing but its search, which may miss
        what was written in the last seconds and all archived records; its finds are read before they are believed. Where a kind
        does without our key, a create must miss nothing: every record of the kind is looked at.
        """
        definition = self._defined(wanted.kind).get(field_name)
        by_email = wanted.kind == "contacts" and field_name == "email"
        stripped = (value.strip() for value in values)
        values = tuple(dict.fromkeys(value.lower() if by_email else value for value in stripped if value))
        if definition is None or not values:
            return ()
        if definition.unique or by_email:
            return self._records(wanted, self._holding(wanted, field_name, values), linked=False)
        asked = {value.casefold() for value in values}
        if wanted.kind in self.capabilities.keyless_kinds and hubspot_fields.KEY_PROPERTY not in self._defined(wanted.kind):
            names = (*self._asked(wanted), field_name)
            found = hubspot_finding.everything(client=self._client, kind=wanted.kind, properties=names)
        else:
            ids = hubspot_finding.searched(client=self._client, kind=wanted.kind, field_name=field_name, values=values)
            found = self._batch_read(wanted, ids, extra=(field_name,)).results if ids else ()
        same = tuple(one for one in found if (one.properties.get(field_name) or "").strip().casefold() in asked)
        return self._records(wanted, same if same and same[0].history else self._remembered(wanted, same), linked=False)

    def find_created(self, *, wanted: base.Wanted, keys: Sequence[str]) -> Mapping[str, records.Record]:
        """Find the records that carry our keys, archived ones too."""
        name = hubspot_fields.KEY_PROPERTY
        if not keys or name not in self._defined(wanted.kind):
            return {}
        held = {key: one for one in self._holding(wanted, name, keys) if (key := one.properties.get(name)) is not None and key in keys}
        by_id = {one.ref.external_id: one for one in self._records(wanted, tuple(held.values()), linked=False)}
        return {key: by_id[one.id] for key, one in held.items()}

    def write(self, *, writes: Sequence[base.Write], singly: bool = False) -> tuple[base.Written, ...]:
        """Carry out writes of one operation kind and one record kind, one result each, in order. They always go in batches.

        A create is an upsert by our key, so that the same write sent twice makes one record; where the account keeps no key of
        ours, a create that has no answer has to be looked for before it is sent again.
        """
        if not writes:
            return ()
        kind = writes[0].record_kind
        keyed = True
        try:
            if writes[0].kind is OperationKind.CREATE:
                keyed = self._keeps_keys(kind)
        except errors.SyncError as error:
            return tuple(base.Written(key=one.key, error=error, request_id=error.request_id) for one in writes)
        done = _SENDERS.get(kind, hubspot_writing.send)(client=self._client, writes=writes, keyed=keyed)
        return tuple(self._written(one, done[one.key]) for one in writes)

    def history(
        self, *, kind: str, ids: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Mapping[str, tuple[base.HistoryEntry, ...]]]:
        """Return earlier values, newest first, of archived records too. `by_us` says that a program wrote it: HubSpot does not tell which.

        Fields that are no properties have no history.
        """
        fields = [name for name in fields if name not in hubspot_related.made_up(kind)]
        if not fields:
            return {one: {} for one in ids}
        wanted = base.Wanted(kind=kind, fields=tuple(fields))
        found = list(self._batch_read(wanted, ids, history=fields).results)
        if left := _unseen(ids, found):
            found += self._batch_read(wanted, left, history=fields, archived=True).results
        return {
            one.id: {name: tuple(self._entry(kind, name, past) for past in one.history.get(name, ())) for name in fields} for one in found
        }

    def install_fields(self, *, kind: str) -> tuple[base.OwnField, ...]:
        """Make the properties of a kind that hold what QuickBooks knows, where they are missing."""
        self._definitions.pop(kind, None)
        return hubspot_own.install(client=self._client, sleep=self._sleep, kind=kind)

    def remove_fields(self, *, kind: str) -> tuple[base.OwnField, ...]:
        """Put these properties away again."""
        self._definitions.pop(kind, None)
        return hubspot_own.remove(client=self._client, kind=kind)

    def associated(self, *, kind: str, other: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """Return what records are associated with now, a thousand in a call."""
        return refusals.asked(lambda: self._client.associated_ids(from_type=kind, to_type=other, ids=ids))

    def key_state(self, *, kind: str) -> base.OwnState:
        """Tell whether the property that keeps our key is there, and fit for it."""
        return hubspot_writing.key_state(self._defined(kind).get(hubspot_fields.KEY_PROPERTY))

    def record_url(self, *, kind: str, external_id: str) -> str:
        """Return the address of the record's page in HubSpot, "" where it is not known."""
        type_id = OBJECT_TYPE_IDS.get(kind)
        if not (self._pages_url and self._portal_id and type_id):
            return ""
        return f"{self._pages_url}/contacts/{self._portal_id}/record/{type_id}/{external_id}"

    def _defined(self, kind: str, *, fresh: bool = False) -> Mapping[str, answers.Property]:
        if fresh or kind not in self._definitions:
            found = refusals.asked(lambda: self._client.properties(object_type=kind))
            self._definitions[kind] = {one.name: one for one in found}
        return self._definitions[kind]

    def _keeps_keys(self, kind: str) -> bool:
        """Make sure of the property that keeps our key; False where the account refuses it for a kind that can do without."""
        if kind not in self._keeping:
            definition = self._defined(kind).get(hubspot_fields.KEY_PROPERTY)
            try:
                hubspot_writing.ensure_key(client=self._client, sleep=self._sleep, kind=kind, definition=definition)
                self._keeping[kind] = True
            except errors.Rejected:
                if kind not in self.capabilities.keyless_kinds:
                    raise
                self._keeping[kind] = False
            self._defined(kind, fresh=definition is None)
        return self._keeping[kind]

    def _written(self, write: base.Write, outcome: hubspot_writing.Outcome) -> base.Written:
        """What the answer shows, and what is made of it and of what it leaves out: nothing in a new record, else what was there."""
        remote = outcome.remote
        if remote is None:
            return base.Written(key=write.key, error=outcome.error, request_id=outcome.request_id)
        kind, new = write.record_kind, write.kind is OperationKind.CREATE
        names = (*remote.properties, *(one.name for one in hubspot_fields.MADE_UP.get(kind, ())), *outcome.made)
        whole = hubspot_fields.labelled(kind=kind, properties=remote.properties, before=write.current, new=new)
        readers = hubspot_fields.readers(definitions=self._defined(kind), names=names)
        record = self._record(kind, dataclasses.replace(remote, properties=whole), readers=readers, links={}, made=outcome.made)
        return base.Written(key=write.key, record=record, request_id=outcome.request_id)

    def _reachable(self, kind: str) -> Mapping[str, answers.Property]:
        try:
            return self._defined(kind)
        except errors.Rejected:
            return {}

    @functools.cached_property
    def _facts(self) -> answers.Account:
        return refusals.asked(self._client.account)

    @functools.cached_property
    def _people(self) -> tuple[tuple[str, str], ...]:
        try:
            return tuple((one.id, one.name or one.email or one.id) for one in refusals.asked(self._client.owners) if not one.archived)
        except errors.Rejected:
            return ()

    def _spec(
        self, kind: str, definition: answers.Property, people: tuple[tuple[str, str], ...], *, through: bool = False,
        account: answers.Account | None = None,
    ) -> schema.FieldSpec:
        choices = people if definition.name == "hubspot_owner_id" else ()
        currency = account.currency if account else ""
        found = hubspot_fields.spec(kind=kind, definition=definition, choices=choices, through=through, currency=currency)
        if account is None or definition.name != hubspot_fields.CURRENCY:
            return found
        return hubspot_fields.currencies(found, enabled=(account.currency, *account.additional_currencies))

    def _asked(self, wanted: base.Wanted) -> tuple[str, ...]:
        made_up = hubspot_related.made_up(wanted.kind)
        own = (name for name in wanted.fields if "." not in name and name not in made_up)
        return tuple(dict.fromkeys((*own, *hubspot_fields.LABEL_PROPERTIES.get(wanted.kind, ()), hubspot_fields.MERGED_IDS)))

    def _batch_read(
        self, wanted: base.Wanted, ids: Sequence[str], *, id_property: str = "", archived: bool = False,
        history: Sequence[str] = (), extra: Sequence[str] = (),
    ) -> answers.BatchResult:
        """Read, and let nothing pass but results and the vendor's word that a record is not there."""
        properties, history = (*self._asked(wanted), *extra, *((id_property,) if id_property else ())), history or wanted.history
        found = refusals.asked(
            lambda: self._client.batch_read(
                object_type=wanted.kind, ids=ids, properties=properties, history=history, id_property=id_property, archived=archived
            )
        )
        for complaint in found.errors:
            if not isinstance(complaint.error, client_errors.Gone):
                raise refusals.translated(complaint.error)
        return found

    def _remembered(self, wanted: base.Wanted, found: Sequence[answers.RemoteObject]) -> tuple[answers.RemoteObject, ...]:
        """The same records with the earlier values that are wanted, which of all reads of many only the one by id tells."""
        if not wanted.history or not found:
            return tuple(found)
        told = {one.id: one.history for one in self._batch_read(wanted, [one.id for one in found]).results}
        return tuple(dataclasses.replace(one, history=told.get(one.id, {})) for one in found)

    def _holding(self, wanted: base.Wanted, name: str, values: Sequence[str]) -> tuple[answers.RemoteObject, ...]:
        """The records that hold one of the values in a unique property, archived ones first, each once."""
        live = self._batch_read(wanted, values, id_property=name).results
        archived = self._batch_read(wanted, values, id_property=name, archived=True).results
        return tuple({one.id: one for one in (*archived, *live)}.values())

    def _survivor(self, wanted: base.Wanted, one: str) -> answers.RemoteObject | None:
        try:
            return refusals.asked(
                lambda: self._client.read(object_type=wanted.kind, object_id=one, properties=self._asked(wanted))
            )
        except errors.Gone:
            return None

    def _records(
        self, wanted: base.Wanted, found: Sequence[answers.RemoteObject], *, linked: bool,
        merged: Mapping[str, tuple[str, ...]] | None = None,
    ) -> tuple[records.Record, ...]:
        if not found:
            return ()
        ids = [one.id for one in found]
        links: dict[str, Mapping[str, tuple[str, ...]]]
        links = {kind: {one.id: one.associations.get(kind, ()) for one in found} for kind in wanted.links if linked}
        links = links or {kind: self.associated(kind=wanted.kind, other=kind, ids=ids) for kind in wanted.links}
        made = hubspot_related.read(client=self._client, kind=wanted.kind, ids=ids, fields=wanted.fields)
        readers = hubspot_fields.readers(definitions=self._defined(wanted.kind), names=wanted.fields)
        return tuple(
            self._record(
                wanted.kind, one, readers=readers, made=made[one.id],
                links={kind: by_id.get(one.id, ()) for kind, by_id in links.items()}, merged=(merged or {}).get(one.id, ()),
            )
            for one in found
        )

    def _record(
        self, kind: str, one: answers.RemoteObject, *, readers: Mapping[str, hubspot_fields.Reader], links: Mapping[str, tuple[str, ...]],
        made: Mapping[str, records.Value], merged: tuple[str, ...] = (),
    ) -> records.Record:
        properties = one.properties
        values = {name: read(properties[name]) for name, read in readers.items() if name in properties}
        past = {name: self._earlier(kind, name, one) for name in one.history if name in values}
        values |= hubspot_fields.made_up(kind=kind, properties=properties, names=readers)
        values |= {name: value for name, value in made.items() if name in readers}
        return records.Record(
            ref=records.RecordRef(kind=kind, external_id=one.id),
            revision=_revision(one.updated_at),
            values=values,
            state=RecordState.ARCHIVED if one.archived else RecordState.LIVE,
            created_at=one.created_at,
            label=hubspot_fields.label(kind=kind, properties=properties),
            links=links,
            merged_ids=hubspot_fields.merged_ids(one, followed=merged),
            past=past,
        )

    def _value(self, kind: str, name: str, raw: str | None) -> records.Value:
        return hubspot_fields.readers(definitions=self._defined(kind), names=[name])[name](raw)

    def _earlier(self, kind: str, name: str, one: answers.RemoteObject) -> tuple[records.Value, ...]:
        known = (self._value(kind, name, step.value) for step in one.history[name])
        now = self._value(kind, name, one.properties[name])
        return tuple(dict.fromkeys(value for value in known if value not in (None, now)))

    def _entry(self, kind: str, name: str, past: answers.PastValue) -> base.HistoryEntry:
        author = past.source_label or (say("user {number}", number=past.user_id) if past.user_id else past.source_type)
        value = self._value(kind, name, past.value)
        return base.HistoryEntry(value=value, changed_at=past.at, by_us=past.source_type in _BY_PROGRAMS, author=author)


def _revision(updated_at: datetime) -> records.Revision:
    number = round(updated_at.timestamp() * 1000)
    return records.Revision(number=number, updated_at=updated_at, token=str(number))


def _unseen(ids: Sequence[str], found: Sequence[answers.RemoteObject]) -> tuple[str, ...]:
    """The ids that no result answers, be it under its own id or as one that was merged into it."""
    seen = {one.id for one in found} | {old for one in found for old in hubspot_fields.merged_ids(one)}
    return tuple(one for one in dict.fromkeys(ids) if one not in seen)
