"""Brakes: what a run may not do without a person.

Owns the limits' arithmetic. Counts come in, brakes come out.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from syncapp.engine import rules
from syncapp.engine.vocabulary import OperationKind, Side
from syncapp.engine.wording import joined, later, say
from syncapp.engine.words import Word

_WORTH_COMPARING = 10
_TOO_MANY = {
    OperationKind.CREATE: later(
        "This run would create {number} records in {system}. The brake allows {limits}. Look at the preview and approve it, or raise the"
        " limit."
    ),
    OperationKind.UPDATE: later(
        "This run would change {number} records in {system}. The brake allows {limits}. Look at the preview and approve it, or raise the"
        " limit."
    ),
    OperationKind.ARCHIVE: later(
        "This run would archive {number} records in {system}. The brake allows {limits}. Look at the preview and approve it, or raise the"
        " limit."
    ),
}


class BrakeCode(Word):
    """Which limit was passed."""

    TOO_MANY_CREATES = "TOO_MANY_CREATES", "Too many new records"
    TOO_MANY_UPDATES = "TOO_MANY_UPDATES", "Too many changes"
    TOO_MANY_ARCHIVES = "TOO_MANY_ARCHIVES", "Too many records to archive"
    SIDE_EMPTY = "SIDE_EMPTY", "A side is suddenly empty"
    SIDE_SHRUNK = "SIDE_SHRUNK", "A side lost more than half of its records"


@dataclass(frozen=True, kw_only=True)
class Brake:
    """One limit that was passed, on which side, and the sentence that tells a person."""

    code: BrakeCode
    side: Side
    sentence: str


def brakes(
    *, limits: rules.Brakes, counts: Mapping[tuple[Side, OperationKind], int], pairs: int,
    before: Mapping[Side, int], seen: Mapping[Side, int],
) -> tuple[Brake, ...]:
    """Name every limit that a plan passes.

    `counts` are the planned operations, `pairs` all pairs of the config, `before` and `seen` the live records known before
    and after a complete listing (leave a side out that was not listed completely).
    """
    pulled = [brake for side in Side for brake in _emptied(side, before.get(side), seen.get(side))]
    for kind, code, floor, share in (
        (OperationKind.CREATE, BrakeCode.TOO_MANY_CREATES, limits.creates, limits.creates_share),
        (OperationKind.UPDATE, BrakeCode.TOO_MANY_UPDATES, limits.updates, limits.updates_share),
        (OperationKind.ARCHIVE, BrakeCode.TOO_MANY_ARCHIVES, limits.archives, limits.archives_share),
    ):
        for side in Side:
            count = counts.get((side, kind), 0)
            if too_many(count=count, floor=floor, share=share, pairs=pairs):
                pulled.append(Brake(code=code, side=side, sentence=_sentence(count, kind, side, floor, share, pairs)))
    return tuple(pulled)


def too_many(*, count: int, floor: int, share: float, pairs: int) -> bool:
    """Tell whether a count passes the floor and the share both; a limit of 0 is switched off, with both off nothing is too many."""
    if floor <= 0 and share <= 0:
        return False
    return count > max(floor, 0) and (share <= 0 or count > share * pairs)


def _emptied(side: Side, before: int | None, seen: int | None) -> list[Brake]:
    if not before or seen is None:
        return []
    if seen == 0:
        sentence = say(
            "{system} shows no records at all, where there were {before}. Check the connection, then start the run again.",
            system=side.label, before=before,
        )
        return [Brake(code=BrakeCode.SIDE_EMPTY, side=side, sentence=sentence)]
    if before >= _WORTH_COMPARING and seen * 2 < before:
        sentence = say(
            "{system} shows {seen} records, where there were {before}. Check what happened there before going on.",
            system=side.label, seen=seen, before=before,
        )
        return [Brake(code=BrakeCode.SIDE_SHRUNK, side=side, sentence=sentence)]
    return []


def _sentence(count: int, kind: OperationKind, side: Side, floor: int, share: float, pairs: int) -> str:
    limits = [say("{number} at a time", number=floor)] if floor > 0 else []
    limits += [say("{share:.0%} of the {number} pairs", share=share, number=pairs)] if share > 0 else []
    return str(_TOO_MANY[kind]).format(number=count, system=side.label, limits=joined(limits))
