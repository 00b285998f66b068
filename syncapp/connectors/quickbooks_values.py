"""One field of a QuickBooks record: how it is offered, where it stands in Intuit's JSON, and its value in both directions.

Owns what a field's type means for us, and the forms that fields of several kinds of record share. Names no kind and asks nobody.
"""
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from integrations.quickbooks.entities import Entity, Kind
from syncapp.engine import records, schema, values
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import later, say

DELETED = re.compile(r" \(deleted(?:-\d+)?\)$")
"""What QuickBooks appends to the name of a record that was made inactive."""

_SUFFIXED = frozenset({"DisplayName", "FullyQualifiedName", "Name"})
_REFERENCE = later("It names another record, not a value.")


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a value may depend on beside the record: the company's own day, and the names and pages of its records.

    `today` is asked only where it matters, since it may cost a call; `names` are by kind and id, for references that come without
    one; `url` tells the page of a record.
    """

    today: Callable[[], date]
    names: Mapping[tuple[Kind, str], str] = field(default_factory=dict)
    url: Callable[[Entity], str] = lambda _: ""


Made = Callable[[Entity, Place], records.Value]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: how it is offered, where it stands in the JSON, and the name it has in queries ("" where it cannot be asked for).

    `part` says that it is one of several in its object, which a write has to send whole. `at_birth` may be set by a create only.
    `made` makes the value of a field that does not stand in the JSON as it is. `names` is the kind of record whose name the field
    gives, where the JSON may hold the id alone.
    """

    spec: schema.FieldSpec
    path: tuple[str, ...]
    query_name: str = ""
    part: bool = False
    at_birth: bool = False
    made: Made | None = None
    names: Kind | None = None


class Step(NamedTuple):
    """How one field is read. `find` looks it up; without one it stands under `head`, or under `part` of the object there.

    `typed` makes a value of what was found; without one it is a value already.
    """

    name: str
    find: Callable[[Entity, Place], Any] | None
    head: str
    part: str
    typed: values.Reader | None


def step(field: Field) -> Step:
    """Tell how a field is read, once for all records."""
    head, part = field.path if len(field.path) > 1 else (*field.path, "")
    if field.made is not None:
        return Step(name=field.spec.name, find=field.made, head=head, part=part, typed=None)
    return Step(name=field.spec.name, find=_finder(field, head), head=head, part=part, typed=values.reader(field.spec.type))


def read(*, steps: Iterable[Step], entity: Entity, place: Place) -> dict[str, records.Value]:
    """Read the values of fields; one that cannot be of its field's type stays text."""
    fields = entity.fields
    found: dict[str, records.Value] = {}
    for name, find, head, part, typed in steps:
        if find is not None:
            raw = find(entity, place)
        else:
            raw = fields.get(head)
            if part:
                raw = raw.get(part) if isinstance(raw, dict) else None
        try:
            found[name] = raw if raw is None or typed is None else typed(raw)
        except ValueError:
            found[name] = str(raw)
    return found


def _finder(field: Field, head: str) -> Callable[[Entity, Place], object] | None:
    """The function that looks up what does not stand in the JSON as it is meant."""
    if field.names is not None:
        return lambda entity, place: named(entity, head, place=place, kind=field.names)
    if field.spec.name in _SUFFIXED:
        return lambda entity, place: _unsuffixed(entity.fields.get(head), entity)
    return None


def _unsuffixed(raw: object, entity: Entity) -> object:
    return without_suffix(raw, entity) if isinstance(raw, str) else raw


def wire(*, field: Field, value: records.Value) -> object:
    """Write a value as Intuit's JSON has it. Raises ValueError for one that the field cannot hold."""
    if field.spec.type is FieldType.NUMBER:
        number = values.as_decimal(value)
        if number is None:
            raise ValueError(say("{value!r} is not a number.", value=values.shown(value)[:40]))
        return number
    if field.spec.type is FieldType.BOOLEAN:
        return values.canonical(type=FieldType.BOOLEAN, raw=value)
    if field.spec.type is FieldType.DATE:
        return values.canonical(type=FieldType.DATE, raw=value)
    return values.canonical(type=FieldType.TEXT, raw=value)


def at(entity: Entity, *path: str) -> object:
    """What stands at a place of the JSON, or None."""
    raw: object = entity.fields
    for step in path:
        raw = raw.get(step) if isinstance(raw, dict) else None
    return raw


def text_at(entity: Entity, *path: str) -> str:
    """The text at a place of the JSON, "" where there is none."""
    return str(at(entity, *path) or "")


def number_at(entity: Entity, *path: str) -> Decimal:
    """The number at a place of the JSON, zero where there is none."""
    return number(at(entity, *path))


def number(raw: object) -> Decimal:
    """A number of Intuit's JSON, zero where there is none."""
    if isinstance(raw, bool) or raw is None:
        return Decimal(0)
    return values.as_decimal(str(raw)) or Decimal(0)


def named(entity: Entity, head: str, *, place: Place, kind: Kind | None) -> str | None:
    """The name of what a reference leads to, as the JSON or the company tells it."""
    told = text_at(entity, head, "name")
    if not told and kind is not None:
        told = place.names.get((kind, text_at(entity, head, "value")), "")
    return DELETED.sub("", told) or None


def without_suffix(name: str, entity: Entity) -> str:
    """The name of a record as it was before it was made inactive."""
    return name if entity.active else DELETED.sub("", name)


def text(name: str, label: str, max_length: int, *, asked: bool = False) -> Field:
    """A text of its own that can be written; `asked` where queries know it."""
    return Field(
        spec=schema.FieldSpec(name=name, label=label, type=FieldType.TEXT, max_length=max_length),
        path=tuple(name.split(".")),
        query_name=name if asked else "",
    )


def plain(name: str, label: str, type_: FieldType) -> Field:
    """A value of its own that can be written."""
    return Field(spec=schema.FieldSpec(name=name, label=label, type=type_), path=tuple(name.split(".")))


def kept(name: str, label: str, type_: FieldType, *path: str, asked: bool = False, names: Kind | None = None) -> Field:
    """A field that QuickBooks fills in itself."""
    return Field(
        spec=schema.FieldSpec(name=name, label=label, type=type_, writable=False),
        path=path or tuple(name.split(".")),
        query_name=name if asked else "",
        names=names,
    )


def chosen(name: str, label: str, choices: tuple[tuple[str, str], ...], made: Made | None = None) -> Field:
    """One of a list that QuickBooks, or what it says, decides."""
    spec = schema.FieldSpec(name=name, label=label, type=FieldType.CHOICE, choices=choices, writable=False)
    return Field(spec=spec, path=tuple(name.split(".")), made=made)


def made(name: str, label: str, type_: FieldType, how: Made, *, refers_to: str = "") -> Field:
    """A field that follows from what stands elsewhere in the record."""
    spec = schema.FieldSpec(name=name, label=label, type=type_, writable=False, refers_to=refers_to)
    return Field(spec=spec, path=(name,), made=how)


def reference(name: str, label: str, *, at_birth: bool = False) -> Field:
    """The id of another record that is not kept in step by itself."""
    spec = schema.FieldSpec(name=name, label=label, type=FieldType.REFERENCE, writable=False, reason=_REFERENCE)
    return Field(spec=spec, path=(name, "value"), at_birth=at_birth)


def phone(name: str, label: str) -> Field:
    """A telephone number."""
    path = (name, "FreeFormNumber")
    return Field(spec=schema.FieldSpec(name=".".join(path), label=label, type=FieldType.PHONE, max_length=30), path=path)


def address(name: str, label: str, *, writable: bool = True) -> tuple[Field, ...]:
    """The parts of an address."""
    parts = (
        ("Line1", "street", 500),
        ("Line2", "street, line 2", 500),
        ("Line3", "street, line 3", 500),
        ("Line4", "street, line 4", 500),
        ("Line5", "street, line 5", 500),
        ("City", "city", 255),
        ("CountrySubDivisionCode", "state or province", 255),
        ("PostalCode", "postal code", 30),
        ("Country", "country", 255),
    )
    return tuple(
        Field(
            spec=schema.FieldSpec(
                name=f"{name}.{part}", label=f"{label}: {words}", type=FieldType.TEXT, max_length=most, writable=writable
            ),
            path=(name, part),
            part=True,
        )
        for part, words, most in parts
    )


def stamps() -> tuple[Field, ...]:
    """The id and the times that every record has."""
    return (
        kept("Id", "QuickBooks id", FieldType.TEXT),
        kept("CreateTime", "Created at", FieldType.DATETIME, "MetaData", "CreateTime"),
        kept("LastUpdatedTime", "Last updated at", FieldType.DATETIME, "MetaData", "LastUpdatedTime"),
    )
