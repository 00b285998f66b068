"""The settings of a sync as a file, and the names in which they are told.

Owns the way from rows to the file: fields by their names, choices and accounts by what people call them. Changes nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from syncapp import models
from syncapp.engine import settings_file, vocabulary
from syncapp.engine.vocabulary import Side
from syncapp.services import asking, drafts, import_files

PLAIN = (
    "name", "interval_minutes", "key_required", "name_suffix", "brake_creates", "brake_updates", "brake_archives",
)
WORDS = {
    "object_pair": vocabulary.ObjectPair, "direction": vocabulary.Direction, "create_to": vocabulary.CreateTo,
    "match_mode": vocabulary.MatchMode, "conflict_winner": vocabulary.ConflictRule, "leave_policy": vocabulary.LeaveFilterPolicy,
    "delete_policy": vocabulary.DeletePolicy, "name_policy": vocabulary.NamePolicy, "new_product_type": vocabulary.NewProductType,
}
MATCH = {"match_left": Side.LEFT, "match_right": Side.RIGHT}
ACCOUNTS = {"income_account": "IncomeAccountRef", "expense_account": "ExpenseAccountRef"}
"""The settings that hold an account of the company, and the field that offers the accounts there are."""
LEFT_OUT = {
    "id", "left", "right", "active", "revision", "looked_through", "next_due_at", "asked_at", "created_by", "created_at", "updated_at",
    "switched_on_by",
}
"""What of a sync is no setting of it: where it is, whether it runs, and what happened to it."""


def text(*, config: models.SyncConfig) -> str:
    """Write the settings of a sync as they are saved."""
    return settings_file.written(of(draft=drafts.own(config=config)))


def of(*, draft: drafts.Draft) -> settings_file.Settings:
    """Tell the settings of a sync in the words of the file."""
    config = draft.config
    names = {one.pk: one.name for found in draft.fields.values() for one in found}
    facts: dict[str, Any] = {
        **{name: getattr(config, name) for name in PLAIN},
        **{name: word(getattr(config, name)) for name, word in WORDS.items()},
        **{name: names.get(getattr(config, f"{name}_id"), "") for name in MATCH},
        **{name: draft.accounts(field_name=field).get(getattr(config, name), "") for name, field in ACCOUNTS.items()},
    }
    return settings_file.Settings(
        left=vocabulary.System.HUBSPOT, right=vocabulary.System.QUICKBOOKS, **facts,
        left_filters=_groups(draft, Side.LEFT), right_filters=_groups(draft, Side.RIGHT),
        mappings=tuple(_mapping(draft, at, row) for at, row in enumerate(draft.mappings)),
    )


def read(*, content: bytes | str) -> settings_file.Settings:
    """Read a file of settings. Raises FileRefused, which says all that is wrong with it."""
    try:
        return settings_file.read(content.encode() if isinstance(content, str) else content)
    except settings_file.Unreadable as unreadable:
        raise import_files.FileRefused(*unreadable.sentences) from unreadable


def labels(*, draft: drafts.Draft) -> Mapping[Side, Mapping[str, str]]:
    """Tell what people call the fields of both sides, by their names."""
    return {side: {one.name: one.label for one in found} for side, found in draft.fields.items()}


def _groups(draft: drafts.Draft, side: Side) -> tuple[settings_file.Group, ...]:
    return tuple(
        settings_file.Group(name=group.name, conditions=tuple(map(_condition, conditions)))
        for group, conditions in draft.groups if group.side == side
    )


def _condition(row: models.FilterRule) -> settings_file.Condition:
    words = asking.choice_words(field=row.field)
    return settings_file.Condition(
        field=row.field.name, operator=vocabulary.FilterOperator(row.operator),
        values=tuple(words.get(str(value), str(value)) for value in row.values), include_unset=row.include_unset, frozen=row.frozen,
    )


def _mapping(draft: drafts.Draft, at: int, row: models.FieldMapping) -> settings_file.FieldPair:
    left, right = asking.choice_words(field=row.left_field), asking.choice_words(field=row.right_field)
    values = {left.get(one, one): right.get(other, other) for one, other in draft.value_maps.get(at, ())}
    return settings_file.FieldPair(
        left_field=row.left_field.name, right_field=row.right_field.name, direction=vocabulary.Direction(row.direction), active=row.active,
        fallback=row.fallback, conflict_rule=vocabulary.ConflictRule(row.conflict_rule), clears=row.clears,
        values=dict(sorted(values.items())),
        steps=tuple(
            settings_file.Step(side=step.side, kind=step.kind, setting=step.setting) for step in draft.steps.get(at, ())
        ),
    )
