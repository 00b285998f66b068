"""The one way in which templates write a moment."""
from __future__ import annotations

from datetime import datetime

from django import template

from syncapp.selectors import words

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
