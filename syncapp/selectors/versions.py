"""The versions of a sync's settings as their page lists them: who made each, when, and what changed with it.

Owns the sentences of that list. The changes themselves are told by `setting_changes`.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Page, Paginator

from syncapp import models
from syncapp.engine import settings_file
from syncapp.engine.wording import count, say
from syncapp.selectors import setting_changes

SHOWN = 25
TOLD = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """One version. `before` is the number of the one that it took the place of, None for the first."""

    version: models.ConfigVersion
    person: str
    words: str
    before: int | None


def page(*, config: models.SyncConfig, wanted: str | None) -> Page:  # type: ignore[type-arg]
    """Find a page of versions, the newest first."""
    return Paginator(config.versions.select_related("made_by"), SHOWN).get_page(wanted)


def lines(*, config: models.SyncConfig, versions: Sequence[models.ConfigVersion], labels: setting_changes.Labels) -> list[Line]:
    """Tell of each version what changed with it."""
    if not versions:
        return []
    older = config.versions.filter(number__lt=versions[-1].number).first()
    return [
        Line(
            version=one, before=before.number if before else None, words=_words(one, before, labels),
            person=one.made_by.get_username() if one.made_by else say("nobody signed in"),
        )
        for one, before in zip(versions, [*versions[1:], older], strict=True)
    ]


def _words(version: models.ConfigVersion, before: models.ConfigVersion | None, labels: setting_changes.Labels) -> str:
    if before is None:
        return say("The settings as they were first kept.")
    try:
        old, new = (settings_file.read(one.content.encode()) for one in (before, version))
    except settings_file.Unreadable:
        return say("Kept by another release of this program, which reads such files.")
    found = setting_changes.differences(before=old, after=new, labels=labels)
    told, more = "; ".join(one.words for one in found[:TOLD]), len(found) - TOLD
    if more > 0:
        return count("{told}; and {number} more change", "{told}; and {number} more changes", number=more, told=told)
    return told
