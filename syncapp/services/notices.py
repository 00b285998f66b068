"""Tell people something they should know or do.

Owns that a subject has one open notice at a time. Sends nothing anywhere.
"""
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from syncapp import models
from syncapp.engine.vocabulary import NoticeKind
from syncapp.selectors import notices as reading

LONGEST_WORDS = 500


def tell(
    *, subject: str, words: str, kind: NoticeKind = NoticeKind.OTHER, link: str = "", urgent: bool = False,
    user: AbstractBaseUser | None = None,
) -> models.Notice:
    """Open a notice, or bring the open one of the same subject up to date. With a user given, nobody else is told."""
    said = words if len(words) <= LONGEST_WORDS else words[: LONGEST_WORDS - 1] + "…"
    facts = {"words": said, "kind": kind, "link": link, "urgent": urgent}
    if notice := _renewed(subject, facts):
        return notice
    try:
        with transaction.atomic():
            return models.Notice.objects.create(subject=subject, user_id=user.pk if user is not None else None, **facts)
    except IntegrityError:
        notice = _renewed(subject, facts)
        if notice is None:
            raise
        return notice


def close(*, subject: str, now: datetime) -> bool:
    """Close the open notice of a subject and tell whether there was one."""
    return bool(models.Notice.objects.filter(subject=subject, closed_at=None).update(closed_at=now))


def close_all(*, chosen: QuerySet[models.Notice], user: User, now: datetime) -> int:
    """Close the chosen notices as far as a person may, and tell how many that were."""
    mine = reading.closable(user=user).filter(pk__in=chosen.values("pk"))
    return models.Notice.objects.filter(pk__in=list(mine.values_list("pk", flat=True)), closed_at=None).update(closed_at=now)


def brake_subject(config_id: int) -> str:
    """Name the notice that a brake has stopped a sync."""
    return f"brake of sync {config_id}"


def _renewed(subject: str, facts: Mapping[str, Any]) -> models.Notice | None:
    still_open = models.Notice.objects.filter(subject=subject, closed_at=None)
    still_open.update(**facts)
    return still_open.first()
