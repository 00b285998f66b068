"""Try filters, saved or not, on the records that were read already: how many they let in, and why the others stay out.

Owns the trial and its bounds. Reads the mirror only and writes nothing anywhere; a field that was not read yet is said, not guessed at.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncapp import models
from syncapp.connectors import factory
from syncapp.engine import filters, kinds, records, schema
from syncapp.engine import rules as engine_rules
from syncapp.engine.vocabulary import Direction, RecordState, Side
from syncapp.engine.wording import later, say
from syncapp.selectors import words
from syncapp.services import config_checks, configs, defaults, drafts, mirror, needs, reading, rules

MOST = 20_000
"""Records of a side that are looked at, the newest ones, so that a page answers soon."""
CHUNK = 1000
SHOWN = 10
Groups = Sequence[tuple[models.FilterGroup, Sequence[models.FilterRule]]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One record with its pair in the sync, where it has one, and the conditions that keep it out."""

    record: models.Record
    pair_id: int | None = None
    reasons: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class SideTrial:
    """What the filters of one side do. `obstacles` say why nothing was counted, `unread` counts the records that cannot be judged yet."""

    title: str
    obstacles: Sequence[str] = ()
    total: int = 0
    looked_at: int = 0
    let_in: int = 0
    left_out: int = 0
    unread: int = 0
    examples_in: Sequence[Example] = ()
    examples_out: Sequence[Example] = ()

    @property
    def judged(self) -> bool:
        """Whether there is anything to count."""
        return not self.obstacles and self.unread < self.looked_at

    @property
    def capped(self) -> bool:
        """Whether there are more records than were looked at."""
        return self.looked_at < self.total


@dataclass(kw_only=True)
class _Tally:
    let_in: int = 0
    left_out: int = 0
    unread: int = 0
    shown_in: list[models.Record] = field(default_factory=list)
    shown_out: list[tuple[models.Record, list[str]]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a test came to: what is wrong with the filters, or what they do on each side."""

    problems: Sequence[config_checks.Problem] = ()
    sides: Sequence[SideTrial] = ()


def tried(*, config: models.SyncConfig, groups: Groups | None, now: datetime, most: int = MOST) -> Outcome:
    """Try filters on each side of a sync, the saved ones where `groups` is None. What is tried may be unsaved, and stays so.

    Filters that could not be saved are not tried; the problems are those that saving would name.
    """
    if groups is None:
        groups = drafts.groups(config=config)
    problems = configs.check_filters(config=config, groups=groups)
    return Outcome(problems=problems) if problems else Outcome(
        sides=[_side(config, side, _frozen(groups, side), now, most) for side in Side]
    )


def _frozen(groups: Groups, side: Side) -> tuple[engine_rules.FilterGroup, ...]:
    return tuple(
        engine_rules.FilterGroup(name=group.name, rules=tuple(map(rules.filter_rule, conditions)))
        for group, conditions in groups if group.side == side and conditions
    )


def _side(config: models.SyncConfig, side: Side, groups: tuple[engine_rules.FilterGroup, ...], now: datetime, most: int) -> SideTrial:
    entry = defaults.of(config.object_pair)
    left = side is Side.LEFT
    connection_id, kind = (config.left_id, entry.left_kind) if left else (config.right_id, entry.right_kind)
    title = say("{side} {records}", side=side.label, records=kinds.several(kind))
    if not Direction(config.direction).allows(side.other):
        words = say("Nothing flows from {side} in this sync, so these filters are not asked.", side=side.label)
        return SideTrial(title=title, obstacles=[words])
    rows = models.Record.objects.filter(connection=connection_id, kind=kind, state=RecordState.LIVE)
    total = rows.count()
    unread = say("No {records} have been read yet. {remedy}", records=title, remedy=_REMEDY)
    obstacles = list(_obstacles(connection_id, kind, groups)) if total else [unread]
    if obstacles:
        return SideTrial(title=title, obstacles=obstacles, total=total)
    tally = _Tally()
    for chunk in _chunks(connection_id, kind, most):
        _count(tally, chunk, connection_id, kind, groups, now, config.left.time_zone)
    pairs = _pairs(config, side, [*tally.shown_in, *(row for row, _ in tally.shown_out)])
    return SideTrial(
        title=title, total=total, looked_at=min(total, most), let_in=tally.let_in, left_out=tally.left_out, unread=tally.unread,
        examples_in=[Example(record=row, pair_id=pairs.get(row.pk)) for row in tally.shown_in],
        examples_out=[Example(record=row, pair_id=pairs.get(row.pk), reasons=why) for row, why in tally.shown_out],
    )


_REMEDY = later("Save the page and press Preview now, which only reads. Then test again.")


def _obstacles(connection_id: int, kind: str, groups: Sequence[engine_rules.FilterGroup]) -> Iterator[str]:
    """What the mirror cannot answer for any record: associations and histories that were not read, fields that no record holds."""
    asked = [rule for group in groups for rule in group.rules]
    composed = defaults.composed(kind=kind)
    for label in sorted({rule.field.label for rule in asked if rule.field.name in composed}):
        yield say("“{field}” is put together during a run, so a condition on it cannot be tested here.", field=label)
    for other in sorted({rule.field.associated_kind for rule in asked if rule.field.associated_kind}):
        if not _linked(connection_id, kind, other):
            records_there = kinds.several(other)
            yield say("The {records} of these records are read at the next run or preview. {remedy}", records=records_there, remedy=_REMEDY)
    for spec in {rule.field.name: rule.field for rule in asked if rule.operator in schema.ABOUT_THE_PAST}.values():
        owner, name = needs.owned(main=kind, name=spec.name)
        history = needs.of(connection_id=connection_id).wanted(kind=owner).history
        if name not in history or not reading.is_current(connection_id=connection_id, kind=owner):
            yield say("What “{field}” held before is read at the next run or preview. {remedy}", field=spec.label, remedy=_REMEDY)


def _linked(connection_id: int, kind: str, other: str) -> bool:
    """Whether it was read, and is kept up, which records of another kind are associated with these."""
    if (kind, other) not in needs.of(connection_id=connection_id).looks:
        return False
    if all(reading.is_current(connection_id=connection_id, kind=one) for one in (kind, other)):
        return True
    ends = {"from_kind": kind, "to_kind": other} if factory.names(kind=kind, other=other) else {"from_kind": other, "to_kind": kind}
    whole = models.SyncCursor.objects.filter(connection=connection_id, kind__in=(kind, other), stream="listing", completed_at__isnull=False)
    return whole.count() == len({kind, other}) and models.RecordLink.objects.filter(connection=connection_id, **ends).exists()


def _chunks(connection_id: int, kind: str, most: int) -> Iterator[list[models.Record]]:
    """The newest records, a chunk at a time."""
    rows = models.Record.objects.filter(connection=connection_id, kind=kind, state=RecordState.LIVE)
    rows = rows.order_by("-pk")
    left, before = most, None
    while left > 0:
        found = list((rows if before is None else rows.filter(pk__lt=before))[:min(CHUNK, left)])
        if not found:
            return
        yield found
        left, before = left - len(found), found[-1].pk


def _count(
    tally: _Tally, chunk: Sequence[models.Record], connection_id: int, kind: str, groups: tuple[engine_rules.FilterGroup, ...],
    now: datetime, time_zone: str,
) -> None:
    names = {name for group in groups for rule in group.rules for name in needs.asked(rule=rule)}
    owned = {needs.owned(main=kind, name=name) for name in names}
    others = sorted({owner for owner, _ in owned} - {kind})
    subjects = mirror.gathered(connection_id=connection_id, kind=kind, kinds=others, rows=chunk)
    for row in chunk:
        subject = subjects[row.pk]
        if not _is_read(subject, kind, owned):
            tally.unread += 1
            continue
        verdict = filters.evaluate(groups=groups, subject=subject, now=now, time_zone=time_zone)
        if verdict.passes:
            tally.let_in += 1
            if len(tally.shown_in) < SHOWN:
                tally.shown_in.append(row)
        else:
            tally.left_out += 1
            if len(tally.shown_out) < SHOWN:
                tally.shown_out.append((row, [words.readable(failed.sentence) for failed in verdict.failing]))


def _is_read(subject: records.Subject, kind: str, owned: set[tuple[str, str]]) -> bool:
    """Whether the mirror holds every field that is asked for, of the record and of those associated with it."""
    return all(
        name in found
        for owner, name in owned
        for found in ([subject.record.values] if owner == kind else subject.related.get(owner, ()))
    )


def _pairs(config: models.SyncConfig, side: Side, rows: Sequence[models.Record]) -> Mapping[int, int]:
    """The pairs of these records in the sync, by the record."""
    end = "left_id" if side is Side.LEFT else "right_id"
    known = models.RecordPair.objects.filter(config=config, **{f"{end}__in": [row.pk for row in rows]})
    return dict(known.values_list(end, "pk"))
