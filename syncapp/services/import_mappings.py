"""The import of field mappings: it adds and changes, and removes none.

Owns which mapping a line means and what it changes there. Whether the mappings make sense is told by `services.configs`.
"""
from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from syncapp import models
from syncapp.engine.vocabulary import ConflictRule, Direction, ImportOutcome, Side
from syncapp.engine.wording import say
from syncapp.services import configs, defaults, import_lines
from syncapp.services.import_lines import Column, Line, Plan, Verdict

LEFT, RIGHT = "hubspot field", "quickbooks field"
DIRECTION, ON, CONFLICT, CLEARS, FALLBACK = "direction", "on", "conflict", "may clear", "fallback"
SETTINGS = {DIRECTION: "direction", ON: "active", CONFLICT: "conflict_rule", CLEARS: "clears", FALLBACK: "fallback"}
YES, NO = "yes", "no"

Settings = Mapping[str, Direction | ConflictRule | bool]
_Index = tuple[dict[str, list[models.VendorField]], ...]


class _Bad(Exception):
    """A line cannot be carried out; the text says why and what to do."""


@dataclass(kw_only=True)
class _Page:
    """The mappings of a sync as they would be: those there are, changed or not, then the new ones. `lines` are by place."""

    config: models.SyncConfig
    mappings: list[models.FieldMapping]
    fields: Mapping[Side, _Index]
    lines: dict[int, int] = field(default_factory=dict)
    changed: list[models.FieldMapping] = field(default_factory=list)
    added: list[models.FieldMapping] = field(default_factory=list)


def columns() -> tuple[Column, ...]:
    """The columns of a file of field mappings."""
    directions = say(" or ").join(say("“{text}”", text=one.label) for one in Direction)
    rules = ", ".join(say("“{text}”", text=one.label) for one in ConflictRule)
    return (
        Column(name=LEFT, about=say("The field of HubSpot, by its own name (firstname) or its label (First name)."), needed=True),
        Column(name=RIGHT, about=say("The field of QuickBooks, by its own name or its label."), needed=True),
        Column(name=DIRECTION, about=say("{words}. Empty for a new mapping: both ways.", words=directions)),
        Column(name=ON, about=say("“yes” or “no”. Empty for a new mapping: yes.")),
        Column(name=CONFLICT, about=say("{words}. Empty for a new mapping: as the sync says.", words=rules)),
        Column(name=CLEARS, about=say("“yes”: emptying the field on one side empties it on the other too. Empty for a new mapping: no.")),
        Column(
            name=FALLBACK,
            about=say("“yes”: used only where the mapping above it for that QuickBooks field is empty. Empty for a new one: no."),
        ),
    )


def present(*, config: models.SyncConfig) -> list[list[str]]:
    """The mappings as a file would hold them."""
    rows = config.mappings.select_related("left_field", "right_field")
    return [[row.left_field.name, row.right_field.name, *(_in_file(getattr(row, name)) for name in SETTINGS.values())] for row in rows]


def mappings(*, config: models.SyncConfig, lines: Sequence[Line]) -> Plan:
    """Say what would come of a file of field mappings."""
    known = config.mappings.select_related("left_field", "right_field").prefetch_related("values", "transforms")
    page = _Page(config=config, mappings=list(known), fields={side: _fields(config, side) for side in Side})
    told: dict[int, tuple[ImportOutcome, str]] = {}
    for line in lines:
        try:
            told[line.number] = _line(line, page)
        except (_Bad, import_lines.Misread) as bad:
            told[line.number] = ImportOutcome.WRONG, str(bad)
    refusals = _checked(page, told)
    unsound = any(outcome is ImportOutcome.WRONG for outcome, _ in told.values())

    def carry_out(actor: AbstractBaseUser | None, now: datetime) -> None:
        _carry_out(page, actor, now)

    return Plan(
        verdicts=[Verdict(number=number, outcome=outcome, words=words) for number, (outcome, words) in told.items()],
        carry_out=carry_out, refusals=() if unsound else refusals,
    )


def _line(line: Line, page: _Page) -> tuple[ImportOutcome, str]:
    """Work a line into the page, and tell what that changes."""
    if line.trouble:
        raise _Bad(line.trouble)
    left, right = _field(line, page, Side.LEFT, LEFT), _field(line, page, Side.RIGHT, RIGHT)
    asked = _asked(line)
    place = _place(page, left, right, asked)
    if place in page.lines:
        what = say("The mapping of “{left}” and “{right}”", left=left.label, right=right.label)
        raise _Bad(import_lines.said_before(what=what, number=page.lines[place]))
    page.lines[place] = line.number
    if place == len(page.mappings):
        made = models.FieldMapping(config=page.config, left_field=left, right_field=right, **asked)
        page.mappings.append(made)
        page.added.append(made)
        words = say("Add “{left}” ↔ “{right}”: {settings}.", left=left.label, right=right.label, settings=_listed(made))
        return ImportOutcome.CHANGE, words
    changed = copy.copy(page.mappings[place])
    changes = []
    for column, name in SETTINGS.items():
        before = getattr(changed, name)
        if name in asked and asked[name] != before:
            setattr(changed, name, asked[name])
            after = _written(asked[name])
            changes.append(say("{column} from “{before}” to “{after}”", column=column, before=_written(before), after=after))
    if not changes:
        return ImportOutcome.SAME, say("“{left}” ↔ “{right}” is so already.", left=left.label, right=right.label)
    page.mappings[place] = changed
    page.changed.append(changed)
    words = say("Change “{left}” ↔ “{right}”: {changes}.", left=left.label, right=right.label, changes=", ".join(changes))
    return ImportOutcome.CHANGE, words


def _asked(line: Line) -> Settings:
    """The settings that a line names, by the names of our own. Raises Misread."""
    found: dict[str, Direction | ConflictRule | bool | None] = {
        "direction": import_lines.word(line=line, column=DIRECTION, words=Direction),
        "conflict_rule": import_lines.word(line=line, column=CONFLICT, words=ConflictRule),
        **{SETTINGS[column]: import_lines.yes_or_no(line=line, column=column) for column in (ON, CLEARS, FALLBACK)},
    }
    return {name: value for name, value in found.items() if value is not None}


def _place(page: _Page, left: models.VendorField, right: models.VendorField, asked: Settings) -> int:
    """The place of the mapping that a line means, or the one behind the last for a new one. Raises _Bad where several could be meant."""
    alike = [at for at, row in enumerate(page.mappings) if (row.left_field_id, row.right_field_id) == (left.pk, right.pk)]
    if len(alike) > 1:
        alike = [at for at in alike if all(getattr(page.mappings[at], name) == asked.get(name) for name in ("direction", "fallback"))]
        if len(alike) != 1:
            raise _Bad(say(
                "Several mappings join “{left}” and “{right}”. Name direction and fallback of the one that is meant, or change it on the"
                " page of the sync.", left=left.label, right=right.label,
            ))
    return alike[0] if alike else len(page.mappings)


def _field(line: Line, page: _Page, side: Side, column: str) -> models.VendorField:
    """The field that a cell names: by its own name, else by its name or label in any letters. Raises _Bad."""
    text = line.cell(column)
    if not text:
        raise _Bad(say("The column “{column}” is empty. A mapping needs a field on each side.", column=column))
    for index, wanted in zip(page.fields[side], (text, text.casefold(), text.casefold()), strict=True):
        found = index.get(wanted, [])
        if len(found) > 1:
            named = ", ".join(one.name for one in found[:5])
            raise _Bad(say(
                "{side} has several fields “{text}”. Use the name of one of them instead: {names}.",
                side=side.label, text=text, names=named,
            ))
        if found:
            return found[0]
    raise _Bad(say(
        "{side} has no field “{text}”. Correct the name, or refresh the fields on the page of the connection if it is new.",
        side=side.label, text=text,
    ))


def _checked(page: _Page, told: dict[int, tuple[ImportOutcome, str]]) -> list[str]:
    """Check the page as a whole: what is wrong with a mapping of the file is said at its line, the rest is given back."""
    steps = {at: list(row.transforms.all()) for at, row in enumerate(page.mappings) if row.pk is not None}
    maps = {
        at: [(value.left_value, value.right_value) for value in row.values.all()]
        for at, row in enumerate(page.mappings) if row.pk is not None
    }
    groups = [(group, list(group.rules.all())) for group in page.config.filter_groups.prefetch_related("rules__field")]
    try:
        configs.refuse_or_pass(config=page.config)
    except configs.ConfigRefused as refused:
        return [problem.words for problem in refused.problems]
    others = []
    for problem in configs.check_forms(config=page.config, mappings=page.mappings, groups=groups, value_maps=maps, steps=steps):
        number = page.lines.get(problem.mapping) if problem.mapping is not None else None
        if number is not None:
            before = f"{told[number][1]} " if told[number][0] is ImportOutcome.WRONG else ""
            told[number] = ImportOutcome.WRONG, f"{before}{problem.words}"
        elif problem.mapping is not None:
            mapping = page.mappings[problem.mapping]
            others.append(say("The mapping “{mapping}”, which is not in the file: {problem}", mapping=mapping, problem=problem.words))
        else:
            others.append(problem.words)
    return others


def _carry_out(page: _Page, actor: AbstractBaseUser | None, now: datetime) -> None:
    """Switch off what changes before anything is switched on, so that no two mappings write one field on the way."""
    configs.begin_change(config=page.config, now=now)
    saved = models.FieldMapping.objects
    saved.filter(pk__in=[row.pk for row in page.changed]).update(active=False)
    saved.bulk_update(page.changed, list(SETTINGS.values()), batch_size=500)
    last = max((row.position for row in page.mappings if row.pk is not None), default=-1)
    for at, row in enumerate(page.added, start=1):
        row.position = last + at
    saved.bulk_create(page.added, batch_size=500)
    if page.changed or page.added:
        configs.save_rules(config=page.config, actor=actor, now=now)


def _fields(config: models.SyncConfig, side: Side) -> _Index:
    """The fields of a side by their names as they stand, then by names and labels in any letters, those first that can be mapped."""
    kinds = defaults.of(config.object_pair)
    connection_id, kind = (config.left_id, kinds.left_kind) if side is Side.LEFT else (config.right_id, kinds.right_kind)
    index: _Index = ({}, {}, {})
    for one in models.VendorField.objects.filter(connection_id=connection_id, kind=kind, archived=False).order_by("name"):
        exact, offered, others = index
        exact.setdefault(one.name, []).append(one)
        for called in {one.name.casefold(), one.label.casefold()}:
            (others if one.reason else offered).setdefault(called, []).append(one)
    return index


def _listed(row: models.FieldMapping) -> str:
    told: Iterable[str] = (
        say("{column} “{text}”", column=column, text=_written(getattr(row, name))) for column, name in SETTINGS.items()
    )
    return ", ".join(told)


def _in_file(value: object) -> str:
    """A setting as a file holds it: in English, so that it means the same whoever imports it."""
    return (YES if value else NO) if isinstance(value, bool) else _WORDS[str(value)].english


def _written(value: object) -> str:
    """A setting as a person reads it."""
    return (YES if value else NO) if isinstance(value, bool) else _WORDS[str(value)].label


_WORDS: Mapping[str, Direction | ConflictRule] = {one.value: one for words in (Direction, ConflictRule) for one in words}
