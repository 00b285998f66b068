"""Judge what the live fire left behind: promises about plain facts, without a database or a network.

Owns the promises' arithmetic. A breach is a sentence that begins with the number of its promise.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

LEFT, RIGHT = "LEFT", "RIGHT"
FIELDS = ("email", "first", "last", "phone")
LINKED = "LINKED"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A record of one side of one sync, as the vendor holds it."""

    sync: int
    side: str
    id: str
    values: Mapping[str, str]
    live: bool = True


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two records that our database holds for one."""

    id: int
    sync: int
    left: str | None
    right: str | None
    state: str
    conflicts: Sequence[tuple[str, str, bool]] = ()
    """Both values of each conflict, and whether it is open."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row of our journal."""

    pair: int
    sync: int
    side: str
    kind: str
    status: str
    external_id: str
    attempts: int
    fence: int
    sent_at: float | None
    id: int = 0
    read_back: bool = False
    """Its answer was lost, so the record was read to learn what became of it."""


@dataclass(frozen=True, kw_only=True)
class Audited:
    """One write as the audit has it: of which entry of the journal, and who is named."""

    number: int
    entry: int
    person: str


@dataclass(frozen=True, kw_only=True)
class Edit:
    """What a person typed at a vendor, or made there (`field` is empty)."""

    number: int
    sync: int
    side: str
    id: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that is judged."""

    people: Sequence[Person]
    pairs: Sequence[Pair]
    entries: Sequence[Entry]
    edits: Sequence[Edit]
    marks: Mapping[int, str]
    """A word that every value of a sync holds and that of no other."""
    effects: Mapping[str, int]
    """What the vendors counted as written by us, by verb."""
    writes_of_late_runs: Sequence[int]
    """What each further run wrote when all was quiet."""
    refused_refreshes: int
    unconnected: Sequence[str]
    audited: Sequence[Audited]
    """The audit of writes that took effect."""
    unsound: Sequence[str]
    """What is wrong with the audit's chain."""
    said: str = ""
    canaries: Sequence[str] = field(default=(), repr=False)


def breaches(found: Evidence) -> list[str]:
    """Name every promise that was not kept, and by what."""
    checks = (
        _settled, _agreed, _no_twins, _nothing_lost, _nothing_deleted, _right_account, _intent_first, _one_writer, _tokens, _audit,
        _no_word_out,
    )
    return [breach for check in checks for breach in check(found)]


def _settled(found: Evidence) -> Iterator[str]:
    for number, writes in enumerate(found.writes_of_late_runs, start=1):
        if writes:
            yield f"P1: the quiet run {number} wrote {writes} times"


def _agreed(found: Evidence) -> Iterator[str]:
    people = {(one.sync, one.side, one.id): one for one in found.people}
    for pair in found.pairs:
        if pair.state != LINKED or pair.left is None or pair.right is None or any(still_open for _, _, still_open in pair.conflicts):
            continue
        left, right = people.get((pair.sync, LEFT, pair.left)), people.get((pair.sync, RIGHT, pair.right))
        if left is None or right is None:
            yield f"P2: pair {pair.id} is linked to a record that is not there"
            continue
        for name in FIELDS:
            if normal(name, left.values.get(name, "")) != normal(name, right.values.get(name, "")):
                yield f"P2: {name} of pair {pair.id} differs: {left.values.get(name)!r} and {right.values.get(name)!r}"
    known = {(pair.sync, side, key) for pair in found.pairs for side, key in ((LEFT, pair.left), (RIGHT, pair.right)) if key}
    for one in found.people:
        if one.live and (one.sync, one.side, one.id) not in known:
            yield f"P2: record {one.id} of sync {one.sync} {one.side} was never seen"
    for pair in found.pairs:
        if pair.state == LINKED or pair.state in _EXPLAINED:
            continue
        yield f"P2: pair {pair.id} rests in the state {pair.state}"


_EXPLAINED = ("AMBIGUOUS", "FAILED", "FROZEN", "MERGE_HOLD", "ORPHANED", "TOMBSTONE")


def _no_twins(found: Evidence) -> Iterator[str]:
    by_hand = {(edit.sync, edit.side, edit.id) for edit in found.edits if not edit.field}
    created = Counter((one.sync, one.side, one.external_id) for one in found.entries if one.kind == "CREATE" and one.status == "DONE")
    for one in found.people:
        key = (one.sync, one.side, one.id)
        if key not in by_hand and created[key] == 0:
            yield f"P5: record {one.id} of sync {one.sync} {one.side} is neither by hand nor in the journal"
    per_pair = Counter((one.pair, one.side) for one in found.entries if one.kind == "CREATE" and one.status == "DONE")
    yield from (f"P5: pair {pair} got {count} records in {side}" for (pair, side), count in per_pair.items() if count > 1)
    live = Counter(
        (one.sync, one.side, normal("email", one.values["email"])) for one in found.people if one.live and one.values.get("email")
    )
    yield from (f"P7: {count} live records in sync {sync} {side} share an e-mail" for (sync, side, _), count in live.items() if count > 1)


def _nothing_lost(found: Evidence) -> Iterator[str]:
    people = {(one.sync, one.side, one.id): one for one in found.people}
    pairs = {(pair.sync, side, key): pair for pair in found.pairs for side, key in ((LEFT, pair.left), (RIGHT, pair.right)) if key}
    last: dict[tuple[int, str], Edit] = {}
    for edit in sorted(found.edits, key=lambda one: one.number):
        pair = pairs.get((edit.sync, edit.side, edit.id))
        if pair is not None and edit.field:
            last[(pair.id, edit.field)] = edit
    for (_, name), edit in last.items():
        pair = pairs[(edit.sync, edit.side, edit.id)]
        shown = [people[key].values.get(name, "") for key in _ends(pair) if key in people]
        wanted = normal(name, edit.value)
        kept = len(shown) == 2 and all(normal(name, value) == wanted for value in shown)
        listed = any(wanted in (normal(name, left), normal(name, right)) for left, right, _ in pair.conflicts)
        if not kept and not listed and pair.state == LINKED:
            yield f"P8: {name} = {edit.value!r}, typed last in {edit.side} of pair {pair.id}, is gone: {shown}"


def _ends(pair: Pair) -> Iterator[tuple[int, str, str]]:
    for side, key in ((LEFT, pair.left), (RIGHT, pair.right)):
        if key:
            yield pair.sync, side, key


def _nothing_deleted(found: Evidence) -> Iterator[str]:
    harmless = {"create", "update", "associate"}
    yield from (f"P11: the vendors saw {count} times {verb}" for verb, count in found.effects.items() if count and verb not in harmless)
    yield from (f"P11: record {one.id} of sync {one.sync} {one.side} is gone" for one in found.people if not one.live)


def _right_account(found: Evidence) -> Iterator[str]:
    for one in found.people:
        strange = [mark for sync, mark in found.marks.items() if sync != one.sync and any(mark in value for value in one.values.values())]
        if strange:
            yield f"P12: record {one.id} of sync {one.sync} {one.side} holds a value of another company"


def _intent_first(found: Evidence) -> Iterator[str]:
    effects = sum(count for verb, count in found.effects.items() if verb in {"create", "update"})
    intents = sum(one.attempts for one in found.entries)
    done = sum(one.status == "DONE" for one in found.entries)
    if effects > intents:
        yield f"P15: {effects} effects, but only {intents} were announced"
    if done - _overtaken(found) > effects:
        yield f"P28: the journal holds {done} writes as done, the vendors saw {effects}"
    creates = sum(one.kind == "CREATE" and one.status == "DONE" for one in found.entries)
    if creates != found.effects.get("create", 0):
        yield f"P28: the journal holds {creates} creates as done, the vendors saw {found.effects.get('create', 0)}"
    yield from (f"P15: an entry of pair {one.pair} is still {one.status}" for one in found.entries if one.status == "SENDING")


def _overtaken(found: Evidence) -> int:
    """How many writes may count as done without an effect: read back with a later value, whose order nobody knows, and listed so."""
    listed = {pair.id for pair in found.pairs if pair.conflicts}
    return sum(one.read_back and one.kind == "UPDATE" and one.status == "DONE" and one.pair in listed for one in found.entries)


def _one_writer(found: Evidence) -> Iterator[str]:
    """Who holds the lane later has the larger fence; two at a time would show as an older fence after a newer one."""
    for sync in sorted({one.sync for one in found.entries}):
        sent = sorted((one.sent_at, one.fence) for one in found.entries if one.sync == sync and one.sent_at is not None)
        for (_, before), (at, fence) in itertools.pairwise(sent):
            if fence < before:
                yield f"P19: in sync {sync} a worker with fence {fence} sent at {at:.3f} after one with fence {before}"


def _tokens(found: Evidence) -> Iterator[str]:
    if found.refused_refreshes:
        yield f"P21: {found.refused_refreshes} refreshes of a token were refused"
    yield from (f"P21: {one} is no longer connected" for one in found.unconnected)


def _audit(found: Evidence) -> Iterator[str]:
    """Every write that is done stands in the audit once, under somebody's name, and the audit is whole."""
    audited, done = Counter(one.entry for one in found.audited), Counter(one.id for one in found.entries if one.status == "DONE")
    if audited != done:
        yield f"P28: {len(done - audited)} writes are not in the audit, {len(audited - done)} of the audit are no writes"
    yield from (f"P29: {words}" for words in found.unsound)
    yield from (f"P30: entry {one.number} of the audit names nobody" for one in found.audited if not one.person)


def _no_word_out(found: Evidence) -> Iterator[str]:
    for number, canary in enumerate(found.canaries):
        if canary and canary in found.said:
            yield f"P31: the logs hold secret or personal value {number}"


def normal(name: str, value: str) -> str:
    """A value as both sides can hold it."""
    text = str(value or "").strip()
    return re.sub(r"\D", "", text) if name == "phone" else text.lower() if name == "email" else text


def percentile(values: Iterable[float], share: float) -> float:
    """The value that a share of the values does not pass; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
