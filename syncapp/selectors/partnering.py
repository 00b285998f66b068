"""Records that a person may choose as the partner of another, and those that are likely to be.

Reads the mirror only. Whether the two can become a pair is said by `services.partners`.
"""
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.vocabulary import ConflictRule, ObjectPair, Side
from syncapp.engine.wording import later, say
from syncapp.selectors import likeness

MOST, LOOKED_AT, LIKELY = 10, 200, 50
"""How many are shown; how many are compared for suggestions; and from how many percent on a record is suggested."""
WANTED, SIDE, SUGGESTED = "partner", "partner_side", "partner_suggested"
_WORD = re.compile(r"\w{3,}")
_KEPT = {
    ConflictRule.LEFT: later("Where both have a value, HubSpot’s is kept."),
    ConflictRule.RIGHT: later("Where both have a value, QuickBooks’ is kept."),
    ConflictRule.NEWEST: later("Where both have a value, the newest is kept."),
    ConflictRule.ASK: later("Where both have a value, you are asked."),
}


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A record that was found, the pair it stands in, what its partner is called ("" where it has none), and how alike it is."""

    record: models.Record
    pair_id: int
    taken: str
    score: likeness.Score


@dataclass(frozen=True, kw_only=True)
class Search:
    """What was looked for on which side, and what was found; `suggested` where likely partners were asked for instead of a name."""

    wanted: str
    suggested: bool
    side: Side
    sides: Sequence[Side]
    found: Sequence[Offered]


def search(*, pair: models.RecordPair, asked: Mapping[str, str], mappings: Sequence[models.FieldMapping]) -> Search | None:
    """Find records by name or id on the side where a pair's partner is to be changed or is missing, or likely ones; the most alike first.

    None where partners are not a person's to choose: an entry on a timeline and a deal's figures belong to what they tell of, and who
    may not see personal values chooses none.
    """
    if masking.applies() or pair.config.object_pair in (ObjectPair.PAYMENT, ObjectPair.DEAL):
        return None
    sides = [side for side in (Side.RIGHT, Side.LEFT) if _end(pair, side.other) is not None]
    side = next((one for one in sides if one.value == asked.get(SIDE)), sides[0])
    wanted = asked.get(WANTED, "").replace("\0", "").strip()
    suggested, own = asked.get(SUGGESTED) == "yes", _end(pair, side.other)
    found: list[Offered] = []
    if own is not None and suggested:
        likely = (one for one in _offered(pair, side, own, mappings, _shares_a_word(side, own), LOOKED_AT) if not one.taken)
        found = [one for one in likely if one.score.percent >= LIKELY]
    elif own is not None and wanted:
        end = side.value.lower()
        named = Q(**{f"{end}__label__icontains": wanted}) | Q(**{f"{end}__external_id": wanted})
        found = _offered(pair, side, own, mappings, named, MOST)
    ordered = sorted(found, key=lambda one: -one.score.percent)[:MOST]
    return Search(wanted=wanted, suggested=suggested, side=side, sides=sides, found=ordered)


def winner(*, config: models.SyncConfig) -> str:
    """Say whose values are kept when two records become a pair."""
    return say("{rule} Mappings may have rules of their own.", rule=_KEPT[ConflictRule(config.conflict_winner)])


def _end(pair: models.RecordPair, side: Side) -> models.Record | None:
    return pair.left if side is Side.LEFT else pair.right


def _shares_a_word(side: Side, own: models.Record) -> Q:
    """Records of a side that share a key or a word of the name with one: those of which some may be the same."""
    end, wished = side.value.lower(), Q(pk__in=[])
    for word in sorted(set(_WORD.findall(own.label)), key=len)[-3:]:
        wished |= Q(**{f"{end}__label__icontains": word})
    for key in {own.key1, own.key2, own.key3} - {""}:
        wished |= Q(**{f"{end}__key1": key}) | Q(**{f"{end}__key2": key}) | Q(**{f"{end}__key3": key})
    return wished


def _offered(
    pair: models.RecordPair, side: Side, own: models.Record, mappings: Sequence[models.FieldMapping], wished: Q, most: int
) -> list[Offered]:
    pairs = models.RecordPair.objects.filter(wished, config_id=pair.config_id).exclude(pk=pair.pk).select_related("left", "right")
    found = []
    for one in pairs.order_by("pk")[:most]:
        record, other = _end(one, side), _end(one, side.other)
        if record is not None:
            score = likeness.score(mappings=mappings, side=side, own=own, other=record)
            found.append(Offered(record=record, pair_id=one.pk, taken=str(other) if other is not None else "", score=score))
    return found
