"""Whether the steps of a mapping fit its fields, said with the field and the remedy.

Owns the checks that are made when a mapping is saved. Knows no vendor.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from syncapp.engine import transforms, values
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import Direction, FieldType, Side, TransformKind

if TYPE_CHECKING:
    from syncapp.engine import schema

_WRITTEN = (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.CHOICE)
_TAKEN_BY = {
    TransformKind.TEMPLATE: (FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL),
    TransformKind.PHONE_E164: (FieldType.TEXT, FieldType.PHONE),
    TransformKind.COUNTRY_ISO: (FieldType.TEXT, FieldType.CHOICE),
    TransformKind.TRUNCATE: (FieldType.TEXT,),
}
Names = Mapping[Side, Collection[str]]


class StepProblem(NamedTuple):
    """What is wrong with one step: its place, counted from 0, and the sentence."""

    place: int
    words: str


def step_problems(
    *, left: schema.FieldSpec, right: schema.FieldSpec, direction: Direction, steps: Sequence[Transform], names: Names | None = None,
) -> tuple[StepProblem, ...]:
    """Say what is wrong with the steps of a mapping; nothing where they can be saved.

    `names` are the fields known of each side, for templates; without them the names are not checked.
    """
    found = []
    for place, step in enumerate(steps):
        spec = left if step.side is Side.LEFT else right
        words = _misplaced(step, spec, direction, steps[:place]) or _misset(step, spec, names)
        if words:
            found.append(StepProblem(place, f'{step.side.label} field "{spec.label}" {words}'))
    return tuple(found)


def _misplaced(step: Transform, spec: schema.FieldSpec, direction: Direction, earlier: Sequence[Transform]) -> str:
    """Why a step cannot stand in a mapping at all."""
    only = Direction.TO_LEFT if step.side is Side.LEFT else Direction.TO_RIGHT
    if not direction.allows(step.side):
        return f'is not written by this mapping, so the step "{step.kind.label}" does nothing: remove it or change the direction.'
    if step.kind is TransformKind.TEMPLATE:
        if direction is not only:
            return (
                "is put together from several fields, which cannot be taken apart again: "
                f'set the direction of the mapping to "{only.label}", or remove the step.'
            )
        if transforms.template(transforms=earlier, side=step.side):
            return "is put together twice: leave one such step."
    fitting = _TAKEN_BY.get(step.kind, _WRITTEN)
    if step.kind is not TransformKind.DEFAULT and spec.type not in fitting:
        return f'({spec.type.label}) cannot take what the step "{step.kind.label}" makes: remove the step or choose another field.'
    return ""


def _misset(step: Transform, spec: schema.FieldSpec, names: Names | None) -> str:
    """What is wrong with what was typed for a step."""
    text = step.setting.strip()
    if step.kind is TransformKind.TEMPLATE:
        return _bad_template(step, names)
    if step.kind is TransformKind.DEFAULT:
        return _bad_default(step, spec)
    if step.kind is TransformKind.PHONE_E164 and transforms.region(text) is None:
        said = f'"{text}" is none that is known' if text else "none is named"
        return f"needs the country of phone numbers that do not begin with +, and {said}: type its name or code, such as US."
    if step.kind is TransformKind.COUNTRY_ISO and text.casefold() not in ("", transforms.CODE, transforms.NAME):
        return f'can hold a country\'s code or its name, not "{text}": type "{transforms.CODE}" or "{transforms.NAME}".'
    if step.kind is TransformKind.TRUNCATE:
        if text and not (text.isascii() and text.isdecimal() and int(text)):
            return f'cannot be shortened to "{text}" characters: type a whole number, or leave it empty for as many as the field holds.'
        if transforms.limit(step=step, into=spec) is None:
            return "does not tell how much it holds: type the number of characters to shorten to."
    return ""


def _bad_template(step: Transform, names: Names | None) -> str:
    wanted = transforms.places(step.setting)
    if not wanted:
        return "is put together from no field: type text with field names in braces, such as {firstname} {lastname}."
    known = names.get(step.side.other) if names is not None else None
    strange = [name for name in wanted if known is not None and name not in known]
    if strange:
        listed = " and ".join(f'"{name}"' for name in strange)
        return f"is put together from {listed}, which {step.side.other.label} does not have: choose a name of the list of fields."
    return ""


def _bad_default(step: Transform, spec: schema.FieldSpec) -> str:
    value = transforms.default(step=step, into=spec)
    if values.blank(value):
        return "has a step that fills it where it is empty, but no value to fill it with: type one, or remove the step."
    known = {code for code, _ in spec.choices} if spec.type in (FieldType.CHOICE, FieldType.CHOICES) else set()
    chosen = value if isinstance(value, tuple) else (value,)
    if known and not known.issuperset(chosen):
        return f'does not have "{step.setting}" on its list: type one of its values.'
    if isinstance(value, str) and spec.max_length is not None and len(value) > spec.max_length:
        return f"holds {spec.max_length} characters at most: type a shorter value to fill it with."
    try:
        values.canonical(type=spec.type, raw=step.setting)
    except ValueError:
        return f'({spec.type.label}) cannot take "{step.setting}": type a value of that sort.'
    return ""
