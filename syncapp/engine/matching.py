"""Who is whose partner: the decision for one record that has none yet.

Owns the rules of matching. Candidates and twins are fetched by the services with a few queries; nothing is fetched here.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncapp.engine.vocabulary import MatchMode, Reason


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A record of the other side that has the key: whether it already has a partner (or one being created), and whether it is live.

    `promised`: another record of this side has the same value in a stronger key, so it is that one's. `differs`: both have a
    value in a stronger key, and not the same one.
    """

    external_id: str
    paired: bool = False
    live: bool = True
    promised: bool = False
    differs: bool = False


@dataclass(frozen=True, kw_only=True)
class Twin:
    """Another record of the same side that has the key.

    `paired`: it has a partner. `creating`: its partner is being created, so a record that appears with the key may be that one.
    `live`: not archived, deleted or merged. `eligible`: it could get a partner itself (in scope, not excluded by hand).
    """

    external_id: str
    paired: bool = False
    creating: bool = False
    live: bool = True
    eligible: bool = True


@dataclass(frozen=True, kw_only=True)
class KeyHits:
    """What one match key finds for the record, the strongest key first. `value` is the normalized key, None where it has none."""

    value: str | None
    candidates: tuple[Candidate, ...] = ()
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Link:
    """The record and this one are the same."""

    external_id: str


@dataclass(frozen=True, kw_only=True)
class Create:
    """It has no partner; one may be created, if direction, filters and the sync allow it."""


@dataclass(frozen=True, kw_only=True)
class Ambiguous:
    """A person has to choose. `external_ids` are the possible partners, `twins` those of the same side that want them too."""

    external_ids: tuple[str, ...]
    reason: Reason
    twins: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Hold:
    """Nothing may be linked or created while this record stands in the way (on the side that `reason` tells)."""

    external_id: str
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Exclude:
    """It cannot be matched at all."""

    reason: Reason


Decision = Link | Create | Ambiguous | Hold | Exclude


def decide(
    *, mode: MatchMode, external_id: str, keys: Sequence[KeyHits], by_our_key: Sequence[Candidate] = (), key_required: bool = True,
) -> Decision:
    """Decide for one live record without a partner.

    `by_our_key` are records of the other side that carry the key of this record's pair: made by us, so they come first, whatever
    the mode. After that the strongest key that finds anything decides alone; a weaker one finds nobody who has a partner and
    differs in a stronger one, for that is merely a namesake. Twins are never both created: where several
    records of this side have one key, only the first of them gets a partner, and only if nobody with that key has one.
    """
    if by_our_key:
        return _among(by_our_key, twins=())
    if mode is MatchMode.NONE:
        return Create()
    known = [hits for hits in keys if hits.value is not None]
    if not known:
        return Exclude(reason=Reason.NO_KEY) if key_required else Create()
    for hits in known:
        candidates = [one for one in hits.candidates if not (one.paired and one.differs)]
        if candidates:
            return _among(candidates, twins=hits.twins)
    return _alone(external_id, known[0].twins)


def _among(candidates: Sequence[Candidate], twins: Sequence[Twin]) -> Decision:
    """Several may have the key, one may be free, and nobody's partner may be on its way: only then is it a link."""
    awaited = next((twin.external_id for twin in twins if twin.creating), None)
    if awaited:
        return Hold(external_id=awaited, reason=Reason.SAME_KEY_TWICE)
    free = [candidate.external_id for candidate in candidates if candidate.live and not candidate.paired and not candidate.promised]
    rivals = tuple(twin.external_id for twin in twins if twin.live and not twin.paired)
    if len(free) > 1:
        return Ambiguous(external_ids=tuple(free), reason=Reason.SEVERAL_CANDIDATES, twins=rivals)
    if free and rivals:
        return Ambiguous(external_ids=tuple(free), reason=Reason.SAME_KEY_TWICE, twins=rivals)
    if free:
        return Link(external_id=free[0])
    taken = next((candidate for candidate in candidates if candidate.paired or candidate.promised), None)
    if taken:
        return Hold(external_id=taken.external_id, reason=Reason.CANDIDATE_TAKEN)
    return Hold(external_id=candidates[0].external_id, reason=Reason.CANDIDATE_INACTIVE)


def _alone(external_id: str, twins: Sequence[Twin]) -> Decision:
    """Nobody on the other side has the key: the first of this side's records with it may have a partner created."""
    served = next((twin for twin in twins if twin.paired or twin.creating), None)
    if served:
        return Hold(external_id=served.external_id, reason=Reason.SAME_KEY_TWICE)
    earlier = [twin.external_id for twin in twins if twin.live and twin.eligible and _place(twin.external_id) < _place(external_id)]
    return Hold(external_id=min(earlier, key=_place), reason=Reason.SAME_KEY_TWICE) if earlier else Create()


def _place(external_id: str) -> tuple[int, str]:
    """Vendors count upwards: the shorter, then the smaller id is the older record."""
    return len(external_id), external_id
