"""Take in what a vendor showed: compare, keep what changed, say whose pair must be looked at.

Owns every write to the mirror. Observations are monotone: an older revision never replaces a newer one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import normalize, records, values, vocabulary
from syncapp.services import context, hints, links, mirror, pairs
from syncapp.services import rows as saving

PAST_KEPT = 20
ASKED_PAST_KEPT = 200
"""Of fields that a filter asks for what they ever were."""
_FIELDS = [
    "label",
    "name_start",
    "name_end",
    "revision_number",
    "revision_token",
    "remote_created_at",
    "remote_updated_at",
    "values",
    "past",
    "fingerprint",
    "key1",
    "key2",
    "key3",
    "state",
    "merged_into",
    "observed_at",
]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What an observation changed."""

    seen: int
    new: int
    changed: int
    live: int


def take(*, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, found: Sequence[records.Record], strong: bool) -> Seen:
    """Keep observations of one kind. Call it inside the lane's transaction.

    `strong` says that the records were read by id: at an equal revision they replace what a lagging index may have shown;
    a weak observation that differs at an equal revision is only marked for reading by id.
    """
    latest = {record.ref.external_id: record for record in sorted(found, key=lambda r: r.revision)}
    known = {
        row.external_id: row
        for row in models.Record.objects.filter(connection=side.connection, kind=wanted.kind, external_id__among=latest)
    }
    fresh: list[models.Record] = []
    changed: list[models.Record] = []
    moved: list[models.Record] = []
    doubtful: list[str] = []
    freed: set[str] = set()
    for external_id, record in latest.items():
        row = known.get(external_id)
        if row is None:
            fresh.append(_filled(lane=lane, side=side, wanted=wanted, row=_blank(side, wanted, external_id), record=record))
            continue
        verdict = _verdict(side=side, wanted=wanted, row=row, record=record, strong=strong)
        if verdict is Verdict.DOUBTFUL:
            doubtful.append(external_id)
        elif verdict is not Verdict.KNOWN:
            held = row.key3
            kept = _filled(lane=lane, side=side, wanted=wanted, row=row, record=record)
            freed |= _freed(held=held, row=kept)
            (changed if verdict is Verdict.CHANGED else moved).append(kept)
    _add(fresh)
    saving.save([*changed, *moved], fields=_FIELDS)
    hints.leave(connection_id=side.connection.pk, kind=wanted.kind, external_ids=doubtful, reason="differs at the same revision")
    relinked = _links(side=side, wanted=wanted, found=latest.values())
    _announce(side=side, wanted=wanted, fresh=fresh, changed=changed, relinked=relinked)
    _follow(lane=lane, side=side, wanted=wanted, found=latest.values(), moved=moved, freed=freed)
    live = sum(record.state is vocabulary.RecordState.LIVE for record in latest.values())
    return Seen(seen=len(latest), new=len(fresh), changed=len(changed), live=live)


def _follow(
    *,
    lane: context.Lane,
    side: context.SideContext,
    wanted: base.Wanted,
    found: Iterable[records.Record],
    moved: Sequence[models.Record],
    freed: set[str],
) -> None:
    """What else follows for pairs: a newer revision of what is to be written, a merge, a display name that became free."""
    pairs.touch(side=side.side, record_ids=[row.pk for row in moved], only_with_open_operation=True)
    for record in found:
        if record.merged_ids:
            pairs.follow_merge(
                side=side,
                kind=wanted.kind,
                survivor_id=record.ref.external_id,
                merged_ids=record.merged_ids,
                now=lane.ports.now(),
            )
    if freed:
        pairs.names_freed(connection=side.connection, names=freed)


def _freed(*, held: str, row: models.Record) -> set[str]:
    """The folded display name that a record had and has no more."""
    return {held} if held and (row.key3 != held or row.state != vocabulary.RecordState.LIVE) else set()


def missing(*, side: context.SideContext, kind: str, external_ids: Iterable[str]) -> None:
    """Mark records that a read by id did not find as gone. Call it inside the lane's transaction."""
    rows = list(
        models.Record.objects.filter(connection=side.connection, kind=kind, external_id__among=external_ids).exclude(
            state__in=[vocabulary.RecordState.GONE, vocabulary.RecordState.MERGED]
        )
    )
    for row in rows:
        row.state = vocabulary.RecordState.GONE
    models.Record.objects.bulk_update(rows, ["state"], batch_size=200)
    pairs.touch(side=side.side, record_ids=[row.pk for row in rows])
    if freed := {row.key3 for row in rows if row.key3}:
        pairs.names_freed(connection=side.connection, names=freed)
    _touch(side=side, ends=_lookers(side=side, kind=kind, ids=[row.external_id for row in rows]))


def by_id(*, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, ids: Sequence[str]) -> Seen:
    """Read records by id and keep what is seen, with those that are not there any more."""
    found = side.connector.read(wanted=wanted, ids=ids)
    with lane.transaction():
        missing(side=side, kind=wanted.kind, external_ids=found.missing)
        return take(lane=lane, side=side, wanted=wanted, found=found.records, strong=True)


def written(*, lane: context.Lane, side: context.SideContext, answers: Sequence[records.Record]) -> dict[str, models.Record]:
    """Merge the answers to writes into the mirror, each of which may hold the changed and computed values only.

    Returns the rows by id, new ones made. A row that shows something newer already stays as it is. Other syncs of the account
    have not seen these changes, so their pairs are looked at too. Call it inside the lane's transaction.
    """
    wanted, main = side.main, side.main.kind
    known = {
        row.external_id: row
        for row in models.Record.objects.filter(
            connection=side.connection, kind=main, external_id__among=[answer.ref.external_id for answer in answers]
        )
    }
    fresh: list[models.Record] = []
    changed: list[models.Record] = []
    freed: set[str] = set()
    for answer in answers:
        row = known.get(answer.ref.external_id)
        if row is not None and answer.revision.number < row.revision_number:
            continue
        kept = row or _blank(side, wanted, answer.ref.external_id)
        held = kept.key3
        merged = {**mirror.from_json(kept.values), **{k: v for k, v in answer.values.items() if k in wanted.fields}}
        _filled(lane=lane, side=side, wanted=wanted, row=kept, record=replace(answer, values=merged, label=answer.label or kept.label))
        freed |= _freed(held=held, row=kept)
        (changed if row is not None else fresh).append(kept)
    _add(fresh)
    saving.save(changed, fields=_FIELDS)
    pairs.touch(side=side.side, record_ids=[row.pk for row in changed])
    pairs.open_half(side=side.side, connection=side.connection, kind=main, rows=fresh, but=lane.config, fresh=True)
    _touch(side=side, ends=_lookers(side=side, kind=main, ids=[row.external_id for row in changed]))
    if freed:
        pairs.names_freed(connection=side.connection, names=freed)
    return {**known, **{row.external_id: row for row in fresh}}


def _blank(side: context.SideContext, wanted: base.Wanted, external_id: str) -> models.Record:
    return models.Record(connection_id=side.connection.pk, kind=wanted.kind, external_id=external_id)


def _add(fresh: Sequence[models.Record]) -> None:
    """Add records of one kind to the mirror and give them the keys that the database gave them."""
    if not fresh:
        return
    saving.add(fresh)
    there = models.Record.objects.filter(connection_id=fresh[0].connection_id, kind=fresh[0].kind)
    given = dict(there.filter(external_id__among=[row.external_id for row in fresh]).values_list("external_id", "pk"))
    for row in fresh:
        row.pk = given[row.external_id]


def _values(wanted: base.Wanted, record: records.Record) -> dict[str, records.Value]:
    return {name: record.values.get(name) for name in wanted.fields}


class Verdict(enum.Enum):
    """What an observation of a known record is worth."""

    KNOWN = enum.auto()
    MOVED = enum.auto()
    CHANGED = enum.auto()
    DOUBTFUL = enum.auto()


def _verdict(*, side: context.SideContext, wanted: base.Wanted, row: models.Record, record: records.Record, strong: bool) -> Verdict:
    if record.revision.number < row.revision_number:
        return Verdict.KNOWN
    same = (
        values.fingerprint(_values(wanted, record)) == row.fingerprint
        and record.state == row.state
        and mirror.keys(side=side, kind=wanted.kind, found=record.values) == (row.key1, row.key2, row.key3)
    )
    if same and record.past and _past(wanted=wanted, row=row, record=record) != row.past:
        return Verdict.CHANGED
    if record.revision.number > row.revision_number:
        return Verdict.MOVED if same else Verdict.CHANGED
    if same:
        return Verdict.KNOWN
    newer = row.remote_updated_at is None or record.revision.updated_at > row.remote_updated_at
    return Verdict.CHANGED if strong or newer else Verdict.DOUBTFUL


def _filled(
    *, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, row: models.Record, record: records.Record
) -> models.Record:
    now = _values(wanted, record)
    row.past = _past(wanted=wanted, row=row, record=record)
    row.values = mirror.to_json(now)
    row.fingerprint = values.fingerprint(now)
    row.label = record.label[:300]
    row.name_start, row.name_end = normalize.beginnings(row.label)
    row.revision_number = record.revision.number
    row.revision_token = record.revision.token
    row.remote_created_at = record.created_at
    row.remote_updated_at = record.revision.updated_at
    row.state = record.state
    row.merged_into = ""
    row.observed_at = lane.ports.now()
    row.key1, row.key2, row.key3 = mirror.keys(side=side, kind=wanted.kind, found=now)
    return row


def _past(*, wanted: base.Wanted, row: models.Record, record: records.Record) -> dict[str, list[object]]:
    """Every earlier value once, newest first: what the vendor tells, what was seen here, and what was known before."""
    past: dict[str, list[object]] = dict(row.past)
    now = mirror.to_json(_values(wanted, record))
    for name, old in row.values.items():
        if old is not None and now.get(name) != old:
            past[name] = [old, *past.get(name, [])]
    for name, told in record.past.items():
        past[name] = [*map(values.to_json, told), *past.get(name, [])]
    kept = {name: ASKED_PAST_KEPT if name in wanted.history else PAST_KEPT for name in past}
    return {name: [one for at, one in enumerate(old) if one not in old[:at]][: kept[name]] for name, old in past.items() if old}


def _links(*, side: context.SideContext, wanted: base.Wanted, found: Iterable[records.Record]) -> set[tuple[str, str]]:
    """Replace the associations that were read. Returns the ends (kind, id) that look at the other one and gained or lost it."""
    read = {record.ref.external_id: record.links for record in found if record.links}
    if not wanted.links or not read:
        return set()
    changed = links.replace(connection=side.connection, kind=wanted.kind, others=wanted.links, found=read)
    return _looking(side=side, found=changed)


def _announce(
    *,
    side: context.SideContext,
    wanted: base.Wanted,
    fresh: Sequence[models.Record],
    changed: Sequence[models.Record],
    relinked: set[tuple[str, str]],
) -> None:
    """Say which pairs must be looked at: the records' own, and those of the records that look at them.

    In every sync of the account: another one may keep in step what this one only looks at, and will not see the change again.
    """
    pairs.open_half(side=side.side, connection=side.connection, kind=wanted.kind, rows=fresh, fresh=True)
    pairs.touch(side=side.side, record_ids=[row.pk for row in changed])
    seen = [row.external_id for row in (*fresh, *changed)]
    _touch(side=side, ends=relinked | _lookers(side=side, kind=wanted.kind, ids=seen))


def seen_anew(*, side: context.SideContext, kind: str, ids: Sequence[str]) -> None:
    """Have the pairs planned anew of the records that look at these, in every sync. Call it inside the lane's transaction."""
    _touch(side=side, ends=_lookers(side=side, kind=kind, ids=ids))


def _lookers(*, side: context.SideContext, kind: str, ids: Sequence[str]) -> set[tuple[str, str]]:
    """The records (kind, id) that are kept in step and look at these."""
    mains = [main for main, other in side.looks if other == kind]
    if not mains or not ids:
        return set()
    stored = links.between(connection_id=side.connection.pk, kind=kind, ids=ids, others=mains)
    known = {(kind, one) for one in ids}
    return {end for end in _looking(side=side, found=stored) if end not in known}


def _looking(*, side: context.SideContext, found: Iterable[models.RecordLink]) -> set[tuple[str, str]]:
    """The ends (kind, id) of associations from which the other end is looked at."""
    ends = set()
    for link in found:
        if (link.from_kind, link.to_kind) in side.looks:
            ends.add((link.from_kind, link.from_id))
        if (link.to_kind, link.from_kind) in side.looks:
            ends.add((link.to_kind, link.to_id))
    return ends


def _touch(*, side: context.SideContext, ends: set[tuple[str, str]]) -> None:
    for kind in {kind for kind, _ in ends}:
        ids = [external_id for of, external_id in ends if of == kind]
        rows = models.Record.objects.filter(connection=side.connection, kind=kind, external_id__among=ids)
        pairs.touch(side=side.side, record_ids=list(rows.values_list("pk", flat=True)))
