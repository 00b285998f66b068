"""Records that a person may choose as the partner of another.

Reads the mirror only. Whether the two can become a pair is said by `services.partners`.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, ObjectPair, Side
from syncapp.engine.wording import later, say

MOST = 10
WANTED, SIDE = "partner", "partner_side"
_KEPT = {
    ConflictRule.LEFT: later("Where both have a value, HubSpot’s is kept."),
    ConflictRule.RIGHT: later("Where both have a value, QuickBooks’ is kept."),
    ConflictRule.NEWEST: later("Where both have a value, the newest is kept."),
    ConflictRule.ASK: later("Where both have a value, you are asked."),
}


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A record that was found, the pair it stands in, and what its partner is called, "" where it has none."""

    record: models.Record
    pair_id: int
    taken: str


@dataclass(frozen=True, kw_only=True)
class Search:
    """What was looked for on which side, and what was found."""

    wanted: str
    side: Side
    sides: Sequence[Side]
    found: Sequence[Offered]


def search(*, pair: models.RecordPair, asked: Mapping[str, str]) -> Search | None:
    """Find records by name or id on the side where a pair's partner is to be changed, or is missing.

    None where partners are not a person's to choose: an entry on a timeline and a deal's figures belong to what they tell of.
    """
    if pair.config.object_pair in (ObjectPair.PAYMENT, ObjectPair.DEAL):
        return None
    sides = [side for side in (Side.RIGHT, Side.LEFT) if _end(pair, side.other) is not None]
    side = next((one for one in sides if one.value == asked.get(SIDE)), sides[0])
    wanted = asked.get(WANTED, "").replace("\0", "").strip()
    return Search(wanted=wanted, side=side, sides=sides, found=_found(pair, side, wanted) if wanted else ())


def winner(*, config: models.SyncConfig) -> str:
    """Say whose values are kept when two records become a pair."""
    return say("{rule} Mappings may have rules of their own.", rule=_KEPT[ConflictRule(config.conflict_winner)])


def _end(pair: models.RecordPair, side: Side) -> models.Record | None:
    return pair.left if side is Side.LEFT else pair.right


def _found(pair: models.RecordPair, side: Side, wanted: str) -> list[Offered]:
    end = "left" if side is Side.LEFT else "right"
    named = Q(**{f"{end}__label__icontains": wanted}) | Q(**{f"{end}__external_id": wanted})
    pairs = models.RecordPair.objects.filter(named, config_id=pair.config_id).exclude(pk=pair.pk).select_related("left", "right")
    found = []
    for one in pairs.order_by("pk")[:MOST]:
        record, other = _end(one, side), _end(one, side.other)
        if record is not None:
            found.append(Offered(record=record, pair_id=one.pk, taken=str(other) if other is not None else ""))
    return found
