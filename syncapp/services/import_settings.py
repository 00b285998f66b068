"""Take over the settings of a file: into a sync that is there, or as a new one.

Owns which saved mapping a mapping of the file is, so that what was agreed about it still counts, and how names become fields, choices
and accounts of the accounts at hand. Whether the settings make sense is told by `services.configs`.
"""
from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from syncapp import models
from syncapp.engine import settings_file
from syncapp.engine.vocabulary import ImportOutcome, Side
from syncapp.engine.wording import count, later, say
from syncapp.selectors import setting_changes
from syncapp.services import asking, config_versions, configs, drafts, import_files, settings_files
from syncapp.services.config_checks import Problem
from syncapp.services.import_lines import Line, Plan, Verdict

TEXT = "text"
"""The cell in which a draft of an import keeps the file."""
KEPT = ("left_field", "right_field", "direction", "active", "fallback", "conflict_rule", "clears", "position")
SETTINGS = (*settings_files.PLAIN, *settings_files.WORDS, *settings_files.MATCH, *settings_files.ACCOUNTS)
ACTIVE = later(
    "This sync is on: its next run begins at once under these settings. To see first what they would write, turn it off, carry this out,"
    " press Preview now, and activate it again."
)


@dataclass(kw_only=True)
class _Wished:
    """The rows of a sync as they would be, and what cannot be taken over. Mappings that are saved are copies with their ids."""

    config: models.SyncConfig
    bad: list[str] = field(default_factory=list)
    mappings: list[models.FieldMapping] = field(default_factory=list)
    values: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    steps: dict[int, list[models.Transform]] = field(default_factory=dict)
    groups: list[tuple[models.FilterGroup, list[models.FilterRule]]] = field(default_factory=list)


def keep(*, content: bytes) -> Line:
    """Read a file and give it the form in which a draft keeps it. Raises FileRefused."""
    return Line(number=1, cells={TEXT: settings_file.written(settings_files.read(content=content))})


def plan(*, config: models.SyncConfig, lines: Sequence[Line]) -> Plan:
    """Say what would come of the file that a draft keeps."""
    try:
        return settings(config=config, wished=settings_files.read(content=lines[0].cells[TEXT]))
    except import_files.FileRefused as refused:
        return Plan(verdicts=[Verdict(number=1, outcome=ImportOutcome.WRONG, words=str(refused))], carry_out=_nothing)


def settings(*, config: models.SyncConfig, wished: settings_file.Settings) -> Plan:
    """Say what would come of settings for a sync that is there. Its name stays, so that it can take over those of another."""
    draft = drafts.own(config=config)
    now = settings_files.of(draft=draft)
    if wished.object_pair is not now.object_pair:
        words = say(
            "The file is of “{theirs}”, and this sync keeps “{ours}” in step. Set up a new sync from it instead.",
            theirs=wished.object_pair.label, ours=now.object_pair.label,
        )
        return Plan(verdicts=[Verdict(number=1, outcome=ImportOutcome.WRONG, words=words)], carry_out=_nothing)
    wished = replace(wished, name=now.name)
    changes = setting_changes.differences(before=now, after=wished, labels=settings_files.labels(draft=draft))
    verdicts = [Verdict(number=at, outcome=ImportOutcome.CHANGE, words=one.words) for at, one in enumerate(changes, start=1)]
    if not changes:
        return Plan(verdicts=[Verdict(number=1, outcome=ImportOutcome.SAME, words=say("All settings are so already."))], carry_out=_nothing)
    made = _rows(copy.copy(config), wished, draft)
    verdicts += [Verdict(number=at, outcome=ImportOutcome.WRONG, words=words) for at, words in enumerate(made.bad, start=len(changes) + 1)]

    def carry_out(actor: AbstractBaseUser | None, now: datetime) -> None:
        configs.begin_change(config=config, now=now)
        _write(made)
        configs.save_rules(config=config, actor=actor, now=now)

    return Plan(
        verdicts=verdicts, carry_out=carry_out, refusals=() if made.bad else _refusals(made), notes=[str(ACTIVE)] if config.active else [],
    )


def compared(*, config: models.SyncConfig, wished: settings_file.Settings) -> list[setting_changes.Change]:
    """List in words what a file has that a sync has not, and the other way round."""
    draft = drafts.own(config=config)
    now = settings_files.of(draft=draft)
    return setting_changes.differences(before=now, after=wished, labels=settings_files.labels(draft=draft))


def changed(
    *, config: models.SyncConfig, before: settings_file.Settings, after: settings_file.Settings
) -> list[setting_changes.Change]:
    """List in words what differs between two states of the settings of a sync."""
    return setting_changes.differences(before=before, after=after, labels=settings_files.labels(draft=drafts.Draft(config=config)))


def create(
    *, wished: settings_file.Settings, left: models.Connection, right: models.Connection, name: str, actor: AbstractBaseUser | None,
    now: datetime, only_look: bool = False,
) -> models.SyncConfig:
    """Set up a new sync, switched off, from the settings of a file; with `only_look` nothing is saved.

    Reads the fields of an account whose fields were never read. Raises ConfigRefused, which names every place of the file that the
    accounts do not know, and the SyncError of an account that cannot be read.
    """
    maker = actor.pk if actor is not None else None
    config = models.SyncConfig(left=left, right=right, object_pair=wished.object_pair, created_by_id=maker)
    configs.read_fields(left=left, right=right, object_pair=wished.object_pair, now=now)
    made = _rows(config, replace(wished, name=name or wished.name), drafts.Draft(config=config))
    if wrong := [*made.bad] or _refusals(made):
        raise configs.ConfigRefused([Problem(field="file", words=words) for words in wrong])
    if not only_look:
        with transaction.atomic():
            _write(made)
            config_versions.record(config=made.config, actor=actor, now=now)
    return made.config


def apply(*, config: models.SyncConfig, wished: settings_file.Settings, actor: AbstractBaseUser | None, now: datetime) -> Plan:
    """Take settings over into a sync that is there, all or nothing, and tell what was planned. Nothing is done while anything is wrong."""
    with transaction.atomic():
        found = settings(config=config, wished=wished)
        if not found.wrong:
            found.carry_out(actor, now)
    return found


def told(*, file: str, changes: int) -> str:
    """Say that a file was taken over."""
    return count(
        "The settings of “{file}” were taken over: {number} change.", "The settings of “{file}” were taken over: {number} changes.",
        number=changes, file=file,
    )


def _rows(config: models.SyncConfig, wished: settings_file.Settings, draft: drafts.Draft) -> _Wished:
    """Make the rows that settings ask for. `config` is a copy that may be changed."""
    made = _Wished(config=config)
    for name in (*settings_files.PLAIN, *settings_files.WORDS):
        setattr(config, name, getattr(wished, name))
    for name, side in settings_files.MATCH.items():
        setattr(config, name, _field(made, draft, side, getattr(wished, name), name) if getattr(wished, name) else None)
    for name, field_name in settings_files.ACCOUNTS.items():
        setattr(config, name, _account(made, draft, field_name, getattr(wished, name), name))
    places = _places(wished.mappings, draft.mappings)
    for at, one in enumerate(wished.mappings):
        _mapping(made, draft, one, places.get(at), f"mappings → {at + 1}")
    for side in Side:
        where = f"{side.value.lower()}_filters"
        for at, group in enumerate(getattr(wished, where)):
            _group(made, draft, side, group, at, f"{where} → {at + 1}")
    return made


def _mapping(
    made: _Wished, draft: drafts.Draft, one: settings_file.FieldPair, saved: models.FieldMapping | None, where: str
) -> None:
    left = _field(made, draft, Side.LEFT, one.left_field, f"{where} → left_field")
    right = _field(made, draft, Side.RIGHT, one.right_field, f"{where} → right_field")
    if left is None or right is None:
        return
    row, at = copy.copy(saved) if saved is not None else models.FieldMapping(), len(made.mappings)
    facts = {name: getattr(one, name) for name in ("direction", "active", "fallback", "conflict_rule", "clears")}
    for name, value in {"config": made.config, "left_field": left, "right_field": right, "position": at, **facts}.items():
        setattr(row, name, value)
    made.mappings.append(row)
    ends = asking.codes(field=left, words=one.values.keys()), asking.codes(field=right, words=one.values.values())
    made.values[at] = list(zip(*ends, strict=True))
    for end, codes in zip((left, right), ends, strict=True):
        made.bad += _unfit(end, codes, f"{where} → values")
    made.steps[at] = [
        models.Transform(side=step.side, kind=step.kind, setting=step.setting, position=number) for number, step in enumerate(one.steps)
    ]


def _group(made: _Wished, draft: drafts.Draft, side: Side, group: settings_file.Group, position: int, where: str) -> None:
    conditions = []
    for at, one in enumerate(group.conditions):
        found = _field(made, draft, side, one.field, f"{where} → conditions → {at + 1} → field")
        if found is not None:
            conditions.append(models.FilterRule(
                field=found, operator=one.operator, values=asking.codes(field=found, words=one.values),
                include_unset=one.include_unset, frozen=one.frozen, position=at,
            ))
    made.groups.append((models.FilterGroup(config=made.config, side=side, name=group.name, position=position), conditions))


def _places(wished: Sequence[settings_file.FieldPair], saved: Sequence[models.FieldMapping]) -> Mapping[int, models.FieldMapping]:
    """The saved mapping that each one of the file is: of the same fields, and of several of those the one that is most like it."""
    left = list(saved)
    found: dict[int, models.FieldMapping] = {}
    for alike in (("direction", "fallback"), ("fallback",), ()):
        for at, one in enumerate(wished):
            if at in found:
                continue
            row = next((row for row in left if _same(row, one) and all(getattr(row, name) == getattr(one, name) for name in alike)), None)
            if row is not None:
                found[at] = row
                left.remove(row)
    return found


def _same(row: models.FieldMapping, one: settings_file.FieldPair) -> bool:
    return (row.left_field.name, row.right_field.name) == (one.left_field, one.right_field)


def _field(made: _Wished, draft: drafts.Draft, side: Side, name: str, where: str) -> models.VendorField | None:
    """The field of that name; one that vanished is left to the checks, which let it stand where it is not used."""
    found = next((one for one in draft.fields[side] if one.name == name), None)
    if found is None:
        words = say(
            "{side} has no field “{text}” here. Refresh the fields on the page of the connection if it is new, put another field there, or"
            " leave this part out of the file.", side=side.label, text=name,
        )
        made.bad.append(say("“{place}”: {words}", place=where, words=words))
    return found


def _account(made: _Wished, draft: drafts.Draft, field_name: str, name: str, where: str) -> str:
    """The id of the account of that name in this company."""
    found = [code for code, label in draft.accounts(field_name=field_name).items() if label == name]
    if name and len(found) != 1:
        words = say(
            "the company has no account “{name}”, or several. Put the name of another one there, or leave it empty (\"\") and choose one on"
            " the page of the sync.", name=name,
        )
        made.bad.append(say("“{place}”: {words}", place=where, words=words))
    return found[0] if name and found else ""


def _unfit(end: models.VendorField, codes: Sequence[str], where: str) -> Iterator[str]:
    """What of a value map the field does not know, or would know twice."""
    known = asking.choice_words(field=end)
    for code, number in Counter(codes).items():
        if known and code not in known:
            words = say(
                "“{field}” has no value “{value}” here. Put the name of one of its choices there, or leave the value out.",
                field=end.label, value=code,
            )
            yield say("“{place}”: {words}", place=where, words=words)
        if number > 1:
            words = say("the value “{value}” of “{field}” stands here twice. Remove one of the two.", value=code, field=end.label)
            yield say("“{place}”: {words}", place=where, words=words)


def _refusals(made: _Wished) -> list[str]:
    """What the checks of the page say of the rows."""
    try:
        configs.refuse_or_pass(config=made.config)
    except configs.ConfigRefused as refused:
        return [problem.words for problem in refused.problems]
    found = configs.check_forms(
        config=made.config, mappings=made.mappings, groups=made.groups, value_maps=made.values, steps=made.steps
    )
    return list(_placed(made, found))


def _placed(made: _Wished, problems: Sequence[Problem]) -> Iterator[str]:
    for problem in problems:
        if problem.mapping is not None:
            yield say("“{place}”: {words}", place=f"mappings → {problem.mapping + 1}", words=problem.words)
        elif problem.rule is not None:
            yield say("Filter group “{name}”: {words}", name=made.groups[problem.rule[0]][0].name, words=problem.words)
        else:
            yield problem.words


def _write(made: _Wished) -> None:
    """Save the rows. What is to go is gone, and what changes is off, before anything is switched on."""
    config, saved = made.config, models.FieldMapping.objects
    config.save(update_fields=SETTINGS if config.pk is not None else None)
    there, new = [row for row in made.mappings if row.pk is not None], [row for row in made.mappings if row.pk is None]
    config.mappings.exclude(pk__in=[row.pk for row in there]).delete()
    config.mappings.update(active=False)
    saved.bulk_update(there, KEPT, batch_size=500)
    saved.bulk_create(new, batch_size=500)
    models.ValueMapping.objects.filter(mapping__config=config).delete()
    models.Transform.objects.filter(mapping__config=config).delete()
    models.ValueMapping.objects.bulk_create(
        [
            models.ValueMapping(mapping=row, left_value=left, right_value=right)
            for at, row in enumerate(made.mappings) for left, right in made.values[at]
        ],
        batch_size=500,
    )
    for at, row in enumerate(made.mappings):
        for step in made.steps[at]:
            step.mapping = row
    models.Transform.objects.bulk_create([step for steps in made.steps.values() for step in steps], batch_size=500)
    config.filter_groups.all().delete()
    for group, conditions in made.groups:
        group.save()
        for one in conditions:
            one.group = group
        models.FilterRule.objects.bulk_create(conditions)


def _nothing(_actor: AbstractBaseUser | None, _now: datetime) -> None:
    """There is nothing to do."""


