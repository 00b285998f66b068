"""Find partners for records that have none.

Owns the queries behind `engine.matching` and carries out its decisions. Creates nothing at a vendor.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from syncapp import models
from syncapp.engine import filters, vocabulary
from syncapp.engine import matching as engine
from syncapp.services import context, mirror, pairs

CHUNK = 500
_OPEN_TO_MATCH = [
    vocabulary.PairState.HALF,
    vocabulary.PairState.FROZEN,
    vocabulary.PairState.FAILED,
    vocabulary.PairState.CREATING,
    vocabulary.PairState.AMBIGUOUS,
]
_SLOTS = ("key1", "key2")


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What a chunk's keys find: pairs by normalized key, on the other side and on the own side.

    `claims` are pairs of the own side by the stronger key of what was found by the weaker one on the other side.
    """

    others: Mapping[str, list[models.RecordPair]]
    own: Mapping[str, list[models.RecordPair]]
    claims: Mapping[str, list[models.RecordPair]]


def everything(*, lane: context.Lane, again: bool) -> bool:
    """Match all half pairs that changed; with `again` also those that were ambiguous. False when time ran out."""
    for side in (lane.left, lane.right):
        after = 0
        while True:
            with lane.transaction():
                chunk = _waiting(lane=lane, side=side, after=after, again=again)
                if chunk:
                    _match(lane=lane, side=side, chunk=chunk)
            if not chunk:
                break
            after = chunk[-1].pk
            lane.beat()
            if lane.out_of_time:
                return False
    return True


def _waiting(*, lane: context.Lane, side: context.SideContext, after: int, again: bool) -> list[models.RecordPair]:
    """Half pairs of a side. Inside an open create nothing is matched: its answer decides."""
    left = side.side is vocabulary.Side.LEFT
    due = Q(dirty=True) | ~Q(rules_revision=lane.rules.revision)
    if again:
        due |= Q(state=vocabulary.PairState.AMBIGUOUS)
    rows = models.RecordPair.objects.filter(
        due, config=lane.config, pk__gt=after, state__in=_OPEN_TO_MATCH, excluded_by_hand=False, alone=False
    )
    rows = (
        rows.filter(right__isnull=True, left__state=vocabulary.RecordState.LIVE)
        if left
        else rows.filter(left__isnull=True, right__state=vocabulary.RecordState.LIVE)
    )
    return list(rows.exclude(operations__status=vocabulary.OperationStatus.SENDING).select_related("left", "right").order_by("pk")[:CHUNK])


def _match(*, lane: context.Lane, side: context.SideContext, chunk: Sequence[models.RecordPair]) -> None:
    known = _known(lane=lane, side=side, chunk=chunk)
    barred = _barred(lane=lane, side=side)
    joined: set[int] = set()
    for pair in chunk:
        row = _row(pair, side.side)
        if pair.pk in joined or (barred and barred & {row.key1, row.key2}):
            continue
        decision = engine.decide(
            mode=lane.rules.match_mode,
            external_id=row.external_id,
            key_required=lane.rules.key_required,
            keys=[_hits(lane=lane, side=side, pair=pair, slot=slot, known=known, joined=joined) for slot in _SLOTS[: len(side.key_fields)]],
        )
        joined |= _carry_out(lane=lane, side=side, pair=pair, decision=decision, known=known)


def _row(pair: models.RecordPair, side: vocabulary.Side) -> models.Record:
    row = pair.left if side is vocabulary.Side.LEFT else pair.right
    assert row is not None  # noqa: S101 - the query asked for this side's record
    return row


def _known(*, lane: context.Lane, side: context.SideContext, chunk: Sequence[models.RecordPair]) -> _Known:
    """A few queries: who has one of these keys on the other side, who on this one, and who here has a stronger claim."""
    wished = {key for pair in chunk for key in (_row(pair, side.side).key1, _row(pair, side.side).key2) if key}

    def by_key(end: str) -> dict[str, list[models.RecordPair]]:
        found: dict[str, list[models.RecordPair]] = defaultdict(list)
        query = Q(**{f"{end}__key1__in": wished}) | Q(**{f"{end}__key2__in": wished})
        for pair in models.RecordPair.objects.filter(query, config=lane.config).select_related("left", "right").order_by("pk"):
            row = pair.left if end == "left" else pair.right
            assert row is not None  # noqa: S101 - found by this end
            for slot, key in (("key1", row.key1), ("key2", row.key2)):
                if key:
                    found[f"{slot}:{key}"].append(pair)
        return found

    own, other = ("left", "right") if side.side is vocabulary.Side.LEFT else ("right", "left")
    others = by_key(other)
    return _Known(own=by_key(own), others=others, claims=_claims(lane=lane, side=side, others=others, own=own))


def _claims(
    *, lane: context.Lane, side: context.SideContext, others: Mapping[str, Sequence[models.RecordPair]], own: str
) -> dict[str, list[models.RecordPair]]:
    weak, strong = _SLOTS[1], _SLOTS[0]
    found = [pair for key, pairs_of_key in others.items() if key.startswith(f"{weak}:") for pair in pairs_of_key if not _full(pair)]
    wished = {_row(pair, side.side.other).key1 for pair in found} - {""}
    if not wished:
        return {}
    claims: dict[str, list[models.RecordPair]] = defaultdict(list)
    half = {f"{own}__{strong}__in": wished, f"{own}__state": vocabulary.RecordState.LIVE, "left" if own == "right" else "right": None}
    for pair in models.RecordPair.objects.filter(config=lane.config, **half).select_related("left", "right"):
        claims[_row(pair, side.side).key1].append(pair)
    return claims


def _barred(*, lane: context.Lane, side: context.SideContext) -> set[str]:
    """Keys of records for which a create on this side is on its way: a stranger with one of them may be that very record."""
    open_creates = models.Operation.objects.filter(
        Q(status=vocabulary.OperationStatus.SENDING) | Q(status=vocabulary.OperationStatus.READY, attempts__gt=0),
        config=lane.config,
        side=side.side,
        kind=vocabulary.OperationKind.CREATE,
    ).select_related("pair__left", "pair__right")
    keys: set[str] = set()
    for operation in open_creates:
        origin = operation.pair.right if side.side is vocabulary.Side.LEFT else operation.pair.left
        if origin is not None:
            keys |= {origin.key1, origin.key2}
    return keys - {""}


def _hits(
    *, lane: context.Lane, side: context.SideContext, pair: models.RecordPair, slot: str, known: _Known, joined: set[int]
) -> engine.KeyHits:
    own = _row(pair, side.side)
    key = getattr(own, slot)
    if not key:
        return engine.KeyHits(value=None)
    other = side.side.other
    candidates = tuple(
        engine.Candidate(
            external_id=row.external_id,
            paired=_full(found) or found.pk in joined,
            live=row.state == vocabulary.RecordState.LIVE,
            promised=slot != _SLOTS[0] and _promised(lane=lane, side=side, pair=pair, stronger=row.key1, known=known),
            differs=slot != _SLOTS[0] and "" != row.key1 != own.key1 != "",
        )
        for found in known.others.get(f"{slot}:{key}", ())
        for row in [_row(found, other)]
        if _full(found) or not (found.excluded_by_hand or found.alone)
    )
    rivals = [found for found in known.own.get(f"{slot}:{key}", ()) if found.pk != pair.pk]
    eligible = _eligible(lane=lane, side=side, rivals=rivals)
    twins = tuple(
        engine.Twin(
            external_id=row.external_id,
            paired=_full(found) or found.pk in joined,
            creating=found.state == vocabulary.PairState.CREATING and not _full(found),
            live=row.state == vocabulary.RecordState.LIVE,
            eligible=found.pk in eligible,
        )
        for found in rivals
        for row in [_row(found, side.side)]
    )
    return engine.KeyHits(value=key, candidates=candidates, twins=twins)


def _promised(*, lane: context.Lane, side: context.SideContext, pair: models.RecordPair, stronger: str, known: _Known) -> bool:
    """Whether a candidate found by the weaker key belongs, by the stronger one, to another record of the own side."""
    claims = [found for found in known.claims.get(stronger, ()) if found.pk != pair.pk]
    return bool(_eligible(lane=lane, side=side, rivals=claims))


def _full(pair: models.RecordPair) -> bool:
    return pair.left_id is not None and pair.right_id is not None


def _eligible(*, lane: context.Lane, side: context.SideContext, rivals: Sequence[models.RecordPair]) -> set[int]:
    """Those of the same side that could get a partner of their own: in scope and not excluded by hand."""
    free = [rival for rival in rivals if not rival.excluded_by_hand]
    if not free:
        return set()
    groups = lane.rules.left_filters if side.side is vocabulary.Side.LEFT else lane.rules.right_filters
    subjects = mirror.subjects(side=side, rows=[_row(rival, side.side) for rival in free])
    return {
        rival.pk
        for rival in free
        if filters.evaluate(
            groups=groups, subject=subjects[_row(rival, side.side).pk], now=lane.ports.now(), time_zone=lane.rules.time_zone
        ).passes
    }


def _carry_out(
    *, lane: context.Lane, side: context.SideContext, pair: models.RecordPair, decision: engine.Decision, known: _Known
) -> set[int]:
    """Join, hold or leave to the planner. Returns the pairs that are used up."""
    if isinstance(decision, engine.Link):
        partner = next(
            found
            for pairs_of_key in known.others.values()
            for found in pairs_of_key
            if _row(found, side.side.other).external_id == decision.external_id
        )
        left, right = (pair, partner) if side.side is vocabulary.Side.LEFT else (partner, pair)
        used = {left.pk, right.pk}
        pairs.join(left=left, right=right, now=lane.ports.now())
        lane.count("linked")
        return used
    if isinstance(decision, engine.Ambiguous | engine.Hold):
        if pair.pk in _eligible(lane=lane, side=side, rivals=[pair]):
            _hold(lane=lane, pair=pair, decision=decision)
        return set()
    if pair.state == vocabulary.PairState.AMBIGUOUS and pair.reason != vocabulary.Reason.NAME_TAKEN:
        pair.state, pair.reason, pair.detail, pair.dirty = vocabulary.PairState.HALF, vocabulary.Reason.NONE, {}, True
        pair.save(update_fields=["state", "reason", "detail", "dirty"])
    return set()


def _hold(*, lane: context.Lane, pair: models.RecordPair, decision: engine.Ambiguous | engine.Hold) -> None:
    pairs.supersede(pair=pair, note="It is no longer sure who its partner is.", now=lane.ports.now())
    ids = decision.external_ids if isinstance(decision, engine.Ambiguous) else (decision.external_id,)
    twins = decision.twins if isinstance(decision, engine.Ambiguous) else ()
    pair.state, pair.reason = vocabulary.PairState.AMBIGUOUS, decision.reason
    pair.detail = {"candidates": list(ids), "twins": list(twins)}
    pair.dirty, pair.rules_revision = False, lane.rules.revision
    pair.save(update_fields=["state", "reason", "detail", "dirty", "rules_revision"])
    lane.count("ambiguous")
