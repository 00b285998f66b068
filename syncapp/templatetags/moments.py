"""The one way in which templates write a moment, and a text that may name a personal value."""
from __future__ import annotations

from datetime import datetime

from django import template

from syncapp.selectors import discretion, words

register = template.Library()


@register.filter
def moment(at: datetime | None) -> str:
    """Write a moment in the reader's time zone, to the minute."""
    return words.moment(at or None)


@register.filter
def ago(at: datetime, now: datetime) -> str:
    """Write how long ago a moment is."""
    return words.ago(at, now=now)


@register.filter
def second(at: datetime | None) -> str:
    """Write a moment in the reader's time zone, to the second."""
    return words.moment(at or None, seconds=True)


@register.filter
def discreet(text: object) -> str:
    """Write a text without the personal values that its reader may not see."""
    return discretion.text(str(text))
