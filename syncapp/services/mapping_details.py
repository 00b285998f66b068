"""The steps and the value map of one mapping, checked before they are saved.

Owns the checks of a mapping's own page, on rows that may not be saved yet. Changes nothing.
"""
from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from syncapp import models
from syncapp.engine import transform_checks
from syncapp.engine.vocabulary import Direction, Side
from syncapp.engine.wording import say
from syncapp.services import config_checks, defaults, drafts


@dataclass(frozen=True, kw_only=True)
class Found:
    """What is wrong: with a step by its place, with a line of the value map by its place, and with the mapping as a whole."""

    steps: Mapping[int, str] = field(default_factory=dict)
    values: Mapping[int, str] = field(default_factory=dict)
    whole: Sequence[str] = ()

    @property
    def sentences(self) -> list[str]:
        """All of it."""
        return [*self.steps.values(), *self.values.values(), *self.whole]


@dataclass(frozen=True, kw_only=True)
class Place:
    """A field that a text may be put together from, as it is typed."""

    label: str
    typed: str


def check(*, mapping: models.FieldMapping, steps: Sequence[models.Transform], values: Sequence[models.ValueMapping]) -> Found:
    """Check a mapping with the steps and values it is to have, in their order."""
    frozen, saved = [drafts.transform(row=step) for step in steps], drafts.saved(config=mapping.config)
    left, right = defaults.described(field=mapping.left_field), defaults.described(field=mapping.right_field)
    names = {side: set(fields) for side, fields in saved.known.items()}
    unfit = transform_checks.step_problems(
        left=left, right=right, direction=Direction(mapping.direction), steps=frozen, names=names,
    )
    by_step = {one.place: one.words for one in unfit}
    place = next(at for at, row in enumerate(saved.mappings) if row.pk == mapping.pk)
    pairs = [(value.left_value, value.right_value) for value in values]
    draft = replace(saved, value_maps={**saved.value_maps, place: pairs}, steps={**saved.steps, place: frozen})
    whole = [problem.words for problem in config_checks.of_mapping(draft=draft, place=place)]
    return Found(
        steps=by_step, values=dict(_bad_values(mapping, values)), whole=[words for words in whole if words not in by_step.values()]
    )


def typed_as_known(*, mapping: models.FieldMapping, side: Side, typed: str) -> str:
    """Turn what was typed for a side into a value: the name of a choice becomes the choice, else it stays."""
    chosen = mapping.left_field if side is Side.LEFT else mapping.right_field
    return {str(label).casefold(): str(value) for value, label in chosen.choices}.get(typed.strip().casefold(), typed.strip())


def shown_as_known(*, mapping: models.FieldMapping, side: Side, value: str) -> str:
    """A value as it is typed: a choice by its name."""
    chosen = mapping.left_field if side is Side.LEFT else mapping.right_field
    return {str(code): str(label) for code, label in chosen.choices}.get(value, value)


def places(*, mapping: models.FieldMapping) -> dict[Side, list[Place]]:
    """List the fields that a text toward each side may be put together from."""
    fields = drafts.Draft(config=mapping.config).known
    return {
        side: [
            Place(label=one.label, typed=f"{{{one.name}}}")
            for one in sorted(fields[side.other].values(), key=lambda one: (one.associated_kind, one.label)) if not one.reason
        ]
        for side in (Side.RIGHT, Side.LEFT) if Direction(mapping.direction).allows(side)
    }


def _bad_values(mapping: models.FieldMapping, values: Sequence[models.ValueMapping]) -> Iterator[tuple[int, str]]:
    """Values that are not among the choices of their field, and those that stand there twice."""
    seen: set[tuple[Side, str]] = set()
    for at, row in enumerate(values):
        for side, chosen, value in ((Side.LEFT, mapping.left_field, row.left_value), (Side.RIGHT, mapping.right_field, row.right_value)):
            known = {str(code) for code, _ in chosen.choices}
            if known and value not in known:
                yield at, say(
                    "{side} field “{field}” has no value “{value}”. Type the name of one of its choices.",
                    side=side.label, field=chosen.label, value=value,
                )
            if (side, value) in seen:
                yield at, say("The {side} value “{value}” stands here twice. Remove one of the two lines.", side=side.label, value=value)
            seen.add((side, value))
