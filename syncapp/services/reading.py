"""Read both sides: everything the first time, then what changed since the cursor.

Owns the cursors. A window has a fixed end from the vendor's own clock; a page's records and its token are saved together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from syncapp import models
from syncapp.connectors import base
from syncapp.engine import errors, vocabulary
from syncapp.services import billing, context, deal_pairs, hints, needs, observe

OVERLAP = timedelta(minutes=5)
CLOCK_STEP = timedelta(seconds=1)
"""A vendor tells its time in whole seconds; a change within the present one must not wait for the next run."""
DELAYED_EVERY = timedelta(minutes=15)
DELAYED_SPAN = (timedelta(hours=2), timedelta(hours=1))
ARCHIVED_EVERY = timedelta(hours=1)
LISTING_EVERY = timedelta(days=7)
_MADE: Mapping[str, Callable[[context.Lane], observe.Seen]] = {deal_pairs.KIND: lambda lane: billing.refresh(lane=lane)}
"""Kinds that no vendor has: they are made of what was read, not read."""


def both(*, lane: context.Lane) -> bool:
    """Read both sides, left then right. False when time ran out before all was read."""
    return _side(lane=lane, side=lane.left) and _side(lane=lane, side=lane.right)


def _side(*, lane: context.Lane, side: context.SideContext) -> bool:
    """Read one side: the associated kinds first, so that filters find them. False when time ran out."""
    for wanted in (*side.related, side.main):
        if wanted.kind in _MADE:
            _count(lane, side, _MADE[wanted.kind](lane))
            continue
        if not _kind(lane=lane, side=side, wanted=wanted):
            return False
        if not _hints(lane=lane, side=side, wanted=wanted):
            return False
    return True


def _kind(*, lane: context.Lane, side: context.SideContext, wanted: base.Wanted) -> bool:
    known = _Cursors(side=side, wanted=wanted)
    cursor, listing = known.of("changes"), known.of("listing")
    if _needs_listing(lane=lane, side=side, wanted=wanted, cursor=cursor, listing=listing):
        return _listing(lane=lane, side=side, wanted=wanted, cursor=cursor, listing=listing)
    assert cursor.since is not None  # noqa: S101 - a complete listing has set it
    delayed = known.of("delayed") if side.connector.capabilities.page_lag else None
    if not _window(lane=lane, side=side, wanted=wanted, cursor=cursor, since=cursor.since - OVERLAP, delayed=delayed):
        return False
    if side.connector.capabilities.archived_listing:
        return _archived(lane=lane, side=side, wanted=wanted, cursor=known.of("archived"))
    return True


def digest(*, side: context.SideContext, wanted: base.Wanted) -> str:
    """What a listing was read for: other fields, links, keys or fields with a past need a new one."""
    return _digest(wanted, side.key_fields[wanted.kind])


def is_current(*, connection_id: int, kind: str) -> bool:
    """Tell whether a kind was read whole, for all that is wanted of it at present."""
    needed = needs.of(connection_id=connection_id)
    wished = _digest(needed.wanted(kind=kind), needed.key_fields(kind=kind))
    listing = models.SyncCursor.objects.filter(connection=connection_id, kind=kind, stream="listing").first()
    return listing is not None and listing.completed_at is not None and listing.fields_digest == wished


def _digest(wanted: base.Wanted, kept: Sequence[tuple[str, vocabulary.FieldType]]) -> str:
    keys = [name for name, _ in kept]
    parts = [sorted(wanted.fields), sorted(wanted.links), keys, *([sorted(wanted.history)] if wanted.history else [])]
    return hashlib.sha256("|".join(",".join(part) for part in parts).encode()).hexdigest()


class _Cursors:
    """How far each stream of a kind was read, asked for once. Nobody else moves them while the lane is held."""

    def __init__(self, *, side: context.SideContext, wanted: base.Wanted) -> None:
        self._connection, self._kind = side.connection, wanted.kind
        self._mine = models.SyncCursor.objects.filter(connection=side.connection, kind=wanted.kind)
        self._found = {row.stream: row for row in self._mine}

    def of(self, stream: str) -> models.SyncCursor:
        """The cursor of a stream, made where there is none."""
        return self._found.get(stream) or self._mine.get_or_create(connection=self._connection, kind=self._kind, stream=stream)[0]


def _needs_listing(
    *, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, cursor: models.SyncCursor, listing: models.SyncCursor
) -> bool:
    now = lane.ports.now()
    reach = side.connector.capabilities.max_window_days
    return (
        listing.fields_digest != digest(side=side, wanted=wanted)
        or listing.completed_at is None
        or cursor.since is None
        or bool(listing.token)
        or now - listing.completed_at > LISTING_EVERY
        or bool(reach and now - cursor.since > timedelta(days=reach - 1))
    )


def _listing(
    *, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, cursor: models.SyncCursor, listing: models.SyncCursor
) -> bool:
    """Read everything of a kind. Changes made meanwhile are read afterwards: their window begins where the listing began."""
    wished = digest(side=side, wanted=wanted)
    if listing.until is None or listing.fields_digest != wished:
        listing.until, listing.token, listing.fields_digest, listing.seen = side.connector.server_time(), "", wished, 0
        listing.completed_at = None
        listing.known = models.Record.objects.filter(
            connection=side.connection, kind=wanted.kind, state=vocabulary.RecordState.LIVE
        ).count()

    def finish() -> None:
        cursor.since, cursor.until, cursor.token = listing.until, None, ""
        cursor.save()
        listing.since, listing.until, listing.token, listing.completed_at = listing.until, None, "", lane.ports.now()
        _doubt(side=side, wanted=wanted, seen=listing.seen)

    return _pages(
        lane=lane,
        side=side,
        wanted=wanted,
        cursor=listing,
        finish=finish,
        fetch=lambda token: side.connector.listing(wanted=wanted, token=token),
    )


def _doubt(*, side: context.SideContext, wanted: base.Wanted, seen: int) -> None:
    """Where a whole listing shows fewer than are known, have them read by id: only that tells who was deleted for good."""
    live = models.Record.objects.filter(connection=side.connection, kind=wanted.kind, state=vocabulary.RecordState.LIVE)
    if live.count() > seen:
        models.Hint.objects.bulk_create(
            (
                models.Hint(connection=side.connection, kind=wanted.kind, external_id=one, reason="a listing does not show all")
                for one in live.values_list("external_id", flat=True)
            ),
            batch_size=500,
            ignore_conflicts=True,
        )


def _window(
    *, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, cursor: models.SyncCursor, since: datetime,
    delayed: models.SyncCursor | None,
) -> bool:
    """Read one window to its fixed end; an interrupted one is gone on with, not begun anew.

    Where an index may lag, the same calls look every quarter of an hour at what it may have held back an hour ago: `delayed` keeps when.
    """
    now = side.connector.server_time()
    if cursor.until is None or not cursor.token:
        cursor.until, cursor.token, cursor.seen = now + CLOCK_STEP, "", 0
    until = cursor.until
    due = delayed is not None and (delayed.completed_at is None or lane.ports.now() - delayed.completed_at >= DELAYED_EVERY)
    also = base.Window(since=now - DELAYED_SPAN[0], until=now - DELAYED_SPAN[1]) if due else None

    def finish() -> None:
        cursor.since, cursor.until, cursor.token, cursor.completed_at = until, None, "", lane.ports.now()
        if due and delayed is not None:
            delayed.completed_at = cursor.completed_at
            delayed.save()

    return _pages(
        lane=lane,
        side=side,
        wanted=wanted,
        cursor=cursor,
        finish=finish,
        fetch=lambda token: side.connector.changes(wanted=wanted, window=base.Window(since=since, until=until, also=also), token=token),
    )


def _archived(*, lane: context.Lane, side: context.SideContext, wanted: base.Wanted, cursor: models.SyncCursor) -> bool:
    """Find archived records among those we know: an archived one is evidence, to be read by id."""
    if cursor.completed_at is not None and lane.ports.now() - cursor.completed_at < ARCHIVED_EVERY:
        return True
    while True:
        page = _page(
            lane=lane, cursor=cursor, fetch=lambda token: side.connector.listing(wanted=wanted, token=token, archived=True)
        )
        known = models.Record.objects.filter(
            connection=side.connection, kind=wanted.kind, external_id__among=[r.ref.external_id for r in page.records]
        ).values_list("external_id", flat=True)
        ours = set(known)
        with lane.transaction():
            found = [record for record in page.records if record.ref.external_id in ours]
            observe.take(lane=lane, side=side, wanted=wanted, found=found, strong=True)
            cursor.token = page.next_token or ""
            cursor.completed_at = None if page.next_token else lane.ports.now()
            cursor.save()
        lane.beat()
        if page.next_token is None:
            return True
        if lane.out_of_time:
            return False


def _pages(
    *,
    lane: context.Lane,
    side: context.SideContext,
    wanted: base.Wanted,
    cursor: models.SyncCursor,
    finish: Callable[[], None],
    fetch: Callable[[str | None], base.Page],
) -> bool:
    while True:
        page = _page(lane=lane, cursor=cursor, fetch=fetch)
        with lane.transaction():
            seen = observe.take(lane=lane, side=side, wanted=wanted, found=page.records, strong=False)
            _count(lane, side, seen)
            cursor.token = page.next_token or ""
            cursor.seen += seen.live
            if page.next_token is None:
                finish()
            cursor.save()
        lane.beat()
        if page.next_token is None:
            return True
        if lane.out_of_time:
            return False


def _page(*, lane: context.Lane, cursor: models.SyncCursor, fetch: Callable[[str | None], base.Page]) -> base.Page:
    """One page. A token that is refused is forgotten, so that the next run begins this window anew instead of failing for ever."""
    try:
        return fetch(cursor.token or None)
    except (errors.Rejected, errors.Misconfigured, errors.Gone):
        if cursor.token:
            with lane.transaction():
                models.SyncCursor.objects.filter(pk=cursor.pk).update(token="", until=None)
        raise


def _count(lane: context.Lane, side: context.SideContext, seen: observe.Seen) -> None:
    name = side.side.value.lower()
    lane.count(f"read_{name}", seen.seen)
    lane.count(f"new_{name}", seen.new)
    lane.count(f"changed_{name}", seen.changed)


def _hints(*, lane: context.Lane, side: context.SideContext, wanted: base.Wanted) -> bool:
    """Read by id what was hinted at, a batch at a time."""
    while batch := hints.pending(connection_id=side.connection.pk, kind=wanted.kind):
        _count(lane, side, observe.by_id(lane=lane, side=side, wanted=wanted, ids=[hint.external_id for hint in batch]))
        hints.done(hints=batch)
        if lane.out_of_time:
            return False
    return True
