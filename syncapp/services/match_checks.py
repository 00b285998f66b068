"""Whether the records of a sync can find each other: the fields to match by are there, and can be the same.

Owns these checks only; the others are in `config_checks`. Changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from syncapp import models
from syncapp.engine import schema, vocabulary
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import say
from syncapp.services import defaults


def found(*, config: models.SyncConfig, known: Mapping[Side, Mapping[str, models.VendorField]]) -> Iterator[tuple[str, str]]:
    """Name each setting by which records cannot find each other, with the sentence that says why."""
    if config.match_mode == vocabulary.MatchMode.NONE:
        return
    if config.match_mode == vocabulary.MatchMode.DEFAULT:
        for key in defaults.of(config.object_pair).match_keys:
            for side, name in ((Side.LEFT, key.left), (Side.RIGHT, key.right)):
                if name not in known[side]:
                    yield "match_mode", say(
                        "The {side} account has no field “{field}” to match by. Refresh its fields, or choose other fields.",
                        side=side.label, field=name,
                    )
        return
    ends = {Side.LEFT: config.match_left, Side.RIGHT: config.match_right}
    for side, chosen in ends.items():
        name = f"match_{side.value.lower()}"
        if chosen is None:
            yield name, say("Choose the {side} field to match by, or match by the usual key.", side=side.label)
        elif known[side].get(chosen.name) != chosen:
            yield name, unknown(side, chosen)
        elif chosen.associated_kind:
            words = say("“{field}” belongs to another record. Choose a field of the record itself to match by.", field=chosen.label)
            yield name, words
    left, right = ends[Side.LEFT], ends[Side.RIGHT]
    if left is not None and right is not None and not _comparable(left, right):
        yield "match_right", say(
            "“{left}” ({left_type}) and “{right}” ({right_type}) can never be the same. Choose fields of one type.",
            left=left.label, left_type=_type(left), right=right.label, right_type=_type(right),
        )


def unknown(side: Side, chosen: models.VendorField) -> str:
    """Say that an account does not have a chosen field."""
    return say(
        "The {side} account of this sync has no field “{field}” ({name}). Refresh its fields, or choose another field.",
        side=side.label, field=chosen.label, name=chosen.name,
    )


def _comparable(left: models.VendorField, right: models.VendorField) -> bool:
    ends = vocabulary.FieldType(left.type), vocabulary.FieldType(right.type)
    if {vocabulary.FieldType.REFERENCE, vocabulary.FieldType.LINES} & set(ends):
        return False
    return schema.carries(origin=ends[0], into=ends[1]) or schema.carries(origin=ends[1], into=ends[0])


def _type(chosen: models.VendorField) -> str:
    return vocabulary.FieldType(chosen.type).label.lower()
