"""Try a mapping on a record: what its value becomes on the way to either side, step by step, and what a run would do with it.

Owns the look-up of records to try and the trial. Reads the mirror only and writes nothing anywhere.
"""
from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from syncapp import models
from syncapp.engine import mapping as mappings
from syncapp.engine import merge, plans, records, showing, vocabulary
from syncapp.engine import rules as engine_rules
from syncapp.engine.vocabulary import Direction, RecordState, Side
from syncapp.engine.wording import say
from syncapp.services import defaults, drafts, mirror, name_previews, referrals, rules

MOST = 8


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A value after one step, or where it began."""

    words: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Way:
    """What becomes of a value on its way to one side. `color` marks the verdict; `name` tells what comes of a new record's name."""

    title: str
    record: str
    stages: Sequence[Stage]
    made: str
    holds: str
    verdict: str
    color: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A mapping tried on one pair, in each direction that it flows."""

    pair: models.RecordPair
    ways: Sequence[Way]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What a page for trying shows: the records that were found, and the trial of the one that was chosen."""

    wanted: str
    found: Sequence[models.RecordPair]
    trial: Trial | None


def desk(*, mapping: models.FieldMapping, wanted: str, chosen: str) -> Desk:
    """Find records of the mapping's sync by name or id, and try the mapping on the chosen pair, or on the only one found."""
    pairs = mapping.config.pairs.select_related("left", "right", "config")
    newest = _named(wanted.strip(), mapping).order_by("-pk").values("pk")[:MOST]
    found = list(pairs.filter(pk__in=newest).order_by("-pk"))
    pair = pairs.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdecimal() and len(chosen) < 19 else None
    if pair is None and wanted.strip() and len(found) == 1:
        pair = found[0]
    return Desk(wanted=wanted.strip(), found=found, trial=_tried(mapping, pair) if pair is not None else None)


def _named(wanted: str, mapping: models.FieldMapping) -> QuerySet[models.RecordPair]:
    """Those with that name or id; where nothing is asked for, those that have something to try the mapping on."""
    pairs = mapping.config.pairs.all()
    if not wanted:
        if mapping.direction == Direction.BOTH:
            return pairs
        return pairs.exclude(left=None) if mapping.direction == Direction.TO_RIGHT else pairs.exclude(right=None)
    by_name = Q(left__label__icontains=wanted) | Q(right__label__icontains=wanted)
    return pairs.filter(by_name | Q(left__external_id=wanted) | Q(right__external_id=wanted))


def _tried(mapping: models.FieldMapping, pair: models.RecordPair) -> Trial:
    frozen = rules.freeze(config=mapping.config, draft=drafts.of_mapping(mapping=mapping))
    one = next((known for known in frozen.mappings if known.key == mapping.key), None) or rules.single(row=mapping)
    alone = replace(frozen, mappings=(one,))
    entry = defaults.of(mapping.config.object_pair)
    left = referrals.subject(frozen=alone, config=mapping.config, side=Side.LEFT, row=pair.left, kind=entry.left_kind)
    right = referrals.subject(frozen=alone, config=mapping.config, side=Side.RIGHT, row=pair.right, kind=entry.right_kind)
    ways = [_way(alone, one, side, (left, right), pair) for side in (Side.RIGHT, Side.LEFT) if merge.writable(alone, one, side)]
    return Trial(pair=pair, ways=[way for way in ways if way is not None])


def _way(
    frozen: engine_rules.SyncRules, mapping: engine_rules.Mapping, side: Side, ends: tuple[records.Subject | None, records.Subject | None],
    pair: models.RecordPair,
) -> Way | None:
    """The way to one side; none where there is no record on the other."""
    origin, there = (ends[1], ends[0]) if side is Side.LEFT else ends
    if origin is None:
        return None
    begins = mappings.right_value(mapping, origin) if side is Side.LEFT else mappings.left_value(mapping, origin)
    made, missing = merge.translated(frozen, mapping, side, begins, origin)
    spec, read = (mapping.left, mapping.right) if side is Side.LEFT else (mapping.right, mapping.left)
    verdict, color = (missing[0].sentence, "info") if missing else _verdict(frozen, mapping, side, ends, pair, begins, made)
    return Way(
        title=f"{side.other.label} → {side.label}",
        record=origin.record.label or origin.record.ref.external_id,
        stages=_stages(mapping, side, begins, read.label),
        made=showing.shown(made),
        holds=showing.shown(there.value(spec.name)) if there is not None else say("no record yet"),
        verdict=verdict,
        color=color,
        name=_name(frozen, mapping, pair.config, made) if side is Side.RIGHT and there is None else "",
    )


def _name(frozen: engine_rules.SyncRules, mapping: engine_rules.Mapping, config: models.SyncConfig, made: records.Value) -> str:
    """What comes of a value that is the name of a new QuickBooks record, "" where it is another field."""
    if mapping.right.name != frozen.name_field or not isinstance(made, str) or not made:
        return ""
    return name_previews.told(config=config, frozen=frozen, name=made, longest=mapping.right.max_length)


def _stages(mapping: engine_rules.Mapping, side: Side, begins: records.Value, label: str) -> list[Stage]:
    """The value where it begins, by the value map, and after each step."""
    template = mappings.template(mapping, side)
    field = say("{side} field “{field}”", side=side.other.label, field=label)
    words = say("Put together from {template}", template=template) if template else field
    stages = [Stage(words=words, value=showing.shown(begins))]
    if mapping.value_map:
        translated = mappings.mapped(mapping, side, begins)
        stages.append(Stage(words=say("By the value map"), value=showing.shown(translated)))
    for stage in mappings.stages(mapping, side, begins):
        setting = f": {stage.step.setting}" if stage.step.setting else ""
        stages.append(Stage(words=f"{stage.step.kind.label}{setting}", value=showing.shown(stage.value)))
    return stages


def _verdict(
    frozen: engine_rules.SyncRules, mapping: engine_rules.Mapping, side: Side, ends: tuple[records.Subject | None, records.Subject | None],
    pair: models.RecordPair, begins: records.Value, made: records.Value,
) -> tuple[str, str]:
    """What a run would do with this field, in words, and their color."""
    refused = merge.refusal(mapping=mapping, side=side, value=made, origin=begins)
    left, right = ends
    told = functools.partial(merge.told, mapping, side, begins)
    if refused is not None:
        return say("{side} would refuse it: {reason}", side=side.label, reason=refused.reason.label), "danger"
    if left is None or right is None:
        return told(say("There is no {side} record yet. A new one would get this value.", side=side.label)), "info"
    if not all(end.record.state is RecordState.LIVE for end in (left, right)):
        return say("One of the two records is archived or gone, so nothing is written."), "quiet"
    merged = merge.merge(pair=merge.Pair(frozen, left, right), facts=_facts(pair))
    change = next(iter(merged.writes.get(side, ())), None)
    if change is not None:
        return say("The next run would write “{value}”. {why}", value=showing.shown(change.after), why=change.why), "info"
    if merged.asked:
        return say("Both sides have a value of their own. A person is asked."), "warning"
    if merge.agree(merge.Pair(frozen, left, right), mapping, _values(mapping, left, right)):
        return told(say("Both sides agree. Nothing would be written.")), "success"
    return told(say("It is not what the other side holds, but nothing is to be written this way.")), "quiet"


def _values(mapping: engine_rules.Mapping, left: records.Subject, right: records.Subject) -> tuple[records.Value, records.Value]:
    return mappings.left_value(mapping, left), mappings.right_value(mapping, right)


def _facts(pair: models.RecordPair) -> plans.PairFacts:
    """What is remembered of the pair, without what a person decided."""
    return plans.PairFacts(
        state=vocabulary.PairState(pair.state), base_left=mirror.from_json(pair.base_left), base_right=mirror.from_json(pair.base_right),
        flagged=frozenset(pair.flagged),
    )
