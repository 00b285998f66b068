"""The import of a value map.

Owns which lines a value map is added to or replaced by. Whether values fit their fields is told by `services.mapping_details`.
"""
from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.engine.vocabulary import ImportOutcome, Side
from syncapp.engine.wording import count, later, say
from syncapp.services import configs, import_lines, mapping_details
from syncapp.services.import_lines import Column, Line, Plan, Verdict

LEFT, RIGHT = "hubspot value", "quickbooks value"
COLUMNS = (
    Column(name=LEFT, needed=True, about=later("The value in HubSpot. For a field with a list of choices, the name of one of them.")),
    Column(
        name=RIGHT, needed=True,
        about=later("What it is called in QuickBooks. For a field with a list of choices, the name of one of them."),
    ),
)
ENDS = ((Side.LEFT, LEFT), (Side.RIGHT, RIGHT))
LONGEST = 200
MOST_NAMED = 10

Pair = tuple[str, str]


class _Bad(Exception):
    """A line cannot be carried out; the text says why and what to do."""


def present(*, mapping: models.FieldMapping) -> list[list[str]]:
    """The value map as a file would hold it."""
    return [[_typed(mapping, side, value) for side, value in zip(Side, _pair(row), strict=True)] for row in mapping.values.all()]


def values(*, mapping: models.FieldMapping, lines: Sequence[Line], replaces: bool) -> Plan:
    """Say what would come of a file of values, added to the value map or in its place."""
    there = {_pair(row): row for row in mapping.values.all()}
    bad: dict[int, str] = {}
    wished: dict[int, Pair] = {}
    named: dict[tuple[Side, str], int] = {}
    taken = {} if replaces else {(side, value): pair for pair in there for side, value in zip(Side, pair, strict=True)}
    for line in lines:
        try:
            wished[line.number] = _wished(mapping, line, named, taken)
        except _Bad as wrong:
            bad[line.number] = str(wrong)
    kept = [] if replaces else [pair for pair in there if pair not in wished.values()]
    rows = [models.ValueMapping(mapping=mapping, left_value=left, right_value=right) for left, right in (*kept, *wished.values())]
    found = mapping_details.check(mapping=mapping, steps=list(mapping.transforms.all()), values=rows)
    numbers = list(wished)
    bad |= {numbers[at - len(kept)]: words for at, words in found.values.items() if at >= len(kept)}
    old = [words for at, words in found.values.items() if at < len(kept)]
    gone = [row for pair, row in there.items() if replaces and pair not in wished.values()]
    added = [rows[len(kept) + at] for at, pair in enumerate(wished.values()) if pair not in there]

    def carry_out(actor: AbstractBaseUser | None, now: datetime) -> None:
        configs.begin_change(config=mapping.config, now=now)
        models.ValueMapping.objects.filter(pk__in=[row.pk for row in gone]).delete()
        models.ValueMapping.objects.bulk_create(added, batch_size=500)
        if gone or added:
            configs.save_rules(config=mapping.config, actor=actor, now=now)

    return Plan(
        verdicts=[_verdict(mapping, line.number, bad, wished, there) for line in lines], carry_out=carry_out,
        refusals=[] if bad else [*old, *found.steps.values(), *found.whole],
        notes=_to_be_removed(mapping, gone), told=_removed(mapping, gone),
    )


def _wished(mapping: models.FieldMapping, line: Line, named: dict[tuple[Side, str], int], taken: dict[tuple[Side, str], Pair]) -> Pair:
    """The two values of a line, as they are kept. Raises _Bad."""
    if line.trouble:
        raise _Bad(line.trouble)
    left, right = (_value(mapping, line, side, name) for side, name in ENDS)
    for side, value in zip(Side, (left, right), strict=True):
        if (side, value) in named:
            what = say("The {side} value “{value}”", side=side.label, value=value)
            raise _Bad(import_lines.said_before(what=what, number=named[side, value]))
        if taken.get((side, value), (left, right)) != (left, right):
            raise _Bad(say(
                "The {side} value “{value}” has a partner in the value map already: {pair}. Leave the line out, or choose to replace the"
                " whole value map.", side=side.label, value=value, pair=_named(mapping, taken[side, value]),
            ))
    named |= {(Side.LEFT, left): line.number, (Side.RIGHT, right): line.number}
    return left, right


def _value(mapping: models.FieldMapping, line: Line, side: Side, name: str) -> str:
    text = line.cell(name)
    if not text:
        raise _Bad(say("The column “{column}” is empty. A value needs a partner on each side.", column=name))
    found = mapping_details.typed_as_known(mapping=mapping, side=side, typed=text)
    if len(found) > LONGEST:
        raise _Bad(say("“{text}…” is longer than {most} characters. Shorten it.", text=found[:60], most=LONGEST))
    return found


def _typed(mapping: models.FieldMapping, side: Side, value: str) -> str:
    """A value as it has to be typed: a choice by its name, unless another choice has the same one."""
    name = mapping_details.shown_as_known(mapping=mapping, side=side, value=value)
    return name if mapping_details.typed_as_known(mapping=mapping, side=side, typed=name) == value else value


def _verdict(
    mapping: models.FieldMapping, number: int, bad: dict[int, str], wished: dict[int, Pair], there: dict[Pair, models.ValueMapping]
) -> Verdict:
    if number in bad:
        return Verdict(number=number, outcome=ImportOutcome.WRONG, words=bad[number])
    words = _named(mapping, wished[number])
    if wished[number] in there:
        return Verdict(number=number, outcome=ImportOutcome.SAME, words=say("{pair} is in the value map already.", pair=words))
    return Verdict(number=number, outcome=ImportOutcome.CHANGE, words=say("Add {pair}.", pair=words))


def _to_be_removed(mapping: models.FieldMapping, gone: Sequence[models.ValueMapping]) -> list[str]:
    return [count(
        "{number} value not in the file will be removed from the value map: {values}.",
        "{number} values not in the file will be removed from the value map: {values}.", number=len(gone), values=_listed(mapping, gone),
    )] if gone else []


def _removed(mapping: models.FieldMapping, gone: Sequence[models.ValueMapping]) -> list[str]:
    return [count(
        "{number} value not in the file was removed from the value map: {values}.",
        "{number} values not in the file were removed from the value map: {values}.", number=len(gone), values=_listed(mapping, gone),
    )] if gone else []


def _listed(mapping: models.FieldMapping, rows: Sequence[models.ValueMapping]) -> str:
    listed = ", ".join(_named(mapping, _pair(row)) for row in rows[:MOST_NAMED])
    return listed if len(rows) <= MOST_NAMED else say("{listed} and {number} more", listed=listed, number=len(rows) - MOST_NAMED)


def _named(mapping: models.FieldMapping, pair: Pair) -> str:
    left, right = (
        mapping_details.shown_as_known(mapping=mapping, side=side, value=value) for side, value in zip(Side, pair, strict=True)
    )
    return say("“{left}” ↔ “{right}”", left=left, right=right)


def _pair(row: models.ValueMapping) -> Pair:
    return row.left_value, row.right_value
