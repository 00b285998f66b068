"""What differs between two states of a sync's settings, in words: each thing with what it was and what it is.

Owns the wording. Two states that are not the same always differ in at least one thing that is told.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from django.utils.text import capfirst

from syncapp import models
from syncapp.engine.settings_file import Condition, FieldPair, Group, Settings, Step
from syncapp.engine.vocabulary import Side
from syncapp.engine.wording import later, say
from syncapp.engine.words import Word

MOST_NAMED = 10
BRAKES = {
    "brake_creates": later("Brake: records created"), "brake_updates": later("Brake: records updated"),
    "brake_archives": later("Brake: records archived"),
}
PARTS = ("direction", "active", "fallback", "conflict_rule", "clears")
_T = TypeVar("_T")

Labels = Mapping[Side, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that differs."""

    what: str
    before: str
    after: str

    @property
    def words(self) -> str:
        """The change in one line."""
        return say("{what}: {before} → {after}", what=self.what, before=self.before, after=self.after)


def differences(*, before: Settings, after: Settings, labels: Labels) -> list[Change]:
    """List what differs, in the order of the page of a sync."""
    return [
        *_plain(before, after, labels),
        *(change for side in Side for change in _filters(before, after, side, labels[side])),
        *_mappings(before.mappings, after.mappings, labels),
    ]


def _plain(before: Settings, after: Settings, labels: Labels) -> Iterator[Change]:
    ends = {"match_left": labels[Side.LEFT], "match_right": labels[Side.RIGHT]}
    for name in (part.name for part in fields(Settings)):
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name not in ("left_filters", "right_filters", "mappings"):
            what = str(BRAKES.get(name) or capfirst(str(models.SyncConfig._meta.get_field(name).verbose_name)))  # type: ignore[union-attr]
            known = ends.get(name, {})
            yield Change(what=what, before=_value(known.get(old, old)), after=_value(known.get(new, new)))


def _filters(before: Settings, after: Settings, side: Side, labels: Mapping[str, str]) -> Iterator[Change]:
    old, new = (getattr(one, f"{side.value.lower()}_filters") for one in (before, after))
    were, are = _numbered(old, lambda group: group.name), _numbered(new, lambda group: group.name)
    for key in [*were, *(key for key in are if key not in were)]:
        if were.get(key) != are.get(key):
            what = say("{side} filter group “{name}”", side=side.label, name=key[0])
            yield Change(what=what, before=_group(were.get(key), labels), after=_group(are.get(key), labels))
    yield from _order(say("Order of the {side} filter groups", side=side.label), list(were), list(are), lambda key: key[0])


def _mappings(before: Sequence[FieldPair], after: Sequence[FieldPair], labels: Labels) -> Iterator[Change]:
    were, are = _numbered(before, _ends), _numbered(after, _ends)
    for key in [*were, *(key for key in are if key not in were)]:
        old, new = were.get(key), are.get(key)
        what = say("Mapping {mapping}", mapping=_mapping(key[0], labels))
        if old is None or new is None:
            yield Change(what=what, before=_whole(old), after=_whole(new))
        else:
            yield from _parts(what, old, new)
    yield from _order(say("Order of the mappings"), list(were), list(are), lambda key: _mapping(key[0], labels))


def _parts(what: str, old: FieldPair, new: FieldPair) -> Iterator[Change]:
    for name in PARTS:
        if getattr(old, name) != getattr(new, name):
            yield Change(what=f"{what}, {_called(name)}", before=_value(getattr(old, name)), after=_value(getattr(new, name)))
    if old.values != new.values:
        gone = [pair for pair in old.values.items() if pair not in new.values.items()]
        come = [pair for pair in new.values.items() if pair not in old.values.items()]
        yield Change(what=say("{what}, value map", what=what), before=_pairs(gone), after=_pairs(come))
    if old.steps != new.steps:
        yield Change(what=say("{what}, steps", what=what), before=_steps(old.steps), after=_steps(new.steps))


def _order(what: str, were: list[Any], are: list[Any], told: Any) -> Iterator[Change]:
    """Those that are there before and after may have changed places; told from the first to the last that has."""
    old, new = [key for key in were if key in are], [key for key in are if key in were]
    if moved := [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]:
        part = slice(moved[0], moved[-1] + 1)
        yield Change(what=what, before=_listed(map(told, old[part])), after=_listed(map(told, new[part])))


def _numbered(found: Sequence[_T], key: Any) -> dict[tuple[Any, int], _T]:
    """By their names; of those with the same name the first is the first on either side."""
    seen: Counter[Any] = Counter()
    made = {}
    for one in found:
        made[key(one), seen[key(one)]] = one
        seen[key(one)] += 1
    return made


def _ends(mapping: FieldPair) -> tuple[str, str]:
    return mapping.left_field, mapping.right_field


def _mapping(ends: tuple[str, str], labels: Labels) -> str:
    left, right = (_field(name, labels[side]) for side, name in zip(Side, ends, strict=True))
    return say("“{left}” ↔ “{right}”", left=left, right=right)


def _field(name: str, labels: Mapping[str, str]) -> str:
    """What people call a field, with its own name where another one is called so too."""
    label = labels.get(name, name)
    return f"{label} ({name})" if list(labels.values()).count(label) > 1 else label


def _called(name: str) -> str:
    return str(models.FieldMapping._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _whole(mapping: FieldPair | None) -> str:
    """All of a mapping, where there is one."""
    if mapping is None:
        return say("not there")
    told = [f"{_called(name)} {_value(getattr(mapping, name))}" for name in PARTS]
    more = [_pairs(list(mapping.values.items()))] * bool(mapping.values) + [_steps(mapping.steps)] * bool(mapping.steps)
    return ", ".join([*told, *more])


def _group(group: Group | None, labels: Mapping[str, str]) -> str:
    if group is None:
        return say("not there")
    return say(" and ").join(_condition(one, labels) for one in group.conditions) or say("no condition")


def _condition(one: Condition, labels: Mapping[str, str]) -> str:
    words = " ".join(filter(None, [_field(one.field, labels), one.operator.label, ", ".join(one.values)]))
    empty = say("{condition} or is empty", condition=words) if one.include_unset else words
    return say("{condition} (as on the day of set-up)", condition=empty) if one.frozen else empty


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    return _listed([say("“{left}” ↔ “{right}”", left=left, right=right) for left, right in pairs]) or say("nothing")


def _steps(steps: Sequence[Step]) -> str:
    told = (f"{step.kind.label} → {step.side.label}" + (f" (“{step.setting}”)" if step.setting else "") for step in steps)
    return ", ".join(told) or say("none")


def _listed(texts: Iterable[str]) -> str:
    found = list(texts)
    listed = ", ".join(found[:MOST_NAMED])
    return listed if len(found) <= MOST_NAMED else say("{listed} and {number} more", listed=listed, number=len(found) - MOST_NAMED)


def _value(value: Any) -> str:
    """A setting as a person reads it."""
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, Word):
        return value.label
    return say("“{text}”", text=value) if isinstance(value, str) and value else say("empty") if value == "" else str(value)
