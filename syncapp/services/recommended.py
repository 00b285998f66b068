"""What there is to say of a pair of objects: the shapes of its recommended mappings, filters and settings.

Owns the shapes only. The pairs themselves are in `object_pairs`.
"""
from __future__ import annotations

from dataclasses import dataclass

from syncapp.engine import rules, schema, vocabulary
from syncapp.engine.vocabulary import Direction, FilterOperator


@dataclass(frozen=True, kw_only=True)
class RecommendedMapping:
    """Two fields that usually mean the same.

    Where `only_if` names a fact of the QuickBooks company, with its value, nothing is written there unless it is so.
    """

    left: str
    right: str
    direction: Direction = Direction.BOTH
    fallback: bool = False
    only_if: tuple[str, str] | None = None
    clears: bool = False


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
    """Conditions that all hold. A group of which the account lacks a field is not offered.

    `if_flows`: only where values flow from that side.
    """

    name: str
    rules: tuple[RecommendedRule, ...]
    if_flows: bool = False


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
class Aging:
    """What becomes of QuickBooks records with time alone: once the day in `due` has passed, `state` is none of `still` any more."""

    due: str
    state: str
    still: tuple[str, ...]


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
    record is given. `ownership` counts, and `own_keys` take the place of `match_keys`, where the sync may write to QuickBooks: such
    records belong to the side on which they were born, and one of each side with the same number is not the same. `name_field`
    holds a record's own name, `full_name_field` the name with those of its parents where that one is unique.
    `nested`: a new QuickBooks record may be put under another one.
    `made_here` are the fields of a right kind that no vendor has: its records are made by us, only updates follow from them.
    `made_of` names the right kinds that are read for that, each with the fields that are needed of it.
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
    ownership: rules.Ownership | None = None
    own_keys: tuple[rules.MatchKey, ...] = ()
    nested: bool = True
    aging: Aging | None = None
    new_values: tuple[NewValue, ...] = ()
    made_here: tuple[schema.FieldSpec, ...] = ()
    made_of: tuple[tuple[str, tuple[str, ...]], ...] = ()
    composition: Composition | None = None
    left_filters: tuple[RecommendedGroup, ...] = ()
    right_filters: tuple[RecommendedGroup, ...] = ()
