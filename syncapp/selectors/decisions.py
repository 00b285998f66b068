"""What a list shows beside each pair that waits for a person's word: the possible partners, or what happened to the partner.

Owns that a whole page of pairs costs a constant number of queries.
"""
from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from syncapp import models
from syncapp.engine.vocabulary import PairState, Side
from syncapp.selectors import reasons

Known = dict[tuple[int, Side, str], tuple[models.Record, models.RecordPair]]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What can be decided about one pair."""

    pair: models.RecordPair
    lines: list[str] = field(default_factory=list)
    partners: list[reasons.Mentioned] = field(default_factory=list)

    @property
    def unclear(self) -> bool:
        """Whether it has several possible partners."""
        return self.pair.state == PairState.AMBIGUOUS

    @property
    def merged(self) -> bool:
        """Whether another pair met it in one record, of which one is to be kept."""
        return self.pair.state == PairState.MERGE_HOLD and bool(self.pair.detail.get("survivor"))

    @property
    def orphaned(self) -> bool:
        """Whether one of its records was deleted and the other one is left."""
        return self.pair.state == PairState.ORPHANED

    @property
    def full(self) -> bool:
        """Whether it has two records that can be parted."""
        return self.pair.left_id is not None and self.pair.right_id is not None


def of(*, pairs: Sequence[models.RecordPair]) -> list[Decision]:
    """Say for each pair what can be decided, its possible partners the most alike first. Two queries at most."""
    known = _known(pairs)
    mappings = _mappings(pairs) if known else {}
    return [
        Decision(pair=pair, lines=list(reasons.sentences(pair.detail)), partners=_partners(pair, known, mappings.get(pair.config_id, [])))
        for pair in pairs
    ]


def _partners(pair: models.RecordPair, known: Known, mappings: Sequence[models.FieldMapping]) -> list[reasons.Mentioned]:
    side = _missing(pair)
    found = [
        reasons.mentioned(pair=pair, name=reasons.CANDIDATES, side=side, known=known[at], mappings=mappings)
        for one in _candidates(pair) if (at := (pair.config_id, side, one)) in known
    ]
    return sorted(found, key=reasons.rank)


def _mappings(pairs: Sequence[models.RecordPair]) -> dict[int, list[models.FieldMapping]]:
    """The mappings by which the records of pairs are compared, by sync."""
    found: dict[int, list[models.FieldMapping]] = defaultdict(list)
    wished = models.FieldMapping.objects.filter(config__in={pair.config_id for pair in pairs}, active=True)
    for one in wished.select_related("left_field", "right_field"):
        found[one.config_id].append(one)
    return found


def _known(pairs: Sequence[models.RecordPair]) -> Known:
    """The records that could be partners, each with its own pair; one that has a partner already cannot be linked to."""
    wanted: dict[tuple[int, Side], set[str]] = defaultdict(set)
    for pair in pairs:
        wanted[pair.config_id, _missing(pair)] |= set(_candidates(pair))
    wished = Q(pk__in=[])
    for (config_id, side), ids in wanted.items():
        if ids:
            wished |= Q(**{"config": config_id, f"{side.value.lower()}__external_id__in": ids})
    found = {}
    for other in models.RecordPair.objects.filter(wished).select_related("left", "right") if any(wanted.values()) else ():
        for side, record in ((Side.LEFT, other.left), (Side.RIGHT, other.right)):
            if record is not None and record.external_id in wanted.get((other.config_id, side), ()):
                found[other.config_id, side, record.external_id] = (record, other)
    return found


def _missing(pair: models.RecordPair) -> Side:
    """The side on which a pair has no record yet."""
    return Side.RIGHT if pair.left_id is not None else Side.LEFT


def _candidates(pair: models.RecordPair) -> list[str]:
    return [str(one) for one in pair.detail.get("candidates") or ()]
