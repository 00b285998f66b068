"""Which pairs in sync are found as they were left: told by their values alone, before anything else is asked about them.

Owns a short way and no decision: of a pair that it knows, `planning.plan_pair` would say just that it stays in sync. Of others it says
nothing.
"""
from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from syncapp.engine import rules
from syncapp.engine.vocabulary import TransformKind

_NEVER = object()


class Watched(NamedTuple):
    """A mapping whose values tell by themselves: its key, both fields, and those that stand in for a left one without a value.

    `steps` says that both fields must have a value, since a step may be there to fill them.
    """

    key: str
    left: str
    right: str
    fallbacks: tuple[str, ...]
    steps: bool


def watched(*, rules: rules.SyncRules) -> tuple[Watched, ...] | None:
    """What must be as it was last agreed. None where more than that counts: a filter, an owner, a text made by a template."""
    steps = (step for mapping in rules.mappings for step in mapping.transforms)
    if rules.left_filters or rules.right_filters or rules.ownership or any(step.kind is TransformKind.TEMPLATE for step in steps):
        return None
    return tuple(
        Watched(
            key=mapping.key, left=mapping.left.name, right=mapping.right.name,
            fallbacks=tuple(spec.name for spec in mapping.fallbacks), steps=bool(mapping.transforms),
        )
        for mapping in rules.mappings
    )


def holds(
    *, watched: tuple[Watched, ...], left: Mapping[str, object], right: Mapping[str, object], base_left: Mapping[str, object],
    base_right: Mapping[str, object],
) -> bool:
    """Tell whether both live records of a pair in sync hold what they held when they last agreed.

    The values include those of associated records under their full names; all may be plain JSON.
    """
    for key, left_name, right_name, fallbacks, steps in watched:
        one, two = left.get(left_name), right.get(right_name)
        if fallbacks and _blank(one):
            one = next((other for name in fallbacks if not _blank(other := left.get(name))), one)
        if one != base_left.get(key, _NEVER) or two != base_right.get(key, _NEVER):
            return False
        if (one is None or two is None) and (one is not two or steps):
            return False
    return True


def _blank(value: object) -> bool:
    return not value if isinstance(value, list | tuple) else value is None or (isinstance(value, str) and not value.strip())
