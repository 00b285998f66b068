"""How alike a record and its possible partner are by the fields that their sync maps, ready to show.

Reads the mirror only.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from syncapp import models
from syncapp.engine import likeness, normalize, values
from syncapp.engine.likeness import Alike
from syncapp.engine.vocabulary import FieldType, Side
from syncapp.engine.wording import say
from syncapp.selectors import discretion, words

_COLORS = {Alike.SAME: "success", Alike.CLOSE: "info", Alike.DIFFERENT: "warning"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One field of both records."""

    label: str
    left: str
    right: str
    words: str
    color: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """How alike two records are: a number, one sentence, and the fields."""

    percent: int
    words: str
    lines: Sequence[Line]


def score(*, mappings: Iterable[models.FieldMapping], side: Side, own: models.Record, other: models.Record) -> Score:
    """Compare a record with one on the other `side`, by active mappings of the records' own fields."""
    left, right = (own, other) if side is Side.RIGHT else (other, own)
    compared = [one for one in mappings if one.active and not (one.fallback or one.left_field.associated_kind or one.right_field.refers_to)]
    hidden = {one.left_field.label for one in compared if discretion.hides(one.left_field, one.right_field)}
    found = likeness.compared(pairs=[
        (
            one.left_field.label, normalize.common_type(FieldType(one.left_field.type), FieldType(one.right_field.type)),
            values.from_json(left.values.get(one.left_field.name)), values.from_json(right.values.get(one.right_field.name)),
        )
        for one in compared
    ])
    told = (f"{alike.label}: {', '.join(labels)}" for alike in Alike if (labels := found.labels(alike)))
    return Score(
        percent=found.percent, words="; ".join(told) or say("no field has a value on both sides"),
        lines=[
            Line(
                label=one.label, words=one.alike.label, color=_COLORS[one.alike],
                left=discretion.shown(words.shown(one.left), hidden=one.label in hidden),
                right=discretion.shown(words.shown(one.right), hidden=one.label in hidden),
            )
            for one in found.fields
        ],
    )
