"""What a person chose for oneself: language, time zone and mail, and what became of the mails.

Owns the defaults of those who chose nothing, and the languages and time zones that are offered.
"""
from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone, translation

from syncapp import models
from syncapp.engine import values
from syncapp.engine.vocabulary import MailState
from syncapp.selectors import discretion, words

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
MAILS_SHOWN = 10
COLORS = {
    MailState.WAITING: "info", MailState.SENDING: "info", MailState.SENT: "success", MailState.EMPTY: "quiet", MailState.DROPPED: "warning",
    MailState.FAILED: "danger",
}

Zones = list[tuple[str, list[tuple[str, str]]]]


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail as the page of one's own settings shows it."""

    about: str
    when: str
    state: str
    color: str
    words: str


def of(*, user: AbstractBaseUser) -> models.PersonalSettings:
    """Find what a person chose, or the defaults. No query where the settings came with the person."""
    return getattr(user, "personal", None) or models.PersonalSettings(user_id=user.pk)


def of_all(*, users: Iterable[AbstractBaseUser]) -> dict[int, models.PersonalSettings]:
    """Find what each of several people chose, by their ids. One query."""
    ids = [user.pk for user in users]
    chosen = {one.user_id: one for one in models.PersonalSettings.objects.filter(user__in=ids)}
    return {pk: chosen.get(pk) or models.PersonalSettings(user_id=pk) for pk in ids}


def zone(*, chosen: models.PersonalSettings) -> tzinfo:
    """Tell somebody's time zone; that of the installation where none was chosen, or none that is known here."""
    try:
        return values.zone(chosen.time_zone or settings.TIME_ZONE)
    except ValueError:
        return timezone.get_default_timezone()


def language(*, chosen: models.PersonalSettings) -> str:
    """Tell somebody's language; that of the installation where none was chosen, or none that is known here."""
    return chosen.language if chosen.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


@contextmanager
def as_read_by(*, user: AbstractBaseUser, chosen: models.PersonalSettings | None = None) -> Iterator[None]:
    """Within this, texts are in a person's language, times in that person's zone, and values masked that the person may not see."""
    chosen = of(user=user) if chosen is None else chosen
    with timezone.override(zone(chosen=chosen)), translation.override(language(chosen=chosen)), discretion.as_seen_by(user=user):
        yield


@cache
def zones() -> Zones:
    """List the time zones that are offered, by region."""
    known = sorted(zoneinfo.available_timezones())
    regions = [(region, [(name, _called(name)) for name in known if name.startswith(f"{region}/")]) for region in REGIONS]
    return [("", [("UTC", "UTC")]), *((region, found) for region, found in regions if found)]


def _called(name: str) -> str:
    return name.replace("_", " ")


def mails(*, user: AbstractBaseUser) -> list[Mail]:
    """List a person's latest mails about notices, those that had nothing to tell left out."""
    sent = models.NoticeMail.objects.filter(user=user.pk).exclude(state=MailState.EMPTY).select_related("notice")
    return [
        Mail(
            about=str(one), when=words.moment(_when(one)), state=MailState(one.state).label, color=COLORS[MailState(one.state)],
            words=one.words,
        )
        for one in sent[:MAILS_SHOWN]
    ]


def _when(mail: models.NoticeMail) -> datetime:
    return mail.tried_at or mail.created_at
