"""On which deals a payment has its place: those with which its invoices are associated in HubSpot.

Owns the way there, and which payments are to be looked at again because of what a person associated or another payment changed.
"""
from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, PairState, Reason, RecordState
from syncapp.services import associations, context, referrals

PAYMENTS, INVOICE = "payments", "invoice"
INVOICES, DEALS = "invoices", "deals"


def deals(*, lane: context.Lane, invoices: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Tell the deals of QuickBooks invoices by their ids; none for an invoice that is excluded or not in HubSpot."""
    shown = _shown(lane).filter(right__external_id__in=list(invoices)).values_list("right__external_id", flat=True)
    return referrals.beyond(config=lane.config, wanted=(DEALS, INVOICE), ids=list(shown))


def look_again(*, lane: context.Lane) -> None:
    """Ask HubSpot what a person associated since, and have those payments planned anew that it concerns."""
    associations.refresh(lane=lane, of=ObjectPair.INVOICE, kind=INVOICES, other=DEALS)
    left, right = lane.left.connection, lane.right.connection
    on_deals = models.RecordLink.objects.filter(connection=left, from_kind=INVOICES, to_kind=DEALS).values("from_id")
    placed = _shown(lane).filter(left__external_id__in=on_deals).values("right__external_id")
    paying = models.RecordLink.objects.filter(connection=right, from_kind=PAYMENTS, to_kind=INVOICE, to_id__in=placed).values("from_id")
    with lane.transaction():
        _pairs(lane).filter(reason=Reason.NO_PLACE, right__external_id__in=paying).update(dirty=True)


def look_beside(*, lane: context.Lane) -> None:
    """Have the other payments of the same invoices planned with those that are to be planned: what remained after them may change."""
    links = models.RecordLink.objects.filter(connection=lane.right.connection, from_kind=PAYMENTS, to_kind=INVOICE)
    changed = models.RecordPair.objects.filter(config=lane.config, right__kind=PAYMENTS, dirty=True).values("right__external_id")
    beside = links.filter(to_id__in=links.filter(from_id__in=changed).values("to_id")).values("from_id")
    with lane.transaction():
        _pairs(lane).filter(right__external_id__in=beside).update(dirty=True)


def _pairs(lane: context.Lane) -> QuerySet[models.RecordPair]:
    """The pairs of payments that are not waiting to be planned."""
    return models.RecordPair.objects.filter(config=lane.config, right__kind=PAYMENTS, dirty=False)


def _shown(lane: context.Lane) -> QuerySet[models.RecordPair]:
    """The invoices that HubSpot has and that nobody and no filter excluded."""
    sync = referrals.sibling(config=lane.config, pair=ObjectPair.INVOICE)
    found = models.RecordPair.objects.filter(config=sync, left__state=RecordState.LIVE, right__kind=INVOICE)
    return found.exclude(state__in=[PairState.FROZEN, PairState.TOMBSTONE])
