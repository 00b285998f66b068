"""Values of QuickBooks records that no record holds: put together when pairs are planned, each sync's by its own composer.

Owns the table of composers and when they are asked. What is composed becomes a value like any other, and is agreed like any other.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from syncapp.engine import records
from syncapp.services import context, defaults, entries, places


class Compose(Protocol):
    """Put values together for subjects, by the subjects' keys."""

    def __call__(self, *, lane: context.Lane, subjects: Mapping[int, records.Subject]) -> Mapping[int, Mapping[str, records.Value]]: ...


class Mark(Protocol):
    """Mark pairs of a lane to be planned."""

    def __call__(self, *, lane: context.Lane) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Composer:
    """What composes, what is to be looked at again as a run begins, and what beside that which is planned anyway."""

    compose: Compose
    as_it_begins: Mark
    beside: Mark


_COMPOSERS: Mapping[str, Composer] = {
    "entries": Composer(compose=entries.composed, as_it_begins=places.look_again, beside=places.look_beside),
}


def begin(*, lane: context.Lane) -> None:
    """Have pairs looked at again for reasons that no record's own change tells."""
    _ask(lane, lambda composer: composer.as_it_begins(lane=lane))


def widen(*, lane: context.Lane) -> None:
    """Have pairs planned that depend on what those say which are to be planned."""
    _ask(lane, lambda composer: composer.beside(lane=lane))


def composes(*, lane: context.Lane) -> bool:
    """Tell whether QuickBooks records of a lane have values that are composed."""
    return _of(lane) is not None


def completed(*, lane: context.Lane, subjects: Mapping[int, records.Subject]) -> dict[int, records.Subject]:
    """Give QuickBooks records the values that are composed."""
    composer = _of(lane)
    if composer is None or not subjects:
        return dict(subjects)
    made = composer.compose(lane=lane, subjects=subjects)
    return {
        key: replace(subject, record=replace(subject.record, values={**subject.record.values, **made.get(key, {})}))
        for key, subject in subjects.items()
    }


def _of(lane: context.Lane) -> Composer | None:
    composition = defaults.of(lane.config.object_pair).composition
    return _COMPOSERS[composition.composer] if composition is not None else None


def _ask(lane: context.Lane, ask: Callable[[Composer], None]) -> None:
    composer = _of(lane)
    if composer is not None:
        ask(composer)
