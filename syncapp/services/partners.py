"""A person's word about who is whose partner.

Owns the verbs that leave the states which wait for a person: link, create a partner all the same, keep one of two pairs.
Nothing is written at a vendor here; the next run plans from it.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import vocabulary
from syncapp.engine.wording import say
from syncapp.services import care, defaults, pairs


class NotPossible(Exception):
    """It cannot be done as things stand; the text says why and what to do instead."""


def link(*, pair: models.RecordPair, external_id: str, now: datetime) -> models.RecordPair:
    """Make one pair of a record without a partner and the record of the other side that a person names. Raises NotPossible."""
    if pair.left_id is not None and pair.right_id is not None:
        raise NotPossible(say("This record has a partner already. Unlink the two first."))
    left = pair.right_id is None
    kinds = defaults.of(pair.config.object_pair)
    other = (
        models.RecordPair.objects.select_related("left", "right")
        .filter(config_id=pair.config_id)
        .filter(
            **{
                "right__external_id" if left else "left__external_id": external_id,
                "right__kind" if left else "left__kind": kinds.right_kind if left else kinds.left_kind,
            }
        )
        .first()
    )
    if other is None:
        raise NotPossible(say(
            "There is no record {id} on the other side that this sync knows. Run the sync, then try again.", id=external_id
        ))
    if other.left_id is not None and other.right_id is not None:
        raise NotPossible(say("That record is the partner of another already ({other}). Unlink those two first.", other=other))
    kept, dissolved = (pair, other) if left else (other, pair)
    try:
        with transaction.atomic():
            care.carry(dissolved=dissolved, kept=kept)
            return pairs.join(left=kept, right=dissolved, now=now)
    except pairs.Meanwhile as error:
        raise NotPossible(say("One of the two was joined or parted at the same moment. Open the page again and look.")) from error


def relink(*, pair: models.RecordPair, side: vocabulary.Side, external_id: str, now: datetime) -> models.RecordPair:
    """Give a record the partner on `side` that a person names, instead of the one it has if it has one. All or nothing.

    The former partner is excluded until a person says otherwise. Raises NotPossible.
    """
    keeper, former = (pair.left_id, pair.right_id) if side is vocabulary.Side.RIGHT else (pair.right_id, pair.left_id)
    if keeper is None:
        raise NotPossible(say("There is no {side} record here that could get a partner.", side=side.other.label))
    if former is None:
        return link(pair=pair, external_id=external_id, now=now)
    own = "left" if side is vocabulary.Side.RIGHT else "right"
    with transaction.atomic():
        pairs.unlink(pair=pair, now=now)
        half = models.RecordPair.objects.select_related("config", "left", "right").get(config_id=pair.config_id, **{f"{own}_id": keeper})
        return link(pair=half, external_id=external_id, now=now)


def alone(*, pair: models.RecordPair, now: datetime) -> None:
    """Say that none of the possible partners is the same: the record gets a partner of its own. Raises NotPossible."""
    if pair.state != vocabulary.PairState.AMBIGUOUS:
        raise NotPossible(say("Nothing is unclear about this record's partner."))
    with transaction.atomic():
        pairs.supersede(pair=pair, note=say("A person said that it has no partner yet."), now=now)
        models.RecordPair.objects.filter(pk=pair.pk).update(
            alone=True, state=vocabulary.PairState.HALF, reason=vocabulary.Reason.NONE, detail={}, dirty=True
        )


def archive(*, pair: models.RecordPair) -> None:
    """Have the record archived whose partner was deleted, as it stands now: one that is changed before the next run stays.

    Raises NotPossible.
    """
    side, left_over = _left_over(pair)
    if not vocabulary.Direction(pair.config.direction).allows(side):
        raise NotPossible(say("This sync does not write to {side}. Archive the record there, or unlink the two.", side=side.label))
    connection = pair.config.left if side is vocabulary.Side.LEFT else pair.config.right
    if not factory.archives(system=vocabulary.System(connection.system), kind=left_over.kind):
        raise NotPossible(say(
            "Records of this kind are never archived from here. Delete it, or make it void, in {side}; or unlink the two.", side=side.label
        ))
    models.RecordPair.objects.filter(pk=pair.pk).update(archive_wanted=left_over.revision_number, excluded_by_hand=False, dirty=True)


def _left_over(pair: models.RecordPair) -> tuple[vocabulary.Side, models.Record]:
    """The record of a pair whose partner was deleted, and its side."""
    ends = ((vocabulary.Side.LEFT, pair.left), (vocabulary.Side.RIGHT, pair.right))
    alive = [(side, row) for side, row in ends if row is not None and row.state == vocabulary.RecordState.LIVE]
    if pair.state != vocabulary.PairState.ORPHANED or len(alive) != 1:
        raise NotPossible(say("No deletion waits for a decision here. Look at the pair again."))
    return alive[0]


def keep(*, pair: models.RecordPair, now: datetime) -> None:
    """Of two pairs whose records were merged, keep this one's partner; the other's is left out until a person says more.

    Raises NotPossible.
    """
    end, survivor, rival = _merged(pair)
    with transaction.atomic():
        for one in (pair, rival):
            pairs.supersede(pair=one, note=say("A person decided about the merged records."), now=now)
        setattr(rival, end, None)
        rival.base_left, rival.base_right = {}, {}
        rival.state, rival.reason = vocabulary.PairState.FROZEN, vocabulary.Reason.BY_HAND
        rival.excluded_by_hand, rival.detail, rival.dirty = True, {}, False
        rival.save()
        setattr(pair, end, survivor)
        pair.base_left, pair.base_right = {}, {}
        pair.state, pair.reason, pair.detail, pair.dirty = vocabulary.PairState.LINKED, vocabulary.Reason.NONE, {}, True
        pair.save()


def _merged(pair: models.RecordPair) -> tuple[str, models.Record, models.RecordPair]:
    """The end at which the merge was, the record that is left of it, and the other pair that met this one there."""
    survivor_id = pair.detail.get("survivor")
    if pair.state != vocabulary.PairState.MERGE_HOLD or not survivor_id:
        raise NotPossible(say("No merge waits for a decision here."))
    held = models.RecordPair.objects.select_related("left", "right").filter(
        config_id=pair.config_id, state=vocabulary.PairState.MERGE_HOLD, detail__survivor=survivor_id
    )
    rival = held.exclude(pk=pair.pk).first()
    for end in ("left", "right"):
        for one in (pair, rival):
            row = getattr(one, end) if one is not None else None
            if rival is not None and row is not None and row.external_id == survivor_id:
                return end, row, rival
    raise NotPossible(say("The other pair of this merge is gone. Unlink the two records, or retry."))
