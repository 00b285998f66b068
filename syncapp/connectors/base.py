"""What a connector can do, the same for both vendors.

Owns the protocol and its values. Every method raises `engine.errors.SyncError` subclasses only.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from syncapp.engine import errors, records, schema, vocabulary

NEEDS_TAX, NEEDS_SERVICE_DATE = "NEEDS_TAX", "NEEDS_SERVICE_DATE"
"""Codes of refusals that come before the vendor is asked, as it would refuse."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Which account a token leads to. `details` are plain facts for the connection's page (edition, data region ...)."""

    external_id: str
    name: str
    currency: str
    time_zone: str
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Window:
    """A span of the vendor's own time, both ends included. `also` is an earlier one, looked at in the same calls: for a side with a lag."""

    since: datetime
    until: datetime
    also: Window | None = None


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page of observations and the token of the next one; `next_token` is None on the last."""

    records: tuple[records.Record, ...]
    next_token: str | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """Records read by id. `missing` are ids the vendor says are not there; a merged id leads to its survivor's record,
    which names it in `merged_ids`."""

    records: tuple[records.Record, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What to read of a kind: field names of its own, the kinds of associated records whose ids are needed, and the fields
    of which every earlier value is needed too (of those that keep any)."""

    kind: str
    fields: tuple[str, ...]
    links: tuple[str, ...] = ()
    history: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Write:
    """One write. `key` is ours (a uuid's 32 hex digits), the same for every try of one operation; for a create it is also kept
    on the record where the vendor can (HubSpot: unique property). `values` are canonical, by field name."""

    key: str
    kind: vocabulary.OperationKind
    record_kind: str
    values: Mapping[str, records.Value]
    external_id: str = ""
    revision_token: str = ""
    current: Mapping[str, records.Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Written:
    """What came of one write: the record as the answer shows it (`record`, whose `values` hold only what the answer held),
    or the error. Exactly one of the two is set."""

    key: str
    record: records.Record | None = None
    error: errors.SyncError | None = None
    request_id: str = ""


@dataclass(frozen=True, kw_only=True)
class HistoryEntry:
    """One earlier value of a field at the vendor, newest first in its list."""

    value: records.Value
    changed_at: datetime
    by_us: bool
    author: str


class OwnState(StrEnum):
    """How one of our own fields stands at the vendor: when it is looked at, or after it was to be installed or removed."""

    MADE = "MADE"
    THERE = "THERE"
    REFUSED = "REFUSED"
    WRONG = "WRONG"
    REMOVED = "REMOVED"
    MISSING = "MISSING"


@dataclass(frozen=True, kw_only=True)
class OwnField:
    """A field that the sync brings along. `words` say why it was refused, or what is wrong with one of its name that is there."""

    kind: str
    name: str
    label: str
    state: OwnState
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What the vendor offers.

    `conditional_writes`: a write carries the expected revision, a stale one is refused.
    `history`: earlier values can be read back. `keeps_our_key`: a create with our key is found again by it,
    except perhaps for `keyless_kinds`, for which an account may refuse to keep one.
    `batch_size`: writes in one call. `single_kinds`: where batches have a limit of their own, the kinds of which a create may also
    leave by a call of its own, since it needs nothing read first. `page_lag`: seconds by which changes may appear late.
    `max_window_days`: how far back `changes` reaches (0 = any). `archived_listing`: archived records need a stream of their
    own. `archives`: the kinds of which a record may be archived because we created it, and can be brought back there by a person.
    """

    conditional_writes: bool
    history: bool
    keeps_our_key: bool
    keyless_kinds: frozenset[str]
    batch_size: int
    single_kinds: frozenset[str]
    page_lag: int
    max_window_days: int
    archived_listing: bool
    archives: frozenset[str]


class Connector(Protocol):
    """One connected account of one vendor."""

    system: vocabulary.System
    capabilities: Capabilities

    def account(self) -> Account:
        """Tell which account this is. One cheap call."""

    def fields(self, *, kind: str) -> tuple[schema.FieldSpec, ...]:
        """The fields of a kind with those of its associated kinds (named `kind.field`), as this account has them now."""

    def server_time(self) -> datetime:
        """The vendor's own present, from its latest answer (makes a cheap call if there was none)."""

    def changes(self, *, wanted: Wanted, window: Window, token: str | None) -> Page:
        """Records changed within the window, archived ones too where the vendor tells; any order, a page at a time."""

    def listing(self, *, wanted: Wanted, token: str | None, archived: bool = False) -> Page:
        """All records of a kind (or all archived ones), a page at a time, complete or an error."""

    def read(self, *, wanted: Wanted, ids: Sequence[str]) -> Found:
        """Records by id, inactive and archived ones too. Strongly consistent."""

    def find(self, *, wanted: Wanted, field_name: str, values: Sequence[str]) -> tuple[records.Record, ...]:
        """Live and archived records whose field has one of the values, by a direct read or a query, never by a lagging index.
        Values are compared as the vendor compares them (case-insensitive for e-mail and names)."""

    def find_created(self, *, wanted: Wanted, keys: Sequence[str]) -> Mapping[str, records.Record]:
        """Records made by our own creates, by our key. Empty where the vendor keeps no key."""

    def write(self, *, writes: Sequence[Write], singly: bool = False) -> tuple[Written, ...]:
        """Carry out writes of one operation kind and one record kind, at most `batch_size`; one result each, in order.
        `singly`: by a call for each, for one of the `single_kinds`.
        A failure of the whole call is the error of every write in it."""

    def history(self, *, kind: str, ids: Sequence[str], fields: Sequence[str]) -> Mapping[str, Mapping[str, tuple[HistoryEntry, ...]]]:
        """Earlier values by id and field. Empty where the vendor has none."""

    def install_fields(self, *, kind: str) -> tuple[OwnField, ...]:
        """Make our own fields of a kind where they are missing, and tell of each. Doing it again does no harm."""

    def remove_fields(self, *, kind: str) -> tuple[OwnField, ...]:
        """Put our own fields of a kind away, and tell of each that was there."""

    def associated(self, *, kind: str, other: str, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The records of another kind that these are associated with now, by id, the primary one first; read one way, in bulk.
        Empty where associations are part of the records."""

    def key_state(self, *, kind: str) -> OwnState | None:
        """How the field stands in which our key is kept on records of a kind: one that is missing is made with the first create.
        None where the vendor needs none."""

    def record_url(self, *, kind: str, external_id: str) -> str:
        """Where a person sees the record at the vendor."""
