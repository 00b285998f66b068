"""The promises, each as a function that names what breaks it.

Owns the judgement. Everything is read from what was gathered; nothing is asked of the application.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from syncapp import models
from syncapp.engine.vocabulary import AuditActor, AuditVerb
from tests.simulation import people
from tests.simulation.evidence import SIDES, Effect, Found, writes

Promise = Callable[[Found], Iterator[str]]
HANDS_WIDTH = timedelta(seconds=45)
"""A twin made by hand in the moment before a create cannot be known."""
COMPUTED = {
    people.LEFT: re.compile(r"^(hs_|syncapp_|lastmodifieddate$|createdate$|lifecyclestage$|archived$|num_|notes_|full_name$)"),
    people.RIGHT: re.compile(
        r"^(Id|SyncToken|MetaData|domain|sparse|FullyQualifiedName|PrintOnCheckName|Balance.*|Taxable|Job|BillWithParent|CurrencyRef|"
        r"PreferredDeliveryMethod|IsProject|Active|ClientEntityId|DefaultTaxCodeRef|Level|V4IDPseudonym)$"
    ),
}
"""What a vendor fills in by itself, and our own mark."""
MAPPED = {
    people.LEFT: frozenset({*(names[0] for names in people.FIELDS.values()), "website", "fax", "state", "country"}),
    people.RIGHT: frozenset(
        {*(names[1].partition(".")[0] for names in people.FIELDS.values()), "DisplayName", "WebAddr", "Fax"}
    ),
}
GIVEN: Mapping[str, frozenset[str]] = {people.LEFT: frozenset(), people.RIGHT: frozenset()}
"""What only a new record is given."""
MOST_TRIES = 6
MOST_ALIKE = 15
"""So often in a row the same is asked at most, though each time it is answered."""
OPEN = ("PLANNED", "READY", "SENDING", "PROPOSED")


def broken(found: Found) -> list[str]:
    """Everything that breaks a promise, sorted by promise."""
    told = [*found.seen.wrong, *(words for promise in PROMISES for words in promise(found))]
    return sorted(dict.fromkeys(told))


def fixed_point(found: Found) -> Iterator[str]:
    """P1: once everything is at rest a run writes nothing, there or here."""
    more = found.seen.after_rest - found.seen.before_rest
    if more:
        yield f"P1: a run at rest made {more} changes at the vendors"
    if not found.seen.rested:
        yield "P1: a run at rest changed what we know"


def agreement(found: Found) -> Iterator[str]:
    """P2: both records of a pair that is in sync say the same in every field, or a conflict names the field."""
    told = {(row.pair_id, row.key) for row in found.conflicts}
    touched = {op[1] for op in found.scenario["ops"] if op[0] == "mapping"}
    for pair in found.pairs:
        ends = _ends(found, pair)
        if pair.state not in ("LINKED", "CONFLICT") or ends is None:
            continue
        for word, row in found.mappings.items():
            if word in touched or not row.active or row.direction != "BOTH" or row.key in pair.flagged or (pair.pk, row.key) in told:
                continue
            left, right = (people.read(system, ends[system], word) for system in (people.LEFT, people.RIGHT))
            if not people.same(word, left, right):
                yield f"P2: {word} differs and no conflict tells it ({left!r}, {right!r})"


def no_ping_pong(found: Found) -> Iterator[str]:
    """P3: the application writes no more often than people gave it reason to."""
    mine = [one for one in found.ours if one.account in found.accounts.values() and one.verb == "update"]
    reasons = sum(max(1, len(one.fields)) for one in found.persons if one.account in found.accounts.values())
    creates = sum(one.verb == "create" for one in found.ours)
    seen = found.seen
    allowed = reasons + creates + 2 * len(found.conflicts) + seen.decisions + seen.mapping_edits * max(1, len(found.pairs))
    if len(mine) > allowed:
        yield f"P3: {len(mine)} updates for {allowed} reasons"


def one_for_one(found: Found) -> Iterator[str]:
    """P5: a record never gets a second partner made for it."""
    for system in (people.LEFT, people.RIGHT):
        other = people.RIGHT if system == people.LEFT else people.LEFT
        made = [one for one in found.ours if one.system == system and one.verb == "create" and one.account == found.accounts[system]]
        living = Counter(
            people.meaning(people.KEY, one.fields[people.KEY][1])
            for one in made
            if people.KEY in one.fields and one.key in found.live[system]
        )
        origins = Counter(
            address
            for one in found.effects
            if one.system == other and not one.ours and people.KEY in one.fields
            for address in [people.meaning(people.KEY, one.fields[people.KEY][1])]
        )
        for address, number in living.items():
            if number > max(1, origins[address]):
                yield f"P5: {number} records were made in {system} for one address"
    creates = Counter(
        one.pair_id for one in found.operations if one.kind == "CREATE" and one.status == "DONE"
    )
    for pair in found.pairs:
        if creates[pair.pk] > 1:
            yield "P5: a pair had a partner made for it more than once"


def match_before_make(found: Found) -> Iterator[str]:
    """P7: nothing is made for which a partner with the same address was there already."""
    for made in found.ours:
        if made.verb != "create" or people.KEY not in made.fields or made.account not in found.accounts.values():
            continue
        address, at = made.fields[people.KEY][1], datetime.fromisoformat(made.at)
        earlier = at - HANDS_WIDTH - timedelta(seconds=found.scenario["lag"])
        held: dict[str, tuple[str, bool, datetime]] = {}
        for one in found.effects[: made.order]:
            if one.system != made.system or one.account != made.account:
                continue
            text, live, since = held.get(one.key, ("", True, datetime.fromisoformat(one.at)))
            if people.KEY in one.fields:
                text, since = one.fields[people.KEY][1], datetime.fromisoformat(one.at)
            for name in ("archived", "Active"):
                if name in one.changes:
                    live = one.changes[name][1] is (name == "Active")
                    since = datetime.fromisoformat(one.at)
            held[one.key] = (text, live and one.verb != "delete", since)
        if any(live and since < earlier and text and people.same(people.KEY, text, address) for text, live, since in held.values()):
            yield f"P7: a record was made in {made.system} although one with its address was there"


def no_silent_loss(found: Found) -> Iterator[str]:
    """P8: what a person typed is replaced only after it reached the other side, or a conflict tells it."""
    partners = _partners(found)
    told: dict[int, set[tuple[str, str]]] = {}
    for row in found.conflicts:
        word = found.keys.get(row.key, "")
        for text in (row.left, row.right, row.base):
            told.setdefault(row.pair_id, set()).add((word, people.meaning(word, str(_plain(text)))))
    for mine in found.ours:
        if mine.verb != "update" or mine.account not in found.accounts.values():
            continue
        for word, (old, new) in mine.fields.items():
            if not old or people.same(word, old, new):
                continue
            typed = _typed(found, mine, word, old)
            if typed is None:
                continue
            pair = partners.get((mine.system, mine.key))
            if pair is None or pair.left is None or pair.right is None:
                continue
            there = pair.right if mine.system == people.LEFT else pair.left
            system = people.RIGHT if mine.system == people.LEFT else people.LEFT
            theirs = {there.external_id, *_merged_away(found, system, word, new)}
            reached = any(
                one.system == system and one.key in theirs and word in one.fields
                and (people.same(word, one.fields[word][1], old) or people.same(word, one.fields[word][0], old))
                for one in found.effects
            )
            if not reached and (word, people.meaning(word, old)) not in told.get(pair.pk, set()):
                yield f"P8: a {word} that a person typed in {mine.system} was replaced and is told nowhere"


def blank_never_wins(found: Found) -> Iterator[str]:
    """P9: nothing is emptied unless its mapping may clear."""
    may = {op[1] for op in found.scenario["ops"] if op[0] == "mapping" and op[2] == "clears"}
    for mine in found.ours:
        for word, (old, new) in mine.fields.items():
            if old and not new and word not in may and mine.verb == "update":
                yield f"P9: {word} was emptied in {mine.system}"


def nothing_else(found: Found) -> Iterator[str]:
    """P10: only mapped fields are written, and all others stay as people left them. What is emptied in QuickBooks is written whole."""
    whole = any(op[0] == "mapping" and op[2] == "clears" for op in found.scenario["ops"])
    for call in found.calls:
        for one in writes(call):
            may = MAPPED[call.system] | (GIVEN[call.system] if one.creates or whole else frozenset())
            strange = sorted(name for name in one.names - may if not COMPUTED[call.system].match(name))
            if strange:
                yield f"P10: {call.label} writes {', '.join(strange)}"
    for mine in found.ours:
        strange = sorted(name for name in set(mine.changes) - MAPPED[mine.system] if not COMPUTED[mine.system].match(name))
        if strange and mine.verb == "update":
            yield f"P10: a change of ours altered {', '.join(strange)} in {mine.system}"


def no_deletes(found: Found) -> Iterator[str]:
    """P11: nothing is deleted, archived or made inactive."""
    for mine in found.ours:
        gone = mine.changes.get("archived", [None, None])[1] is True and mine.verb == "update"
        inactive = mine.changes.get("Active", [None, None])[1] is False and mine.verb == "update"
        if mine.verb == "delete" or gone or inactive:
            yield f"P11: a record was taken away in {mine.system}"


def right_account(found: Found) -> Iterator[str]:
    """P12: nothing reaches the namesakes' accounts unless their own sync ran."""
    if any(op[0] == "others" for op in found.scenario["ops"]):
        return
    for mine in found.ours:
        if mine.account != found.accounts[mine.system]:
            yield f"P12: a change reached another account of {mine.system}"


def nothing_blocks(found: Found) -> Iterator[str]:
    """P16: whatever fails says why, and the run comes through all the same."""
    for pair in found.pairs:
        if pair.state == "FAILED" and (pair.reason == "NONE" or not pair.detail):
            yield "P16: a pair fails and does not say why"
        if pair.failures > 8:
            yield f"P16: a pair was tried {pair.failures} times"
    if found.seen.last_state not in ("SUCCEEDED", "") and not found.seen.mapping_edits and not _waits_for_a_person(found):
        yield f"P16: the run at rest ended {found.seen.last_state}"


def _waits_for_a_person(found: Found) -> bool:
    """Whether the run at rest stopped and says so, since people left no record on one side: nothing is written until somebody looks."""
    told = any(notice.kind == "BRAKE" and notice.closed_at is None and "no records at all" in notice.words for notice in found.notices)
    return found.seen.last_state == "BRAKED" and told and not all(found.live.values())


def nothing_vanishes(found: Found) -> Iterator[str]:
    """P17: every record is in sync, or something says why it is not; nothing is left half done."""
    if _waits_for_a_person(found):
        return
    known = _partners(found)
    for system, live in found.live.items():
        for key in live:
            pair = known.get((system, key))
            if pair is None:
                yield f"P17: a record in {system} is unknown"
            elif pair.state != "LINKED" and pair.reason == "NONE" and pair.state not in ("CONFLICT", "FROZEN"):
                yield f"P17: a record in {system} is {pair.state} for no reason"
    for operation in found.operations:
        if operation.status in OPEN:
            yield f"P17: an entry is left {operation.status}"


def complete_cursor(found: Found) -> Iterator[str]:
    """P18: what we know of every record is what it is."""
    kinds = {kind.lower() for kind in people.KINDS.values()}
    rows = {(row.connection_id, row.external_id): row for row in found.records if row.kind in kinds}
    config = found.seen.company.config
    for system, live in found.live.items():
        connection = config.left_id if system == people.LEFT else config.right_id
        for key, body in live.items():
            row = rows.get((connection, key))
            if row is None or row.state != "LIVE":
                yield f"P18: a record in {system} is not known to be there"
                continue
            for word, names in people.FIELDS.items():
                name = names[SIDES[system] == "RIGHT"]
                mapping = found.mappings.get(word)
                if mapping is None or not mapping.active or name not in row.values:
                    continue
                kept = str(_plain(row.values[name]))
                if not people.same(word, kept, people.read(system, body, word)):
                    yield f"P18: {word} of a record in {system} is out of date"


def single_flight(found: Found) -> Iterator[str]:
    """P21: a refresh token is refused only where an answer of the token endpoint was lost before.

    Lost is one too whose commit failed, and one whose worker was held up in it until another one took over.
    """
    lost: set[str] = set()
    for call in found.calls:
        if not call.refreshes:
            continue
        if call.status == 400 and not call.fault and not call.unsaved and call.system not in lost:
            yield f"P21: {call.system} refused a refresh token that nobody lost"
        if call.fault or call.died or call.unsaved:
            lost.add(call.system)


def honest_failure(found: Found) -> Iterator[str]:
    """P22: a connection is given up only when the vendor refused its token, and then one notice tells it."""
    for system in found.seen.reconnected:
        refused = any(call.system == system and call.refreshes and call.status in (400, 401) for call in found.calls)
        twice = sum(call.system == system and call.status == 401 for call in found.calls) > 1
        if not (refused or twice):
            yield f"P22: the access to {system} was given up although it was never refused"
        if not any("connected again" in one.subject for one in found.notices):
            yield f"P22: nobody was told that {system} must be connected again"


def good_guest(found: Found) -> Iterator[str]:
    """P23: while a vendor said to wait, nobody calls it."""
    if not found.scenario["metered"]:
        return
    until: dict[tuple[str, int], float] = {}
    for call in found.calls:
        end = until.get((call.system, call.sync), 0.0)
        if call.at < end - 0.01 and not call.refreshes:
            yield f"P23: {call.system} was called {end - call.at:.1f} s too early"
        if call.retry_after is not None and not call.refreshes:
            until[(call.system, call.sync)] = call.at + call.retry_after


def bounded_effort(found: Found) -> Iterator[str]:
    """P24: the same call is tried a few times only, and not at all again once it was refused for good."""
    before: tuple[object, ...] = ()
    tries, calls, status, answered = 0, 0, 0, False
    for call in found.calls:
        same = (call.slice, call.worker, call.system, call.method, call.path, call.query, call.body)
        calls = calls + 1 if same == before else 1
        tries = 1 if calls == 1 or answered else tries + 1
        answered = 200 <= call.status < 300 and not call.fault
        if (tries > MOST_TRIES or calls > MOST_ALIKE) and not call.refreshes:
            yield f"P24: {call.label} was tried {calls} times in a row"
        if calls > 1 and writes(call) and status in (400, 403, 404, 409):
            yield f"P24: {call.label} was repeated after {status}"
        before, status = same, call.status


def every_change_is_written_down(found: Found) -> Iterator[str]:
    """P28: every change of ours has its audit entry with the very value, and every entry its change."""
    config = found.seen.company.config
    sides = {config.left_id: SIDES[people.LEFT], config.right_id: SIDES[people.RIGHT]}
    entries: dict[tuple[str, str], list[models.AuditEntry]] = {}
    for one in found.audited:
        entries.setdefault((sides[one.connection or 0], one.subject_id), []).append(one)
    for mine in found.ours:
        if mine.account not in found.accounts.values():
            continue
        # Of a create without an answer the audit cannot tell which record it made, if any.
        # And what a person merged away before it was found is found as the record that it lives on in.
        others = ["", *_heirs(found, mine.key)] if mine.verb == "create" else []
        told = [one.before_and_after for key in (mine.key, *others) for one in entries.get((SIDES[mine.system], key), [])]
        if not told:
            yield f"P28: a {mine.verb} in {mine.system} has no entry"
            continue
        for word, (_, new) in mine.fields.items():
            name = people.FIELDS[word][mine.system == people.RIGHT]
            kept = [str(_plain(changes[name][1])) for changes in told if name in changes]
            if not any(people.same(word, text, new) for text in kept):
                yield f"P28: {word} was changed in {mine.system} and no entry tells it"
    yield from _entries_without_a_change(found)


def _entries_without_a_change(found: Found) -> Iterator[str]:
    """Entries that tell of more than happened, and entries of runs that the audit does not have, or has twice."""
    unknown = {(row.pair_id, row.key) for row in found.conflicts if "answer to a write was lost" in row.why}  # order not known, both told
    audited = Counter(one.operation for one in found.audited if one.verb != AuditVerb.DOUBTFUL)
    if audited != Counter(one.pk for one in found.operations if one.status == "DONE"):
        yield "P28: what runs wrote and what the audit has of it are not the same"
    for operation in found.operations:
        doubtful = any((operation.pair_id, key) in unknown for key in operation.keys.values())
        if operation.status != "DONE" or operation.kind == "ARCHIVE" or doubtful:
            continue
        system = people.LEFT if operation.side == "LEFT" else people.RIGHT
        history = [one for one in found.effects if one.system == system and one.key == operation.external_id]
        for word, names in people.FIELDS.items():
            change = operation.changes.get(names[system == people.RIGHT])
            if change is None or not change[1]:
                continue
            sent = str(_plain(change[1]))
            if not any(word in one.fields and people.same(word, one.fields[word][1], sent) for one in history):
                yield f"P28: an entry tells of a {word} in {system} that was never written"


def audit_is_whole(found: Found) -> Iterator[str]:
    """P29: the audit's chain is whole."""
    yield from (f"P29: {words}" for words in found.unsound)


def everything_has_somebody(found: Found) -> Iterator[str]:
    """P30: every entry of the audit names a person, if only the one who answers for the schedule."""
    for one in found.audited:
        if not one.person or (one.actor_kind == AuditActor.SCHEDULE) != bool(one.schedule):
            yield f"P30: entry {one.number} names nobody"


def canaries_stay_inside(found: Found) -> Iterator[str]:
    """P31: no token and no secret is in anything that was logged."""
    text = "\n".join(found.lines)
    for secret in found.secrets:
        forms = (secret, secret[:12], quote(secret, safe=""), base64.b64encode(secret.encode()).decode(), secret.encode().hex())
        if any(form in text for form in forms):
            yield "P31: a token or a secret was logged"


def nobody_is_named(found: Found) -> Iterator[str]:
    """P32: nothing personal is in anything that was logged."""
    for line in found.lines:
        if people.CANARY.search(line):
            yield f"P32: something personal was logged by {line.split(' ')[0]}"


def _taken_away(found: Found, mine: Effect) -> bool:
    """Whether a person took away what we made, before or after anybody looked."""
    if mine.key in found.live[mine.system]:
        return False
    return any(not one.ours and (one.system, one.key) == (mine.system, mine.key) for one in found.effects[mine.order :])


def _told_of_another(found: Found, mine: Effect) -> bool:
    """Whether the entry of a create tells of these very values, and of another record that took the place of this one."""
    names = {word: people.FIELDS[word][mine.system == people.RIGHT] for word in mine.fields}
    creates = [one for one in found.operations if one.kind == "CREATE" and one.side == SIDES[mine.system] and one.attempts]
    return any(
        all(people.same(word, str(_plain(one.changes.get(name, ["", ""])[1])), mine.fields[word][1]) for word, name in names.items())
        for one in creates
    )


def _plain(value: object) -> object:
    """A value as it stands in JSON, blank for nothing."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    return "" if value is None else value


def _partners(found: Found) -> dict[tuple[str, str], models.RecordPair]:
    """The pair of every record."""
    known = {}
    for pair in found.pairs:
        for system, row in ((people.LEFT, pair.left), (people.RIGHT, pair.right)):
            if row is not None:
                known[(system, row.external_id)] = pair
    return known


def _ends(found: Found, pair: models.RecordPair) -> dict[str, dict[str, object]] | None:
    """Both records of a pair as they are at the vendors, None unless both are live."""
    if pair.left is None or pair.right is None:
        return None
    left, right = found.live[people.LEFT].get(pair.left.external_id), found.live[people.RIGHT].get(pair.right.external_id)
    return {people.LEFT: left, people.RIGHT: right} if left is not None and right is not None else None


def _merged_away(found: Found, system: str, word: str, new: str) -> set[str]:
    """The records of the other side that held what we wrote, and that a person deleted or merged into another."""
    gone = {one.key for one in found.effects if one.system == system and one.verb == "delete" and not one.ours}
    theirs = [one for one in found.effects if one.key in gone and one.system == system and word in one.fields]
    return {one.key for one in theirs if people.same(word, one.fields[word][1], new)}


def _heirs(found: Found, key: str) -> set[str]:
    """The records that HubSpot made of a record when people merged it with others."""
    merged = ((one.key, one.changes.get("hs_merged_object_ids")) for one in found.persons)
    return {heir for heir, change in merged if change is not None and key in str(change[1]).split(";")}


def _typed(found: Found, mine: Effect, word: str, old: str) -> Effect | None:
    """The person's edit that brought the value which a change of ours replaced, if it was a person's."""
    for one in reversed(found.effects[: mine.order]):
        if one.system == mine.system and one.key == mine.key and word in one.fields:
            return None if one.ours or one.fields[word][1] != old else one
    return None


PROMISES: tuple[Promise, ...] = (
    fixed_point, agreement, no_ping_pong, one_for_one, match_before_make, no_silent_loss, blank_never_wins, nothing_else, no_deletes,
    right_account, nothing_blocks, nothing_vanishes, complete_cursor, single_flight, honest_failure, good_guest, bounded_effort,
    every_change_is_written_down, audit_is_whole, everything_has_somebody, canaries_stay_inside, nobody_is_named,
)
