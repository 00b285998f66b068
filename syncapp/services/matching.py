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
from syncapp.engine.wording import say
from syncapp.services import barrier, context, mirror, pairs

CHUNK = 500
_OPEN_TO_MATCH = [
    vocabulary.PairState.HALF,
    vocabulary.PairState.FROZEN,
    vocabulary.PairState.FAILED,
    vocabulary.PairState.CREATING,
    vocabulary.PairState.AMBIGUOUS,
    vocabulary.PairState.TOMBSTONE,
]


@dataclass(frozen=True, kw_only=True)
class _Known:
    """What a chunk's keys find: pairs by match key and its normalized value, on the other side and on the own side.

    `eligible` are those of the own side that share a key with others and could get a partner of their own. `claims` are such
    pairs of the own side by the strongest key of what a weaker one found on the other side.
    """

    others: Mapping[str, list[models.RecordPair]]
    own: Mapping[str, list[models.RecordPair]]
    eligible: set[int]
    claims: Mapping[str, set[int]]


def everything(*, lane: context.Lane) -> bool:
    """Match all half pairs that changed, and again those that were ambiguous. False when time ran out."""
    for side in (lane.left, lane.right):
        _take_back(lane=lane, side=side)
    for side in (lane.left, lane.right):
        after = 0
        while True:
            try:
                with lane.transaction():
                    chunk = _waiting(lane=lane, side=side, after=after)
                    if chunk:
                        _match(lane=lane, side=side, chunk=chunk)
            except pairs.Meanwhile:
                continue  # a person joined or parted one of them between looking and joining: they are looked at anew
            if not chunk:
                break
            after = chunk[-1].pk
            lane.beat()
            if lane.out_of_time:
                return False
    return True


def _take_back(*, lane: context.Lane, side: context.SideContext) -> None:
    """Take back creates for records of this side that were never sent, where something about their key has changed on the other side.

    What appeared or changed there since they were planned may be the partner, or make it unsure who that is: both are matched anew.
    """
    end, there = ("left", "right") if side.side is vocabulary.Side.LEFT else ("right", "left")
    other = lane.side(side.side.other)
    waiting = models.RecordPair.objects.filter(
        config=lane.config, state=vocabulary.PairState.CREATING, dirty=False, alone=False,
        operations__status__in=[vocabulary.OperationStatus.PLANNED, vocabulary.OperationStatus.READY],
        operations__attempts=0, operations__undoes__isnull=True, **{f"{end}__isnull": False},
    ).order_by("pk")
    after = 0
    while chunk := list(waiting.filter(pk__gt=after).values_list("pk", *(f"{end}__{slot}" for slot in side.slots))[:CHUNK]):
        after = chunk[-1][0]
        overtaken: set[int] = set()
        for number, slot in enumerate(other.slots, start=1):
            wished = {found[number] for found in chunk} - {""}
            live = {**other.main_records, f"{there}__{slot}__among": wished, f"{there}__state": vocabulary.RecordState.LIVE}
            moved = models.RecordPair.objects.filter(config=lane.config, dirty=True, **live)
            keys = set(moved.values_list(f"{there}__{slot}", flat=True))
            overtaken |= {found[0] for found in chunk if found[number] in keys}
        if overtaken:
            with lane.transaction():
                note = say("A record with the same key has appeared or changed; it is matched anew.")
                pairs.supersede_all(pair_ids=sorted(overtaken), note=note, now=lane.ports.now())
                models.RecordPair.objects.filter(pk__among=overtaken).update(dirty=True)
            lane.count("superseded", len(overtaken))


def _waiting(*, lane: context.Lane, side: context.SideContext, after: int) -> list[models.RecordPair]:
    """Half pairs of a side. Inside an open create nothing is matched: its answer decides."""
    left = side.side is vocabulary.Side.LEFT
    due = Q(dirty=True) | ~Q(rules_revision=lane.rules.revision) | Q(state=vocabulary.PairState.AMBIGUOUS)
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
    held_back = barrier.of(lane=lane, side=side)
    other_slots = lane.side(side.side.other).slots
    joined: set[int] = set()
    couples: list[tuple[models.RecordPair, models.RecordPair]] = []
    unsure: list[tuple[models.RecordPair, engine.Ambiguous | engine.Hold]] = []
    for pair in chunk:
        row = _row(pair, side.side)
        if pair.pk in joined or held_back.holds(row):
            continue
        decision = engine.decide(
            mode=lane.rules.match_mode,
            external_id=row.external_id,
            key_required=lane.rules.key_required,
            keys=[
                _hits(side=side, other_slots=other_slots, pair=pair, number=number, known=known, joined=joined)
                for number in range(len(side.slots))
            ],
        )
        if isinstance(decision, engine.Link):
            couples.append(_couple(side=side, pair=pair, external_id=decision.external_id, known=known))
            joined |= {one.pk for one in couples[-1]}
        elif isinstance(decision, engine.Ambiguous | engine.Hold):
            unsure.append((pair, decision))
        else:
            _let_go(lane=lane, pair=pair)
    if couples:
        pairs.join_all(couples=couples, note=say("A partner was found."), now=lane.ports.now())
        lane.count("linked", len(couples))
    eligible = _eligible(lane=lane, side=side, candidates=[pair for pair, _ in unsure])
    for pair, decision in unsure:
        if pair.pk in eligible:
            _hold(lane=lane, pair=pair, decision=decision)


def _row(pair: models.RecordPair, side: vocabulary.Side) -> models.Record:
    row = pair.left if side is vocabulary.Side.LEFT else pair.right
    assert row is not None  # noqa: S101 - the query asked for this side's record
    return row


def _known(*, lane: context.Lane, side: context.SideContext, chunk: Sequence[models.RecordPair]) -> _Known:
    """Who has one of these keys on the other side, and who on this one."""
    rows = [_row(pair, side.side) for pair in chunk]
    wished = [{key for row in rows if (key := getattr(row, slot))} for slot in side.slots]

    def by_key(there: context.SideContext, read: Sequence[models.RecordPair]) -> dict[str, list[models.RecordPair]]:
        end = "left" if there.side is vocabulary.Side.LEFT else "right"
        found: dict[str, list[models.RecordPair]] = defaultdict(list)
        query = Q(pk__in=[])
        for slot, keys in zip(there.slots, wished, strict=True):
            query |= Q(**{f"{end}__{slot}__among": keys})
        others = models.RecordPair.objects.filter(query, config=lane.config, **there.main_records)
        others = others.exclude(pk__among=[pair.pk for pair in read])
        for pair in sorted([*read, *others.select_related("left", "right")], key=lambda pair: pair.pk):
            for number, slot in enumerate(there.slots):
                if key := getattr(_row(pair, there.side), slot):
                    found[f"{number}:{key}"].append(pair)
        return found

    own, others = by_key(side, chunk), by_key(lane.side(side.side.other), ())
    shared = {pair.pk: pair for pairs_of_key in own.values() if len(pairs_of_key) > 1 for pair in pairs_of_key}
    eligible = _eligible(lane=lane, side=side, candidates=list(shared.values()))
    return _Known(own=own, others=others, eligible=eligible, claims=_claims(lane=lane, side=side, others=others))


def _claims(*, lane: context.Lane, side: context.SideContext, others: Mapping[str, Sequence[models.RecordPair]]) -> dict[str, set[int]]:
    """Who on this side belongs, by the strongest key, to something that a weaker key found."""
    there = lane.side(side.side.other)
    found = [pair for key, pairs_of_key in others.items() if not key.startswith("0:") for pair in pairs_of_key if not _full(pair)]
    wished = {getattr(_row(pair, there.side), there.slots[0]) for pair in found} - {""}
    if not wished:
        return {}
    own, other = ("left", "right") if side.side is vocabulary.Side.LEFT else ("right", "left")
    half = {**side.main_records, f"{own}__{side.slots[0]}__among": wished, f"{own}__state": vocabulary.RecordState.LIVE, other: None}
    claimants = list(models.RecordPair.objects.filter(config=lane.config, **half).select_related("left", "right").order_by("pk"))
    eligible = _eligible(lane=lane, side=side, candidates=claimants)
    claims: dict[str, set[int]] = defaultdict(set)
    for pair in claimants:
        if pair.pk in eligible:
            claims[getattr(_row(pair, side.side), side.slots[0])].add(pair.pk)
    return claims


def _hits(
    *, side: context.SideContext, other_slots: Sequence[str], pair: models.RecordPair, number: int, known: _Known, joined: set[int]
) -> engine.KeyHits:
    """What one match key finds. Who was excluded by hand is nobody's partner and nobody's rival."""
    key = getattr(_row(pair, side.side), side.slots[number])
    if not key:
        return engine.KeyHits(value=None)
    there = side.side.other
    strongest = getattr(_row(pair, side.side), side.slots[0])
    candidates = tuple(
        engine.Candidate(
            external_id=row.external_id,
            paired=_full(found) or found.pk in joined,
            live=row.state == vocabulary.RecordState.LIVE,
            promised=number > 0 and bool(known.claims.get(theirs, set()) - {pair.pk}),
            differs=number > 0 and "" != theirs != strongest != "",
        )
        for found in known.others.get(f"{number}:{key}", ())
        for row in [_row(found, there)]
        for theirs in [getattr(row, other_slots[0])]
        if _full(found) or not (found.excluded_by_hand or found.alone)
    )
    twins = tuple(
        engine.Twin(
            external_id=row.external_id,
            paired=_full(found) or found.pk in joined,
            creating=found.state == vocabulary.PairState.CREATING,
            live=row.state == vocabulary.RecordState.LIVE,
            eligible=found.pk in known.eligible,
        )
        for found in known.own.get(f"{number}:{key}", ())
        for row in [_row(found, side.side)]
        if found.pk != pair.pk and (_full(found) or not found.excluded_by_hand)
    )
    return engine.KeyHits(value=key, candidates=candidates, twins=twins)


def _full(pair: models.RecordPair) -> bool:
    return pair.left_id is not None and pair.right_id is not None


def _eligible(*, lane: context.Lane, side: context.SideContext, candidates: Sequence[models.RecordPair]) -> set[int]:
    """Those that could get a partner of their own: in scope and not excluded by hand."""
    free = [pair for pair in candidates if not pair.excluded_by_hand]
    if not free:
        return set()
    groups = lane.rules.left_filters if side.side is vocabulary.Side.LEFT else lane.rules.right_filters
    subjects = mirror.subjects(side=side, rows=[_row(pair, side.side) for pair in free])
    return {
        pair.pk
        for pair in free
        if filters.evaluate(
            groups=groups, subject=subjects[_row(pair, side.side).pk], now=lane.ports.now(), time_zone=lane.rules.time_zone
        ).passes
    }


def _couple(
    *, side: context.SideContext, pair: models.RecordPair, external_id: str, known: _Known
) -> tuple[models.RecordPair, models.RecordPair]:
    """A half pair and the one that has its partner, the left one first."""
    row = _row(pair, side.side)
    found = (one for number, slot in enumerate(side.slots) for one in known.others.get(f"{number}:{getattr(row, slot)}", ()))
    partner = next(one for one in found if _row(one, side.side.other).external_id == external_id)
    return (pair, partner) if side.side is vocabulary.Side.LEFT else (partner, pair)


def _let_go(*, lane: context.Lane, pair: models.RecordPair) -> None:
    """Nobody stands in the way any more, so the planner decides. A name that is taken is another matter, unless something changed."""
    changed = pair.dirty or pair.rules_revision != lane.rules.revision
    if pair.state == vocabulary.PairState.AMBIGUOUS and (changed or pair.reason != vocabulary.Reason.NAME_TAKEN):
        pair.state, pair.reason, pair.detail, pair.dirty = vocabulary.PairState.HALF, vocabulary.Reason.NONE, {}, True
        pair.save(update_fields=["state", "reason", "detail", "dirty"])


def _hold(*, lane: context.Lane, pair: models.RecordPair, decision: engine.Ambiguous | engine.Hold) -> None:
    ids = decision.external_ids if isinstance(decision, engine.Ambiguous) else (decision.external_id,)
    twins = decision.twins if isinstance(decision, engine.Ambiguous) else ()
    detail = {"candidates": list(ids), "twins": list(twins)}
    known = pair.state == vocabulary.PairState.AMBIGUOUS and pair.reason == decision.reason and pair.detail == detail
    if known and not pair.dirty and pair.rules_revision == lane.rules.revision:
        return
    pairs.supersede(pair=pair, note=say("It is no longer sure who its partner is."), now=lane.ports.now())
    pair.state, pair.reason, pair.detail = vocabulary.PairState.AMBIGUOUS, decision.reason, detail
    pair.dirty, pair.rules_revision = False, lane.rules.revision
    pair.save(update_fields=["state", "reason", "detail", "dirty", "rules_revision"])
    lane.count("ambiguous")
