"""A remote record as the engine sees it, whichever vendor keeps it.

Owns the shapes. Values are canonical: text as str, numbers as plain decimal text ("12.5"), yes/no as bool,
dates as "YYYY-MM-DD", times as ISO 8601 in UTC with milliseconds ("2026-11-26T09:30:00.000Z"),
several choices as a sorted tuple; nothing known is None, never "".
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncapp.engine import vocabulary

Value = str | bool | tuple[str, ...] | None
Past = Mapping[str, tuple[Value, ...]]
"""Earlier values by field."""


@dataclass(frozen=True, kw_only=True, order=True)
class RecordRef:
    """Which record: its kind (`contacts`, `customer`) and its id at the vendor. The connection is known from the context."""

    kind: str
    external_id: str


@dataclass(frozen=True, kw_only=True, order=True)
class Revision:
    """How new an observation is. Compared only with the same record's own revisions.

    `number` grows with every change (milliseconds of HubSpot's updatedAt, QuickBooks' SyncToken);
    `updated_at` breaks a tie; `token` is what the vendor wants back.
    """

    number: int
    updated_at: datetime
    token: str = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class Record:
    """One observation of one remote record.

    `values` holds what was asked for; `links` the ids of associated records by kind (first = primary), and only
    the kinds that were read; `merged_ids` are ids that now lead here; `past` holds the earlier values of the fields whose
    history was read, newest first, each once and without the present one.
    """

    ref: RecordRef
    revision: Revision
    values: Mapping[str, Value]
    state: vocabulary.RecordState = vocabulary.RecordState.LIVE
    created_at: datetime
    label: str = ""
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    merged_ids: tuple[str, ...] = ()
    past: Past = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Partner:
    """What a reference to another record means on the other side: the id of that record's partner there, or several.

    Without one, `needed` says that nothing can be written before there is one; `label` and `why` name the record that is
    referred to and say what keeps it; `comes` that one is to be expected without a person.
    """

    external_ids: tuple[str, ...] = ()
    label: str = ""
    why: str = ""
    needed: bool = True
    comes: bool = True


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A record as the rules look at it: its values, and those of the records associated with it.

    `related` is keyed by kind; each entry is the values of one associated record, the primary one first.
    `past` holds the earlier values of a field, newest first, as far as they are known here; `related_past` those of the
    associated records, in the order of `related`. `partners` tells, for the kind that is wanted on the other side and the id that
    this record names, which record there is meant.
    """

    record: Record
    related: Mapping[str, tuple[Mapping[str, Value], ...]] = field(default_factory=dict)
    past: Past = field(default_factory=dict)
    related_past: Mapping[str, tuple[Past, ...]] = field(default_factory=dict)
    partners: Mapping[tuple[str, str], Partner] = field(default_factory=dict)

    def associated(self, kind: str) -> tuple[tuple[Mapping[str, Value], Past], ...]:
        """The associated records of a kind, each as its values and its earlier values."""
        now = self.related.get(kind, ())
        unknown: Past = {}
        return tuple(zip(now, self.related_past.get(kind) or (unknown,) * len(now), strict=True))

    def value(self, name: str) -> Value:
        """The value of a field; `companies.name` is the name of the primary associated company."""
        if self.related and "." in name:
            kind, _, inner = name.partition(".")
            if kind in self.related:
                first = self.related[kind][:1]
                return first[0].get(inner) if first else None
        return self.record.values.get(name)
