"""Imports about records: manual links, and exclusions.

Owns which records a line names and whether it can be done. Joining and excluding are the business of `services.pairs`.
"""
from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.engine.vocabulary import ImportOutcome, ObjectPair, OperationStatus, RecordState, Side
from syncapp.engine.wording import later, say
from syncapp.services import defaults, import_lines, pairs
from syncapp.services.import_lines import Column, Line, Plan, Verdict

LEFT, RIGHT, EXCLUDED = "hubspot id", "quickbooks id", "excluded"
ENDS = ((Side.LEFT, LEFT), (Side.RIGHT, RIGHT))
LINK_COLUMNS = (
    Column(name=LEFT, about=later("The id of the HubSpot record, as it stands in its address there."), needed=True),
    Column(name=RIGHT, about=later("The id of the QuickBooks record that is its partner."), needed=True),
)
EXCLUSION_COLUMNS = (
    Column(name=LEFT, about=later("The id of the HubSpot record. One of the two ids is enough; with both, they have to be partners.")),
    Column(name=RIGHT, about=later("The id of the QuickBooks record.")),
    Column(name=EXCLUDED, about=later("“yes” leaves the record out, “no” takes it in again. Empty, or no such column: yes.")),
)
CHUNK = 500
_T = TypeVar("_T")
_SHORTENED = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_NOT_LIVE = {
    RecordState.ARCHIVED: later(
        "{side} record “{record}” is archived or inactive. Restore it there and run the sync, or leave the line out."
    ),
    RecordState.GONE: later("{side} record “{record}” was deleted. Leave the line out."),
    RecordState.MERGED: later("{side} record “{record}” was merged into another record. Name that one."),
}


class _Bad(Exception):
    """A line cannot be carried out; the text says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class _Known:
    """The pairs of a sync that a file names, by side and id, and those of which a write is on its way."""

    pairs: Mapping[tuple[Side, str], models.RecordPair]
    sending: frozenset[int]

    def pair(self, side: Side, external_id: str) -> models.RecordPair:
        """The pair that has the record. Raises _Bad for one that the sync does not know."""
        found = self.pairs.get((side, external_id))
        if found is not None:
            return found
        if _SHORTENED.fullmatch(external_id):
            raise _Bad(say(
                "“{text}” is what a spreadsheet made of a long number, not an id. Format the column as Text, then enter the id.",
                text=external_id,
            ))
        raise _Bad(say(
            "This sync knows no {side} record “{id}”. Correct the id, or run the sync so that it reads the record.",
            side=side.label, id=external_id,
        ))


@dataclass(kw_only=True)
class _Links:
    """What the lines seen so far come to."""

    verdicts: list[Verdict] = field(default_factory=list)
    couples: list[tuple[models.RecordPair, models.RecordPair]] = field(default_factory=list)
    named: dict[tuple[Side, str], int] = field(default_factory=dict)


def links(*, config: models.SyncConfig, lines: Sequence[Line]) -> Plan:
    """Say what would come of a file of manual links."""
    if defaults.of(config.object_pair).made_here:
        label = ObjectPair(config.object_pair).label
        words = say("The pairs of “{objects}” are made by this program. They cannot be linked by hand.", objects=label)
        return Plan(verdicts=(), carry_out=_nothing, refusals=(words,))
    known, so_far = _known(config, lines), _Links()
    for line in lines:
        try:
            outcome, words = _link(line, known, so_far)
        except _Bad as bad:
            outcome, words = ImportOutcome.WRONG, str(bad)
        so_far.verdicts.append(Verdict(number=line.number, outcome=outcome, words=words))

    def carry_out(actor: AbstractBaseUser | None, now: datetime) -> None:
        pairs.join_all(couples=so_far.couples, note=say("A partner was named in a file."), now=now)

    return Plan(verdicts=so_far.verdicts, carry_out=carry_out)


def _link(line: Line, known: _Known, so_far: _Links) -> tuple[ImportOutcome, str]:
    ids = _ids(line)
    for side, name in ENDS:
        if side not in ids:
            raise _Bad(say("The column “{column}” is empty. A link needs both ids.", column=name))
    _once(line, ids, so_far.named)
    left, right = (known.pair(side, ids[side]) for side in Side)
    if left.pk == right.pk:
        return ImportOutcome.SAME, say("“{left}” and “{right}” are partners already.", left=left.left, right=right.right)
    for side, pair in ((Side.LEFT, left), (Side.RIGHT, right)):
        _free(side, pair, known)
    so_far.couples.append((left, right))
    words = say(
        "Link “{left}” ({left_id}) with “{right}” ({right_id}).",
        left=left.left, left_id=ids[Side.LEFT], right=right.right, right_id=ids[Side.RIGHT],
    )
    taken_in = [say("What was excluded of it is taken in again.")] if left.excluded_by_hand or right.excluded_by_hand else []
    return ImportOutcome.CHANGE, " ".join([words, *taken_in])


def _free(side: Side, pair: models.RecordPair, known: _Known) -> None:
    """Refuse a record that has a partner, that a write is on its way to, or that is not there any more."""
    record, partner = (pair.left, pair.right) if side is Side.LEFT else (pair.right, pair.left)
    if partner is not None:
        raise _Bad(say(
            "{side} record “{record}” has another partner: “{partner}” ({id}). Unlink the two on their page first.",
            side=side.label, record=record, partner=partner, id=partner.external_id,
        ))
    if record is not None and record.state != RecordState.LIVE:
        raise _Bad(_NOT_LIVE[RecordState(record.state)].format(side=side.label, record=record))
    if pair.pk in known.sending:
        words = say("A write for {side} record “{record}” is on its way. Wait until the run has ended.", side=side.label, record=record)
        raise _Bad(words)


def exclusions(*, config: models.SyncConfig, lines: Sequence[Line]) -> Plan:
    """Say what would come of a file of exclusions."""
    known = _known(config, lines)
    wished: dict[bool, list[int]] = {True: [], False: []}
    named: dict[int, int] = {}
    verdicts = []
    for line in lines:
        try:
            pair, excluded = _exclusion(line, known, named)
        except (_Bad, import_lines.Misread) as bad:
            verdicts.append(Verdict(number=line.number, outcome=ImportOutcome.WRONG, words=str(bad)))
            continue
        if pair.excluded_by_hand == excluded:
            same = say("“{pair}” is excluded by hand already.") if excluded else say("“{pair}” is not excluded by hand.")
            verdicts.append(Verdict(number=line.number, outcome=ImportOutcome.SAME, words=same.format(pair=pair)))
        else:
            wished[excluded].append(pair.pk)
            words = say("Exclude “{pair}”.", pair=pair) if excluded else say("Take “{pair}” in again.", pair=pair)
            verdicts.append(Verdict(number=line.number, outcome=ImportOutcome.CHANGE, words=words))

    def carry_out(actor: AbstractBaseUser | None, now: datetime) -> None:
        for excluded, found in wished.items():
            pairs.exclude_all(pair_ids=found, excluded=excluded, now=now)

    return Plan(verdicts=verdicts, carry_out=carry_out)


def _exclusion(line: Line, known: _Known, named: dict[int, int]) -> tuple[models.RecordPair, bool]:
    ids = _ids(line)
    if not ids:
        raise _Bad(say("Neither “{left}” nor “{right}” is filled in. Name the record by one of them.", left=LEFT, right=RIGHT))
    excluded = import_lines.yes_or_no(line=line, column=EXCLUDED)
    found = [known.pair(side, external_id) for side, external_id in ids.items()]
    if len({pair.pk for pair in found}) > 1:
        raise _Bad(say(
            "HubSpot record “{left}” and QuickBooks record “{right}” are not partners. Name one of them a line.",
            left=found[0].left, right=found[1].right,
        ))
    pair = found[0]
    if pair.pk in named:
        raise _Bad(import_lines.said_before(what=say("“{text}”", text=pair), number=named[pair.pk]))
    named[pair.pk] = line.number
    return pair, excluded is not False


def _ids(line: Line) -> dict[Side, str]:
    """The ids that a line names. Raises _Bad where its cells are not to be trusted."""
    if line.trouble:
        raise _Bad(line.trouble)
    return {side: line.cell(name) for side, name in ENDS if line.cell(name)}


def _once(line: Line, ids: Mapping[Side, str], named: dict[tuple[Side, str], int]) -> None:
    """Refuse a record that an earlier line names."""
    for end in ids.items():
        if end in named:
            what = say("{side} record “{id}”", side=end[0].label, id=end[1])
            raise _Bad(import_lines.said_before(what=what, number=named[end]))
    named |= dict.fromkeys(ids.items(), line.number)


def _known(config: models.SyncConfig, lines: Sequence[Line]) -> _Known:
    found: dict[tuple[Side, str], models.RecordPair] = {}
    for side, name in ENDS:
        for ids in _chunks(sorted({line.cell(name) for line in lines} - {""})):
            for pair in _pairs(config, side, ids):
                record = pair.left if side is Side.LEFT else pair.right
                if record is not None:
                    found[side, record.external_id] = pair
    sending: set[int] = set()
    for keys in _chunks(sorted({pair.pk for pair in found.values()})):
        operations = models.Operation.objects.filter(pair_id__in=keys, status=OperationStatus.SENDING)
        sending.update(operations.values_list("pair_id", flat=True))
    return _Known(pairs=found, sending=frozenset(sending))


def _pairs(config: models.SyncConfig, side: Side, ids: Sequence[str]) -> Iterator[models.RecordPair]:
    kinds = defaults.of(config.object_pair)
    end, kind = ("left", kinds.left_kind) if side is Side.LEFT else ("right", kinds.right_kind)
    shown = (f"{name}__{fact}" for name in ("left", "right") for fact in ("external_id", "label", "kind", "state"))
    found = models.RecordPair.objects.filter(config=config, **{f"{end}__kind": kind, f"{end}__external_id__in": ids})
    yield from found.select_related("left", "right").only("config_id", "left_id", "right_id", "excluded_by_hand", *shown)


def _chunks(found: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(found), CHUNK):
        yield found[start : start + CHUNK]


def _nothing(actor: AbstractBaseUser | None, now: datetime) -> None:
    """Do nothing: there is nothing that could be done."""
