"""What HubSpot keeps as associations and the sync sees as fields: an invoice's contact, company and lines, a note's deals.

Owns their values and how records are associated and taken apart. Decides nothing about what is to be written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping, Sequence

from integrations import errors as client_errors
from integrations.hubspot import answers, links
from integrations.hubspot import client as hubspot_client
from syncapp.connectors import base, hubspot_fields, hubspot_lines, hubspot_writing, refusals
from syncapp.engine import errors, kinds, records, vocabulary
from syncapp.engine.wording import say

SINGLE: Mapping[str, tuple[str, ...]] = {"invoices": ("contacts", "companies")}
SEVERAL: Mapping[str, tuple[str, ...]] = {"notes": ("deals",)}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ties:
    """Which associations one write makes and undoes."""

    key: str
    from_id: str
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Pair:
    key: str
    ids: links.Pair


def names(kind: str) -> frozenset[str]:
    """Name the fields of a kind that are kept as associations."""
    return frozenset((*SINGLE.get(kind, ()), *SEVERAL.get(kind, ()), *((hubspot_fields.LINES,) if kind == "invoices" else ())))


def ids_in(value: records.Value) -> tuple[str, ...]:
    """The ids in a reference's value."""
    return value if isinstance(value, tuple) else (value,) if isinstance(value, str) and value else ()


def read(
    *, client: hubspot_client.Client, kind: str, ids: Sequence[str], fields: Collection[str]
) -> Mapping[str, Mapping[str, records.Value]]:
    """Return the values of those of the fields that are kept as associations, by id; a few calls for any number of records.

    Raises SyncError, Rejected where the connection has no leave for what is asked for.
    """
    found: dict[str, dict[str, records.Value]] = {one: {} for one in ids}
    if not ids:
        return found
    for name in (*SINGLE.get(kind, ()), *SEVERAL.get(kind, ())):
        if name not in fields:
            continue
        linked = _linked(client, kind, name, ids)
        for one, held in found.items():
            others = linked.get(one, ())
            held[name] = next(iter(others), None) if name in SINGLE.get(kind, ()) else tuple(sorted(others)) or None
    if hubspot_fields.LINES in fields and hubspot_fields.LINES in names(kind):
        for one, children in hubspot_lines.read(client=client, ids=ids).items():
            found[one][hubspot_fields.LINES] = hubspot_lines.value(children)
    return found


def tie(*, client: hubspot_client.Client, kind: str, other: str, ties: Sequence[Ties]) -> Mapping[str, errors.SyncError]:
    """Make associations, then undo others, and return the error of each write of which something failed, by its key."""
    failed: dict[str, errors.SyncError] = {}
    new = [_Pair(key=one.key, ids=(one.from_id, to_id)) for one in ties for to_id in one.add]
    _send(new, lambda pairs: client.batch_associate(from_type=kind, to_type=other, pairs=pairs), other, failed)
    old = [_Pair(key=one.key, ids=(one.from_id, to_id)) for one in ties for to_id in one.remove if one.key not in failed]
    _send(old, lambda pairs: _taken_apart(client, kind, other, pairs), other, failed)
    return failed


def shown(
    *, client: hubspot_client.Client, kind: str, writes: Sequence[base.Write], ids: Mapping[str, str]
) -> Mapping[str, hubspot_writing.Outcome]:
    """Read records back after a write, whole as far as they are known to us, and return the outcome of each write by its key.

    `ids` are the records' ids by the writes' keys. What cannot be read back is of unknown outcome.
    """
    made = {one.key: names(kind) & {*one.values, *one.current} for one in writes}
    own = {name for one in writes for name in (*one.values, *one.current) if "." not in name and name not in made_up(kind)}
    asked = tuple(sorted({*own, *hubspot_fields.LABEL_PROPERTIES.get(kind, ())}))
    wanted = [ids[one.key] for one in writes]
    try:
        found = refusals.asked(lambda: client.batch_read(object_type=kind, ids=wanted, properties=asked))
        related = read(client=client, kind=kind, ids=wanted, fields={name for one in made.values() for name in one})
    except errors.SyncError as error:
        return {one.key: hubspot_writing.Outcome(error=_unread(error), request_id=error.request_id) for one in writes}
    by_id = {one.id: one for one in found.results}
    missing = _missing(found)
    blank = dict.fromkeys(asked)
    return {
        one.key: missing.get(ids[one.key]) or _seen(by_id.get(ids[one.key]), related[ids[one.key]], made[one.key], blank) for one in writes
    }


def gone(*, client: hubspot_client.Client, kind: str, writes: Sequence[base.Write]) -> Mapping[str, errors.SyncError]:
    """Tell which records are no longer there, by the writes' keys; nobody where that cannot be seen."""
    ids = [one.external_id for one in writes]
    try:
        missing = _missing(refusals.asked(lambda: client.batch_read(object_type=kind, ids=ids, properties=("hs_object_id",))))
    except errors.SyncError:
        return {}
    told = {one.key: missing[one.external_id].error for one in writes if one.external_id in missing}
    return {key: error for key, error in told.items() if error is not None}


def made_up(kind: str) -> frozenset[str]:
    """Name the fields of a kind that are no properties."""
    return frozenset(one.name for one in hubspot_fields.MADE_UP.get(kind, ()))


def _missing(found: answers.BatchResult) -> Mapping[str, hubspot_writing.Outcome]:
    """What HubSpot says is not there, by id."""
    missing: dict[str, hubspot_writing.Outcome] = {}
    for complaint in found.errors:
        if isinstance(complaint.error, client_errors.Gone):
            outcome = hubspot_writing.Outcome(error=refusals.translated(complaint.error), request_id=complaint.error.request_id or "")
            missing |= dict.fromkeys(complaint.ids, outcome)
    return missing


def _linked(client: hubspot_client.Client, kind: str, other: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    return refusals.asked(lambda: client.associated_ids(from_type=kind, to_type=other, ids=ids))


def _seen(
    remote: answers.RemoteObject | None, related: Mapping[str, records.Value], made: Collection[str], blank: Mapping[str, None]
) -> hubspot_writing.Outcome:
    if remote is None:
        return hubspot_writing.Outcome(error=_unread(None))
    whole = dataclasses.replace(remote, properties={**blank, **remote.properties})
    return hubspot_writing.Outcome(remote=whole, made={name: related.get(name) for name in made})


def _unread(error: errors.SyncError | None) -> errors.OutcomeUnknown:
    return errors.OutcomeUnknown(
        say("It was written to HubSpot, but could not be read back yet. The record is read before anything else is done."),
        system=vocabulary.System.HUBSPOT.label, operation="read after a write", request_id=error.request_id if error else "",
    )


def _taken_apart(
    client: hubspot_client.Client, kind: str, other: str, pairs: Sequence[links.Pair]
) -> Sequence[links.PairsError]:
    """What is not there needs not be taken apart."""
    complaints = client.batch_dissociate(from_type=kind, to_type=other, pairs=pairs)
    return [one for one in complaints if not isinstance(one.error, client_errors.Gone)]


def _send(
    pairs: Sequence[_Pair], call: Callable[[Sequence[links.Pair]], Sequence[links.PairsError]], other: str,
    failed: dict[str, errors.SyncError],
) -> None:
    for at in range(0, len(pairs), links.PAIRS_BATCH):
        for key, error in _batch(pairs[at : at + links.PAIRS_BATCH], call, other).items():
            failed.setdefault(key, error)


def _batch(
    pairs: Sequence[_Pair], call: Callable[[Sequence[links.Pair]], Sequence[links.PairsError]], other: str
) -> Mapping[str, errors.SyncError]:
    """One call; where it is refused as a whole, once more in halves, so that one bad pair stops no other."""
    try:
        complaints = call([one.ids for one in pairs])
    except errors.SyncError as error:
        return {one.key: error for one in pairs}
    except client_errors.ApiError as error:
        divisible = isinstance(error, hubspot_writing.SPOILED_BY_ONE) and not isinstance(error, client_errors.MissingScopes)
        if not divisible or len(pairs) == 1:
            return {one.key: _of_pair(error, other, to_id=one.ids[1]) for one in pairs}
    else:
        return {one.key: _explained(complaint, one, other) for complaint in complaints for one in _blamed(complaint, pairs)}
    middle = len(pairs) // 2
    return {**_batch(pairs[:middle], call, other), **_batch(pairs[middle:], call, other)}


def _blamed(complaint: links.PairsError, pairs: Sequence[_Pair]) -> Sequence[_Pair]:
    """The pairs that a complaint is about: both ends named, else one of them, else any."""
    told = set(complaint.ids)
    both = [one for one in pairs if told >= set(one.ids)]
    return both or [one for one in pairs if told & set(one.ids)] or pairs


def _explained(complaint: links.PairsError, pair: _Pair, other: str) -> errors.SyncError:
    from_gone = pair.ids[0] in complaint.ids and pair.ids[1] not in complaint.ids
    return refusals.translated(complaint.error) if from_gone else _of_pair(complaint.error, other, to_id=pair.ids[1])


def _of_pair(error: client_errors.ApiError, other: str, *, to_id: str) -> errors.SyncError:
    """A record that is to be named and is not there is a refusal; it does not mean that the naming record is gone."""
    found = refusals.translated(error)
    if not isinstance(found, errors.Gone | errors.AlreadyExists | errors.Rejected):
        return found
    words = found.words
    if isinstance(found, errors.Gone):
        words = say("HubSpot has no {kind} {number} any more, so it cannot be associated.", kind=kinds.one(other), number=to_id)
    return errors.Rejected(
        words, system=found.system, operation=found.operation, code=found.code, request_id=found.request_id, field=other
    )
