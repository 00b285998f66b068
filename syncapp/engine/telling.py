"""The words for being told by e-mail: how often a summary comes, and what became of a mail.

Owns the codes and their words. When a mail is due is the business of the services.
"""
from __future__ import annotations

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
