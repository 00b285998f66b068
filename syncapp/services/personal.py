"""Keep what a person chose for oneself.

Owns the row of a person: made when first saved, and never anybody else's.
"""
from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth.models import User

from syncapp import models
from syncapp.engine import values
from syncapp.engine.vocabulary import Digest, NoticeKind
from syncapp.engine.wording import say


def save(
    *, user: User, time_zone: str, language: str, at_once: Iterable[NoticeKind], digest: Digest, in_summary: Iterable[NoticeKind],
    digest_hour: int,
) -> models.PersonalSettings:
    """Save a person's own settings. Raises ValueError, which says what to choose instead."""
    if time_zone:
        values.zone(time_zone)
    if language and language not in dict(settings.LANGUAGES):
        raise ValueError(say("Choose a language from the list."))
    if not 0 <= digest_hour <= 23:
        raise ValueError(say("Choose an hour from 0 to 23."))
    told = set(in_summary)
    chosen, _ = models.PersonalSettings.objects.update_or_create(
        user=user,
        defaults={
            "time_zone": time_zone, "language": language, "at_once": [kind.value for kind in at_once], "digest": digest,
            "digest_hour": digest_hour, "not_in_summary": [kind.value for kind in NoticeKind if kind not in told],
        },
    )
    user.personal = chosen  # what came with the person is older
    return chosen
