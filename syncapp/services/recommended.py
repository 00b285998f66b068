"""What there is to say of a pair of objects: the shapes of its recommended mappings, filters and settings.

Owns the shapes only. The pairs themselves are in `object_pairs`.
"""
from __future__ import annotations

from dataclasses import dataclass

from syncapp.engine import rules, vocabulary
from syncapp.engine.vocabulary import Direction, FilterOperator


@dataclass(frozen=True, kw_only=True)
class RecommendedMapping:
    """Two fields that usually mean the same."""

    left: str
    right: str
    direction: Direction = Direction.BOTH
    fallback: bool = False


@dataclass(frozen=True, kw_only=True)
class RecommendedRule:
    """One condition. The first of `fields` that the account has is taken; `choices` are matched by value or by label.

    `since_setup` compares with the beginning of the day of set-up, where the account is.
    """

    fields: tuple[str, ...]
    operator: FilterOperator
    choices: tuple[str, ...] = ()
    since_setup: bool = False


@dataclass(frozen=True, kw_only=True)
class RecommendedGroup:
    """Conditions that all hold. A group of which the account lacks a field is not offered."""

    name: str
    rules: tuple[RecommendedRule, ...]


@dataclass(frozen=True, kw_only=True)
class NewValue:
    """A setting of the sync whose value every new QuickBooks record is given in `field`.

    An `account` is chosen among the accounts of the company that the field offers. It is needed by every new record or, where
    `needed_for` names a field, by those that have a value there.
    """

    setting: str
    field: str
    label: str
    account: bool = True
    needed_for: str = ""


@dataclass(frozen=True, kw_only=True)
class Composition:
    """QuickBooks fields that no record holds: they are put together when a pair is planned, by the composer of that name.

    `made_of` are the fields that must be known for it, those of associated records too (`invoice.DocNumber`).
    """

    composer: str
    fields: tuple[str, ...]
    made_of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ObjectDefaults:
    """What is particular to one pair of objects. Of `left_filters` and `right_filters` the first group that fits is used.

    `direction` is the recommended one, `directions` are those there are. `level` tells the order of dependencies: what names other
    records comes after them. `reads` are associations in HubSpot that must be known, by kind. `born_with` is what every new
    HubSpot record is given. `name_field` holds a record's own name, `full_name_field` the name with those of its
    parents where that one is unique. `nested`: a new QuickBooks record may be put under another one.
    """

    left_kind: str
    right_kind: str
    direction: Direction
    match_keys: tuple[rules.MatchKey, ...]
    name_field: str
    needs_one_of: tuple[str, ...]
    mappings: tuple[RecommendedMapping, ...]
    full_name_field: str = ""
    level: int = 0
    directions: tuple[Direction, ...] = tuple(Direction)
    needs_sync: tuple[vocabulary.ObjectPair, ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    born_with: tuple[rules.Given, ...] = ()
    nested: bool = True
    new_values: tuple[NewValue, ...] = ()
    composition: Composition | None = None
    left_filters: tuple[RecommendedGroup, ...] = ()
    right_filters: tuple[RecommendedGroup, ...] = ()
