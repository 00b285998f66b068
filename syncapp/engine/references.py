"""What a reference to another record, or the lines of an invoice, mean on the other side.

Owns the translation of ids by the partners that a subject brings along, and what has to be waited for where one is missing.
"""
from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from syncapp.engine import kinds, lines, records, schema, values
from syncapp.engine.vocabulary import FieldType
from syncapp.engine.wording import say

Partners = Mapping[tuple[str, str], records.Partner]
REFERRING = frozenset({FieldType.REFERENCE, FieldType.LINES})


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A record that has to have a partner first: its kind and id on its own side, what it is called, and what keeps it.

    Where it is not to be expected that one `comes`, a person has to act.
    """

    kind: str
    external_id: str
    label: str
    why: str
    comes: bool = True

    @property
    def sentence(self) -> str:
        """What is waited for, as a person reads it."""
        return f"{self._awaited} {self.why}".strip()

    @property
    def _awaited(self) -> str:
        kind = kinds.one(self.kind)
        if self.comes and self.label:
            return say("It waits for the {kind} “{name}”.", kind=kind, name=self.label)
        if self.comes:
            return say("It waits for the {kind} with the id {number}.", kind=kind, number=self.external_id)
        if self.label:
            return say("The {kind} “{name}” has no partner.", kind=kind, name=self.label)
        return say("The {kind} with the id {number} has no partner.", kind=kind, number=self.external_id)


def refers(spec: schema.FieldSpec) -> bool:
    """Tell whether a field's value names other records by id."""
    return spec.type in REFERRING


def translated(
    *, value: records.Value, own: schema.FieldSpec, other: schema.FieldSpec, partners: Partners,
) -> tuple[records.Value, tuple[Missing, ...]]:
    """Translate a value that names records into the other side's ids, and tell what is missing for that.

    Where both fields name the same records, there is nothing to translate.
    """
    if own.refers_to and own.refers_to == other.refers_to:
        return value, ()
    missing: list[Missing] = []

    def partner(external_id: str) -> tuple[str, ...]:
        found = partners.get((other.refers_to, external_id), records.Partner())
        if not found.external_ids and found.needed:
            missing.append(Missing(kind=own.refers_to, external_id=external_id, label=found.label, why=found.why, comes=found.comes))
        return found.external_ids

    if own.type is FieldType.LINES:
        return _lines(value, partner), tuple(dict.fromkeys(missing))
    ids = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    there = tuple(dict.fromkeys(one for external_id in ids for one in partner(external_id)))
    if isinstance(value, tuple):
        return tuple(sorted(there)) or None, tuple(dict.fromkeys(missing))
    return there[0] if there else None, tuple(missing)


def same(*, own: schema.FieldSpec, one: records.Value, two: records.Value) -> bool:
    """Tell whether two values of one side name the same records, or say the same in their lines."""
    if one == two:
        return True
    if values.blank(one) or values.blank(two):
        return values.blank(one) and values.blank(two)
    if own.type is not FieldType.LINES:
        return set(one if isinstance(one, tuple) else (one,)) == set(two if isinstance(two, tuple) else (two,))
    return list(map(_essence, lines.ordered(lines.parse(one)))) == list(map(_essence, lines.ordered(lines.parse(two))))


def _lines(value: records.Value, partner: Callable[[str], tuple[str, ...]]) -> records.Value:
    return lines.compose(
        dataclasses.replace(line, record=(partner(line.record) or ("",))[0]) if line.record else line
        for line in lines.ordered(lines.parse(value))
    )


def _essence(line: lines.Line) -> tuple[str, ...]:
    """What both vendors hold of a line. A price of nothing and none are the same, as are one piece and no number of pieces."""
    words = line.name.strip(), " ".join(line.description.split())
    if line.kind is not lines.LineKind.PRODUCT:
        return line.kind.value, line.name.strip(), _number(line.amount), _number(line.percent)
    return line.kind.value, line.record, *words, _number(line.quantity or "1"), _number(line.price)


def _number(text: str) -> str:
    number = values.as_decimal(text)
    return values.number_text(number) if number is not None else "0"
