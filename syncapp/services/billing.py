"""The records behind the figures on deals: one for each deal that has, or had, an invoice in sync.

Owns when they are made anew, from the mirror alone: each run, since a due date passes without any record changing.
What the figures are is for `figures`, what a deal is to show of them for the engine, as with any other record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db.models import F, QuerySet

from syncapp import models
from syncapp.engine import records, values, vocabulary
from syncapp.engine.vocabulary import ObjectPair, OperationStatus, PairState, Reason, RecordState
from syncapp.engine.wording import say
from syncapp.services import associations, context, deal_pairs, figures, mirror, observe, pairs

CHUNK = 500
_LEFT_OUT = (PairState.FROZEN, PairState.TOMBSTONE)
Billed = Mapping[str, Sequence[figures.Invoice]]
"""The invoices by deal."""


def refresh(*, lane: context.Lane) -> observe.Seen:
    """Make the figures of all deals anew, and keep those that changed. Deals whose invoices are gone get figures of nothing."""
    associations.refresh(lane=lane, of=ObjectPair.INVOICE, kind=deal_pairs.INVOICES, other=deal_pairs.DEALS)
    _part_merged(lane=lane)
    billed = _by_deal(lane=lane)
    stored = models.Record.objects.filter(connection=lane.right.connection, kind=deal_pairs.KIND)
    deals = sorted({*billed, *stored.values_list("external_id", flat=True)})
    new = changed = 0
    for chunk in _chunks(deals):
        with lane.transaction():
            found = _moved(lane=lane, deals=chunk, billed=billed)
            seen = observe.take(lane=lane, side=lane.right, wanted=lane.right.main, found=found, strong=True)
        new, changed = new + seen.new, changed + seen.changed
        lane.beat()
    return observe.Seen(seen=len(deals), new=new, changed=changed, live=len(deals))


def _by_deal(*, lane: context.Lane) -> Billed:
    """The mirrored QuickBooks invoices of each deal, by way of the HubSpot invoices that are in sync with them."""
    links: dict[str, list[str]] = defaultdict(list)
    stored = models.RecordLink.objects.filter(
        connection=lane.left.connection, from_kind=deal_pairs.INVOICES, to_kind=deal_pairs.DEALS
    )
    for invoice, deal in stored.values_list("from_id", "to_id"):
        links[invoice].append(deal)
    found: dict[str, list[figures.Invoice]] = defaultdict(list)
    home = lane.right.connection.currency
    for chunk in _chunks(sorted(links)):
        full = _in_sync(lane).filter(left__external_id__in=chunk)
        for left, right, kept in full.values_list("left__external_id", "right__external_id", "right__values"):
            one = figures.invoice(external_id=right, found=mirror.from_json(kept), home=home)
            for deal in links[left]:
                found[deal].append(one)
    return found


def _in_sync(lane: context.Lane) -> QuerySet[models.RecordPair]:
    """The pairs of invoices that are there on both sides and not excluded."""
    sync = models.SyncConfig.objects.filter(
        left_id=lane.config.left_id, right_id=lane.config.right_id, object_pair=ObjectPair.INVOICE
    )
    live = models.RecordPair.objects.filter(config__in=sync, left__state=RecordState.LIVE, right__state=RecordState.LIVE)
    return live.filter(left__kind=deal_pairs.INVOICES, excluded_by_hand=False).exclude(state__in=_LEFT_OUT)


def _moved(*, lane: context.Lane, deals: Sequence[str], billed: Billed) -> list[records.Record]:
    """The figures that are new or differ from what was kept. A deal that is over takes its figures with it."""
    known = {
        row.external_id: row
        for row in models.Record.objects.filter(connection=lane.right.connection, kind=deal_pairs.KIND, external_id__in=deals)
    }
    ended = models.Record.objects.filter(connection=lane.left.connection, kind=deal_pairs.DEALS, external_id__in=deals)
    over = set(ended.exclude(state=RecordState.LIVE).values_list("external_id", flat=True))
    shown = _shown_already(lane=lane, deals=deals)
    now = lane.ports.now()
    today = now.astimezone(values.zone(lane.right.connection.time_zone)).date()
    found = []
    for deal in deals:
        made = _record(deal=deal, invoices=billed.get(deal, ()), known=known.get(deal), over=deal in over, today=today, now=now)
        made = replace(made, values={**made.values, **shown.get(deal, {})})
        if _differs(made, known.get(deal), fields=lane.right.main.fields):
            found.append(made)
    return found


def _shown_already(*, lane: context.Lane, deals: Sequence[str]) -> dict[str, dict[str, records.Value]]:
    """What deals show that were never agreed with their figures, from an earlier sync or another deal that was merged into them.

    They begin with that as their figures, so that the next run changes or clears it as any old figure, and asks nobody.
    """
    paired = models.RecordPair.objects.filter(config=lane.config, left__external_id__in=deals, right__isnull=False)
    agreed = set(paired.exclude(base_left={}).values_list("left__external_id", flat=True))
    ids = [deal for deal in deals if deal not in agreed]
    found = {}
    for row in models.Record.objects.filter(connection=lane.left.connection, kind=deal_pairs.DEALS, external_id__in=ids):
        held = mirror.from_json(row.values)
        alike = [mapping for mapping in lane.rules.mappings if not (mapping.value_map or mapping.transforms)]
        plain = {mapping.right.name: held.get(mapping.left.name) for mapping in alike}
        found[row.external_id] = {name: value for name, value in plain.items() if not values.blank(value)}
    return found


def _record(
    *, deal: str, invoices: Sequence[figures.Invoice], known: models.Record | None, over: bool, today: date, now: datetime
) -> records.Record:
    return records.Record(
        ref=records.RecordRef(kind=deal_pairs.KIND, external_id=deal),
        revision=records.Revision(number=known.revision_number + 1 if known else 1, updated_at=now, token=""),
        values=figures.of_deal(deal=deal, invoices=invoices, today=today),
        state=vocabulary.RecordState.GONE if over else vocabulary.RecordState.LIVE,
        created_at=known.remote_created_at or now if known else now,
        label=figures.label(invoices=invoices),
    )


def _differs(made: records.Record, known: models.Record | None, *, fields: Iterable[str]) -> bool:
    """Whether figures are worth keeping: the fields that are looked at say something new, or the deal ended or came back."""
    if known is None:
        return made.state is RecordState.LIVE
    told = values.fingerprint({name: made.values.get(name) for name in fields})
    return (told, made.state.value) != (known.fingerprint, known.state)


def _part_merged(*, lane: context.Lane) -> None:
    """Deals that were merged in HubSpot need no person: each pair is a deal with its own figures, and those follow the invoices."""
    full = models.RecordPair.objects.filter(config=lane.config, left__isnull=False, right__isnull=False)
    full = full.exclude(operations__status=OperationStatus.SENDING)
    with lane.transaction():
        for pair in full.exclude(left__external_id=F("right__external_id")):
            pairs.supersede(pair=pair, note=say("Its deal was merged with another."), now=lane.ports.now())
            pair.right, pair.state, pair.reason, pair.detail = None, PairState.HALF, Reason.NONE, {}
            pair.base_left, pair.base_right, pair.dirty = {}, {}, True
            pair.save()
        held = full.filter(state=PairState.MERGE_HOLD).values("pk")
        models.RecordPair.objects.filter(pk__in=held).update(
            state=PairState.LINKED, reason=Reason.NONE, detail={}, dirty=True
        )


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))
