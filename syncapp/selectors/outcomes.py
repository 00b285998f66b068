"""Writes that were sent and never answered, ready to show: what was sent, when, and what happens next by itself."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from syncapp import models
from syncapp.engine import masking
from syncapp.engine.wording import say
from syncapp.selectors import runs, words, work_lists

SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Unanswered:
    """One write whose answer never came."""

    entry: runs.Entry
    sent: str
    waits: str
    then: str


def listed(*, now: datetime) -> list[Unanswered]:
    """List the oldest of them. Two queries, however many there are."""
    found = work_lists.unknown(now=now).select_related("pair__left", "pair__right", "run", "config__left", "config__right")
    return [
        Unanswered(
            entry=runs.entry(operation=operation, named=runs.labels(rules=operation.run.rules)), sent=words.moment(operation.sent_at),
            waits=words.ago(operation.sent_at, now=now), then=_then(operation, now),
        )
        for operation in found.order_by("sent_at", "pk")[:SHOWN]
    ]


def _then(operation: models.Operation, now: datetime) -> str:
    config = operation.config
    if not (config.left.usable and config.right.usable):
        return say("An account of this sync is paused or has to be connected again. It is settled by the first run after that.")
    if operation.error_words and operation.error_class != "OutcomeUnknown":
        return say("It could not be looked up: {why} Every run tries that again.", why=masking.text(operation.error_words))
    if not config.active:
        return say("The sync is off, so nothing looks it up by itself. Press Run now on the page of the sync.")
    due = config.next_due_at
    when = words.ago(due, now=now) if due is not None and due > now else say("about to start")
    return say("The next run reads the record back and settles it: {when}.", when=when)
