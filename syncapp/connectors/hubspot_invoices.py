"""Writes of HubSpot invoices: associations and lines first, then properties, and what HubSpot made of it read back.

Owns the order of these steps, and which of HubSpot's own properties an invoice can do without where an account does not let them
be written. Decides nothing about what is to be written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from integrations.hubspot import client as hubspot_client
from syncapp.connectors import base, hubspot_fields, hubspot_lines, hubspot_related, hubspot_writing
from syncapp.engine import errors, lines, records, vocabulary
from syncapp.engine.vocabulary import OperationKind

KIND = "invoices"
STANDARD = "hs_"
_REFUSED = frozenset({"READ_ONLY_VALUE", "PROPERTY_DOESNT_EXIST", "INVALID_STATUS"})
Outcomes = Mapping[str, hubspot_writing.Outcome]


def send(*, client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> Outcomes:
    """Carry out writes of invoices of one operation kind, and return the outcome of each by its key.

    A create takes plain properties only. What is refused of one invoice stops no other.
    """
    if writes[0].kind is OperationKind.ARCHIVE:
        return hubspot_writing.send(client=client, writes=writes)
    if writes[0].kind is OperationKind.CREATE:
        return _created(client, writes, keyed)
    return _updated(client, writes)


def _created(client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> Outcomes:
    """A new invoice has no contact, company or lines yet. One that a former try made is read, it may have them."""
    done, dropped = _plain(client, writes, keyed)
    nothing: dict[str, records.Value] = dict.fromkeys(hubspot_related.names(KIND))
    ids = {
        key: outcome.remote.id for key, outcome in done.items() if outcome.remote and (key in dropped or outcome.remote.new is False)
    }
    whole = [dataclasses.replace(one, current={**one.current, **nothing}) for one in writes if one.key in ids]
    told = {key: dataclasses.replace(outcome, made=nothing) if outcome.remote else outcome for key, outcome in done.items()}
    return {**told, **(hubspot_related.shown(client=client, kind=KIND, writes=whole, ids=ids) if whole else {})}


def _updated(client: hubspot_client.Client, writes: Sequence[base.Write]) -> Outcomes:
    failed: dict[str, errors.SyncError] = {}
    for name in hubspot_related.SINGLE[KIND]:
        _tie(client, name, [one for one in writes if one.key not in failed], failed)
    _lay_lines(client, [one for one in writes if hubspot_fields.LINES in one.values and one.key not in failed], failed)
    refused = [one for one in writes if isinstance(failed.get(one.key), errors.Rejected)]
    if refused:
        failed |= hubspot_related.gone(client=client, kind=KIND, writes=refused)
    left = [one for one in writes if one.key not in failed]
    done, dropped = _plain(client, [one for one in left if one.values.keys() - hubspot_related.names(KIND)], False)
    unseen = [one for one in left if _to_be_read(one, done.get(one.key), dropped)]
    ids = {one.key: one.external_id for one in unseen}
    seen = hubspot_related.shown(client=client, kind=KIND, writes=unseen, ids=ids) if unseen else {}
    return {**{key: hubspot_writing.Outcome(error=error, request_id=error.request_id) for key, error in failed.items()}, **done, **seen}


def _to_be_read(one: base.Write, outcome: hubspot_writing.Outcome | None, dropped: Mapping[str, frozenset[str]]) -> bool:
    """Whether the answers so far do not show what the invoice holds now."""
    if outcome is not None and outcome.error is not None:
        return False
    return outcome is None or one.key in dropped or bool(one.values.keys() & hubspot_related.names(KIND))


def _plain(client: hubspot_client.Client, writes: Sequence[base.Write], keyed: bool) -> tuple[Outcomes, Mapping[str, frozenset[str]]]:
    """Write properties; one of HubSpot's own that is refused is left out, never a reason to fail."""
    if not writes:
        return {}, {}
    made = hubspot_related.names(KIND)
    own = [dataclasses.replace(one, values={name: value for name, value in one.values.items() if name not in made}) for one in writes]
    call = hubspot_writing.call_for(client=client, kind=KIND, operation=writes[0].kind, keyed=keyed)
    entries = [hubspot_writing.entry(write=one, keyed=keyed) for one in own]
    return hubspot_writing.tolerant(inputs=entries, call=call, spared=_spared)


def _spared(entry: hubspot_client.Input, error: errors.SyncError) -> str:
    """The property of HubSpot's own for which an entry was refused. A refusal that names none may be the status's fault."""
    if not isinstance(error, errors.Rejected) or error.code == "MISSING_SCOPES":
        return ""
    if not error.field or error.field == hubspot_fields.STATUS:
        return hubspot_fields.STATUS
    standard = error.field.startswith(STANDARD) and error.field != hubspot_fields.CURRENCY
    return error.field if standard and error.code in _REFUSED else ""


def _tie(client: hubspot_client.Client, name: str, writes: Sequence[base.Write], failed: dict[str, errors.SyncError]) -> None:
    ties = [_ties(one, name) for one in writes if name in one.values]
    if ties:
        failed |= hubspot_related.tie(client=client, kind=KIND, other=name, ties=ties)


def _ties(one: base.Write, name: str) -> hubspot_related.Ties:
    """The new one in, then the one out that stood there before."""
    new, old = hubspot_related.ids_in(one.values[name]), hubspot_related.ids_in(one.current.get(name))
    return hubspot_related.Ties(
        key=one.key, from_id=one.external_id, add=new, remove=tuple(other for other in old if other not in new)
    )


def _lay_lines(client: hubspot_client.Client, writes: Sequence[base.Write], failed: dict[str, errors.SyncError]) -> None:
    wishes = []
    for one in writes:
        try:
            wishes.append(_wish(one))
        except errors.SyncError as error:
            failed[one.key] = error
    if not wishes:
        return
    try:
        failed |= hubspot_lines.converge(client=client, wishes=wishes)
    except errors.SyncError as error:
        failed |= {wish.key: error for wish in wishes}


def _wish(one: base.Write) -> hubspot_lines.Wish:
    try:
        wanted = lines.parse(one.values[hubspot_fields.LINES])
    except ValueError as problem:
        raise errors.Rejected(
            str(problem), system=vocabulary.System.HUBSPOT.label, operation="line items", field=hubspot_fields.LINES
        ) from None
    refusal = hubspot_lines.refused(wanted)
    if refusal is not None:
        raise refusal
    currency = one.values.get(hubspot_fields.CURRENCY) or one.current.get(hubspot_fields.CURRENCY)
    return hubspot_lines.Wish(
        key=one.key, invoice_id=one.external_id, lines=lines.ordered(wanted), currency=currency if isinstance(currency, str) else ""
    )
