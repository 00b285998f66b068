"""Follow the audit's chain from its beginning to its end, and remove what is older than the law asks for.

Owns both judgements: whether anything was changed, taken out or cut off, and what may be removed. Adds one entry: what was removed.
"""
from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from syncapp import models
from syncapp.engine import auditing
from syncapp.engine.vocabulary import AuditKind, AuditVerb
from syncapp.engine.wording import say
from syncapp.models import audit as chain
from syncapp.services import actors, audit, audit_lock

YEARS = 8
"""How long entries are kept at least."""
AT_ONCE = 2000
CONTINUES = "continues from"


class RemovalRefused(Exception):
    """Nothing was removed; the text says why."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What came of a check: how many entries were followed, where the chain ends, and what is wrong, the first thing first."""

    followed: int
    number: int
    hash: str
    wrong: tuple[str, ...]


def verify(*, expect: tuple[int, str] | None = None) -> Verdict:
    """Follow the whole chain. `expect` is a number and its hash that were written down elsewhere before."""
    head = models.AuditHead.objects.filter(pk=chain.HEAD).first() or models.AuditHead()
    number, previous, followed = head.first - 1, head.base, 0
    bases = {(0, auditing.BEGINNING)}
    met = {number: previous}
    for entry in _entries():
        if wrong := _broken(entry, number + 1, previous):
            return Verdict(followed=followed, number=number, hash=previous, wrong=(wrong,))
        number, previous, followed = entry.number, entry.hash, followed + 1
        if expect is not None and number == expect[0]:
            met[number] = previous
        if entry.kind == AuditKind.AUDIT:
            bases.add(_base(entry))
    at_the_ends = tuple(_of_the_ends(head, number, previous, bases, expect, met))
    return Verdict(followed=followed, number=number, hash=previous, wrong=at_the_ends)


def _entries() -> Iterator[models.AuditEntry]:
    return models.AuditEntry.objects.order_by("number").iterator(chunk_size=AT_ONCE)


def _broken(entry: models.AuditEntry, wanted: int, previous: str) -> str:
    if entry.number > wanted:
        return say("Entry {number} is missing: it was taken out. The next one there is {next}.", number=wanted, next=entry.number)
    if entry.number < wanted:
        return say("Entry {number} stands before the beginning of what is kept. It was put in.", number=entry.number)
    if entry.hash != entry.continued(previous):
        return say("Entry {number} was changed: it is not what was written down.", number=entry.number)
    return ""


def _of_the_ends(
    head: models.AuditHead, number: int, last: str, bases: set[tuple[int, str]], expect: tuple[int, str] | None, met: dict[int, str]
) -> Iterator[str]:
    if (number, last) != (head.number, head.hash):
        yield say(
            "The chain ends with entry {number}, and should end with entry {head}: what came after was cut off.",
            number=number, head=head.number,
        )
    if (head.first - 1, head.base) not in bases:
        yield say("The chain begins with entry {number}, and no removal tells of what came before.", number=head.first)
    if expect is not None and met.get(expect[0]) != expect[1]:
        yield say("Entry {number} is not the one that was written down elsewhere: the chain was made anew since.", number=expect[0])
    if absent := audit_lock.missing():
        yield say(
            "The database's own lock is off ({names}). Run manage.py migrate to put it on again, and find out who took it off.",
            names=", ".join(absent),
        )


def remove(*, years: int, now: datetime, sooner: bool = False) -> models.AuditEntry | None:
    """Remove the entries that are older than so many years, and write down what was removed. None where nothing is that old.

    The chain must be whole, and goes on from the last entry removed. Raises RemovalRefused; less than eight years needs the word.
    """
    if years < YEARS and not sooner:
        raise RemovalRefused(say("Entries are kept for {years} years at least. Nothing was removed.", years=YEARS))
    with transaction.atomic():
        if wrong := verify().wrong:
            raise RemovalRefused(say("The audit is not whole, so nothing was removed. {why}", why=wrong[0]))
        last = _last_before(_years_ago(now, years))
        if last is None:
            return None
        head = models.AuditHead.objects.get(pk=chain.HEAD)
        audit_lock.remove(last=last.number)
        models.AuditHead.objects.filter(pk=chain.HEAD).update(first=last.number + 1, base=last.hash)
        told = _removal(first=head.first, last=last, years=years, now=now)
        audit.append([told])
    return told


def _last_before(moment: datetime) -> models.AuditEntry | None:
    """The last entry of those at the beginning that are all older."""
    younger = models.AuditEntry.objects.filter(at__gte=moment).order_by("number").first()
    older = models.AuditEntry.objects.order_by("-number")
    return (older.filter(number__lt=younger.number) if younger is not None else older).first()


def _removal(*, first: int, last: models.AuditEntry, years: int, now: datetime) -> models.AuditEntry:
    told = {
        "entries": [f"{first}-{last.number}", None], "older than years": [None, years], CONTINUES: [None, [last.number, last.hash]],
    }
    return models.AuditEntry(
        at=now, kind=AuditKind.AUDIT, verb=AuditVerb.REMOVED, **audit.named(actors.of(None)), subject_id=str(last.number),
        changes=auditing.text(told),
    )


def _base(entry: models.AuditEntry) -> tuple[int, str]:
    number, digest = entry.before_and_after[CONTINUES][1]
    return int(number), str(digest)


def _years_ago(now: datetime, years: int) -> datetime:
    try:
        return now.replace(year=now.year - years)
    except ValueError:  # the 29th of February
        return now.replace(year=now.year - years, day=28)
