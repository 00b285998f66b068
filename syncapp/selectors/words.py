"""How values, times and counts are written on pages.

Owns the wording that several pages share. Times are those of the time zone that is active, and say so: on pages and in mails the
reader's own, elsewhere UTC.
"""
from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from syncapp.engine import masking, showing, values
from syncapp.engine.wording import count, later, say

NOTHING = "—"
_INSTANT = re.compile(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?Z\b")
_TAGS = re.compile(r"<[^>]*>")
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, kw_only=True)
class Count:
    """A number with what it counts."""

    name: str
    label: str
    number: int


_COUNTS = {
    "read_left": later("Read in HubSpot"), "read_right": later("Read in QuickBooks"),
    "new_left": later("New in HubSpot"), "new_right": later("New in QuickBooks"),
    "changed_left": later("Changed in HubSpot"), "changed_right": later("Changed in QuickBooks"),
    "linked": later("Pairs found"), "ambiguous": later("Several possible partners"), "conflicts": later("Conflicts"),
    "planned": later("Writes planned"), "left_alone": later("Left alone"), "superseded": later("Planned anew"),
    "created_left": later("Created in HubSpot"), "created_right": later("Created in QuickBooks"),
    "updated_left": later("Updated in HubSpot"), "updated_right": later("Updated in QuickBooks"),
    "archived_left": later("Archived in HubSpot"), "archived_right": later("Archived in QuickBooks"),
    "failed": later("Failed"), "retrying": later("Tried again later"),
    "unknown": later("Without an answer yet"), "recovered": later("Settled after an interruption"),
    "calls_left": later("Calls to HubSpot"), "calls_right": later("Calls to QuickBooks"),
}
WRITTEN = ("created_left", "created_right", "updated_left", "updated_right", "archived_left", "archived_right")


def counts(found: Mapping[str, int]) -> list[Count]:
    """List a run's counts in the order of its work, without those that are nothing."""
    known = [Count(name=name, label=str(label), number=found[name]) for name, label in _COUNTS.items() if found.get(name)]
    others = [
        Count(name=name, label=name.replace("_", " ").capitalize(), number=number)
        for name, number in found.items() if name not in _COUNTS and number
    ]
    return known + others


def writes(found: Mapping[str, int]) -> int:
    """Add up what a run wrote."""
    return sum(found.get(name, 0) for name in WRITTEN)


def shown(value: object) -> str:
    """Write a stored value as a person reads it, without the e-mail addresses in it that this person may not see."""
    if value is None or value in ("", []):
        return NOTHING
    try:
        return masking.text(_INSTANT.sub(_here, _without_markup(showing.shown(values.from_json(value)))))
    except ValueError:
        return masking.text(str(value))


def _without_markup(text: str) -> str:
    """The words of an entry on a timeline, which is kept as HTML."""
    if not text.startswith("<strong>"):
        return text
    return html.unescape(_TAGS.sub("", text.replace("<br>", " · ")))


def readable(text: str) -> str:
    """Write the moments in a sentence as people do, to the minute. They stay in UTC, as the filters that they stand in were written."""
    return _INSTANT.sub(r"\1 \2 UTC", text)


def _here(found: re.Match[str]) -> str:
    return moment(datetime.fromisoformat(f"{found[1]}T{found[2]}Z"))


def moment(at: datetime | None, *, seconds: bool = False) -> str:
    """Write a moment in the time zone of who reads it, and say which that is."""
    if at is None:
        return NOTHING
    there = timezone.localtime(at)
    zone = there.tzname() or ""
    named = zone if zone[:1].isalpha() else f"UTC{zone}"
    return f"{there:%Y-%m-%d %H:%M:%S} {named}" if seconds else f"{there:%Y-%m-%d %H:%M} {named}"


def span(length: timedelta) -> str:
    """Write how long something took, or takes."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < MINUTE:
        return say("{seconds} s", seconds=seconds)
    if seconds < HOUR:
        if seconds % MINUTE and seconds < 10 * MINUTE:
            return say("{minutes} min {seconds} s", minutes=seconds // MINUTE, seconds=seconds % MINUTE)
        return say("{minutes} min", minutes=seconds // MINUTE)
    if seconds < DAY:
        return say("{hours} h {minutes} min", hours=seconds // HOUR, minutes=seconds % HOUR // MINUTE)
    return count("{number} day", "{number} days", number=seconds // DAY)


def ago(at: datetime | None, *, now: datetime) -> str:
    """Write how long ago, or in how long, a moment is."""
    if at is None:
        return say("never")
    if at > now:
        return say("in {span}", span=span(at - now))
    return say("just now") if now - at < timedelta(seconds=5) else say("{span} ago", span=span(now - at))
