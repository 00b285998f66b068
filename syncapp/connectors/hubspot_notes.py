"""Writes of HubSpot notes, which stand on the timelines of deals.

Owns that a note is created together with its associations, so that none ever stands without its deal. Decides nothing about what
is to be written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from integrations.hubspot import client as hubspot_client
from integrations.hubspot import links
from syncapp.connectors import base, hubspot_fields, hubspot_related, hubspot_writing, refusals
from syncapp.engine import errors, records
from syncapp.engine.vocabulary import OperationKind

KIND, DEALS = "notes", "deals"
TO_DEAL = 214
Outcomes = Mapping[str, hubspot_writing.Outcome]


def send(*, client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> Outcomes:
    """Carry out writes of notes of one operation kind, and return the outcome of each by its key."""
    if writes[0].kind is OperationKind.ARCHIVE:
        return hubspot_writing.send(client=client, writes=writes)
    if writes[0].kind is OperationKind.CREATE:
        return _created(client, writes, keyed)
    return _updated(client, writes)


def _created(client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> Outcomes:
    """A plain create, since an upsert takes no associations. What our key shows to be there already is the note of a former try."""
    inputs = [_creation(one, keyed) for one in writes]
    done = hubspot_writing.sent(inputs=inputs, call=lambda part: client.batch_create(object_type=KIND, inputs=part))
    deals = {one.key: {DEALS: tuple(sorted(hubspot_related.ids_in(one.values.get(DEALS)))) or None} for one in writes}
    told = {key: dataclasses.replace(one, made=deals[key]) if one.remote else one for key, one in done.items()}
    there = [one for one in writes if keyed and isinstance(done[one.key].error, errors.AlreadyExists)]
    return {**told, **_found(client, there)}


def _creation(one: base.Write, keyed: bool) -> hubspot_client.Input:
    known = {name: hubspot_fields.raw(value) for name, value in _own(one).items() if value is not None}
    if keyed:
        known[hubspot_fields.KEY_PROPERTY] = one.key
    inline = tuple(links.Inline(to_id=deal, type_id=TO_DEAL) for deal in hubspot_related.ids_in(one.values.get(DEALS)))
    return hubspot_client.Input(trace_id=one.key, properties=known, associated=inline)


def _found(client: hubspot_client.Client, writes: Sequence[base.Write]) -> Outcomes:
    """The notes that carry the keys of these writes; another's unique value stays a refusal."""
    if not writes:
        return {}
    key = hubspot_fields.KEY_PROPERTY
    try:
        read = refusals.asked(
            lambda: client.batch_read(object_type=KIND, ids=[one.key for one in writes], properties=(key,), id_property=key)
        )
    except errors.SyncError as error:
        return {one.key: hubspot_writing.Outcome(error=error, request_id=error.request_id) for one in writes}
    ids = {str(one.properties.get(key)): one.id for one in read.results}
    known = [dataclasses.replace(one, current={**one.current, DEALS: None}) for one in writes if one.key in ids]
    return hubspot_related.shown(client=client, kind=KIND, writes=known, ids=ids) if known else {}


def _updated(client: hubspot_client.Client, writes: Sequence[base.Write]) -> Outcomes:
    moved = [one for one in writes if DEALS in one.values]
    failed = dict(_tie(client, moved))
    left = [one for one in writes if one.key not in failed]
    plain = [dataclasses.replace(one, values=_own(one)) for one in left if _own(one)]
    done = dict(hubspot_writing.send(client=client, writes=plain)) if plain else {}
    unseen = [one for one in left if DEALS in one.values and not (one.key in done and done[one.key].error)]
    ids = {one.key: one.external_id for one in unseen}
    seen = hubspot_related.shown(client=client, kind=KIND, writes=unseen, ids=ids) if unseen else {}
    return {**{key: hubspot_writing.Outcome(error=error, request_id=error.request_id) for key, error in failed.items()}, **done, **seen}


def _tie(client: hubspot_client.Client, writes: Sequence[base.Write]) -> Mapping[str, errors.SyncError]:
    """Make the deals of each note those that are wanted, whatever they are now."""
    if not writes:
        return {}
    try:
        ids = [one.external_id for one in writes]
        now = refusals.asked(lambda: client.associated_ids(from_type=KIND, to_type=DEALS, ids=ids))
    except errors.SyncError as error:
        return {one.key: error for one in writes}
    ties = []
    for one in writes:
        there, wanted = now.get(one.external_id, ()), hubspot_related.ids_in(one.values[DEALS])
        add, remove = (tuple(deal for deal in some if deal not in others) for some, others in ((wanted, there), (there, wanted)))
        ties.append(hubspot_related.Ties(key=one.key, from_id=one.external_id, add=add, remove=remove))
    return hubspot_related.tie(client=client, kind=KIND, other=DEALS, ties=ties)


def _own(one: base.Write) -> dict[str, records.Value]:
    return {name: value for name, value in one.values.items() if name != DEALS}
