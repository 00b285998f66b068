"""Associations that a person makes in HubSpot without any record changing: an invoice that is put to a deal.

Owns the bulk look at them. A record's own time does not tell, so each run asks anew; a thousand records take one call.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from syncapp import models
from syncapp.engine.vocabulary import ObjectPair, RecordState
from syncapp.services import context, links, observe

CHUNK = 1000


def refresh(*, lane: context.Lane, of: ObjectPair, kind: str, other: str) -> set[str]:
    """Ask what the HubSpot records of a kind that have a partner are associated with. Returns those whose associations changed.

    What looks at their partners in QuickBooks is planned anew, in every sync: another one will not see the change again.
    """
    changed: set[str] = set()
    for ids in _chunks(_paired(lane=lane, of=of, kind=kind)):
        now = lane.left.connector.associated(kind=kind, other=other, ids=ids)
        with lane.transaction():
            found = {one: {other: now.get(one, ())} for one in ids}
            moved = links.replace(connection=lane.left.connection, kind=kind, others=[other], found=found)
            _tell(lane=lane, of=of, kind=kind, ids={link.from_id for link in moved})
        changed |= {link.from_id for link in moved}
        lane.beat()
    return changed


def _tell(*, lane: context.Lane, of: ObjectPair, kind: str, ids: set[str]) -> None:
    pairs = models.RecordPair.objects.filter(config=_sync(lane, of), left__kind=kind, left__external_id__in=ids, right__isnull=False)
    partners: dict[str, list[str]] = defaultdict(list)
    for partner_kind, partner in pairs.values_list("right__kind", "right__external_id") if ids else ():
        partners[partner_kind].append(partner)
    for partner_kind, found in partners.items():
        observe.seen_anew(side=lane.right, kind=partner_kind, ids=found)


def _sync(lane: context.Lane, of: ObjectPair) -> models.SyncConfig | None:
    return models.SyncConfig.objects.filter(left_id=lane.config.left_id, right_id=lane.config.right_id, object_pair=of).first()


def _paired(*, lane: context.Lane, of: ObjectPair, kind: str) -> list[str]:
    full = models.RecordPair.objects.filter(config=_sync(lane, of), left__kind=kind, left__state=RecordState.LIVE, right__isnull=False)
    return list(full.order_by("pk").values_list("left__external_id", flat=True))


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))
