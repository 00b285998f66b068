"""Whether the steps of a mapping fit its fields, said with the field and the remedy.

Owns the checks that are made when a mapping is saved. Knows no vendor.
"""
from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from syncapp.engine import showing, transforms, values
from syncapp.engine.transforms import Transform
from syncapp.engine.vocabulary import Direction, FieldType, Side, TransformKind
from syncapp.engine.wording import joined, say

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
            found.append(StepProblem(place, words))
    return tuple(found)


def _misplaced(step: Transform, spec: schema.FieldSpec, direction: Direction, earlier: Sequence[Transform]) -> str:
    """Why a step cannot stand in a mapping at all."""
    only = Direction.TO_LEFT if step.side is Side.LEFT else Direction.TO_RIGHT
    name = showing.field(step.side, spec.label)
    if not direction.allows(step.side):
        return say(
            '{field} is not written by this mapping, so the step "{step}" does nothing: remove it or change the direction.',
            field=name, step=step.kind.label,
        )
    if step.kind is TransformKind.TEMPLATE:
        if direction is not only:
            return say(
                "{field} is put together from several fields, which cannot be taken apart again: set the direction of the mapping to"
                ' "{direction}", or remove the step.',
                field=name, direction=only.label,
            )
        if transforms.template(transforms=earlier, side=step.side):
            return say("{field} is put together twice: leave one such step.", field=name)
    fitting = _TAKEN_BY.get(step.kind, _WRITTEN)
    if step.kind is not TransformKind.DEFAULT and spec.type not in fitting:
        return say(
            '{field} ({type}) cannot take what the step "{step}" makes: remove the step or choose another field.',
            field=name, type=spec.type.label, step=step.kind.label,
        )
    return ""


def _misset(step: Transform, spec: schema.FieldSpec, names: Names | None) -> str:
    """What is wrong with what was typed for a step."""
    text, name = step.setting.strip(), showing.field(step.side, spec.label)
    if step.kind is TransformKind.TEMPLATE:
        return _bad_template(step, name, names)
    if step.kind is TransformKind.DEFAULT:
        return _bad_default(step, name, spec)
    if step.kind is TransformKind.PHONE_E164 and transforms.region(text) is None:
        return _no_region(name, text)
    if step.kind is TransformKind.COUNTRY_ISO and text.casefold() not in ("", transforms.CODE, transforms.NAME):
        return say(
            '{field} can hold a country\'s code or its name, not "{text}": type "{code}" or "{name}".',
            field=name, text=text, code=transforms.CODE, name=transforms.NAME,
        )
    if step.kind is TransformKind.TRUNCATE:
        if text and not (text.isascii() and text.isdecimal() and int(text)):
            return say(
                '{field} cannot be shortened to "{text}" characters: type a whole number, or leave it empty for as many as the field'
                " holds.",
                field=name, text=text,
            )
        if transforms.limit(step=step, into=spec) is None:
            return say("{field} does not tell how much it holds: type the number of characters to shorten to.", field=name)
    return ""


def _no_region(name: str, text: str) -> str:
    if text:
        return say(
            '{field} needs the country of phone numbers that do not begin with +, and "{text}" is none that is known: type its name or'
            " code, such as US.",
            field=name, text=text,
        )
    return say(
        "{field} needs the country of phone numbers that do not begin with +, and none is named: type its name or code, such as US.",
        field=name,
    )


def _bad_template(step: Transform, name: str, names: Names | None) -> str:
    wanted = transforms.places(step.setting)
    if not wanted:
        return say(
            "{field} is put together from no field: type text with field names in braces, such as {example}.",
            field=name, example="{firstname} {lastname}",
        )
    known = names.get(step.side.other) if names is not None else None
    strange = [f'"{one}"' for one in wanted if known is not None and one not in known]
    if strange:
        return say(
            "{field} is put together from {names}, which {system} does not have: choose a name of the list of fields.",
            field=name, names=joined(strange), system=step.side.other.label,
        )
    return ""


def _bad_default(step: Transform, name: str, spec: schema.FieldSpec) -> str:
    value = transforms.default(step=step, into=spec)
    if values.blank(value):
        return say(
            "{field} has a step that fills it where it is empty, but no value to fill it with: type one, or remove the step.", field=name
        )
    known = {code for code, _ in spec.choices} if spec.type in (FieldType.CHOICE, FieldType.CHOICES) else set()
    chosen = value if isinstance(value, tuple) else (value,)
    if known and not known.issuperset(chosen):
        return say('{field} does not have "{value}" on its list: type one of its values.', field=name, value=step.setting)
    if isinstance(value, str) and spec.max_length is not None and len(value) > spec.max_length:
        return say("{field} holds {most} characters at most: type a shorter value to fill it with.", field=name, most=spec.max_length)
    try:
        values.canonical(type=spec.type, raw=step.setting)
    except ValueError:
        return say(
            '{field} ({type}) cannot take "{value}": type a value of that sort.', field=name, type=spec.type.label, value=step.setting
        )
    return ""
