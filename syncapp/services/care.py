"""Who looks after pairs, which failures are put aside until a day, and what people note about them.

Owns these words among people and their history: what is said is kept in one transaction with who said it. Nothing of it changes what
a run does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.auth.models import User
from django.db import transaction

from syncapp import models
from syncapp.engine.vocabulary import CareVerb, PairState
from syncapp.engine.wording import say
from syncapp.models.care import LONGEST_NOTE
from syncapp.selectors import care

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONGEST_SNOOZE = timedelta(days=366)
CHUNK = 500
_SNOOZE = ("snoozed_until", "snoozed_at", "snoozed_reason", "snoozed_code")


class CareRefused(Exception):
    """It cannot be noted so; the text says why and what to do instead."""


def on(*, day: date) -> datetime:
    """Tell when a day begins, in UTC as all times on pages."""
    return datetime.combine(day, time.min, UTC)


def snooze(*, pairs: Iterable[models.RecordPair], until: datetime, actor: User, now: datetime) -> int:
    """Put failing pairs aside until a moment, and tell how many. It ends sooner where the cause changes. Raises CareRefused."""
    if not now < until <= now + LONGEST_SNOOZE:
        raise CareRefused(say("Choose a day to come, at most a year ahead."))
    failing = [pair for pair in pairs if pair.state == PairState.FAILED]
    if not failing:
        raise CareRefused(say("Only a failing pair can be snoozed. Nothing was changed."))
    made = [
        models.PairCare(
            pair=pair, snoozed_until=until, snoozed_at=now, snoozed_reason=pair.reason, snoozed_code=care.code(pair.detail)
        )
        for pair in failing
    ]
    return _remember(made, _SNOOZE, models.CareEvent(verb=CareVerb.SNOOZED, until=until, actor=actor, at=now))


def wake(*, pairs: Iterable[models.RecordPair], actor: User, now: datetime) -> int:
    """End the snooze of pairs, and tell of how many."""
    ids, woken = [pair.pk for pair in pairs], 0
    for start in range(0, len(ids), CHUNK):
        put_aside = models.PairCare.objects.filter(pair__in=ids[start : start + CHUNK], snoozed_until__isnull=False)
        with transaction.atomic():
            _note_down(put_aside.values_list("pair_id", flat=True), models.CareEvent(verb=CareVerb.WOKEN, actor=actor, at=now))
            woken += put_aside.update(snoozed_until=None, snoozed_at=None, snoozed_reason="", snoozed_code="")
    return woken


def assign(*, pairs: Iterable[models.RecordPair], assignee: User | None, actor: User, now: datetime) -> int:
    """Have a person look after pairs, or nobody, and tell how many pairs. Raises CareRefused for one who may not see them."""
    if assignee is not None and not care.may_be_assigned(user=assignee):
        raise CareRefused(say(
            "{person} may not see records. Choose another person, or ask an administrator for the permission.", person=assignee
        ))
    made = [models.PairCare(pair=pair, assignee=assignee) for pair in pairs]
    who = str(assignee) if assignee is not None else ""
    return _remember(made, ("assignee",), models.CareEvent(verb=CareVerb.ASSIGNED, words=who, actor=actor, at=now))


def note(*, pairs: Iterable[models.RecordPair], text: str, author: User, now: datetime) -> int:
    """Write a note on pairs in place of the one before, and tell on how many; an empty text takes it away. Raises CareRefused."""
    said = " ".join(text.replace("\0", " ").split())
    if len(said) > LONGEST_NOTE:
        words = say("A note has up to {most} characters; this one has {number}. Shorten it.", most=LONGEST_NOTE, number=len(said))
        raise CareRefused(words)
    by, at = (author, now) if said else (None, None)
    made = [models.PairCare(pair=pair, note=said, noted_by=by, noted_at=at) for pair in pairs]
    event = models.CareEvent(verb=CareVerb.NOTED, words=said, actor=author, at=now)
    return _remember(made, ("note", "noted_by", "noted_at"), event)


def carry(*, dissolved: models.RecordPair, kept: models.RecordPair) -> None:
    """Keep what was said of a pair that another takes in, unless something was said of that one too. Call it inside a transaction."""
    models.CareEvent.objects.filter(pair=dissolved).update(pair=kept)
    if not models.PairCare.objects.filter(pair=kept).exists():
        models.PairCare.objects.filter(pair=dissolved).update(pair=kept)


def _remember(made: Sequence[models.PairCare], fields: Sequence[str], event: models.CareEvent) -> int:
    """Keep what is said of pairs and who said it, a chunk in one transaction, and leave what else was said of them."""
    for start in range(0, len(made), CHUNK):
        chunk = made[start : start + CHUNK]
        with transaction.atomic():
            models.PairCare.objects.bulk_create(chunk, update_conflicts=True, unique_fields=["pair"], update_fields=list(fields))
            _note_down((one.pair_id for one in chunk), event)
    return len(made)


def _note_down(pair_ids: Iterable[int], event: models.CareEvent) -> None:
    """Add the same event to the history of each pair."""
    models.CareEvent.objects.bulk_create(
        models.CareEvent(pair_id=one, verb=event.verb, words=event.words, until=event.until, actor=event.actor, at=event.at)
        for one in pair_ids
    )
