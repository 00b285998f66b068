"""The words for being told: what a notice is about, how often a summary comes, what became of a mail, and what people tell each other.

Owns the codes and their words. When a mail is due is the business of the services.
"""
from __future__ import annotations

from typing import Any

from syncapp.engine.words import Word


class Digest(Word):
    """How often the summary comes."""

    NEVER = "NEVER", "Never"
    DAILY = "DAILY", "Once a day"


class MailState(Word):
    """What became of a mail about notices."""

    WAITING = "WAITING", "On its way"
    SENDING = "SENDING", "Being sent"
    SENT = "SENT", "Sent"
    EMPTY = "EMPTY", "Nothing to tell"
    DROPPED = "DROPPED", "Not sent"
    FAILED = "FAILED", "Failed"


class NoticeKind(Word):
    """What people are told about. Of the last two there are no notices: only a summary tells of them."""

    BRAKE = "BRAKE", "A brake stopped a sync"
    RECONNECT = "RECONNECT", "An account has to be connected again"
    SYNC = "SYNC", "A sync cannot run"
    EXPORT = "EXPORT", "Exports"
    OTHER = "OTHER", "Anything else"
    FAILING = "FAILING", "Failing records"
    DECISIONS = "DECISIONS", "Decisions that wait"

    @classmethod
    def noticed(cls) -> list[tuple[str, Any]]:
        """Code and label of the kinds of which there are notices, as Django's fields want them."""
        return [choice for kind, choice in zip(cls, cls.choices(), strict=True) if kind not in (cls.FAILING, cls.DECISIONS)]


USUALLY_AT_ONCE = (NoticeKind.BRAKE, NoticeKind.RECONNECT)
"""The kinds that are mailed at once to who chose nothing."""


class CareVerb(Word):
    """What a person did about a pair, for other people to know."""

    SNOOZED = "SNOOZED", "Snoozed"
    WOKEN = "WOKEN", "Ended the snooze"
    ASSIGNED = "ASSIGNED", "Assigned"
    NOTED = "NOTED", "Noted"
